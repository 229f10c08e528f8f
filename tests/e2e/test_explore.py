# SPDX-License-Identifier: Apache-2.0
"""mpsim explore: what the store holds is what `run` says, whatever the threads, the shards and the interruptions."""
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from program import MPSIM, SOURCE, call

import tap

ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}
CLEAN = {**{k: v for k, v in os.environ.items() if not k.startswith(("MPSIM", "CMOCKA", "MESON"))}, "LC_ALL": "C.UTF-8", **ENV}
KILLS = int(os.environ.get("MPSIM_KILLS", "25"))

AXES = [
    {"path": "/array/rows", "values": [4, 8, 16]},
    {"path": "/array/cols", "from": 4, "to": 12, "step": 4},
    {"path": "/buffers/input/size_bytes", "powers_of_two": [16384, 65536]},
    {"paths": ["/dram/bits_per_cycle", "/dram/latency_cycles"], "values": [[32, 40], [128, 80]]},
    {"path": "/buffers/input/width_bits", "equals": "array_rows * array_pe_lanes * 8"},
]
SPACE = {"name": "small", "archs": ["bitserial_4x4"], "axes": AXES, "networks": [{"plan": "resnet8_mixed"}],
         "objectives": ["latency_ms", "energy_pj", "area_mm2"]}
POINTS = 3 * 3 * 3 * 2


def front(rows):
    """Of vectors, all minimised."""
    return {a for a in rows if not any(all(x <= y for x, y in zip(b, a)) and b != a for b in rows)}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def space(self, file="space.json", **changes):
        (self.folder / file).write_text(json.dumps({**SPACE, **changes}))
        return file

    def mpsim(self, *args, **more):
        return call(MPSIM, *args, env=ENV, cwd=self.folder, **more)

    def good(self, *args, status=0, stderr="", **more):
        run = self.mpsim(*args, **more)
        self.assertEqual((run.returncode, run.stderr), (status, stderr), args)
        return run.stdout

    def explore(self, space, store, *more, **how):
        return json.loads(self.good("explore", "--space", space, "--store", store, "--json", *more, **how))

    def dump(self, store):
        return self.good("query", "--store", store, "--dump")

    def sql(self, store, query):
        with sqlite3.connect(self.folder / store) as db:
            return db.execute(query).fetchall()


