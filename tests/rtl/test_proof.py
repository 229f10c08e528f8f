# SPDX-License-Identifier: Apache-2.0
"""The PE's step and its accumulation are proved, and a PE made wrong is noticed."""
import shutil
import subprocess
import sys
import unittest

import core

import tap

MISSING = next((f"needs {tool}" for tool in ("yosys", "yosys-smtbmc", "z3") if not shutil.which(tool)), None)


@unittest.skipIf(MISSING, MISSING)
class Proof(unittest.TestCase):
    def test_all_lemmas(self):
        run = subprocess.run([core.SOURCE / "scripts/prove", *sys.argv[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=1500)
        self.assertEqual(run.returncode, 0, run.stdout)
        rows = run.stdout.split("\n")
        self.assertGreater(sum(" proved " in row for row in rows), 60)
        self.assertEqual(sum(row.endswith(": noticed") for row in rows), 6)


if __name__ == "__main__":
    tap.main()
