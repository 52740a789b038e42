// The form works without this. Keys choose in the question that has the focus, never beside it.
const all = (css, within = document) => [...within.querySelectorAll(css)];
for (const q of all(".q")) {
  const choices = all(".choice input", q), none = all(".none input", q);
  choices.forEach((input, i) => input.parentElement.dataset.key = String.fromCharCode(65 + i));
  // "I can't say" and everything else let go of one another; words of one's own choose their option.
  q.addEventListener("input", ({ target }) => {
    const option = target.value && choices.find(input => input.value === target.dataset.for);
    if (option && !option.checked) option.click();
    if (target.checked || target.type !== "checkbox") for (const input of all("input", q))
      if (none.includes(input) !== none.includes(target)) input.checked = false;
  });
  q.addEventListener("keydown", event => {
    const { target, key } = event, points = all(target.closest("tr") ? "tr:focus-within input" : ".scale input", q);
    if (event.ctrlKey || event.altKey || event.metaKey || !/radio|box|button/.test(target.type)) return;
    const find = value => points.find(point => point.value === value), list = all(".choice input, .tap", q);
    const step = target.type === "radio" ? 0 : { ArrowUp: -1, ArrowDown: 1 }[key] || 0;
    // 1, then 0, is 10 where there is one.
    const hit = step ? list[list.indexOf(target) + step] : find(points.find(point => point.checked)?.value + key)
      || find(key) || list.find((one, i) => one.parentElement.dataset.key === key.toUpperCase() || !points[0] && key === `${i + 1}`);
    if (!hit) return;
    event.preventDefault();
    hit.focus();
    if (!step) hit.click();
  });
}
