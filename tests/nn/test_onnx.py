# SPDX-License-Identifier: Apache-2.0
"""What the reader of ONNX makes of good models: values of every type from every place, order, batch, named dimensions, names,
and the hints that quantised models leave."""
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from onnx_writer import (double_data, field, float_data, graph, int32_data, int64_data, model, node, opset, tensor,  # noqa: E402
                         uint64_data, value)

RUNNER, MPSIM = os.environ["NODE_RUNNER"], os.environ["MPSIM"]
X = value("x", [1, 2])
Y = value("y", None)


def bfloat(*values):
    return b"".join(struct.pack("<f", v)[2:] for v in values)


class Case(unittest.TestCase):
    def call(self, content, tensors, options=(), files=()):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "m.onnx"
            path.write_bytes(content)
            for name, text in dict(files).items():
                (Path(folder) / name).parent.mkdir(exist_ok=True)
                (Path(folder) / name).write_bytes(text)
            names = []
            for i, text in enumerate(tensors):
                names.append(f"{i}.pb")
                (Path(folder) / names[-1]).write_bytes(text)
            return subprocess.run([RUNNER, *options, "m.onnx", *names], cwd=folder, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, timeout=60)

    def makes(self, content, tensors, expected, options=(), files=()):
        run = self.call(content, tensors, options, files)
        self.assertEqual(run.stderr, "")
        self.assertEqual(run.stdout.splitlines(), expected)
        self.assertEqual(run.returncode, 0)

    def refuses(self, content, message, options=()):
        run = self.call(content, [], options)
        self.assertEqual((run.stderr, run.returncode), (f"{message}\n", 1))


class Tensors(Case):
    """A constant that is an output too: its elements are printed as they were read."""
    def holds(self, expected, *arguments, files=(), **more):
        content = model(graph([node("Relu", ["x"], ["y"])], [X], [value("c", None), Y],
                              [tensor("c", *arguments, **more)]), 14)
        self.makes(content, [tensor("x", [1, 2], [-1.0, 2.0])], [f"c {expected}", "y float 2 1 2 0 2"], files=files)

    def test_float(self):
        self.holds("float 1 2 0.5 -0.100000001", [2], [0.5, -0.1])
        self.holds("float 1 2 0.5 -3", [2], more=float_data([0.5, -3.0]))
        self.holds("float 1 2 0.5 -3", [2], more=field(4, [0.5, -3.0]))  # not packed

    def test_scalar_and_shape(self):
        self.holds("float 0 7", [], [7.0])
        self.holds("int 8 1 1 2 1 1 1 1 1 3 4", [1, 1, 2, 1, 1, 1, 1, 1], [3, 4], "int8")
        self.holds("int 1 0", [0], [], "int64")

    def test_double(self):
        self.holds("float 1 2 0.5 -3", [2], [0.5, -3.0], "double")
        self.holds("float 1 2 0.5 -inf", [2], kind="double", more=double_data([0.5, -1e300]))

    def test_float16(self):
        values = [1.0, -0.333251953125, 65504.0, 2.0 ** -24, float("inf"), -0.0]
        self.holds("float 1 6 1 -0.333251953 65504 5.96046448e-08 inf -0", [6], values, "float16")
        self.holds("float 1 2 1.5 -2", [2], kind="float16", more=int32_data([0x3e00, 0xc000]))

    def test_bfloat16(self):
        self.holds("float 1 2 1.5 -256", [2], kind="bfloat16", data=bfloat(1.5, -256.0))
        self.holds("float 1 2 1.5 -2", [2], kind="bfloat16", more=int32_data([0x3fc0, 0xc000]))

    def test_integers(self):
        for bits in (8, 16, 32, 64):
            low, high = -(1 << bits - 1), (1 << bits - 1) - 1
            self.holds(f"int 1 3 {low} -1 {high}", [3], [low, -1, high], f"int{bits}")
            high = min((1 << bits) - 1, (1 << 63) - 1)
            self.holds(f"int 1 2 0 {high}", [2], [0, high], f"uint{bits}")

    def test_integers_in_lists(self):
        self.holds("int 1 2 -128 127", [2], kind="int8", more=int32_data([-128, 127]))
        self.holds("int 1 2 0 65535", [2], kind="uint16", more=int32_data([0, 65535]))
        self.holds("int 1 2 -5 5", [2], kind="int64", more=int64_data([-5, 5]))
        self.holds("int 1 2 4294967295 5", [2], kind="uint32", more=uint64_data([(1 << 32) - 1, 5]))
        self.holds("int 1 2 4294967296 5", [2], kind="uint64", more=uint64_data([1 << 32, 5]))

    def test_bool(self):
        self.holds("int 1 3 1 0 1", [3], kind="bool", data=b"\x01\x00\xff")
        self.holds("int 1 2 1 0", [2], kind="bool", more=int32_data([1, 0]))

    def test_external(self):
        data = b"??" + struct.pack("<2f", 0.5, -3.0) + b"??"
        for name in ("w.bin", "sub/w.bin", "./sub/../w..bin"):
            if ".." not in name.split("/"):
                self.holds("float 1 2 0.5 -3", [2], external={"location": name, "offset": 2}, files={name: data})
        self.holds("float 1 2 0.5 -3", [2], files={"..w": data[2:]},
                   external={"location": "..w", "length": 8, "checksum": "1234"})

    def test_constant_nodes(self):
        for attributes, expected in (({"value_int": -3}, "int 0 -3"), ({"value_ints": [1, -2]}, "int 1 2 1 -2"),
                                     ({"value_float": 0.5}, "float 0 0.5"), ({"value_floats": [0.5, 2.0]}, "float 1 2 0.5 2")):
            content = model(graph([node("Constant", [], ["c"], **attributes), node("Relu", ["x"], ["y"])], [X],
                                  [value("c", None)]))
            self.makes(content, [tensor("x", [1, 2], [-1.0, 2.0])], [f"c {expected}"])


