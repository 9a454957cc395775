// What a number means: every `title` opens as a popover by click, tap and Enter, and leads to the
// glossary. In a table or a chart one of them is a tab stop, and the arrow keys lead to the others.
const TIPPED = ':is(#stage, #sidebar) [title]:not([title=""])';
const GROUPS = 'table, .bars, .keys, .region-bar';
const titled = (within) => [...within.querySelectorAll(TIPPED)].filter((one) => !one.closest(ACTS));
const terms = (text) => [...document.querySelectorAll('#glossary [data-spelled]')].filter((term) =>
  new RegExp(`\\b(?:${term.dataset.spelled})\\b`, 'i').test(text));
const openGlossary = (term) => {
  const glossary = document.querySelector('#glossary');
  if (!glossary) return;
  document.querySelector('#tip').hidePopover();
  if (!glossary.open) glossary.showModal();
  for (const other of glossary.querySelectorAll('.chosen')) other.classList.remove('chosen');
  const chosen = term ? glossary.querySelector(`[data-term="${term}"]`) : null;
  chosen?.classList.add('chosen');
  if (chosen) chosen.scrollIntoView({block: 'center'}); else glossary.scrollTop = 0;
};
const fillTerms = (place, text) => {
  const link = (words, term) => {
    const button = document.createElement('button');
    Object.assign(button, {type: 'button', className: 'chip', textContent: words});
    button.dataset.glossary = term;
    return button;
  };
  place.replaceChildren(
    ...terms(text).slice(0, 4).map((term) => link(term.querySelector('dt').textContent, term.dataset.term)),
    link(place.dataset.all, ''),
  );
};
const showTip = (anchor, byKey) => {
  const tip = document.querySelector('#tip');
  if (!tip) return;
  tip.querySelector('.said').textContent = anchor.title;
  fillTerms(tip.querySelector('.terms'), `${anchor.title} ${anchor.textContent}`);
  tip.showPopover();
  // In what the page is enlarged to, a step of 100 may be more on the screen.
  const at = anchor.getBoundingClientRect(), left = () => tip.getBoundingClientRect().left;
  Object.assign(tip.style, {left: '0px', top: '0px'});
  const box = tip.getBoundingClientRect(), zero = left();
  tip.style.left = '100px';
  const step = (left() - zero) / 100 || 1;
  const across = Math.max(8, Math.min(at.left, innerWidth - box.width - 8));
  const below = at.bottom + 6 + box.height <= innerHeight;
  const down = Math.max(8, below ? at.bottom + 6 : at.top - 6 - box.height);
  tip.style.left = `${(across - zero) / step}px`;
  tip.style.top = `${(down - box.top) / step}px`;
  if (byKey) tip.querySelector('.terms button').focus();
};
follow(() => {
  for (const one of document.querySelectorAll(TIPPED)) {
    if (one.closest(ACTS) || one.closest('figure, .own')) continue;
    const group = one.closest(GROUPS);
    const first = !group || titled(group)[0] === one;
    if (!one.hasAttribute('tabindex') || !group) set(one, 'tabindex', first ? '0' : '-1');
  }
});
document.addEventListener('click', (event) => {
  const {target} = event;
  const link = target.closest?.('[data-glossary]');
  if (target.closest?.('[data-about]')) document.querySelector('#about')?.showModal();
  if (link) openGlossary(link.dataset.glossary);
  else if (target.matches?.('dialog') || target.closest?.('[data-close]')) target.closest('dialog').close();
  else if (!target.closest?.(ACTS) && !target.closest?.('figure, .own')) {
    const tipped = target.closest?.(TIPPED);
    if (tipped) showTip(tipped, false);
  }
});
document.addEventListener('keydown', (event) => {
  const one = event.target;
  if (!one.matches?.(TIPPED) || one.closest(ACTS) || one.matches('figure, .own')) return;
  const group = one.closest(GROUPS);
  const way = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
  if (event.key === 'Enter' || event.key === ' ') showTip(one, true);
  else if (group && way) {
    const all = titled(group), next = all[all.indexOf(one) + way];
    if (next) { one.tabIndex = -1; next.tabIndex = 0; next.focus(); }
  } else return;
  event.preventDefault();
});
