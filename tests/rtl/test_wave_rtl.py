# SPDX-License-Identifier: Apache-2.0
"""The core's waveform: what it holds, which cycles and which PEs, what a replay puts into it, and that GTKWave shows it."""
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import core
import small

sys.path.insert(0, str(core.SOURCE / "tests/e2e"))
import tap
from test_wave import png_pixels
from waves import Wave

CORE = "mp_cosim.u_core."
ARRAY = re.compile(r"u_array\.gen_row\[(\d+)\]\.gen_col\[(\d+)\]\.u_pe\.")
CONV = ("--layer", "conv")
FAULT = "u_array.gen_row[1].gen_col[1].u_pe.acc_q[16]@2050"
FST2VCD, GTKWAVE = shutil.which("fst2vcd"), shutil.which("xvfb-run") and shutil.which("xauth") and shutil.which("gtkwave")


@unittest.skipIf(core.MISSING, core.MISSING)
@unittest.skipUnless(FST2VCD, "fst2vcd (gtkwave) is not installed")
class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.options = small.write(self.folder)

    def wave(self, *arguments):
        run = core.call("cosim", *self.options, *CONV, "--wave", self.folder / "t.fst", *arguments)
        self.assertEqual((run.returncode, run.stderr),
                         (0, f"waveform: gtkwave {self.folder}/t.fst {self.folder}/t.gtkw\n"))
        return Wave(self.folder / "t.fst"), (self.folder / "t.gtkw").read_text()

    def pes(self, wave):
        return {(int(m[1]), int(m[2])) for m in map(ARRAY.search, wave.names) if m}

    def check_save(self, wave, save):
        """All that the save file shows is there, as wide as it says."""
        shown = re.findall(r"^(?:\+\{.*\} )?(mp_cosim\.[\w.\[\]]*?)(?:\[(\d+):0\])?$", save, re.M)
        self.assertGreater(len(shown), 20)
        for name, high in shown:
            self.assertEqual(wave.names.get(name), int(high) + 1 if high else 1, name)


class Content(Case):
    def test_window(self):
        for first, last in ((100, 300), (0, 40), (5200, 5291), (1000, 1000)):
            wave, save = self.wave("--wave-cycles", f"{first}:{last}")
            times = {t for times in wave.times.values() for t in times}
            self.assertEqual(wave.timescale, "1ps")
            self.assertIn(min(times), (first * 1000, first * 1000 + 500))
            self.assertEqual(wave.end, last * 1000 + 500)
            self.check_save(wave, save)

    def test_all_cycles(self):
        wave, save = self.wave()
        self.assertEqual((wave.end, len(self.pes(wave))), (5292000, small.ROWS * small.COLS))
        causes = [wave.at(CORE + "u_seq.cause", cycle * 1000 + 500) for cycle in range(5292)]
        self.assertEqual(causes.count(0), 5184)  # compute, as the counters have it
        self.check_save(wave, save)

    def test_names_of_states(self):
        self.wave("--wave-cycles", "0:50")
        run = subprocess.run(["fst2vcd", "-e", self.folder / "t.fst"], stdout=subprocess.PIPE, check=True)
        self.assertIn(b"CauseFillDrain", run.stdout)
        self.assertIn(b"SeqMain", run.stdout)

    def test_some_pes(self):
        every = {(r, c) for r in range(small.ROWS) for c in range(small.COLS)}
        for option, pes in (("2,1", {(2, 1)}), ("1,*", {(1, 0), (1, 1)}), ("*,0", {(0, 0), (1, 0), (2, 0)}), ("*,*", every)):
            wave, save = self.wave("--wave-cycles", "0:20", "--wave-pe", option)
            self.assertEqual(self.pes(wave), pes)
            self.check_save(wave, save)

    def test_refusals(self):
        for words, status, says in (
                (("--wave-cycles", "1:2"), 2, "go with --wave"), (("--wave", "none/t.fst", *CONV), 1, "No such file"),
                (("--wave", "t.fst"), 2, "needs --layer"), (("--wave", "t.fst", *CONV, "--wave-pe", "3,0"), 1, "lies outside"),
                (("--wave", "t.fst", *CONV, "--wave-pe", "a"), 1, "is not ROW,COL"),
                (("--wave", "t.fst", *CONV, "--wave-cycles", "9:3"), 1, "is not A:B"),
                (("--wave", "t.fst", "--wave-layer", "cony"), 1, 'did you mean "conv"?'),
                (("--no-replay", "--wave-dir", "x"), 2, "exclude each other")):
            run = core.call("cosim", *self.options, *words)
            self.assertEqual((run.returncode, run.stdout), (status, ""), words)
            self.assertIn(says, run.stderr)


