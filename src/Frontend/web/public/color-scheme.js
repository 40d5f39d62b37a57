// Runs before the first paint, so that a dark page never flashes white. A file, not an inline script: the content security policy allows none.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('warroom.color-scheme');
  } catch {
    // Storage is refused by the browser's settings: follow the system.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
