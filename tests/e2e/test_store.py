# SPDX-License-Identifier: Apache-2.0
"""Stores as a user has them: shards merged, files that are full, read-only or being written, pictures and accelerators."""
import json
import os
import resource
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
import xml.dom.minidom
from pathlib import Path

from program import MPSIM, SOURCE, call

import tap

ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}
SPACE = {"name": "small", "archs": ["bitserial_4x4"],
         "axes": [{"path": "/array/rows", "values": [2, 4, 8]}, {"path": "/array/cols", "values": [4, 8]},
                  {"path": "/clock_mhz", "values": [250, 500]}],
         "networks": [{"plan": "resnet8_mixed"}, {"plan": "ds_cnn_w4a4", "weight": 2}],
         "objectives": ["latency_ms", "energy_pj", "area_mm2"]}


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        (cls.folder / "space.json").write_text(json.dumps(SPACE))
        for store, shard in (("whole.db", "0/1"), ("0.db", "0/4"), ("1.db", "1/4"), ("2.db", "2/4"), ("3.db", "3/4")):
            call(MPSIM, "explore", "--space", "space.json", "--store", store, "--shard", shard, "--jobs", "1", env=ENV, cwd=cls.folder)

    def mpsim(self, *args, status=0, stderr="", **more):
        run = call(MPSIM, *args, env=ENV, cwd=self.folder, **more)
        self.assertEqual((run.returncode, run.stderr), (status, stderr), args)
        return run.stdout

    def dump(self, store):
        return self.mpsim("query", "--store", store, "--dump")


class Report(Case):
    def test_a_store_is_as_its_front(self):
        """The page of a store holds what that of its front's CSV does, but for the name."""
        self.mpsim("front", "--store", "whole.db", "--csv", "-o", "small.csv")
        self.mpsim("report", "--front", "small.csv", "--title", "t", "-o", "csv.html")
        self.mpsim("report", "--store", "whole.db", "--title", "t", "-o", "store.html")
        pages = [(self.folder / name).read_text() for name in ("csv.html", "store.html")]
        self.assertEqual(pages[0].replace("small.csv", "small"), pages[1].replace("small.csv", "small"))
        few = self.mpsim("report", "--store", "whole.db", "--where", "array_rows = 2", "--network", "resnet8_mixed")
        self.assertNotEqual(few, pages[1])


