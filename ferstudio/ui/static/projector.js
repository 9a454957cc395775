// For a projector: the answer alone, in large type, a row at a time; up and down go through the rows.
const PROJECTOR = 'ferstudio-projector';
let row_ = 0;
const cardsInView = () => [...document.querySelectorAll('#results .card')].filter((card) => card.closest('.tabitem')?.offsetParent);
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
