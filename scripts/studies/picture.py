# SPDX-License-Identifier: Apache-2.0
"""Pictures of studies as SVG that follow the reader's light or dark mode, in the look of mpsim's own: panels with linear,
logarithmic or named axes, with curves, grouped and stacked bars, and maps of cells. Lengths are in pixels."""
import math
from xml.sax.saxutils import escape

# Contrast of marks is at least 3 on both backgrounds. Series differ by their marks as well as by colour.
LIGHT = ["#3b78b5", "#b3461e", "#3f8f5f", "#8a5bb0", "#94700a", "#566573"]
DARK = ["#6aa8e0", "#f08a5d", "#6cc18e", "#c39be0", "#e0b64a", "#a3b0bd"]
STYLE = """  <style>
    .p {{ fill: #ffffff }}
    text {{ fill: #1b2733; font-size: 11px }}
    .h {{ font-size: 17px; font-weight: bold }} .n {{ font-size: 12px; font-weight: bold }} .f {{ fill: #566573 }}
    .a {{ stroke: #566573 }} .g {{ stroke: #d9dfe5 }} .e {{ stroke: #1b2733; stroke-width: 1.5; fill: none }}
    polyline {{ fill: none; stroke-width: 1.8 }} .d {{ stroke-dasharray: 4 3 }}
    {light}
    @media (prefers-color-scheme: dark) {{
      .p {{ fill: #14181d }}
      text {{ fill: #e6ebf0 }} .f {{ fill: #a3b0bd }}
      .a {{ stroke: #a3b0bd }} .g {{ stroke: #2e3740 }} .e {{ stroke: #e6ebf0 }}
      {dark}
    }}
  </style>
"""


def series_style(colours):
    return " ".join(f".s{i} {{ fill: {c} }} .l{i} {{ stroke: {c} }}" for i, c in enumerate(colours))


def number(v):
    return f"{v:.2f}".rstrip("0").rstrip(".")


def short(v):
    """A tick's text."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(v) >= size:
            return f"{v / (1000 if unit == 'k' else size):.4g}{unit}"
    return f"{v:.4g}"


class Picture:
    def __init__(self, width, height, title, subtitle=""):
        self.width, self.height = width, height
        self.parts = []
        self.title = title
        self.text(24, 30, title, "h")
        if subtitle:
            self.text(24, 50, subtitle, "f")

    def text(self, x, y, text, kind="t", anchor="start", turn=0):
        where = f' transform="rotate({turn} {number(x)} {number(y)})"' if turn else ""
        end = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(f'<text class="{kind}" x="{number(x)}" y="{number(y)}"{end}{where}>{escape(str(text))}</text>')

    def line(self, kind, x1, y1, x2, y2):
        self.parts.append(f'<line class="{kind}" x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"/>')

    def rect(self, kind, x, y, width, height, opacity=None, title=None):
        shade = "" if opacity is None else f' fill-opacity="{number(opacity)}"'
        text = f"<title>{escape(title)}</title>" if title else ""
        self.parts.append(f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{number(width)}" '
                          f'height="{number(height)}"{shade}>{text}</rect>')

    def curve(self, kind, points):
        text = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.parts.append(f'<polyline class="{kind}" points="{text}"/>')

    def mark(self, series, x, y, size=3.6):
        """Circle, square, diamond, triangle, upended triangle, bar: by series."""
        if series % 6 == 0:
            self.parts.append(f'<circle class="s{series % 6}" cx="{number(x)}" cy="{number(y)}" r="{size}"/>')
            return
        s = size * 1.2
        shapes = {1: [(-s, -s), (s, -s), (s, s), (-s, s)], 2: [(0, -s * 1.3), (s * 1.3, 0), (0, s * 1.3), (-s * 1.3, 0)],
                  3: [(0, -s * 1.2), (s * 1.2, s), (-s * 1.2, s)], 4: [(0, s * 1.2), (s * 1.2, -s), (-s * 1.2, -s)],
                  5: [(-s * 1.4, -s * .4), (s * 1.4, -s * .4), (s * 1.4, s * .4), (-s * 1.4, s * .4)]}
        text = " ".join(f"{number(x + dx)},{number(y + dy)}" for dx, dy in shapes[series % 6])
        self.parts.append(f'<polygon class="s{series % 6}" points="{text}"/>')

    def legend(self, y, names, marks=True, x=None):
        """In a row that ends at the right edge, or begins at x."""
        widths = [24 + 6.6 * len(n) for n in names]
        x = self.width - 24 - sum(widths) if x is None else x
        for i, name in enumerate(names):
            if marks:
                self.mark(i, x + 5, y - 4)
            else:
                self.rect(f"s{i % 6}", x, y - 9, 10, 10)
            self.text(x + 14, y, name)
            x += widths[i]

    def write(self, path):
        style = STYLE.format(light=series_style(LIGHT), dark=series_style(DARK))
        with open(path, "w", encoding="utf-8") as out:
            out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(self.width)} {number(self.height)}" '
                      f'width="{number(self.width)}" height="{number(self.height)}" '
                      'font-family="Helvetica, Arial, sans-serif" role="img">\n'
                      f'  <title>{escape(self.title)}</title>\n{style}<rect class="p" width="100%" height="100%"/>\n')
            out.write("\n".join(self.parts) + "\n</svg>\n")


def linear_ticks(low, high, most=6):
    """Round values that span low to high; the last is at least high."""
    span = (high - low) or 1
    step = 10 ** math.floor(math.log10(span / most))
    step *= next(m for m in (1, 2, 5, 10) if span / (m * step) <= most)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


def log_ticks(low, high):
    """1, 2, 5 of each decade where they are few, else powers of ten; they span low to high."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    fine = [m * 10.0 ** e for e in range(first, last + 1) for m in (1, 2, 5)]
    inside = [t for t in fine if t > low / 2.6 and t < high * 2.6]
    while len(inside) > 2 and inside[1] <= low * (1 + 1e-9):
        inside.pop(0)
    while len(inside) > 2 and inside[-2] >= high * (1 - 1e-9):
        inside.pop()
    return inside if len(inside) <= 9 else [10.0 ** e for e in range(first, last + 1)]


