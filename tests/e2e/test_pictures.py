# SPDX-License-Identifier: Apache-2.0
"""What a run leaves to look at: timeline and trace of memory say what the tile trace and the result say."""
import csv
import json
import math
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

from program import MPSIM, SOURCE, call

import tap

ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}
CAUSES = ["compute", "fill_drain", "stall_weight", "stall_input", "stall_output", "stall_dram", "vector"]
DIMS = ["group", "batch", "oh", "ow", "oc", "ic"]
TRACKS = ["layers", "cycles by cause", "array", "vector unit", "load input", "load weight", "load partial", "drain"]
LOADS = TRACKS[4:7]
OPERANDS = ["input", "weight", "output", "partial"]
FILES = {"--trace": "t.csv", "--timeline": "t.json", "--memtrace": "m.csv"}
SMALL = ["--arch", "bitserial_4x4", "--plan", "ds_cnn_w4a4"]


def no_constant(text):
    raise ValueError(f"{text} is no JSON")


def no_twins(pairs):
    assert len(dict(pairs)) == len(pairs), f"twice in an object: {pairs}"
    return dict(pairs)


def strict(path):
    return json.loads(path.read_text(), parse_float=Decimal, parse_constant=no_constant, object_pairs_hook=no_twins)


def tile_name(row):
    return " ".join(f"{d}{row[d]}" for d in DIMS if row[d]) or "first"


