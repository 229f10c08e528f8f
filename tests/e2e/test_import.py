# SPDX-License-Identifier: Apache-2.0
"""mpsim import, and ONNX models wherever a workload is taken."""
import json
import os
import tempfile
import unittest
from pathlib import Path

from program import MPSIM, SOURCE, call

import tap
from onnx_writer import graph, model, node, tensor, value

GLYPHS = SOURCE / "configs/models/glyphs.onnx"
SHARED = Path(os.environ.get("MPSIM_SHARED_DATA", SOURCE / "../shared/data"))
ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}


def mpsim(*args, **more):
    return call(MPSIM, *args, **more, env=ENV)


def result(workload, arch="bitserial_16x16"):
    run = mpsim("run", "--arch", arch, "--workload", workload, "--json")
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def attention(rows):
    """A head of attention over `rows` rows of 8 features, with a mean of two activations behind it."""
    nodes = [node("MatMul", ["x", "q"], ["xq"]), node("MatMul", ["x", "k"], ["xk"]), node("Transpose", ["xk"], ["t"], perm=[0, 2, 1]),
             node("MatMul", ["xq", "t"], ["s"]), node("Div", ["s", "root"], ["scaled"]), node("Softmax", ["scaled"], ["p"], axis=2),
             node("MatMul", ["p", "x"], ["o"]), node("Sub", ["o", "x"], ["y"])]
    weights = [tensor("q", [8, 8], [i / 64 for i in range(64)]), tensor("k", [8, 8], [1 / (i + 1) for i in range(64)]),
               tensor("root", [], [2.0])]
    return model(graph(nodes, [value("x", ["batch", rows, 8])], [value("y", None)], weights), 13)


class Import(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content)
        return path

    def test_runs_like_the_file_that_it_writes(self):
        out = self.folder / "glyphs.json"
        run = mpsim("import", GLYPHS, "-o", out)
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
        self.assertEqual(mpsim("import", GLYPHS).stdout, out.read_text())
        self.assertEqual(mpsim("import", out).stdout, out.read_text())
        self.assertEqual(mpsim("check", out).stdout, f"{out}: ok (workload)\n")
        self.assertEqual(result(GLYPHS), result(out))

    def test_a_plan_names_a_model(self):
        (self.folder / "glyphs.onnx").write_bytes(GLYPHS.read_bytes())
        plan = self.write("plan.json", '{"name": "p", "workload": "glyphs.onnx", "layers": {"fc": {"w_bits": 2}}}')
        run = mpsim("run", "--arch", "bitserial_16x16", "--plan", plan, "--json")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        layers = {layer["name"]: layer for layer in json.loads(run.stdout)["layers"]}
        self.assertEqual(layers["fc"]["macs"], 320)
        self.assertEqual(mpsim("check", plan).returncode, 0)
        self.assertEqual(mpsim("compare", "tpu_like", "bitserial_16x16", "--plan", plan).returncode, 0)

    def test_shipped_names(self):
        """Of a workload, or else of a model; what lies in the folder goes first."""
        self.assertEqual(mpsim("import", "glyphs").stdout, mpsim("import", GLYPHS).stdout)
        self.assertEqual(mpsim("import", "glyphs.onnx").stdout, mpsim("import", GLYPHS).stdout)
        self.assertEqual(mpsim("import", "resnet8").stdout, mpsim("import", SOURCE / "configs/workloads/resnet8.json").stdout)
        self.assertEqual(result("glyphs"), result(GLYPHS))

    def test_the_batch_is_1(self):
        path = self.write("net.onnx", attention(6))
        run = mpsim("import", path, "--dim", "batch=4")
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertEqual(run.stderr, f'{path}: input "x": dimension 0, "batch", is the batch, which is 1 here (got --dim batch=4): '
                         '"batch" of a plan says how many run together\n')
        self.assertEqual(mpsim("import", path, "--dim", "batch=1").stdout, mpsim("import", path).stdout)

    def test_a_topology(self):
        path = self.write("topo.csv", "Layer name, M, N, K,\nqkv, 12, 34, 56,\n")
        self.assertEqual(mpsim("import", path).stdout, mpsim("check", "--resolved", path).stdout)

    def test_dimensions_by_name(self):
        path = self.write("net.onnx", attention("rows"))
        run = mpsim("import", path)
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertEqual(run.stderr, f'{path}: input "x": dimension 1 is "rows": give its size, --dim rows=N\n')
        run = mpsim("import", path, "--dim", "rows=6")
        self.assertEqual(run.stderr, f'mpsim import: warning: {path}: layer "y" has costs, but cannot be computed in integers: '
                         "a difference of two activations\n")
        net = json.loads(run.stdout)
        self.assertEqual([layer["type"] for layer in net["layers"]],
                         ["linear", "linear", "matmul", "softmax", "matmul", "add"])
        self.assertEqual(net["inputs"], [{"name": "x", "shape": [8, 6, 1], "signed": True}])
        self.assertTrue(net["layers"][2]["transpose_b"])
        run = mpsim("import", path, "--dim", "rows=6", "--dim", "row=7")
        self.assertEqual(run.stderr, f'{path}: no input has a dimension "row" (--dim)\n')

    def test_the_shipped_networks_from_their_models(self):
        if not (SHARED / "models").is_dir():
            self.skipTest(f"no {SHARED}/models")
        for file, shipped in ("resnet8_bnfolded", "resnet8"), ("resnet20", "resnet20"):
            for arch in "bitserial_16x16", "tpu_like":
                ours, theirs = result(SHARED / f"models/{file}.onnx", arch), result(shipped, arch)
                for key in "macs", "cycles", "dram_read_bits", "dram_write_bits":
                    self.assertEqual(ours["totals"][key], theirs["totals"][key], (file, arch, key))
                self.assertEqual([layer["cycles"] for layer in ours["layers"] if layer["type"] != "view"],
                                 [layer["cycles"] for layer in theirs["layers"] if layer["type"] != "view"])


if __name__ == "__main__":
    tap.main()
