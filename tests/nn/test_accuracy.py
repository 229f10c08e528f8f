# SPDX-License-Identifier: Apache-2.0
"""mpsim accuracy on the shipped network; and on trained networks that do not come with the project, where they are: in
$MPSIM_SHARED_DATA or ../shared/data."""
import json
import math
import os
import pty
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["MPSIM_SOURCE"])
MPSIM = os.environ["MPSIM"]
sys.path.insert(0, str(SOURCE / "tests"))
import tap  # noqa: E402

SHARED = Path(os.environ.get("MPSIM_SHARED_DATA", SOURCE / "../shared/data"))
W5A5 = ["--w-bits", "5", "--a-bits", "5"]  # four products fit in 12 bits, a layer's do not
GLYPHS = ["--model", "glyphs", "--data", "glyphs"]
ENV = {**os.environ, "MPSIM_CONFIGS": str(SOURCE / "configs"), "LC_ALL": "C.UTF-8"}


def call(*arguments, command="accuracy", **more):
    return subprocess.run([MPSIM, command, *map(str, arguments)], env=ENV, stdin=subprocess.DEVNULL, text=True, timeout=280,
                          stderr=subprocess.PIPE, **{"stdout": subprocess.PIPE, **more})


def figures(*arguments, command="accuracy"):
    run = call(*arguments, "--json", command=command)
    assert (run.returncode, run.stderr) == (0, ""), run.stderr
    return json.loads(run.stdout)


def percent(result, key="accuracy"):
    return 100 * result[key]["value"]


def without_speed(result):
    return {k: v for k, v in result.items() if not k.endswith("_per_cpu_s")}


class Glyphs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.by_bits = {bits: figures(*GLYPHS, "--w-bits", bits, "--a-bits", bits) for bits in (8, 4, 2)}

    def test_float_is_pytorch(self):
        golden = json.loads((SOURCE / "tests/nn/glyphs.json").read_text())
        result = figures(*GLYPHS)
        self.assertEqual(result["images"], golden["images"])
        self.assertLessEqual(abs(percent(result, "float_accuracy") / 100 * golden["images"] - golden["right"]), 2)
        self.assertNotIn("accuracy", result)
        self.assertNotIn("layers", result)

    def test_eight_bits_are_as_good(self):
        result = self.by_bits[8]
        self.assertLess(abs(percent(result) - percent(result, "float_accuracy")), 0.5)
        self.assertGreater(result["agree"], 0.99 * result["images"])

    def test_fewer_bits_are_worse(self):
        self.assertGreaterEqual(percent(self.by_bits[8]), percent(self.by_bits[4]))
        self.assertGreater(percent(self.by_bits[4]), percent(self.by_bits[2]))
        for layer in range(len(self.by_bits[8]["layers"])):
            noise = [self.by_bits[bits]["layers"][layer]["sqnr_db"] for bits in (8, 4, 2)]
            self.assertEqual(noise, sorted(noise, reverse=True))

    def test_figures_go_together(self):
        for result in self.by_bits.values():
            n = result["images"]
            self.assertAlmostEqual(result["difference"]["value"], (result["gained"] - result["lost"]) / n)
            self.assertAlmostEqual(result["accuracy"]["value"] - result["float_accuracy"]["value"],
                                   result["difference"]["value"])
            self.assertGreaterEqual(n - result["agree"], result["gained"] + result["lost"])
            for key in ("accuracy", "float_accuracy", "difference"):
                share = result[key]
                self.assertTrue(share["low"] <= share["value"] <= share["high"])
            p, z = result["accuracy"]["value"], 1.959964
            half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
            self.assertAlmostEqual(result["accuracy"]["high"] - result["accuracy"]["low"], 2 * half, 6)

    def test_any_number_of_threads(self):
        results = [without_speed(figures(*GLYPHS, "--w-bits", "4", "--a-bits", "4", "--images", "600", "--jobs", jobs))
                   for jobs in (1, 2, 3)]
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])

    def test_text_says_the_same(self):
        run = call(*GLYPHS, "--w-bits", "4", "--a-bits", "4")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        result, lines = self.by_bits[4], run.stdout.splitlines()
        self.assertEqual(lines[0], "glyphs on glyphs: 2,000 images of 3x16x16, 10 classes")
        self.assertRegex(run.stdout, rf"(?m)^float +{percent(result, 'float_accuracy'):.2f} % ")
        self.assertRegex(run.stdout, rf"(?m)^integer +{percent(result):.2f} % ")
        self.assertIn(f"{result['lost']} lost and {result['gained']} gained", run.stdout)
        for layer in result["layers"]:
            self.assertRegex(run.stdout, rf"(?m)^{layer['name']} +{layer['type']} .* {layer['sqnr_db']:.1f}\b")

    def test_weights_only(self):
        result = figures(*GLYPHS, "--w-bits", "8", "--weights-only", "--images", "500")
        self.assertTrue(result["quantizer"]["weights_only"])
        self.assertNotIn("output", result["layers"][0])
        self.assertGreater(result["agree"], 495)

    def test_plan_names_its_model(self):
        result = figures("--plan", "glyphs_w4a4", "--data", "glyphs", "--images", "200")
        same = figures(*GLYPHS, "--plan", "glyphs_w4a4", "--images", "200")
        self.assertEqual(os.path.realpath(result.pop("model")), os.path.realpath(same.pop("model")))
        self.assertEqual(without_speed(result), without_speed(same))
        self.assertEqual(result["plan"], "glyphs_w4a4")

    def test_images_without_labels(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.npy"
            header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (9, 3, 16, 16), }"
            header += b" " * (117 - len(header)) + b"\n"
            path.write_bytes(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + bytes(range(256)) * 27)
            result = figures("--model", "glyphs", "--data", path, "--w-bits", "8")
        self.assertEqual(result["images"], 9)
        self.assertFalse({"accuracy", "float_accuracy", "difference", "lost"} & set(result))
        self.assertEqual(result["quantizer"]["calibrated_on"], f"{path} itself")


