// One guess of one phone: the code says which round, the page's cookie that it is one phone.
const said = document.querySelector('#said'), code = document.querySelector('#code');
const buttons = [...document.querySelectorAll('[data-option]')];
const open = (on) => buttons.forEach((button) => { button.disabled = !on; });
const again = () => {
  open(true);
  said.textContent = '';
  buttons.forEach((button) => button.removeAttribute('aria-pressed'));
};
code.addEventListener('input', again);
document.querySelector('#join').addEventListener('submit', (event) => event.preventDefault());
const cast = async (button) => {
  if (!code.value.trim()) return code.focus();
  open(false);
  let answer;
  try {
    const asked = await fetch('vote/cast', {
      method: 'POST', headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({code: code.value, option: button.dataset.option}),
    });
    answer = await asked.json();
  } catch { answer = {error: document.body.dataset.unreachable}; }
  said.textContent = answer.error
    ?? (answer.counted ? document.body.dataset.cast : document.body.dataset.before);
  if (answer.error) open(true);
  else if (answer.counted) button.setAttribute('aria-pressed', 'true');
};
buttons.forEach((button) => button.addEventListener('click', () => cast(button)));
