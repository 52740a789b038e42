// The drip editor's comforts. Without this file the page works all the same: Preview is a button,
// and merge fields are a list to copy from.
(() => {
  const form = document.getElementById("editor");
  if (!form) return;
  const usual = document.getElementById("preview");
  const frame = document.querySelector("iframe[name=letter]");
  // The button beside the letter that was worked on last.
  let shown = null;
  let timer = 0;
  let asked = null;

  const beside = (element) => element.closest("[data-letter]")?.querySelector("button[name=preview]");

  // The frame's own document keeps its policy, which allows a letter's styles; only what stands in it
  // changes. Sent as a form, each look would be a step of the browser's Back button.
  const loaded = new Promise((resolve) => {
    const seen = frame.contentDocument;
    if (seen?.readyState === "complete" && seen.URL !== "about:blank") resolve();
    else frame.addEventListener("load", resolve, { once: true });
  });

  const show = (nodes) => {
    const body = frame.contentDocument.body;
    const name = (details) => details.querySelector("summary")?.textContent;
    const open = new Set([...body.querySelectorAll("details[open]")].map(name));
    body.replaceChildren(...nodes);
    for (const details of body.querySelectorAll("details")) if (open.has(name(details))) details.open = true;
  };

  const say = (words) => {
    const notice = frame.contentDocument.createElement("p");
    notice.className = "notice notice-warn";
    notice.textContent = words;
    show([notice]);
  };

  // Of a letter nobody has begun to write there is nothing to see, until somebody asks for it.
  const isBegun = (button) => {
    const fields = [...(button.closest("[data-letter]")?.querySelectorAll("input[type=text], textarea") ?? [])];
    return fields.length === 0 || fields.some((field) => field.value.trim() !== "");
  };

  const look = async (isAsked) => {
    const button = shown?.isConnected ? shown : form.querySelector("[data-letter] button[name=preview]") ?? usual;
    clearTimeout(timer);
    if (isAsked !== true && !isBegun(button)) return;
    asked?.abort();
    const own = (asked = new AbortController());
    const typed = new URLSearchParams(new FormData(form));
    typed.append(button.name, button.value);
    try {
      await loaded;
      const reply = await fetch(button.formAction, { method: "POST", body: typed, signal: own.signal });
      const html = await reply.text();
      if (own.signal.aborted) return;
      if (reply.redirected) say("You are logged out. Log in again in another tab, then go on here: what you typed is kept.");
      else if (!reply.ok) say("The letter could not be shown. Press Preview to try again.");
      else show([...new DOMParser().parseFromString(html, "text/html").body.childNodes]);
    } catch {
      if (!own.signal.aborted) say("The server could not be reached. Press Preview to try again.");
    }
  };

  const soon = (event) => {
    shown = beside(event.target) ?? shown;
    clearTimeout(timer);
    timer = setTimeout(look, 500);
  };

  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.name !== "preview") return;
    event.preventDefault();
    if (button !== usual) shown = button;
    look(true);
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
