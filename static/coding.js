// Coding by keyboard. Without this file Tab, Space and Enter do the same.
(() => {
  const form = document.getElementById("coding");
  if (!form) return;
  const missing = document.getElementById("new_need");

  // The keys are the form's own: they mean nothing while the focus is elsewhere on the page.
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target === missing) {
      if (event.key === "Escape") form.querySelector("input[type=checkbox]")?.focus();
      return;
    }
    const key = event.key.toLowerCase();
    if (key === "n" && missing) {
      event.preventDefault();
      missing.focus();
      return;
    }
    const wanted = form.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!wanted) return;
    event.preventDefault();
    wanted.focus();
    wanted.click();
  });
})();
