// SPDX-License-Identifier: Apache-2.0
// The pictures of the page, from the figures in #data. Texts from files reach the page only as text nodes.
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const results = data.results;
let shown = results[0]; // the result whose layers are drawn

// Elements

const $ = id => document.getElementById(id);

// The attributes `class` and the like; `on...` are listeners.
function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter(child => child !== undefined && child !== null));
  return node;
}
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const SVG = "http://www.w3.org/2000/svg";
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const button = (text, onclick, attributes) => el("button", {type: "button", onclick, ...attributes}, text);

function paint(node, name) {
  node.style[node.namespaceURI.endsWith("svg") ? "fill" : "background"] = `var(--${name})`;
  return node;
}

// Numbers

// `n` digits that count; zeros at the end only where `all` asks for them.
function digits(v, n = 4, all = false) {
  if (v === 0) return "0";
  const decimals = Math.min(12, Math.max(0, n - 1 - Math.floor(Math.log10(Math.abs(v)))));
  return v.toLocaleString("en-US", {minimumFractionDigits: all ? decimals : 0, maximumFractionDigits: decimals});
}
// Of lists too long to be arguments.
const least = list => list.reduce((a, b) => Math.min(a, b), Infinity);
const most = list => list.reduce((a, b) => Math.max(a, b), -Infinity);
const count = v => v.toLocaleString("en-US", {maximumFractionDigits: 0});
const percent = (part, whole) => whole > 0 ? `${(100 * part / whole).toFixed(1)}\u00a0%` : "\u2013";
const ratio = (v, base) => base > 0 ? `${(v / base).toFixed(v < 0.1 * base ? 3 : v < 10 * base ? 2 : 1)}\u00d7` : "\u2013";
function si(v, unit, n = 4, all = true) {
  const prefixes = ["f", "p", "n", "\u00b5", "m", "", "k", "M", "G", "T", "P", "E"];
  let at = 5;
  while (Math.abs(v) >= 999.95 && at + 1 < prefixes.length) v /= 1e3, at++;
  while (v !== 0 && Math.abs(v) < 0.99995 && at > 0) v *= 1e3, at--;
  return `${digits(v, n, all)}\u00a0${prefixes[at]}${unit}`.trimEnd();
}

// The prefix that numbers like `v` are read with, and the factor to it.
function prefixOf(v) {
  const prefixes = ["f", "p", "n", "\u00b5", "m", "", "k", "M", "G", "T", "P", "E"];
  const at = v > 0 ? Math.max(0, Math.min(11, 5 + Math.floor(Math.log10(v * 1.00005) / 3))) : 5;
  return {prefix: prefixes[at], factor: 10 ** (3 * (5 - at))};
}

const METRIC = Object.fromEntries(data.metrics.map((key, i) => [key, i]));
const metric = (of, key) => of.metrics[METRIC[key]];
const cycles = of => metric(of, "cycles"), energy = of => metric(of, "energy_pj"), picojoules = v => si(v * 1e-12, "J", 3);
const joules = of => metric(of, "energy_pj") * 1e-12;
const traffic = of => (metric(of, "dram_read_bits") + metric(of, "dram_write_bits")) / 8;

// Names

const WORDS = {
  compute: "computing", fill_drain: "fill and drain", stall_weight: "wait for weights", stall_input: "wait for inputs",
  stall_output: "wait for outputs", stall_dram: "wait for DRAM", vector: "vector unit",
  pe: "PEs", accumulator: "accumulators", input_buffer: "input buffer", weight_buffer: "weight buffer",
  output_buffer: "output buffer", dram: "DRAM", interconnect: "interconnect", leakage: "leakage",
  oc: "output channels", pixel: "output pixels", ic: "input channels", k_ic: "kernel taps and input channels",
};
const word = name => Object.hasOwn(WORDS, name) ? WORDS[name] : name;
const widths = layer => layer.slices.map(([, bits]) => bits);
const bitsText = layer => `${layer.a_bits}-bit activations` + (layer.slices.length === 0 ? "" :
  layer.slices.length === 1 ? `, ${widths(layer)[0]}-bit weights` :
  ", weights of " + layer.slices.map(([channels, bits]) => `${bits} bits (${channels} channels)`).join(", "));

// What is told under the pointer, and of what has the focus: a title and pairs

const tips = new WeakMap();
function hint(node, make) {
  tips.set(node, make);
  node.setAttribute("data-tip", "");
  return node;
}
function showTip(node, x, y) {
  const [title, ...pairs] = tips.get(node)(), tip = $("tip");
  const line = ([name, value]) => el("div", {}, el("span", {}, name), el("span", {}, value));
  tip.replaceChildren(el("b", {}, title), ...pairs.map(line));
  tip.hidden = false;
  const host = node.closest("dialog") || document.body; // above an open dialog
  if (tip.parentNode !== host) host.append(tip);
  const box = tip.getBoundingClientRect(), page = document.documentElement;
  tip.style.left = `${Math.max(4, Math.min(x + 14, page.clientWidth - box.width - 4))}px`;
  tip.style.top = `${y + 18 + box.height > page.clientHeight ? Math.max(4, y - box.height - 12) : y + 18}px`;
}
function startTips() {
  const target = event => event.target.closest && event.target.closest("[data-tip]");
  const hide = () => { $("tip").hidden = true; };
  document.addEventListener("pointermove", event => {
    const node = target(event);
    if (node && event.pointerType !== "touch") showTip(node, event.clientX, event.clientY);
    else hide();
  });
  const atFocus = () => {
    const node = document.activeElement;
    if (!node || !tips.has(node) || !node.matches(":focus-visible")) return hide();
    const box = node.getBoundingClientRect();
    showTip(node, Math.min(box.left, document.documentElement.clientWidth - 60), box.bottom - 10);
  };
  document.addEventListener("focusin", atFocus);
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", () => { if (!$("tip").hidden) atFocus(); }, true);
  document.addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
}

