# SPDX-License-Identifier: Apache-2.0
"""Models that are quantised already: their scales, zero points, integers and widths are those of the integer network."""
import json
import math
import tempfile
import unittest
from pathlib import Path

from program import MPSIM, SOURCE, call

import tap
from onnx_qdq import Model, single

GLYPHS = SOURCE / "configs/models/glyphs.onnx"
ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}
IMAGES = ("--data", "glyphs", "--images", 400, "--calibration-images", 128)


def mpsim(*args):
    return call(MPSIM, *args, env=ENV)


def accuracy(*args):
    run = mpsim("accuracy", *args, *IMAGES, "--json")
    assert (run.returncode, run.stderr) == (0, ""), run.stderr
    return json.loads(run.stdout)


def measured():
    """{tensor: reach} of the float network."""
    found = accuracy("--model", GLYPHS, "--w-bits", 8, "--activations", "minmax", "--rounding", "nearest", "--bias-correction", "off")
    return {layer["output"]["tensor"]: layer["output"]["scale"] * (127 if layer["output"]["signed"] else 255)
            for layer in found["layers"]}


def quantised():
    """Glyphs with pairs everywhere, and {tensor: scale}. Reaches are a third more than what is measured, so that no scale is
    found by chance."""
    m, scales = Model(GLYPHS.read_bytes()), {}
    reach = measured()

    def uint8(name):
        scales[name] = single(reach[name] * 4 / 3 / 255)
        m.activation(name, scales[name], kind="uint8")

    for name in ("/Relu_output_0", "/block1/Relu_1_output_0", "/block2/Relu_output_0", "/block2/Relu_1_output_0",
                 "/Relu_1_output_0", "/AveragePool_output_0"):
        uint8(name)
    name = "/block1/Relu_output_0"
    scales[name] = single(reach[name] * 4 / 3 / 15)
    m.activation(name, scales[name], kind="int8", clip=(0, 15))
    for name in ("/block1/b/b.1/BatchNormalization_output_0", "/block2/b/b.1/BatchNormalization_output_0"):
        scales[name] = single(reach[name] * 4 / 3 / 127)
        m.activation(name, scales[name], kind="int8")
    m.activation("image", 1.0, kind="uint8")
    for name in list(m.tensors):
        if name.endswith("0.weight"):
            m.weights(name, 4 if name.startswith("block1.a") else 8, axis=None if name.startswith("mix") else 0)
    m.weights("fc.weight")
    return m, scales


