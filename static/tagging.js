// Tagging by keyboard. Without this file Tab, Space and Enter do the same.
(() => {
  const form = document.getElementById("by-key");
  if (!form) return;

  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const first = form.querySelector("input[type=radio], input[type=checkbox]");
    if (event.target.matches("input[type=text]")) {
      if (event.key === "Escape") first?.focus();
      return;
    }
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      form.querySelector("[data-enter]")?.click();
      return;
    }
    const wanted = form.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!wanted) return;
    event.preventDefault();
    wanted.focus();
    if (!wanted.matches("input[type=text]")) wanted.click();
  });
})();