// One stop of the Tab key for all items of a picture; arrows, Home and End go from one to the next.
function rove(box, selector) {
  const items = () => [...box.querySelectorAll(selector)];
  box.addEventListener("keydown", event => {
    const list = items(), at = list.indexOf(event.target.closest(selector));
    const next = at + 1, last = list.length - 1, before = at - 1;
    const to = {ArrowRight: next, ArrowDown: next, ArrowLeft: before, ArrowUp: before, Home: 0, End: last}[event.key];
    if (event.key === "Enter" || event.key === " ") {
      if (at < 0 || list[at] instanceof HTMLButtonElement) return;
      event.preventDefault();
      list[at].dispatchEvent(new MouseEvent("click", {bubbles: true}));
    } else if (at >= 0 && to !== undefined) {
      event.preventDefault();
      list[Math.max(0, Math.min(last, to))].focus();
    }
  });
  box.addEventListener("focusin", event => {
    const item = event.target.closest(selector);
    if (item) for (const other of items()) other.setAttribute("tabindex", other === item ? "0" : "-1");
  });
}

// Shared pieces of pictures

function legend(names, what) {
  return el("ul", {class: "legend"}, what && el("li", {class: "what"}, what), names.map(name =>
    el("li", {}, paint(el("span", {class: "swatch"}), name), word(name))));
}

// Of a picture that is as wide as there is room: 1000 across, 10 down.
const WIDE = {viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true"};

// A bar of parts; `most` is the length of a whole one.
function stack(values, names, most, kind) {
  const bar = svg("svg", {class: `stack ${kind || ""}`, ...WIDE});
  let x = 0;
  values.forEach((value, i) => {
    const width = most > 0 ? 1000 * value / most : 0;
    if (width > 0) bar.append(paint(svg("rect", {x, y: 0, width, height: 10}), names[i]));
    x += width;
  });
  return bar;
}

const used = (list, key, names) => names.filter((name, i) => list.some(of => of[key][i] > 0));

function pairs(values, names, whole, text) {
  return values.map((value, i) => [word(names[i]), value, text]).filter(([, value]) => value > 0)
    .map(([name, value]) => [name, `${text(value)}  ${percent(value, whole)}`]);
}

const head = name => el("th", {scope: "col"}, name.split(/(?<=_)/).flatMap((part, i) => i > 0 ? [el("wbr"), part] : [part]));
function scrollTable(label, heads, rows, kind = "") {
  return el("div", {class: `scroll sticky tall ${kind}`, role: "region", tabindex: "0", "aria-label": label}, el("table", {},
    el("caption", {class: "hidden"}, label), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows)));
}

// Axes. `scale` is {low, high, log, label, format}. A log scale too short for its own ticks has those of a linear one.

