// One guess of one phone: the code says which round, the page's cookie that it is one phone. Once it
// has voted it waits for the next question under the same code.
const WAIT_MS = 3000;
const said = document.querySelector('#said'), code = document.querySelector('#code');
const buttons = [...document.querySelectorAll('[data-option]')];
const open = (on) => buttons.forEach((button) => { button.disabled = !on; });
let waiting = 0;
const again = () => {
  clearInterval(waiting);
  open(true);
  said.textContent = '';
  buttons.forEach((button) => button.removeAttribute('aria-pressed'));
};
code.addEventListener('input', again);
document.querySelector('#join').addEventListener('submit', (event) => event.preventDefault());
const post = async (what, asked) => {
  const answer = await fetch(`vote/${what}`, {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(asked),
  });
  return answer.json();
};
const awaitNext = (voted) => {
  clearInterval(waiting);
  waiting = setInterval(async () => {
    const {number} = await post('now', {code: code.value}).catch(() => ({}));
    if (!number || number === voted) return;
    again();
    said.textContent = document.body.dataset.next;
  }, WAIT_MS);
};
const cast = async (button) => {
  if (!code.value.trim()) return code.focus();
  open(false);
  let answer;
  try {
    answer = await post('cast', {code: code.value, option: button.dataset.option});
  } catch { answer = {error: document.body.dataset.unreachable}; }
  said.textContent = answer.error
    ?? (answer.counted ? document.body.dataset.cast : document.body.dataset.before);
  if (answer.error) return open(true);
  awaitNext(answer.number);
  if (answer.counted) button.setAttribute('aria-pressed', 'true');
};
buttons.forEach((button) => button.addEventListener('click', () => cast(button)));
