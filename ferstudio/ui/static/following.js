// What the scripts after this one share: Gradio lays parts of the page out anew at any time, so what
// they add to it is added again, once a frame.
const follow = (run) => {
  let asked = false;
  const now = () => { asked = false; run(); };
  const soon = () => { if (!asked) { asked = true; requestAnimationFrame(now); } };
  new MutationObserver(soon).observe(document.documentElement, {
    attributes: true, attributeFilter: ['aria-selected', 'title', 'src'], childList: true, subtree: true,
  });
  soon();
};
const set = (element, name, value) => {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
};
// What does something of its own when it is clicked.
const ACTS = 'a, button, input, textarea, select, label, summary, canvas, video, [role=option]';