class Accelerator(unittest.TestCase):
    def test_costs_are_those_of_run(self):
        for plan in ("glyphs_mixed", "glyphs_w2a2"):
            result = figures(*GLYPHS, "--plan", plan, "--arch", "bitserial_4x4", "--images", "50")
            run = figures("--plan", plan, "--arch", "bitserial_4x4", command="run")
            self.assertEqual(result["cycles"], run["totals"]["cycles"])
            self.assertEqual(result["energy_pj"], run["totals"]["energy_pj"])
            self.assertEqual([(layer["name"], layer["cycles"]) for layer in result["layers"]],
                             [(layer["name"], layer["cycles"]) for layer in run["layers"]])

    def narrow(self, bits, what):
        with tempfile.TemporaryDirectory() as folder:
            arch = json.loads((SOURCE / "configs/arch/bitserial_4x4.json").read_text())
            arch["name"] = "narrow"
            arch["array"]["accumulator"].update(bits=bits, on_overflow=what)
            path = Path(folder) / "narrow.json"
            path.write_text(json.dumps(arch))
            result = figures(*GLYPHS, *W5A5, "--arch", path, "--images", "200")
            text = call(*GLYPHS, *W5A5, "--arch", path, "--images", "200").stdout
        return result, text

    def test_narrow_accumulators_overflow(self):
        wide = figures(*GLYPHS, *W5A5, "--arch", "bitserial_4x4", "--images", "200")
        self.assertEqual(sum(layer.get("overflows", 0) for layer in wide["layers"]), 0)
        self.assertNotIn("overflow:", call(*GLYPHS, "--w-bits", "8", "--images", "50").stdout)
        for what in ("saturate", "wrap"):
            result, text = self.narrow(12, what)
            over = {layer["name"]: layer for layer in result["layers"] if layer.get("overflows")}
            self.assertIn("stem", over)
            self.assertLess(percent(result), percent(wide) - 5)
            self.assertIn(f"12-bit accumulators, {'saturating' if what == 'saturate' else 'wrapping'}", text)
            for name, layer in over.items():
                self.assertIn(f'overflow: layer "{name}" {layer["overflows"]:,} times, output channel '
                              f'{layer["first_overflow_channel"]} the first', text)


