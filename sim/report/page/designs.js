// SPDX-License-Identifier: Apache-2.0
// The designs of a store or a front: plot, filters, table.

// A unit in a name: how it is written; where SI prefixes suit it, the unit that takes them and the factor to it.
const UNITS = {
  s: ["s", "s", 1], ms: ["ms", "s", 1e-3], us: ["\u00b5s", "s", 1e-6], ns: ["ns", "s", 1e-9],
  pj: ["pJ", "J", 1e-12], nj: ["nJ", "J", 1e-9], uj: ["\u00b5J", "J", 1e-6], mj: ["mJ", "J", 1e-3], mw: ["mW", "W", 1e-3],
  pj_ms: ["pJ\u00b7ms", "J\u00b7s", 1e-15],
  mm2: ["mm\u00b2"], um2: ["\u00b5m\u00b2"], bytes: ["bytes"], bits: ["bits"], mhz: ["MHz"], cycles: ["cycles"], kb: ["kB"],
};
// {words, unit}: of energy_pj_dram "energy dram" and the unit of pj.
function partsOf(name) {
  if (/[.\/:]/.test(name)) return {words: name};
  const found = /^(.+?)_(pj_ms|pj)(_.+)?$/.exec(name) || /^(.+)_([a-z0-9]+)$/.exec(name);
  if (found && Object.hasOwn(UNITS, found[2]))
    return {words: (found[1] + (found[3] || "")).replaceAll("_", " "), unit: UNITS[found[2]]};
  return {words: name.replace(/_per_/g, "/").replaceAll("_", " ")};
}
// All numbers of a column are told in one unit, that of its middle one: what is shown is the number times `factor`.
function prepare(c) {
  const {words, unit} = partsOf(c.name), sizes = c.values.filter(v => typeof v === "number" && v !== 0).map(Math.abs);
  Object.assign(c, {words, factor: 1, unit: unit ? unit[0] : "", scaled: Boolean(unit && unit[1])});
  if (c.scaled) {
    const {prefix, factor} = prefixOf((sizes.sort((a, b) => a - b)[sizes.length >> 1] || 0) * unit[2]);
    const exponent = Math.round(Math.log10(unit[2] * factor)); // powers of ten alone: 1 stays 1
    Object.assign(c, {factor: exponent < 0 ? 1 / 10 ** -exponent : 10 ** exponent, unit: prefix + unit[1]});
  }
  c.title = c.unit ? `${words} (${c.unit})` : words;
  c.constant = c.values.length > 1 && new Set(c.values).size === 1;
  if (!c.number) compact(c);
}
// Objects as JSON: of their members those that are not alike in all rows.
function compact(c) {
  const texts = [...new Set(c.values)], objects = texts.map(text => {
    try { return /^\s*\{/.test(text) ? JSON.parse(text) : null; } catch { return null; }
  });
  if (texts.length === 0 || objects.includes(null)) return;
  const told = (o, key) => Object.hasOwn(o, key) ? flat(o[key]) : "";
  const keys = [...new Set(objects.flatMap(Object.keys))];
  const differ = keys.filter(key => new Set(objects.map(o => told(o, key))).size > 1);
  const shownKeys = differ.length ? differ : keys;
  c.short = new Map(texts.map((text, i) => [text, shownKeys.filter(key => Object.hasOwn(objects[i], key))
    .map(key => `${key.replaceAll("_", " ")} ${told(objects[i], key)}`).join(", ")]));
}
const flat = v => v === null || typeof v !== "object" ? String(v) : Array.isArray(v) ? v.map(flat).join(" ") :
  Object.entries(v).map(([key, inner]) => `${key} ${flat(inner)}`).join(", ");
const front = {chosen: -1, table: false, sort: -1, down: false, rows: 200, query: "", sets: new Map(), ranges: new Map()};
function shownValue(c, v) {
  if (typeof v === "number") return digits(v * c.factor, c.scaled ? 4 : 5, c.scaled);
  return v === "" ? "\u2013" : c.short ? c.short.get(v) : v;
}
const withUnit = (c, v) => shownValue(c, v) + (c.unit && typeof v === "number" ? `\u00a0${c.unit}` : "");

function passes(i, words) {
  const value = c => front.columns[c].values[i];
  const inside = ([c, [low, high]]) => typeof value(c) === "number" &&
    value(c) * front.columns[c].factor >= low && value(c) * front.columns[c].factor <= high;
  return [...front.sets].every(([c, set]) => set.has(value(c))) && [...front.ranges].every(inside) &&
    words.every(w => front.texts[i].includes(w));
}
function passing() {
  const words = front.query.toLowerCase().split(/\s+/).filter(Boolean);
  return Array.from({length: front.count}, (_, i) => i).filter(i => passes(i, words));
}
// Those of the shown that no other beats in both figures; in the order of x.
function best(list, x, y) {
  if (x.better === "neither" || y.better === "neither") return [];
  const sx = x.better === "lower" ? 1 : -1, sy = y.better === "lower" ? 1 : -1, out = [];
  let least = Infinity;
  for (const i of [...list].sort((a, b) => sx * (x.values[a] - x.values[b]) || sy * (y.values[a] - y.values[b])))
    if (sy * y.values[i] < least) least = sy * y.values[i], out.push(i);
  return out;
}
function drawDesigns() {
  const list = passing();
  $("front-count").textContent = `${count(list.length)} of ${count(front.count)} designs`;
  $("front-legend").replaceChildren();
  if (front.table) drawTable(list);
  else drawChart(list, $("front-view").clientWidth);
}
const DRAWN = 2500;
const heading = c => c.title + (c.better === "neither" ? "" : `, ${c.better} is better`);
const tick = (c, v) => !c.unit && Math.abs(v) >= 1e4 ? si(v, "", 3, false) : digits(v * c.factor, 3);
function drawLegend(leading, others, step) {
  const entry = (name, text) => el("li", {}, paint(el("span", {class: "swatch"}), name), text);
  $("front-legend").replaceChildren(el("ul", {class: "legend"},
    leading > 0 ? entry("accent", `${leading} not beaten in these two`) : null,
    others > 0 ? entry("fill_drain", step > 1 ? `others, one of ${step} drawn` : "others") : null));
}
function drawChart(list, width) {
  const x = front.columns[$("x").value], y = front.columns[$("y").value];
  const all = list.filter(i => typeof x.values[i] === "number" && typeof y.values[i] === "number");
  const line = best(all, x, y), leading = new Set(line), rest = all.filter(i => !leading.has(i));
  const step = Math.max(1, Math.ceil(rest.length / DRAWN)), points = [...rest.filter((_, k) => k % step === 0), ...line];
  if (points.length === 0) return $("front-view").replaceChildren(el("p", {class: "faint"}, "No design passes the filters."));
  drawLegend(line.length, rest.length, step);
  const scale = (c, log) => ({...around(points.map(i => c.values[i]), log), label: heading(c), format: v => tick(c, v)});
  const across = scale(x, $("log-x").checked), up = scale(y, $("log-y").checked);
  const at = frame(width, Math.min(460, Math.max(300, width * 0.62)), across, up, "Designs");
  const corner = (i, k) => `${k === 0 ? "M" : "H"}${at.px(x.values[i])}${k === 0 ? " " : "V"}${at.py(y.values[i])}`;
  if (line.length > 1) at.root.append(svg("path", {class: "line", d: line.map(corner).join("")}));
  const order = points.sort((a, b) => leading.has(a) - leading.has(b) || x.values[a] - x.values[b]);
  at.root.append(...order.map(i => design(i, x, y, at, leading.has(i))));
  const first = at.root.querySelector(".point.chosen") || at.root.querySelector(".leading") || at.root.querySelector(".point");
  first.setAttribute("tabindex", "0");
  $("front-view").replaceChildren(at.root);
}
function design(i, x, y, at, leading) {
  const kind = `point${leading ? " leading" : ""}${i === front.chosen ? " chosen" : ""}`;
  const told = c => [c.words, withUnit(c, c.values[i])];
  const spot = paint(svg("circle", {class: kind, cx: at.px(x.values[i]), cy: at.py(y.values[i]), r: leading ? 5.5 : 4,
    role: "button", tabindex: "-1", "data-design": i,
    "aria-label": `Design ${i + 1}: ${[x, y].map(c => told(c).join(" ")).join(", ")}`}), leading ? "accent" : "fill_drain");
  spot.addEventListener("click", () => choose(i));
  const others = front.columns.filter(c => c !== x && c !== y).slice(0, 8);
  return hint(spot, () => [`Design ${i + 1}`, ...[x, y, ...others].map(told)]);
}
function choose(i) {
  front.chosen = i;
  for (const node of document.querySelectorAll("[data-design]"))
    node.classList.toggle("chosen", Number(node.dataset.design) === i);
  $("design").replaceChildren(...i < 0 ? [] : [el("h3", {}, `Design ${i + 1}`),
    listOf(front.columns.map(c => [c.words, withUnit(c, c.values[i])])),
    el("p", {class: "note"}, button("Clear the choice", () => choose(-1)))]);
}
function sortBy(c) {
  front.down = front.sort === c && !front.down;
  front.sort = c;
  drawDesigns();
  $("front-view").querySelector(`thead [data-column="${c}"]`).focus();
}
function sorted(list) {
  const by = front.columns[front.sort], sign = front.down ? -1 : 1;
  const compare = (a, b) => by.number ? a - b || 0 : String(a).localeCompare(String(b));
  return by ? [...list].sort((a, b) => sign * compare(by.values[a], by.values[b])) : list;
}
function drawTable(list) {
  const order = sorted(list), direction = front.down ? "descending" : "ascending", arrow = front.down ? " \u2193" : " \u2191";
  const own = front.columns.map((c, k) => ({c, k})).filter(({c}) => !c.constant);
  const shared = front.columns.filter(c => c.constant), kind = c => c.number ? null : c.short ? "text told" : "text";
  const column = ({c, k}) => el("th", {scope: "col", class: kind(c), "aria-sort": front.sort === k ? direction : null},
    button(c.title + (front.sort === k ? arrow : ""), () => sortBy(k), {"data-column": k}));
  const line = i => el("tr", {"data-design": i, class: i === front.chosen ? "chosen" : null},
    el("th", {scope: "row"}, button(i + 1, () => choose(i), {"aria-label": `Choose design ${i + 1}`})),
    own.map(({c}) => el("td", {class: kind(c), title: c.short ? c.values[i] : null}, shownValue(c, c.values[i]))));
  const more = () => {
    front.rows += 200;
    drawDesigns();
  };
  const alike = shared.map(c => `${c.words} ${c.values[0] === "" ? "none" : withUnit(c, c.values[0])}`).join(", ");
  const above = el("p", {class: "note", id: "front-shared"}, `In all rows: ${alike}.`);
  $("front-view").replaceChildren(shared.length > 0 ? above : "",
    scrollTable("Designs", [head("Design"), ...own.map(column)], order.slice(0, front.rows).map(line)),
    order.length > front.rows ? el("p", {class: "note"}, button(`Show more (${front.rows} of ${order.length})`, more)) : "");
}

// Filters: by values where there are few, by a range of numbers otherwise

function valueFilter(c, values) {
  const boxes = values.map(v => {
    const box = el("input", {type: "checkbox", checked: true});
    box.addEventListener("change", () => {
      const set = new Set(values.filter((_, k) => boxes[k].firstChild.checked));
      if (set.size === values.length) front.sets.delete(c);
      else front.sets.set(c, set);
      drawDesigns();
    });
    return el("label", {title: front.columns[c].short ? v : null}, box, shownValue(front.columns[c], v));
  });
  return el("fieldset", {}, el("legend", {}, front.columns[c].title), el("div", {class: "checks"}, boxes));
}
function rangeFilter(c, values) {
  const column = front.columns[c], name = column.title, ends = [least(values), most(values)];
  const hints = ends.map(v => v * column.factor).map(v => Math.abs(v) >= 1e5 ? v.toExponential(2) : digits(v, 4));
  const inputs = ["at least", "at most"].map((what, k) =>
    el("input", {type: "number", step: "any", placeholder: hints[k], "aria-label": `${name}, ${what}`,
      oninput: () => change()}));
  const change = () => {
    const [low, high] = inputs.map((input, k) => input.value === "" ? [-Infinity, Infinity][k] : Number(input.value));
    if (low === -Infinity && high === Infinity) front.ranges.delete(c);
    else front.ranges.set(c, [low, high]);
    drawDesigns();
  };
  return el("fieldset", {}, el("legend", {}, `${name}, from and to`), el("div", {class: "range"}, inputs));
}
function makeFilters() {
  const out = [];
  front.columns.forEach((column, c) => {
    const values = [...new Set(column.values)], numbers = values.filter(v => typeof v === "number");
    if (values.length < 2) return;
    if (values.length <= 10 && (!column.number || column.better === "neither"))
      out.push(valueFilter(c, column.number ? values.sort((a, b) => a - b) : values.sort()));
    else if (column.number) out.push(rangeFilter(c, numbers));
  });
  const search = el("input", {type: "search", placeholder: "any text"});
  search.addEventListener("input", () => {
    front.query = search.value;
    drawDesigns();
  });
  const was = $("filters").firstChild, wide = window.matchMedia("(min-width: 46rem)").matches;
  const box = el("details", {open: was ? was.open : wide}, el("summary", {}, "Filters"));
  const reset = () => {
    front.query = "", front.sets.clear(), front.ranges.clear();
    makeFilters();
    drawDesigns();
    $("filters").querySelector("button").focus();
  };
  const label = el("label", {}, el("span", {class: "faint"}, "Search"), search);
  box.append(el("div", {class: "filters"}, label, out.slice(0, 8),
    out.length > 8 ? el("details", {}, el("summary", {}, `${out.length - 8} more`), out.slice(8)) : null,
    el("p", {}, button("Reset filters", reset))));
  $("filters").replaceChildren(box);
}
function startFront() {
  if (!data.front) return;
  Object.assign(front, data.front, {count: data.front.columns[0].values.length});
  front.columns.forEach(prepare);
  front.texts = Array.from({length: front.count}, (_, i) => front.columns.map(c => c.values[i]).join("\n").toLowerCase());
  $("front").hidden = false;
  $("designs").hidden = true; // its table is in here
  const able = front.columns.map((c, k) => ({c, k})).filter(({c}) => c.number);
  const goals = [...able.filter(({c}) => c.better !== "neither" && new Set(c.values).size > 1), ...able];
  if (able.length === 0) front.table = true;
  const pick = (id, name, at) => el("label", {}, name, el("select", {id, onchange: drawDesigns},
    able.map(({c, k}) => el("option", {value: k, selected: goals[at] && goals[at].k === k}, c.title))));
  const log = (id, name) =>
    el("label", {}, el("input", {type: "checkbox", id, "aria-label": `Log scale ${name}`, onchange: drawDesigns}), "log");
  const pressed = k => ({"aria-pressed": String(front.table === (k === 1))});
  const views = ["Chart", "Table"].map((name, k) => button(name, () => view(k), pressed(k)));
  const view = k => {
    front.table = k === 1;
    views.forEach((other, j) => other.setAttribute("aria-pressed", String(j === k)));
    drawDesigns();
  };
  const axes = able.length > 0 ? [el("div", {class: "buttons", role: "group", "aria-label": "View"}, views),
    pick("x", "Across", 0), log("log-x", "across"), pick("y", "Up", Math.min(1, goals.length - 1)), log("log-y", "up")] : [];
  $("front-controls").append(...axes);
  makeFilters();
  rove($("front-view"), ".point");
  $("front").addEventListener("keydown", event => { if (event.key === "Escape" && front.chosen >= 0) choose(-1); });
  onWidth($("front-view"), drawDesigns);
}
