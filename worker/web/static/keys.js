// One key for one verdict: presses the button whose aria-keyshortcuts names the key. The page works without it.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input, select, textarea")) return;
  const button = document.querySelector(`button[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
  if (button) button.click();
});
