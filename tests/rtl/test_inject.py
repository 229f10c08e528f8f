# SPDX-License-Identifier: Apache-2.0
"""Bits of the core's registers are inverted: each such fault is reported at its place, or has no effect at all."""
import random
import re
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import core
import small

import tap

FLIPS = 50
TIMEOUT = 60  # seconds a run
PE = re.compile(r"u_array\.gen_row\[(\d+)\]\.gen_col\[(\d+)\]\.u_pe\.")
CLASSES = {"PE": PE.pattern, "array": r"u_array\.", "control": r"u_seq\.|u_front\.", "DMA": r"u_dma\.",
           "buffers": r"u_input\.|u_weight\.|gen_half", "drain": r"u_drain\.", "vector unit": r"u_vector\.|result_",
           "counters": ""}
SPANS = {"conv": 5292, "fc": 37}  # cycles


def class_of(register):
    return next(name for name, pattern in CLASSES.items() if re.match(pattern, register))


@unittest.skipIf(core.MISSING, core.MISSING)
class Inject(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.options = small.write(self.folder)

    def registers(self):
        run = core.call("cosim", *self.options[:2], "--list-registers")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return {name: int(bits) for bits, name in (line.split() for line in run.stdout.splitlines())}

    def inject(self, *specs, arguments=()):
        extra = [word for spec in specs for word in ("--inject", spec)]
        return core.cosim(*self.options, "--wave-dir", self.folder, *arguments, *extra, timeout=TIMEOUT)

    def check_reported(self, result, layer, register, cycle):
        wrong = [l for l in result["layers"] if l["state"] == "failed" or l["state"] == "ran" and not l["agrees"]]
        self.assertEqual([l["layer"] for l in wrong], [layer])
        replay = wrong[0]["replay"]
        self.assertNotEqual(replay["what"], "nothing", replay)
        if replay["what"] == "counters":
            return
        # What a fault does shows at once or later, never before: it lies in the window or in front of it.
        self.assertLessEqual(cycle, replay["last_cycle"])
        self.assertLessEqual(cycle, replay["first_bad_cycle"] if replay["what"] == "sum" else replay["last_cycle"])
        for file in ("fst", "gtkw"):
            self.assertTrue(Path(replay[file]).stat().st_size > 0)
        pe = PE.match(register)
        if pe:  # holds a fold's sum for as long as the fold takes
            self.assertEqual((replay["what"], replay["pe_row"], replay["pe_col"], replay["wrong_pes"]),
                             ("sum", int(pe[1]), int(pe[2]), 1))
            self.assertLessEqual(replay["first_cycle"], cycle)

    def test_random_flips(self):
        registers = self.registers()
        by_class = {name: [r for r in registers if class_of(r) == name] for name in CLASSES}
        pick = random.Random(1)
        reported, silent = Counter(), Counter()
        for i in range(FLIPS):
            kind = list(CLASSES)[i % len(CLASSES)]
            register = pick.choice(sorted(by_class[kind]))
            layer = pick.choice(["conv", "conv", "conv", "fc"])
            cycle = pick.randrange(SPANS[layer])
            spec = f"{layer}:{register}[{pick.randrange(registers[register])}]@{cycle}"
            with self.subTest(spec):
                run, result = self.inject(spec)
                self.assertIn(run.returncode, (0, 1), run.stderr)
                self.assertIsNotNone(result, run.stderr)
                self.assertEqual(run.returncode == 0, result["agrees"])
                (silent if run.returncode == 0 else reported)[kind] += 1
                if run.returncode == 1:
                    self.check_reported(result, layer, register, cycle)
        print(f"# {'registers':12} flips reported silent")
        for kind in CLASSES:
            print(f"# {kind:12} {reported[kind] + silent[kind]:5} {reported[kind]:8} {silent[kind]:6}")
        print(f"# {'all':12} {FLIPS:5} {reported.total():8} {silent.total():6}")
        self.assertEqual(reported.total() + silent.total(), FLIPS)
        self.assertGreater(reported.total(), FLIPS // 5)

    def test_every_pe_is_found(self):
        for row in range(small.ROWS):
            for col in range(small.COLS):
                # One flip in each of ten folds: some output shows one of them.
                name = f"u_array.gen_row[{row}].gen_col[{col}].u_pe.acc_q"
                run, result = self.inject(*(f"{name}[22]@{2010 + 150 * i}" for i in range(10)), arguments=("--layer", "conv"))
                self.assertEqual(run.returncode, 1, run.stderr)
                replay = result["layers"][0]["replay"]
                self.assertEqual((replay["what"], replay["pe_row"], replay["pe_col"]), ("sum", row, col), replay)

    def test_report(self):
        """Each injection is told with what came of it, also when nothing did."""
        acc = "u_array.gen_row[1].gen_col[0].u_pe.acc_q"
        specs = [f"conv:{acc}[22]@2100", f"fc:{acc}[0]@0"]
        _, result = self.inject(*specs)
        self.assertEqual(result["injections"], [
            {"layer": "conv", "register": acc, "bit": 22, "cycle": 2100, "effect": True},
            {"layer": "fc", "register": acc, "bit": 0, "cycle": 0, "effect": False}])
        extra = [word for spec in specs for word in ("--inject", spec)]
        run = core.call("cosim", *self.options, "--no-replay", *extra)
        self.assertIn(f"injected into conv: bit 22 of {acc}, cycle 2,100: the layer differs\n"
                      f"injected into fc: bit 0 of {acc}, cycle 0: no effect on outputs and counters\n", run.stdout)
        self.assertNotIn("injections", core.cosim(*self.options)[1])

    def test_spellings(self):
        plain = "u_array.gen_row[1].gen_col[0].u_pe.acc_q[22]@2100"
        found = [self.inject(spec, arguments=("--layer", "conv"))[1] for spec in (
            plain, "conv:" + plain, "mp_cosim.u_core." + plain,
            "u_array.gen_row__BRA__1__KET____DOT__gen_col__BRA__0__KET__.u_pe.acc_q[22]@2100")]
        for other in found[1:]:
            self.assertEqual(other["layers"][0]["first_mismatch"], found[0]["layers"][0]["first_mismatch"])

    def test_refusals(self):
        for spec, layer, says in (
                ("u_seq.stat_q[0]@5", "conv", 'did you mean "u_seq.state_q"?'), ("u_seq.state_q[3]@5", "conv", "bits 0 to 2"),
                ("u_seq.state_q@5", "conv", "which of the 3 bits"), ("u_seq.state_q[1]", "conv", "is not [LAYER:]"),
                ("u_seq.state_q[1]@x", "conv", "is not [LAYER:]"), ("cnv:u_seq.state_q[1]@5", None, 'did you mean "conv"?'),
                ("u_seq.state_q[1]@5", None, "names no layer"), ("u_seq.state_q[1]@999999", "fc", 'layer "fc" takes ')):
            run, result = self.inject(spec, arguments=("--layer", layer) if layer else ())
            self.assertEqual((run.returncode, run.stdout, run.stderr.count("\n")), (1, "", 1), spec)
            self.assertIn(says, run.stderr)
            self.assertIsNone(result)


if __name__ == "__main__":
    tap.main()