class Merge(Case):
    def test_shards(self):
        told = self.mpsim("merge", "-o", "m.db", "3.db", "0.db", status=1)
        self.assertIn("  2 of 4, missing 1-2  ", told)
        self.assertEqual(self.mpsim("merge", "-o", "m.db", "3.db", "--missing", status=1), "1-2\n")
        self.assertIn("missing 2  ", self.mpsim("merge", "-o", "m.db", "1.db", "--partial"))
        self.assertIn("  complete  ", self.mpsim("merge", "-o", "m.db", "2.db"))
        self.assertEqual(self.mpsim("merge", "-o", "m.db", "2.db", "--missing"), "")
        self.assertEqual(self.dump("m.db"), self.dump("whole.db"))
        self.assertEqual([p.name for p in self.folder.glob("m.db*")], ["m.db"])
        found = json.loads(self.mpsim("merge", "-o", "m.db", "whole.db", "--json"))
        self.assertEqual((found["schema"], found["sweeps"][0]["complete"], found["sweeps"][0]["visited"]), ("mpsim.sweeps/1", True, 12))

    def test_killed(self):
        """Whenever it is killed, the store is not there or is whole."""
        inputs = ["0.db", "1.db", "2.db", "3.db"]
        whole = self.dump("whole.db")
        for k in range(30):
            child = subprocess.Popen([MPSIM, "merge", "-o", "k.db", *inputs], cwd=self.folder, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            time.sleep(0.0015 * k)
            child.send_signal(signal.SIGKILL)
            child.wait()
            if (self.folder / "k.db").exists():
                self.assertEqual(self.dump("k.db"), whole)
                (self.folder / "k.db").unlink()
        for left in self.folder.glob("k.db*"):
            left.unlink()


class Room(Case):
    """A limit on files' sizes stands for a full disk; where one can be had, a small file system is one."""
    def limited(self, store, *args, size):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return self.mpsim(*args, status=1, stderr=f"{store}: cannot be written (an error of the disk, or a limit on the size of files)\n", preexec_fn=limit,
                          restore_signals=False)

    def test_limit(self):
        self.limited("new.db", "merge", "-o", "new.db", "whole.db", size=40000)
        self.assertEqual(list(self.folder.glob("new.db*")), [])
        self.mpsim("merge", "-o", "old.db", "0.db", "--partial")
        before = self.dump("old.db")
        self.limited("old.db", "merge", "-o", "old.db", "whole.db", size=(self.folder / "old.db").stat().st_size // 2)
        self.assertEqual(self.dump("old.db"), before)

    def test_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", disk],
                                               stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest("no small file system can be mounted")
        try:
            run = call(MPSIM, "merge", "-o", "disk/new.db", "whole.db", "0.db", env=ENV, cwd=self.folder)
            if run.returncode == 0:  # it fits; a second one does not
                run = call(MPSIM, "merge", "-o", "disk/more.db", "whole.db", env=ENV, cwd=self.folder)
                self.assertEqual((run.returncode, run.stderr), (1, "disk/more.db: no space left on the disk\n"))
                self.assertEqual(self.dump("disk/new.db"), self.dump("whole.db"))
                self.assertEqual([p.name for p in disk.iterdir()], ["new.db"])
            else:
                self.assertEqual((run.returncode, run.stderr), (1, "disk/new.db: no space left on the disk\n"))
                self.assertEqual(list(disk.iterdir()), [])
        finally:
            subprocess.run(["umount", disk], check=True)


class ReadOnly(Case):
    def test_mounted(self):
        """Reading works where nothing may be written; writing says that it may not."""
        disk = self.folder / "disk"
        disk.mkdir()
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], stderr=subprocess.DEVNULL,
                                               check=False).returncode != 0:
            self.skipTest("no file system can be mounted")
        try:
            self.mpsim("merge", "-o", "disk/s.db", "whole.db")
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            self.assertEqual(self.dump("disk/s.db"), self.dump("whole.db"))
            self.assertIn("designs on the front", self.mpsim("front", "--store", "disk/s.db"))
            self.mpsim("merge", "-o", "disk/s.db", "0.db", status=1,
                       stderr="disk/s.db: cannot be written (Read-only file system)\n")
            self.mpsim("merge", "-o", "disk/t.db", "0.db", status=1,
                       stderr="disk/t.db: its folder cannot be written (Read-only file system)\n")
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_permissions(self):
        if os.geteuid() == 0:
            self.skipTest("root may write anything")
        self.mpsim("merge", "-o", "ro.db", "0.db", "--partial")
        (self.folder / "ro.db").chmod(0o444)
        self.mpsim("merge", "-o", "ro.db", "whole.db", status=1, stderr="ro.db: cannot be written (Permission denied)\n")
        self.mpsim("query", "--store", "ro.db")


