// Sends the camera's newest frame, waits for the answer to it, and only then sends the next one.
// A frozen frame is sent again when something else is chosen.
const button = (name) => element.querySelector(`[data-live=${name}]`);
const blocked = element.querySelector('[data-blocked]');
const video = element.querySelector('video');
const LONG_SIDE_PX = 480, PATIENCE_MS = 20000, LOOK_MS = 500;
// The frame in view and the one that is asked about, as the camera gave them.
let shown = document.createElement('canvas'), asked = document.createElement('canvas');
const small = document.createElement('canvas');
let stream = null, opening = false, frozen = false, number = 0, overdue = 0, looking = 0, answers = null, choices = null;
const answered = [];

const show = () => {
  const [start, freeze, use] = ['start', 'freeze', 'use'].map(button);
  start.textContent = stream ? start.dataset.stop : start.dataset.start;
  start.setAttribute('aria-pressed', String(Boolean(stream)));
  freeze.hidden = !stream;
  freeze.setAttribute('aria-pressed', String(frozen));
  use.hidden = !shown.width;
};
const away = () => document.hidden || element.offsetParent === null;
const stop = () => {
  clearTimeout(overdue);
  clearInterval(looking);
  answers?.disconnect();
  choices?.disconnect();
  closeCamera(stream);
  stream = null;
  frozen = false;
  number += 1;  // an answer that is still on its way is for nobody
  if (away()) shown.width = 0;
  show();
};

const ask = () => {
  const scale = Math.min(1, LONG_SIDE_PX / Math.max(asked.width, asked.height));
  small.width = Math.round(asked.width * scale);
  small.height = Math.round(asked.height * scale);
  small.getContext('2d').drawImage(asked, 0, 0, small.width, small.height);
  number += 1;
  trigger('select', {frame: small.toDataURL('image/jpeg', 0.85), number});
  clearTimeout(overdue);
  overdue = setTimeout(frozen ? ask : next, PATIENCE_MS);
};
const next = () => {
  if (!stream || frozen) return;
  asked.width = video.videoWidth;
  asked.height = video.videoHeight;
  asked.getContext('2d').drawImage(video, 0, 0);
  ask();
};

const receive = () => {
  const section = document.querySelector('#live-seen .live');
  if (!stream || !section || Number(section.dataset.frame) !== number) return;
  const rate = section.querySelector('.rate b');
  if (section.dataset.received) return;
  section.dataset.received = 'yes';
  clearTimeout(overdue);
  shown.width = asked.width;
  shown.height = asked.height;
  shown.getContext('2d').drawImage(asked, 0, 0);
  show();
  if (frozen) return;
  answered.push(performance.now());
  if (answered.length > 11) answered.shift();
  const span_s = (answered[answered.length - 1] - answered[0]) / 1000;
  if (rate) rate.textContent = span_s > 0 ? `${((answered.length - 1) / span_s).toFixed(1)} frames/s` : '… frames/s';
  requestAnimationFrame(next);
};

const start = async () => {
  if (opening) return;
  opening = true;
  let opened = null;
  try {
    opened = await openCamera(blocked.dataset, 640, 480);
    video.srcObject = opened;
    await video.play();
  } catch (trouble) {
    closeCamera(opened);
    blocked.textContent = trouble.message;
    blocked.hidden = false;
    return;
  } finally {
    opening = false;
  }
  stream = opened;
  blocked.hidden = true;
  answered.length = 0;
  looking = setInterval(() => { if (away()) stop(); }, LOOK_MS);
  answers = new MutationObserver(receive);
  answers.observe(document.querySelector('#live-seen'), {childList: true, subtree: true});
  choices = new MutationObserver(() => { if (frozen) ask(); });
  choices.observe(document.querySelector('#answered'), {
    attributes: true, attributeFilter: ['data-shown'], childList: true, subtree: true,
  });
  show();
  next();
};
const freeze = () => {
  frozen = !frozen;
  show();
  if (!frozen) { answered.length = 0; next(); }
};
const use = () => {
  shown.toBlob((picture) => {
    stop();
    const file = new File([picture], 'frame.png', {type: 'image/png'});
    document.dispatchEvent(new CustomEvent('ferstudio-picture', {detail: file}));
    document.querySelector('#top [role=tab], #tabs [role=tab]')?.click();
  }, 'image/png');
};

const acts = {start: () => (stream ? stop() : start()), freeze, use};
element.addEventListener('click', (event) => {
  const chosen = event.target.closest('[data-live]');
  if (chosen) acts[chosen.dataset.live]();
});
shown.width = 0;
show();
