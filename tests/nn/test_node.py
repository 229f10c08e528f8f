# SPDX-License-Identifier: Apache-2.0
"""ONNX's own tests of single operators (of the Python package onnx, 1.12), as far as the operators are ours: each with all
inputs but the first as constants of the model, as networks have them, and once more with all as inputs. Closes with how many
ran, and which were left out and why."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

try:
    import numpy
    import onnx
    import onnx.numpy_helper
except ImportError:
    print("1..0 # SKIP needs the Python packages onnx and numpy (python3-onnx)")
    sys.exit(0)

RUNNER = os.environ["NODE_RUNNER"]
# What the reader must know; there may be more.
OPERATORS = """Add AveragePool BatchNormalization Cast Clip Concat Constant ConstantOfShape Conv DequantizeLinear Div Dropout Erf
Flatten Gather Gemm GlobalAveragePool HardSwish Identity LayerNormalization LeakyRelu MatMul MaxPool Mul Pad Pow QuantizeLinear
ReduceMean Relu Reshape Shape Sigmoid Slice Softmax Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze Where""".split()
LEFT_OUT = [
    ("test_averagepool_3d_default test_maxpool_3d_default", "windows of three dimensions"),
    ("test_batchnorm_epsilon_training_mode test_batchnorm_example_training_mode test_training_dropout "
     "test_training_dropout_default test_training_dropout_default_mask test_training_dropout_mask "
     "test_training_dropout_zero_ratio test_training_dropout_zero_ratio_mask", "training"),
    ("test_cast_BFLOAT16_to_FLOAT test_cast_FLOAT_to_BFLOAT16 test_castlike_BFLOAT16_to_FLOAT_expanded "
     "test_castlike_FLOAT_to_BFLOAT16_expanded", "numpy has no bfloat16"),
    ("test_maxpool_2d_uint8", "pooling of integers"),
    ("test_maxpool_with_argmax_2d_precomputed_pads test_maxpool_with_argmax_2d_precomputed_strides", "indices of a maximum"),
    ("test_reshape_allowzero_reordered test_split_zero_size_splits", "an input without elements"),
]


def cases():
    """Those that numpy still can make: the package is older than numpy 1.24."""
    for name in ("bool", "float", "int", "object", "str"):
        if name not in numpy.__dict__:
            setattr(numpy, name, getattr(__builtins__, name))
    import warnings
    warnings.simplefilter("ignore")
    from onnx.backend.test.case.node import collect_testcases
    return collect_testcases("")


def reason(case, known):
    """Why a case is left out, or None."""
    graph = case.model.graph
    version = max((o.version for o in case.model.opset_import if o.domain in ("", "ai.onnx")), default=0)
    unknown = sorted({n.op_type for n in graph.node} - known)
    if unknown:
        return "operator"
    if version < 7 and all(onnx.defs.get_schema(n.op_type, 7).since_version <= version for n in graph.node):
        case.model.opset_import[0].version = version = 7  # the same operator
    if not 7 <= version <= 18:
        return f"opset {version}"
    for value in [*graph.input, *graph.output]:
        if not value.type.HasField("tensor_type"):
            return "sequences and optional values"
        if value.type.tensor_type.elem_type in (onnx.TensorProto.STRING, onnx.TensorProto.COMPLEX64):
            return "text"
    return next((why for names, why in LEFT_OUT if case.name in names.split()), None)


def with_constants(model, arrays, dynamic):
    """The model with all inputs but the first `dynamic` as initialisers; one must be left."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    for value, array in list(zip(model.graph.input, arrays))[dynamic:]:
        model.graph.initializer.append(onnx.numpy_helper.from_array(array, value.name))
    if dynamic == 0:
        model.graph.input.append(onnx.helper.make_tensor_value_info("dummy", onnx.TensorProto.FLOAT, [1]))
        arrays = [numpy.zeros(1, numpy.float32)]
    return model, arrays[:max(dynamic, 1)]


def run(model, arrays, *options):
    """The outputs, or the message."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.onnx"
        path.write_bytes(model.SerializeToString())
        files = []
        for i, array in enumerate(arrays):
            files.append(Path(folder) / f"{i}.pb")
            files[-1].write_bytes(onnx.numpy_helper.from_array(array).SerializeToString())
        done = subprocess.run([RUNNER, *options, path, *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    if done.returncode != 0:
        return None, done.stderr.replace(str(path), "m.onnx").strip() or f"status {done.returncode}"
    outputs = []
    for line in done.stdout.splitlines():
        _, kind, rank, *rest = line.split()
        shape = [int(d) for d in rest[:int(rank)]]
        outputs.append(numpy.array(rest[int(rank):], numpy.float64 if kind == "float" else numpy.int64).reshape(shape))
    return outputs, None


class Node(unittest.TestCase):
    def compare(self, wanted, model, arrays, all_inputs=False):
        """By the operators alone, and by float inference. False: it is only for constants."""
        for options in ([], ["--infer"]):
            if not self.agrees(wanted, *run(model, arrays, *options), all_inputs):
                return False
        return True

    def agrees(self, wanted, got, message, all_inputs):
        if message and ("must be a constant" in message or all_inputs and "must be at least 1 (got 0)" in message):
            return False
        self.assertIsNone(message)
        self.assertEqual(len(got), len(wanted))
        for mine, theirs in zip(got, wanted):
            self.assertEqual(mine.shape, theirs.shape)
            narrow = theirs.dtype == numpy.float16 or str(theirs.dtype) == "bfloat16"
            numpy.testing.assert_allclose(mine, theirs.astype(mine.dtype), 1e-2 if narrow else 1e-4, 1e-6)
        return True

    def check(self, case):
        for inputs, outputs in case.data_sets:
            wanted = [numpy.asarray(o) for o in outputs]
            arrays = [numpy.asarray(i) for i in inputs]
            if not self.compare(wanted, *with_constants(case.model, arrays, min(len(arrays), 1))):
                self.assertTrue(self.compare(wanted, *with_constants(case.model, arrays, 0)))
            if len(arrays) > 1:
                self.compare(wanted, *with_constants(case.model, arrays, len(arrays)), all_inputs=True)


def main():
    known = {"Constant", *subprocess.run([RUNNER, "--operators"], stdout=subprocess.PIPE, text=True).stdout.split()}
    out = {}
    for case in cases():
        why = reason(case, known)
        if why:
            out.setdefault(why, []).append(case.name)
        else:
            setattr(Node, case.name, lambda self, c=case: self.check(c))

    def test_operators(self):
        self.assertEqual(sorted(set(OPERATORS) - known), [])
    Node.test_operators = test_operators
    for why, names in sorted(out.items()):
        print(f"# left out: {len(names)}: {why}{'' if why == 'operator' else ': ' + ', '.join(names)}")
    tap.main()


if __name__ == "__main__":
    main()