class Others(Case):
    def test_sql(self):
        """What docs/store.md shows."""
        with sqlite3.connect(self.folder / "whole.db") as db:
            rows = db.execute("SELECT key, network, energy_pj FROM points ORDER BY energy_pj").fetchall()
        self.assertEqual(len(rows), 24)
        first = self.mpsim("query", "--store", "whole.db", "--by", "energy_pj", "--columns", "key,network,energy_pj", "--top", "1",
                           "--csv").split("\n")[1].split(",")
        self.assertEqual((first[0], first[1], float(first[2])), rows[0])

    def test_written_meanwhile(self):
        """A reader waits for a writer's commit and then goes on."""
        (self.folder / "busy.db").write_bytes((self.folder / "whole.db").read_bytes())
        db = sqlite3.connect(self.folder / "busy.db", isolation_level=None)
        db.execute("BEGIN EXCLUSIVE")
        with subprocess.Popen([MPSIM, "query", "--store", "busy.db", "--top", "1", "--csv"], cwd=self.folder,
                              stdout=subprocess.PIPE) as child:
            time.sleep(0.3)
            self.assertIsNone(child.poll())
            db.execute("ROLLBACK")
            self.assertEqual(child.communicate()[0].count(b"\n"), 2)
        db.close()

    def test_pictures(self):
        for objectives in ("latency_ms,energy_pj", "energy_pj,-effective_tops,area_mm2", "dram_read_bits,macs"):  # of which all have one value
            self.mpsim("front", "--store", "whole.db", "--objectives", objectives, "-o", "f.svg")
            circles = xml.dom.minidom.parse(str(self.folder / "f.svg")).getElementsByTagName("circle")
            self.assertGreater(len(circles), 1)

    def test_a_rate_as_an_objective(self):
        """Bits a cycle are no bits."""
        axes = [{"path": "/dram/bits_per_cycle", "values": [32, 64]}]
        (self.folder / "rates.json").write_text(json.dumps({**SPACE, "name": "rates", "axes": axes}))
        self.mpsim("explore", "--space", "rates.json", "--store", "rates.db", "--json")
        self.mpsim("front", "--store", "rates.db", "--objectives", "latency_ms,dram_bits_per_cycle", "-o", "f.svg")
        self.assertIn(">dram bits per cycle<", (self.folder / "f.svg").read_text())

    def test_an_axis_as_an_objective(self):
        """Has one column, as what reads the front asks for."""
        front = ["front", "--store", "whole.db", "--objectives", "array_rows,energy_pj"]
        names = self.mpsim(*front, "--csv").splitlines()[0].split(",")
        self.assertEqual((names[:2], names[-2:]), (["key", "base"], ["array_rows", "energy_pj"]))
        self.assertEqual(len(names), len(set(names)))
        self.mpsim(*front, "-o", "front.csv")
        self.mpsim("report", "--front", "front.csv", "-o", "front.html")

    def test_an_objective_that_no_design_has(self):
        """Harm is of searched plans, and there are none."""
        self.mpsim("front", "--store", "whole.db", "--objectives", "latency_ms,harm", status=1,
                   stderr="whole.db: sweep small: no design has a figure for objective harm\n")
        rows = self.mpsim("query", "--store", "whole.db", "--columns", "harm", "--top", "0", "--csv").split("\n")
        self.assertEqual(set(rows[1:-1]), {""})

    def test_accelerators(self):
        """Each design of the front as arch.json costs what the store says."""
        self.mpsim("front", "--store", "whole.db", "--archs", "archs", "-o", "f.json")
        rows = json.loads((self.folder / "f.json").read_text())["front"]
        self.assertEqual({p.stem for p in (self.folder / "archs").iterdir()}, {row["key"] for row in rows})
        for row in rows:
            arch = f"archs/{row['key']}.json"
            totals = [json.loads(self.mpsim("run", "--arch", arch, "--plan", plan, "--json"))["totals"]
                      for plan in ("resnet8_mixed", "ds_cnn_w4a4")]
            self.assertEqual(row["energy_pj"], totals[0]["energy_pj"] + 2 * totals[1]["energy_pj"])
            self.assertEqual(row["latency_ms"], totals[0]["latency_ms"] + 2 * totals[1]["latency_ms"])
            self.assertEqual(self.mpsim("query", "--store", "whole.db", "--arch", row["key"]),
                             (self.folder / arch).read_text())

    def test_rows_as_accelerators(self):
        """Those that query lists, each once, as front writes them."""
        listed = ["query", "--store", "whole.db", "--by", "area_mm2", "--top", "5"]
        rows = self.mpsim(*listed, "--archs", "rows", "--columns", "latency_ms,network", "--csv").splitlines()[1:]
        keys = self.mpsim(*listed, "--columns", "key", "--csv").splitlines()[1:]
        self.assertEqual((len(rows), len(keys), len(set(keys))), (5, 5, 3))
        self.assertEqual({p.stem for p in (self.folder / "rows").iterdir()}, set(keys))
        for key in set(keys):
            self.assertEqual(self.mpsim("query", "--store", "whole.db", "--arch", key), (self.folder / f"rows/{key}.json").read_text())