class Results(Case):
    def test_rows_are_what_run_says(self):
        self.explore(self.space(), "s.db")
        self.assertEqual(self.sql("s.db", "SELECT count(*), count(DISTINCT design) FROM result"), [(POINTS, POINTS)])
        base = json.loads((SOURCE / "configs/arch/bitserial_4x4.json").read_text())
        rows = self.sql("s.db", "SELECT d.axis_values, d.area_mm2, r.cycles, r.energy_pj, r.latency_ms, r.weight_bytes, "
                                "r.cycles_stall_dram, r.energy_pj_leakage FROM design d JOIN result r USING (design)")
        for row in random.Random(1).sample(rows, 6):
            for path, value in json.loads(row[0]).items():
                at, keys = base, path[1:].split("/")
                for key in keys[:-1]:
                    at = at[key]
                at[keys[-1]] = value
            (self.folder / "a.json").write_text(json.dumps(base))
            t = json.loads(self.good("run", "--arch", "a.json", "--plan", "resnet8_mixed", "--json"))["totals"]
            self.assertEqual(row[1:], (t["area_mm2"], t["cycles"], t["energy_pj"], t["latency_ms"], t["weight_bytes"],
                                       t["cycles_by"]["stall_dram"], t["energy_pj_by"]["leakage"]))

    def test_figures_of_the_event_engine(self):
        drams = [{"kind": "banked", "preset": "lpddr4_3200", "channels": n} for n in (1, 2)]
        base = json.loads((SOURCE / "configs/arch/bitserial_4x4.json").read_text())
        self.explore(self.space(axes=[{"path": "/dram", "values": drams}]), "s.db")
        self.explore(self.space(axes=[{"path": "/dram", "values": drams}], engine="event"), "s.db") # the same store
        for engine in ("analytic", "event"):
            runs = []
            for dram in drams:
                (self.folder / "a.json").write_text(json.dumps({**base, "dram": dram}))
                t = json.loads(self.good("run", "--arch", "a.json", "--plan", "resnet8_mixed", "--engine", engine, "--json"))["totals"]
                runs.append((t["cycles"], t["energy_pj"]))
            rows = self.sql("s.db", "SELECT r.cycles, r.energy_pj FROM sweep s JOIN point p USING (sweep) JOIN sweep_network n USING "
                                    "(sweep) JOIN result r ON r.design = p.design AND r.network = n.network WHERE "
                                    f"json_extract(s.space, '$.engine') IS {repr('event') if engine == 'event' else 'NULL'} "
                                    "ORDER BY p.position")
            self.assertEqual(rows, runs, engine)

    def test_threads_do_not_matter(self):
        for how in ({}, {"prune": True}, {"sampler": {"kind": "nsga2", "points": 30, "population": 8}},
                    {"sampler": {"kind": "halton", "points": 20}}, {"sampler": {"kind": "random", "points": 20}}):
            with self.subTest(how):
                for path in self.folder.glob("*.db"):
                    path.unlink()
                space = self.space(**how)
                self.explore(space, "one.db", "--jobs", 1)
                self.explore(space, "three.db", "--jobs", 3)
                self.assertEqual(self.dump("one.db"), self.dump("three.db"))

    def test_shards_merge_to_the_whole(self):
        space = self.space()
        self.explore(space, "whole.db")
        for i in range(5):
            said = self.explore(space, f"{i}.db", "--shard", f"{i}/5")
            self.assertIn(said["visited"], (POINTS // 5, POINTS // 5 + 1))
        self.good("merge", "-o", "merged.db", *(f"{i}.db" for i in range(5)))
        self.assertEqual(self.dump("whole.db"), self.dump("merged.db"))

    def test_pruning_keeps_the_front(self):
        axes = [*AXES, {"path": "/buffers/weight/size_bytes", "powers_of_two": [4096, 65536]}, {"path": "/array/pe/lanes", "values": [2, 4, 8]}]
        self.explore(self.space(axes=axes), "full.db")
        said = self.explore(self.space("pruned.json", prune=True, axes=axes), "pruned.db")
        query = ("SELECT r.latency_ms, r.energy_pj, d.area_mm2 FROM point p JOIN design d USING (design) "
                 "JOIN result r USING (design) WHERE p.status = 'evaluated'")
        full, pruned = self.sql("full.db", query), self.sql("pruned.db", query)
        self.assertEqual(front(full), front(pruned))
        self.assertEqual(len(full), 15 * POINTS)
        self.assertEqual(len(pruned) + said["pruned"], 15 * POINTS)
        self.assertGreater(said["pruned"], 0)

    def test_pruning_keeps_ties_and_heeds_constraints(self):
        """More than a generation, two networks, sums and products of them; an axis that changes nothing makes ties; what is best
        breaks a constraint on figures, and beats nobody."""
        axes = [{"path": "/array/rows", "values": [1, 2, 4, 8]}, {"path": "/array/cols", "values": [1, 2, 4, 8]},
                {"path": "/dram/bits_per_cycle", "values": [16, 32, 64]}, {"path": "/vector_unit/lanes", "values": [1, 4]},
                {"path": "/keep_on_chip", "values": [False, True]}, {"path": "/clock_mhz", "values": [250, 500]},
                {"path": "/array/weight_shadow", "values": [False, True]}]
        networks = [{"plan": "glyphs_mixed", "weight": 3}, {"workload": "glyphs", "w_bits": 8, "a_bits": 4}]
        for objectives in (["latency_ms", "energy_pj", "area_mm2"], ["edp_pj_ms", "area_mm2"], ["cycles"]):
            how = {"axes": axes, "networks": networks, "objectives": objectives, "constraints": ["latency_ms > 0.5"]}
            for store in ("full.db", "pruned.db"):
                (self.folder / store).unlink(missing_ok=True)
            self.explore(self.space(**how), "full.db")
            said = self.explore(self.space(**how, prune=True), "pruned.db")
            fronts = [self.front_of(store, objectives) for store in ("full.db", "pruned.db")]
            self.assertEqual(fronts[0], fronts[1])
            self.assertGreater(said["pruned"], 0)
            self.assertGreater(said["excluded"], 0)
            self.assertGreater(len(fronts[0]), len(set(fronts[0].values())), "no ties")

    def front_of(self, store, objectives):
        """Vectors of the front's points, by position."""
        def figures(ms, pj, area, cycles):
            return {"latency_ms": ms, "energy_pj": pj, "area_mm2": area, "cycles": cycles, "edp_pj_ms": ms * pj}
        rows = self.sql(store, "SELECT p.position, sum(weight * latency_ms), sum(weight * energy_pj), area_mm2, sum(weight * cycles) "
                               "FROM point p JOIN design USING (design) JOIN result USING (design) "
                               "JOIN sweep_network USING (network) WHERE status = 'evaluated' GROUP BY p.position")
        vectors = {row[0]: tuple(figures(*row[1:])[o] for o in objectives) for row in rows}
        best = front(set(vectors.values()))
        return {position: v for position, v in vectors.items() if v in best}

    def test_samples_have_no_design_twice(self):
        for kind in ("random", "halton", "nsga2"):
            sampler = {"kind": kind, "points": 40, "population": 10} if kind == "nsga2" else {"kind": kind, "points": 40}
            said = self.explore(self.space(sampler=sampler, name=kind), f"{kind}.db")
            self.assertEqual(said["visited"], 40)
            self.assertEqual(self.sql(f"{kind}.db", "SELECT count(DISTINCT design) FROM point"), [(40,)])
            all_of = self.explore(self.space(sampler={**sampler, "points": 1000}, name=kind), f"{kind}-all.db")
            self.assertEqual(all_of["visited"], POINTS)

    def test_sweeps_share_a_store(self):
        self.explore(self.space(), "s.db")
        said = self.explore(self.space("other.json", name="other", sampler={"kind": "random", "points": 10}), "s.db")
        self.assertEqual((said["evaluated"], said["reused"]), (10, 10))
        self.assertEqual(self.sql("s.db", "SELECT count(*) FROM result"), [(POINTS,)])

    def test_names_of_networks_do_not_collide(self):
        """One network under two names, from two folders: a store takes both sweeps, with the rows that each has alone."""
        self.explore(self.space("a.json", name="a"), "s.db")
        (self.folder / "other").mkdir()
        (self.folder / "other/plan.json").write_text((SOURCE / "configs/plans/resnet8_mixed.json").read_text().replace(
            "../workloads/resnet8.json", str(SOURCE / "configs/workloads/resnet8.json")))
        b = self.space("other/b.json", name="b", networks=[{"plan": "plan.json", "name": "mine"}])
        self.assertEqual(self.explore(b, "s.db")["evaluated"], POINTS)
        self.explore(b, "alone.db")
        figures = ("SELECT r.* FROM result r JOIN network n USING (network) WHERE n.name = 'mine' ORDER BY design")
        self.assertEqual(self.sql("s.db", figures), self.sql("alone.db", figures))
        plans = self.sql("s.db", "SELECT plan FROM network")
        self.assertEqual(plans[0], plans[1])

    def test_where_files_lie_does_not_matter(self):
        for folder in ("one", "two/three"):
            at = self.folder / folder
            (at / "tech").mkdir(parents=True)
            for tech in (SOURCE / "configs/tech").glob("cmos45_*.json"):
                (at / "tech" / f"my_{tech.name}").write_text(tech.read_text().replace("cmos45", "my_cmos45"))
            arch = json.loads((SOURCE / "configs/arch/bitserial_4x4.json").read_text())
            (at / "a.json").write_text(json.dumps({**arch, "tech": "./tech/my_cmos45_hp.json"}))
            axes = [{"path": "/tech", "values": ["tech/my_cmos45_lstp.json", "./tech/my_cmos45_hp.json", "cmos45_hp"]}]
            self.space(f"{folder}/s.json", archs=["a.json"], axes=axes)
        self.explore("one/s.json", "one.db")
        call(MPSIM, "explore", "--space", "s.json", "--store", "../../two.db", env=ENV, cwd=self.folder / "two/three")
        self.assertEqual(self.dump("one.db"), self.dump("two.db"))
        rows = dict(self.sql("one.db", "SELECT axis_values, energy_pj FROM result JOIN design USING (design)"))
        self.assertEqual(len(rows), 3)
        self.assertEqual(rows['{"/tech": "my_cmos45_hp"}'], rows['{"/tech": "cmos45_hp"}'])
        self.assertNotEqual(rows['{"/tech": "my_cmos45_lstp"}'], rows['{"/tech": "cmos45_hp"}'])

    def test_shards_share_a_store(self):
        for how in ({}, {"sampler": {"kind": "halton", "points": 31}}):
            space = self.space(name=f"shared{len(how)}", **how)
            for i in range(3):
                self.assertEqual(self.explore(space, "s.db", "--shard", f"{i}/3")["resumed"], 0)
            run = self.mpsim("explore", "--space", space, "--store", "s.db", "--shard", "1/3")
            self.assertEqual(run.returncode, 1)
            self.assertRegex(run.stderr, r"^s\.db: has 1[018] designs of this sweep already: --resume goes on with it\n$")
            said = self.explore(space, "s.db", "--resume")
            self.assertEqual((said["visited"], said["resumed"]), (31 if how else POINTS,) * 2)

    def test_a_complete_sweep_has_nothing_to_do(self):
        for how in ({}, {"prune": True}, {"sampler": {"kind": "nsga2", "points": 30, "population": 8}}):
            space = self.space(**how, constraints=["array_rows > 4", "latency_ms < 4"])
            (self.folder / "s.db").unlink(missing_ok=True)
            first = self.explore(space, "s.db")
            before = self.dump("s.db")
            again = self.explore(space, "s.db", "--resume")
            self.assertEqual(again, {**first, "resumed": first["visited"], "seconds": again["seconds"]})
            self.assertEqual(first["visited"], sum(first[k] for k in ("evaluated", "pruned", "excluded", "invalid")))
            self.assertEqual(self.dump("s.db"), before)

    def test_seeds(self):
        space = self.space(sampler={"kind": "random", "points": 12, "seed": 0})
        kept = {seed: (self.explore(space, f"{seed}.db", "--seed", seed), self.dump(f"{seed}.db"))[1] for seed in (0, 1, 2)}
        self.assertEqual(len(set(kept.values())), 3)
        self.explore(space, "space.db")
        self.assertEqual(self.dump("space.db"), kept[0])

    def test_dry_runs_write_nothing(self):
        said = json.loads(self.good("explore", "--space", self.space(), "--dry-run", "--json", "--store", "s.db"))
        self.assertEqual((said["designs"], said["visits"], said["visited"], said["complete"]), (POINTS, POINTS, 0, False))
        self.assertIn(f"{POINTS} designs of 1 accelerator, 1 network", self.good("explore", "--space", "space.json", "--dry-run"))
        self.assertFalse((self.folder / "s.db").exists())

    def test_dry_runs_try_the_designs(self):
        """What a sweep finds without figures: as many excluded and invalid, and the same first reason."""
        how = {"axes": [{"path": "/array/rows", "values": [0, 4, 8, 16]}, {"path": "/array/cols", "values": [4, 5, 8, 0]}],
               "constraints": ["array_rows <> 8", "array_cols < 8", "array_rows = 16 OR array_cols = 4"]}
        for sampler in ({"kind": "grid"}, {"kind": "halton", "points": 11}, {"kind": "random", "points": 12}):
            with self.subTest(sampler):
                space = self.space(**how, sampler=sampler, name=sampler["kind"])
                swept = self.explore(space, f"{sampler['kind']}.db")
                for jobs in (1, 3):
                    tried = json.loads(self.good("explore", "--space", space, "--dry-run", "--json", "--jobs", jobs))
                    self.assertEqual((tried["tried"], tried["visited"]), (swept["visited"], 0))
                    for key in ("excluded", "excluded_by", "invalid", "first_invalid"):
                        self.assertEqual(tried[key], swept[key])
        self.assertEqual(self.good("explore", "--space", self.space(**how), "--dry-run").split("visits 16\n")[1],
                         "16 tried, none evaluated: 6 excluded by constraints over keys and area, 7 invalid\n"
                         "excluded: 3 array_rows <> 8, 2 array_cols < 8, 1 array_rows = 16 OR array_cols = 4\n"
                         "the first that is invalid: bitserial_4x4: /array/rows: must be an integer 1..4096 (got 0)\n")
        self.assertIn("\nnot tried: which designs nsga2 visits follows from figures\n",
                      self.good("explore", "--space", self.space(), "--dry-run", "--sampler", "nsga2"))
        many = self.space(axes=[{"path": f"/array/{k}", "from": 1, "to": 400} for k in ("rows", "cols")])
        self.assertTrue(self.good("explore", "--space", many, "--dry-run").endswith("\nnot tried: more than 100000 designs\n"))
        self.assertNotIn("not tried", self.good("explore", "--space", many, "--dry-run", "--shard", "5/1000"))

    def test_the_hint_names_a_sweep_of_several(self):
        hint = "mpsim front --store s.db shows the front\n"
        self.assertTrue(self.good("explore", "--space", self.space(), "--store", "s.db").endswith(hint))
        other = self.space(name="other", constraints=["array_rows < 8"])
        said = self.good("explore", "--space", other, "--store", "s.db").splitlines()[-1]
        key, = (f"{k % 2 ** 64:016x}" for (k,) in self.sql("s.db", "SELECT sweep FROM sweep WHERE name = 'other'"))
        self.assertEqual(said, f"mpsim front --store s.db --sweep {key} shows the front")
        self.good(*said.split(" shows")[0].split()[1:])

    def test_no_design_is_left(self):
        for space, left in ((self.space("a.json", name="a", constraints=["array_rows > 99"]), f"{POINTS} are excluded by constraints"),
                            (self.space("b.json", name="b", axes=[{"path": "/array/rows", "values": [0]}]), "1 is invalid"),
                            (self.space("c.json", name="c", axes=[{"path": "/array/rows", "values": [0, 4]}],
                                        constraints=["latency_ms < 0"]), "1 is excluded by constraints, 1 is invalid")):
            said = self.good("explore", "--space", space, "--store", "s.db")
            self.assertEqual(said.splitlines()[-1], f"no design is left: {left}")

    def test_counts_by_constraint(self):
        """In the order in which they are checked: those over keys first; also of what the store had, all of it or a part."""
        rules = ["latency_ms < 1e9 AND array_cols > 4", "array_rows > 4", "array_rows < 99"]
        want = [{"constraint": c, "designs": n} for c, n in zip(rules, (12, 18, 0))]
        space = self.space(constraints=rules)
        self.assertEqual(self.explore(space, "s.db")["excluded_by"], want)
        self.assertEqual(self.explore(space, "s.db", "--resume")["excluded_by"], want)
        self.explore(space, "part.db", "--shard", "1/3")
        self.assertEqual(self.explore(space, "part.db", "--resume")["excluded_by"], want)
        self.assertIn(f"\nexcluded: 12 {rules[0]}, 18 {rules[1]}\n", self.good("explore", "--space", space, "--store", "t.db"))

    def test_networks_are_summed_by_weight(self):
        networks = [{"plan": "resnet8_mixed", "weight": 2}, {"workload": "ds_cnn", "w_bits": 4, "a_bits": 8}]
        space = self.space(networks=networks, constraints=["latency_ms < 1e9", "cycles > 0"])
        self.explore(space, "s.db")
        self.assertEqual(self.sql("s.db", "SELECT count(*) FROM result"), [(2 * POINTS,)])

    def test_constraints_exclude(self):
        space = self.space(constraints=["array_rows * array_cols <= 64", "dram_bits_per_cycle > 32 OR energy_pj < 0"])
        said = self.explore(space, "s.db")
        kept = sum(1 for r in (4, 8, 16) for c in (4, 8, 12) if r * c <= 64) * 3
        self.assertEqual((said["evaluated"], said["excluded"]), (kept, POINTS - kept))
        # What needs no figures is excluded before it costs anything; the others have results.
        self.assertEqual(self.sql("s.db", "SELECT count(*) FROM result"), [(2 * kept,)])

    def test_technologies_that_differ_are_told(self):
        archs = ["bitserial_16x16", "bitfusion"]
        told = "  technologies differ (an axis over /tech prices all alike): bitserial_16x16 cmos45_hp, bitfusion bitfusion45\n"
        axes = [{"path": "/array/rows", "values": [8, 16]}]
        self.assertIn(told, self.good("explore", "--space", self.space(archs=archs, axes=axes), "--dry-run"))
        self.explore(self.space(archs=archs, axes=axes), "two.db")
        self.assertIn("technologies differ, energies and areas with them: bitfusion bitfusion45, bitserial_16x16 cmos45_hp\n",
                      self.good("front", "--store", "two.db"))
        self.assertIn("technologies_differ", json.loads(self.good("front", "--store", "two.db", "--json")))
        axes.append({"path": "/tech", "values": ["cmos45_hp"]})
        self.explore(self.space(archs=archs, axes=axes), "one.db")
        self.assertNotIn("technologies differ", self.good("front", "--store", "one.db"))
        self.assertNotIn("technologies differ", self.good("explore", "--space", self.space(archs=archs, axes=axes), "--dry-run"))

    def test_the_first_invalid_design_is_the_lowest(self):
        sizes = {"path": "/buffers/input/size_bytes", "values": [64, 32769, 65536]}
        said = self.good("explore", "--space", self.space(axes=[sizes]), "--store", "s.db")
        self.assertIn("\nthe first that is invalid: cmos45_lstp.json: /sram: no price for a bank of 32 B", said)

    def test_invalid_designs_are_told(self):
        axes = [{"path": "/array/rows", "values": [4, 0]}, {"path": "/buffers/weight/size_bytes", "values": [8192, 16]}]
        said = self.explore(self.space(axes=axes), "s.db")
        self.assertEqual((said["evaluated"], said["invalid"]), (1, 3))
        reasons = {r for (r,) in self.sql("s.db", "SELECT reason FROM point WHERE status = 'invalid'")}
        self.assertTrue(any("/array/rows: must be an integer 1..4096 (got 0)" in r for r in reasons), reasons)

    def test_searched_plans(self):
        harm = self.good("sensitivity", "--model", "glyphs", "--data", "glyphs", "--calibration-images", 16, "--metric", "eagl",
                         "--csv")
        (self.folder / "harm.csv").write_text(harm)
        model = str(SOURCE / "configs/models/glyphs.onnx")
        networks = [{"workload": model, "name": "searched", "search": {"harm": "harm.csv", "max_harm": "0.3x", "tie": False}}]
        space = self.space(networks=networks, objectives=["latency_ms", "harm"], sampler={"kind": "random", "points": 6})
        said = self.explore(space, "s.db")
        self.assertEqual(said["evaluated"], 6)
        for plan, harm in self.sql("s.db", "SELECT plan, harm FROM result"):
            self.assertGreater(harm, 0)
            self.assertIn("layers", json.loads(plan))
        networks[0]["search"]["max_harm"] = -1
        said = self.explore(self.space(networks=networks, objectives=["latency_ms"], name="none"), "s.db", "--points", 2,
                            "--sampler", "random")
        lowest = sum(min(float(line.split(",")[2]) for line in lines) for lines in self.by_unit())
        self.assertEqual(said["first_invalid"],
                         f'network "searched": no plan keeps the bound on harm, -1: the least is {lowest:.6g}')

    def by_unit(self):
        units = {}
        for line in (self.folder / "harm.csv").read_text().splitlines()[1:]:
            units.setdefault(line.split(",")[0], []).append(line)
        return units.values()


class Interruptions(Case):
    def start(self, space, store, *more):
        return subprocess.Popen([MPSIM, "explore", "--space", space, "--store", store, "--jobs", "2", "--resume", *more],
                                cwd=self.folder, env=CLEAN, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_killed_at_any_moment(self):
        for how in ({}, {"prune": True}, {"sampler": {"kind": "nsga2", "points": 60, "population": 12}}):
            with self.subTest(how):
                self.killed(self.space(name="kill", **how), KILLS if not how else KILLS // 4 + 1)

    def killed(self, space, kills):
        """As many kills as asked for: a sweep that was complete before they are over begins anew."""
        rng, done = random.Random(7), 0
        began = time.monotonic()
        (self.folder / "whole.db").unlink(missing_ok=True)
        self.explore(space, "whole.db")
        took = time.monotonic() - began
        want = self.dump("whole.db")
        while done < kills:
            (self.folder / "s.db").unlink(missing_ok=True)
            finished = False
            while not finished:
                child = self.start(space, "s.db")
                try:
                    child.wait(rng.uniform(0, min(took, 0.7)) if done < kills else 100)
                except subprocess.TimeoutExpired:
                    child.kill()
                    done += 1
                child.communicate()
                finished = child.returncode == 0
                self.assertIn(child.returncode, (0, -signal.SIGKILL))
            self.assertEqual(self.dump("s.db"), want)

    def test_interrupt_keeps_what_is_done(self):
        axes = [*AXES, {"path": "/clock_mhz", "values": list(range(100, 1100))}]
        space = self.space(axes=axes)
        child = self.start(space, "s.db")
        time.sleep(1.5)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        self.assertEqual((child.returncode, err), (-signal.SIGINT, ""))
        self.assertIn("interrupted: --resume goes on", out)
        (kept,), = self.sql("s.db", "SELECT count(*) FROM point")
        self.assertIn(f"{kept} visited", out)
        run = self.mpsim("explore", "--space", space, "--store", "s.db")
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"s.db: has {kept} designs of this sweep already: --resume goes on with it", run.stderr)

    def test_full_disk_keeps_what_is_done(self):
        space = self.space(axes=[*AXES, {"path": "/clock_mhz", "values": [100, 200, 300, 400, 500]}])
        run = subprocess.run([MPSIM, "explore", "--space", space, "--store", "s.db", "--jobs", "1"], cwd=self.folder, env=CLEAN,
                             capture_output=True, text=True,
                             preexec_fn=lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                                                 resource.setrlimit(resource.RLIMIT_FSIZE, (130000, 130000))))
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertRegex(run.stderr, r"^s\.db: cannot be written .*\n$")
        self.explore(space, "s.db", "--resume")
        self.explore(space, "whole.db")
        self.assertEqual(self.dump("s.db"), self.dump("whole.db"))

    def test_a_read_only_store(self):
        self.explore(self.space(), "s.db")
        if os.geteuid() == 0:
            self.skipTest("root may write anywhere")
        (self.folder / "s.db").chmod(0o444)
        run = self.mpsim("explore", "--space", "space.json", "--store", "s.db", "--resume")
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r"^mpsim: s\.db: .*\n$")

    def test_a_store_of_the_future(self):
        self.explore(self.space(), "s.db")
        with sqlite3.connect(self.folder / "s.db") as db:
            db.execute("PRAGMA user_version = 99")
        run = self.mpsim("explore", "--space", "space.json", "--store", "s.db", "--resume")
        self.assertEqual(run.returncode, 1)
        self.assertIn("99", run.stderr)


if __name__ == "__main__":
    tap.main()
