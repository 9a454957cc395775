// One of several buttons is chosen; its value is the component's.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-value]');
  if (!button || button.dataset.value === props.value) return;
  const chosen = button.dataset.value;
  props.value = chosen;
  trigger('input');
  requestAnimationFrame(() => {
    for (const other of element.querySelectorAll('button[data-value]'))
      if (other.dataset.value === chosen) other.focus({preventScroll: true});
  });
});
