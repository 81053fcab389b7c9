// Runs before the first picture, so that a chosen theme doesn't flash.
const chosen = localStorage.getItem('avo-theme');
if (chosen === 'light' || chosen === 'dark') {
  document.documentElement.dataset.theme = chosen;
}
