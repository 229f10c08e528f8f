# SPDX-License-Identifier: Apache-2.0
"""A trained network's own numbers on the core: images in, classes out, bit for bit what integer inference computes."""
import json
import os
import tempfile
import unittest
from pathlib import Path

import core
import networks

import tap
from onnx_qdq import Model

SHARED = Path(os.environ.get("MPSIM_SHARED_DATA", core.SOURCE / "../shared/data"))
GLYPHS = core.SOURCE / "configs/models/glyphs.onnx"
HERE = "no networks and images in ../shared/data or MPSIM_SHARED_DATA"


def plan(folder, model, default, layers):
    path = Path(folder) / "plan.json"
    path.write_text(json.dumps({"name": "mixed", "workload": str(Path(model).resolve()), "default": default, "layers": layers}))
    return path


class Real(unittest.TestCase):
    def agrees(self, *args, arch="bitserial_4x4"):
        run, result = core.cosim("--arch", arch, *args)
        self.assertIsNotNone(result, run.stderr)
        self.assertTrue(result["agrees"], core.failures(result))
        self.assertEqual(run.returncode, 0)
        for layer in result["layers"]:
            self.assertIn(layer["state"], ("ran", "host"), layer)
            self.assertEqual(layer.get("unlike_inference", 0), 0)
        self.assertEqual(result["core_cycles"], result["sim_cycles"])
        return result

    def found(self, folder, *args):
        """The plan that a search on this core finds."""
        path = Path(folder) / "found.json"
        run = core.call("search", "--arch", "bitserial_4x4", *args, "--cost-cache", "off", "--save-plan", path)
        self.assertEqual(run.returncode, 0, run.stderr)
        return path

    def classes(self, *args):
        """The accuracy that integer inference has on the same images."""
        run = core.call("accuracy", *args, "--json")
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)["accuracy"]["value"]


@unittest.skipIf(core.MISSING, core.MISSING)
class Glyphs(Real):
    def test_plans(self):
        for name in ("glyphs_w8a8", "glyphs_w4a4", "glyphs_w2a2", "glyphs_mixed"):
            result = self.agrees("--plan", name, "--data", "glyphs", "--images", 3)
            self.assertEqual(len(result["classes"]), 3)

    def test_is_as_right_as_inference(self):
        result = self.agrees("--model", "glyphs", "--w-bits", 6, "--a-bits", 5, "--data", "glyphs", "--images", 20)
        share = self.classes("--model", "glyphs", "--w-bits", 6, "--a-bits", 5, "--data", "glyphs", "--images", 20)
        text = core.call("cosim", "--arch", "bitserial_4x4", "--model", "glyphs", "--w-bits", 6, "--a-bits", 5, "--data", "glyphs",
                         "--images", 20).stdout
        told = [line for line in text.splitlines() if line.startswith("image ")]
        right = sum(line.split("class ")[1].split(",")[0] == line.split("label ")[1] for line in told)
        self.assertEqual(len(told), len(result["classes"]))
        self.assertAlmostEqual(right / 20, share)

    def test_methods_of_the_quantiser(self):
        for options in (("--affine",), ("--affine", "--activations", "minmax"), ("--dynamic-fixed-point",), ("--per-tensor", "--weights", "minmax"),
                        ("--equalize", "on", "--bias-correction", "off"), ("--activations", "percentile", "--percentile", "99")):
            self.agrees("--model", "glyphs", "--w-bits", 5, "--a-bits", 6, "--data", "glyphs", *options)

    def test_slices_and_odd_weights(self):
        with tempfile.TemporaryDirectory() as folder:
            path = plan(folder, GLYPHS, {"w_bits": 4, "a_bits": 5, "encoding": "odd"},
                        {"block1.b": {"w_bits": [{"channels": 5, "bits": 1}, {"channels": 11, "bits": 3}]},
                         "fc": {"w_bits": 8, "a_bits": 8, "encoding": "twos"}})
            self.agrees("--plan", path, "--data", "glyphs", "--images", 2)

    def test_accumulators_that_overflow(self):
        for behaviour in ("saturate", "wrap"):
            arch = networks.core(2, 2, 2, 1)
            arch["array"]["accumulator"].update(bits=17, on_overflow=behaviour)
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "arch.json"
                file.write_text(json.dumps(arch))
                whole = plan(folder, GLYPHS, {"w_bits": 8, "a_bits": 8}, {})
                result = self.agrees("--plan", whole, "--data", "glyphs", arch=file)
                split = self.agrees("--plan", whole, "--data", "glyphs", "--mapping", core.spilling(file, whole), arch=file)
            for one in (result, split):
                overflows = sum(run["core_overflows"] for layer in one["layers"] for run in layer.get("runs", []))
                self.assertGreater(overflows, 0)

    def test_a_model_that_is_quantised_already(self):
        """Its input has a zero point, the first layer padding; one ReLU is left to the type, another has 4 bits."""
        m = Model(GLYPHS.read_bytes())
        m.activation("image", 1.25, zero=40, kind="uint8")
        m.activation(m.drop("/block1/Relu_output_0"), 0.03125, zero=-128)
        m.activation("/block2/Relu_output_0", 0.25, clip=(0, 15))
        for name in [name for name in m.tensors if name.endswith("0.weight")]:
            m.weights(name, 3 if name.startswith("block2.b") else 8, axis=0)
        with tempfile.TemporaryDirectory() as folder:
            model, own = Path(folder) / "q.onnx", Path(folder) / "own.json"
            model.write_bytes(m.bytes())
            self.assertEqual(core.call("import", model, "--save-plan", own).returncode, 0)
            whole = json.loads(own.read_text())["layers"]
            self.assertEqual((whole["block2.b"]["w_bits"], whole["block2.b"]["a_bits"]), (3, 4))
            for options in ((), ("--dynamic-fixed-point",), ("--model-ranges", "off")):
                self.agrees("--plan", own, "--data", "glyphs", "--images", 2, *options)

    def test_a_plan_that_search_found(self):
        for options in (("--bits", "2-8"), ("--weight-bits", "2,6", "--activation-bits", "8", "--slices", 2, "--open-ends")):
            with tempfile.TemporaryDirectory() as folder:
                plan = self.found(folder, "--model", "glyphs", "--data", "glyphs", "--calibration-images", 128, "--images", 50,
                                  "--max-drop", "1%", *options)
                widths = {str(l.get("w_bits")) for l in json.loads(plan.read_text())["layers"].values() if "w_bits" in l}
                self.assertGreater(len(widths), 1)
                self.agrees("--plan", plan, "--data", "glyphs", "--images", 2)

    def test_one_layer(self):
        result = self.agrees("--plan", "glyphs_w8a8", "--data", "glyphs", "--layer", "block2.add")
        self.assertEqual([layer["layer"] for layer in result["layers"]], ["block2.add"])
        self.assertNotIn("classes", result)

    def test_a_fault_is_found(self):
        names = core.call("cosim", "--arch", "bitserial_4x4", "--list-registers").stdout.splitlines()
        name = next(line.split()[1] for line in names if "acc_q" in line)
        flips = [x for at in range(1000, 3000, 100) for x in ("--inject", f"{name}[14]@{at}")]
        run, result = core.cosim("--arch", "bitserial_4x4", "--plan", "glyphs_w8a8", "--data", "glyphs", "--no-replay", "--layer",
                                 "stem", *flips)
        self.assertIsNotNone(result, run.stderr)
        self.assertEqual(run.returncode, 1)
        self.assertGreater(result["layers"][0]["unlike_inference"], 0)


