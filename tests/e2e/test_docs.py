# SPDX-License-Identifier: Apache-2.0
"""Man page and completions are in step with the program's own help."""
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from program import MPSIM, SOURCE, call, commands, options

import tap

MAN = SOURCE / "docs/man/mpsim.1"
BASH = SOURCE / "scripts/completion/mpsim.bash"
ZSH = SOURCE / "scripts/completion/_mpsim"
ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}


def man_sections():
    """{command: text of its part of the man page}, font changes and escapes taken out."""
    plain = MAN.read_text().replace("\\-", "-")
    parts = re.split(r"(?m)^\.S[SH] (.*)\n", plain)
    return {head.removeprefix("mpsim "): body for head, body in zip(parts[1::2], parts[2::2])}


class Help(unittest.TestCase):
    def test_reads(self):
        self.assertEqual(commands()[:2], ["run", "compare"])
        self.assertLess({"--arch": "NAME|FILE", "--engine": "analytic|event", "--json": ""}.items(),
                        options("run").items())


class Man(unittest.TestCase):
    def test_names_every_option_and_no_other(self):
        sections = man_sections()
        for command in commands():
            described = set(re.findall(r"(?m)^\.T[PQ]\n\.[BIR]+ .*?(--[a-z-]+)", sections[command]))
            self.assertEqual(described, set(options(command)) - {"--help"}, command)

    def test_names_every_choice(self):
        for command in commands():
            for name, value in options(command).items():
                for choice in value.split("|") if value.islower() else []:
                    self.assertRegex(man_sections()[command], rf"{name}.*\b{choice}\b", command)

    def test_names_every_section_of_list(self):
        usage = call(MPSIM, "list", "--help").stdout.split("\n")[0]
        for section in re.search(r"\[([a-z|]+)\]", usage)[1].split("|"):
            self.assertRegex(man_sections()["list"], rf"\b{section}\b")

    def test_version(self):
        version = call(MPSIM, "--version").stdout.strip()
        self.assertIn(f'"{version}"', MAN.read_text())

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_renders_without_warnings(self):
        run = call("man", "--warnings", "-E", "UTF-8", "-l", MAN, env={"MANWIDTH": "80"})
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertIn("mpsim compare", run.stdout)


