# SPDX-License-Identifier: Apache-2.0
"""What the studies share: calling mpsim, sweeping a space into a store and reading it, tables as Markdown and CSV."""
import argparse
import csv
import json
import math
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"


class Failed(Exception):
    pass


class Study:
    def __init__(self, name, description, arguments=None):
        parser = argparse.ArgumentParser(prog=name, description=description,
                                         formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--out", default=f"study-{name}", help="folder for tables and pictures (default: %(default)s)")
        parser.add_argument("--quick", action="store_true", help="a small part of it, in seconds: a smoke test")
        parser.add_argument("--mpsim", default=os.environ.get("MPSIM", ROOT / "build/mpsim"), help="the program")
        parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="threads (default: all processors)")
        self.o = parser.parse_args(arguments)
        self.name, self.quick = name, self.o.quick
        self.out = Path(self.o.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.page, self.began, self.evaluated = [], time.monotonic(), 0

    def call(self, *words):
        env = {**os.environ, "MPSIM_CONFIGS": str(CONFIGS)}
        run = subprocess.run([str(self.o.mpsim), *map(str, words)], capture_output=True, text=True, check=False, env=env)
        if run.returncode:
            raise Failed(f"mpsim {' '.join(map(str, words))}\n{run.stderr}")
        return run.stdout

    def run(self, *words):
        """A result as mpsim.result/1."""
        return json.loads(self.call("run", *words, "--json"))

    def explore(self, space, label=None):
        """Sweeps a space (a dict) and gives its rows: a dict for each design and network that were evaluated, with `base`,
        `values` by path, `area_mm2`, `network` and the figures."""
        label = label or space["name"]
        path, store = self.out / f"{label}.space.json", self.out / f"{label}.db"
        path.write_text(json.dumps(space, indent=1) + "\n")
        store.unlink(missing_ok=True)
        said = json.loads(self.call("explore", "--space", path, "--store", store, "--jobs", self.o.jobs, "--json"))
        if said["evaluated"] == 0 or said["invalid"]:
            raise Failed(f"{path}: {said['evaluated']} designs evaluated, {said['invalid']} invalid")
        with sqlite3.connect(store) as db:
            db.row_factory = sqlite3.Row
            rows = [dict(r) for r in db.execute("SELECT * FROM points WHERE status = 'evaluated' ORDER BY position, network")]
        for row in rows:
            row["values"] = json.loads(row["axis_values"])
        self.evaluated += len(rows)
        return rows

    def space(self, name):
        return json.loads((CONFIGS / "spaces" / f"{name}.json").read_text())

    def say(self, *lines):
        self.page += lines

    def table(self, name, head, rows, text=str):
        """A Markdown table on the page, and NAME.csv. Numbers are in full in the CSV, through `text` on the page."""
        with open(self.out / f"{name}.csv", "w", newline="", encoding="utf-8") as out:
            csv.writer(out, lineterminator="\n").writerows([head, *rows])
        self.say("", "| " + " | ".join(head) + " |", "|" + "---|" * len(head))
        self.say(*("| " + " | ".join(v if isinstance(v, str) else "" if v is None else text(v) for v in row) + " |"
                   for row in rows), "")

    def keep(self, name, head, rows):
        """A table that is too long for the page: NAME.csv alone."""
        with open(self.out / f"{name}.csv", "w", newline="", encoding="utf-8") as out:
            csv.writer(out, lineterminator="\n").writerows([head, *rows])

    def finish(self):
        (self.out / "results.md").write_text("\n".join(self.page).strip() + "\n")
        print(f"{self.name}: {self.evaluated} results in {time.monotonic() - self.began:.0f} s, tables and pictures in "
              f"{self.out}", file=sys.stderr)


def main(name, description, body):
    """Runs body(study); what fails is one line."""
    study = Study(name, description)
    try:
        body(study)
    except Failed as why:
        sys.exit(f"{name}: {why}")
    study.finish()


def axis(space, path):
    """The first axis of a path, to narrow it."""
    return next(x for x in space["axes"] if path in (x.get("path"), *x.get("paths", ())))


def geomean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values))


def digits(v, n=3):
    """n significant digits, without an exponent."""
    if isinstance(v, int):
        return f"{v:,}"
    if v == 0:
        return "0"
    places = max(0, n - 1 - math.floor(math.log10(abs(v))))
    return f"{v:,.{places}f}"


def kb(size_bytes):
    return f"{size_bytes / 1024:g}"
