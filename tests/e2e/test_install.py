# SPDX-License-Identifier: Apache-2.0
"""What `meson install` puts in place, moved as a whole to another folder, works as a user calls it."""
import json
import re
import shlex
import subprocess
import tempfile
import unittest
from pathlib import Path

from program import BUILD, SOURCE, call

import tap

ARCH, PLAN = "bitserial_4x4", "resnet8_mixed"


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="mpsim install ")
        cls.addClassCleanup(cls.folder.cleanup)
        run = call("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", cls.folder.name)
        assert run.returncode == 0, run.stdout + run.stderr
        options = json.loads(subprocess.run(["meson", "introspect", BUILD, "--buildoptions"], check=True,
                                            stdout=subprocess.PIPE).stdout)
        cls.options = {o["name"]: o["value"] for o in options}
        cls.prefix = Path(cls.folder.name) / cls.options["prefix"].lstrip("/")
        cls.lib = cls.prefix / cls.options["libdir"]
        cls.share = cls.prefix / cls.options["datadir"]
        cls.mpsim = cls.prefix / cls.options["bindir"] / "mpsim"

    def in_nowhere(self, *command, **more):
        """Run in an empty folder, with an environment that says nothing about mpsim."""
        with tempfile.TemporaryDirectory() as empty:
            return call(*command, cwd=empty, **more)

    def good(self, *command, **more):
        run = self.in_nowhere(*command, **more)
        self.assertEqual((run.returncode, run.stderr), (0, ""), command)
        return run.stdout

    def pkg_config(self, *what):
        # Ours from where it was moved to; those it needs from the system.
        env = {"PKG_CONFIG_PATH": str(self.lib / "pkgconfig")}
        return self.good("pkg-config", f"--define-variable=prefix={str(self.prefix).replace(' ', chr(92) + ' ')}", *what,
                         "mpsim", env=env)

    def flags(self, *what):
        return shlex.split(self.pkg_config(*what))

    def test_files(self):
        for path in ("libmpsim.a", "libmpsim.so", "libmpsim.so.0", "pkgconfig/mpsim.pc"):
            self.assertTrue((self.lib / path).is_file(), path)
        for path in ("man/man1/mpsim.1", "bash-completion/completions/mpsim", "zsh/site-functions/_mpsim"):
            self.assertTrue((self.share / path).is_file(), path)

    def test_configs(self):
        def names(folder):
            return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        self.assertEqual(names(self.share / "mpsim/configs"), names(SOURCE / "configs"))

    def test_version(self):
        self.assertEqual(self.good(self.mpsim, "--version"), f"mpsim {self.pkg_config('--modversion')}")

    def test_finds_its_configs(self):
        self.assertIn(ARCH, self.good(self.mpsim, "list", "archs"))
        listed = json.loads(self.good(self.mpsim, "list", "archs", "--json"))
        self.assertTrue(all(self.folder.name in row["path"] for row in listed), listed)
        result = json.loads(self.good(self.mpsim, "run", "--arch", ARCH, "--plan", PLAN, "--json"))
        self.assertEqual((result["schema"], result["arch"], result["plan"]), ("mpsim.result/1", ARCH, PLAN))

    def test_found_by_a_link(self):
        with tempfile.TemporaryDirectory() as other:
            link = Path(other) / "mpsim"
            link.symlink_to(self.mpsim)
            self.assertIn(ARCH, self.good(link, "list", "archs"))

    def compile(self, out, *flags):
        source = SOURCE / "tests/e2e/example.c"
        self.good("gcc", "-std=c17", "-Wall", "-Wextra", "-Werror", *self.flags("--cflags"), source, "-o", out, *flags)

    def run_example(self, program, **more):
        configs = self.share / "mpsim/configs"
        return self.good(program, configs / f"arch/{ARCH}.json", configs / f"plans/{PLAN}.json", configs / "tech", **more)

    def expected(self):
        totals = json.loads(self.good(self.mpsim, "run", "--arch", ARCH, "--plan", PLAN, "--json"))["totals"]
        return totals["cycles"], totals["energy_pj"]

    def test_example_with_shared_library(self):
        with tempfile.TemporaryDirectory() as out:
            self.compile(f"{out}/example", *self.flags("--libs"))
            text = self.run_example(f"{out}/example", env={"LD_LIBRARY_PATH": str(self.lib)})
            found = re.fullmatch(r"mpsim (\S+): (\d+) cycles, (\S+) pJ\n", text)
            self.assertEqual((int(found[2]), float(found[3])), self.expected())
            needed = self.good("readelf", "-d", f"{out}/example")
            self.assertIn("[libmpsim.so.0]", needed)

    def test_example_with_archive(self):
        with tempfile.TemporaryDirectory() as out:
            libs = [str(self.lib / "libmpsim.a") if f == "-lmpsim" else f for f in self.flags("--libs", "--static")]
            self.compile(f"{out}/example", *libs)
            self.assertNotIn("libmpsim", self.good("readelf", "-d", f"{out}/example"))
            self.assertIn(f" {self.expected()[0]} cycles", self.run_example(f"{out}/example"))

    def test_headers_stand_alone(self):
        include = self.prefix / self.options["includedir"] / "mpsim"
        headers = sorted(p.relative_to(include).as_posix() for p in include.rglob("*.h"))
        self.assertIn("sim/mpsim.h", headers)
        with tempfile.TemporaryDirectory() as out:
            for header in headers:
                one = Path(out) / "one.c"
                one.write_text(f"#include <{header}>\n#include <{header}>\n")
                self.good("gcc", "-std=c17", "-fsyntax-only", f"-I{include}", one)

    def test_library_exports_only_its_own_names(self):
        names = [line.split()[-1] for line in self.good("nm", "-D", "--defined-only",
                                                        self.lib / "libmpsim.so").splitlines()]
        self.assertIn("mp_evaluate@@MPSIM_0", names)
        self.assertEqual([n for n in names if not n.startswith("mp_") and n != "MPSIM_0"], [])

    def test_says_nothing_of_the_build(self):
        if self.options["b_ndebug"] == "false" or self.options["debug"]:
            self.skipTest("asserts and debug information name the sources")
        for path in (self.mpsim, self.lib / "libmpsim.so", self.lib / "pkgconfig/mpsim.pc"):
            self.assertFalse(str(SOURCE).encode() in path.read_bytes(), path)


if __name__ == "__main__":
    tap.main()
