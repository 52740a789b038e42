// What a page needs beside keys, if it has it: places are tapped, points are counted. After respond.js.
const make = (name, className) => Object.assign(document.createElement(name), { className });
const refresh = part => part.dispatchEvent(new Event("input"));

// Tapped in their order, tapped again to be taken back: the lists below are what is sent.
for (const rank of all(".rank")) {
  const hint = rank.closest(".q").querySelector(".hint"), said = make("p", "vh"), { place, none } = rank.dataset;
  const lists = all("select", rank), top = lists[0].length - 1, placed = () => lists.filter(list => list.value).length;
  hint.textContent += " " + rank.dataset.hint;
  said.setAttribute("role", "status");
  const taps = lists.map(list => {
    const tap = make("button", "tap"), line = list.parentElement, words = line.lastElementChild.textContent;
    tap.type = "button";
    tap.id = list.id;
    list.id = "";
    tap.append(make("b"), words);
    tap.onclick = () => {
      const at = +list.value, next = placed() + 1;
      if (!at && next > top) return;
      list.value = at ? "" : next;
      for (const one of lists) if (at && +one.value > at) one.value -= 1;
      said.textContent = words + ": " + (at ? none : place.replace("#", next));
      list.dispatchEvent(new Event("input", { bubbles: true }));
    };
    line.hidden = true;
    line.after(tap);
    return tap;
  });
  rank.addEventListener("input", () => {
    lists.forEach((list, i) => {
      taps[i].firstChild.textContent = list.value;
      taps[i].setAttribute("aria-pressed", !!list.value);
    });
    rank.classList.toggle("full", placed() >= top);
  });
  rank.append(said);
  refresh(rank);
}

for (const share of all(".share")) {
  const left = make("output");
  share.addEventListener("input", () => {
    const rest = all("input", share).reduce((rest, input) => rest - input.value, share.dataset.total);
    left.textContent = share.dataset.left.replace("#", rest);
    left.classList.toggle("fault", rest < 0);
  });
  share.append(left);
  refresh(share);
}

// No option is both: the arrows pass the twin over, a tap on it moves the choice.
for (const table of all(".bw")) {
  const twins = all("tbody tr", table).map(row => all("input", row));
  table.addEventListener("input", () => twins.forEach(([best, worst]) => {
    worst.disabled = best.checked;
    best.disabled = worst.checked;
  }));
  table.addEventListener("click", ({ target }) => {
    const input = target.closest("td")?.querySelector(":disabled");
    if (!input) return;
    for (const twin of twins.flat()) if (twin.value === input.value) twin.checked = twin.disabled = false;
    input.click();
  });
  refresh(table);
}

// Who cannot say has given no places and no points.
for (const q of all(".q")) q.addEventListener("input", ({ target }) => {
  if (!target.checked || !target.closest(".none")) return;
  for (const input of all("select, [type=number]", q)) input.value = "";
  all(".rank, .share, .bw", q).forEach(refresh);
});

// Who has just gone on goes on with the first question; on a phone, no keyboard comes up.
const page = document.querySelector("[name=_page]");
if (page?.value > 1 && !document.querySelector("[autofocus]") && !matchMedia("(pointer: coarse)").matches) {
  document.querySelector(".q :is(input, select, textarea, .tap):not([hidden] *)").focus({ preventScroll: true });
}