class Bash(unittest.TestCase):
    def complete(self, *words):
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '_mpsim && printf "%s\\n" "${COMPREPLY[@]}"')
        run = call("bash", "-euc", script, "bash", BASH, MPSIM, *words, env=ENV, cwd=SOURCE)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout.split()

    def test_loads(self):
        run = call("bash", "--norc", "-c", f'source "{BASH}" && complete -p mpsim')
        self.assertEqual((run.stdout, run.stderr), ("complete -F _mpsim mpsim\n", ""))

    def test_commands(self):
        self.assertEqual(self.complete(""), [*commands(), "help", "--help", "--version"])
        self.assertEqual(self.complete("comp"), ["compare"])
        self.assertEqual(self.complete("help", ""), [*commands(), "help"])

    def test_options(self):
        for command in commands():
            self.assertEqual(self.complete(command, "--"), list(options(command)))
        self.assertEqual(self.complete("run", "--json", "--save"), ["--save-mapping"])

    def test_choices(self):
        self.assertEqual(self.complete("run", "--engine", ""), ["analytic", "event"])
        self.assertEqual(self.complete("compare", "--objective", "=", "ed"), ["edp"])
        self.assertIn("techs", self.complete("list", ""))
        self.assertEqual(self.complete("explore", "--sampler", "h"), ["halton"])
        self.assertEqual(self.complete("dram", "--preset", "hbm2"), ["hbm2_2000", "hbm2_pc"])

    def test_names(self):
        shipped = sorted(p.stem for p in (SOURCE / "configs/arch").glob("bitserial_*.json"))
        self.assertEqual(self.complete("run", "--arch", "bitserial_"), shipped)
        self.assertEqual(self.complete("run", "--arch", "=", "bitserial_"), shipped)
        self.assertEqual(self.complete("compare", "bitserial_"), shipped)
        self.assertIn("resnet18_mixed", self.complete("run", "--plan", "resnet18"))
        self.assertIn("cmos45_hp", self.complete("compare", "--tech", "cmos"))
        self.assertEqual(self.complete("dataset", "gly"), ["glyphs"])
        self.assertEqual(self.complete("inspect", "gly"), ["glyphs"])
        self.assertEqual(self.complete("dataset", "--preprocess", "image"), ["imagenet"])
        self.assertEqual(self.complete("search", "--metric", "ha"), ["hawq"])
        self.assertIn("eagl", self.complete("sensitivity", "--metric", ""))
        self.assertEqual(self.complete("explore", "--space", "bitserial_s"), ["bitserial_small"])

    def test_files(self):
        self.assertEqual(self.complete("check", "meson.b"), ["meson.build"])
        self.assertEqual(self.complete("run", "-o", "meson.b"), ["meson.build"])
        self.assertEqual(self.complete("run", "--layer", ""), [])
        self.assertEqual(self.complete("report", "--front", "meson.b"), ["meson.build"])
        self.assertEqual(self.complete("report", "meson.b"), ["meson.build"])
        self.assertEqual(self.complete("merge", "-o", "meson.b"), ["meson.build"])
        self.assertEqual(self.complete("merge", "meson.b"), ["meson.build"])
        self.assertEqual(self.complete("front", "--store", "meson.b"), ["meson.build"])


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="a folder ")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.program = Path(cls.folder.name) / "mpsim"
        cls.program.symlink_to(MPSIM)

    def complete(self, *words):
        """What _mpsim hands to _arguments and _describe."""
        script = """
            fpath=("$1" $fpath); shift
            autoload -Uz compinit && compinit -D -u
            [[ $_comps[mpsim] = _mpsim ]] || print "not found by compinit"
            _arguments() { print -rl -- "$@" }
            _describe() { print -rl -- "${(@P)4}" }
            compadd() { print -rl -- "${(@P)2}" }
            autoload +X _mpsim
            words=("$@"); CURRENT=$#
            _mpsim
            program=$1; [[ $2 = compare ]] && _mpsim_names archs
            true"""
        run = call("zsh", "-f", "-c", script, "zsh", ZSH.parent, self.program, *words, env=ENV)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertNotIn("not found", run.stdout)
        return run.stdout.split("\n")

    def test_commands(self):
        found = [line.split(":")[0] for line in self.complete("")]
        self.assertLess({*commands(), "help"}, set(found))

    def test_options(self):
        for command in commands():
            found = [line.split("[")[0] for line in self.complete(command, "") if line.startswith("--")]
            self.assertEqual(found, list(options(command)), command)

    def test_values(self):
        text = "\n".join(self.complete("run", ""))
        self.assertRegex(text, r"(?m)^--engine\[.*\]:choice:\(analytic event\)$")
        self.assertRegex(text, r"(?m)^--plan\[.*\]:name or file:_mpsim_name_or_file plans$")
        self.assertRegex(text, r"(?m)^-o\[.*\]:file:_files$")
        self.assertIn("bitserial_16x16", self.complete("compare", ""))
        self.assertRegex("\n".join(self.complete("inspect", "")), r"(?m)^\*:name or file:_mpsim_name_or_file models$")
        text = "\n".join(self.complete("search", ""))
        self.assertRegex(text, r"(?m)^--metric\[.*\]:name or file:_mpsim_metric_or_file$")
        self.assertRegex(text, r"(?m)^--solver\[.*\]:choice:\(exact exhaustive .*\)$")
        text = "\n".join(self.complete("explore", ""))
        self.assertRegex(text, r"(?m)^--space\[.*\]:name or file:_mpsim_name_or_file spaces$")
        self.assertRegex(text, r"(?m)^--sampler\[.*\]:choice:\(space grid random halton nsga2\)$")
        text = "\n".join(self.complete("report", ""))
        self.assertRegex(text, r"(?m)^--front\[.*\]:file:_files$")
        self.assertRegex(text, r"(?m)^\*:file:_files$")
        text = "\n".join(self.complete("dataset", ""))
        self.assertRegex(text, r"(?m)^--preprocess\[.*\]:name or file:_mpsim_name_or_file preprocess$")
        self.assertRegex(text, r"(?m)^\*:name or file:_mpsim_name_or_file datasets$")


if __name__ == "__main__":
    tap.main()
