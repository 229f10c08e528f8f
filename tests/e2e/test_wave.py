# SPDX-License-Identifier: Apache-2.0
"""The simulator's waveform: it says what the tile trace and the result say, and GTKWave shows it."""
import csv
import json
import re
import resource
import shutil
import struct
import tempfile
import unittest
import zlib
from pathlib import Path

from program import MPSIM, SOURCE, call
from waves import Wave

import tap

ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}
CORE = "mp_cosim.u_core."
DIMS = {"g": "group", "b": "batch", "oh": "oh", "ow": "ow", "oc": "oc", "ic": "ic"}
NONE = 2**32 - 1
CAUSES = ["compute", "fill_drain", "stall_weight", "stall_input", "stall_output", "stall_dram", "vector"]
REQUESTS = {"drain output": 1, "drain partial": 1, "load input": 2, "load weight": 3, "load partial": 4}
STATES = ["idle", "turn", "serial", "main"]
SMALL = ["run", "--arch", "bitserial_4x4", "--plan", "ds_cnn_w4a4", "--engine", "event"]


def mpsim(folder, *arguments, **more):
    return call(MPSIM, *arguments, env=ENV, cwd=folder, **more)


def without_waves():
    with tempfile.TemporaryDirectory() as folder:
        return "built without waveforms" in mpsim(folder, *SMALL, "--layer", "conv1", "--wave", "t.fst").stderr


WITHOUT = without_waves()


@unittest.skipIf(WITHOUT, "built without waveforms")
class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="a folder ")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_it(self, *arguments):
        run = mpsim(self.folder, "run", *arguments, "--engine", "event", "--json", "-o", "r.json", "--trace", "t.csv",
                    "--wave", "t.fst")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", "waveform: gtkwave t.fst t.gtkw\n"))
        self.assertEqual({p.name for p in self.folder.iterdir()} - {"arch.json"}, {"r.json", "t.csv", "t.fst", "t.gtkw"})


