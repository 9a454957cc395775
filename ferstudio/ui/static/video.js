// The file dialog offers videos first; whatever is chosen is judged by the studio, except size: a
// video that is too large is refused before it is sent.
const row = element.closest('#video-choices'), refusal = element.querySelector('[data-limit-mb]');
row?.addEventListener('pointerdown', () => {
  row.querySelector('input[type=file]').accept = 'video/*,.mkv';
}, true);
row?.addEventListener('change', (event) => {
  const input = event.target, file = input.files?.[0];
  refusal.hidden = !file || file.size <= Number(refusal.dataset.limitMb) * 2 ** 20;
  if (refusal.hidden) return;
  event.stopImmediatePropagation();
  input.value = '';
}, true);
