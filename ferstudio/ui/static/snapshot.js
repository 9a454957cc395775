// The sidebar's camera: seen as in a mirror, handed on as it is, for left and right are the person's.
const box = element.querySelector('.snapshot');
const video = box.querySelector('video');
let stream = null, asked = false;

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, {detail}));
const close = () => {
  closeCamera(stream);
  stream = null;
  box.hidden = true;
};
const open = async () => {
  if (asked) return;
  asked = true;
  try {
    stream = await openCamera(box.dataset, 1280, 720);
    video.srcObject = stream;
    box.hidden = false;
    await video.play();
  } catch (trouble) {
    close();
    tell('ferstudio-say', trouble.message);
  }
  asked = false;
};
const snap = () => {
  if (!stream || !video.videoWidth) return;
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d').drawImage(video, 0, 0);
  canvas.toBlob((picture) => {
    close();
    tell('ferstudio-picture', new File([picture], 'snapshot.png', {type: 'image/png'}));
  }, 'image/png');
};

const acts = {webcam: () => (stream ? close() : open()), snap, 'close-camera': close};
document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-action], #samples button');
  if (!button || !element.isConnected) return;
  if (button.dataset.action) acts[button.dataset.action]?.();
  else close();
});
document.addEventListener('ferstudio-picture', close);
