# SPDX-License-Identifier: Apache-2.0
"""Each bad input, and what mpsim says to it: the exact message, the exit status, nothing on standard output, no file
left behind or changed. Commands run in a folder of small good documents over which the bad one is laid."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["MPSIM_SOURCE"])
MPSIM = os.environ["MPSIM"]
sys.path[:0] = [str(SOURCE / "tests"), str(SOURCE / "tests/bad")]
import cases_accuracy  # noqa: E402
import cases_arch  # noqa: E402
import cases_constraints  # noqa: E402
import cases_dataset  # noqa: E402
import cases_dram  # noqa: E402
import cases_inspect  # noqa: E402
import cases_mapping  # noqa: E402
import cases_onnx  # noqa: E402
import cases_plan  # noqa: E402
import cases_report  # noqa: E402
import cases_result  # noqa: E402
import cases_scalesim  # noqa: E402
import cases_search  # noqa: E402
import cases_space  # noqa: E402
import cases_store  # noqa: E402
import cases_tech  # noqa: E402
import cases_text  # noqa: E402
import cases_together  # noqa: E402
import cases_usage  # noqa: E402
import cases_workload  # noqa: E402
import good  # noqa: E402
import tap  # noqa: E402

RUN = ["run", "--arch", "arch.json", "--plan", "plan.json"]
GOOD = {"arch.json": good.ARCH, "workload.json": good.WORKLOAD, "plan.json": good.PLAN, "mapping.json": good.MAPPING,
        "constraints.json": good.CONSTRAINTS, "tech.json": good.tech(), "topology.csv": good.TOPOLOGY,
        "gemm.csv": good.GEMM, "scale.cfg": good.CFG}
FULL = "cannot write: No space left on device\n"


def content(value):
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, bytes) else good.dumped(value)


def written(files=None):
    """A folder with the good documents and two folders, `files` laid over: a text, or a patch of the good document."""
    folder = tempfile.TemporaryDirectory()
    for name, value in {**GOOD, **(files or {})}.items():
        if name in GOOD and isinstance(value, dict) and value is not GOOD[name]:
            value = good.patched(GOOD[name], value)
        (Path(folder.name) / name).parent.mkdir(parents=True, exist_ok=True)
        (Path(folder.name) / name).write_bytes(content(value))
    for name in ("folder", "folder.json"):
        (Path(folder.name) / name).mkdir()
    return folder


def snapshot(folder):
    return {str(path.relative_to(folder)): path.is_file() and os.access(path, os.R_OK) and path.read_bytes()
            for path in Path(folder).rglob("*")}


def call(folder, arguments, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MPSIM", "CMOCKA", "MESON"))}
    env.update(LC_ALL="C.UTF-8", MPSIM_CONFIGS=str(SOURCE / "configs"))
    return subprocess.run([MPSIM, *arguments], cwd=folder, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          timeout=10, **{"stdout": subprocess.PIPE, **more})


class Bad(unittest.TestCase):
    maxDiff = None

    def refuses(self, folder, arguments, message, status=1, told=False, **more):
        """`told`: the report is printed all the same, for only a file beside it could not be written."""
        before = snapshot(folder)
        run = call(folder, arguments, **more)
        self.assertEqual(run.stderr.decode(), message)
        self.assertEqual(run.returncode, status)
        if not told:
            self.assertEqual(run.stdout or b"", b"")
        self.assertEqual(snapshot(folder), before)

    def accepts(self, folder, arguments):
        run = call(folder, arguments)
        self.assertEqual((run.returncode, run.stderr.decode()), (0, ""))


# Tables

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


def onnx(self, model, message):
    with written(model if isinstance(model, dict) else {"m.onnx": model}) as folder:
        self.refuses(folder, ["check", "m.onnx"], f"{message}\n")


def dataset(self, files, arguments, message):
    with written(files) as folder:
        self.refuses(folder, ["dataset", *arguments], f"{message}\n")


def dram(self, files, arguments, message):
    with written(files) as folder:
        self.refuses(folder, ["dram", *arguments], f"{message}\n")


def inspect(self, files, arguments, message):
    with written(files) as folder:
        self.refuses(folder, ["inspect", *arguments], f"{message}\n")


def accuracy(self, files, arguments, message):
    with written(files) as folder:
        self.refuses(folder, ["accuracy", *arguments], message.replace("{configs}", str(SOURCE / "configs")) + "\n")


def together(self, files, arguments, message):
    with written(files) as folder:
        self.refuses(folder, arguments, f"{message}\n")


def impossible(self, files, arguments, message):
    """No plan keeps all constraints: the report comes all the same."""
    with written(files) as folder:
        before = snapshot(folder)
        run = call(folder, arguments)
        self.assertEqual(run.stderr.decode(), f"search: no plan was found that keeps all bounds: {message}\n")
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"\nnothing was found: {message}\n", run.stdout.decode())
        self.assertEqual(snapshot(folder), before)


def usage(self, arguments, message):
    with tempfile.TemporaryDirectory() as folder:
        self.refuses(folder, arguments, f"{message}\nTry '{message.split(':')[0]} --help'.\n", 2)


def result(self, change, message):
    with written() as folder:
        self.accepts(folder, [*RUN, "-o", "a.json"])
        if isinstance(change, dict):
            change = good.patched(json.loads((Path(folder) / "a.json").read_text()), change)
        (Path(folder) / "result.json").write_bytes(content(change))
        self.refuses(folder, ["diff", "a.json", "result.json"], f"{message}\n")
        self.refuses(folder, ["diff", "result.json", "a.json", "-o", "out.json"], f"{message}\n")


def report(self, change, message):
    with written() as folder:
        self.accepts(folder, [*RUN, "-o", "a.json"])
        result = good.patched(json.loads((Path(folder) / "a.json").read_text()), change)
        (Path(folder) / "result.json").write_bytes(content(result))
        self.refuses(folder, ["report", "result.json", "-o", "out.html"], f"{message}\n")
        self.refuses(folder, ["report", "a.json", "result.json"], f"{message}\n")


def front(self, text, message):
    with written({"front.csv": text}) as folder:
        self.refuses(folder, ["report", "--front", "front.csv", "-o", "out.html"], f"{message}\n")


def add(name, cases, method):
    """A class with a test a case."""
    def bind(case):
        return lambda self: method(self, *case)
    tests = {f"test_{case[0]}": bind(case[1:]) for case in cases}
    assert len(tests) == len(cases), f"{name}: two cases of one name"
    globals()[name] = type(name, (Bad,), tests)


add("Text", cases_text.CASES, document("arch.json"))
add("Arch", cases_arch.CASES, document("arch.json"))
add("Workload", cases_workload.CASES, document("workload.json"))
add("Plan", cases_plan.CASES, document("plan.json"))
add("Mapping", cases_mapping.CASES, document("mapping.json", "--mapping", "mapping.json"))
add("Constraints", cases_constraints.CASES, document("constraints.json", "--constraints", "constraints.json"))
add("Tech", cases_tech.CASES, document("tech.json", "--tech", "tech.json"))
add("Topology", cases_scalesim.TOPOLOGY, import_of("a.csv", "run", "--arch", "arch.json", "--workload", "a.csv"))
add("Configuration", cases_scalesim.CFG, import_of("a.cfg", "run", "--arch", "a.cfg", "--plan", "plan.json"))
add("Onnx", cases_onnx.CASES, onnx)
add("Dataset", cases_dataset.CASES, dataset)
add("Dram", cases_dram.CASES, dram)
add("Inspect", cases_inspect.CASES, inspect)
add("Accuracy", cases_accuracy.CASES, accuracy)
add("Result", cases_result.CASES, result)
add("Report", cases_result.CASES[:4] + cases_report.CASES, report)
add("Front", cases_report.FRONT, front)
add("Together", cases_together.CASES, together)
add("Search", cases_search.CASES, together)
add("Space", cases_space.CASES, together)
add("Store", cases_store.CASES, together)
add("Impossible", cases_search.IMPOSSIBLE, impossible)
add("Usage", cases_usage.CASES + cases_dataset.USAGE + cases_dram.USAGE + cases_inspect.USAGE + cases_accuracy.USAGE +
    cases_report.USAGE + cases_search.USAGE + cases_space.USAGE + cases_store.USAGE, usage)


# What the tables cannot say

class Documents(Bad):
    def test_good_ones(self):
        with written() as folder:
            run = call(folder, ["check", *GOOD])
            self.assertEqual(run.stderr.decode(), "")
            self.assertEqual(run.stdout.decode().count(": ok ("), len(GOOD))
            for more in ([], ["--mapping", "mapping.json"], ["--constraints", "constraints.json"],
                         ["--tech", "tech.json"], ["--engine", "event", "--trace", "t.csv"],
                         ["--engine", "event", "--timeline", "t.json", "--memtrace", "m.csv"], ["--roofline", "r.svg"]):
                self.accepts(folder, [*RUN, *more])

    def test_check_goes_on_after_a_bad_one(self):
        with written({"plan.json": {"batch": 0}}) as folder:
            run = call(folder, ["check", "arch.json", "plan.json", "none.json", "workload.json"])
            self.assertEqual(run.stdout, b"arch.json: ok (arch)\nworkload.json: ok (workload)\n")
            self.assertEqual(run.stderr, b"plan.json: /batch: must be an integer 1..65536 (got 0)\n"
                                         b"none.json: cannot open: No such file or directory\n")
            self.assertEqual(run.returncode, 1)


class FrontOfLayers(Bad):
    def test_tables_of_layers(self):
        """What `run` writes as CSV is no front: a message, no page in which the total is a design."""
        for written_by in (["--csv", "-o", "front.csv"], ["-o", "r.txt", "--roofline", "front.csv"],
                           ["-o", "r.txt", "--engine", "event", "--memtrace", "front.csv"]):
            with written() as folder:
                self.accepts(folder, [*RUN, *written_by])
                what = "cycle" if "--memtrace" in written_by else "layer"
                self.refuses(folder, ["report", "--front", "front.csv", "-o", "out.html"],
                             "front.csv:1: must have a row a design, as 'mpsim front --csv', 'query --csv' and 'search --front' "
                             f"write it (got a row a {what})\n")


class SearchFiles(Bad):
    def report(self, folder, *arguments):
        run = call(folder, [*cases_search.C[:-2], "--max-latency", "0.85x", "--json", *arguments])
        self.assertEqual((run.returncode, run.stderr.decode()), (0, ""))
        return json.loads(run.stdout)

    def same_but(self, report, right, warning):
        self.assertEqual(report["costs"].get("warning"), warning)
        self.assertEqual((report["costs"]["mapped"], report["costs"]["cached"]), (72, 0))
        self.assertEqual([report[key] for key in ("best", "plans", "layers", "front")],
                         [right[key] for key in ("best", "plans", "layers", "front")])

    def test_corrupt_cache(self):
        """Whatever is in the file: a warning, the right result, and a good file again."""
        with written(cases_search.H) as folder:
            right = self.report(folder, "--cost-cache", "off")
            self.same_but(self.report(folder, "--cost-cache", "cache"), right, None)
            path, = (Path(folder) / "cache").iterdir()
            good_one, name = path.read_bytes(), f"cache/{path.name}"
            second = self.report(folder, "--cost-cache", "cache")
            self.assertEqual((second["costs"]["mapped"], second["costs"]["cached"], second["best"]), (0, 72, right["best"]))
            for bad in (b"", b"\n", b"\0", good_one[:-1], good_one[:100], good_one + b"x\n",
                        good_one[:-5] + b"9" + good_one[-4:], good_one.replace(b"costs 1", b"costs 2", 1), good_one.replace(b"\n", b"\r\n"), os.urandom(4096)):
                path.write_bytes(bad)
                self.same_but(self.report(folder, "--cost-cache", "cache"), right,
                              f"{name}: not a table of these costs: they were computed anew and the file was replaced")
                self.assertEqual(path.read_bytes(), good_one)
            path.unlink()
            path.mkdir()
            self.same_but(self.report(folder, "--cost-cache", "cache"), right, f"{name}: is a directory: costs are not kept")

    def test_cache_unwritable(self):
        with written(cases_search.H) as folder:
            right, before = self.report(folder, "--cost-cache", "off"), snapshot(folder)
            for where, why in (("arch.json", "Not a directory"), ("none/cache", "No such file or directory")):
                report = self.report(folder, "--cost-cache", where)
                self.assertRegex(report["costs"]["warning"],
                                 f"^{where}/[0-9a-f]{{32}}\\.costs: cannot write: {why}: costs are not kept$")
                self.same_but(report, right, report["costs"]["warning"])
            self.assertEqual(snapshot(folder), before)

    def test_warning_in_the_text(self):
        with written(cases_search.H) as folder:
            run = call(folder, [*cases_search.C[:-1], "arch.json"])
            self.assertEqual((run.returncode, run.stderr), (0, b""))
            self.assertIn(b": cannot write: Not a directory: costs are not kept\n", run.stdout)
            self.assertIn(b"\nwarning: arch.json/", run.stdout)


class OnnxFiles(Bad):
    def external(self, make, message):
        with tempfile.TemporaryDirectory() as other, written({"m.onnx": cases_onnx.outside("w.bin")}) as folder:
            (Path(other) / "w.bin").write_bytes(bytes(432))
            make(Path(folder) / "w.bin", Path(other) / "w.bin")
            self.refuses(folder, ["check", "m.onnx"], f'm.onnx: initialiser "w": external file "w.bin": {message}\n')

    def test_good(self):
        with written({"m.onnx": cases_onnx.GOOD}) as folder:
            self.assertEqual(call(folder, ["check", "m.onnx"]).stdout, b"m.onnx: ok (ONNX model)\n")
            self.accepts(folder, ["check", "--resolved", "m.onnx", "-o", "out.json"])
            layers = json.loads((Path(folder) / "out.json").read_text())["layers"]
            self.assertEqual([(layer["name"], layer["type"]) for layer in layers], [("conv", "conv2d")])

    def test_cut_anywhere(self):
        """At every byte: a message, and never another status."""
        with written() as folder:
            for size in range(len(cases_onnx.GOOD)):
                (Path(folder) / f"{size}.onnx").write_bytes(cases_onnx.GOOD[:size])
            names = [f"{size}.onnx" for size in range(len(cases_onnx.GOOD))]
            run = call(folder, ["check", *names])
            self.assertEqual((run.returncode, run.stdout), (1, b""))
            self.assertEqual([line.split(": ")[0] for line in run.stderr.decode().splitlines()], names)

    def test_external_link_out(self):
        self.external(lambda path, other: path.symlink_to(other), "must be in the model's folder")

    def test_external_pipe(self):
        self.external(lambda path, other: os.mkfifo(path), "must be a regular file")

    def test_beyond_2_gib(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "m.onnx").touch()
            os.truncate(Path(folder) / "m.onnx", 1 << 31)
            run = call(folder, ["check", "m.onnx"])
            self.assertEqual((run.returncode, run.stderr), (1, b"m.onnx: larger than 2147483647 bytes\n"))


class Permissions(Bad):
    """Root may read and write all; there, the program runs as another user."""
    def denied(self, arguments, message, modes):
        other = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        with written({"old.json": "old"}) as folder:
            for name, mode in {".": 0o777, "arch.json": 0o644, **modes}.items():
                os.chmod(Path(folder) / name, mode)
            try:
                call(folder, ["--version"], **other)
            except PermissionError:
                self.skipTest("another user cannot reach the program")
            self.refuses(folder, arguments, message, **other)

    def test_input_unreadable(self):
        self.denied(["check", "plan.json"], "plan.json: cannot open: Permission denied\n", {"plan.json": 0o200})

    def test_output_read_only(self):
        self.denied(["check", "--resolved", "arch.json", "-o", "old.json"],
                    "old.json: cannot write: Permission denied\n", {"old.json": 0o444})

    def test_folder_read_only(self):
        self.denied(["check", "--resolved", "arch.json", "-o", "new.json"],
                    "new.json: cannot write: Permission denied\n", {".": 0o555})


REPORTS = {
    "run": RUN, "run_json": [*RUN, "--json"], "run_csv": [*RUN, "--csv"],
    "compare": ["compare", "arch.json", "arch.json", "--plan", "plan.json"], "diff": ["diff", "a.json", "a.json"],
    "accuracy": ["accuracy", "--model", "glyphs", "--data", "glyphs", "--images", "20"],
    "list": ["list"], "check": ["check", "arch.json"], "resolved": ["check", "--resolved", "arch.json"],
}


class Full(Bad):
    """Where nothing, or no more, can be written: a message, and what was there before stays."""
    def no_room(self, arguments, message, **more):
        with written({"old.json": "old"}) as folder:
            self.accepts(folder, [*RUN, "-o", "a.json"])
            self.refuses(folder, arguments, message, **more)

    def too_large(self, arguments, name, most):
        """The signal that comes with a limit on the size of files is set back for the program, as a shell has it."""
        self.no_room([*arguments, name], f"{name}: cannot write: File too large\n",
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))

    def to_device(self, arguments):
        with open("/dev/full", "wb") as full:
            self.no_room(arguments, f"standard output: {FULL}", stdout=full)
        if arguments[0][0] != "-":
            self.no_room([*arguments, "-o", "/dev/full"], f"/dev/full: {FULL}")

    def beyond_limit(self, arguments):
        for name in ("old.json", "new.json"):
            self.too_large([*arguments, "-o"], name, 20)

    def test_help_device(self):
        self.to_device(["--help"])
        self.to_device(["--version"])

    def test_save_mapping(self):
        self.no_room([*RUN, "--save-mapping", "/dev/full"], f"/dev/full: {FULL}")
        self.too_large([*RUN, "--save-mapping"], "old.json", 1000)

    def test_traces(self):
        for option in ("--trace", "--timeline", "--memtrace"):
            event = [*RUN, "--engine", "event", option]
            self.no_room([*event, "/dev/full"], f"/dev/full: {FULL}")
            self.too_large(event, "old.json", 1000)
            self.too_large(event, "new.csv", 300)

    def test_roofline(self):
        self.no_room([*RUN, "--roofline", "/dev/full"], f"/dev/full: {FULL}")
        self.too_large([*RUN, "--roofline"], "new.svg", 1000)

    def test_save_plan(self):
        search = [*cases_search.C, "--max-latency", "0.9x", "--save-plan"]
        with written(cases_search.H) as folder:
            limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))}
            self.refuses(folder, [*search, "new.json"], "new.json: cannot write: File too large\n", told=True, **limit)
            self.refuses(folder, [*search, "plan.json"], "plan.json: cannot write: File too large\n", told=True, **limit)
            self.refuses(folder, [*search, "/dev/full"], "/dev/full: cannot write: No space left on device\n", told=True)

    def test_log(self):
        """A first line that is cut is taken away again; whole lines stay for --resume."""
        search = [*cases_search.M, "--solver", "descent", "--max-drop", "50%", "--log", "new.log"]
        for size, lines in ((20, 0), (len(cases_search.HEAD) + 100, 2)):
            with written(cases_search.MODEL) as folder:
                run = call(folder, search, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
                self.assertEqual((run.returncode, run.stdout, run.stderr),
                                 (1, b"", b"new.log: cannot write: File too large\n"))
                log = Path(folder) / "new.log"
                self.assertEqual(log.read_text().count("\n") if log.exists() else 0, lines)
                self.accepts(folder, [*search, *(["--resume"] if lines else [])])

    def test_standard_output_closed(self):
        self.no_room(RUN, "standard output: cannot write: Bad file descriptor\n", stdout=None,
                     preexec_fn=lambda: os.close(1))


def add_reports():
    for name, arguments in REPORTS.items():
        setattr(Full, f"test_{name}_device", lambda self, a=arguments: self.to_device(a))
        setattr(Full, f"test_{name}_limit", lambda self, a=arguments: self.beyond_limit(a))


add_reports()


# (name, buffer, the only layer, bits, whether double-buffered, the least bytes that do)
KERNEL = {"type": "conv2d", "out_channels": 4, "kernel": [11, 11], "padding": [5, 5, 5, 5]}
LEAST = [
    ("input_of_a_kernel", "input", KERNEL, 8, True, 242),
    ("input_of_a_kernel_single", "input", KERNEL, 8, False, 121),
    ("input_of_a_kernel_odd", "input", KERNEL, 3, True, 91),
    ("weight_of_a_kernel", "weight", KERNEL, 8, True, 242),
    ("weight_of_a_kernel_single", "weight", KERNEL, 7, False, 106),
    ("input_of_a_window", "input", {"type": "pool", "op": "avg", "kernel": [16, 16]}, 8, True, 512),
    ("input_of_a_vector", "input", {"type": "layer_norm"}, 8, True, 1402),
    ("output_of_a_vector", "output", {"type": "layer_norm"}, 8, False, 701),
    ("output_of_a_group", "output", {"type": "softmax", "groups": 1}, 8, True, 1402),
]


def least(self, buffer, layer, bits, double, bytes_):
    def files(size):
        channels = 701 if layer["type"] in ("layer_norm", "softmax") else 4
        return {"arch.json": {f"buffers/{buffer}": {"size_bytes": size, "width_bits": 8, "double_buffered": double}},
                "workload.json": json.dumps({"name": "net", "inputs": [{"name": "in", "shape": [channels, 16, 16]}],
                                             "layers": [{"name": "only", "inputs": ["in"], **layer}]}),
                "plan.json": json.dumps({"name": "plan", "workload": "workload.json",
                                         "default": {"w_bits": bits, "a_bits": bits}})}
    message = (f'arch "small", layer "only": buffers/{buffer}: too small for any tile: needs at least {bytes_} bytes'
               f'{" with double buffering" if double else ""}\n')
    for size in (64, bytes_ - 1):
        with written(files(size)) as folder:
            self.refuses(folder, [*RUN, "-o", "out.json"], message)
            self.refuses(folder, [*RUN, "--engine", "event", "-o", "out.json"], message)
    with written(files(bytes_)) as folder:
        self.accepts(folder, [*RUN, "-o", "out.json"])


add("Least", LEAST, least)

if __name__ == "__main__":
    tap.main()
