// The strip above the answer says which question a lesson asks. While the class guesses, the covered
// face is shown large and alone; the guesses, shown by hand or cast by phones, go to the studio with
// the reveal. Steps are addresses: the page is set as its address says.
let sheet = null;  // is laid out after this
const face = () => document.querySelector('#face img');
const count = (row) => Number(row.querySelector('output').textContent);
const rows = () => [...sheet.querySelectorAll('[data-emotion]')];
// `joined`: the last round's code and key, which phones that are there keep for the next question.
let round = null, joined = null, asking = 0, last = Promise.resolve(), phones = {};

const ask = async (what, asked) => {
  const answer = await fetch(`${location.pathname.replace(/\/$/, '')}/vote/${what}`, {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(asked),
  });
  const found = await answer.json();
  if (found.error) throw new Error(found.error);
  return found;
};
const total = (row) => count(row) + (phones[row.dataset.emotion] ?? 0);
const tell = () => {
  const most = Math.max(1, ...rows().map(total));
  for (const row of rows()) {
    row.style.setProperty('--share', total(row) / most);
    row.querySelector('.votes').textContent = phones[row.dataset.emotion] ?? '';
  }
};
// What is asked about rounds is asked one after another: a close that came late would end the next.
const inOrder = (work) => (last = last.then(work, work));
const hear = () => inOrder(async () => {
  if (!round) return;
  try { phones = await ask('tally', round); tell(); } catch { /* the round has ended */ }
});
const listen = async () => {
  clearTimeout(asking);
  if (!round || sheet.hidden) return;
  await hear();
  if (round) asking = setTimeout(listen, 1000);
};
const endRound = ({leave = false} = {}) => {
  clearTimeout(asking);
  return inOrder(async () => {
    const open = round;
    round = null;
    if (leave) joined = null;
    sheet.querySelector('.join').hidden = true;
    sheet.querySelector('[data-vote=open]').hidden = false;
    if (open) try { phones = await ask('close', open); } catch { /* it had ended */ }
  });
};
const openRound = () => inOrder(async () => {
  if (sheet.hidden) return;
  const join = sheet.querySelector('.join'), note = join.querySelector('.note');
  try {
    const page = location.origin + location.pathname.replace(/\/$/, '');
    const made = await ask('open', {page, ...joined});
    round = joined = {code: made.code, key: made.key};
    join.querySelector('img').src = made.qr;
    join.querySelector('.address').textContent = made.join.replace(/\?.*/, '');
    join.querySelector('.code').textContent = made.code;
    const alone = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
    note.textContent = alone ? sheet.dataset.alone : '';
  } catch (error) { note.textContent = error.message; round = null; }
  join.hidden = false;
  sheet.querySelector('[data-vote=open]').hidden = round !== null;
}).then(listen);

const veil = (on) => {
  if (sheet.hidden === !on) return;
  sheet.hidden = !on;
  document.body.classList.toggle('guessing', on);
  if (!on) return;
  phones = {};
  for (const row of rows()) row.querySelector('output').textContent = '0';
  tell();
  sheet.querySelector('[data-reveal]').focus({preventScroll: true});
  if (joined) openRound();
};
// A first visit is shown the way to a lesson.
const VISITED = 'ferstudio-visited';
const visited = () => { try { localStorage.setItem(VISITED, 'yes'); } catch { /* private */ } };
const isFirst = () => { try { return localStorage.getItem(VISITED) === null; } catch { return false; } };
// `revealing`: the step whose answers are on their way; the sheet stays away until they are there.
// `turning`: the step that is turned to while they are; until it is there the answer stays hidden.
let guessed = '', revealing = '', turning = null;
const TURNING_MS = 20000;
const turned = () => { turning = null; document.body.classList.remove('turning'); };
const show = () => {
  sheet ??= document.querySelector('#guess');
  if (!sheet) return;
  const strip = element.querySelector('[data-step]');
  document.body.classList.toggle('in-lesson', Boolean(strip));
  document.body.classList.toggle('choosing', strip?.dataset.step === 'guess');
  const hint = element.querySelector('.lesson-hint');
  if (hint?.hidden && isFirst()) hint.hidden = false;
  if (strip) visited();
  if (turning === (strip?.dataset.step ?? '')) turned();
  if (strip?.dataset.guess !== '1' || strip.dataset.step !== revealing) revealing = '';
  const wanted = strip?.dataset.guess === '1' && !revealing;
  if (wanted) sheet.querySelector('h2').textContent = strip.dataset.question;
  const seen = face();
  if (wanted && seen) {
    sheet.querySelector('.alone').src = seen.src;
    sheet.querySelector('.alone').alt = sheet.dataset.alt;
  }
  if (wanted && strip.dataset.step !== guessed) { guessed = strip.dataset.step; sheet.hidden = true; }
  veil(wanted);
};
follow(show);