ONE = [tensor("x", [1, 2], [-1.0, 2.0])]


class Graphs(Case):
    def test_order(self):
        """Behind those that read it, and twice on the way; the file's order would fail."""
        nodes = [node("Add", ["a", "b"], ["y"]), node("Mul", ["a", "k"], ["b"]), node("Relu", ["x"], ["a"]),
                 node("Constant", [], ["k"], value_float=3.0)]
        self.makes(model(graph(nodes, [X], [Y])), ONE, ["y float 2 1 2 0 8"])

    def test_deep_chain(self):
        """Backwards, longer than any stack of calls would bear."""
        count = 50000
        nodes = [node("Relu", [f"v{i}"], [f"v{i + 1}"]) for i in reversed(range(count))]
        self.makes(model(graph(nodes, [value("v0", [1, 2])], [value(f"v{count}", None)])), ONE, [f"v{count} float 2 1 2 0 2"])

    def test_names(self):
        """Nodes of one name, or none, are told apart: the error names the second one's output."""
        nodes = [node("Relu", ["x"], ["a"], "n"), node("Relu", ["a"], ["b"], "n"), node("Flatten", ["b"], ["y"], "n", axis=5)]
        self.refuses(model(graph(nodes, [X], [Y])), 'm.onnx: node "y" (Flatten): axis must be -2..2 (got 5)')

    def test_optional_inputs(self):
        nodes = [node("Clip", ["x", "", "high"], ["a"]), node("Clip", ["a", "low", ""], ["y"])]
        tensors = [tensor("high", [], [1.5]), tensor("low", [], [-0.5])]
        self.makes(model(graph(nodes, [X], [Y], tensors)), ONE, ["y float 2 1 2 -0.5 1.5"])

    def test_outputs_that_nobody_reads(self):
        nodes = [node("BatchNormalization", ["x", "s", "s", "s", "s"], ["y", "m", "v", "sm", "sv"], epsilon=0.0)]
        content = model(graph(nodes, [X], [Y], [tensor("s", [2], [1.0, 1.0])]), 9)
        self.makes(content, ONE, ["y float 2 1 2 -1 2"])

    def test_initialiser_among_inputs(self):
        content = model(graph([node("Add", ["x", "c"], ["y"])], [X, value("c", [2])], [Y], [tensor("c", [2], [1.0, 2.0])]))
        self.makes(content, ONE, ["y float 2 1 2 0 4"])

    def test_domains(self):
        content = model(graph([node("Relu", ["x"], ["a"], domain="ai.onnx"), node("Gelu", ["a"], ["y"], domain="com.microsoft")],
                              [value("x", [1, 1])], [Y]), opsets=[opset(13, "ai.onnx"), opset(1, "com.microsoft")])
        self.makes(content, [tensor("x", [1, 1], [-1.0])], ["y float 2 1 1 0"])

    def test_opsets(self):
        for version in range(7, 19):
            self.makes(model(graph([node("Relu", ["x"], ["y"])], [X], [Y]), version), ONE, ["y float 2 1 2 0 2"])

    def test_unknown_fields(self):
        self.makes(model(graph([node("Relu", ["x"], ["y"])], [X], [Y]), more=field(99, "later") + field(100, 7)), ONE,
                   ["y float 2 1 2 0 2"])


