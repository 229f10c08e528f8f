# SPDX-License-Identifier: Apache-2.0
"""Every shipped plan on every shipped accelerator: both engines print the same result, apart from their name."""
import os
import re
import unittest
from concurrent.futures import ThreadPoolExecutor

from program import MPSIM, SOURCE, call

import tap

ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}


def names(kind):
    return sorted(path.stem for path in (SOURCE / "configs" / kind).glob("*.json"))


def result(arch, plan, engine):
    run = call(MPSIM, "run", "--arch", arch, "--plan", plan, "--engine", engine, "--json", env=ENV)
    return run.returncode, re.sub(r'"engine": "\w+"', "", run.stdout, count=1), run.stderr


class Matrix(unittest.TestCase):
    def check(self, arch):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for plan, analytic, event in pool.map(
                    lambda plan: (plan, result(arch, plan, "analytic"), result(arch, plan, "event")), names("plans")):
                self.assertEqual((analytic[0], analytic[2]), (0, ""), plan)
                self.assertTrue(analytic == event, f"{plan}: the engines differ")


def add_archs():
    for name in names("arch"):
        setattr(Matrix, f"test_{name}", lambda self, arch=name: self.check(arch))


add_archs()

if __name__ == "__main__":
    tap.main()
