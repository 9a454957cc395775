// A file comes inside the component, made for this visit alone: it is given to the browser to save,
// and is nothing of the page any more.
const give = () => {
  const file = element.querySelector('[data-file]');
  if (!file) return;
  const {file: name, kind, content} = file.dataset;
  file.remove();
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const place = URL.createObjectURL(new Blob([bytes], {type: kind}));
  const link = Object.assign(document.createElement('a'), {href: place, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(place), 10000);
};
new MutationObserver(give).observe(element, {childList: true, subtree: true});