@unittest.skipUnless(shutil.which("fst2vcd"), "fst2vcd (gtkwave) is not installed")
class Content(Case):
    def load(self, *arguments):
        self.run_it(*arguments)
        self.wave = Wave(self.folder / "t.fst")
        self.result = json.loads((self.folder / "r.json").read_text())
        with open(self.folder / "t.csv") as rows:
            self.rows = [{k: int(v) if v.isdigit() and k != "layer" else v for k, v in row.items()}
                         for row in csv.DictReader(rows)]

    def at(self, name, time):
        return self.wave.at(CORE + name, time)

    def check_computes(self):
        """Each computing tile of the trace stands where and as long as the trace says, and there are no others."""
        computes = [row for row in self.rows if row["what"] == "compute"]
        for row in computes:
            start, end = row["start"], row["start"] + row["cycles"]
            for time in (start, end - 1):
                self.assertEqual((self.at("u_seq.layer", time), self.at("u_seq.run", time)), (row["layer"], row["run"]))
                self.assertEqual({d: self.at("u_seq." + d, time) for d in DIMS}, {d: row[k] for d, k in DIMS.items()})
                self.assertEqual(self.at("u_front.busy_o", time) + self.at("u_vector.busy_o", time) > 0, True)
            stage = self.at("u_seq.stage", start)
            self.assertEqual(self.at("u_seq.compute_tile", start), stage - 1)
            self.assertTrue(self.at("u_seq.stage", end) != stage or self.at("u_front.busy_o", end) == 0)
        tiles = [value for _, _, value in self.wave.spans(CORE + "u_seq.stage") if value not in (0, NONE)]
        lasts = len({(row["layer"], row["run"]) for row in computes})
        self.assertEqual(len(tiles), len(computes) + lasts)

    def check_requests(self):
        """A request of the DMA ends where the trace says, with its bits."""
        told = sorted((row["start"] + row["cycles"], REQUESTS[row["what"]], row["bits"]) for row in self.rows
                      if row["what"] != "compute" and row["cycles"] > 0)
        for end, kind, bits in told:
            self.assertEqual((self.at("u_dma.request", end - 1), self.at("u_dma.bits", end - 1)), (kind, bits))
            self.assertEqual(self.at("u_dma.busy", end - 1), 1)
        busy = sum(end - start for start, end, on in self.wave.spans(CORE + "u_dma.busy") if on)
        moved = 0
        for row in sorted((r for r in self.rows if r["what"] != "compute"), key=lambda r: r["start"] + r["cycles"]):
            begin = max(row["start"], moved and last)
            moved, last = moved + row["start"] + row["cycles"] - begin, row["start"] + row["cycles"]
        self.assertEqual(busy, moved)

    def check_times(self):
        total = self.result["totals"]["cycles"]
        self.assertEqual((self.wave.timescale, self.wave.end), ("1ns", total))
        spent = [0] * 8
        for start, end, cause in self.wave.spans(CORE + "u_seq.cause"):
            spent[cause] += end - start
        said = [self.result["totals"]["cycles_by"][name] for name in CAUSES]
        on_array = sum(said[:5])
        self.assertEqual((sum(spent[:5]), spent[5:]), (on_array, [*said[5:], 0]))
        for name, idle in (("state_q", 0), ("cause", 7), ("compute_tile", NONE), ("layer", "")):
            self.assertEqual(self.at("u_seq." + name, total), idle)

    def check(self, *arguments):
        self.load(*arguments)
        self.check_computes()
        self.check_requests()
        self.check_times()

    def states(self):
        return {STATES[value] for _, _, value in self.wave.spans(CORE + "u_seq.state_q")}

    def test_names(self):
        self.load("--arch", "bitserial_4x4", "--plan", "ds_cnn_w4a4", "--layer", "conv1")
        words = {"u_seq.layer": 0, "u_seq.state_q": 3, "u_seq.cause": 3, "u_dma.request": 3, "u_dma.bits": 64,
                 "u_dma.busy": 1, "u_front.busy_o": 1, "u_vector.busy_o": 1,
                 **{f"u_seq.{n}": 32 for n in ("stage", "run", "load_tile", "compute_tile", "drain_tile", *DIMS)}}
        self.assertEqual(self.wave.names, {CORE + name: bits for name, bits in words.items()})

    def test_whole_network(self):
        self.check("--arch", "bitserial_4x4", "--plan", "resnet8_mixed")
        self.assertEqual(self.states(), {"idle", "main"})
        layers = [value for _, _, value in self.wave.spans(CORE + "u_seq.layer")]
        told = list(dict.fromkeys(row["layer"] for row in self.rows))
        self.assertEqual(layers, [*told, ""])

    def test_one_layer(self):
        self.check("--arch", "bitserial_16x16", "--plan", "resnet18_mixed", "--layer", "layer2.0.conv1")
        self.assertEqual(self.at("u_seq.layer", 0), "layer2.0.conv1")

    def test_other_array(self):
        self.check("--arch", "bitfusion", "--plan", "resnet8_w8a8")

    def test_turning(self):
        self.check("--arch", "bitserial_16x16", "--plan", "bert_base_128_w8a8", "--layer",
                   "encoder.layer.0.attention.self.scores")
        self.assertEqual(self.states(), {"idle", "turn", "main"})
        self.assertEqual(self.at("u_vector.busy_o", 0), 1)

    def test_single_buffers(self):
        arch = json.loads((SOURCE / "configs/arch/bitserial_4x4.json").read_text())
        for name in ("input", "output"):
            arch["buffers"][name]["double_buffered"] = False
        (self.folder / "arch.json").write_text(json.dumps(arch))
        self.check("--arch", "arch.json", "--plan", "resnet8_mixed")
        self.assertEqual(self.states(), {"idle", "serial", "main"})

    def test_ideal_memory(self):
        arch = json.loads((SOURCE / "configs/arch/bitserial_4x4.json").read_text())
        arch["dram"] = {"kind": "ideal"}
        (self.folder / "arch.json").write_text(json.dumps(arch))
        self.check("--arch", "arch.json", "--plan", "resnet8_mixed")

    def test_same_bytes(self):
        names = ("one.fst", "two.fst")
        for name in names:
            self.assertEqual(mpsim(self.folder, *SMALL, "--wave", name).returncode, 0)
        one, two = ((self.folder / name).read_bytes() for name in names)
        self.assertTrue(one == two)