class Dimensions(Case):
    """With --absorb the batch is 1; without it the model's."""
    def test_fixed_batch(self):
        content = model(graph([node("Relu", ["x"], ["a"]), node("Flatten", ["a"], ["y"])], [value("x", [4, 1, 2])],
                              [value("y", [4, 2])], values=[value("a", [4, 1, 2])]))
        self.makes(content, [tensor("x", [1, 1, 2], [-1.0, 2.0])], ["y float 2 1 2 0 2"], ["--absorb"])
        self.makes(content, [tensor("x", [4, 1, 2], [1.0] * 8)], ["y float 2 4 2" + " 1" * 8])

    def test_fixed_batch_among_others(self):
        """A value may have the batch within another dimension; an output may not keep it."""
        reshape = [node("Reshape", ["x", "s"], ["a"]), node("Reshape", ["a", "t"], ["y"])]
        tensors = [tensor("s", [2], [-1, 2], "int64"), tensor("t", [3], [-1, 2, 2], "int64")]
        content = model(graph(reshape, [value("x", [4, 2, 2])], [value("y", [4, 2, 2])], tensors, [value("a", [8, 2])]))
        self.makes(content, [tensor("x", [1, 2, 2], [1.0] * 4)], ["y float 3 1 2 2 1 1 1 1"], ["--absorb"])
        keeps = model(graph([node("Reshape", ["x", "s"], ["y"])], [value("x", [4, 2, 2])], [value("y", [4, 4])],
                            [tensor("s", [2], [4, -1], "int64")]))
        self.refuses(keeps, 'm.onnx: the batch 4 of input "x" cannot be taken as 1: output "y" must be 4x4 as the model '
                            "declares it (got 4x1)", ["--absorb"])

    def test_named(self):
        content = model(graph([node("Relu", ["x"], ["y"])], [value("x", ["N", "length"])], [value("y", ["N", "length"])]))
        self.makes(content, ONE, ["y float 2 1 2 0 2"], ["--absorb", "--dim", "length=2"])
        self.refuses(content, 'm.onnx: input "x": dimension 1 is "length": give its size, --dim length=N', ["--absorb"])
        self.refuses(content, 'm.onnx: no input has a dimension "width" (--dim)',
                     ["--absorb", "--dim", "length=2", "--dim", "width=3"])
        self.refuses(content, 'm.onnx: input "x": dimension 0 is "N": give its size, --dim N=N', ["--dim", "length=2"])

    def test_named_batch(self):
        content = model(graph([node("Relu", ["x"], ["y"])], [value("x", ["tokens", 1])], [Y]))
        self.makes(content, [tensor("x", [1, 1], [2.0])], ["y float 2 1 1 2"], ["--absorb", "--dim", "tokens=1"])
        self.refuses(content, 'm.onnx: input "x": dimension 0, "tokens", is the batch, which is 1 here (got --dim tokens=2): '
                              '"batch" of a plan says how many run together', ["--absorb", "--dim", "tokens=2"])


def quantised(kind="uint8", low=None, high=None, scale=0.5, zero=3, after=()):
    """x -> Q -> (Clip) -> DQ -> y, or -> d -> `after` -> y."""
    end = "d" if after else "y"
    nodes = [node("QuantizeLinear", ["x", "s", "z"], ["q"])]
    tensors = [tensor("s", [], [scale]), tensor("z", [], [zero], kind)]
    read = "q"
    if low is not None:
        nodes.append(node("Clip", ["q", "low", "high"], ["c"]))
        tensors += [tensor("low", [], [low], kind), tensor("high", [], [high], kind)]
        read = "c"
    nodes += [node("DequantizeLinear", [read, "s", "z"], [end]), *after]
    return nodes, tensors