const reveal = async () => {
  if (sheet.hidden && !element.querySelector('[data-reveal]')) return;
  await endRound();
  const counts = Object.fromEntries(rows().map((row) => [row.dataset.emotion, total(row)]));
  revealing = element.querySelector('[data-step]')?.dataset.step ?? '';
  veil(false);
  trigger('select', {reveal: '1', counts: JSON.stringify(counts)});
};
const go = (href) => {
  history.pushState(null, '', href || location.pathname);
  window.dispatchEvent(new PopStateEvent('popstate'));
};
document.addEventListener('click', (event) => {
  if (!sheet) return;
  const link = event.target.closest?.('a[data-go]');
  if (link) {
    event.preventDefault();
    endRound();
    guessed = '';
    if (revealing) {
      turning = new URLSearchParams(link.getAttribute('href')).get('lesson') ?? '';
      document.body.classList.add('turning');
      setTimeout(turned, TURNING_MS);
    }
    veil(false);
    if ('again' in link.dataset) trigger('select', {again: '1'}); else go(link.getAttribute('href'));
    return;
  }
  const button = event.target.closest?.('#guess button, #lesson button');
  if (!button) return;
  if ('leave' in button.dataset) { endRound({leave: true}); veil(false); trigger('select', {leave: '1'}); return; }
  if (button.dataset.hint) { visited(); button.closest('.lesson-hint').hidden = true; return; }
  if ('reveal' in button.dataset) reveal();
  else if (button.dataset.vote === 'open') openRound();
  else if (button.dataset.hand) {
    const row = button.closest('[data-emotion]'), said = row.querySelector('output');
    said.textContent = String(Math.max(0, count(row) + Number(button.dataset.hand)));
    tell();
  }
});
// Keys go to the sheet again once a face was chosen beside it by a click; `detail` is 0 for a key.
document.addEventListener('click', (event) => {
  if (!sheet || sheet.hidden || !event.detail || !event.target.closest?.('#sidebar .choice')) return;
  setTimeout(() => sheet.querySelector('[data-reveal]').focus({preventScroll: true}), 0);
}, true);
// What was revealed of any face is no longer of the face in view once something else is chosen.
const outdated = (event) => {
  if (element.querySelector('[data-step=guess] .revealed') && event.target.closest?.('#sidebar'))
    element.querySelector('.revealed').hidden = true;
};
for (const kind of ['input', 'change']) document.addEventListener(kind, outdated, true);
document.addEventListener('click', (event) => { if (event.target.closest?.('#sidebar .choice, #reroll')) outdated(event); }, true);
// Space reveals, the arrows go through the steps, digits raise a hand; never while something is typed.
document.addEventListener('keydown', (event) => {
  if (!sheet || !element.querySelector('[data-step]') || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest?.('input:not([type=checkbox]), textarea, select, [role=tab], [role=listbox], [role=option], dialog, .choice')) return;
  const at = {ArrowRight: 'next', ArrowLeft: 'back'}[event.key];
  const link = at && element.querySelector(`a[data-go=${at}]`);
  if (link) { event.preventDefault(); link.click(); return; }
  if (event.key === ' ' && !event.target.closest?.('button:not([data-reveal]), a, label, [tabindex]:not(#stage)')) {
    event.preventDefault();
    reveal();
  }
  const row = !sheet.hidden && /^[1-8]$/.test(event.key) && rows()[Number(event.key) - 1];
  if (row) row.querySelector('[data-hand="1"]').click();
});
