async () => {
  const said = document.querySelector('#keep-said').dataset;
  try {
    await navigator.clipboard.writeText(location.href);
    return said.linked;
  } catch {  // without https browsers have no clipboard
    return said.notLinked;
  }
}