function ticksOf(s, most) {
  const out = [];
  if (s.log) {
    const first = Math.floor(Math.log10(s.low)), last = Math.ceil(Math.log10(s.high)), few = last - first < 3;
    for (let e = first; e <= last; e++)
      for (const m of few ? [1, 2, 5] : [1])
        if (m * 10 ** e >= s.low * 0.999 && m * 10 ** e / 1.001 <= s.high) out.push(m * 10 ** e);
    const step = Math.ceil(out.length / most);
    if (out.length > 1) return out.filter((_, i) => i % step === 0);
  }
  const raw = (s.high - s.low) / most, size = 10 ** Math.floor(Math.log10(raw));
  const step = size * [1, 2, 5, 10].find(m => m * size >= raw * 0.999);
  for (let i = Math.ceil(s.low / step - 1e-9); i * step - step * 1e-9 <= s.high; i++) out.push(i * step);
  return out;
}
const times = (v, factor) => Math.min(v * factor, Number.MAX_VALUE); // an axis without an end has ticks without end
function place(s, from, to) {
  const f = s.log ? Math.log10 : v => v, low = f(s.low), span = f(s.high) - low || 1;
  return v => from + (to - from) * ((f(v) - low) / span);
}
// Around the numbers, those that only rounding tells apart being one; on a log scale where they are above 0 and `log` asks
// for it.
function around(values, log) {
  const low = least(values), high = most(values);
  if (log && low > 0) return {low: low / 1.25, high: times(high, 1.25), log: true};
  const apart = high - low > 1e-12 * Math.max(-low, high) ? high - low : 0;
  const room = apart * 0.06 || Math.abs(high) * 0.1 || 1;
  return {low: low >= 0 && low - room < 0 ? 0 : low - room, high: times(high + room, 1), log: false};
}
function frame(width, height, x, y, label, side = 16) {
  const box = {left: 64, right: width - side, top: 26, bottom: height - 46};
  const px = place(x, box.left, box.right), py = place(y, box.bottom, box.top);
  const root = svg("svg", {viewBox: `0 0 ${width} ${height}`, height, role: "group", "aria-label": label});
  for (const tick of ticksOf(x, Math.max(2, Math.floor(width / 90))))
    root.append(svg("line", {class: "grid", x1: px(tick), x2: px(tick), y1: box.top, y2: box.bottom}),
      svg("text", {x: px(tick), y: box.bottom + 17, "text-anchor": "middle"}, x.format(tick)));
  for (const tick of ticksOf(y, Math.max(3, Math.floor(height / 60))))
    root.append(svg("line", {class: "grid", x1: box.left, x2: box.right, y1: py(tick), y2: py(tick)}),
      svg("text", {x: box.left - 8, y: py(tick) + 4, "text-anchor": "end"}, y.format(tick)));
  root.append(svg("line", {class: "axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom}),
    svg("text", {class: "strong", x: box.right, y: height - 8, "text-anchor": "end"}, x.label),
    svg("text", {class: "strong", x: 0, y: 13}, y.label));
  return {root, box, px, py};
}
// Draws anew when the width changes.
function onWidth(node, draw) {
  let last = 0;
  new ResizeObserver(() => {
    const width = Math.round(node.clientWidth);
    if (width > 0 && width !== last) last = width, draw(width);
  }).observe(node);
}

// Side by side

const BARS = [
  {name: "Latency", of: r => metric(r, "latency_ms") * 1e-3, unit: "s"},
  {name: "Energy-delay product", of: r => metric(r, "edp_pj_ms") * 1e-15, unit: "J\u00b7s"},
  {name: "Power", of: r => metric(r, "power_mw") * 1e-3, unit: "W"},
  {name: "Throughput", of: r => metric(r, "effective_tops") * 1e12, unit: "OPS"},
  {name: "Efficiency", of: r => metric(r, "tops_per_w"), text: v => `${digits(v, 4, true)} TOPS/W`},
  {name: "Area", of: r => r.area, text: v => `${digits(v, 4, true)} mm\u00b2`},
];
const STACKS = [
  {name: "Cycles, by cause", key: "cycles", names: data.causes, of: cycles, text: count, whole: cycles, part: count},
  {name: "Energy, by part", key: "energy", names: data.parts, of: joules, unit: "J", whole: energy, part: picojoules},
];
function bars(what) {
  const longest = most(results.map(what.of)), text = what.text || (v => si(v, what.unit));
  return el("div", {}, el("h3", {}, what.name), what.key && legend(used(results, what.key, what.names)), results.map(r => {
    const scale = what.of(r) > 0 ? r[what.key || "metrics"].reduce((sum, v) => sum + v, 0) * longest / what.of(r) : 1;
    const bar = what.key ? stack(r[what.key], what.names, scale) : stack([what.of(r)], ["accent"], longest);
    const row = el("div", {class: "bar"}, el("span", {class: "name", title: r.label}, r.label), bar,
      el("span", {class: "value"}, text(what.of(r)), " ",
        el("small", {}, r === results[0] ? "" : ratio(what.of(r), what.of(results[0])))));
    return what.key ? hint(row, () => [r.label, ...pairs(r[what.key], what.names, what.whole(r), what.part)]) : row;
  }));
}
const LAYER_FIGURES = [
  {name: "Latency", of: l => metric(l, "latency_ms") * 1e-3, text: v => si(v, "s", 3)},
  {name: "Cycles", of: l => metric(l, "cycles"), text: count},
  {name: "Energy", of: joules, text: v => si(v, "J", 3)},
  {name: "Energy-delay product", of: l => metric(l, "edp_pj_ms") * 1e-15, text: v => si(v, "J\u00b7s", 3)},
  {name: "DRAM traffic", of: traffic, text: v => si(v, "B", 3)},
];
function compareLayers() {
  const what = LAYER_FIGURES[$("compare-what").value], box = $("compare-layers");
  const byName = results.map(r => new Map(r.layers.map(l => [l.name, l])));
  const rows = results[0].layers.filter(l => byName.some((names, i) => i > 0 && names.has(l.name)));
  if (rows.length === 0)
    return box.replaceChildren(el("p", {class: "faint"}, "No layer of the first result has one of the same name in another."));
  const cell = (layer, first, i) => {
    if (!layer) return el("td", {}, "\u2013");
    const by = what.of(first) > 0 ? what.of(layer) / what.of(first) : 0;
    return el("td", {class: i === 0 || by === 0 ? "" : by < 0.995 ? "better" : by > 1.005 ? "worse" : ""},
      i === 0 || by === 0 ? what.text(what.of(layer)) : ratio(by, 1));
  };
  const line = l => el("tr", {}, el("th", {scope: "row"}, l.name), byName.map((names, i) => cell(names.get(l.name), l, i)));
  box.replaceChildren(
    scrollTable(`${what.name} by layer`, ["Layer", ...results.map(r => r.label)].map(head), rows.map(line), "labels"),
    el("p", {class: "note"}, `${what.name} of the first result; of the others, times that. Layers are matched by name: ` +
      `${rows.length} of ${results[0].layers.length} have a counterpart.`));
}
function startCompare() {
  $("compare").hidden = results.length < 2;
  if (results.length < 2) return;
  const networks = [...new Set(results.map(r => r.workload))];
  if (networks.length > 1)
    $("compare-bars").append(el("p", {class: "alert"}, `The results are of different networks (${networks.join(", ")}): ` +
      "figures beside each other are of different work."));
  $("compare-bars").append(el("div", {class: "bars"}, [...STACKS, ...BARS].map(bars)));
  $("compare-what").append(...LAYER_FIGURES.map((what, i) => el("option", {value: i}, what.name)));
  $("compare-what").addEventListener("change", compareLayers);
  compareLayers();
}

// Cycles and energy by layer

const FEW = 40;
let all = false; // whether all rows are there
const busy = l => metric(l, "macs") > 0 ? metric(l, "utilization") : 2; // those off the array last
const ORDERS = [
  ["as they run", () => 0],
  ["most cycles first", (a, b) => cycles(b) - cycles(a)],
  ["most energy first", (a, b) => energy(b) - energy(a)],
  ["least utilization first", (a, b) => busy(a) - busy(b)],
];
const widthClass = bits => `w${Math.min(bits, 9)}`;
function chip(layer) {
  return el("span", {class: "chip"}, el("span", {class: `first ${widthClass(layer.a_bits)}`}, layer.a_bits),
    el("span", {class: "slices"}, layer.slices.length === 0 ? el("span", {class: "w0"}, "\u2013") :
      layer.slices.map(([channels, bits]) => {
        const part = el("span", {class: widthClass(bits)}, bits);
        part.style.flexGrow = channels;
        return part;
      })));
}
const layerHint = l => [l.name,
  ["type", l.type], ["bits", [l.a_bits, widths(l).join("+")].filter(Boolean).join(" / ")],
  ["cycles", `${count(cycles(l))}  ${percent(cycles(l), cycles(shown))}`],
  ["energy", `${si(joules(l), "J")}  ${percent(energy(l), energy(shown))}`],
  ["most cycles", word(l.bound)]];
function row(l, mostCycles, mostEnergy) {
  const name = `${l.name}: ${bitsText(l)}, ${count(cycles(l))} cycles, most of them ${word(l.bound)}, ${si(joules(l), "J")}`;
  const attributes = {type: "button", class: "row", tabindex: "-1", "aria-label": name, onclick: () => openLayer(l)};
  return el("li", {}, hint(el("button", attributes,
    el("span", {class: "name"}, l.name), chip(l),
    stack(l.cycles, data.causes, mostCycles, "cycles"),
    el("span", {class: "value cycles-value"}, count(cycles(l)), el("span", {class: "small"}, " cycles")),
    stack(l.energy, data.parts, mostEnergy, "energy"),
    el("span", {class: "value energy-value"}, si(joules(l), "J"))), () => layerHint(l)));
}
function drawRows() {
  const list = [...shown.layers].sort(ORDERS[$("order").value][1]), rows = all ? list : list.slice(0, FEW);
  const mostCycles = most(shown.layers.map(cycles)), mostEnergy = most(shown.layers.map(energy));
  $("rows").replaceChildren(...rows.map(l => row(l, mostCycles, mostEnergy)));
  if (rows.length > 0) $("rows").querySelector("button").tabIndex = 0;
  $("legend-causes").replaceChildren(legend(used([shown], "cycles", data.causes), "Cycles:"));
  $("legend-parts").replaceChildren(legend(used([shown], "energy", data.parts), "Energy:"));
  $("more").hidden = all || list.length <= FEW;
  $("more").textContent = `Show all ${list.length} layers`;
}
function startLayers() {
  $("order").append(...ORDERS.map(([name], i) => el("option", {value: i}, name)));
  $("order").addEventListener("change", drawRows);
  const everything = () => {
    if (!all) all = true, drawRows();
  };
  $("more").addEventListener("click", () => {
    everything();
    $("rows").children[Math.min(FEW, $("rows").children.length - 1)].firstChild.focus();
  });
  window.addEventListener("beforeprint", () => {
    everything();
    for (const details of document.querySelectorAll("#summary details, #sources details")) details.open = true;
  });
  rove($("rows"), "button");
}

// Bit-widths

function column(l, i, x, width) {
  const name = `${l.name}: ${bitsText(l)}`;
  const at = svg("g", {class: "column", role: "button", tabindex: i === 0 ? "0" : "-1", "aria-label": name});
  const whole = l.slices.reduce((sum, [channels]) => sum + channels, 0);
  const cell = (bits, y, height) => {
    at.append(paint(svg("rect", {x, y, width, height}), `b${Math.min(bits, 9)}`));
    if (width >= 14 && height >= 13 && bits > 0)
      at.append(svg("text", {class: widthClass(bits), x: x + width / 2, y: y + height / 2 + 4, "text-anchor": "middle"}, bits));
  };
  let y = 18;
  if (whole === 0) cell(0, y, 56);
  for (const [channels, bits] of l.slices) cell(bits, y, 56 * channels / whole), y += 56 * channels / whole;
  cell(l.a_bits, 94, 30);
  at.addEventListener("click", () => openLayer(l));
  return hint(at, () => [l.name, ["activations", `${l.a_bits} bits`], ...l.slices.map(([channels, bits]) =>
    ["weights", `${bits} bits` + (l.slices.length > 1 ? `, ${channels} channels` : "")])]);
}
function drawBits(width) {
  const step = Math.max(4.5, width / Math.max(1, shown.layers.length)), all = step * shown.layers.length;
  const root = svg("svg", {viewBox: `0 0 ${all} 126`, height: 126, role: "group", "aria-label": "Bit-widths by layer"},
    svg("text", {x: 0, y: 12}, "weights"), svg("text", {x: 0, y: 88}, "activations"),
    shown.layers.map((l, i) => column(l, i, i * step, step)));
  root.style.width = `${all}px`;
  $("strip").replaceChildren(root);
  const present = new Set(shown.layers.flatMap(l => [l.a_bits, ...widths(l)]));
  if (shown.layers.some(l => l.slices.length === 0)) present.add(0);
  const name = bits => bits === 0 ? "no weights" : bits === 1 ? "1 bit" : `${bits} bits`;
  $("legend-bits").replaceChildren(el("ul", {class: "legend"}, [...present].sort((a, b) => a - b).map(bits =>
    el("li", {}, el("span", {class: `swatch ${widthClass(bits)}`}), name(bits)))));
}

// Roofline

// Of layers on the array: operations a byte of DRAM traffic, operations a second.
function roofPoints() {
  const clock = shown.clock_mhz * 1e6;
  return shown.layers.filter(l => metric(l, "macs") > 0 && traffic(l) > 0 && metric(l, "cycles") > 0).map(layer => ({layer,
    x: 2 * metric(layer, "macs") / traffic(layer), y: 2 * metric(layer, "macs") / metric(layer, "cycles") * clock,
    share: metric(layer, "cycles") / metric(shown, "cycles")}));
}
// The peaks that layers have, each with the widths that have it.
function roofs() {
  const peaks = new Map();
  for (const l of shown.layers)
    if (l.peak > 0) {
      const own = [...new Set(widths(l))].sort((a, b) => a - b);
      const peak = l.peak * shown.clock_mhz * 1e6, name = `${l.a_bits}/${own.join("+")}`;
      peaks.set(peak, (peaks.get(peak) || new Set()).add(name));
    }
  return [...peaks].map(([peak, names]) => ({peak, names: [...names]})).sort((a, b) => b.peak - a.peak);
}
function drawRoof(width) {
  const points = roofPoints(), lines = roofs(), slope = shown.dram_bits / 8 * shown.clock_mhz * 1e6;
  const across = lines.length ? "Lines across are what the array can do at these bits (activations/weights)" :
    "This result does not tell its peaks";
  $("roofline-lead").textContent = points.length === 0 ? "No layer runs on the array." :
    "Each point is a layer on the array, larger where it takes more cycles. " + across +
    (slope > 0 ? "; the slope is what DRAM can bring." : ".");
  $("legend-bound").replaceChildren(legend(data.causes.filter(cause => points.some(p => p.layer.bound === cause))));
  if (points.length === 0) return $("roof").replaceChildren();
  const ridges = slope > 0 ? lines.map(line => line.peak / slope) : [];
  const xs = [...points.map(p => p.x), ...ridges], ys = [...points.map(p => p.y), ...lines.map(line => line.peak)];
  const ops = prefixOf(most(ys)), side = width < 600 ? 112 : 200;
  const x = {low: least(xs) / 2, high: times(most(xs), 2.5), log: true, format: v => digits(v, 2),
    label: "Operations per byte of DRAM traffic"};
  const y = {low: least(ys) / 2, high: times(most(ys), 1.6), log: true, format: v => digits(v * ops.factor, 2),
    label: `${ops.prefix}OPS reached`};
  const at = frame(width, Math.min(520, Math.max(320, width * 0.55)), x, y, "Roofline", side), room = makeRoom(at.box);
  const {box, px, py} = at, top = lines.length ? lines[0].peak : y.high;
  const from = Math.max(x.low, y.low / slope), to = Math.min(x.high, top / slope);
  if (slope > 0 && from < to) {
    const [x1, y1, x2, y2] = [px(from), py(from * slope), px(to), py(to * slope)];
    const turn = Math.atan2(y2 - y1, x2 - x1) * 180 / Math.PI, middle = `${(x1 + x2) / 2} ${(y1 + y2) / 2}`;
    at.root.append(svg("line", {class: "roof", x1, y1, x2, y2}),
      svg("text", {class: "strong", transform: `translate(${middle}) rotate(${turn})`, y: -7, "text-anchor": "middle"},
        `DRAM ${si(slope, "B/s", 3)}`));
    room.line(x1, y1, x2, y2);
    const [dx, dy] = [(x2 - x1), (y2 - y1)].map(d => d / Math.hypot(x2 - x1, y2 - y1));
    for (let k = -48; k <= 48; k += 12) // what is written along it
      room.box(around4((x1 + x2) / 2 + k * dx + 11 * dy, (y1 + y2) / 2 + k * dy - 11 * dx, 8));
  }
  for (const line of lines) {
    const x1 = px(slope > 0 ? Math.max(x.low, line.peak / slope) : x.low), yy = py(line.peak);
    at.root.append(svg("line", {class: "roof", x1, y1: yy, x2: box.right, y2: yy}));
    room.line(x1, yy, box.right, yy);
  }
  const order = [...points].sort((a, b) => b.share - a.share);
  order.forEach((p, i) => at.root.append(roofPoint(p, i, px, py)));
  at.root.append(...roofNames(lines, at, ops, side), ...pointNames(order, at, room));
  $("roof").replaceChildren(at.root);
}
// Beside the plot, each at its roof or below the one before; what would hang below the plot moves up.
function roofNames(lines, {box, py}, ops, side) {
  const narrow = side < 200, step = 14, most = Math.floor((side - 16) / 6.3);
  const few = lines.slice(0, Math.floor((box.bottom - box.top) / step));
  let y = box.top - step;
  return few.flatMap((line, i) => {
    const peak = digits(line.peak * ops.factor, narrow ? 3 : 4, true), unit = narrow ? ":" : `\u00a0${ops.prefix}OPS at`;
    const text = `${peak}${unit} ${line.names.join(", ")}`;
    const short = text.length > most ? `${text.slice(0, most - 1)}\u2026` : text;
    y = Math.min(Math.max(py(line.peak), y + step), box.bottom - (few.length - 1 - i) * step);
    return [svg("line", {class: "axis", x1: box.right + 1, y1: py(line.peak), x2: box.right + 11, y2: y}),
      svg("text", {class: "strong roof-name", x: box.right + 14, y: y + 4}, short, svg("title", {}, text))];
  });
}
const pointSize = p => 3.5 + 11 * Math.sqrt(p.share);
const around4 = (x, y, r) => ({left: x - r, top: y - r, right: x + r, bottom: y + r});

// What of a plot is taken, as sim/report/room.c has it: boxes, and lines from one point to another.
const BESIDE = [[1, 0], [-1, 0], [0.7, 0.7], [0.7, -0.7], [-0.7, 0.7], [-0.7, -0.7]];
const AWAY = [[0.94, 0.34], [0.94, -0.34], [-0.94, 0.34], [-0.94, -0.34], ...BESIDE.slice(2)];
function makeRoom(page) {
  const boxes = [], lines = [];
  const inside = (a, b) => a.left >= b.left && a.top >= b.top && a.right <= b.right && a.bottom <= b.bottom;
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const passes = (l, b) => { // of the line, clipped to the box, something is left
    let from = 0, to = 1;
    for (const [at, step, low, high] of [[l.x1, l.x2 - l.x1, b.left, b.right], [l.y1, l.y2 - l.y1, b.top, b.bottom]]) {
      if (step === 0 && (at <= low || at >= high)) return false;
      if (step === 0) continue;
      from = Math.max(from, Math.min((low - at) / step, (high - at) / step));
      to = Math.min(to, Math.max((low - at) / step, (high - at) / step));
    }
    return from < to;
  };
  const side = (l, x, y) => (l.x2 - l.x1) * (y - l.y1) - (l.y2 - l.y1) * (x - l.x1);
  const cross = (a, b) => side(a, b.x1, b.y1) * side(a, b.x2, b.y2) < 0 && side(b, a.x1, a.y1) * side(b, a.x2, a.y2) < 0;
  const free = b => inside(b, page) && !boxes.some(other => meet(b, other)) && !lines.some(l => passes(l, b));
  const clear = l => !boxes.some(b => !inside(around4(l.x1, l.y1, 0), b) && passes(l, b)) &&
    !lines.some(other => other.leader && cross(other, l));
  return {
    box: b => boxes.push(b),
    line: (x1, y1, x2, y2) => lines.push({x1, y1, x2, y2}),
    // Where a name finds room at a point: its box, whether that is to the right, and a leader to it when it is far.
    near(x, y, r, width) {
      for (let away = r + 3; away < r + 120; away += 13)
        for (const [dx, dy] of away > r + 3 ? AWAY : BESIDE) {
          const l = {x1: x, y1: y, x2: x + away * dx, y2: y + away * dy, leader: true}, far = away > r + 3;
          const left = l.x2 + (dx > 0 ? 2 : -2 - width), at = {left, top: l.y2 - 7, right: left + width, bottom: l.y2 + 6};
          if (!free(at) || far && !clear(l)) continue;
          boxes.push(at);
          if (far) lines.push(l);
          return {at, right: dx > 0, leader: far ? l : null};
        }
      return null;
    },
  };
}
// Those that take most cycles first; of points in one place the first, with how many others there are.
function pointNames(order, {px, py}, room) {
  const all = order.map(p => ({name: p.layer.name, x: px(p.x), y: py(p.y), r: pointSize(p)})), named = [];
  const near = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) < 1.5;
  for (const a of all) room.box(around4(a.x, a.y, a.r));
  return all.slice(0, 200).flatMap((a, i) => {
    if (named.some(b => near(a, b))) return [];
    named.push(a);
    const others = all.slice(i + 1).filter(b => near(a, b)).length, text = a.name + (others ? ` +${others}` : "");
    const found = text.length <= 48 ? room.near(a.x, a.y, a.r, text.length * 6.4) : null;
    if (!found) return [];
    const {at, right, leader: l} = found, part = l ? a.r / Math.hypot(l.x2 - a.x, l.y2 - a.y) : 0;
    const name = svg("text", {class: "named point-name", x: right ? at.left : at.right, y: at.bottom - 2,
      "text-anchor": right ? "start" : "end"}, text);
    const edge = {x1: a.x + part * (l ? l.x2 - a.x : 0), y1: a.y + part * (l ? l.y2 - a.y : 0)};
    return l ? [svg("line", {class: "axis named", ...edge, x2: l.x2, y2: l.y2}), name] : [name];
  });
}
function roofPoint(p, i, px, py) {
  const name = `${p.layer.name}: ${digits(p.x, 3)} operations per byte, ${si(p.y, "operations per second", 3)}`;
  const r = pointSize(p);
  const spot = paint(svg("circle", {class: "point", cx: px(p.x), cy: py(p.y), r, "fill-opacity": 0.85, role: "button",
    tabindex: i === 0 ? "0" : "-1", "aria-label": name}), p.layer.bound);
  spot.addEventListener("click", () => openLayer(p.layer));
  return hint(spot, () => [p.layer.name, ["operations per byte", digits(p.x, 3)], ["reached", si(p.y, "OPS", 3)],
    ...(p.layer.peak > 0 ? [["peak at its bits", si(p.layer.peak * shown.clock_mhz * 1e6, "OPS", 3)]] : []),
    ["of all cycles", percent(p.share, 1)], ["most cycles", word(p.layer.bound)]]);
}

// A layer

function partsTable(name, values, names, whole, text) {
  const swatch = i => paint(el("span", {class: "swatch"}), names[i]);
  const line = (value, i) => el("tr", {}, el("th", {scope: "row"}, swatch(i), word(names[i])),
    el("td", {}, text(value)), el("td", {}, percent(value, whole)));
  return el("table", {class: "parts"}, el("caption", {class: "hidden"}, name),
    el("tbody", {}, values.map((value, i) => value > 0 ? line(value, i) : null)));
}
const listOf = rows =>
  el("dl", {class: "values"}, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
function layerFigures(l) {
  return [["Multiply-accumulates", si(metric(l, "macs"), "MAC")], ["Latency", si(metric(l, "latency_ms") * 1e-3, "s")],
    ["Power", si(metric(l, "power_mw") * 1e-3, "W")], ["Utilization", percent(metric(l, "utilization"), 1)],
    ["Throughput", si(metric(l, "effective_tops") * 1e12, "OPS")], ["Weights", si(metric(l, "weight_bytes"), "B")],
    ["DRAM, read", si(metric(l, "dram_read_bits") / 8, "B")], ["DRAM, written", si(metric(l, "dram_write_bits") / 8, "B")],
    ...(l.accumulator > 0 ? [["Accumulator, worst case", `${l.accumulator} bits${l.overflow ? ": may overflow" : ""}`]] : []),
    ["Stays on chip", [l.input_kept && "input", l.output_kept && "output"].filter(Boolean).join(", ") || "nothing"]];
}

const tileOf = (run, d) => run.tile[d] || (run.size ? run.size[d] : 0);
function loops(run) {
  return run.order.map(d => ({name: data.dims[d], tile: tileOf(run, d), size: run.size ? run.size[d] : 0}))
    .filter(loop => run.size ? loop.tile < loop.size : loop.tile > 0);
}
function buffers(run) {
  const line = (name, used, room) => el("div", {class: "fill"}, el("span", {}, name),
    svg("svg", WIDE, paint(svg("rect", {width: 1000 * Math.min(1, used / room), height: 10}), `${name}_buffer`)),
    el("span", {class: "value"}, `${si(used / 8, "B", 3)} of ${si(room / 8, "B", 3)}, ${percent(used, room)}`));
  return data.buffers.map((name, i) => run.room[i] > 0 && run.used[i] > 0 ? line(name, run.used[i], run.room[i]) : null);
}
// How many of what a role carries a tile has.
function carried(run, role) {
  const tile = Object.fromEntries(data.dims.map((name, d) => [name, tileOf(run, d)]));
  const taps = run.kernel ? run.kernel[0] * run.kernel[1] : 0;
  return {oc: tile.oc, pixel: tile.batch * tile.oh * tile.ow, ic: tile.ic, k_ic: tile.ic * taps}[role];
}
function arrayPicture(run) {
  const [rows, cols] = shown.array.map(n => Math.min(n, 16)), step = 100 / Math.max(rows, cols), cells = [];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < cols; c++)
      cells.push(svg("rect", {class: "cell", x: 14 + c * step, y: 14 + r * step, width: step - 1, height: step - 1}));
  const shape = {viewBox: `0 0 ${16 + cols * step} ${16 + rows * step}`, "aria-hidden": "true"};
  return svg("svg", shape, cells, svg("text", {class: "tiny", x: 14, y: 10}, `${shown.array[1]} columns`),
    svg("text", {class: "tiny", x: -(14 + rows * step), y: 9, transform: "rotate(-90)"}, `${shown.array[0]} rows`));
}
function arrayBlock(run) {
  const names = ["Rows", "Columns", "Lanes of a PE"], roles = [run.rows, run.cols, run.lanes];
  const words = roles.map((role, i) => {
    const many = carried(run, role), at = shown.array[i];
    const parts = many > 0 && at > 0 && i < 2 ? `: ${count(many)} of a tile, ${count(Math.min(many, at))} at a time` : "";
    return el("p", {}, el("b", {}, names[i]), ` carry ${word(role)}${parts}`);
  });
  return el("div", {class: "nest array"}, el("code", {}, "array"), shown.array.length ?
    el("div", {class: "array-picture"}, arrayPicture(run), el("div", {}, words)) : words);
}
// Loops over tiles from outside in, the tile in its buffers, what the array carries.
function nest(run) {
  const sizes = data.dims.map((name, d) => tileOf(run, d) > 1 ? `${name} ${count(tileOf(run, d))}` : null).filter(Boolean);
  const kernel = run.kernel && run.kernel[0] * run.kernel[1] > 1 ? `, kernel ${run.kernel.join(" \u00d7 ")}` : "";
  const inside = el("div", {class: "nest tile"}, el("code", {}, `tile: ${sizes.join(" \u00d7 ") || "one element"}${kernel}`),
    run.room && buffers(run), run.rows ? arrayBlock(run) : el("p", {}, "Runs on the vector unit."));
  const text = loop => loop.size ? `for ${loop.name} in 0..${count(loop.size)} step ${count(loop.tile)}` :
    `for ${loop.name} step ${count(loop.tile)}`;
  return loops(run).reverse().reduce((inner, loop) => el("div", {class: "nest"},
    loop.size ? el("span", {class: "count"}, `${count(Math.ceil(loop.size / loop.tile))} tiles`) : null,
    el("code", {}, text(loop)), inner), inside);
}
// Two dimensions cut into tiles, the first of them filled.
function cut(run, down, across) {
  const [rows, cols] = [down, across].map(name => data.dims.indexOf(name)), [height, width] = [run.size[rows], run.size[cols]];
  const long = Math.max(height, width), w = Math.max(10, 100 * width / long), h = Math.max(10, 100 * height / long);
  const lines = (size, tile, whole, line) =>
    Array.from({length: Math.min(49, Math.ceil(size / tile) - 1)}, (_, i) => (i + 1) * tile * whole / size)
      .filter((_, i, list) => list.length < 49)
      .map(line);
  const [th, tw] = [tileOf(run, rows), tileOf(run, cols)];
  return el("figure", {},
    svg("svg", {viewBox: `-1 -1 ${w + 2} ${h + 2}`, width: w + 2, height: h + 2, "aria-hidden": "true"},
      svg("rect", {class: "cell", width: w, height: h}),
      svg("rect", {class: "first", width: w * Math.min(1, tw / width), height: h * Math.min(1, th / height)}),
      lines(height, th, h, y => svg("line", {class: "axis", x1: 0, x2: w, y1: y, y2: y})),
      lines(width, tw, w, x => svg("line", {class: "axis", x1: x, x2: x, y1: 0, y2: h}))),
    el("figcaption", {}, `${down} ${count(height)} by ${count(th)}`, el("br"), `${across} ${count(width)} by ${count(tw)}`));
}
function cuts(run) {
  const large = (...names) => names.some(name => run.size[data.dims.indexOf(name)] > 1);
  return el("div", {class: "cuts"}, large("oh", "ow") ? cut(run, "oh", "ow") : null,
    large("oc", "ic") ? cut(run, "oc", "ic") : null, large("group", "batch") ? cut(run, "group", "batch") : null);
}
function runBlock(run, i, layer) {
  const tiles = run.size ? loops(run).reduce((n, loop) => n * Math.ceil(loop.size / loop.tile), 1) : 0;
  const name = layer.runs.length > 1 ? `Run ${i + 1}: ` : "";
  const title = `${name}${count(run.channels)} channels${run.w_bits ? ` at ${run.w_bits}-bit weights` : ""}` +
    (tiles ? `, ${count(tiles)} ${tiles === 1 ? "tile" : "tiles"}` : "") + (run.padded ? ", edge tiles padded" : "");
  return el("div", {class: "run"}, el("h3", {}, title), el("div", {class: "mapping"}, nest(run), run.size && cuts(run)));
}
function openLayer(l) {
  const at = shown.layers.indexOf(l), of = results.length > 1 ? `; ${shown.label}` : "";
  $("layer-name").textContent = l.name;
  $("layer-about").textContent = `${l.type}, ${bitsText(l)}; layer ${at + 1} of ${shown.layers.length}${of}`;
  $("layer-body").replaceChildren(
    el("div", {class: "pair"},
      el("div", {}, el("h3", {}, `${count(cycles(l))} cycles, ${percent(cycles(l), cycles(shown))} of all`),
        stack(l.cycles, data.causes, cycles(l)), partsTable("Cycles by cause", l.cycles, data.causes, cycles(l), count)),
      el("div", {}, el("h3", {}, `${si(joules(l), "J")}, ${percent(energy(l), energy(shown))} of all`),
        stack(l.energy, data.parts, energy(l)), partsTable("Energy by part", l.energy, data.parts, energy(l), picojoules))),
    el("h3", {}, "Figures"), listOf(layerFigures(l)), el("h3", {}, "Mapping"),
    l.runs.length === 0 ? el("p", {class: "faint"}, "The layer moves nothing.") : "",
    ...l.runs.map((run, i) => runBlock(run, i, l)));
  $("before").disabled = at === 0;
  $("after").disabled = at === shown.layers.length - 1;
  $("layer").dataset.at = at;
  $("tip").hidden = true;
  if (!$("layer").open) $("layer").showModal();
  $("layer-body").scrollTop = 0;
}
function startLayer() {
  const step = by => { const l = shown.layers[Number($("layer").dataset.at) + by]; if (l) openLayer(l); };
  $("before").addEventListener("click", () => step(-1));
  $("after").addEventListener("click", () => step(1));
  $("close").addEventListener("click", () => $("layer").close());
  $("layer").addEventListener("click", event => { if (event.target === $("layer")) $("layer").close(); });
  $("layer").addEventListener("keydown", event => {
    if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "ArrowRight") step(1);
  });
}

// Designs

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

// The page

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
})();
