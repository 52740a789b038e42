// The form works without this. With it keys choose, places are tapped, and what is left is counted.
"use strict";
const all = (css, within = document) => [...within.querySelectorAll(css)];
const tell = (element, kind) => element.dispatchEvent(new Event(kind, { bubbles: true }));
const make = (name, className) => Object.assign(document.createElement(name), { className });

// Tapped in their order, tapped again to be taken back: the lists below are what is sent.
for (const rank of all(".rank")) {
  const hint = rank.closest(".q").querySelector(".hint"), said = make("p", "vh"), { place, none } = rank.dataset;
  const lists = all("select", rank), top = lists[0].length - 1;
  hint.textContent += " " + rank.dataset.hint;
  said.setAttribute("role", "status");
  const taps = lists.map(list => {
    const tap = make("button", "tap"), line = list.parentElement, words = line.lastElementChild.textContent;
    tap.type = "button";
    tap.id = list.id;
    list.id = "";
    tap.append(make("b"), words);
    tap.onclick = () => {
      const at = +list.value, next = lists.filter(one => one.value).length + 1;
      if (!at && next > top) return;
      list.value = at ? "" : next;
      for (const one of lists) if (at && +one.value > at) one.value = one.value - 1;
      said.textContent = words + ": " + (at ? none : place.replace("#", next));
      tell(list, "change");
    };
    line.hidden = true;
    line.after(tap);
    return tap;
  });
  const show = () => {
    lists.forEach((list, i) => {
      taps[i].firstChild.textContent = list.value;
      taps[i].setAttribute("aria-pressed", !!list.value);
    });
    rank.classList.toggle("full", lists.filter(list => list.value).length >= top);
  };
  rank.addEventListener("change", show);
  rank.append(said);
  show();
}

for (const share of all(".share")) {
  const left = make("output");
  const show = () => {
    const rest = all("input", share).reduce((rest, input) => rest - input.value, share.dataset.total);
    left.textContent = share.dataset.left.replace("#", rest);
    left.className = rest < 0 ? "fault" : "";
  };
  share.addEventListener("input", show);
  share.append(left);
  show();
}

// No option is both: its twin is passed over by the arrows; a tap on the twin moves the choice.
for (const table of all(".bw")) {
  const twins = all("tbody tr", table).map(row => all("input", row));
  const show = () => twins.forEach(([best, worst]) => {
    worst.disabled = best.checked;
    best.disabled = worst.checked;
  });
  table.addEventListener("change", show);
  table.addEventListener("click", event => {
    const input = event.target.closest("td")?.querySelector(":disabled");
    if (!input) return;
    twins.flat().forEach(twin => { if (twin.value === input.value) twin.checked = twin.disabled = false; });
    input.click();
  });
  show();
}

for (const q of all(".q")) {
  const none = all(".none input", q);
  all(".choice", q).forEach((label, i) => { if (i < 26) label.dataset.key = String.fromCharCode(65 + i); });
  q.addEventListener("change", ({ target }) => {
    if (!none.includes(target)) {
      if (target.checked || target.value && !target.matches(":is([type=radio], [type=checkbox])")) none.forEach(input => input.checked = false);
    } else if (target.checked) {
      all("input, select", q).filter(input => !none.includes(input)).forEach(input => {
        if (input.matches("select, [type=number]")) input.value = "";
        input.checked = input.disabled = false;
      });
      all(".rank, .bw", q).forEach(part => tell(part, "change"));
      all(".share", q).forEach(part => tell(part, "input"));
    }
  });
  all(".own input", q).forEach(own => own.addEventListener("input", () => {
    const option = all(".choice input", q).find(input => input.value === own.dataset.for);
    if (own.value.trim() && !option.checked) {
      option.checked = true;
      tell(option, "change");
    }
  }));
}

// Keys are those of the question that has the focus, so that nobody chooses by a word spoken aside.
addEventListener("keydown", event => {
  const on = event.target, q = on.closest(".q"), key = event.key;
  if (!q || event.ctrlKey || event.altKey || event.metaKey || on.matches("[type=text], [type=number], textarea, select")) return;
  const choices = all(".choice input", q);
  let hit;
  if (/^Arrow(Up|Down)$/.test(key) && on.type !== "radio") {
    const list = all(".choice input, .tap", q);
    hit = list[list.indexOf(on) + (key === "ArrowDown" ? 1 : -1)];
    if (hit) event.preventDefault(hit.focus());
    return;
  }
  if (/^\d$/.test(key)) {
    const points = all("input", q.querySelector(".scale") || on.closest(".matrix tr") || make("p"));
    const list = points.length ? [] : [...choices, ...all(".tap", q)];
    // 1, then 0, is 10 where there is one.
    const whole = points.find(point => point.checked)?.value + key;
    hit = points.find(point => point.value === whole) || points.find(point => point.value === key) || list[key - 1];
  } else {
    hit = choices.find(input => input.parentElement.dataset.key === key.toUpperCase());
  }
  if (hit) {
    event.preventDefault();
    hit.focus();
    hit.click();
  }
});

// Who has just gone on by keyboard or mouse goes on with the first question.
if (document.querySelector(".at") && +document.querySelector("[name=_page]").value > 1 && !document.querySelector("[autofocus]") && matchMedia("(pointer: fine)").matches) {
  document.querySelector(".q :is(input, select, textarea, .tap)").focus({ preventScroll: true });
}
