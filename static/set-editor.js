// The question set editor's comforts. Without this file the page works all the same: each button is
// a button of the form, and bounds are shown whenever the page is.
(() => {
  const form = document.getElementById("editor");
  if (!form) return;
  const isLined = new Set(["single_choice", "multiple_choice", "best_worst", "ranking", "allocation"]);
  let dirty = false;
  let isBusy = false;
  let fresh = 0;

  // ── What a card says ──

  const cards = () => [...form.querySelectorAll(".question")];
  const kindOf = (card) => card.querySelector("select.kind").value;
  const rowsOf = (card) => [...card.querySelectorAll("[data-grid] tbody tr")];
  const part = (row, name) => row.querySelector(`[name$=".${name}"]`);
  const loadsOf = (row) => [...row.querySelectorAll(".load input")];
  const needs = () => [...form.querySelectorAll("input[name=n]")];
  const needNames = () => [...(form.querySelector("[data-grid] thead")?.querySelectorAll(".load-name") ?? [])].map((th) => th.textContent);
  const words = (text) => text.trim().split(/\s+/).join(" ");
  const short = (text) => (words(text).length > 70 ? `${words(text).slice(0, 70).trimEnd()}…` : words(text));

  // As the server reads it: a comma before one or two digits parts the decimals.
  const number = (typed) => {
    let text = typed.trim().replaceAll("−", "-");
    if (/^[^.,]*,\d{1,2}$/.test(text)) text = text.replace(",", ".");
    const value = text === "" ? NaN : Number(text);
    return Number.isFinite(value) ? value : 0;
  };
  const whole = (card, name, usual) => {
    const text = card.querySelector(`[name$=".${name}"]`)?.value.trim() ?? "";
    return /^-?\d+$/.test(text) ? Number(text) : usual;
  };
  const isBlank = (row) =>
    [part(row, "t"), part(row, "c"), part(row, "s"), ...loadsOf(row)].every((field) => !field || field.value.trim() === "");

  // ── How far a question moves each need (METHOD.md section 2) ──

  const bounds = (kind, weights, card) => {
    const least = (list) => (list.length ? Math.min(...list) : 0);
    const most = (list) => (list.length ? Math.max(...list) : 0);
    const up = [...weights].sort((a, b) => a - b);
    const down = [...up].reverse();
    switch (kind) {
      case "single_choice":
      case "allocation":
        return [least(weights), most(weights)];
      case "multiple_choice": {
        const from = Math.max(whole(card, "mp", 1), 1);
        const to = whole(card, "xp", weights.length);
        const sums = (sorted) => {
          let sum = 0;
          return sorted.slice(0, Math.max(to, 0)).map((weight) => (sum += weight)).slice(from - 1);
        };
        return [least(sums(up)), most(sums(down))];
      }
      case "ranking": {
        const top = whole(card, "tp", weights.length);
        const sum = (sorted) => sorted.slice(0, Math.max(top, 0)).reduce((all, weight, at) => all + (weight * (top - at)) / top, 0);
        return [sum(up), sum(down)];
      }
      case "best_worst":
        return [least(weights) - most(weights), most(weights) - least(weights)];
      case "matrix":
      case "rating":
      case "nps": {
        if (kind !== "nps" && whole(card, "max", 5) <= whole(card, "min", 1)) return [0, 0];
        const add = (pick) => weights.reduce((all, weight) => all + pick(weight, 0), 0);
        return [add(Math.min), add(Math.max)];
      }
      default:
        return [0, 0];
    }
  };

  const figure = (x) => x.toLocaleString("en-US", { maximumFractionDigits: 2 }).replace(/^-0$/, "0").replace("-", "−");
  const isNothing = ([low, high]) => !(high - low > 1e-12 * Math.max(Math.abs(low), Math.abs(high)));
  const reachWords = (reach) =>
    isNothing(reach) ? "–" : `${figure(reach[0])}${reach[0] < 0 ? " to " : "–"}${figure(reach[1])}`;

  const weightsOf = (card, kind, need) => {
    const of = (inputs) => number(inputs[need]?.value ?? "");
    if (kind === "rating" || kind === "nps") return [of([...card.querySelectorAll("[data-whole] input")])];
    const rows = rowsOf(card).filter((row) => !isBlank(row));
    const counted = kind === "matrix" ? rows : rows.filter((row) => !part(row, "x").value.includes("n"));
    return counted.map((row) => of(loadsOf(row)));
  };

  const setText = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };

  const drawReach = (card) => {
    const kind = kindOf(card);
    const names = needNames();
    const reaches = needs().map((_, need) => bounds(kind, weightsOf(card, kind, need), card));
    reaches.forEach((reach, need) => setText(card.querySelector(`[data-reach="${need}"]`), reachWords(reach)));
    const moved = reaches.map((reach, need) => (isNothing(reach) ? null : `${names[need]} by ${reachWords(reach)}`)).filter(Boolean);
    const last = moved.pop();
    setText(
      card.querySelector("[data-reach-said]"),
      kind === "text" ? "Words are not scored: this question moves no need."
        : !last ? "This question moves no need yet: give its answers loadings that differ."
          : `This question can move ${moved.length ? `${moved.join(", ")} and ` : ""}${last}.`,
    );
  };

  // ── Codes out of texts, as the server makes them ──

  const code = (text) => {
    const plain = text.replace(/\{\{.*?(\}\}|$)/g, " ").replace(/['’‘]/g, "").toLowerCase()
      .replaceAll("ä", "ae").replaceAll("ö", "oe").replaceAll("ü", "ue").replaceAll("ß", "ss")
      .normalize("NFKD").replace(/\p{M}/gu, "");
    let made = "";
    for (const word of plain.split(/[^a-z0-9]+/).filter(Boolean)) {
      if (made && made.length + word.length + 1 > 40) break;
      made += (made ? "-" : "") + word.slice(0, 40);
    }
    return made;
  };
  const offerCode = (from, to) => {
    if (!from || !to) return;
    to.placeholder = code(from.value) || "code: from its text";
  };

  // ── Lines, changed in place ──

  const keyOf = (element) => element.closest(".question").dataset.key;
  const renumber = (card) => {
    rowsOf(card).forEach((row, at, rows) => {
      const named = (text) => text.replace(/line \d+/, `line ${at + 1}`);
      for (const span of row.querySelectorAll("span.unseen")) span.textContent = named(span.textContent);
      for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", named(button.getAttribute("aria-label")));
      const [up, down] = row.querySelectorAll("button");
      up.disabled = at === 0;
      down.disabled = at === rows.length - 1;
    });
    drawReach(card);
    drawConditions();
  };

  // A row like this one, with a key of its own and without what it was known by.
  const copyOf = (row, card, keepsWords) => {
    const copy = row.cloneNode(true);
    const key = `n${fresh++}`;
    copy.dataset.key = key;
    for (const fault of copy.querySelectorAll(".error")) fault.remove();
    const saved = part(copy, "s");
    if (saved) {
      const label = document.createElement("label");
      const name = document.createElement("span");
      const input = document.createElement("input");
      label.className = "line-code";
      name.className = "unseen";
      name.textContent = "Code of line 1";
      input.name = ".c";
      input.autocomplete = "off";
      label.append(name, input);
      copy.querySelector("code.line-code")?.replaceWith(label);
      saved.remove();
    }
    for (const field of copy.querySelectorAll("[name]")) {
      field.removeAttribute("id");
      field.removeAttribute("aria-invalid");
      field.removeAttribute("autofocus");
      if (field.name === "do") {
        field.value = `${field.value.split(":")[0]}:${card.dataset.key}:${key}`;
      } else {
        field.name = `q${card.dataset.key}.o${key}.${field.name.split(".").pop()}`;
        const original = [...row.querySelectorAll("[name]")].find((known) => known.name.split(".").pop() === field.name.split(".").pop());
        field.value = keepsWords && original ? original.value : "";
        if (!keepsWords) field.removeAttribute("placeholder");
      }
    }
    part(copy, "g")?.remove();
    const own = part(copy, "c");
    own.value = "";
    own.placeholder = "code: from its text";
    offerCode(part(copy, "t"), own);
    return copy;
  };

  const addLine = (card, after, text = "") => {
    const pattern = after ?? rowsOf(card).at(-1) ?? form.querySelector("[data-grid] tbody tr");
    if (!pattern) return null;
    const row = copyOf(pattern, card, false);
    part(row, "t").value = text;
    offerCode(part(row, "t"), part(row, "c"));
    if (after) after.after(row);
    else card.querySelector("[data-grid] tbody").append(row);
    return row;
  };

  const focusOn = (element) => element?.focus();

  // Whether it was done here; else the server does it.
  const onLine = (verb, card, row) => {
    if (verb === "oadd") {
      const several = card.querySelector('[name$=".p"]');
      if (several?.value.trim()) return false;
      const added = addLine(card, row);
      if (!added) return false;
      renumber(card);
      focusOn(part(added, "t"));
      return true;
    }
    if (!row) return false;
    const [before, after] = [row.previousElementSibling, row.nextElementSibling];
    const buttons = row.querySelectorAll("button");
    if (verb === "oup" && before) before.before(row);
    if (verb === "odown" && after) after.after(row);
    if (verb === "ocopy") {
      const copy = copyOf(row, card, true);
      row.after(copy);
      renumber(card);
      focusOn(part(copy, "t"));
      return true;
    }
    if (verb === "odrop") {
      row.remove();
      renumber(card);
      focusOn(after ?? before ? part(after ?? before, "t") : card.querySelector('[value^="oadd:"]'));
      return true;
    }
    renumber(card);
    const pressed = buttons[verb === "oup" ? 0 : 1];
    focusOn(pressed.disabled ? buttons[verb === "oup" ? 1 : 0] : pressed);
    return true;
  };

  const bare = (line) => line.trim().replace(/^[-–•*·▪◦]+\s+/, "").replace(/^\d+[.)]\s+/, "").trim();

  const paste = (event, row, card) => {
    const lines = (event.clipboardData?.getData("text") ?? "").split(/\r?\n/).map(bare).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    const field = part(row, "t");
    if (field.value.trim() === "") {
      field.value = lines.shift();
      offerCode(field, part(row, "c"));
    }
    let last = row;
    for (const line of lines) last = addLine(card, last, line);
    // What was still blank below is filled by the list, not pushed away by it.
    for (const spare of rowsOf(card)) if (isBlank(spare)) spare.remove();
    dirty = true;
    renumber(card);
    focusOn(part(last, "t"));
  };

  // ── When a question is asked ──

  const drawConditions = () => {
    const all = cards();
    for (const [at, card] of all.entries()) {
      const select = card.querySelector("select.after");
      const box = card.querySelector("[data-conditions]");
      if (!select || !box || !select.value) {
        box?.replaceChildren();
        card.querySelector("[data-conditions-help]")?.setAttribute("hidden", "");
        continue;
      }
      // A code that was typed, else the one that was made when the page was drawn.
      const codeOf = (other) => ["s", "c", "g"].map((name) => other.querySelector(`[name="q${other.dataset.key}.${name}"]`)?.value).find(Boolean);
      const other = all.slice(0, at).find((other) => codeOf(other) === select.value);
      if (!other) continue;
      const ticked = new Set([...box.querySelectorAll("input:checked")].map((input) => input.value));
      const labels = rowsOf(other)
        .map((row) => [["s", "c", "g"].map((name) => part(row, name)?.value).find(Boolean) ?? code(part(row, "t").value), part(row, "t").value])
        .filter(([made]) => made)
        .map(([value, text]) => {
          const label = document.createElement("label");
          const input = document.createElement("input");
          const name = document.createElement("span");
          label.className = "tick";
          Object.assign(input, { type: "checkbox", name: `q${card.dataset.key}.a`, value, checked: ticked.has(value) });
          name.textContent = text;
          label.append(input, name);
          return label;
        });
      box.replaceChildren(...labels);
      card.querySelector("[data-conditions-help]")?.setAttribute("hidden", "");
    }
  };

  // ── The rest is the server's: the form is sent, and what it answers takes the form's place ──

  const say = (text) => {
    const notice = document.createElement("p");
    notice.className = "notice notice-fault";
    notice.setAttribute("role", "alert");
    notice.tabIndex = -1;
    notice.textContent = text;
    form.prepend(notice);
    notice.focus();
  };

  const ask = async (button) => {
    if (isBusy) return;
    isBusy = true;
    const typed = new URLSearchParams(new FormData(form));
    typed.append("do", button.value);
    // Nobody types into what is about to be replaced.
    form.inert = true;
    form.setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(form.action, { method: "POST", body: typed });
      const html = await reply.text();
      form.inert = false;
      if (reply.redirected) return say("You are logged out. Log in again in another tab, then go on here: what you typed is kept.");
      const answered = new DOMParser().parseFromString(html, "text/html").getElementById("editor");
      if (!reply.ok || !answered) return say("That did not work. What you typed is kept; press the button again.");
      form.setAttribute("action", answered.getAttribute("action"));
      form.replaceChildren(...answered.childNodes);
      prepare();
      const notice = button.value === "look" ? form.querySelector(".notice-fault, #impact") : null;
      (notice ?? form.querySelector("[autofocus]") ?? form.querySelector(`[name=do][value="${CSS.escape(button.value)}"]`))?.focus();
    } catch {
      form.inert = false;
      say("The server could not be reached. What you typed is kept; press the button again.");
    } finally {
      isBusy = false;
      form.removeAttribute("aria-busy");
    }
  };

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.name !== "do" || button.value === "save") {
      dirty = false;
      return;
    }
    event.preventDefault();
    dirty = true;
    const [verb, , line] = button.value.split(":");
    const card = button.closest(".question");
    const row = line === undefined ? null : button.closest("tr");
    if (verb.startsWith("o") && card && onLine(verb, card, row)) return;
    ask(button);
  });

  form.addEventListener("keydown", (event) => {
    const field = event.target;
    const row = field.closest("[data-grid] tbody tr");
    if (!row || !field.matches("input, textarea") || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const name = field.name.split(".").pop();
    // In a text of several lines the arrows move within it.
    const other = field.tagName === "INPUT" && { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (other) {
      const there = row[other] && part(row[other], name);
      if (there) {
        event.preventDefault();
        there.focus();
        there.select();
      }
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (name === "t") {
        const card = row.closest(".question");
        const next = row.nextElementSibling;
        const added = next && isBlank(next) ? next : addLine(card, row);
        dirty = true;
        renumber(card);
        focusOn(part(added, "t"));
      } else {
        const there = row.nextElementSibling && part(row.nextElementSibling, name);
        if (there) {
          there.focus();
          there.select();
        }
      }
    }
  });

  form.addEventListener("paste", (event) => {
    const row = event.target.closest("[data-grid] tbody tr");
    if (row && event.target.name?.endsWith(".t")) paste(event, row, row.closest(".question"));
  });

  form.addEventListener("input", (event) => {
    dirty = true;
    const field = event.target;
    if (field.id === "title") offerCode(field, document.querySelector("input#code"));
    const card = field.closest(".question");
    if (!card) return;
    const row = field.closest("[data-grid] tbody tr");
    if (row && field.name.endsWith(".t")) offerCode(field, part(row, "c"));
    if (field.matches("[data-question-text]")) {
      offerCode(field, card.querySelector(`[name="q${card.dataset.key}.c"]`));
      const name = card.querySelector(".question-name");
      name.lastChild.textContent = ` ${short(field.value) || "A new question"}`;
    }
    if (field.matches("select.kind")) showKind(card);
    if (field.matches("select.after")) drawConditions();
    else drawReach(card);
  });

  form.addEventListener("change", (event) => {
    const card = event.target.closest(".question");
    // Texts and codes of options are what others hang on.
    if (card && event.target.closest("[data-grid]")) drawConditions();
  });

  form.addEventListener("toggle", (event) => {
    const card = event.target.parentElement;
    if (!card?.matches(".question")) return;
    card.querySelector(`[name="q${card.dataset.key}.v"]`).value = event.target.open ? "1" : "";
  }, true);

  const showKind = (card) => {
    const kind = kindOf(card);
    const told = document.querySelector(`#kinds [data-kind="${kind}"]`);
    if (!told) return;
    setText(card.querySelector("[data-kind-name]"), card.querySelector("select.kind").selectedOptions[0].textContent);
    setText(card.querySelector("[data-kind-hint]"), told.firstChild.textContent);
    card.querySelector("[data-question-text]").placeholder = told.dataset.example;
    const first = rowsOf(card)[0];
    if (first) part(first, "t").placeholder = told.dataset.line;
    // A question that has had no lines begins with some.
    if ((isLined.has(kind) || kind === "matrix") && !first) {
      const added = addLine(card, null) ?? null;
      if (added) renumber(card);
    }
  };

  // ── Fields that are filled in go where the cursor stood last ──

  let last = null;
  form.addEventListener("focusin", (event) => {
    if (event.target.matches('[data-merge], #title, [data-grid] [name$=".t"]')) last = event.target;
  });
  form.addEventListener("click", (event) => {
    const token = event.target.closest("button.token");
    if (!token) return;
    const field = last?.isConnected ? last : form.querySelector("[data-question-text]");
    if (!field) return;
    for (let at = field.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    field.focus();
    field.setRangeText(token.textContent, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  const prepare = () => {
    for (const written of form.querySelectorAll(".tokens li code")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "token";
      button.textContent = written.textContent;
      written.replaceWith(button);
    }
    for (const card of cards()) {
      for (const row of rowsOf(card)) offerCode(part(row, "t"), part(row, "c"));
      rowsOf(card).forEach((row, at, rows) => {
        const [up, down] = row.querySelectorAll("button");
        up.disabled = at === 0;
        down.disabled = at === rows.length - 1;
      });
    }
    drawConditions();
  };

  // Nothing typed is lost by a stray click.
  addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
  // A summary's link opens what it points into.
  form.addEventListener("click", (event) => {
    const link = event.target.closest(".notice a[href^='#']");
    const field = link && document.getElementById(link.getAttribute("href").slice(1));
    for (let at = field?.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    if (field) setTimeout(() => field.focus());
  });

  prepare();
  form.querySelector(".notice[role=alert]")?.focus();
})();
