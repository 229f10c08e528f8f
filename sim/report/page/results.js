// SPDX-License-Identifier: Apache-2.0
// Results side by side, and one result's layers: cycles and energy, widths, how one runs.

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