class Panel:
    """A plot area with a vertical axis, and a horizontal one that is numeric, or has a place for each name."""

    def __init__(self, picture, x, y, width, height, title, unit, low, high, log=False):
        self.p, self.x, self.y, self.width, self.height, self.log = picture, x, y, width, height, log
        self.ticks = log_ticks(low, high) if log else linear_ticks(low, high)
        self.low, self.high = self.ticks[0], self.ticks[-1]
        picture.text(x - 40, y - 12, title, "n")
        if unit:
            picture.text(x + width, y - 12, unit, "f", "end")
        for t in self.ticks:
            at = self.at_y(t)
            picture.line("g", x, at, x + width, at)
            picture.text(x - 6, at + 4, short(t), "f", "end")

    def share(self, v, low, high, log):
        if log:
            return math.log(v / low) / math.log(high / low)
        return (v - low) / (high - low)

    def at_y(self, v):
        return self.y + self.height * (1 - self.share(v, self.low, self.high, self.log))

    def frame(self, label=""):
        self.p.line("a", self.x, self.y + self.height, self.x + self.width, self.y + self.height)
        self.p.line("a", self.x, self.y, self.x, self.y + self.height)
        if label:
            self.p.text(self.x + self.width, self.y + self.height + 32, label, "f", "end")

    def names(self, names, label=""):
        """A place on the horizontal axis for each name."""
        self.count = len(names)
        for i, name in enumerate(names):
            self.p.text(self.middle(i), self.y + self.height + 16, name, "f", "middle")
        self.frame(label)

    def numbers(self, values, label="", log=False, text=short):
        self.xlow, self.xhigh, self.xlog = min(values), max(values), log
        for v in values:
            at = self.at_x(v)
            self.p.line("g", at, self.y, at, self.y + self.height)
            self.p.text(at, self.y + self.height + 16, text(v), "f", "middle")
        self.frame(label)

    def at_x(self, v):
        return self.x + self.width * self.share(v, self.xlow, self.xhigh, self.xlog)

    def middle(self, i):
        return self.x + self.width * (i + 0.5) / self.count

    def curve(self, series, points, dashed=False):
        """(x, y) with numeric x, or the place of a name."""
        named = hasattr(self, "count")
        at = [(self.middle(x) if named else self.at_x(x), self.at_y(y)) for x, y in points]
        self.p.curve(f"l{series % 6}" + (" d" if dashed else ""), at)
        for x, y in at:
            self.p.mark(series, x, y)

    def bars(self, groups):
        """groups: a list for each name of a value a series; None: no bar."""
        step = self.width / self.count
        for g, values in enumerate(groups):
            wide = step * 0.8 / len(values)
            for s, v in enumerate(values):
                if v is None:
                    continue
                top = self.at_y(v)
                self.p.rect(f"s{s % 6}", self.x + step * (g + 0.1) + wide * s, top, wide * 0.92,
                            self.y + self.height - top, title=f"{v:.4g}")

    def stack(self, place, values, wide=0.6):
        """Bars on each other at a name's place."""
        at, step = 0.0, self.width / self.count
        for s, v in enumerate(values):
            top, bottom = self.at_y(at + v), self.at_y(at)
            self.p.rect(f"s{s % 6}", self.x + step * (place + 0.5 - wide / 2), top, step * wide, bottom - top,
                        title=f"{v:.4g}")
            at += v


def cells(picture, x, y, size, rows, cols, values, text, title="", best=()):
    """A map: a cell for each row and column, shaded by its value from 0 to 1; `best` cells are framed. size: (width, height)
    of a cell; None: no cell."""
    wide, high = size
    picture.text(x, y - 24, title, "n")
    for c, name in enumerate(cols):
        picture.text(x + wide * (c + 0.5), y - 6, name, "f", "middle")
    for r, name in enumerate(rows):
        picture.text(x - 8, y + high * (r + 0.5) + 4, name, "f", "end")
        for c in range(len(cols)):
            v = values[r][c]
            if v is None:
                continue
            picture.rect("s0", x + wide * c, y + high * r, wide - 2, high - 2, 0.04 + 0.56 * max(0.0, min(1.0, v)))
            picture.text(x + wide * (c + 0.5) - 1, y + high * (r + 0.5) + 3, text(v), "t", "middle")
    for r, c in best:
        picture.rect("e", x + wide * c + 1, y + high * r + 1, wide - 4, high - 4)
