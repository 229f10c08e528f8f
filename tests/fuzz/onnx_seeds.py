# SPDX-License-Identifier: Apache-2.0
"""The models that the fuzzer starts from: the bad ones, and good ones of many operators.

    onnx_seeds.py FOLDER STAMP
"""
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(SOURCE), str(SOURCE / "bad")]
import cases_onnx  # noqa: E402
from onnx_writer import graph, model, node, tensor, value  # noqa: E402


def one(op, dims, tensors=(), version=13, outputs=("y",), **attributes):
    names = [chr(ord("a") + i) for i in range(len(tensors))]
    return model(graph([node(op, ["x", *names], list(outputs), **attributes)], [value("x", [1, *dims])],
                       [value(o, None) for o in outputs], [tensor(n, *t) for n, t in zip(names, tensors)]), version)


def ints(*values):
    return [len(values)], list(values), "int64"


def several(nodes, dims, tensors, version=13):
    """Lines "y = Op(a, b)" over x of `dims`, with attributes behind: ("y = Op(a)", {...})."""
    made = []
    for line in nodes:
        line, attributes = line if isinstance(line, tuple) else (line, {})
        output, call = line.split(" = ")
        op, inputs = call.rstrip(")").split("(")
        made.append(node(op, inputs.split(", "), [output], **attributes))
    return model(graph(made, [value("x", [1, *dims])], [value("y", None)], [tensor(n, *t) for n, t in tensors.items()]),
                 version)


def block(channels):
    return {"w": ([channels, channels, 3, 3], [0.1] * (9 * channels ** 2)), **{k: ([channels], [1.0] * channels) for k in "gbmv"}}


