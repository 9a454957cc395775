// For a projector: the answer alone, in large type, a row at a time; up and down go through the rows.
// Rows are networks on Compare and cards elsewhere; a lesson names the one that its step is about.
const PROJECTOR = 'ferstudio-projector';
const ROWS = '#results .card, .why .card, .inside .first, .inside .rest > .card, .robust .below > .card';
let row_ = 0, shownFor = '';
const cardsInView = () => [...document.querySelectorAll(ROWS)].filter((card) => card.closest('.tabitem')?.offsetParent);
const firstOfStep = (cards) => {
  const strip = document.querySelector('[data-step]'), wanted = strip?.dataset.card;
  const step = strip ? strip.dataset.step : '';
  const at = wanted ? cards.findIndex((card) => card.classList.contains(wanted)) : 0;
  if (step === shownFor || at < 0) return;
  shownFor = step;
  row_ = at;
};
const toProjector = (on) => {
  document.documentElement.classList.toggle('projector', on);
  try { localStorage.setItem(PROJECTOR, on ? 'yes' : 'no'); } catch { /* private */ }
  row_ = 0;
  oneRow();
};
const oneRow = () => {
  const on = document.documentElement.classList.contains('projector');
  const button = document.querySelector('[data-action=projector]');
  if (button) set(button, 'aria-pressed', String(on));
  const cards = cardsInView();
  if (cards.length) firstOfStep(cards);
  cards.forEach((card, index) => {
    const away = on && index !== Math.min(row_, cards.length - 1);
    if (card.classList.contains('away') !== away) card.classList.toggle('away', away);
    if (on && cards.length > 1) set(card, 'data-at', `${index + 1} / ${cards.length}`);
    else card.removeAttribute('data-at');
  });
};
follow(oneRow);
document.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest?.('input, textarea, select, [role=listbox], [role=option], dialog, .choice')) return;
  if (event.key === 'p' || event.key === 'P')
    toProjector(!document.documentElement.classList.contains('projector'));
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key], cards = cardsInView();
  if (!step || !document.documentElement.classList.contains('projector') || cards.length < 2) return;
  event.preventDefault();
  row_ = Math.max(0, Math.min(cards.length - 1, row_ + step));
  oneRow();
});
document.addEventListener('click', (event) => {
  if (event.target.closest?.('[data-action=projector]'))
    toProjector(!document.documentElement.classList.contains('projector'));
});
try { document.documentElement.classList.toggle('projector', localStorage.getItem(PROJECTOR) === 'yes'); } catch { /* private */ }
