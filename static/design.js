// The segment editor's comforts: a slider beside each weight, and the profile drawn while somebody
// types. Without this file the fields and the button "Draw again" do it.
(() => {
  const form = document.getElementById("segment");
  if (!form) return;
  const drawn = () => document.getElementById("drawn");
  const weights = [...form.querySelectorAll("[data-weight]")];
  const value = (field) => Math.min(100, Math.max(0, Number(field.value) || 0));
  let timer = 0;
  let asked = null;

  // The bar follows at once; what the server has to say about it comes a moment later.
  const draw = (field) => {
    const row = drawn().querySelector(`[data-need="${CSS.escape(field.dataset.weight)}"]`);
    if (!row) return;
    const longest = Number(row.querySelector(".profile-track").getAttribute("width"));
    row.querySelector(".profile-bar").setAttribute("width", (value(field) * longest) / 100);
    row.querySelector(".profile-weight").textContent = Math.round(value(field) * 100) / 100;
  };

  const ask = async () => {
    asked?.abort();
    const own = (asked = new AbortController());
    const typed = new URLSearchParams(new FormData(form));
    typed.append("do", "draw");
    try {
      const reply = await fetch(form.action, { method: "POST", body: typed, signal: own.signal });
      const html = await reply.text();
      if (own.signal.aborted || !reply.ok || reply.redirected) return;
      const page = new DOMParser().parseFromString(html, "text/html");
      const fresh = page.getElementById("drawn");
      if (!fresh) return;
      drawn().replaceWith(document.adoptNode(fresh));
      // What was worked out for another profile is not true any more.
      document.getElementById("moves")?.remove();
    } catch {
      // The bars are drawn already; the rest comes with the next letter, or with Save.
    }
  };

  for (const field of weights) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = 0;
    slider.max = 100;
    slider.value = value(field);
    // The field beside it does the same by keyboard and for a screen reader.
    slider.tabIndex = -1;
    slider.setAttribute("aria-hidden", "true");
    slider.addEventListener("input", (event) => {
      event.stopPropagation();
      field.value = slider.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    field.addEventListener("input", () => { slider.value = value(field); });
    field.after(slider);
  }
  form.classList.add("has-sliders");

  // Nothing typed is lost by a stray click.
  let dirty = false;
  form.addEventListener("input", (event) => {
    dirty = true;
    if (!event.target.matches("[data-weight], [name=name]")) return;
    if (event.target.dataset.weight) draw(event.target);
    clearTimeout(timer);
    timer = setTimeout(ask, 300);
  });
  form.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
})();