class Ends(unittest.TestCase):
    def interrupt(self, folder, *arguments):
        """(standard output, exit status) when Ctrl-C comes as soon as the counter of images shows on the terminal."""
        header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (400000, 3, 16, 16), }"
        header += b" " * (117 - len(header)) + b"\n"
        path = Path(folder) / "x.npy"
        path.write_bytes(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header)
        os.truncate(path, 128 + 400000 * 768)
        terminal, other_end = pty.openpty()
        process = subprocess.Popen([MPSIM, "accuracy", "--model", "glyphs", "--data", path, "--w-bits", "8", "--calibrate",
                                    "glyphs", "--jobs", "2", *arguments], env=ENV, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=other_end)
        os.close(other_end)
        self.addCleanup(os.close, terminal)
        self.assertIn(b"image ", os.read(terminal, 100))
        process.send_signal(signal.SIGINT)
        out = process.communicate(timeout=20)[0]
        return out, process.returncode

    def test_interrupted(self):
        """The figures so far, marked as such, and then the signal."""
        with tempfile.TemporaryDirectory() as folder:
            out, status = self.interrupt(folder)
        self.assertEqual(status, -signal.SIGINT)
        self.assertIn("interrupted: the figures are of the images that were done", out)
        self.assertNotIn("400,000 images", out)

    def test_interrupted_json(self):
        with tempfile.TemporaryDirectory() as folder:
            out, status = self.interrupt(folder, "--json")
        self.assertEqual(status, -signal.SIGINT)
        result = json.loads(out)
        self.assertTrue(result["interrupted"])
        self.assertTrue(0 < result["images"] < 400000)

    def test_no_room(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            run = call(*GLYPHS, "--images", "20", stdout=full)
        self.assertEqual((run.returncode, run.stderr), (1, "standard output: cannot write: No space left on device\n"))


TOP = {"schema": str, "model": str, "data": str, "plan": str, "arch": str, "images": int, "interrupted": bool,
       "float_accuracy": dict, "float_images_per_cpu_s": (int, float), "accuracy": dict, "difference": dict, "lost": int,
       "gained": int, "agree": int, "images_per_cpu_s": (int, float), "images_compared": int, "cycles": int,
       "latency_ms": float, "energy_pj": float, "quantizer": dict, "layers": list}


class Json(unittest.TestCase):
    """Has the keys that docs/quantisation.md lists, and no other."""
    def test_keys(self):
        result = figures(*GLYPHS, "--w-bits", "8", "--arch", "bitserial_4x4", "--images", "300")
        self.assertEqual(result["schema"], "mpsim.accuracy/1")
        self.assertEqual(list(result), list(TOP))
        for key, kind in TOP.items():
            self.assertIsInstance(result[key], kind, key)

    def test_documented(self):
        result = figures(*GLYPHS, "--w-bits", "4", "--a-bits", "2", "--arch", "bitserial_4x4", "--images", "300")
        text = (SOURCE / "docs/quantisation.md").read_text()
        keys = set(result) | set(result["quantizer"]) | set(result["accuracy"])
        for layer in result["layers"]:
            keys |= set(layer) | set(layer.get("output", {}))
        keys |= {"first_overflow_channel", "bias_images"}
        self.assertEqual([key for key in sorted(keys) if f"`{key}`" not in text], [])


def sanitized():
    options = json.loads((Path(os.environ["MPSIM_BUILD"]) / "meson-info/intro-buildoptions.json").read_text())
    return next(o["value"] for o in options if o["name"] == "b_sanitize") != "none"


class Trained(unittest.TestCase):
    """ResNet-8 of MLPerf Tiny and ResNet-20 on 1,000 test images of CIFAR-10."""
    RESNET20 = ["--model", SHARED / "models/resnet20.onnx", "--data", SHARED / "cifar10", "--preprocess", "imagenet"]
    RESNET8 = ["--model", SHARED / "models/resnet8_bnfolded.onnx", "--data", SHARED / "cifar10"]
    PLAIN = ["--weights", "minmax", "--rounding", "nearest", "--bias-correction", "off"]

    def setUp(self):
        if not (SHARED / "models").is_dir():
            self.skipTest(f"no {SHARED}/models")
        if sanitized():
            self.skipTest("with sanitizers a run takes minutes")

    def test_float(self):
        for network, expected in ((self.RESNET8, 88.1), (self.RESNET20, 91.5)):
            result = figures(*network)
            self.assertEqual(result["images"], 1000)
            self.assertAlmostEqual(percent(result, "float_accuracy"), expected, 9)

    def test_weights_alone(self):
        for bits, expected in ((8, 91.4), (6, 91.7), (5, 91.6), (4, 90.4), (3, 73.0), (2, 9.5)):
            result = figures(*self.RESNET20, "--w-bits", bits, "--weights-only", *self.PLAIN)
            self.assertLessEqual(abs(percent(result) - expected), 0.5, bits)

    def test_eight_bits_in_integers(self):
        for network in (self.RESNET8, self.RESNET20):
            for method in ([], self.PLAIN):
                result = figures(*network, "--w-bits", "8", *method)
                self.assertLessEqual(abs(percent(result) - percent(result, "float_accuracy")), 0.5)

    def test_three_bits_of_weights(self):
        """What the methods are for."""
        plain = figures(*self.RESNET20, "--w-bits", "3", "--weights-only", *self.PLAIN)
        best = figures(*self.RESNET20, "--w-bits", "3", "--weights-only")
        self.assertGreater(percent(best), percent(plain) + 10)


if __name__ == "__main__":
    tap.main()
