# SPDX-License-Identifier: Apache-2.0
"""mpsim search and mpsim sensitivity on the shipped network of glyphs: what they write is what `run`, `accuracy` and
`check` find, runs that were cut go on, and the same inputs give the same results."""
import csv
import json
import math
import os
import random
import resource
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

from program import MPSIM, SOURCE, call

import formats
import tap
from onnx_writer import graph, model, node, tensor, value

ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}
CLEAN = {**{k: v for k, v in os.environ.items() if not k.startswith(("MPSIM", "CMOCKA", "MESON"))}, "LC_ALL": "C.UTF-8", **ENV}
ARCH = "bitserial_4x4"
SETUP = ("--calibration-images", 32)
MODEL = ("--model", "glyphs", "--data", "glyphs", *SETUP, "--metric-images", 16, "--probes", 2)
SEARCH = ("search", "--arch", ARCH, *MODEL, "--images", 50, "--cost-cache", "off")
EAGL = (*SEARCH, "--metric", "eagl")
SOLVERS = ["exact", "exhaustive", "nsga2", "greedy", "bisection", "descent", "random"]
METRICS = ["eagl", "error", "noise", "hessian", "hawq", "fit", "sqnr", "loss", "accuracy"]
# Few enough choices for the exhaustive solver.
FEW = ("--link", "block1.a:w,block1.b:w,block2.a:w", "--link", "block2.b:w,block2.shortcut:w,mix:w", "--activation-bits", "4,8")


def mpsim(*args, **more):
    return call(MPSIM, *args, env=ENV, **more)


def plain(document):
    """Without what differs from run to run: times."""
    if isinstance(document, dict):
        return {key: plain(v) for key, v in document.items() if "seconds" not in key}
    return [plain(v) for v in document] if isinstance(document, list) else document


def close(a, b):
    return math.isclose(a, b, rel_tol=1e-12)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def good(self, *args, status=0, stderr=""):
        run = mpsim(*args, cwd=self.folder)
        self.assertEqual((run.returncode, run.stderr), (status, stderr), args)
        return run.stdout

    def json(self, *args, **more):
        return json.loads(self.good(*args, "--json", **more))

    def row(self, report, name):
        return next(row for row in report["plans"] if row["name"] == name)

    def holds(self, report, *run_options):
        """The plan beside the report costs and gets right what the report says."""
        found = self.row(report, "found")
        run = self.json("run", "--arch", ARCH, "--plan", "p.json", *run_options)["totals"]
        self.assertEqual([found[key] for key in ("latency_cycles", "size_bytes", "bops")],
                         [run[key] for key in ("cycles", "weight_bytes", "bops")])
        self.assertTrue(close(found["energy_pj"], run["energy_pj"]))
        self.assertEqual(found["dram_bits"], run["dram_read_bits"] + run["dram_write_bits"])
        test = self.json("accuracy", "--arch", ARCH, "--plan", "p.json", "--data", "glyphs", "--images", 50, *SETUP)
        for key in ("images", "agree", "lost", "gained", "float_accuracy", "accuracy", "difference"):
            self.assertEqual(found["test"][key], test[key], key)
        if not run_options:  # accuracy maps for latency
            self.assertEqual(test["cycles"], run["cycles"])
        self.consistent(report)

    def consistent(self, report):
        """Sums are those of the layers, the best is the found plan, shares are of counts."""
        found = self.row(report, "found")
        for name, key in (("found", "found"), ("uniform 8", "uniform_8")):
            row = self.row(report, name)
            self.assertEqual(sum(layer[key]["cycles"] for layer in report["layers"]), row["latency_cycles"])
            self.assertTrue(close(sum(layer[key]["energy_pj"] for layer in report["layers"]), row["energy_pj"]))
        for key in ("latency_cycles", "energy_pj", "size_bytes", "bops", "dram_bits", "harm"):
            self.assertEqual(report["best"][key], found[key])
        units = report["space"]["units"]
        self.assertEqual(len(report["best"]["bits"]), len(units))
        self.assertEqual(len(report["decisions"]), report["space"]["decisions"])
        self.assertEqual(sum(len(d["bits"]) for d in report["decisions"]), len(units))
        if "measuring" in report:
            self.assertEqual(len(report["measured"]), report["measuring"]["evaluations"])
        for row in report["plans"]:
            if "drop" in row and report["drop_of"] == "agreement":
                m = row["measured"]
                self.assertTrue(close(row["drop"], 1 - m["agree"] / m["images"]) or row["drop"] == 0)
        for key, most in report["at_most"].items():
            self.assertLessEqual(found[key], most)