class Replay(Case):
    def replay(self, *specs):
        extra = [word for spec in specs for word in ("--inject", spec)]
        run, result = core.cosim(*self.options, *CONV, "--wave-dir", self.folder, *extra)
        self.assertEqual(run.returncode, 1, run.stderr)
        return run, result["layers"][0]["replay"]

    def test_sum(self):
        run, replay = self.replay(FAULT)
        fst, gtkw = self.folder / "cosim-conv.fst", self.folder / "cosim-conv.gtkw"
        self.assertEqual(run.stderr, f"waveform: gtkwave {fst} {gtkw}\n")
        wave, save = Wave(fst), gtkw.read_text()
        self.check_save(wave, save)
        self.assertEqual((replay["what"], replay["pe_row"], replay["pe_col"]), ("sum", 1, 1))
        self.assertEqual(wave.end, replay["last_cycle"] * 1000 + 500)
        for mark in ("last good", "first bad", "inject"):
            self.assertRegex(save, rf"\[markername\] .{mark}\n")
        bad = replay["first_bad_cycle"] * 1000 + 500
        pe = CORE + "u_array.gen_row[1].gen_col[1].u_pe."
        signed = lambda v, bits: v - (v >> (bits - 1) << bits)
        self.assertEqual(signed(wave.at(pe + "gen_shadow.shadow_q", bad), 24), replay["actual_sum"])
        # What is expected stands beside the accumulator until the fold leaves it.
        expected = [signed(wave.at(f"mp_cosim.u_expect.{name}_q", bad - 1000), 32) for name in
                    ("valid", "tile", "pe_row", "pe_col", "sum")]
        self.assertEqual(expected, [1, replay["tile"], 1, 1, replay["expected_sum"]])
        self.assertEqual(abs(replay["actual_sum"] - replay["expected_sum"]), 1 << 16)

    def test_stop(self):
        _, replay = self.replay("u_seq.state_q[1]@1200")
        self.assertEqual(replay["what"], "stop")
        wave = Wave(self.folder / "cosim-conv.fst")
        self.assertEqual(wave.end // 1000, replay["first_bad_cycle"])
        self.assertEqual(replay["first_bad_cycle"] - replay["first_cycle"], 200)

    def test_stage(self):
        _, replay = self.replay("u_seq.state_q[0]@1200")
        self.assertEqual(replay["what"], "stage")
        self.assertLessEqual(replay["first_bad_cycle"], 1200)
        self.assertLessEqual(1200, replay["last_cycle"])

    def test_counters(self):
        _, replay = self.replay("u_regs.count_q[1000]@20")
        self.assertEqual(replay, {"what": "counters"})

    def test_only_when_asked(self):
        run, result = core.cosim(*self.options, *CONV, "--inject", FAULT, "--no-replay")
        self.assertEqual((run.returncode, run.stderr), (1, ""))
        self.assertNotIn("replay", result["layers"][0])

    def test_no_folder(self):
        run, result = core.cosim(*self.options, *CONV, "--inject", FAULT, "--wave-dir", self.folder / "none")
        self.assertEqual(run.returncode, 1)
        replay = result["layers"][0]["replay"]
        self.assertNotIn("fst", replay)
        self.assertIn("cannot write", replay["why"])


@unittest.skipUnless(GTKWAVE, "xvfb, xauth or gtkwave is not installed")
class Picture(Case):
    def test_gtkwave_shows_it(self):
        run, _ = core.cosim(*self.options, *CONV, "--wave-dir", self.folder, "--inject", FAULT)
        self.assertEqual(run.returncode, 1, run.stderr)
        (self.folder / "s.tcl").write_text('puts "shown [gtkwave::getTotalNumTraces]"\n'
                                           "gtkwave::/File/Grab_To_File wave.png\ngtkwave::/File/Quit\n")
        shown = subprocess.run(
            ["timeout", "60", "xvfb-run", "-a", "-s", "-screen 0 1600x1200x24", "gtkwave", "-S", "s.tcl", "cosim-conv.fst",
             "cosim-conv.gtkw"], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, timeout=90)
        save = (self.folder / "cosim-conv.gtkw").read_text()
        count = re.search(r"shown (\d+)", shown.stdout)
        self.assertTrue(count, shown.stdout + shown.stderr)
        self.assertEqual(int(count[1]), save.count("\n-") + len(re.findall(r"^(?:\+\{.*\} )?mp_cosim\.", save, re.M)))
        width, height, colours = png_pixels(self.folder / "wave.png")
        self.assertGreater((width, height), (1000, 600))
        self.assertGreater(len(colours), 20)


if __name__ == "__main__":
    tap.main()
