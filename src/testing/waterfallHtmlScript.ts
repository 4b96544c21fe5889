/**
 * The script of the page. Everything can be read without it: it folds parts of the tree, opens all details at once, and opens
 * the span that a link leads to.
 */
export const WATERFALL_SCRIPT = `
"use strict";
for (const list of document.querySelectorAll(".spans")) {
  const rows = Array.from(list.children);
  const depth = (row) => Number(row.dataset.depth);
  const fold = (folding, isFolded) => {
    for (const row of folding) {
      row.classList.toggle("folded", isFolded);
      row.querySelector(".fold").setAttribute("aria-expanded", String(!isFolded));
    }
    let hiddenBelow = Infinity;
    for (const row of rows) {
      if (depth(row) <= hiddenBelow) hiddenBelow = row.classList.contains("folded") ? depth(row) : Infinity;
      row.hidden = depth(row) > hiddenBelow;
    }
  };
  for (const row of rows) {
    const place = row.querySelector(".fold");
    if (!place) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fold";
    button.setAttribute("aria-label", "children of " + row.querySelector(".label").textContent);
    button.setAttribute("aria-expanded", "true");
    button.addEventListener("click", (event) => {
      event.preventDefault();
      fold([row], !row.classList.contains("folded"));
    });
    place.replaceWith(button);
  }
  const tools = document.createElement("div");
  tools.className = "tools";
  const tool = (text, run) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", run);
    tools.append(button);
  };
  const openAll = (isOpen) => () => rows.forEach((row) => (row.querySelector("details").open = isOpen));
  const foldable = rows.filter((row) => row.querySelector(".fold"));
  tool("open all", openAll(true));
  tool("close all", openAll(false));
  tool("fold", () => fold(foldable.filter((row) => depth(row) > 0), true));
  tool("unfold", () => fold(foldable, false));
  list.parentElement.querySelector(".facts").after(tools);
}
const show = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const list = target && target.closest(".spans");
  if (!list) return;
  for (const row of list.children) row.hidden = false;
  target.querySelector("details").open = true;
  target.scrollIntoView({ block: "center" });
};
addEventListener("hashchange", show);
show();
`;