class Solvers(Case):
    def test_all(self):
        for solver in SOLVERS:
            with self.subTest(solver=solver):
                report = self.json(*EAGL, "--solver", solver, "--max-drop", "10%", "--max-evals", 40, "--population", 16,
                                   "--generations", 10, "--save-plan", "p.json", *(FEW if solver == "exhaustive" else ()))
                self.assertTrue(report["found"])
                self.assertEqual(report["solver"]["name"], solver)
                self.assertLess(self.row(report, "found")["latency_cycles"], self.row(report, "uniform 8")["latency_cycles"])
                self.holds(report)

    def test_objectives(self):
        """What is minimised is no more than at 8 bits, and the objective goes to the mapper."""
        keys = {"latency": "latency_cycles", "energy": "energy_pj", "size": "size_bytes", "bops": "bops",
                "traffic": "dram_bits"}
        for objective, key in keys.items():
            with self.subTest(objective=objective):
                report = self.json(*EAGL, "--minimize", objective, "--max-drop", "10%", "--save-plan", "p.json")
                self.assertLess(report["best"][key], self.row(report, "uniform 8")[key])
                self.holds(report, *(("--objective", "energy") if objective == "energy" else ()))

    def test_energy_delay_product(self):
        report = self.json(*EAGL, "--minimize", "edp", "--solver", "nsga2", "--generations", 10, "--max-harm", "1",
                           "--save-plan", "p.json")
        self.assertEqual(report["objective"], "edp")
        self.assertTrue(report["found"])

    def test_least_drop_within_costs(self):
        report = self.json(*EAGL, "--minimize", "drop", "--max-latency", "0.5x", "--max-size", "7KB", "--refine",
                           "--max-evals", 40, "--save-plan", "p.json")
        self.assertLessEqual(report["best"]["latency_cycles"], self.row(report, "uniform 8")["latency_cycles"] / 2)
        self.holds(report)

    def test_bound_on_what_is_minimised(self):
        """The drop is looked for among what keeps the bound."""
        alone = self.json(*EAGL, "--max-drop", "20%")
        for bound in (("--max-latency", "0.6x"), ("--max-latency", "45000cycles"),
                      ("--max-latency", "0.6x", "--max-harm", "3")):
            report = self.json(*EAGL, "--max-drop", "20%", "--save-plan", "p.json", *bound)
            self.assertLessEqual(report["best"]["latency_cycles"], alone["best"]["latency_cycles"])
            self.holds(report)

    def test_exact_is_exhaustive(self):
        """On the whole front, and at a bound."""
        for bound in ((), ("--max-latency", "0.6x"), ("--max-harm", "1")):
            a, b = (self.json(*EAGL, *FEW, "--solver", s, *bound, "--front", f"{s}.csv") for s in ("exact", "exhaustive"))
            if bound:
                self.assertEqual(a["best"]["latency_cycles"], b["best"]["latency_cycles"])
                self.assertTrue(close(a["best"]["harm"], b["best"]["harm"]))
            else:
                points = [[(row["latency_cycles"], round(float(row["harm"]), 9)) for row in self.rows(f"{s}.csv")]
                          for s in ("exact", "exhaustive")]
                self.assertEqual(*points)
                self.assertGreater(len(points[0]), 10)

    def rows(self, name):
        with open(self.folder / name, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def test_no_bound(self):
        """The exact solver gives the front; there is nothing to choose by."""
        text = self.good(*EAGL)
        self.assertIn("\nno constraint was given (--max-drop, --max-harm, ...): the front, and no plan chosen from it\n", text)
        report = self.json(*EAGL)
        self.assertEqual((report["found"], "best" in report), (False, False))
        self.assertGreater(report["front"]["count"], 20)


class Metrics(Case):
    def test_all(self):
        for metric in METRICS:
            with self.subTest(metric=metric):
                report = self.json(*SEARCH, "--metric", metric, "--max-drop", "10%", "--max-evals", 40, "--save-plan", "p.json")
                self.assertEqual(report["metric"]["name"], metric)
                self.holds(report)

    def test_sensitivity_is_a_metric(self):
        """Its CSV gives the same harms, fronts and plans as the metric itself."""
        for metric in ("eagl", "fit", "loss"):
            with self.subTest(metric=metric):
                self.good("sensitivity", *MODEL, "--metric", metric, "-o", "h.csv")
                with open(self.folder / "h.csv", newline="", encoding="utf-8") as file:
                    rows = list(csv.DictReader(file))
                direct = self.json(*SEARCH, "--metric", metric, "--max-drop", "10%", "--front", "a.csv")
                read = self.json(*SEARCH, "--metric", "h.csv", "--max-drop", "10%", "--front", "b.csv")
                self.assertEqual(read["metric"]["name"], "h.csv")
                self.assertEqual((self.folder / "a.csv").read_bytes(), (self.folder / "b.csv").read_bytes())
                self.assertEqual(direct["best"], read["best"])
                self.assertEqual({row["unit"] for row in rows}, set(direct["space"]["units"]))
                units = direct["space"]["units"]
                harm = {(row["unit"], int(row["bits"])): float(row["harm"]) for row in rows}
                total = sum(harm[pair] for pair in zip(units, direct["best"]["bits"]))
                self.assertTrue(math.isclose(total, direct["best"]["harm"], rel_tol=1e-9))
                again = self.good("sensitivity", *MODEL, "--metric", "h.csv", "--csv")
                self.assertEqual(again, (self.folder / "h.csv").read_text())

    def test_sensitivity_forms(self):
        report = self.json("sensitivity", *MODEL, "--metric", "eagl", "--svg", "s.svg")
        self.assertEqual(report["schema"], "mpsim.sensitivity/1")
        xml.parse(self.folder / "s.svg")
        text = self.good("sensitivity", *MODEL, "--metric", "eagl")
        self.assertIn("glyphs", text)
        self.good("sensitivity", *MODEL, "--metric", "eagl", "-o", "s.json")
        self.assertEqual(plain(json.loads((self.folder / "s.json").read_text())), plain(report))

    def test_sensitivity_says_what_it_looked_at(self):
        looked = {"eagl": (0, 0), "fit": (16, 0), "hawq": (16, 2), "loss": (32, 0)}
        for metric, expected in looked.items():
            report = self.json("sensitivity", *MODEL, "--bits", "2,8", "--metric", metric)
            self.assertEqual((report["images"], report["probes"]), expected, metric)
        self.good("sensitivity", *MODEL, "--metric", "eagl", "-o", "h.csv")
        self.assertNotIn("images", self.good("sensitivity", *MODEL, "--metric", "eagl"))
        self.assertNotIn("probes", self.good("sensitivity", *MODEL, "--metric", "h.csv"))

    def test_measured_costs(self):
        """Where one layer is said to cost nearly all, it goes down first, whatever the simulator says."""
        layers = ["stem", "block1.a", "block1.b", "block2.a", "block2.b", "block2.shortcut", "mix", "fc"]
        lines = ["layer,a_bits,w_bits,latency_ms"]
        for layer in layers:
            for a in (8, 4, 2):
                lines += [f"{layer},{a},{w},{(1000 if layer == 'mix' else 1) * a * w}" for w in (8, 4, 2)]
        (self.folder / "c.csv").write_text("\n".join(lines) + "\n")
        harm = (*EAGL, "--minimize", "harm", "--max-latency", "0.5x")
        simulated = self.json(*harm, "--save-plan", "p.json")
        self.holds(simulated)
        measured = self.json(*harm, "--costs", "c.csv")
        base, found = self.row(measured, "uniform 8"), self.row(measured, "found")
        self.assertEqual([row["name"] for row in measured["plans"]], ["uniform 8", "uniform 4", "uniform 2", "found"])
        self.assertGreater(base["latency_ms"], 64000)
        self.assertLessEqual(found["latency_ms"], base["latency_ms"] / 2)
        bits = dict(zip(measured["space"]["units"], measured["best"]["bits"]))
        self.assertEqual({name for name, b in bits.items() if b < 8} - {"mix:a", "mix:w"}, set())
        self.assertLess(bits["mix:a"] * bits["mix:w"], 64)
        self.assertNotEqual(measured["best"]["bits"], simulated["best"]["bits"])


class Same(Case):
    def test_jobs(self):
        """Bytes, but for times, do not depend on threads."""
        for more in (("--metric", "fit", "--max-drop", "10%"), ("--metric", "hawq", "--solver", "descent", "--max-harm", "2"),
                     ("--metric", "loss", "--solver", "nsga2", "--generations", 5, "--max-drop", "10%")):
            reports = []
            for jobs in (1, 3):
                self.good(*SEARCH, *more, "--jobs", jobs, "--front", f"{jobs}.csv", "--front", f"{jobs}.svg",
                          "--log", f"{jobs}.log", "-o", f"{jobs}.json")
                reports.append(plain(json.loads((self.folder / f"{jobs}.json").read_text())))
            self.assertEqual(*reports)
            for ending in ("csv", "svg", "log"):
                self.assertEqual((self.folder / f"1.{ending}").read_bytes(), (self.folder / f"3.{ending}").read_bytes())
            for path in self.folder.iterdir():
                path.unlink()

    def test_seeds(self):
        for solver in ("nsga2", "random"):
            more = ("--solver", solver, "--generations", 3, "--population", 8, "--max-evals", 20, "--max-drop", "30%")
            first, second, other = (plain(self.json(*EAGL, *more, "--seed", seed)) for seed in (5, 5, 6))
            self.assertEqual(first, second)
            self.assertNotEqual(first["measured"], other["measured"])
            self.assertEqual(plain(self.json(*EAGL, *more)), plain(self.json(*EAGL, *more, "--seed", 1)))

    def test_cache(self):
        kept = (*SEARCH[:-1], "cache", "--metric", "eagl", "--max-drop", "10%")
        first, second = self.json(*kept), self.json(*kept)
        self.assertEqual((first["costs"]["cached"], second["costs"]["mapped"]), (0, 0))
        self.assertEqual(first["best"], second["best"])


class Fronts(Case):
    def test_files(self):
        report = self.json(*EAGL, "--max-drop", "10%", "--front", "f.csv", "--front", "f.json", "--front", "f.svg",
                           "--plans", "plans", "--save-plan", "p.json", *FEW)
        with open(self.folder / "f.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        cycles = [int(row["latency_cycles"]) for row in rows]
        harms = [float(row["harm"]) for row in rows]
        self.assertEqual(cycles, sorted(set(cycles)))
        self.assertEqual(harms, sorted(set(harms), reverse=True))
        front = json.loads((self.folder / "f.json").read_text())
        self.assertEqual((front["schema"], front["cost"], front["exact"]), ("mpsim.front/1", "latency", True))
        self.assertEqual([front["count"], len(front["points"]), report["front"]["count"]], [len(rows)] * 3)
        self.assertEqual([point["latency_cycles"] for point in front["points"]], cycles)
        self.assertEqual([point["harm"] for point in front["points"]], harms)
        for row, point in zip(rows, front["points"]):
            self.assertEqual([int(row[unit]) for unit in front["units"]], point["bits"])
            self.assertEqual(row["images"], str(point["measured"]["images"]) if "measured" in point else "")
        self.assertEqual([row["found"] for row in rows].count("true"), 1)
        self.assertEqual([report["front"]["least_cost"], report["front"]["least_harm"]],
                         [front["points"][0], front["points"][-1]])
        svg = xml.parse(self.folder / "f.svg").getroot()
        self.assertEqual(svg.tag, "{http://www.w3.org/2000/svg}svg")
        self.plans_of(front)

    def plans_of(self, front):
        """A plan a point: `check` takes them all, `run` finds the front's cycles."""
        plans = sorted((self.folder / "plans").iterdir())
        self.assertEqual(len(plans), front["count"])
        self.assertEqual(self.good("check", *plans).count(": ok (plan)\n"), len(plans))
        for i in (0, len(plans) // 2, len(plans) - 1):
            run = self.json("run", "--arch", ARCH, "--plan", plans[i])
            self.assertEqual(run["totals"]["cycles"], front["points"][i]["latency_cycles"])

    def test_other_costs(self):
        for objective, key in (("energy", "energy_pj"), ("size", "size_bytes"), ("bops", "bops"), ("traffic", "dram_bits")):
            self.good(*EAGL, "--minimize", objective, "--front", "f.json")
            front = json.loads((self.folder / "f.json").read_text())
            values = [point[key] for point in front["points"]]
            self.assertEqual((front["cost"], values), (objective, sorted(set(values))))

    def test_plans_in_a_folder_that_is_there(self):
        (self.folder / "plans").mkdir()
        self.good(*EAGL, *FEW, "--plans", "plans")
        names = sorted(path.name for path in (self.folder / "plans").iterdir())
        self.assertEqual(names[0], "front_0001.json")
        refusal = "plans: must be a new folder or an empty one, for the plans of this front alone\n"
        self.assertEqual(self.good(*EAGL, *FEW, "--plans", "plans", status=1, stderr=refusal), "")
        self.assertEqual(sorted(path.name for path in (self.folder / "plans").iterdir()), names)


class Logs(Case):
    CUT = (*EAGL, "--solver", "descent", "--max-drop", "10%", "--log", "l.log")

    def lines(self):
        text = (self.folder / "l.log").read_text()
        self.assertTrue(text.endswith("\n"))
        return [json.loads(line) for line in text.splitlines()]

    def test_resume(self):
        whole = self.json(*self.CUT[:-2])
        cut = self.json(*self.CUT, "--max-evals", 10)
        self.assertEqual((cut["out_of_budget"], cut["measuring"]["evaluations"]), (True, 10))
        self.assertEqual(len(self.lines()), 11)
        again = self.json(*self.CUT, "--resume", "--save-plan", "p.json")
        self.assertEqual((again["measuring"]["remembered"], again["out_of_budget"]), (10, False))
        for key in ("best", "plans", "measured", "layers", "decisions"):
            self.assertEqual(again[key], whole[key], key)
        self.assertEqual(len(self.lines()), 1 + whole["measuring"]["evaluations"])
        self.holds(again)
        last = self.json(*self.CUT, "--resume")
        self.assertEqual(last["measuring"]["remembered"], last["measuring"]["evaluations"])
        self.assertEqual(last["measuring"]["layers"], 0)
        self.assertEqual(last["best"], whole["best"])

    def test_torn_line(self):
        whole = self.json(*self.CUT)
        log = self.folder / "l.log"
        lines = log.read_bytes().splitlines(keepends=True)
        for torn in (lines[5][:-1], lines[5][:20], b"\0"):
            log.write_bytes(b"".join(lines[:5]) + torn)
            again = self.json(*self.CUT, "--resume")
            self.assertEqual((again["measuring"]["remembered"], again["best"]), (4, whole["best"]))
            self.assertEqual(log.read_bytes(), b"".join(lines))

    def test_other_solver_and_metric(self):
        """A log is of what was measured, whoever asked."""
        self.json(*self.CUT)
        other = self.json(*SEARCH, "--metric", "fit", "--solver", "greedy", "--max-drop", "10%", "--log", "l.log", "--resume")
        self.assertGreater(other["measuring"]["remembered"], 0)
        alone = self.json(*SEARCH, "--metric", "fit", "--solver", "greedy", "--max-drop", "10%")
        self.assertEqual(other["best"], alone["best"])

    def interrupted(self, number):
        """A signal when some plans are measured: the best so far is told, the plan written, the log whole."""
        command = [MPSIM, *map(str, EAGL), "--solver", "random", "--minimize", "drop", "--max-evals", "1000000",
                   "--log", "l.log", "--save-plan", "p.json", "-o", "r.json"]
        log, until = self.folder / "l.log", time.monotonic() + 60
        run = subprocess.Popen(command, cwd=self.folder, env=CLEAN, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
        while time.monotonic() < until and not (log.exists() and log.read_bytes().count(b"\n") > 5):
            time.sleep(0.02)
        run.send_signal(number)
        out, err = run.communicate(timeout=60)
        self.assertEqual((run.returncode, out, err), (-number, b"", b""))
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual((report["interrupted"], report["found"]), (True, True))
        self.assertEqual(len(self.lines()), 1 + report["measuring"]["evaluations"])
        self.good("check", "p.json")
        return report

    def test_interrupt(self):
        report = self.interrupted(signal.SIGINT)
        measured = report["measuring"]["evaluations"]
        done = self.json(*EAGL, "--solver", "random", "--minimize", "drop", "--max-evals", measured + 5,
                         "--log", "l.log", "--resume", "--save-plan", "p.json")
        self.assertEqual((done["measuring"]["remembered"], done["measuring"]["evaluations"]), (measured, measured + 5))
        self.assertLessEqual(self.row(done, "found")["drop"], self.row(report, "found").get("drop", 1))
        self.assertEqual(done["measured"][:measured], report["measured"])
        self.holds(done)

    def test_terminate(self):
        self.interrupted(signal.SIGTERM)


class Spaces(Case):
    def bits(self, report):
        return dict(zip(report["space"]["units"], report["best"]["bits"]))

    def search(self, *more):
        report = self.json(*EAGL, "--max-latency", "0.6x", "--save-plan", "p.json", *more)
        self.holds(report)
        return report

    def test_slices(self):
        report = self.search("--slices", 2)
        units = report["space"]["units"]
        self.assertIn("block1.a:w[0..7]", units)
        self.assertIn("stem:w", units)
        plan = json.loads((self.folder / "p.json").read_text())
        for layer, entry in plan["layers"].items():
            if isinstance(entry.get("w_bits"), list):
                want = [bits for unit, bits in self.bits(report).items() if unit.startswith(f"{layer}:w[")]
                self.assertEqual([s["bits"] for s in entry["w_bits"]], want)

    def test_slices_differ(self):
        """Somewhere on the front two slices of a layer have two widths."""
        self.good(*EAGL, "--slices", 2, "--activation-bits", 8, "--front", "f.json")
        front = json.loads((self.folder / "f.json").read_text())
        at = front["units"].index("block1.a:w[0..7]")
        self.assertTrue(any(p["bits"][at] != p["bits"][at + 1] for p in front["points"]))

    def test_tie(self):
        bits = self.bits(self.search("--tie"))
        for layer in ("block1.a", "block1.b", "block2.a", "block2.b", "mix"):
            self.assertEqual(bits[f"{layer}:a"], bits[f"{layer}:w"])

    def test_link(self):
        bits = self.bits(self.search("--link", "block1.a:w,mix:w", "--link", "block1.b,block2.b:w"))
        self.assertEqual(bits["block1.a:w"], bits["mix:w"])
        self.assertEqual(len({bits[u] for u in ("block1.b:a", "block1.b:w", "block2.b:w")}), 1)

    def test_fix(self):
        report = self.search("--fix", "block1.a=3", "--fix", "mix:w=7", "--fix", "fc:a=4", "--fix", "averagepool:a=5")
        bits = self.bits(report)
        self.assertEqual([bits[u] for u in ("block1.a:a", "block1.a:w", "mix:w", "fc:a", "/Relu_1_output_0")], [3, 3, 7, 4, 5])
        self.assertEqual(report["space"]["fixed_by_user"], 5)

    def test_open_ends(self):
        closed, opened = self.search(), self.search("--open-ends")
        self.assertEqual({self.bits(closed)[u] for u in ("stem:a", "stem:w", "fc:a", "fc:w")}, {8})
        self.assertEqual((closed["space"]["fixed_by_default"], opened["space"]["fixed"]), (4, 0))
        self.assertLessEqual(opened["best"]["latency_cycles"], closed["best"]["latency_cycles"])

    def test_encoding(self):
        report = self.search("--encoding", "odd")
        plan = json.loads((self.folder / "p.json").read_text())
        self.assertEqual({layer["encoding"] for layer in plan["layers"].values() if "encoding" in layer}, {"odd"})
        self.assertNotEqual(self.row(report, "found")["measured"], self.row(self.search(), "found")["measured"])

    def test_sets(self):
        report = self.search("--weight-bits", "3,5-6", "--activation-bits", "4,8")
        self.assertEqual((report["space"]["w_bits"], report["space"]["a_bits"]), ([3, 5, 6], [4, 8]))
        for unit, bits in self.bits(report).items():
            if unit not in ("stem:a", "stem:w", "fc:a", "fc:w"):
                self.assertIn(bits, (3, 5, 6) if unit.endswith(":w") else (4, 8), unit)

    def test_batch(self):
        one, four = self.search(), self.search("--batch", 4)
        self.assertEqual(json.loads((self.folder / "p.json").read_text())["batch"], 4)
        self.assertGreater(self.row(four, "uniform 8")["latency_cycles"], 2 * self.row(one, "uniform 8")["latency_cycles"])

    def test_widths_of_1(self):
        self.assertEqual(set(self.bits(self.search("--bits", "1,2"))[u] for u in ("mix:w", "block1.a:w")) - {1, 2}, set())

    def test_uniform_plans_are_those_of_run(self):
        report = self.search()
        for bits in (8, 4, 2):
            run = self.json("run", "--arch", ARCH, "--workload", SOURCE / "configs/models/glyphs.onnx", "--w-bits", bits,
                            "--a-bits", bits)["totals"]
            row = self.row(report, f"uniform {bits}")
            self.assertEqual((row["latency_cycles"], row["size_bytes"]), (run["cycles"], run["weight_bytes"]))


class Small(Case):
    """Networks and arrays at the lower end."""
    def network(self, nodes, tensors=()):
        x, y = value("x", ["N", 3, 8, 8]), value("y", None)
        (self.folder / "m.onnx").write_bytes(model(graph(nodes, [x], [y], list(tensors))))
        images = formats.npy((6, 3, 8, 8), [i * 37 % 256 for i in range(6 * 192)])
        (self.folder / "d.npz").write_bytes(formats.npz(x=images, y=formats.npy((6,), [0, 1, 2, 0, 1, 2])))

    def one_layer(self):
        weights = tensor("w", [4, 3, 3, 3], [0.1 * (i * 7 % 11 - 5) for i in range(108)])
        self.network([node("Conv", ["x", "w"], ["c"], "conv"), node("GlobalAveragePool", ["c"], ["g"], "gap"),
                      node("Flatten", ["g"], ["y"], "flat")], [weights])

    def search(self, *more, arch=ARCH):
        return ("search", "--arch", arch, "--model", "m.onnx", "--data", "d.npz", "--metric", "eagl", "--cost-cache", "off",
                *more)

    def test_one_layer(self):
        """It is the first and the last; open, its widths are decided."""
        self.one_layer()
        closed = self.json(*self.search("--max-drop", "50%"))
        self.assertEqual((closed["space"]["decisions"], closed["space"]["fixed"]), (3, 2))
        for solver in SOLVERS:
            report = self.json(*self.search("--max-drop", "50%", "--open-ends", "--solver", solver, "--save-plan", "p.json"))
            self.assertTrue(report["found"], solver)
            self.assertEqual(self.good("check", "p.json"), "p.json: ok (plan)\n")

    def test_random_ends(self):
        """Where all choices are measured and none will do."""
        self.one_layer()
        report = self.json(*self.search("--open-ends", "--solver", "random", "--max-harm", "0.7", "--minimize", "drop"))
        self.assertLess(report["measuring"]["evaluations"], 28)

    def test_no_layer_on_the_array(self):
        self.network([node("MaxPool", ["x"], ["m"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
                      node("GlobalAveragePool", ["m"], ["g"], "gap"), node("Flatten", ["g"], ["y"], "flat")])
        for solver in SOLVERS:
            report = self.json(*self.search("--max-drop", "50%", "--solver", solver))
            self.assertTrue(report["found"], solver)
            self.assertEqual(report["best"]["size_bytes"], 0)

    def test_no_decision(self):
        (self.folder / "e.json").write_text(json.dumps({"name": "e", "inputs": [{"name": "i", "shape": [4, 8, 8]}], "layers": [
            {"name": "v", "type": "view", "inputs": ["i"], "shape": [256, 1, 1]}]}))
        (self.folder / "h.csv").write_text("unit,bits,harm\n")
        for solver in ("exact", "exhaustive", "nsga2"):
            report = self.json("search", "--arch", ARCH, "--workload", "e.json", "--metric", "h.csv", "--cost-cache", "off",
                               "--solver", solver, "--max-harm", "0")
            self.assertEqual((report["space"]["decisions"], report["found"], report["front"]["count"]), (0, True, 1), solver)

    def test_array_of_one(self):
        arch = json.loads((SOURCE / f"configs/arch/{ARCH}.json").read_text())
        arch["name"] = "one"
        arch["array"]["rows"] = arch["array"]["cols"] = 1
        (self.folder / "one.json").write_text(json.dumps(arch))
        self.one_layer()
        report = self.json(*self.search("--open-ends", "--bits", "1,2", "--max-latency", "0.9x", "--save-plan", "p.json",
                                        arch="one.json"))
        run = self.json("run", "--arch", "one.json", "--plan", "p.json")
        self.assertEqual(report["best"]["latency_cycles"], run["totals"]["cycles"])
        self.assertLessEqual(set(report["best"]["bits"]), {1, 2})


class Large(Case):
    def test_resnet50(self):
        """The exact front of a large network: seconds of the processor at most."""
        search = ("search", "--arch", "bitserial_16x16", "--workload", "resnet50", "--metric", "h.csv", "--cost-cache", "off")
        draw, rows = random.Random(7), "unit,bits,harm\n"
        for unit in self.units(search):
            harm = draw.random()
            rows += f"{unit},8,{harm / 64!r}\n{unit},4,{harm / 4!r}\n{unit},2,{harm!r}\n"
        (self.folder / "h.csv").write_text(rows)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        report = self.json(*search, "--max-latency", "0.5x", "--front", "f.csv", "--save-plan", "p.json")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"# resnet50: {report['front']['count']} points in {seconds:.1f} CPU seconds")
        self.assertTrue(report["front"]["exact"] and report["proven"])
        self.assertLess(seconds, 6)
        run = self.json("run", "--arch", "bitserial_16x16", "--plan", "p.json")
        self.assertEqual(run["totals"]["cycles"], report["best"]["latency_cycles"])

    def units(self, search):
        """Named by the front of a space of one width, which needs no harms."""
        (self.folder / "h.csv").write_text("unit,bits,harm\n")
        self.good(*search, "--bits", "8", "--front", "u.csv")
        with open(self.folder / "u.csv", encoding="utf-8", newline="") as file:
            head = next(csv.reader(file))
        return head[head.index("found") + 1:]


if __name__ == "__main__":
    tap.main()