class Refusals(Case):
    def refuses(self, message, *arguments, status=1, **more):
        (self.folder / "old.fst").write_text("old")
        before = sorted(p.name for p in self.folder.iterdir())
        run = mpsim(self.folder, *arguments, **more)
        self.assertEqual((run.returncode, run.stdout, run.stderr.split("\n")[0]), (status, "", message))
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), before)
        self.assertEqual((self.folder / "old.fst").read_text(), "old")

    def test_other_engine(self):
        self.refuses("mpsim run: --wave needs --engine event", *SMALL[:-1], "analytic", "--wave", "t.fst", status=2)

    def test_no_folder(self):
        self.refuses("none/t.fst: cannot write: No such file or directory", *SMALL, "--wave", "none/t.fst")

    def test_folder(self):
        self.refuses(".: is a directory", *SMALL, "--wave", ".")

    def test_device(self):
        self.refuses("/dev/full: cannot write: not a regular file, which a waveform has to be", *SMALL, "--wave",
                     "/dev/full")
        self.assertTrue(Path("/dev/full").is_char_device())

    def test_no_room(self):
        for name in ("old.fst", "new.fst"):
            for most in (0, 100, 400, 1000):
                self.refuses(f"{name}: cannot write: File too large", *SMALL, "--wave", name,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))

    def test_failed_run(self):
        run = [*SMALL, "--layer", "none", "--wave", "old.fst", "--trace", "t.csv"]
        self.refuses(mpsim(self.folder, *SMALL, "--layer", "none").stderr.split("\n")[0], *run)


def png_pixels(path):
    """(width, height, set of colours) of an 8-bit picture without interlacing."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    assert depth == 8 and not interlaced
    size = {2: 3, 6: 4}[kind]
    packed, at = b"", 8
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if name == b"IDAT" else b""
        at += 12 + length
    raw, above, colours = zlib.decompress(packed), bytearray(width * size), set()
    for y in range(height):
        line = bytearray(raw[y * (width * size + 1) + 1:(y + 1) * (width * size + 1)])
        unfilter(raw[y * (width * size + 1)], line, above, size)
        colours.update(bytes(line[x:x + 3]) for x in range(0, len(line), size))
        above = line
    return width, height, colours


def unfilter(kind, line, above, size):
    for x in range(len(line)):
        left = line[x - size] if x >= size else 0
        corner = above[x - size] if x >= size else 0
        best = left + above[x] - corner
        paeth = min((left, above[x], corner), key=lambda v: abs(best - v))
        line[x] = (line[x] + (0, left, above[x], (left + above[x]) // 2, paeth)[kind]) & 255


@unittest.skipUnless(shutil.which("xvfb-run") and shutil.which("xauth") and shutil.which("gtkwave"),
                     "xvfb, xauth or gtkwave is not installed")
class Picture(Case):
    def test_gtkwave_shows_it(self):
        self.run_it("--arch", "bitserial_4x4", "--plan", "resnet8_mixed")
        (self.folder / "s.tcl").write_text(
            'puts "shown [gtkwave::getTotalNumTraces] from [gtkwave::getWindowStartTime] to [gtkwave::getWindowEndTime]"\n'
            "gtkwave::/File/Grab_To_File wave.png\ngtkwave::/File/Quit\n")
        run = call("timeout", "60", "xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", "gtkwave", "-S", "s.tcl", "t.fst",
                   "t.gtkw", cwd=self.folder)
        shown = re.search(r"shown (\d+) from (\d+) to (\d+)", run.stdout)
        self.assertTrue(shown, run.stdout + run.stderr)
        save = (self.folder / "t.gtkw").read_text()
        self.assertEqual(int(shown[1]), save.count("\n-") + save.count("\nmp_cosim."))
        total = json.loads((self.folder / "r.json").read_text())["totals"]["cycles"]
        self.assertEqual(int(shown[2]), 0)
        self.assertGreaterEqual(int(shown[3]), total)
        width, height, colours = png_pixels(self.folder / "wave.png")
        self.assertGreater((width, height), (1000, 600))
        self.assertGreater(len(colours), 20)
        for colour in ((0, 255, 0), (255, 255, 0), (255, 165, 0)):
            near = min(sum(abs(a - b) for a, b in zip(colour, seen)) for seen in colours)
            self.assertLess(near, 200, colour)


@unittest.skipUnless(WITHOUT, "built with waveforms")
class Without(unittest.TestCase):
    def test_says_what_to_install(self):
        with tempfile.TemporaryDirectory() as folder:
            run = mpsim(folder, *SMALL, "--wave", "t.fst")
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertRegex(run.stderr, r"^t.fst: cannot write: .*verilator and zlib1g-dev.*\n$")


if __name__ == "__main__":
    tap.main()