def bursts(bits):
    return -(-bits // 512)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="a folder ")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def mpsim(self, *arguments):
        return call(MPSIM, "run", *arguments, env=ENV, cwd=self.folder)

    def load(self, *arguments):
        run = self.mpsim(*arguments, "--engine", "event", "--json", "-o", "r.json", *(w for f in FILES.items() for w in f))
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
        self.assertEqual({p.name for p in self.folder.iterdir()} - {"arch.json"}, {"r.json", *FILES.values()})
        self.result = json.loads((self.folder / "r.json").read_text())
        self.layers = {layer["name"]: layer for layer in self.result["layers"]}
        with open(self.folder / "t.csv") as rows:
            self.rows = [{k: v if k in ("layer", "what") else int(v) for k, v in row.items()} for row in csv.DictReader(rows)]
        self.moves = [row for row in self.rows if row["what"] != "compute"]

    def other_arch(self, name="bitserial_4x4", clock=None, dram=None, single=()):
        arch = json.loads((SOURCE / f"configs/arch/{name}.json").read_text())
        arch["clock_mhz"] = clock or arch["clock_mhz"]
        arch["dram"] = dram or arch["dram"]
        for buffer in single:
            arch["buffers"][buffer]["double_buffered"] = False
        (self.folder / "arch.json").write_text(json.dumps(arch))
        return "arch.json"


class Timeline(Case):
    def read(self):
        document = strict(self.folder / "t.json")
        self.assertEqual(set(document), {"displayTimeUnit", "otherData", "traceEvents"})
        self.assertEqual(document["displayTimeUnit"], "ns")
        other = document["otherData"]
        self.assertEqual({**other, "clock_mhz": float(other["clock_mhz"])},
                         {k: self.result[k] for k in ("arch", "plan", "clock_mhz")})
        self.clock = Fraction(other["clock_mhz"])
        self.events = defaultdict(list)
        for event in document["traceEvents"]:
            self.events[event["ph"]].append(event)
        self.assertLessEqual(set(self.events), {"M", "X", "i", "C"})
        self.read_names()
        self.tracks = {name: [] for name in TRACKS}
        for event in self.events["X"] + self.events["i"]:
            self.tracks[self.names[event["pid"], event["tid"]]].append(event)

    def read_names(self):
        """Each process and thread has one name and one place, and the tracks stand in their order."""
        said = {}
        for event in self.events["M"]:
            key = (event["name"], event["pid"], event.get("tid"))
            self.assertNotIn(key, said)
            said[key] = list(event["args"].values())[0]
        processes = sorted((said["process_sort_index", p, None], name) for (what, p, _), name in said.items()
                           if what == "process_name")
        self.assertEqual([name for _, name in processes], [f"{self.result['plan']} on {self.result['arch']}", "units", "DRAM"])
        self.names = {(p, t): name for (what, p, t), name in said.items() if what == "thread_name"}
        order = sorted(self.names, key=lambda at: (said["process_sort_index", at[0], None], said["thread_sort_index", *at]))
        self.assertEqual([self.names[at] for at in order], TRACKS)
        self.assertEqual(len({t for _, t in self.names}), len(TRACKS))

    def ns(self, cycle):
        exact = cycle * 1000 / self.clock
        return int(exact + Fraction(1, 2))

    def span(self, event):
        return event["args"]["cycle"], event["args"]["cycle"] + event["args"]["cycles"]

    def check_times(self):
        """Timestamps are the cycles' in whole ns; on a track nothing overlaps, in cycles and in time."""
        for track in self.tracks.values():
            last = last_us = 0
            for event in sorted(track, key=lambda e: (self.span(e), e["ph"] == "X")):
                start, end = self.span(event)
                self.assertEqual(event["ts"] * 1000, self.ns(start))
                self.assertEqual((event["ts"] + event.get("dur", 0)) * 1000, self.ns(end))
                self.assertEqual(event["ph"], "X" if end > start else "i")
                self.assertGreaterEqual(start, last)
                self.assertGreaterEqual(event["ts"], last_us)
                last, last_us = end, event["ts"] + event.get("dur", 0)
        end = max(self.ns(self.span(e)[1]) for e in self.events["X"])
        self.assertEqual(end, self.ns(self.result["totals"]["cycles"]))
        self.assertAlmostEqual(end / 1e6, self.result["totals"]["latency_ms"], delta=0.6e-6)

    def check_layers(self):
        spans, at = {}, 0
        for event in self.tracks["layers"]:
            self.assertNotIn(event["name"], spans)
            spans[event["name"]] = self.span(event)
            self.assertEqual(spans[event["name"]][0], at)
            self.assertEqual(event["args"]["type"], self.layers[event["name"]]["type"])
            at = spans[event["name"]][1]
        said = {name: layer["cycles"] for name, layer in self.layers.items() if layer["cycles"]}
        self.assertEqual({name: end - start for name, (start, end) in spans.items()}, said)
        self.assertEqual(list(spans), list(said))
        for name in TRACKS[1:]:
            for event in self.tracks[name]:
                start, end = spans[self.layer_of(event)]
                self.assertTrue(start <= self.span(event)[0] <= self.span(event)[1] <= end, event)

    def layer_of(self, event):
        if "layer" in event["args"]:
            return event["args"]["layer"]
        return re.fullmatch(r"(.*?)(?: run \d+)? (?:tile \d+|turn)", event["name"])[1]

    def check_causes(self):
        """By layer, to the cycle; without a gap, and two neighbours of a layer are not alike."""
        spent, at, before = defaultdict(Counter), 0, None
        for event in self.tracks["cycles by cause"]:
            spent[self.layer_of(event)][event["name"]] += event["args"]["cycles"]
            self.assertEqual(event["args"]["cycle"], at)
            at = self.span(event)[1]
        for name, layer in self.layers.items():
            self.assertEqual({c: spent[name][c] for c in CAUSES}, layer["cycles_by"], name)
        self.assertEqual(sum(sum(c.values()) for c in spent.values()), self.result["totals"]["cycles"])

    def check_computes(self):
        """What the tile trace says, under the number that the tile has in its run."""
        told, numbers = [], Counter()
        for row in (r for r in self.rows if r["what"] == "compute"):
            run = f" run {row['run']}" if row["run"] else ""
            name = f"{row['layer']}{run} tile {numbers[row['layer'], row['run']]}"
            numbers[row["layer"], row["run"]] += 1
            on_array = self.layers[row["layer"]]["w_bits"] != 0
            if row["cycles"]:
                told.append(("array" if on_array else "vector unit", name, row["start"], row["cycles"], tile_name(row)))
        shown = {(track, e["name"], e["args"]["cycle"], e["args"]["cycles"], e["args"].get("tile"))
                 for track in ("array", "vector unit") for e in self.tracks[track]}
        self.assertLessEqual(set(told), shown)
        self.assertEqual(len([t for t in told if t[0] == "array"]), len(self.tracks["array"]))
        self.check_numbers()

    def check_numbers(self):
        """A number stands for one tile of its run, in whatever track."""
        tiles = defaultdict(list)
        for row in (r for r in self.rows if r["what"] == "compute"):
            tiles[f"{row['layer']} run {row['run']}" if row["run"] else row["layer"]].append(tile_name(row))
        for name in TRACKS[2:]:
            for event in (e for e in self.tracks[name] if not e["name"].endswith(" turn")):
                run, number = event["name"].rsplit(" tile ", 1)
                self.assertEqual(tiles[run][int(number)], event["args"]["tile"], event)

    def check_moves(self):
        """Transfers end where the tile trace says, with their bits; by layer they sum to the result's."""
        told = Counter((r["what"], tile_name(r), r["start"], r["start"] + r["cycles"], r["bits"]) for r in self.moves)
        shown, bits = Counter(), defaultdict(Counter)
        for track in TRACKS[4:]:
            for e in self.tracks[track]:
                args = e["args"]
                self.assertTrue(args["what"] == track or (track == "drain" and args["what"].startswith("drain ")))
                self.assertGreaterEqual(args["cycle"], args["issued"])
                shown[args["what"], args["tile"], args["issued"], self.span(e)[1], args["bits"]] += 1
                bits[self.layer_of(e)][track == "drain"] += args["bits"]
        self.assertEqual(shown, told)
        for name, layer in self.layers.items():
            self.assertEqual((bits[name][0], bits[name][1]), (layer["dram_read_bits"], layer["dram_write_bits"]))
        every = sorted((self.span(e) for t in TRACKS[4:] for e in self.tracks[t] if e["ph"] == "X"))
        for (_, end), (start, _) in zip(every, every[1:]):
            self.assertLessEqual(end, start)

    def check_counter(self):
        """Over time it adds up to the bits of what takes time."""
        counts = self.events["C"]
        self.assertEqual({(c["name"], *c["args"]) for c in counts} - {("DRAM bandwidth", "GB/s")}, set())
        times = [c["ts"] for c in counts]
        self.assertEqual(times, sorted(times))
        moved = sum(a["args"]["GB/s"] * 1000 * (b["ts"] - a["ts"]) for a, b in zip(counts, counts[1:]))
        bits = sum(e["args"]["bits"] for t in TRACKS[4:] for e in self.tracks[t] if e["ph"] == "X")
        self.assertEqual(bool(counts), bits > 0)
        self.assertAlmostEqual(float(moved) * 8, bits, delta=1e-3 * bits)
        if counts:
            self.assertEqual(counts[-1]["args"]["GB/s"], 0)
            most = self.result["dram_bits_per_cycle"] * self.result["clock_mhz"] / 8000
            self.assertLessEqual(max(c["args"]["GB/s"] for c in counts), Decimal(most) * (1 + Decimal("1e-9")))

    def check(self, *arguments):
        self.load(*arguments)
        self.read()
        self.check_times()
        self.check_layers()
        self.check_causes()
        self.check_computes()
        self.check_moves()
        self.check_counter()

    def test_mixed(self):
        self.check("--arch", "bitserial_4x4", "--plan", "resnet8_mixed")
        self.assertTrue(any(" run 1 tile " in e["name"] for e in self.tracks["array"]))

    def test_one_layer(self):
        self.check("--arch", "bitserial_16x16", "--plan", "resnet18_mixed", "--layer", "layer2.0.conv1")
        self.assertEqual([e["name"] for e in self.tracks["layers"]], ["layer2.0.conv1"])

    def test_other_arrays(self):
        self.check("--arch", "tpu_like", "--plan", "ds_cnn_w8a8")

    def test_partial_sums(self):
        self.check("--arch", "bitserial_16x16", "--plan", "resnet50_w8a8", "--layer", "layer4.0.downsample.0")
        self.assertTrue(self.tracks["load partial"])

    def test_turning(self):
        self.check("--arch", "bitserial_16x16", "--plan", "bert_base_128_w8a8", "--layer",
                   "encoder.layer.0.attention.self.scores")
        self.assertEqual(self.tracks["vector unit"][0]["name"], "encoder.layer.0.attention.self.scores turn")

    def test_single_buffers(self):
        self.check("--arch", self.other_arch(single=("input", "output", "weight")), "--plan", "resnet8_mixed")

    def test_ideal_memory(self):
        self.check("--arch", self.other_arch(dram={"kind": "ideal"}), "--plan", "resnet8_mixed")
        self.assertEqual({e["ph"] for t in LOADS for e in self.tracks[t]}, {"i"})

    def test_odd_clocks(self):
        for clock in (333.3, 700, 1999):
            self.check("--arch", self.other_arch(clock=clock), "--plan", "ds_cnn_w4a4")

    def test_same_bytes(self):
        for name in ("one.json", "two.json"):
            self.assertEqual(self.mpsim(*SMALL, "--engine", "event", "--timeline", name, "-o", "/dev/null").returncode, 0)
        one, two = ((self.folder / name).read_bytes() for name in ("one.json", "two.json"))
        self.assertTrue(one == two)


class Memory(Case):
    def check_rows(self):
        """A row a transfer of the tile trace, at the cycle of its issue, in whole bursts."""
        with open(self.folder / "m.csv") as rows:
            self.transfers = list(csv.DictReader(rows))
        self.assertEqual(list(self.transfers[0]), ["cycle", "op", "address", "bytes", "layer", "operand", "tile"])
        told = [(str(r["start"]), "WRITE" if r["what"].startswith("drain") else "READ", str(64 * bursts(r["bits"])), r["layer"],
                 r["what"].split()[1], tile_name(r)) for r in self.moves]
        shown = [tuple(t[k] for k in ("cycle", "op", "bytes", "layer", "operand", "tile")) for t in self.transfers]
        self.assertEqual(shown, told)
        cycles = [int(t["cycle"]) for t in self.transfers]
        self.assertEqual(cycles, sorted(cycles))

    def check_sums(self):
        moved, bits, rounded = (defaultdict(Counter) for _ in range(3))
        for transfer, row in zip(self.transfers, self.moves):
            moved[row["layer"]][transfer["op"]] += int(transfer["bytes"])
            bits[row["layer"]][transfer["op"]] += row["bits"]
            rounded[row["layer"]][transfer["op"]] += 64 * bursts(row["bits"])
        for name, layer in self.layers.items():
            said = {"READ": layer["dram_read_bits"], "WRITE": layer["dram_write_bits"]}
            self.assertEqual({op: bits[name][op] for op in said}, said)
        self.assertEqual(moved, rounded)

    def check_regions(self):
        """Of each run: an operand's tiles lie together, whole bursts, behind those of the operand before."""
        runs = defaultdict(lambda: defaultdict(list))
        for transfer, row in zip(self.transfers, self.moves):
            address = int(transfer["address"], 16)
            self.assertEqual((address % 64, transfer["address"]), (0, f"0x{address:x}"))
            runs[row["layer"], row["run"]][transfer["operand"]].append((address, address + int(transfer["bytes"])))
        for regions in runs.values():
            end = 0
            for operand in (o for o in OPERANDS if o in regions):
                first = min(a for a, _ in regions[operand])
                self.assertEqual(first % 4096, 0)
                self.assertGreaterEqual(first, end)
                end = max(e for _, e in regions[operand])

    def check_lines(self, *arguments):
        """As text: a line a burst of the same transfers."""
        run = self.mpsim(*arguments, "--engine", "event", "--memtrace", "m.trc", "-o", "/dev/null")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        with open(self.folder / "m.trc") as lines:
            for transfer in self.transfers:
                address = int(transfer["address"], 16)
                for at in range(address, address + int(transfer["bytes"]), 64):
                    self.assertEqual(next(lines), f"0x{at:x} {transfer['op']} {transfer['cycle']}\n")
            self.assertEqual(lines.read(), "")

    def check(self, *arguments):
        self.load(*arguments)
        self.check_rows()
        self.check_sums()
        self.check_regions()
        self.check_lines(*arguments)

    def test_mixed(self):
        self.check("--arch", "bitserial_4x4", "--plan", "resnet8_mixed")
        self.assertEqual({t["operand"] for t in self.transfers}, {"input", "weight", "output"})

    def test_partial_sums(self):
        self.check("--arch", "bitserial_16x16", "--plan", "resnet50_w8a8", "--layer", "layer4.0.downsample.0")
        self.assertEqual({t["operand"] for t in self.transfers}, set(OPERANDS))

    def test_other_array(self):
        self.check("--arch", "bitfusion", "--plan", "ds_cnn_w4a4")

    def test_ideal_memory(self):
        self.check("--arch", self.other_arch(dram={"kind": "ideal"}), "--plan", "ds_cnn_w4a4")


class TraceClock(Case):
    def test_is_that_of_the_core(self):
        """`dram` takes a run's trace in the core's cycles as it takes the DRAM's first cycles that are not before them."""
        run = self.mpsim("--arch", "bitserial_16x16", "--plan", "resnet8_mixed", "--engine", "event", "--memtrace", "core.trc",
                         "-o", "/dev/null")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        lines = [line.split() for line in (self.folder / "core.trc").read_text().splitlines()]
        for preset, fs in (("ddr4_2400", 830000), ("lpddr4_3200", 625000)):
            for mhz in ("500", "333.3"):
                core = Fraction(10**9) / Fraction(mhz)  # fs a cycle
                with open(self.folder / "dram.trc", "w") as out:
                    for address, op, cycle in lines:
                        out.write(f"{address} {op} {math.ceil(int(cycle) * core / fs)}\n")
                told = [call(MPSIM, "dram", "--preset", preset, "--json", "--trace", *arguments, cwd=self.folder).stdout
                        for arguments in (["core.trc", "--trace-clock", mhz], ["dram.trc"])]
                a, b = map(json.loads, told)
                self.assertEqual((a.pop("trace_clock_mhz"), a.pop("trace"), b.pop("trace")), (float(mhz), "core.trc", "dram.trc"))
                self.assertEqual(a, b)


class Roofline(Case):
    def check(self, arch, plan, *more):
        """The CSV can be had from the result, and no layer is above its roof."""
        run = self.mpsim("--arch", arch, "--plan", plan, "--json", "-o", "r.json", "--roofline", "r.csv", *more)
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
        result = json.loads((self.folder / "r.json").read_text())
        with open(self.folder / "r.csv") as text:
            rows = list(csv.DictReader(text))
        layers = [layer for layer in result["layers"] if layer["macs"]]
        self.assertEqual([row["layer"] for row in rows], [layer["name"] for layer in layers])
        clock, dram = result["clock_mhz"] / 1e3, result["dram_bits_per_cycle"] / 8
        for row, layer in zip(rows, layers):
            ops, moved = 2 * layer["macs"], (layer["dram_read_bits"] + layer["dram_write_bits"]) / 8
            peak = layer["peak_ops_per_cycle"] * clock
            roof = min(peak, ops / moved * dram * clock) if dram else peak
            told = {"intensity_ops_per_byte": ops / moved, "attained_gops": ops / layer["cycles"] * clock, "peak_gops": peak,
                    "roof_gops": roof, "share": layer["cycles"] / result["totals"]["cycles"]}
            for key, value in told.items():
                self.assertAlmostEqual(float(row[key]) / value, 1, delta=1e-12)
            self.assertEqual((row["bound"], row["a_bits"]), (layer["bound"], str(layer["a_bits"])))
            self.assertLessEqual(told["attained_gops"], roof * (1 + 1e-12))

    def test_shipped(self):
        for arch in sorted(p.stem for p in (SOURCE / "configs/arch").glob("*.json")):
            self.check(arch, "resnet8_mixed")

    def test_events(self):
        self.check("bitserial_16x16", "resnet18_mixed", "--engine", "event")

    def test_ideal_memory(self):
        self.check(self.other_arch(dram={"kind": "ideal"}), "ds_cnn_w4a4")

    def texts(self, *arguments):
        run = self.mpsim(*arguments, "-o", "r.json", "--roofline", "r.svg")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        tree = ElementTree.parse(self.folder / "r.svg").getroot()
        return [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]

    def test_names(self):
        """A roof for each pair and mix of widths, each with its name in the axis' unit; most layers of a cluster are named."""
        texts = self.texts("--arch", "bitserial_16x16", "--plan", "resnet18_mixed")
        result = json.loads((self.folder / "r.json").read_text())
        peaks = {layer["peak_ops_per_cycle"] * result["clock_mhz"] * 1e-6 for layer in result["layers"] if layer["macs"]}
        roofs = [text for text in texts if " TOPS at " in text]
        self.assertEqual(len(peaks), 6)
        self.assertEqual([f"{peak:.3f}" for peak in sorted(peaks)], [f"{float(text.split()[0]):.3f}" for text in reversed(roofs)])
        self.assertIn("1.024 TOPS at 4/4", roofs)
        self.assertEqual([text for text in texts if "GOPS" in text], [])
        names = {layer["name"] for layer in result["layers"]}
        self.assertGreater(sum(text.split(" +")[0] in names for text in texts), 9)

    def test_nothing_on_the_array(self):
        texts = self.texts("--arch", "bitserial_4x4", "--plan", "resnet18_mixed", "--layer", "maxpool")
        self.assertIn("No layer runs on the array.", texts)
        self.assertEqual([text for text in texts if "OPS" in text or "log scale" in text], [])

    def test_picture(self):
        """Text that looks like marks is text; the same bytes each time."""
        arch = json.loads((SOURCE / "configs/arch/bitserial_4x4.json").read_text())
        (self.folder / "arch.json").write_text(json.dumps({**arch, "name": "<b>&"}))
        for name in ("a.svg", "b.svg"):
            run = self.mpsim("--arch", "arch.json", "--plan", "resnet8_mixed", "-o", "/dev/null", "--roofline", name)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
        tree = ElementTree.parse(self.folder / "a.svg").getroot()
        self.assertEqual(tree[0].text, "resnet8_mixed on <b>&: roofline")
        titles = [title.text for title in tree.iter("{http://www.w3.org/2000/svg}title")]
        self.assertEqual(sum(t.startswith("layer1.0.conv1: ") for t in titles), 1)
        self.assertTrue((self.folder / "a.svg").read_bytes() == (self.folder / "b.svg").read_bytes())


class StandardOutput(Case):
    def test_is_a_dash(self):
        """What goes to "-" is what a file of the same kind gets, and no file is called so."""
        files = {"--trace": "t.csv", "--timeline": "t.json", "--memtrace": "m.trc", "--roofline": "r.svg", "--save-mapping": "s.json"}
        run = self.mpsim(*SMALL, "--engine", "event", "-o", "r.txt", *(w for f in files.items() for w in f))
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
        for option, name in files.items():
            run = self.mpsim(*SMALL, "--engine", "event", option, "-", "-o", "again.txt")
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            self.assertTrue(run.stdout == (self.folder / name).read_text(), option)
        self.assertEqual({p.name for p in self.folder.iterdir()}, {"r.txt", "again.txt", *files.values()})


class Interrupts(Case):
    def test_all_are_removed(self):
        """While one file waits for its reader, the others are there unfinished; an interrupt removes them."""
        os.mkfifo(self.folder / "pipe")
        command = [MPSIM, "run", "--arch", "bitserial_16x16", "--plan", "resnet18_w8a8", "--engine", "event",
                   "--trace", "t.csv", "--timeline", "t.json", "--memtrace", "pipe"]
        with subprocess.Popen(command, cwd=self.folder, env={**os.environ, **ENV}, stdout=subprocess.DEVNULL) as run:
            with open(self.folder / "pipe", "rb") as pipe:
                self.assertEqual(pipe.read(4), b"0x0 ")
                time.sleep(0.1)
                self.assertEqual(len(list(self.folder.iterdir())), 3)
                run.send_signal(signal.SIGINT)
                self.assertEqual(run.wait(timeout=20), -signal.SIGINT)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["pipe"])


if __name__ == "__main__":
    tap.main()
