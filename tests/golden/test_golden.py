# SPDX-License-Identifier: Apache-2.0
"""What whole runs print, compared byte by byte with expected/ (scripts/update-golden writes it anew), and what must be
equal to what: the two engines, one run and the next, a mapping saved and given back, an echo and its own echo."""
import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["MPSIM_SOURCE"])
sys.path[:0] = [str(SOURCE / "tests"), str(SOURCE / "tests/golden")]
import cases  # noqa: E402
import tap  # noqa: E402

ARCHS = sorted(path.stem for path in (SOURCE / "configs/arch").glob("*.json"))
PLANS = ["resnet8_mixed", "ds_cnn_w4a4"]


def lines(text):
    return text.decode(errors="replace").splitlines(keepends=True)


class Same(unittest.TestCase):
    def same(self, old, new, old_name, new_name):
        if old != new:
            diff = "".join(difflib.unified_diff(lines(old), lines(new), old_name, new_name))
            self.fail(f"\n{diff or 'line ends differ'}")


class Expected(Same):
    def compare(self, name):
        path = SOURCE / cases.EXPECTED / name
        old = path.read_bytes() if path.exists() else b""
        self.same(old, cases.call(cases.CASES[name]), f"{cases.EXPECTED}/{name}", "now")

    def test_no_other_files(self):
        self.assertEqual({path.name for path in (SOURCE / cases.EXPECTED).iterdir()}, set(cases.CASES))


class Twice(Same):
    """The same inputs give the same bytes."""
    def test_run(self):
        for name in ("run_bitserial_16x16_resnet18_mixed.txt", "run_bitserial_4x4_resnet8_mixed.json"):
            self.same(cases.call(cases.CASES[name]), cases.call(cases.CASES[name]), "first", "second")

    def test_compare(self):
        arguments = cases.CASES["compare_equal_area.txt"]
        self.same(cases.call(arguments), cases.call(arguments), "first", "second")

    def test_from_another_folder(self):
        """By a name and by a path, from here and from there."""
        arguments = cases.run("bitserial_4x4", "resnet8_mixed", "--json")
        paths = cases.run("configs/arch/bitserial_4x4.json", "configs/plans/resnet8_mixed.json", "--json")
        self.same(cases.call(arguments), cases.call(paths), "by name", "by path")
        self.same(cases.call(arguments), cases.call(arguments, MPSIM_CONFIGS=str(SOURCE / "configs")), "relative", "absolute")

    def test_environment(self):
        arguments = cases.CASES["run_bitserial_4x4_resnet8_mixed.txt"]
        plain = cases.call(arguments)
        for more in ({"TERM": "xterm-256color", "COLUMNS": "40"}, {"NO_COLOR": "1"}, {"TZ": "Asia/Tokyo", "HOME": "/"}):
            self.same(plain, cases.call(arguments, **more), "plain", str(more))

    def test_locale(self):
        """Where numbers have a comma, if the system knows such a locale or can make one."""
        with tempfile.TemporaryDirectory() as folder:
            locale = {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}
            known = subprocess.run(["locale", "-a"], stdout=subprocess.PIPE, check=True).stdout.decode().lower()
            if "de_de.utf8" not in known:
                made = shutil.which("localedef") and subprocess.run(
                    ["localedef", "-i", "de_DE", "-f", "UTF-8", f"{folder}/de_DE.UTF-8"], stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, check=False)
                if not Path(folder, "de_DE.UTF-8").is_dir():
                    self.skipTest(f"no locale de_DE.UTF-8 {made and made.returncode}")
                locale["LOCPATH"] = folder
            for name in ("run_bitserial_4x4_resnet8_mixed.txt", "run_bitserial_4x4_resnet8_mixed.json",
                         "compare_resnet8_mixed.csv", "resolved_tech.json", "list.txt"):
                self.same(cases.call(cases.CASES[name]), cases.call(cases.CASES[name], **locale), "C", "de_DE")


class Engines(Same):
    """The event engine says what the analytic one says, but its name."""
    def compare(self, arch, plan):
        analytic, event = (cases.call(cases.run(arch, plan, "--engine", engine, "--json"))
                           for engine in ("analytic", "event"))
        self.assertEqual(event.count(b'"engine": "event"'), 1)
        self.same(analytic, event.replace(b'"engine": "event"', b'"engine": "analytic"'), "analytic", "event")


