// SPDX-License-Identifier: Apache-2.0
// The page as it comes up. scripts/embed makes one function of the scripts.

function startTheme() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)"), root = document.documentElement;
  let kept = null;
  try { kept = localStorage.getItem("mpsim-theme"); } catch { /* files may have no storage */ }
  const set = theme => {
    root.dataset.theme = theme;
    $("theme").textContent = theme === "dark" ? "Light mode" : "Dark mode";
  };
  set(kept === "dark" || kept === "light" ? kept : dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => { if (!kept) set(dark.matches ? "dark" : "light"); });
  $("theme").hidden = false;
  $("theme").addEventListener("click", () => {
    kept = root.dataset.theme === "dark" ? "light" : "dark";
    set(kept);
    try { localStorage.setItem("mpsim-theme", kept); } catch { /* as above */ }
  });
}
function startContents() {
  for (const section of document.querySelectorAll("section[data-name]"))
    if (!section.hidden) $("contents").append(el("li", {}, el("a", {href: `#${section.id}`}, section.dataset.name)));
  $("bar").hidden = false;
}
function startResults() {
  for (const id of ["tables", "sources", "warnings"]) $(id).hidden = results.length === 0;
  if (results.length === 0) return;
  for (const id of ["layers", "bits", "roofline"]) $(id).hidden = false;
  $("which").hidden = results.length < 2;
  $("result").append(...results.map((r, i) => el("option", {value: i}, r.label)));
  $("result").addEventListener("change", () => {
    shown = results[$("result").value];
    drawRows();
    drawBits($("strip").clientWidth);
    drawRoof($("roof").clientWidth);
  });
  startCompare();
  startLayers();
  startLayer();
  drawRows();
  rove($("strip"), ".column");
  rove($("roof"), ".point");
  onWidth($("strip"), drawBits);
  onWidth($("roof"), drawRoof);
}

startTheme();
startTips();
startResults();
startFront();
startContents();
