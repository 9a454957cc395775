// A video that is too large is refused before it is sent.
const row = element.closest('#video-choices'), refusal = element.querySelector('[data-limit-mb]');
row?.addEventListener('change', (event) => {
  const input = event.target, file = input.files?.[0];
  refusal.hidden = !file || file.size <= Number(refusal.dataset.limitMb) * 2 ** 20;
  if (refusal.hidden) return;
  event.stopImmediatePropagation();
  input.value = '';
}, true);
