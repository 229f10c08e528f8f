// SPDX-License-Identifier: Apache-2.0
// What all of the page's pictures are made of, and the figures in #data. Texts from files reach the page only as text nodes.

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
