// Paints over the face while "Paint" covers it, and sends each finished stroke to the studio.
const easel = element.querySelector('.easel');
const canvas = easel.querySelector('canvas');
const pen = canvas.getContext('2d');
let last = null;

const pressed = (name) => easel.querySelector(`[data-${name}][aria-pressed=true]`).dataset[name];
const send = () => trigger('select', {layer: canvas.toDataURL('image/png')});

const spot = (event) => {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
};

const stroke = (to) => {
  const paint = pressed('paint');
  pen.globalCompositeOperation = paint ? 'source-over' : 'destination-out';
  pen.strokeStyle = paint || '#000';
  pen.lineWidth = Number(pressed('brush'));
  pen.lineCap = pen.lineJoin = 'round';
  pen.beginPath();
  pen.moveTo(...last);
  pen.lineTo(...to);
  pen.stroke();
  last = to;
};

canvas.addEventListener('pointerdown', (event) => {
  if (event.button) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  canvas.classList.add('wet');
  last = spot(event);
  stroke(last);
});
canvas.addEventListener('pointermove', (event) => {
  if (last) for (const one of event.getCoalescedEvents?.() ?? [event]) stroke(spot(one));
});
const finish = () => {
  if (!last) return;
  last = null;
  send();
};
canvas.addEventListener('pointerup', finish);
canvas.addEventListener('pointercancel', finish);

easel.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if ('wipe' in button.dataset) {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    return send();
  }
  const name = 'brush' in button.dataset ? 'brush' : 'paint';
  for (const other of easel.querySelectorAll(`[data-${name}]`))
    other.setAttribute('aria-pressed', String(other === button));
});

// What the studio shows is the truth: wet strokes are hidden as soon as its picture is there.
new MutationObserver((changes) => {
  if (!last && changes.some((one) => one.target.closest?.('#face'))) canvas.classList.remove('wet');
}).observe(element.closest('#easel'), {
  attributes: true, attributeFilter: ['src'], childList: true, subtree: true,
});

// The menu of covers may be mounted later than the easel, so the sidebar around both is watched.
const sidebar = element.closest('#sidebar');
const show = () => {
  const chosen = sidebar.querySelector('#occluders button[data-value][aria-pressed=true]');
  const painting = chosen?.dataset.value === 'painted';
  if (easel.hidden === painting) easel.hidden = !painting;
};
new MutationObserver(show).observe(sidebar, {
  attributes: true, attributeFilter: ['aria-pressed'], childList: true, subtree: true,
});
show();