class Quantised(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.model = cls.folder / "q.onnx"
        made, cls.scales = quantised()
        cls.model.write_bytes(made.bytes())
        cls.plan = cls.folder / "plans" / "own.json"
        cls.plan.parent.mkdir()
        run = mpsim("import", cls.model, "--save-plan", cls.plan)
        assert (run.returncode, run.stdout, run.stderr) == (0, "", ""), run
        cls.found = accuracy("--plan", cls.plan)

    def test_scales(self):
        """Those of the model to the last bit; a max pool has its input's."""
        made = {layer["output"]["tensor"]: layer["output"] for layer in self.found["layers"]}
        self.assertEqual({name: made[name]["scale"] for name in self.scales}, self.scales)
        self.assertEqual(made["/MaxPool_output_0"]["scale"], self.scales["/Relu_output_0"])
        self.assertEqual(made["/block1/Relu_output_0"]["bits"], 4)
        self.assertFalse(made["/block1/Relu_output_0"]["signed"])

    def test_how_many(self):
        """The nine pairs behind layers, the max pool and the input; all weights, through batch norm."""
        self.assertEqual(self.found["quantizer"]["ranges_from_model"], 11)
        self.assertEqual(self.found["quantizer"]["weights_from_model"], 8)
        text = mpsim("accuracy", "--plan", self.plan, *IMAGES).stdout
        self.assertIn("\n  ranges     11 tensors and the weights of 8 layers from the model's own quantisation\n", text)
        self.assertNotIn("  ranges  ", mpsim("accuracy", "--model", "glyphs", "--w-bits", 8, *IMAGES).stdout)

    def test_accuracy(self):
        self.assertLess(abs(self.found["difference"]["value"]), 0.03)
        self.assertGreater(self.found["accuracy"]["value"], 0.92)

    def test_off(self):
        found = accuracy("--plan", self.plan, "--model-ranges", "off")
        self.assertEqual((found["quantizer"]["ranges_from_model"], found["quantizer"]["weights_from_model"]), (0, 0))
        made = {layer["output"]["tensor"]: layer["output"]["scale"] for layer in found["layers"]}
        for name, scale in self.scales.items():
            self.assertLess(made[name], scale)

    def test_powers_of_two(self):
        found = accuracy("--plan", self.plan, "--dynamic-fixed-point")
        made = {layer["output"]["tensor"]: layer["output"]["scale"] for layer in found["layers"]}
        self.assertEqual({name: made[name] for name in self.scales}, {n: 2.0 ** math.ceil(math.log2(s)) for n, s in self.scales.items()})

    def test_plan(self):
        plan = json.loads(self.plan.read_text())
        self.assertEqual((plan["name"], plan["output_bits"], plan["batch"]), ("q_qdq", 8, 1))
        for name, layer in plan["layers"].items():
            self.assertEqual(layer["a_bits"], 4 if name == "block1.b" else 8, name)
            self.assertEqual(layer.get("w_bits", 8), 4 if name == "block1.a" else 8, name)
        self.assertEqual(mpsim("check", self.plan).stdout, f"{self.plan}: ok (plan)\n")

    def test_plan_names_the_model_from_its_folder(self):
        for where, model, plan, want in ((self.folder, "q.onnx", "plans/p.json", "../q.onnx"), (self.folder, "q.onnx", "p.json", "q.onnx"),
                                         (self.folder / "plans", "../q.onnx", "./p.json", "../q.onnx"),
                                         (self.folder / "plans", "../q.onnx", "../p.json", "q.onnx"),
                                         (self.folder / "plans", self.model, "p.json", str(self.model))):
            run = call(MPSIM, "import", model, "--save-plan", plan, env=ENV, cwd=where)
            self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
            self.assertEqual(json.loads((where / plan).read_text())["workload"], want)
            self.assertEqual(mpsim("check", where / plan).returncode, 0)

    def test_plan_of_a_float_model(self):
        """8 bits throughout; workload.json goes where --output says."""
        plan, out = self.folder / "float.json", self.folder / "net.json"
        run = mpsim("import", GLYPHS, "--save-plan", plan, "-o", out)
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
        layers = json.loads(plan.read_text())["layers"].values()
        self.assertEqual({(layer.get("w_bits", 8), layer["a_bits"]) for layer in layers}, {(8, 8)})
        self.assertEqual(mpsim("import", GLYPHS).stdout, out.read_text())

    def test_usage(self):
        run = mpsim("import", "resnet8", "--save-plan", "p.json")
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn("mpsim import: --save-plan goes with ONNX models only\n", run.stderr)
        run = mpsim("cosim", "--arch", "bitserial_4x4", "--plan", self.plan, "--model-ranges", "off")
        self.assertEqual(run.returncode, 2)
        self.assertIn("options of the quantiser go with --data", run.stderr)
        run = mpsim("import", self.model, "--save-plan", self.folder / "none" / "p.json")
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"{self.folder}/none/p.json: cannot write: No such file or directory\n", run.stderr)

    def test_relu_that_was_left_out(self):
        """Behind a convolution an unsigned pair is a ReLU: float and integers are those of the network that has it."""
        def answer(drop):
            m = Model(GLYPHS.read_bytes())
            for name in ("/block1/Relu_output_0", "/block2/Relu_1_output_0"):
                read = m.drop(name) if drop else name
                m.activation(read, 0.03125, kind="int8", zero=-128)
            path = self.folder / "relu.onnx"
            path.write_bytes(m.bytes())
            found = accuracy("--model", path, "--w-bits", 8)
            layers = {layer["name"]: layer["output"] for layer in found["layers"]}
            self.assertEqual((len(layers), layers["block1.a"]["signed"], layers["block1.a"]["scale"]), (12, False, 0.03125))
            return [found[key] for key in ("float_accuracy", "accuracy", "agree")]
        self.assertEqual(answer(True), answer(False))


if __name__ == "__main__":
    tap.main()
