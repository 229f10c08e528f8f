# SPDX-License-Identifier: Apache-2.0
"""The program as people and scripts call it: exit status, streams, the same bytes twice, the README's commands."""
import json
import re
import tempfile
import unittest
from pathlib import Path

from program import MPSIM, SOURCE, call, commands

import tap

RUN = ("run", "--arch", "bitserial_4x4", "--plan", "resnet8_mixed")


class Cli(unittest.TestCase):
    def mpsim(self, *args, **more):
        return call(MPSIM, *args, **more, env={"MPSIM_CONFIGS": str(SOURCE / "configs")})

    def test_help_goes_to_stdout(self):
        for args in (["--help"], ["-h"], ["help"], *([c, "--help"] for c in commands()), *(["help", c] for c in commands())):
            run = self.mpsim(*args)
            self.assertEqual((run.returncode, run.stderr), (0, ""), args)
            self.assertTrue(run.stdout.startswith("Usage: mpsim "), args)
            self.assertLessEqual(max(map(len, run.stdout.split("\n"))), 118, args)

    def test_wrong_usage(self):
        for args in ([], ["rnu"], ["--verison"], ["run"], ["run", "--arhc", "x"], ["run", "--batch", "0"],
                     ["compare", "tpu_like"], ["diff", "a.json"], ["list", "nothing"], ["check"],
                     [*RUN, "--json", "--csv"], [*RUN, "--engine", "evnet"]):
            run = self.mpsim(*args)
            self.assertEqual((run.returncode, run.stdout), (2, ""), args)
            self.assertIn("mpsim", run.stderr, args)

    def test_failure(self):
        run = self.mpsim("run", "--arch", "bitserial_4x5", "--plan", "resnet8_mixed")
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertIn('did you mean "bitserial_4x4"?', run.stderr)

    def test_plain_text_when_not_a_terminal(self):
        run = self.mpsim(*RUN)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertNotIn("\x1b", run.stdout)

    def test_same_bytes(self):
        for args in (RUN, (*RUN, "--json"), (*RUN, "--csv"), (*RUN, "--objective", "edp", "--json")):
            self.assertEqual(self.mpsim(*args).stdout, self.mpsim(*args).stdout)

    def test_sums(self):
        for engine in ("analytic", "event"):
            result = json.loads(self.mpsim(*RUN, "--json", "--engine", engine).stdout)
            for part in [result["totals"], *result["layers"]]:
                self.assertEqual(part["cycles"], sum(part["cycles_by"].values()))
            for key in ("macs", "cycles", "dram_read_bits", "dram_write_bits"):
                self.assertEqual(result["totals"][key], sum(layer[key] for layer in result["layers"]), key)

    def test_small_network(self):
        """Energies have a unit in which they have digits; one MAC is one."""
        with tempfile.TemporaryDirectory() as folder:
            layer = {"name": "fc", "type": "linear", "inputs": ["input"], "out_channels": 1}
            path = Path(folder) / "tiny.json"
            path.write_text(json.dumps({"name": "tiny", "inputs": [{"name": "input", "shape": [1, 1, 1], "signed": True}],
                                        "layers": [layer]}))
            args = ("run", "--arch", "bitserial_4x4", "--workload", path)
            text, result = self.mpsim(*args).stdout, json.loads(self.mpsim(*args, "--json").stdout)
        self.assertIn("; 1 MAC, ", text)
        parts = dict(re.findall(r"^.{30,40}? (\w+) +([0-9.,]+) +[0-9.]+", text.split("energy by part     pJ")[1], re.M))
        for part, energy in result["totals"]["energy_pj_by"].items():
            self.assertAlmostEqual(float(parts[part].replace(",", "")), energy, delta=0.051)

    def test_disk_full(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            run = self.mpsim(*RUN, stdout=full)
        self.assertEqual(run.returncode, 1)
        self.assertIn("No space left on device", run.stderr)

    def test_reader_that_goes(self):
        run = call("bash", "-c", '"$@" | head -n 1', "bash", MPSIM, "list", env={"MPSIM_CONFIGS": str(SOURCE / "configs")})
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_results_read_back(self):
        with tempfile.TemporaryDirectory() as out:
            one, two, mapping = (str(Path(out) / name) for name in ("one.json", "two.json", "mapping.json"))
            self.assertEqual(self.mpsim(*RUN, "-o", one, "--save-mapping", mapping).returncode, 0)
            self.assertEqual(self.mpsim(*RUN, "-o", two, "--mapping", mapping).returncode, 0)
            self.assertEqual(Path(one).read_text(), Path(two).read_text())
            self.assertEqual(self.mpsim("check", one, mapping).returncode, 0)
            self.assertEqual(json.loads(self.mpsim("diff", one, two, "--json").stdout)["layers"], [])

    def test_demo_prints_the_network(self):
        text = (SOURCE / "scripts/demo").read_text()
        command = re.search(r"exec build/mpsim (.*) \"\$@\"", text)[1].split()
        run = self.mpsim(*command, cwd=SOURCE)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertIn("resnet18_mixed", run.stdout)
        self.assertIn("layer4.1.conv2", run.stdout)

    @unittest.skipUnless((SOURCE / "README.md").exists(), "no README")
    def test_commands_of_the_readme(self):
        """Each that names only shipped files, or files that a command before it wrote."""
        text = (SOURCE / "README.md").read_text()
        found = re.findall(r"(?m)^\s*(?:\$ )?((?:build/)?mpsim (?:run|compare|list|check|diff) .*?[^\\])$", text)
        writes = ("-o", "--output", "--save-mapping", "--trace", "--timeline", "--memtrace", "--roofline")
        ran = 0
        with tempfile.TemporaryDirectory() as out:
            (Path(out) / "configs").symlink_to(SOURCE / "configs")
            for line in found:
                words = line.split("#")[0].split("|")[0].split(">")[0].split()[1:]
                reads = [word for before, word in zip(["", *words], words)
                         if word.endswith((".json", ".csv", ".cfg")) and before not in writes]
                if all((Path(out) / name).exists() for name in reads):
                    run = self.mpsim(*words, cwd=out)
                    self.assertEqual((run.returncode, run.stderr), (0, ""), line)
                    ran += 1
        self.assertGreater(ran, 0)


if __name__ == "__main__":
    tap.main()
