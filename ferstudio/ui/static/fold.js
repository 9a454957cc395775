// In a narrow window the sidebar folds to one line; there it starts folded, and the answer in view.
const root = document.documentElement;
const narrow = matchMedia('(max-width: 900px)');
root.classList.toggle('folded', narrow.matches);
const sayFolded = () => {
  const button = document.querySelector('[data-action=fold]');
  if (button) set(button, 'aria-expanded', String(!root.classList.contains('folded')));
};
follow(sayFolded);
narrow.addEventListener('change', () => { root.classList.toggle('folded', narrow.matches); sayFolded(); });
document.addEventListener('click', (event) => {
  if (!event.target.closest?.('[data-action=fold]')) return;
  root.classList.toggle('folded');
  sayFolded();
});
