// Of the options of a choice, those of one group are shown at a time; it runs after choice.js.
// With each new value Gradio takes away the attributes that the template doesn't have, so what is
// hidden is hidden again after that; nothing is set that is so already, or it would go on for ever.
let group, value;
const show = () => {
  const options = [...element.querySelectorAll('button[data-of]')];
  if (value !== props.value) {
    value = props.value;
    const own = options.find((one) => one.dataset.value === value)?.dataset.of;
    group = own || group || element.querySelector('button[data-group]').dataset.group;
  }
  const set = (one, name, text) => {
    if (one.getAttribute(name) === text) return;
    if (text === null) one.removeAttribute(name); else one.setAttribute(name, text);
  };
  for (const one of options) set(one, 'hidden', ['', group].includes(one.dataset.of) ? null : '');
  for (const one of element.querySelectorAll('button[data-group]'))
    set(one, 'aria-pressed', String(one.dataset.group === group));
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-group]');
  if (!button) return;
  group = button.dataset.group;
  show();
});
new MutationObserver(show).observe(element, {
  attributes: true, attributeFilter: ['hidden', 'aria-pressed'], childList: true, subtree: true,
});
show();