class Mappings(Same):
    """What --save-mapping wrote gives the same result, read by --mapping, and is written again the same."""
    def compare(self, arch, plan):
        with tempfile.TemporaryDirectory() as folder:
            saved, again = f"{folder}/a.json", f"{folder}/b.json"
            for objective in ("latency", "energy"):
                command = cases.run(arch, plan, "--json", "--objective", objective)
                found = cases.call([*command, "--save-mapping", saved])
                given = cases.call([*command, "--mapping", saved, "--save-mapping", again])
                self.same(found, given, "found", "given back")
                self.same(Path(saved).read_bytes(), Path(again).read_bytes(), "saved", "saved again")


class Echoes(Same):
    """The echo of an echo is the echo. Files that others name stand beside it under their own names."""
    def compare(self, kind, name):
        with tempfile.TemporaryDirectory() as folder:
            for other in ("arch", "workloads", "models", "plans", "tech"):
                if other == kind == "tech":
                    shutil.copytree(SOURCE / "configs/tech", f"{folder}/tech")
                elif other == kind:
                    Path(folder, kind).mkdir()
                else:
                    os.symlink(SOURCE / "configs" / other, f"{folder}/{other}")
            echo = cases.call(["check", "--resolved", f"configs/{kind}/{name}"])
            at = Path(folder, kind, name)
            at.write_bytes(echo)
            json.loads(echo)
            self.same(echo, cases.call(["check", "--resolved", str(at)]), "echo", "echo of the echo")

    def compare_runs(self, kind, name):
        """What an echo costs is what its original costs."""
        with tempfile.TemporaryDirectory() as folder:
            path, echo = f"configs/{kind}/{name}.json", f"{folder}/{name}.json"
            cases.call(["check", "--resolved", path, "-o", echo])
            arch = "bitfusion" if name == "bitfusion45" else "bitserial_4x4"  # bitfusion45 prices no other PE
            command = (cases.run(arch, "resnet8_mixed", "--csv", "--tech") if kind == "tech" else
                       ["run", "--plan", "resnet8_mixed", "--csv", "--arch"])
            self.same(cases.call([*command, path]), cases.call([*command, echo]), path, "echo")

    def compare_import(self, name):
        with tempfile.TemporaryDirectory() as folder:
            echo = cases.call(["check", "--resolved", f"{cases.INPUTS}/{name}"])
            at = Path(folder, "echo.json")
            at.write_bytes(echo)
            self.same(echo, cases.call(["check", "--resolved", str(at)]), "echo", "echo of the echo")


def add(group, name, method, *arguments):
    assert not hasattr(group, f"test_{name}")
    setattr(group, f"test_{name}", lambda self: method(self, *arguments))


def add_all():
    for name in cases.CASES:
        add(Expected, name.replace(".", "_"), Expected.compare, name)
    for arch in ARCHS:
        for plan in PLANS:
            if '"banked"' not in (SOURCE / f"configs/arch/{arch}.json").read_text():  # there they differ: test_banked
                add(Engines, f"{arch}_{plan}", Engines.compare, arch, plan)
            add(Mappings, f"{arch}_{plan}", Mappings.compare, arch, plan)
    add(Engines, "bitserial_16x16_resnet18_mixed", Engines.compare, "bitserial_16x16", "resnet18_mixed")
    for kind in ("arch", "workloads", "plans", "tech"):
        for path in sorted((SOURCE / "configs" / kind).glob("*.json")):
            add(Echoes, f"{kind}_{path.stem}", Echoes.compare, kind, path.name)
            if kind in ("arch", "tech"):
                add(Echoes, f"run_{kind}_{path.stem}", Echoes.compare_runs, kind, path.stem)
    for name in ("conv.csv", "gemm.csv", "systolic.cfg", "mapping.json", "constraints.json"):
        add(Echoes, name.replace(".", "_"), Echoes.compare_import, name)


add_all()
if __name__ == "__main__":
    tap.main()
