() => {
  const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const store = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private */ } };

  const setLarger = (on) => {
    document.documentElement.classList.toggle('larger', on);
    document.querySelector('[data-action=larger]')?.setAttribute('aria-pressed', String(on));
  };
  setLarger(stored('ferstudio-larger') === 'yes');
  const theme = stored('ferstudio-theme');
  if (theme) document.body.classList.toggle('dark', theme === 'dark');

  // Every picture, wherever it comes from, goes through the one upload button.
  const sources = () => document.querySelector('[data-action=paste]').dataset;
  const uploadInput = () => document.querySelector('#sources input[type=file]');
  const give = (file) => {
    const input = uploadInput();
    if (!input) return say(sources().text);  // a page of the samples only
    document.querySelectorAll('#note .passing').forEach((old) => old.remove());
    const carrier = new DataTransfer();
    carrier.items.add(file);
    input.files = carrier.files;
    input.dispatchEvent(new Event('change', {bubbles: true}));
  };
  const say = (words) => {
    const note = document.querySelector('#note');
    const line = document.createElement('p');
    line.className = 'note passing';
    line.setAttribute('role', 'status');
    line.textContent = words;
    note.querySelectorAll('.passing').forEach((old) => old.remove());
    note.append(line);
    setTimeout(() => line.remove(), 8000);
  };
  const pasteFromClipboard = async (button) => {
    let items;
    try { items = await navigator.clipboard.read(); } catch { return say(button.dataset.blocked); }
    for (const item of items) {
      const kind = item.types.find((type) => type.startsWith('image/'));
      if (kind) return give(new File([await item.getType(kind)], 'pasted.png', {type: kind}));
    }
    say(button.dataset.empty);
  };

  document.addEventListener('click', (event) => {
    if (event.target.closest('#ask'))  // its answer stands in the first tab
      document.querySelector('#top [role=tab][aria-selected=false]:first-child')?.click();
    const button = event.target.closest('[data-action]');
    if (!button) return;
    if (button.dataset.action === 'larger') {
      const on = !document.documentElement.classList.contains('larger');
      setLarger(on);
      store('ferstudio-larger', on ? 'yes' : 'no');
    } else if (button.dataset.action === 'theme') {
      store('ferstudio-theme', document.body.classList.toggle('dark') ? 'dark' : 'light');
    } else if (button.dataset.action === 'paste' && uploadInput()) {
      pasteFromClipboard(button);
    }
  });
  document.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files?.[0];
    if (file) give(file);
    else if (!event.target.closest?.('input, textarea')) say(sources().text);
  });
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files?.[0];
    if (file) give(file);
    else say(sources().text);
  });
  document.addEventListener('ferstudio-picture', (event) => give(event.detail));
  document.addEventListener('ferstudio-say', (event) => say(event.detail));

  // The file dialog offers pictures first; whatever is chosen is judged by the studio, except size.
  document.addEventListener('pointerdown', (event) => {
    if (event.target.closest?.('#upload')) uploadInput().accept = 'image/*,.heic,.heif,.avif';
  }, true);
  document.addEventListener('change', (event) => {
    const input = event.target, {limitMb, tooLarge} = sources();
    if (input !== uploadInput() || !input.files[0] || input.files[0].size <= limitMb * 2 ** 20) return;
    event.stopImmediatePropagation();
    input.value = '';
    document.querySelectorAll('#note .note').forEach((old) => old.remove());
    say(tooLarge);
  }, true);
}
