// The drip editor's comforts. Without this file the page works all the same: Preview is a button,
// and merge fields are a list to copy from.
(() => {
  const form = document.getElementById("editor");
  if (!form) return;
  const usual = document.getElementById("preview");
  // The button beside the letter that was worked on last.
  let shown = null;
  let timer = 0;

  const beside = (element) => element.closest("[data-letter]")?.querySelector("button[name=preview]");

  const look = () => {
    const button = shown?.isConnected ? shown : form.querySelector("[data-letter] button[name=preview]") ?? usual;
    form.requestSubmit(button);
  };

  const soon = (event) => {
    shown = beside(event.target) ?? shown;
    clearTimeout(timer);
    timer = setTimeout(look, 500);
  };

  form.addEventListener("input", soon);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=preview]");
    if (button && button !== usual) shown = button;
  });
  usual.addEventListener("click", (event) => {
    event.preventDefault();
    look();
  });

  // A merge field goes where the cursor stood last, in the same step.
  let last = null;
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-letter] input[type=text], [data-letter] textarea")) last = event.target;
  });
  for (const code of form.querySelectorAll(".tokens code")) {
    if (code.closest("p")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "token";
    button.textContent = code.textContent;
    button.addEventListener("click", () => {
      const step = button.closest(".step");
      const field = last && step.contains(last) ? last : [...step.querySelectorAll("[data-letter] textarea")].find((area) => area.offsetParent);
      if (!field) return;
      field.focus();
      field.setRangeText(button.textContent, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    code.replaceWith(button);
  }

  // Nothing typed is lost by a stray click.
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", (event) => { if (event.submitter?.name === "do") dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

  look();
})();
