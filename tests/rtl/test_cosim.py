# SPDX-License-Identifier: Apache-2.0
"""The core against the simulator and the integer reference: random layers on random cores, networks on cores of several
sizes. Every output, every event, every cycle by cause.

    test_cosim.py            what a change is tested with
    test_cosim.py --all      the nightly run"""
import json
import sys
import tempfile
import unittest
from pathlib import Path

import core
import networks
import random_layers

import tap

ALL = "--all" in sys.argv
RANDOM = {seed: 25 for seed in range(100, 112)} if ALL else {3: 15, 18: 15}  # layers by the seed of a core
WORKLOADS = core.SOURCE / "configs/workloads"


@unittest.skipIf(core.MISSING, core.MISSING)
class Agreement(unittest.TestCase):
    def agrees(self, arch, plan, *more):
        run, result = core.cosim("--arch", arch, "--plan", plan, *more)
        self.assertIsNotNone(result, run.stderr)
        self.assertTrue(result["agrees"] and run.returncode == 0, core.failures(result) + run.stderr)
        ran = [layer for layer in result["layers"] if layer["state"] == "ran"]
        self.assertEqual(sum(layer["mismatches"] for layer in ran), 0)
        return result, ran

    def files(self, folder, arch, workload, widths):
        """Paths of arch.json and plan.json."""
        folder = Path(folder)
        (folder / "arch.json").write_text(json.dumps(arch))
        if isinstance(workload, dict):
            (folder / "workload.json").write_text(json.dumps(workload))
            workload = folder / "workload.json"
        (folder / "plan.json").write_text(json.dumps(networks.plan(workload, widths)))
        return folder / "arch.json", folder / "plan.json"


def random_case(seed, layers):
    def test(self):
        with tempfile.TemporaryDirectory() as folder:
            random_layers.write(folder, seed, layers)
            files = f"{folder}/arch.json", f"{folder}/plan.json"
            for more in ((), ("--mapping", core.spilling(*files))):
                result, ran = self.agrees(*files, "--seed", seed, *more)
                self.assertEqual(len(ran), layers)
                self.assertEqual(result["core_cycles"], result["sim_cycles"])
    return test


def network_case(shape, workload, widths, cut=None):
    def test(self):
        with tempfile.TemporaryDirectory() as folder:
            path = WORKLOADS / f"{workload}.json"
            work = networks.slices(path, cut) if cut else path
            result, ran = self.agrees(*self.files(folder, networks.core(*shape), work, widths))
            self.assertGreater(len(ran), 2)
            self.assertEqual(result["core_cycles"], result["sim_cycles"])
    return test


def add(name, test):
    setattr(Agreement, f"test_{name}", test)


for seed, layers in RANDOM.items():
    add(f"random_{seed}", random_case(seed, layers))
# Rows, columns, lanes, serial bits. Lanes grow with the array, as its ports do.
SHAPES = [(r, c, lanes, bits) for r, c, lanes in ((1, 1, 4), (4, 4, 4), (8, 4, 4), (16, 16, 8)) for bits in (1, 2, 4)]
for shape in SHAPES if ALL else [(4, 4, 4, 1)]:
    tag = "{}x{}x{}_{}".format(*shape)
    for widths in networks.WIDTHS if ALL else ["mixed"]:
        for workload in ("resnet8", "ds_cnn"):
            add(f"{workload}_{widths}_{tag}", network_case(shape, workload, widths))
        for workload in ("resnet18", "mobilenet_v2", "bert_base_128"):
            if ALL or workload != "resnet18":
                add(f"{workload}_{widths}_{tag}_slices", network_case(shape, workload, widths, 100_000 if ALL else 20_000))

if __name__ == "__main__":
    tap.main()
