# SPDX-License-Identifier: Apache-2.0
"""Each bad input, and what mpsim says to it: the exact message, the exit status, nothing on standard output, no file
left behind. Commands run in a folder of small documents of which one is broken."""
import os
import resource
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["MPSIM_SOURCE"])
MPSIM = os.environ["MPSIM"]
sys.path.insert(0, str(SOURCE / "tests"))
sys.path.insert(0, str(SOURCE / "tests/bad"))
import cases_run  # noqa: E402
import cases_spec  # noqa: E402
import cases_text  # noqa: E402
import good  # noqa: E402
import tap  # noqa: E402

RUN = ["run", "--arch", "arch.json", "--plan", "plan.json"]
GOOD = {"arch.json": good.ARCH, "workload.json": good.WORKLOAD, "plan.json": good.PLAN, "mapping.json": good.MAPPING,
        "constraints.json": good.CONSTRAINTS, "tech.json": good.tech(), "topology.csv": good.TOPOLOGY,
        "gemm.csv": good.GEMM, "scale.cfg": good.CFG}
FULL = "No space left on device"


def content(value):
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else good.dumped(value)


def written(files):
    """A folder with the good documents and two folders, `files` laid over: a text, or a patch of the good document."""
    folder = tempfile.TemporaryDirectory()
    for name, value in GOOD.items():
        (Path(folder.name) / name).write_bytes(content(value))
    for name, value in files.items():
        value = good.patched(GOOD[name], value) if isinstance(value, dict) else value
        (Path(folder.name) / name).write_bytes(content(value))
    for name in ("folder", "folder.json"):
        (Path(folder.name) / name).mkdir()
    return folder


def snapshot(folder):
    return {path.relative_to(folder): path.is_file() and path.read_bytes() for path in Path(folder).rglob("*")}


def call(folder, arguments, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MPSIM", "CMOCKA", "MESON"))}
    env.update(LC_ALL="C.UTF-8", MPSIM_CONFIGS=str(SOURCE / "configs"))
    # Far below 10 s; the sanitizers and a busy machine have their share.
    return subprocess.run([MPSIM, *arguments], cwd=folder, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          timeout=10, **{"stdout": subprocess.PIPE, **more})


class Bad(unittest.TestCase):
    maxDiff = None

    def refuses(self, folder, arguments, message, status=1, **more):
        before = snapshot(folder)
        run = call(folder, arguments, **more)
        self.assertEqual(run.stderr.decode(), message)
        self.assertEqual(run.returncode, status)
        self.assertEqual(run.stdout or b"", b"")
        self.assertEqual(snapshot(folder), before)

    def accepts(self, folder, arguments):
        run = call(folder, arguments)
        self.assertEqual((run.returncode, run.stderr.decode()), (0, ""))


def add(name, cases, method):
    """A class of one test a case."""
    def bind(case):
        return lambda self: method(self, *case)
    tests = {f"test_{case[0]}": bind(case[1:]) for case in cases}
    assert len(tests) == len(cases), name
    globals()[name] = type(name, (Bad,), tests)


def document(file, *options):
    """A document that is wrong in itself: `check` says what `run` says, or `alone` where that is another thing."""
    def test(self, change, message, alone=None):
        with written({file: b"[]" if change is None else change}) as folder:
            self.refuses(folder, [*RUN, *options, "-o", "out.json"], f"{message}\n")
            if alone == good.ACCEPTS:
                self.accepts(folder, ["check", file])
            else:
                self.refuses(folder, ["check", file], f"{alone or message}\n")
    return test


def import_of(file, *arguments):
    def test(self, text, message):
        with written({file: text}) as folder:
            self.refuses(folder, ["check", file], f"{message}\n")
            self.refuses(folder, ["check", "--resolved", file, "-o", "out.json"], f"{message}\n")
            self.refuses(folder, [*arguments, "-o", "out.json"], f"{message}\n")
    return test


def together(self, files, arguments, message):
    with written(files) as folder:
        self.refuses(folder, arguments, f"{message}\n")


def usage(self, arguments, message):
    command = "mpsim" if message.startswith("mpsim:") else " ".join(message.split(":")[0].split())
    with tempfile.TemporaryDirectory() as folder:
        self.refuses(folder, arguments, f"{message}\nTry '{command} --help'.\n", 2)


def result(self, change, message):
    with written({}) as folder:
        self.accepts(folder, [*RUN, "-o", "a.json"])
        text = (Path(folder) / "a.json").read_text()
        value = change if isinstance(change, str) else good.patched(good.json.loads(text), change)
        (Path(folder) / "result.json").write_bytes(content(value))
        self.refuses(folder, ["diff", "a.json", "result.json"], f"{message}\n")
        self.refuses(folder, ["diff", "result.json", "a.json", "-o", "out.json"], f"{message}\n")


add("Text", cases_text.TEXTS, document("arch.json"))
add("Arch", cases_spec.ARCH, document("arch.json"))
add("Workload", cases_spec.WORKLOAD, document("workload.json"))
add("Plan", cases_spec.PLAN, document("plan.json"))
add("Mapping", cases_spec.MAPPING, document("mapping.json", "--mapping", "mapping.json"))
add("Constraints", cases_spec.CONSTRAINTS, document("constraints.json", "--constraints", "constraints.json"))
add("Tech", cases_spec.TECH, document("tech.json", "--tech", "tech.json"))
add("Together", cases_run.TOGETHER, together)
add("Topology", cases_run.TOPOLOGY, import_of("a.csv", "run", "--arch", "arch.json", "--workload", "./a.csv"))
add("Configuration", cases_run.CFG, import_of("a.cfg", "run", "--arch", "./a.cfg", "--plan", "plan.json"))
add("Usage", cases_run.USAGE, usage)
add("Result", cases_run.RESULT, result)
