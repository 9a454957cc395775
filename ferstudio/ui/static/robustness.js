// Cells open in Compare, heads of columns show their curves (`opened` in tabs/robustness/tab.py); the film plays and is scrubbed, and a line in the chart follows it.
let playing = 0;
const show = (step) => {
  const frames = [...element.querySelectorAll('.film figure')];
  frames.forEach((frame, index) => { frame.hidden = index !== step; });
  const now = element.querySelector('.sweep .now');
  if (!now || !frames[step]) return;
  for (const end of ['x1', 'x2']) now.setAttribute(end, frames[step].dataset.x);
  element.querySelector('.film input').value = step;
};
const stop = () => { clearInterval(playing); playing = 0; };
element.addEventListener('input', (event) => {
  if (!event.target.matches('.film input')) return;
  event.stopPropagation();
  stop();
  show(Number(event.target.value));
});
element.addEventListener('click', (event) => {
  const cell = event.target.closest('button[data-occluder]');
  const head = event.target.closest('button[data-column]');
  if (head) return trigger('select', {column: head.dataset.column});
  if (cell) return trigger('select', {occluder: cell.dataset.occluder, amount: Number(cell.dataset.amount)});
  if (!event.target.closest('[data-play]')) return;
  if (playing) return stop();
  const last = element.querySelectorAll('.film figure').length - 1;
  let step = 0;
  show(0);
  playing = setInterval(() => {
    step += 1;
    if (step > last) return stop();
    show(step);
  }, 450);
});
