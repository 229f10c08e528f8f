// SPDX-License-Identifier: Apache-2.0
// The roofline of the result that is shown.

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
