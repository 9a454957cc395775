// An address with a card's id leads to it, and stays there while pictures above it arrive, until the
// reader moves on.
let wanted = '';
const lead = () => { if (wanted) document.getElementById(wanted)?.scrollIntoView(); };
const begin = () => { wanted = location.hash.startsWith('#papers-') ? location.hash.slice(1) : ''; lead(); };
for (const moved of ['wheel', 'touchmove', 'pointerdown', 'keydown'])
  window.addEventListener(moved, () => { wanted = ''; }, {passive: true});
window.addEventListener('hashchange', begin);
new MutationObserver(lead).observe(element, {childList: true, subtree: true});
begin();

// A click, Enter or Space on attention in a drawing opens that block in Attention (`opened` in
// tabs/papers/tab.py), and scrolls to it there once it is shown.
const WAIT_MS = 20000;
const show = (block) => {
  const until = Date.now() + WAIT_MS;
  const look = setInterval(() => {
    const found = document.querySelector(`#inside [data-off="${CSS.escape(block)}"]`);
    if (!found && Date.now() < until) return;
    clearInterval(look);
    found?.scrollIntoView({block: 'center', behavior: 'smooth'});
    found?.focus({preventScroll: true});
  }, 300);
};
const open = (event) => {
  const part = event.target.closest?.('[data-block]');
  if (!part) return;
  event.preventDefault();
  trigger('select', {model: part.dataset.model});
  show(part.dataset.block);
};
element.addEventListener('click', open);
element.addEventListener('keydown', (event) => { if (event.key === 'Enter' || event.key === ' ') open(event); });
