# SPDX-License-Identifier: Apache-2.0
"""The core is lint clean at -Wall, with every waiver explained; its PEs map to gates, and with --all the whole core does."""
import shutil
import subprocess
import sys
import unittest

import core

import tap

ALL = "--all" in sys.argv


def script(name, *args, timeout=1500):
    return subprocess.run([core.SOURCE / "scripts" / name, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=timeout)


class Sources(unittest.TestCase):
    @unittest.skipUnless(shutil.which("verilator"), "needs verilator")
    def test_lint(self):
        run = script("lint-rtl")
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        self.assertGreater(run.stdout.count("clean   "), 5)

    def test_waivers_have_reasons(self):
        lines = (core.SOURCE / "rtl/lint.vlt").read_text().split("\n")
        for before, line in zip(lines, lines[1:]):
            if line.startswith("lint_off"):
                self.assertTrue(before.startswith(("//", "lint_off")), line)

    @unittest.skipUnless(shutil.which("yosys"), "needs yosys")
    def test_synthesis(self):
        run = script("synth", *([] if ALL else ["--pe"]))
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        self.assertEqual(run.stdout.count("mp_pe: "), 3)
        self.assertEqual("mp_vector" in run.stdout, ALL)


if __name__ == "__main__":
    tap.main()
