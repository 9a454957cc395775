// The row of tabs stands in the top bar, before all that is chosen, and has arrow keys.
let row = null;
follow(() => {
  row ??= document.querySelector('#tabs > .tab-wrapper');
  const tools = document.querySelector('#top .tools');
  if (row && tools && row.nextElementSibling !== tools) tools.before(row);
  for (const tab of row?.querySelectorAll('[role=tab]') ?? [])
    set(tab, 'tabindex', tab.getAttribute('aria-selected') === 'true' ? '0' : '-1');
  // Of a tab that keeps nothing there is nothing to save but its address.
  const shown = row?.querySelector('[aria-selected=true]')?.textContent.trim();
  const keeping = document.querySelector('#keep-said')?.dataset.tabs.split(',');
  if (shown && keeping) document.body.classList.toggle('only-link', !keeping.includes(shown));
});
document.addEventListener('keydown', (event) => {
  const tab = event.target.closest?.('#top [role=tab]');
  if (!tab) return;
  const all = [...row.querySelectorAll('[role=tab]')], at = all.indexOf(tab);
  const next = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1}[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const wanted = all.at(next % all.length);
  wanted.focus();
  wanted.click();
});

// Past the top bar and the sidebar, to the answer.
document.addEventListener('click', (event) => {
  if (!event.target.closest?.('a.skip')) return;
  event.preventDefault();
  const stage = document.querySelector('#stage');
  stage.tabIndex = -1;
  stage.focus();
});

// What folds out over the page folds in when something else has the focus or is clicked, and by Esc.
const foldIn = (target) => {
  for (const open of document.querySelectorAll('details.guidance[open]'))
    if (!open.contains(target)) open.open = false;
};
document.addEventListener('focusin', (event) => foldIn(event.target));
document.addEventListener('pointerdown', (event) => foldIn(event.target));
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') foldIn(null); });
