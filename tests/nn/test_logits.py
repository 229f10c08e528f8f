# SPDX-License-Identifier: Apache-2.0
"""Scores of trained ResNets against a plain implementation in NumPy, in double precision. Models and images do not come with
the project: $MPSIM_SHARED_DATA or ../shared/data. Needs NumPy and the onnx package to read them."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["MPSIM_SOURCE"])
RUNNER = os.environ["NODE_RUNNER"]
SHARED = Path(os.environ.get("MPSIM_SHARED_DATA", SOURCE / "../shared/data"))
sys.path.insert(0, str(SOURCE / "tests"))
import tap  # noqa: E402
from onnx_writer import tensor  # noqa: E402

try:
    import numpy as np
    import onnx
    from onnx import numpy_helper
except ImportError as missing:
    MISSING = str(missing)
else:
    MISSING = None if (SHARED / "models").is_dir() else f"no {SHARED}/models"

IMAGES = 100


def conv(x, w, b, pads, strides):
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    rows = (x.shape[2] - w.shape[2]) // strides[0] + 1
    cols = (x.shape[3] - w.shape[3]) // strides[1] + 1
    out = np.zeros((x.shape[0], w.shape[0], rows, cols))
    for kh in range(w.shape[2]):
        for kw in range(w.shape[3]):
            part = x[:, :, kh:kh + strides[0] * (rows - 1) + 1:strides[0], kw:kw + strides[1] * (cols - 1) + 1:strides[1]]
            out += np.einsum("nchw,oc->nohw", part, w[:, :, kh, kw], optimize=True)
    return out + b.reshape(1, -1, 1, 1)


def pad(x, pads):
    half = len(pads) // 2
    return np.pad(x, [(int(a), int(b)) for a, b in zip(pads[:half], pads[half:])])


def cut(x, starts, ends, axes, steps):
    at = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps):
        at[axis] = slice(int(start), int(end) if step > 0 or end > -(1 << 31) else None, int(step))
    return x[tuple(at)]


def average(x, size):
    assert x.shape[2:] == tuple(size)
    return x.mean((2, 3), keepdims=True)


def compute(node, a, x):
    """One operator, as these two networks use it."""
    if node.op_type == "Conv":
        return conv(x[0], x[1], x[2] if len(x) > 2 else np.zeros(len(x[1])), a["pads"], a["strides"])
    return {
        "Constant": lambda: numpy_helper.to_array(a["value"]),
        "ConstantOfShape": lambda: np.full(x[0], numpy_helper.to_array(a["value"])[0]),
        "Relu": lambda: np.maximum(x[0], 0),
        "Add": lambda: x[0] + x[1],
        "Slice": lambda: cut(*x),
        "Pad": lambda: pad(x[0], a["pads"] if "pads" in a else x[1]),
        "Reshape": lambda: x[0].reshape(x[1]),
        "Transpose": lambda: x[0].transpose(a["perm"]),
        "Concat": lambda: np.concatenate(x, a["axis"]),
        "Cast": lambda: x[0].astype(np.int64),
        "GlobalAveragePool": lambda: average(x[0], x[0].shape[2:]),
        "AveragePool": lambda: average(x[0], a["kernel_shape"]),
        "Flatten": lambda: x[0].reshape(len(x[0]), -1),
        "Gemm": lambda: x[0] @ x[1].T + x[2],
    }[node.op_type]()


def scores(path, images):
    graph = onnx.load(path).graph
    values = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    values = {name: v.astype(np.float64) if v.dtype == np.float32 else v for name, v in values.items()}
    values[graph.input[0].name] = images
    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        values[node.output[0]] = compute(node, attributes, [values[name] for name in node.input if name])
    return values[graph.output[0].name]


def images():
    data = np.frombuffer((SHARED / "cifar10/test_batch.bin").read_bytes()[:IMAGES * 3073], np.uint8).reshape(-1, 3073)
    return data[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32)


@unittest.skipIf(MISSING, MISSING)
class Logits(unittest.TestCase):
    def compare(self, name, x):
        expected = scores(SHARED / f"models/{name}.onnx", x.astype(np.float64))
        worst = 0
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.pb"
            for i, image in enumerate(x):
                path.write_bytes(tensor("x", [1, 3, 32, 32], data=image.tobytes()))
                run = subprocess.run([RUNNER, "--absorb", "--infer", SHARED / f"models/{name}.onnx", path],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual((run.returncode, run.stderr), (0, ""))
                found = np.array([float(word) for word in run.stdout.split()[5:]])
                self.assertEqual(found.shape, (10,))
                worst = max(worst, np.abs(found - expected[i]).max())
        self.assertLess(worst, 1e-4)

    def test_resnet8(self):
        self.compare("resnet8_bnfolded", images())

    def test_resnet20(self):
        mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
        self.compare("resnet20", (images() / np.float32(255) - mean.reshape(3, 1, 1)) / std.reshape(3, 1, 1))


if __name__ == "__main__":
    tap.main()
