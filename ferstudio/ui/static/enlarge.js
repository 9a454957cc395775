// A click, a tap or Enter on a picture shows it large, with what it shows and what that means.
const PICTURES = ':is(#stage :is(figure, .plate, .pictured > img), #face img):not(button *)';
const pictured = (target) => {
  if (target.closest?.(ACTS)) return null;
  const picture = target.closest?.(PICTURES);
  return picture && (picture.matches('img') || picture.querySelector('img')) ? picture : null;
};
const large = (picture, words) => {
  const figure = document.createElement('figure'), caption = document.createElement('figcaption');
  caption.textContent = words;
  figure.append(picture.cloneNode(true), caption);
  for (const one of figure.querySelectorAll('[tabindex]')) one.removeAttribute('tabindex');
  return figure;
};
const named = (image) => image.alt ?? image.getAttribute('aria-label');
const enlarge = (picture) => {
  const dialog = document.querySelector('#enlarged'), place = dialog?.querySelector('.pictures');
  if (!dialog) return;
  const within = picture.querySelector('img') ? 'img' : 'svg';
  const images = picture.matches('img') ? [picture] : [...picture.querySelectorAll(within)];
  const heat = picture.querySelector('.heat'), own = picture.matches('.plate, .scene');
  const words = picture.querySelector('figcaption, b')?.textContent ?? '';
  place.replaceChildren(...(own ? [large(picture, words)] : images.map((image) => large(image,
    !heat ? words : `${words}, ${image === heat ? dialog.dataset.with : dialog.dataset.without}`))));
  if (heat) {
    const scale = document.querySelector('.tabitem:not([style*="none"]) .legend span:has(.heat-scale)');
    if (scale) place.lastChild.append(scale.cloneNode(true));
  }
  const model = picture.closest('.card')?.querySelector('h2')?.textContent;
  dialog.querySelector('h2').textContent = model ?? named(images.at(-1));
  // A button's own tip says what the button does.
  const tipped = picture.matches('button') ? picture.closest('.card')?.querySelector('h2') : picture.closest('[title]');
  const tip = tipped?.title ?? '';
  dialog.querySelector('.said').textContent = [named(images.at(-1)), tip].filter(Boolean).join('. ');
  fillTerms(dialog.querySelector('.terms'), dialog.textContent);
  dialog.showModal();
};
follow(() => {
  for (const picture of document.querySelectorAll(PICTURES)) {
    if (!pictured(picture) || picture.parentElement.closest(PICTURES)) continue;
    picture.classList.add('enlargeable');
    set(picture, 'tabindex', '0');
  }
  for (const own of document.querySelectorAll('.own[tabindex]')) own.removeAttribute('tabindex');
});
document.addEventListener('click', (event) => {
  // A picture that is a button of its own has another one beside it that enlarges it.
  const beside = event.target.closest?.('[data-enlarge]')?.previousElementSibling;
  const picture = beside ?? pictured(event.target);
  if (picture) enlarge(picture);
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' && event.key !== ' ') return;
  if (!event.target.matches?.('.enlargeable')) return;
  event.preventDefault();
  enlarge(event.target);
});
