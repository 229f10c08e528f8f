# SPDX-License-Identifier: Apache-2.0
"""How `mpsim cosim` builds a core, and what it says of cores that are wrong. On a core small enough to be built many times,
in a folder whose name has blanks."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import core

import tap

ARCH = {
    "name": "tiny", "tech": "cmos45_lstp", "clock_mhz": 500,
    "array": {"rows": 1, "cols": 2, "dataflow": "os", "interconnect": "broadcast",
              "map": {"rows": ["pixel"], "cols": ["oc"], "lanes": ["ic", "k_ic"]},
              "pe": {"kind": "serial_w", "lanes": 2, "serial_bits": 1},
              "accumulator": {"bits": 32, "on_overflow": "saturate", "shadow": True}},
    "buffers": {name: {"size_bytes": 1024, "width_bits": 32, "banks": 1} for name in ("input", "weight", "output")},
    "dram": {"kind": "ideal"},
    "vector_unit": {"lanes": 1, "param_bits": 72},
}
WORKLOAD = {
    "name": "tiny", "inputs": [{"name": "x", "shape": [4, 6, 6]}],
    "layers": [
        {"name": "conv", "type": "conv2d", "inputs": ["x"], "out_channels": 6, "kernel": [3, 3],
         "padding": [1, 1, 1, 1], "activation": "relu"},
        {"name": "norm", "type": "softmax", "inputs": ["conv"]},
        {"name": "pool", "type": "pool", "op": "max", "inputs": ["norm"], "kernel": [2, 2], "stride": [2, 2]},
        {"name": "flat", "type": "view", "inputs": ["pool"], "shape": [54, 1, 1]},
        {"name": "fc", "type": "linear", "inputs": ["flat"], "out_channels": 5},
    ],
}
# What is wrong: file, text, text instead, what the report says.
WRONG = {
    "value": ("mp_pe.sv", "(clear_i ? WideBits'(0)", "(clear_i ? WideBits'(999)", "outputs wrong, first"),
    "counter": ("mp_front.sv", "least(input_left, 32'(InputPort)) + 32'(InputWord)",
                "least(input_left, 32'(InputPort)) + 32'(2 * InputWord)", "input_read"),
    "hang": ("mp_dma.sv", "assign done_o = ", "assign done_o = 1'b0 && ", "the core hangs: still busy in cycle"),
    "assertion": ("mp_seq.sv", "assert (!(start_i && busy_o))", "assert (!busy_o)",
                  "in mp_cosim.u_core.u_seq: a run starts while another one is under way (mp_seq.sv:"),
}


@unittest.skipIf(core.MISSING, core.MISSING)
class Model(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="mpsim cosim ")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        (cls.folder / "arch.json").write_text(json.dumps(ARCH))
        (cls.folder / "tiny.json").write_text(json.dumps(WORKLOAD))
        cls.cache = cls.folder / "cache"
        cls.call()
        cls.built = sorted(path.name.split("-")[0] + path.suffix for path in cls.cache.iterdir())

    @classmethod
    def call(cls, *more, **env):
        return core.call("cosim", "--arch", cls.folder / "arch.json", "--workload", cls.folder / "tiny.json", *more,
                         env={"MPSIM_CACHE": str(cls.cache), **env})

    def result(self, *more, **env):
        run = self.call("--json", *more, **env)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        return json.loads(run.stdout)

    def start(self, *more, **env):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("MPSIM")}
        env = {**clean, "MPSIM_CACHE": str(self.cache), "MPSIM_CONFIGS": str(core.SOURCE / "configs"), **env}
        return subprocess.Popen([core.MPSIM, "cosim", "--arch", str(self.folder / "arch.json"), *more], env=env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def sources(self):
        """A copy of the core that a test may spoil."""
        rtl = Path(tempfile.mkdtemp(dir=self.folder))
        for path in (core.SOURCE / "rtl").glob("*.*"):
            shutil.copy(path, rtl)
        return rtl

    def test_leaves_nothing_but_what_it_needs_again(self):
        self.assertEqual(self.built, ["core.lock", "core.so", "runtime.lock", "runtime.o"])

    def test_states_of_layers(self):
        found = self.result("--w-bits", 5, "--a-bits", 7, "--seed", 3)
        self.assertEqual((found["agrees"], found["core_cycles"]), (True, found["sim_cycles"]))
        states = {layer["layer"]: layer["state"] for layer in found["layers"]}
        self.assertEqual(states, {"conv": "ran", "norm": "not_run", "pool": "ran", "flat": "host", "fc": "ran"})
        self.assertEqual(sum(layer.get("outputs", 0) for layer in found["layers"]), 6 * 36 + 54 + 5)

    def test_one_layer_and_a_limit(self):
        found = self.result("--layer", "conv")
        self.assertEqual([layer["layer"] for layer in found["layers"]], ["conv"])
        found = self.result("--max-cycles", found["sim_cycles"] - 1)
        self.assertEqual([layer["state"] for layer in found["layers"]][:2], ["not_run", "not_run"])

    def test_nothing_compared_is_no_agreement(self):
        run = self.call("--layer", "norm")
        self.assertEqual(run.returncode, 1)
        self.assertIn("Nothing was compared", run.stdout)

    def test_two_processes_build_one_core(self):
        rtl = self.sources()
        with (rtl / "mp_pkg.sv").open("a") as package:
            package.write("// other\n")
        before = len(list(self.cache.glob("core-*.so")))
        both = [self.start("--workload", str(self.folder / "tiny.json"), "--json", MPSIM_RTL=str(rtl)) for _ in range(2)]
        found = [json.loads(process.communicate(timeout=500)[0]) for process in both]
        self.assertTrue(all(f["agrees"] for f in found))
        self.assertEqual(sorted(f["build_seconds"] > 0 for f in found), [False, True])
        self.assertEqual(len(list(self.cache.glob("core-*.so"))), before + 1)

    def test_sees_what_is_wrong(self):
        for what, (file, text, instead, said) in WRONG.items():
            with self.subTest(what):
                rtl = self.sources()
                source = (rtl / file).read_text()
                self.assertEqual(source.count(text), 1)
                (rtl / file).write_text(source.replace(text, instead))
                run = self.call("--layer", "conv", MPSIM_RTL=str(rtl))
                self.assertEqual((run.returncode, run.stderr), (1, ""))
                self.assertIn(said, run.stdout)
                self.assertIn("DISAGREE", run.stdout)

    def test_a_build_that_fails(self):
        rtl = self.sources()
        with (rtl / "mp_pe.sv").open("a") as file:
            file.write("nonsense\n")
        run = self.call(MPSIM_RTL=str(rtl))
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertIn("syntax error", run.stderr)
        log = run.stderr.strip().split("see ")[-1]
        self.assertTrue(Path(log).is_file(), log)

    def test_an_interrupt_tells_what_was_done(self):
        process = self.start("--plan", "resnet8_w8a8")
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        out = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertIn("Interrupted.", out)
        self.assertIn("not run: interrupted", out)
        self.assertIn("\nfc ", out)  # layers that were still to come are named


if __name__ == "__main__":
    tap.main()
