// A click on a button goes to the studio with what the button's data say.
element.addEventListener('click', (event) => {
  const button = event.target.closest(
    'button:is([data-index], [data-model], [data-off], [data-why], [data-face])');
  if (!button) return;
  if (button.dataset.model)
    for (const other of element.querySelectorAll('button[data-model]'))
      other.setAttribute('aria-pressed', String(other === button));
  trigger('select', {...button.dataset});
});
