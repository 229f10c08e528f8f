# SPDX-License-Identifier: Apache-2.0
"""scripts/studies: each runs with --quick, its tables and pictures can be read, and what it finds keeps a law."""
import csv
import json
import math
import sqlite3
import tempfile
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

from program import MPSIM, SOURCE, call

import tap

SCRIPTS = SOURCE / "scripts/studies"
STUDIES = ["pe_kinds", "buffers", "array_shape", "serial_bits", "published"]
SVG = "{http://www.w3.org/2000/svg}"


class Quick(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="studies ")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.runs = {}

    def study(self, name):
        """The folder of a finished run."""
        out = self.folder / name
        if name not in self.runs:
            self.runs[name] = call(SCRIPTS / name, "--quick", "--out", out, "--mpsim", MPSIM, "--jobs", 2)
        self.assertEqual(self.runs[name].returncode, 0, self.runs[name].stderr)
        return out

    def rows(self, path):
        with open(path, encoding="utf-8") as text:
            return list(csv.DictReader(text))

    def stored(self, path):
        with sqlite3.connect(path) as db:
            db.row_factory = sqlite3.Row
            return [dict(r) for r in db.execute("SELECT * FROM points WHERE status = 'evaluated'")]

    def test_tables_and_pictures(self):
        for name in STUDIES:
            with self.subTest(name):
                out = self.study(name)
                page = (out / "results.md").read_text()
                self.assertGreaterEqual(page.count("|---|"), 1)
                for block in page.split("\n\n"):
                    lines = [line for line in block.split("\n") if line.startswith("|")]
                    self.assertLessEqual(len({line.count("|") for line in lines}), 1, block)
                self.assertNotIn("nan", page)
                tables = sorted(out.glob("*.csv"))
                self.assertGreaterEqual(len(tables), 2)
                for table in tables:
                    with open(table, encoding="utf-8") as text:
                        lines = list(csv.reader(text))
                    self.assertGreater(len(lines), 1, table)
                    self.assertEqual({len(line) for line in lines}, {len(lines[0])}, table)
                picture = ET.parse(out / f"study_{name}.svg").getroot()
                self.assertEqual(picture.tag, SVG + "svg")
                self.assertTrue(picture.find(SVG + "title").text)
                self.assertIn("prefers-color-scheme: dark", picture.find(SVG + "style").text)
                self.assertNotIn("nan", (out / f"study_{name}.svg").read_text())

    def test_a_design_of_any_kind_is_not_slower_on_fewer_bits(self):
        out = self.study("pe_kinds")
        seen = 0
        for kind in ("fixed", "subword", "fused", "serial_w", "serial_aw"):
            wide, narrow = ({r["key"]: r for r in self.stored(out / f"pe_kinds_{kind}_ds_cnn_{bits}.db")}
                            for bits in ("w8a8", "w2a2"))
            self.assertLessEqual(max(r["area_mm2"] for r in [*wide.values(), *narrow.values()]), 2)
            for key in wide.keys() & narrow.keys():
                self.assertLessEqual(narrow[key]["cycles"], wide[key]["cycles"])
                seen += 1
            least = [min(r["cycles"] for r in by.values()) for by in (narrow, wide)]
            self.assertLessEqual(*least, kind)
        self.assertGreater(seen, 0)
        for r in self.rows(out / "best_edp.csv"):
            self.assertEqual(float(r["fixed"]), 1)

    def test_dearer_dram_is_not_used_more(self):
        """At a design's mappings of least energy: those of dearer DRAM would else be better at the lower price too."""
        traffic = {}
        for r in self.rows(self.study("buffers") / "points.csv"):
            at = (r["network"], r["w/a"], r["input_kb"], r["weight_kb"], r["output_kb"])
            traffic.setdefault(at, {})[r["dram"]] = int(r["dram_read_bits"]) + int(r["dram_write_bits"])
        self.assertGreater(len(traffic), 20)
        for at, by in traffic.items():
            self.assertLessEqual(by["ddr3"], by["lpddr4"], at)

    def test_utilization_is_a_share_and_broadcast_arrays_can_be_turned(self):
        rows = self.rows(self.study("array_shape") / "all.csv")
        at = {(r["dataflow"], r["network"], int(r["rows"]), int(r["columns"])): float(r["utilization"]) for r in rows}
        self.assertTrue(all(0 < v <= 1 for v in at.values()))
        turned = [k for k in at if k[0] == "os, broadcast"]
        self.assertGreater(len(turned), 4)
        for flow, network, r, c in turned:
            self.assertEqual(at[flow, network, r, c], at[flow, network, c, r])

    def test_more_bits_are_never_faster_and_more_bits_a_cycle_never_slower(self):
        cycles = {}
        for r in self.rows(self.study("serial_bits") / "one_array.csv"):
            kind, step = r["kind, bits a cycle"].rsplit(" ", 1)
            w, a = map(int, r["w/a"].split("/"))
            cycles[kind, int(step), w, a] = int(r["cycles"])
        for (kind, step, w, a), n in cycles.items():
            for (kind2, step2, w2, a2), m in cycles.items():
                if kind == kind2 and w2 >= w and a2 >= a and step2 == step:
                    self.assertGreaterEqual(m, n, (kind, step, w, a, w2, a2))
                if kind == kind2 and (w2, a2) == (w, a) and step2 >= step:
                    self.assertLessEqual(m, n, (kind, w, a, step, step2))

    def test_bit_fusion_computes_for_as_many_cycles_as_published(self):
        rows = [r for r in self.rows(self.study("published") / "bitfusion.csv") if r["network"] != "geometric mean"]
        self.assertEqual([float(r["compute, their rules"]) for r in rows], [1, 1])
        for r in rows:
            self.assertLessEqual(float(r["cycles, any rows"]), float(r["cycles, their rules"]))


class Reference(unittest.TestCase):
    def test_published_rows_give_the_papers_means(self):
        with open(SOURCE / "tests/reference/bitfusion_eyeriss.csv", encoding="utf-8") as text:
            rows = list(csv.DictReader(text))
        for what, paper in (("cycles", 3.9), ("uj", 5.1)):
            ratios = [float(r[f"eyeriss_{what}"]) / float(r[f"bitfusion_{what}"]) for r in rows]
            self.assertEqual(round(math.exp(sum(map(math.log, ratios)) / len(ratios)), 1), paper)


class Pages(unittest.TestCase):
    def test_each_study_has_its_page_its_space_and_its_picture(self):
        index = (SOURCE / "docs/studies.md").read_text()
        self.assertEqual(sorted(p.name for p in SCRIPTS.iterdir() if p.is_file() and not p.suffix), sorted(STUDIES))
        for name in STUDIES:
            page = (SOURCE / f"docs/studies/{name}.md").read_text()
            self.assertIn(f"(studies/{name}.md)", index)
            self.assertIn(f"scripts/studies/{name}", page)
            self.assertIn(f"../pictures/study_{name}.svg", page)
            self.assertIn("## What it teaches", page)
            ET.parse(SOURCE / f"docs/pictures/study_{name}.svg")
            if name != "published":
                self.assertEqual(json.loads((SOURCE / f"configs/spaces/{name}.json").read_text())["name"], name)


if __name__ == "__main__":
    tap.main()