class Quantised(Case):
    def hints(self, nodes, tensors, y, *expected, x=X, outputs=(Y,)):
        self.makes(model(graph(nodes, [x], list(outputs), tensors)), ONE, [*y, *expected], ["--absorb"])

    def test_activation(self):
        """The nodes go: what was rounded is not any more."""
        content = [tensor("x", [1, 2], [0.3, 2.0])]
        nodes, tensors = quantised(after=[node("Relu", ["d"], ["y"])])
        plain = model(graph(nodes, [X], [Y], tensors))
        self.makes(plain, content, ["y float 2 1 2 0.5 2"])
        self.makes(plain, content, ["y float 2 1 2 0.300000012 2", "hint x 8 0 0.5 3"], ["--absorb"])

    def test_types(self):
        for kind, bits, is_signed in (("uint8", 8, 0), ("int8", 8, 1), ("uint16", 16, 0), ("int16", 16, 1)):
            nodes, tensors = quantised(kind, after=[node("Relu", ["d"], ["y"])])
            self.hints(nodes, tensors, ["y float 2 1 2 0 2"], f"hint x {bits} {is_signed} 0.5 3")

    def test_without_zero_point(self):
        nodes = [node("QuantizeLinear", ["x", "s"], ["q"]), node("DequantizeLinear", ["q", "s"], ["d"]),
                 node("Relu", ["d"], ["y"])]
        self.hints(nodes, [tensor("s", [], [0.25])], ["y float 2 1 2 0 2"], "hint x 8 0 0.25 0")

    def test_narrowed(self):
        for kind, low, high, bits, is_signed in (("uint8", 0, 15, 4, 0), ("int8", -8, 7, 4, 1), ("int8", -7, 7, 4, 1),
                                                 ("int8", -1, 1, 2, 1), ("int8", 0, 3, 2, 0), ("uint8", 0, 255, 8, 0)):
            nodes, tensors = quantised(kind, low, high, zero=0, after=[node("Relu", ["d"], ["y"])])
            self.hints(nodes, tensors, ["y float 2 1 2 0 2"], f"hint x {bits} {is_signed} 0.5 0")

    def test_output_keeps_its_name(self):
        nodes, tensors = quantised()
        nodes = [node("Relu", ["in"], ["x"]), *nodes]
        self.hints(nodes, tensors, ["y float 2 1 2 0 2"], "hint y 8 0 0.5 3", x=value("in", [1, 2]))

    def test_several_readers(self):
        nodes, tensors = quantised(after=[node("Relu", ["d"], ["a"]), node("DequantizeLinear", ["q", "s", "z"], ["e"]),
                                          node("Add", ["a", "e"], ["y"])])
        self.hints(nodes, tensors, ["y float 2 1 2 -1 4"], "hint x 8 0 0.5 3")

    def test_two_ways(self):
        """The wider one stays."""
        nodes, tensors = quantised(after=[node("QuantizeLinear", ["x", "t"], ["p"]), node("DequantizeLinear", ["p", "t"], ["e"]),
                                          node("Add", ["d", "e"], ["y"])])
        for scale, hint in ((0.25, "hint x 8 0 0.5 3"), (1.0, "hint x 8 0 1 0")):
            self.hints(nodes, [*tensors, tensor("t", [], [scale])], ["y float 2 1 2 -2 4"], hint)

    def test_constant(self):
        for kind, bits in (("int8", 8), ("int16", 16), ("int32", 32)):
            nodes = [node("DequantizeLinear", ["w", "s"], ["d"]), node("Add", ["x", "d"], ["y"])]
            self.hints(nodes, [tensor("w", [2], [-4, 6], kind), tensor("s", [], [0.5])], ["y float 2 1 2 -3 5"],
                       f"hint d {bits} 1 0.5 0")

    def test_constant_by_axis(self):
        nodes = [node("DequantizeLinear", ["w", "s", "z"], ["d"], axis=0), node("Add", ["x", "d"], ["y"])]
        self.hints(nodes, [tensor("w", [2], [4, 6], "uint8"), tensor("s", [2], [0.5, 2.0]), tensor("z", [2], [2, 5], "uint8")],
                   ["y float 2 1 2 0 4"], "hint d 8 0 0 2")

    def test_constant_rounded_in_the_model(self):
        """Real weights through Q, Clip and DQ, as Brevitas writes them: they have the rounded values."""
        nodes = [node("QuantizeLinear", ["w", "s", "z"], ["q"]), node("Clip", ["q", "low", "high"], ["c"]),
                 node("DequantizeLinear", ["c", "s", "z"], ["d"]), node("Add", ["x", "d"], ["y"])]
        tensors = [tensor("w", [2], [0.6, 9.0]), tensor("s", [], [0.5]), tensor("z", [], [0], "int8"),
                   tensor("low", [], [-7], "int8"), tensor("high", [], [7], "int8")]
        self.hints(nodes, tensors, ["y float 2 1 2 -0.5 5.5"], "hint d 4 1 0.5 0")


class Shared(unittest.TestCase):
    """Networks that were trained elsewhere, where they are at hand."""
    def test_models(self):
        folder = Path(os.environ.get("MPSIM_SHARED_DATA", Path(os.environ["MPSIM_SOURCE"]) / "../shared/data")) / "models"
        models = sorted(folder.glob("*.onnx"))
        if not models:
            self.skipTest("no models in ../shared/data/models or MPSIM_SHARED_DATA")
        run = subprocess.run([MPSIM, "check", *models], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((run.stderr, run.returncode), ("", 0))
        self.assertEqual(run.stdout, "".join(f"{m}: ok (ONNX model)\n" for m in models))


if __name__ == "__main__":
    tap.main()
