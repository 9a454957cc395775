// The component says the address of the choices after a change; it becomes the page's once they have
// settled. Back, Forward and the first address of a visit go to the studio, which sets the choices.
// What isn't the studio's own (Gradio's begins with two underscores) stays in the address.
const ADDRESS_SETTLED_MS = 500;
let addressed = 0, first = true;

const parts = () => [...new URLSearchParams(location.search)];
const own = () => new URLSearchParams(parts().filter(([name]) => !name.startsWith('__')));
const foreign = () => parts().filter(([name]) => name.startsWith('__'));

const show = () => {
  const said = element.querySelector('[data-change]');
  if (!said || !window.ferstudio.isNewest(said.dataset.change)) return;
  clearTimeout(addressed);
  const wanted = said.textContent.trim();
  if (String(new URLSearchParams(wanted)) === String(own())) { first = false; return; }
  addressed = setTimeout(() => {
    if (!window.ferstudio.isNewest(said.dataset.change)) return;
    const rest = foreign().map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const query = [...rest, wanted].filter(Boolean).join('&');
    const address = (query ? `?${query}` : location.pathname) + (first ? location.hash : '');
    if (first) history.replaceState(null, '', address); else history.pushState(null, '', address);
    first = false;
  }, ADDRESS_SETTLED_MS);
};
new MutationObserver(show).observe(element, {
  attributes: true, characterData: true, childList: true, subtree: true,
});

const restore = () => {
  clearTimeout(addressed);
  window.ferstudio.outdate();
  trigger('select', {query: String(own())});
};
window.addEventListener('popstate', restore);
if (String(own())) setTimeout(restore, 100);
