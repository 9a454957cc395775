// Sends the camera's newest frame, waits for the answer to it, and only then sends the next one.
const button = element.querySelector('[data-live]');
const blocked = element.querySelector('[data-blocked]');
const video = element.querySelector('video');
const canvas = document.createElement('canvas');
const LONG_SIDE_PX = 480, PATIENCE_MS = 20000;
let stream = null, number = 0, overdue = 0, observer = null;
const answered = [];

const stop = () => {
  clearTimeout(overdue);
  observer?.disconnect();
  closeCamera(stream);
  stream = null;
  button.textContent = button.dataset.start;
  button.setAttribute('aria-pressed', 'false');
};

const send = () => {
  if (!stream) return;
  if (document.hidden || element.offsetParent === null) return stop();
  const scale = Math.min(1, LONG_SIDE_PX / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
  number += 1;
  trigger('select', {frame: canvas.toDataURL('image/jpeg', 0.85), number});
  overdue = setTimeout(send, PATIENCE_MS);
};

const receive = () => {
  const section = document.querySelector('#live-seen .live');
  if (!stream || !section || Number(section.dataset.frame) !== number) return;
  const rate = section.querySelector('.rate output');
  if (rate && rate.textContent) return;
  clearTimeout(overdue);
  answered.push(performance.now());
  if (answered.length > 11) answered.shift();
  const span_s = (answered[answered.length - 1] - answered[0]) / 1000;
  if (rate) rate.textContent = span_s > 0 ? `${((answered.length - 1) / span_s).toFixed(1)} frames/s` : '… frames/s';
  requestAnimationFrame(send);
};

const start = async () => {
  try {
    stream = await openCamera(blocked.dataset, 640, 480);
  } catch (trouble) {
    blocked.textContent = trouble.message;
    blocked.hidden = false;
    return;
  }
  blocked.hidden = true;
  video.srcObject = stream;
  await video.play();
  answered.length = 0;
  button.textContent = button.dataset.stop;
  button.setAttribute('aria-pressed', 'true');
  observer = new MutationObserver(receive);
  observer.observe(document.querySelector('#live-seen'), {childList: true, subtree: true});
  send();
};

button.addEventListener('click', () => (stream ? stop() : start()));