class Usage(unittest.TestCase):
    def refused(self, message, *args):
        run = core.call("cosim", "--arch", "bitserial_4x4", *args)
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn(message, run.stderr)

    def test_what_goes_with_what(self):
        self.refused("--data is missing", "--model", "glyphs", "--w-bits", 8)
        self.refused("--workload has no weights", "--workload", "resnet8", "--data", "glyphs")
        self.refused("is --images", "--plan", "glyphs_w8a8", "--data", "glyphs", "--batch", 2)
        self.refused("leave out --seed", "--plan", "glyphs_w8a8", "--data", "glyphs", "--seed", 2)
        self.refused("go with --data", "--plan", "glyphs_w8a8", "--images", 2)


@unittest.skipIf(core.MISSING, core.MISSING)
@unittest.skipUnless((SHARED / "models").is_dir(), HERE)
class Networks(Real):
    def test_resnet8(self):
        model = SHARED / "models/resnet8_bnfolded.onnx"
        with tempfile.TemporaryDirectory() as folder:
            mixed = plan(folder, model, {"w_bits": 4, "a_bits": 6},
                         {"conv0": {"w_bits": 8, "a_bits": 8}, "conv1": {"w_bits": 3},
                          "conv2": {"w_bits": [{"channels": 5, "bits": 2}, {"channels": 11, "bits": 5}]},
                          "conv4": {"w_bits": 7, "a_bits": 5}, "conv7": {"w_bits": 2, "a_bits": 4},
                          "logits": {"w_bits": 8, "a_bits": 8}})
            for bits in (("--w-bits", 8, "--model", model), ("--w-bits", 4, "--a-bits", 4, "--model", model), ("--plan", mixed)):
                result = self.agrees(*bits, "--data", SHARED / "cifar10", "--images", 2)
                self.assertEqual(len(result["layers"]), 14)

    def test_a_plan_that_search_found(self):
        data = ("--model", SHARED / "models/resnet8_bnfolded.onnx", "--data", SHARED / "cifar10")
        with tempfile.TemporaryDirectory() as folder:
            plan = self.found(folder, *data, "--bits", "2-8", "--max-drop", "2%")
            self.assertEqual(len(self.agrees("--plan", plan, "--data", SHARED / "cifar10", "--images", 2)["layers"]), 14)

    def test_resnet20(self):
        self.agrees("--model", SHARED / "models/resnet20.onnx", "--w-bits", 4, "--data", SHARED / "cifar10", "--preprocess",
                    "imagenet")


if __name__ == "__main__":
    tap.main()
