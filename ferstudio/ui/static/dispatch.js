// Every change on the page comes here. It is counted and told at once, so that what is worked on
// for an older one ends and the face is covered anew; once no other has come for a moment, the tab
// in view is asked. The component's value is the count: Gradio reads it when it sends an event,
// however long that waited, so an answer always knows which change it is for.
const SETTLED_MS = 200;
let count = 0, told = 0, settled = 0;

// `behind`: the answer in view is of an older change. `unanswered`: there is none yet. `asking`: the
// models are at work. `halted`: they were, on the newest change, until they were stopped.
const compare = () => {
  const answer = document.querySelector('#answered [data-shown]');
  const behind = (name) => Number(answer?.dataset[name] ?? 0) < count;
  const stage = document.querySelector('#stage');
  stage?.classList.toggle('behind', behind('shown'));
  stage?.classList.toggle('unanswered', !Number(answer?.dataset.shown ?? 0));
  stage?.classList.toggle('asking', behind('ended'));
  stage?.classList.toggle('halted', count > 0 && Number(answer?.dataset.stopped) === count && !behind('ended'));
};

const changed = () => {
  count += 1;
  props.value = String(count);
  compare();
  clearTimeout(told);
  told = setTimeout(() => trigger('select', {}), 0);  // once for all that changes at a time
  clearTimeout(settled);
  settled = setTimeout(() => trigger('submit', {}), SETTLED_MS);
};
// What is under way is of choices that are about to be others.
const outdate = () => { count += 1; props.value = String(count); compare(); };
window.ferstudio = {changed, outdate, isNewest: (change) => Number(change) === count};
new MutationObserver(compare).observe(document.body, {
  attributes: true, attributeFilter: ['data-shown', 'data-ended', 'data-stopped'], childList: true, subtree: true,
});
// Gradio sets the first values after this has run; an address with choices sets others, and tells.
if (![...new URLSearchParams(location.search).keys()].some((name) => !name.startsWith('__')))
  setTimeout(changed, 100);
