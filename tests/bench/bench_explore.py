# SPDX-License-Identifier: Apache-2.0
"""Speed and memory of sweeps: 100,000 designs on ResNet-50, all evaluated and pruned; and what sampling a tenth of a grid finds of
its front. Fails where pruning loses a point of the front or memory grows, never by time."""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE, MPSIM = Path(os.environ["MPSIM_SOURCE"]), os.environ["MPSIM"]
MEMORY_MB = 200
FIGURES = ("SELECT r.latency_ms, r.energy_pj, d.area_mm2 FROM point p JOIN design d USING (design) JOIN result r USING (design) "
           "WHERE p.status = 'evaluated'")


def explore(folder, space, store, *more):
    """The summary, wall seconds, CPU seconds, and the largest memory in MB."""
    began = time.monotonic()
    run = subprocess.Popen([MPSIM, "explore", "--space", space, "--store", store, "--json", *more], cwd=folder,
                           stdout=subprocess.PIPE, env={**os.environ, "MPSIM_CONFIGS": str(SOURCE / "configs")})
    out = run.stdout.read()
    _, status, used = os.wait4(run.pid, 0)
    if status:
        sys.exit(f"Bail out! explore ended with {status}")
    return json.loads(out), time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def designs(folder, store):
    with sqlite3.connect(folder / store) as db:
        return db.execute(FIGURES).fetchall()


def front(points):
    """Of vectors, all minimised: sorted by the first, so that only those before a point can dominate it."""
    kept = []
    for p in sorted(set(points)):
        if not any(q[1] <= p[1] and q[2] <= p[2] for q in kept):
            kept.append(p)
    return kept


def volume(points, ideal, nadir):
    """Share of the box that three objectives' points dominate: slices along the first."""
    unit = sorted(tuple((v - lo) / (hi - lo) for v, lo, hi in zip(p, ideal, nadir)) for p in points)
    unit = [p for p in unit if all(v <= 1 for v in p)]
    total = 0
    for i, p in enumerate(unit):
        depth = (unit[i + 1][0] if i + 1 < len(unit) else 1) - p[0]
        area, least = 0, 1
        for _, y, z in sorted(unit[:i + 1], key=lambda q: q[1]):
            if z < least:
                area += (1 - y) * (least - z)
                least = z
        total += depth * area
    return total


def medium(folder):
    """A grid of 10,800 designs out of the large space."""
    space = json.loads((SOURCE / "configs/spaces/bitserial_large.json").read_text())
    space.update(name="medium", prune=False)
    for axis in space["axes"]:
        if axis.get("path", "").endswith("size_bytes") and "powers_of_two" in axis:
            low, high = axis["powers_of_two"]
            axis["powers_of_two"] = [2 * low, high // 2]
        if "paths" in axis:
            axis["values"] = axis["values"][::2]
    (folder / "medium.json").write_text(json.dumps(space))


def main():
    ok, count = True, 0

    def check(good, text):
        nonlocal ok, count
        ok, count = ok and good, count + 1
        print(f"{'ok' if good else 'not ok'} {count} - {text}", flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fronts = []
        for space in ("all.json", "bitserial_large"):
            every = json.loads((SOURCE / "configs/spaces/bitserial_large.json").read_text()) | {"prune": False}
            (folder / "all.json").write_text(json.dumps(every))
            said, wall, cpu, memory = explore(folder, space, "large.db")
            print(f"# {said['visited']:,} designs on ResNet-50, {said['evaluated']:,} evaluated, {said['pruned']:,} pruned: "
                  f"{said['visited'] / wall:,.0f} a second, {said['visited'] / cpu:,.0f} a CPU second, {memory:.0f} MB")
            check(memory < MEMORY_MB, f"at most {MEMORY_MB} MB")
            fronts.append(front(designs(folder, "large.db")))
            (folder / "large.db").unlink()
        check(fronts[0] == fronts[1], f"pruning keeps the front of {len(fronts[0])} designs")
        medium(folder)
        said, wall, cpu, memory = explore(folder, "medium.json", "full.db")
        tenth = str(said["visited"] // 10)
        print(f"# {said['visited']:,} designs, all evaluated: {said['visited'] / wall:,.0f} a second, "
              f"{said['visited'] / cpu:,.0f} a CPU second, {memory:.0f} MB")
        full = designs(folder, "full.db")
        best = front(full)
        ideal, nadir = ([f(p[k] for p in full) for k in range(3)] for f in (min, max))
        whole = volume(best, ideal, nadir)
        said, wall, cpu, memory = explore(folder, "medium.json", "pruned.db", "--prune")
        print(f"# pruned: {said['evaluated']:,} evaluated, {said['visited'] / wall:,.0f} a second, "
              f"{said['visited'] / cpu:,.0f} a CPU second")
        check(front(designs(folder, "pruned.db")) == best, f"pruning keeps the front of {len(best)} designs")
        for kind in ("random", "halton", "nsga2"):
            explore(folder, "medium.json", f"{kind}.db", "--sampler", kind, "--points", tenth)
            found = front(designs(folder, f"{kind}.db"))
            share = volume(found, ideal, nadir) / whole
            print(f"# {kind}, a tenth of the designs: {100 * share:.2f} % of the hypervolume, "
                  f"{len(set(found) & set(best))} of {len(best)} designs of the front")
            check(share > 0.9, f"{kind} finds most of it")
    print(f"1..{count}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
