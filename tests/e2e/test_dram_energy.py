# SPDX-License-Identifier: Apache-2.0
"""What a run's banked DRAM takes is what `mpsim dram` says of the run's own accesses."""
import json
import tempfile
import unittest
from pathlib import Path

from program import MPSIM, SOURCE, call

import tap

ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}
NS = {"ddr4_2400": 0.83, "lpddr4_3200": 0.625}


class DramEnergy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def mpsim(self, *arguments):
        run = call(MPSIM, *arguments, env=ENV, cwd=self.folder)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout

    def run_of(self, preset, channels, refresh):
        arch = json.loads((SOURCE / "configs/arch/bitserial_16x16_ddr4.json").read_text())
        arch["dram"] = {"kind": "banked", "preset": preset, "channels": channels, "refresh": refresh}
        (self.folder / "arch.json").write_text(json.dumps(arch))
        return json.loads(self.mpsim("run", "--arch", "arch.json", "--plan", "resnet18_mixed", "--engine", "event",
                                     "--memtrace", "m.trc", "--json"))

    def replay(self, result, preset, channels):
        """Of the accesses at the DRAM's own cycles."""
        ratio = 1e3 / result["clock_mhz"] / NS[preset]
        with open(self.folder / "m.trc") as trace, open(self.folder / "scaled.trc", "w") as scaled:
            for line in trace:
                address, op, cycle = line.split()
                scaled.write(f"{address} {op} {int(int(cycle) * ratio)}\n")
        return json.loads(self.mpsim("dram", "--preset", preset, "--channels", str(channels), "--trace", "scaled.trc",
                                     "--json"))

    def check(self, preset, channels):
        """Rows are closed from a refresh to the next access: standby is below what a run takes it to be, with rows open."""
        still = self.run_of(preset, channels, False)["prices_pj"][0]["dram_standby"]
        result = self.run_of(preset, channels, True)
        replay = self.replay(result, preset, channels)["energy_pj"]
        totals, both = result["totals"], result["prices_pj"][0]["dram_standby"]
        count = totals["events"]["dram_standby"]
        self.assertEqual(count, channels * totals["cycles"])
        self.assertAlmostEqual(count * (both - still) / replay["refresh"], 1, delta=0.01)
        self.assertTrue(1 <= count * still / replay["background"] < 1.1, count * still / replay["background"])
        self.assertTrue(1 <= totals["energy_pj_by"]["dram"] / replay["total"] < 1.08,
                        totals["energy_pj_by"]["dram"] / replay["total"])

    def test_ddr4(self):
        self.check("ddr4_2400", 1)
        self.check("ddr4_2400", 4)

    def test_lpddr4(self):
        self.check("lpddr4_3200", 1)


if __name__ == "__main__":
    tap.main()