CONV = {"pads": [1, 1, 1, 1], "kernel_shape": [3, 3]}
S8 = ([8], [1.0] * 8)
GOOD = [
    cases_onnx.GOOD,
    one("Gemm", [8], [([8, 4], [0.5] * 32), ([4], [1.0] * 4)], alpha=2.0, transA=0),
    one("MatMul", [4, 8], [([8, 4], [0.5] * 32)]),
    one("BatchNormalization", [8, 4, 4], [S8, S8, S8, S8], epsilon=0.001),
    one("Clip", [8], [([], [0.0]), ([], [6.0])]),
    one("Pow", [8], [([], [2.0])]),
    one("ReduceMean", [8, 4], axes=[-1], keepdims=1),
    one("Concat", [8, 4], [([1, 8, 4], [1.0] * 32)], axis=1),
    one("Split", [8, 4], [ints(2, 6)], axis=1, outputs=("y", "z")),
    one("Squeeze", [1, 4], [ints(1)]),
    one("Unsqueeze", [8, 4], [ints(1)]),
    model(graph([node("Where", ["c", "x", "z"], ["y"])], [value("x", [1, 4])], [value("y", [1, 4])],
                [tensor("c", [4], [0, 1, 1, 0], "bool"), tensor("z", [], [0.0])])),
    one("MaxPool", [3, 8, 8], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1),
    one("AveragePool", [3, 8, 8], kernel_shape=[2, 2], strides=[2, 2], count_include_pad=1),
    one("AveragePool", [3, 8, 8], kernel_shape=[3, 3], auto_pad="SAME_UPPER"),
    one("GlobalAveragePool", [3, 8, 8]),
    one("Flatten", [3, 8, 8], axis=1),
    one("Reshape", [3, 8, 8], [ints(0, -1)]),
    one("Transpose", [3, 8, 8], perm=[0, 2, 3, 1]),
    one("Slice", [8, 8], [ints(0, -1), ints(4, -9), ints(1, 2), ints(1, -2)]),
    one("Pad", [8, 8], [ints(0, 1, 1, 0, 1, 1), ([], [1.0])], mode="reflect"),
    one("Softmax", [8, 8], axis=-1),
    one("LayerNormalization", [8], [S8, S8], 17, axis=-1),
    one("Gather", [8, 8], [ints(0, 3)], axis=1),
    one("Cast", [8, 8], to=1),
    one("Dropout", [8, 8], outputs=("y", "mask")),
    model(graph([node("Shape", ["x"], ["s"]), node("Gather", ["s", "i"], ["n"]), node("Unsqueeze", ["n", "i"], ["u"]),
                 node("Concat", ["u", "m"], ["r"], axis=0), node("Reshape", ["x", "r"], ["y"])],
                [value("x", ["N", 4, "height"])], [value("y", None)],
                [tensor("i", [1], [0], "int64"), tensor("m", [1], [-1], "int64")]), 12),
    model(graph([node("ConstantOfShape", ["s"], ["k"]), node("Add", ["x", "k"], ["y"])], [value("x", [1, 4])],
                [value("y", None)], [tensor("s", [1], [4], "int64")])),
    model(graph([node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("Clip", ["q", "l", "h"], ["c"]),
                 node("DequantizeLinear", ["c", "s", "z"], ["d"]), node("DequantizeLinear", ["w", "t", "v"], ["e"], axis=1),
                 node("MatMul", ["d", "e"], ["y"])], [value("x", [1, 4])], [value("y", None)],
                [tensor("s", [], [0.5]), tensor("z", [], [3], "uint8"), tensor("l", [], [0], "uint8"),
                 tensor("h", [], [15], "uint8"), tensor("w", [4, 2], range(8), "int8"), tensor("t", [2], [0.5, 1.0]),
                 tensor("v", [2], [0, 1], "int8")])),
    model(graph([node("Conv", ["x", "k"], ["c"], kernel_shape=[1, 1]), node("QuantizeLinear", ["c", "s", "z"], ["q"]),
                 node("DequantizeLinear", ["q", "s", "z"], ["d"]), node("Flatten", ["d"], ["f"]),
                 node("DequantizeLinear", ["w", "t", "v"], ["e"], axis=0), node("Transpose", ["e"], ["u"]),
                 node("MatMul", ["f", "u"], ["y"])], [value("x", [1, 2, 2, 1])], [value("y", None)],
                [tensor("k", [2, 2, 1, 1], [0.5] * 4), tensor("s", [], [0.5]), tensor("z", [], [-128], "int8"),
                 tensor("w", [2, 4], range(8), "int8"), tensor("t", [2], [0.5, 1.0]), tensor("v", [2], [0, 1], "int8")])),
    several([("a = Conv(x, w)", CONV), "b = BatchNormalization(a, g, b_, m, v)", "c = Relu(b)", ("d = Conv(c, w)", CONV),
             "e = Add(d, x)", "y = Relu(e)"], [2, 4, 4], {("b_" if k == "b" else k): t for k, t in block(2).items()}),
    several([("a = ReduceMean(x)", {"axes": [-1]}), "b = Sub(x, a)", "c = Pow(b, two)", ("d = ReduceMean(c)", {"axes": [-1]}),
             "e = Add(d, tiny)", "f = Sqrt(e)", "g = Div(b, f)", "h = Mul(g, scale)", "y = Add(h, scale)"], [3, 8],
            {"two": ([], [2.0]), "tiny": ([], [1e-5]), "scale": S8}),
    several(["a = Div(x, root)", "b = Erf(a)", "c = Add(b, one)", "d = Mul(x, c)", "y = Mul(d, half)"], [3, 8],
            {"root": ([], [2.0 ** 0.5]), "one": ([], [1.0]), "half": ([], [0.5])}),
    several(["a = MatMul(x, w)", "b = Add(a, bias)", "c = Reshape(b, heads)", ("q = Transpose(c)", {"perm": [0, 2, 1, 3]}),
             ("k = Transpose(c)", {"perm": [0, 2, 3, 1]}), "s = MatMul(q, k)", "t = Mul(s, factor)",
             ("p = Softmax(t)", {"axis": -1}), "o = MatMul(p, q)", ("r = Transpose(o)", {"perm": [0, 2, 1, 3]}),
             "y = Reshape(r, back)"], [4, 8],
            {"w": ([8, 8], [0.1] * 64), "bias": S8, "heads": ([4], [1, 4, 2, 4], "int64"), "back": ([3], [1, 4, 8], "int64"),
             "factor": ([], [0.5])}),
    several([("a = Pad(x, pads)", {}), ("b = Conv(a, w)", {"kernel_shape": [3, 3]}), "s = Sigmoid(b)", "c = Mul(b, s)",
             "g = GlobalAveragePool(c)", "h = Sigmoid(g)", "m = Mul(c, h)", ("n = Concat(m, c)", {"axis": 1}),
             ("y = Flatten(n)", {})], [2, 4, 4], {"w": block(2)["w"], "pads": ([8], [0, 0, 1, 1, 0, 0, 1, 1], "int64")}),
    model(graph([node("Constant", [], ["k"], value_floats=[1.0, 2.0]), node("Mul", ["k", "x"], ["y"])],
                [value("x", [1, 2])], [value("y", None)], [])),
]


def main():
    folder, stamp = map(Path, sys.argv[1:])
    folder.mkdir(exist_ok=True)
    for name, content, _ in cases_onnx.CASES:
        content = content["m.onnx"] if isinstance(content, dict) else content
        (folder / f"bad_{name}.onnx").write_bytes(content.encode() if isinstance(content, str) else content)
    for i, content in enumerate(GOOD):
        (folder / f"good_{i}.onnx").write_bytes(content)
    stamp.touch()


if __name__ == "__main__":
    main()