class Designs(Case):
    """Whole designs, ranked over the sweep's networks."""
    def rows(self, *args):
        return json.loads(self.mpsim("query", "--store", "whole.db", *args, "--top", "0", "--json"))["rows"]

    def test_sums_are_those_of_the_front(self):
        objectives = ("latency_ms", "energy_pj", "power_mw", "edp_pj_ms")
        front = json.loads(self.mpsim("front", "--store", "whole.db", "--objectives", ",".join(objectives), "--json"))["front"]
        sums = {row["key"]: row for row in self.rows("--sum", "--columns", ",".join(("key", *objectives)))}
        self.assertEqual(len(sums), 12)
        self.assertGreater(len(front), 1)
        for row in front:
            self.assertEqual({name: row[name] for name in objectives}, {name: sums[row["key"]][name] for name in objectives})

    def test_sums_order_and_conditions(self):
        least = min(row["edp_pj_ms"] for row in self.rows("--sum", "--columns", "edp_pj_ms"))
        text = self.mpsim("query", "--store", "whole.db", "--sum", "--by", "edp_pj_ms", "--top", "1", "--columns", "edp_pj_ms", "--csv")
        self.assertEqual(float(text.splitlines()[1]), least)
        self.assertEqual(len(self.rows("--sum", "--where", f"edp_pj_ms <= {least!r}")), 1)
        self.assertNotIn("network", self.rows("--sum")[0])

    def test_distance(self):
        """From all pairs: 1 + d is the most, over designs, of the least ratio of objectives."""
        objectives = SPACE["objectives"]
        rows = self.rows("--sum", "--by", "distance", "--columns", ",".join(("key", "distance", *objectives)))
        for row in rows:
            far = max(min(row[name] / other[name] for name in objectives) for other in rows) - 1
            self.assertAlmostEqual(row["distance"], far, places=12)
        self.assertEqual([row["distance"] for row in rows], sorted(row["distance"] for row in rows))
        self.assertGreater(rows[-1]["distance"], 0)
        of = {row["key"]: row["distance"] for row in rows}
        for row in self.rows("--columns", "key,network,distance"):  # of the design, whichever network the row is of
            self.assertEqual(row["distance"], of[row["key"]])
        far = rows[-1]["distance"]
        self.assertEqual({row["key"] for row in self.rows("--where", f"distance >= {far!r}", "--columns", "key")}, {rows[-1]["key"]})
        front = json.loads(self.mpsim("front", "--store", "whole.db", "--json"))["front"]
        self.assertEqual({of[row["key"]] for row in front}, {0})


class Sweeps(Case):
    def test_told_apart(self):
        """By how they were sampled, and by the first digits of their keys."""
        (self.folder / "two.db").write_bytes((self.folder / "whole.db").read_bytes())
        self.mpsim("explore", "--space", "space.json", "--store", "two.db", "--sampler", "random", "--points", "4", "--seed", "3",
                   "--json")
        self.mpsim("explore", "--space", "space.json", "--store", "two.db", "--prune", "--json")
        lines = [line.split("  ") for line in self.mpsim("query", "--store", "two.db", "--sweeps").splitlines()[1:]]
        self.assertEqual({next(part.strip() for part in line[2:] if part) for line in lines},
                         {"grid", "grid pruned", "random 4 seed 3"})
        self.assertEqual({line[-1] for line in lines}, {"resnet8_mixed, ds_cnn_w4a4"})
        found = json.loads(self.mpsim("query", "--store", "two.db", "--sweeps", "--json"))["sweeps"]
        for sweep in found:
            self.assertEqual(sweep["network_names"], ["resnet8_mixed", "ds_cnn_w4a4"])
            told = json.loads(self.mpsim("query", "--store", "two.db", "--sweep", sweep["key"][:6], "--json"))
            self.assertEqual(told["sweep_key"], sweep["key"])
        self.assertEqual(sorted((s["sampler"]["kind"], s["sampler"].get("points"), s["prune"]) for s in found),
                         [("grid", None, False), ("grid", None, True), ("random", 4, False)])


if __name__ == "__main__":
    tap.main()
