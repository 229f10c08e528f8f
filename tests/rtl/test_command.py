# SPDX-License-Identifier: Apache-2.0
"""`mpsim cosim` as a user meets it: exit status, messages, what it leaves on the disk, what it does without Verilator."""
import json
import os
import shutil
import tempfile
import unittest
from pathlib import Path

import core
import networks

import tap

SMALL = ("--arch", "bitserial_4x4", "--plan", "resnet8_mixed", "--layer", "fc")


class Command(unittest.TestCase):
    def test_without_verilator(self):
        with tempfile.TemporaryDirectory() as folder:
            run = core.call("cosim", *SMALL, env={"PATH": folder, "MPSIM_CACHE": folder})
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        self.assertIn("Verilator", run.stderr)

    def test_no_csv(self):
        run = core.call("cosim", *SMALL, "-o", "comparison.csv")
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn("CSV", run.stderr)

    def test_cores_that_cannot_be_built(self):
        for path, value, named in ((("array", "dataflow"), "ws", "dataflow"), (("array", "interconnect"), "systolic", "interconnect"),
                                   (("array", "pe", "kind"), "serial_aw", "kind"), (("keep_on_chip",), True, "keep_on_chip"),
                                   (("array", "accumulator", "bits"), 40, "bits"), (("array", "rows"), 4096, "rows"),
                                   (("vector_unit", "param_bits"), 8, "param_bits")):
            arch = networks.core(2, 2, 2, 1)
            at = arch
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
            if value == "ws":
                del arch["array"]["map"]
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "arch.json"
                file.write_text(json.dumps(arch))
                run = core.call("cosim", "--arch", file, "--plan", "resnet8_mixed", "--layer", "fc",
                                env={"MPSIM_CACHE": folder})
                self.assertEqual(os.listdir(folder), ["arch.json"], path)
            self.assertEqual((run.returncode, run.stdout), (1, ""), path)
            self.assertIn(named, run.stderr)
            self.assertEqual(run.stderr.count("\n"), 1, run.stderr)

    @unittest.skipIf(core.MISSING, core.MISSING)
    def test_built_once(self):
        first, _ = core.cosim(*SMALL)
        self.assertEqual(first.returncode, 0, first.stderr)
        stamps = {p.name: p.stat().st_mtime_ns for p in core.CACHE.iterdir()}
        again, result = core.cosim(*SMALL)
        self.assertEqual(result["build_seconds"], 0)
        self.assertEqual({p.name: p.stat().st_mtime_ns for p in core.CACHE.iterdir()}, stamps)
        self.assertEqual(again.returncode, 0)

    @unittest.skipIf(core.MISSING, core.MISSING)
    def test_seeds(self):
        same = [core.cosim(*SMALL, "--seed", 5)[1] for _ in range(2)]
        for result in same:
            self.assertTrue(result["agrees"])
        self.assertEqual(same[0]["layers"][0]["runs"][0]["core"], same[1]["layers"][0]["runs"][0]["core"])

    @unittest.skipIf(core.MISSING, core.MISSING)
    def test_concat_of_signed_and_unsigned(self):
        workload = {
            "name": "mixed", "inputs": [{"name": "x", "shape": [4, 5, 7], "signed": True}],
            "layers": [
                {"name": "a", "type": "conv2d", "inputs": ["x"], "out_channels": 3, "kernel": [1, 1], "activation": "relu"},
                {"name": "b", "type": "conv2d", "inputs": ["x"], "out_channels": 3, "kernel": [1, 1]},
                {"name": "both", "type": "concat", "inputs": ["a", "b"]},
                {"name": "last", "type": "conv2d", "inputs": ["both"], "out_channels": 4, "kernel": [1, 1]}]}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "workload.json"
            file.write_text(json.dumps(workload))
            run, result = core.cosim("--arch", "bitserial_4x4", "--workload", file, "--no-replay")
        self.assertEqual(run.returncode, 0, run.stderr + core.failures(result))
        self.assertEqual([layer["state"] for layer in result["layers"]], ["ran", "ran", "host", "ran"])

    @unittest.skipIf(core.MISSING, core.MISSING)
    def test_a_broken_core_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            rtl = Path(folder) / "rtl"
            rtl.mkdir()
            for path in (core.SOURCE / "rtl").glob("*"):
                if path.is_file():
                    text = path.read_text()
                    if path.name == "mp_vector.sv":
                        text = text.replace("(72'sd1 <<< (shift - 6'd1))", "72'sd0")  # rounding left out
                    (rtl / path.name).write_text(text)
            shutil.copy(core.SOURCE / "sim/cosim/shim.h", rtl)
            run, result = core.cosim(*SMALL, "--no-replay", env={"MPSIM_RTL": str(rtl), "MPSIM_CACHE": f"{folder}/cache"})
        self.assertEqual(run.returncode, 1)
        self.assertFalse(result["agrees"])
        self.assertGreater(result["layers"][0]["mismatches"], 0)


if __name__ == "__main__":
    tap.main()
