# SPDX-License-Identifier: Apache-2.0
"""mpsim inspect: its figures are those that Python computes from the model's own bytes; its pictures are well-formed."""
import csv
import io
import json
import math
import os
import re
import statistics
import struct
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

from program import MPSIM, SOURCE, call

import formats
import tap
from onnx_writer import graph, model, node, tensor, value

GLYPHS = SOURCE / "configs/models/glyphs.onnx"
SHARED = Path(os.environ.get("MPSIM_SHARED_DATA", SOURCE.parent / "shared/data"))
ENV = {"MPSIM_CONFIGS": str(SOURCE / "configs")}
SVG = "{http://www.w3.org/2000/svg}"


# A reader of protobuf's wire format

def fields(data):
    """{field number: [an integer or bytes, ...]}"""
    out, at = {}, 0

    def varint():
        nonlocal at
        result = shift = 0
        while True:
            byte, at = data[at], at + 1
            result |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return result
    while at < len(data):
        key = varint()
        if key & 7 == 0:
            item = varint()
        else:
            size = {1: 8, 5: 4}.get(key & 7) or varint()
            item, at = data[at:at + size], at + size
        out.setdefault(key >> 3, []).append(item)
    return out


def read_model(path):
    """(nodes as (operator, name, inputs, outputs, {attribute: real}), {initialiser: (dims, floats)})"""
    net = fields(fields(Path(path).read_bytes())[7][0])
    nodes, tensors = [], {}
    for n in map(fields, net[1]):
        attributes = {a[1][0].decode(): struct.unpack("<f", a[2][0])[0] for a in map(fields, n.get(5, [])) if 2 in a}
        nodes.append((n[4][0].decode(), n.get(3, [b""])[0].decode(), [i.decode() for i in n.get(1, [])],
                      [o.decode() for o in n[2]], attributes))
    for t in map(fields, net[5]):
        if t[2][0] == 1:
            data = t[9][0] if 9 in t else b"".join(t[4])
            tensors[t[8][0].decode()] = (t.get(1, []), struct.unpack(f"<{len(data) // 4}f", data))
    return nodes, tensors


def folded(path):
    """{node: a list of weights for each output channel}: of the model's Conv and Gemm nodes, batch norm behind a Conv in them."""
    nodes, tensors = read_model(path)
    out = {}
    for op, name, inputs, outputs, _ in nodes:
        if op not in ("Conv", "Gemm"):
            continue
        dims, flat = tensors[inputs[1]]
        taps = math.prod(dims[1:])
        rows = [list(flat[c * taps:(c + 1) * taps]) for c in range(dims[0])]
        for norm in nodes:
            if norm[0] == "BatchNormalization" and norm[2][0] == outputs[0]:
                gamma, variance = tensors[norm[2][1]][1], tensors[norm[2][4]][1]
                rows = [[w * g / math.sqrt(v + norm[4]["epsilon"]) for w in row] for row, g, v in zip(rows, gamma, variance)]
        out[name or outputs[0]] = rows
    return out


def conv(name, source, target, weight):
    return node("Conv", [source, weight], [target], name)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def inspect(self, *arguments):
        run = call(MPSIM, "inspect", *arguments, env=ENV)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertNotRegex(run.stdout, r"(?i)\bnan\b|\binf\b")
        return run.stdout

    def json(self, *arguments):
        return json.loads(self.inspect(*arguments, "--json"))

    def net(self, nodes, tensors=(), shape=(3, 4, 4), out="y"):
        return self.write("m.onnx", model(graph(nodes, [value("x", ["batch", *shape])], [value(out, None)], tensors)))

    def picture(self, *arguments):
        path = self.folder / "m.svg"
        self.inspect(*arguments, "--histograms", path)
        self.assertNotRegex(path.read_text(), r'(?i)"[^"]*\b(nan|inf)\b')
        return xml.parse(path).getroot()

    def near(self, got, want, digits=1e-6):
        self.assertLessEqual(abs(got - want), digits * abs(want), (got, want))

    def like(self, got, weights, digits=1e-6):
        flat = [w for row in weights for w in row]
        self.assertEqual((got["count"], got["zeros"]), (len(flat), flat.count(0)))
        for key, want in (("min", min(flat)), ("max", max(flat)), ("max_abs", max(map(abs, flat))),
                          ("std", statistics.pstdev(flat))):
            self.near(got[key], want, digits)
        self.near(got["mean"] + 1, statistics.fmean(flat) + 1, digits)

    def like_channels(self, got, rows):
        self.like(got, rows)
        largest = sorted(m for m in (max(map(abs, row)) for row in rows) if m > 0)
        self.assertEqual(got["empty_channels"], len(rows) - len(largest))
        self.near(got["channel_spread"], largest[-1] / largest[0], 1e-5)
        self.near(got["channel_spread_median"], largest[-1] / statistics.median_low(largest), 1e-5)


class Shipped(Case):
    def test_figures(self):
        about, want = self.json("glyphs"), folded(GLYPHS)
        self.assertEqual((about["schema"], about["opset"]), ("mpsim.inspect/1", 13))
        got = {layer["name"]: layer for layer in about["layers"] if "weights" in layer}
        self.assertEqual(len(got), 8)
        self.assertEqual(sum(math.prod((len(rows), len(rows[0]))) for rows in want.values()),
                         sum(layer["weights"]["count"] for layer in got.values()))
        for name, rows in want.items():
            self.like_channels(got[name]["weights"], rows)
        self.assertEqual((about["params"], about["macs"]), (15314, 562496))
        self.assertEqual(sum(layer["params"] for layer in about["layers"]), about["params"])
        self.assertEqual(sum(layer["macs"] for layer in about["layers"]), about["macs"])

    def test_table(self):
        about, text = self.json("glyphs"), self.inspect("glyphs")
        self.assertIn("  input    image [batch=1, 3, 16, 16]\n  output   score [1, 10]\n", text)
        for layer in about["layers"]:
            row = re.search(rf"(?m)^{re.escape(layer['name'])}  .*$", text)[0].split()
            self.assertEqual(row[1:3], [layer["type"], "x".join(map(str, layer["shape"]))])
            if "weights" in layer:
                w = layer["weights"]
                self.assertEqual(row[3:5], [f"{layer['params']:,}", f"{layer['macs']:,}"])
                for cell, want in zip(row[5:9], (w["min"], w["max"], w["max_abs"], w["std"])):
                    self.near(float(cell), want, 6e-4)
        self.assertRegex(text, r"(?m)^total +15,314 +562,496$")

    def test_one_layer(self):
        rows = folded(GLYPHS)["block2.shortcut"]
        about = self.json("glyphs", "--layer", "block2.shortcut")
        self.assertEqual([layer["name"] for layer in about["layers"]], ["block2.shortcut"])
        channels = about["layers"][0]["channels"]
        self.assertEqual(len(channels), len(rows))
        for got, row in zip(channels, rows):
            self.like(got, [row])
        table = list(csv.DictReader(io.StringIO(self.inspect("glyphs", "--layer", "block2.shortcut", "--csv"))))
        self.assertEqual([float(row["std"]) for row in table], [c["std"] for c in channels])
        self.assertEqual([float(row["bias"]) for row in table], [c["bias"] for c in channels])
        text = self.inspect("glyphs", "--layer", "block2.shortcut")
        self.assertIn("  reads    block1.add 16x8x8\n  kernel   1x1, stride 2x2, dilation 1x1, 1 group\n", text)
        self.assertEqual(len(re.findall(r"(?m)^ +\d+ ", text)), len(rows))

    def test_csv_says_what_json_says(self):
        about = self.json("glyphs", "--data", "glyphs", "--images", 40)
        table = list(csv.DictReader(io.StringIO(self.inspect("glyphs", "--data", "glyphs", "--images", 40, "--csv"))))
        outputs = {a.get("layer"): a for a in about["activations"]}
        self.assertEqual([row["layer"] for row in table], [layer["name"] for layer in about["layers"]])
        for row, layer in zip(table, about["layers"]):
            for key, want in layer.get("weights", {}).items():
                self.assertEqual(float(row["weights" if key == "count" else key]), want)
            out = outputs[layer["name"]]
            self.assertEqual([float(row[k]) for k in ("outputs", "output_min", "output_max", "output_max_abs_p999", "output_zeros")],
                             [out[k] for k in ("count", "min", "max", "max_abs_p999", "zeros")])

    def test_threads_and_files(self):
        said = [self.inspect("glyphs", "--data", "glyphs", "--images", 70, "--jobs", jobs, "--json") for jobs in (1, 3)]
        self.assertEqual(said[0], said[1])
        self.assertEqual(self.inspect("glyphs", "--data", "glyphs", "--images", 70, "-o", self.folder / "a.json"), "")
        self.assertEqual((self.folder / "a.json").read_text(), said[0])
        self.inspect(GLYPHS, "-o", self.folder / "a.csv")
        self.assertTrue((self.folder / "a.csv").read_text().startswith("layer,type,"))

    def test_check_knows_what_it_writes(self):
        path = self.folder / "a.json"
        self.inspect("glyphs", "-o", path)
        self.assertEqual(call(MPSIM, "check", path, env=ENV).stdout, f"{path}: ok (inspect result)\n")
        self.assertEqual(call(MPSIM, "check", "--resolved", path, env=ENV).stdout, path.read_text())
        for kind in "accuracy", "cosim":
            path.write_text(json.dumps({"schema": f"mpsim.{kind}/1", "layers": {}}))
            self.assertEqual(call(MPSIM, "check", path, env=ENV).stdout, f"{path}: ok ({kind} result)\n")

    def test_measured_on_the_training_part(self):
        about = self.json("glyphs", "--data", "glyphs", "--images", 20)
        self.assertEqual((about["measured_on"], about["images"]), ("the training part of glyphs", 20))
        image = about["activations"][0]
        stats = json.loads(call(MPSIM, "dataset", "glyphs", "--split", "train", "--images", "20", "--json").stdout)
        self.assertEqual((image["min"], image["max"]), (min(c["min"] for c in stats["channels"]),
                                                        max(c["max"] for c in stats["channels"])))


class Made(Case):
    def test_activations(self):
        """One output channel, a sum of three: all its numbers are known."""
        images = [(i * 37) % 23 - 11 for i in range(20 * 48)]
        data = self.write("x.npy", formats.npy((20, 3, 4, 4), [float(v) for v in images], "<f4"))
        m = self.net([conv("sum", "x", "c", "w"), node("Relu", ["c"], ["y"], "act")], [tensor("w", [1, 3, 1, 1], [1.0] * 3)])
        about = self.json(m, "--data", data, "--images", 15)
        want = [max(0, sum(images[n * 48 + c * 16 + k] for c in range(3))) for n in range(15) for k in range(16)]
        x, y = about["activations"]
        self.assertEqual((x["tensor"], x["count"], x["min"], x["max"], x["zeros"]),
                         ("x", 720, min(images[:720]), max(images[:720]), images[:720].count(0)))
        self.assertEqual((y["layer"], y["count"], y["min"], y["max"], y["zeros"]),
                         ("sum", 240, min(want), max(want), want.count(0)))
        percentile = sorted(want)[math.ceil(0.999 * 240) - 1]
        self.assertLessEqual(percentile, y["max_abs_p999"])
        self.assertLess(y["max_abs_p999"] - percentile, 2 * max(want) / 4096)
        self.assertRegex(self.inspect(m, "--data", data, "--images", 15),
                         rf"(?m)^sum +1x4x4 +0 +{max(want)}\.00 .* {100 * want.count(0) / 240:.1f}$")

    def test_what_the_model_says_of_quantisation(self):
        tensors = [tensor("wq", [2, 3, 1, 1], [-127, 5, 9, 1, 2, 3], "int8"), tensor("ws", [2], [0.5, 0.25]),
                   tensor("wz", [2], [0, 0], "int8"), tensor("s", [], [0.125]), tensor("z", [], [3], "uint8")]
        nodes = [node("DequantizeLinear", ["wq", "ws", "wz"], ["w"], "dw", axis=0), conv("conv", "x", "c", "w"),
                 node("Relu", ["c"], ["a"], "act"), node("QuantizeLinear", ["a", "s", "z"], ["q"], "q"),
                 node("DequantizeLinear", ["q", "s", "z"], ["d"], "d"), node("MaxPool", ["d"], ["y"], "pool", kernel_shape=[2, 2])]
        m = self.net(nodes, tensors)
        first = self.json(m)["layers"][0]
        self.assertEqual(first["weight_hint"], {"bits": 8, "signed": True, "per_channel": True})
        self.assertEqual(first["output_hint"], {"bits": 8, "signed": False, "per_channel": False, "scale": 0.125, "zero": 3})
        self.like_channels(first["weights"], [[-63.5, 2.5, 4.5], [0.25, 0.5, 0.75]])
        self.assertIn("int8 weights by channel, uint8 output, scale 0.125, zero 3\n", self.inspect(m))
        row = next(csv.DictReader(io.StringIO(self.inspect(m, "--csv"))))
        self.assertEqual((row["weight_hint"], row["output_hint"]), ("int8", "uint8"))

    def test_float_only(self):
        m = self.net([conv("conv", "x", "c", "w"), node("LogSoftmax", ["c"], ["y"], "log", axis=1)],
                     [tensor("w", [2, 3, 1, 1], [1.0] * 6)])
        self.assertEqual([layer.get("float_only") for layer in self.json(m)["layers"]], [None, "the logarithm of softmax"])
        self.assertRegex(self.inspect(m), r"(?m)^log .* float only: the logarithm of softmax$")

    def test_without_weights(self):
        m = self.net([node("MaxPool", ["x"], ["y"], "pool", kernel_shape=[2, 2])])
        about = self.json(m)
        self.assertEqual((about["params"], about["macs"], "weights" in about["layers"][0]), (0, 0, False))
        self.assertRegex(self.inspect(m), r"(?m)^pool +pool +3x3x3$")
        self.assertEqual(self.inspect(m, "--layer", "pool", "--csv"), "channel,weights,min,max,max_abs,mean,std,zeros,bias\n")
        self.assertEqual(self.json(m, "--layer", "pool")["layers"][0]["channels"], [])
        texts = [t.text for t in self.picture(m).iter(SVG + "text")]
        self.assertIn("No layer has weights.", texts)

    def test_zeros(self):
        m = self.net([conv("some", "x", "c", "w"), conv("none", "c", "y", "v")],
                     [tensor("w", [3, 3, 1, 1], [0.0, 0.0, 0.0, 1.0, 0.0, -2.0, 4.0, 4.0, 4.0]), tensor("v", [1, 3, 1, 1], [0.0] * 3)])
        some, none = self.json(m)["layers"]
        self.like_channels(some["weights"], [[0.0, 0.0, 0.0], [1.0, 0.0, -2.0], [4.0, 4.0, 4.0]])
        self.assertNotIn("channel_spread", none["weights"])
        self.assertEqual((none["weights"]["std"], none["weights"]["zeros"], none["weights"]["empty_channels"]), (0, 3, 1))
        text = self.inspect(m)
        self.assertIn('layer "some": 1 of 3 output channels have no weight but 0\n', text)
        self.assertRegex(text, r"(?m)^none +conv2d +1x4x4 +3 +48 +0 +0 +0 +0 +100\.0$")
        data = self.write("x.npy", formats.npy((1, 3, 4, 4), [0] * 48))
        self.picture(m, "--data", data)
        self.assertRegex(self.inspect(m, "--data", data), r"(?m)^none +1x4x4 +0 +0 +0 +100\.0$")

    def test_extreme_numbers(self):
        """The smallest and the largest that a float holds."""
        sizes = [1.401298464324817e-45, -1.1754943508222875e-38, 3.4028234663852886e38, -1e-30, 0.0, 1e10]
        m = self.net([conv("one", "x", "y", "w")], [tensor("w", [2, 3, 1, 1], sizes)])
        self.like_channels(self.json(m)["layers"][0]["weights"], [sizes[:3], sizes[3:]])
        self.inspect(m)
        self.picture(m)

    def test_named_dimensions(self):
        m = self.write("m.onnx", model(graph([node("MatMul", ["x", "w"], ["y"], "only")], [value("x", ["n", "rows", 4])],
                                             [value("y", None)], [tensor("w", [4, 2], [float(i) for i in range(8)])])))
        self.assertEqual(self.json(m, "--dim", "rows=7")["inputs"],
                         [{"name": "x", "shape": [1, 7, 4], "dimensions": ["n", "rows", ""]}])
        self.assertIn("  input    x [n=1, rows=7, 4]\n", self.inspect(m, "--dim", "rows=7"))
        self.like_channels(self.json(m, "--dim", "rows=7")["layers"][0]["weights"], [[0, 2, 4, 6], [1, 3, 5, 7]])


class Picture(Case):
    def panels(self, root):
        """(title, its texts, its lines) of each."""
        return [(g.find(SVG + "title").text, g.findall(SVG + "text"), g.findall(SVG + "line")) for g in root.iter(SVG + "g")]

    def apart(self, root):
        """No two texts on a line touch, taking a letter as 6.2 pixels wide (bold ones and CJK more), and all are on the page."""
        width, height = (float(root.get(k)) for k in ("width", "height"))
        boxes = []
        for t in root.iter(SVG + "text"):
            x, y = float(t.get("x")), float(t.get("y"))
            size = {"h": 9.5, "n": 7.2}.get(t.get("class"), 6.2) * sum(2 if ord(c) > 0x2e7f else 1 for c in t.text)
            x -= {"middle": size / 2, "end": size}.get(t.get("text-anchor"), 0)
            boxes.append((x, y - 8, x + size, y, t.text))
        for i, a in enumerate(boxes):
            self.assertTrue(a[0] >= 0 and a[1] >= 0 and a[2] <= width and a[3] <= height, a)
            for b in boxes[:i]:
                self.assertFalse(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3], (a, b))

    def test_weights(self):
        root = self.picture("glyphs")
        names = [layer["name"] for layer in self.json("glyphs")["layers"] if "weights" in layer]
        self.assertEqual([p[0] for p in self.panels(root)], names)
        self.apart(root)
        for _, texts, lines in self.panels(root):
            self.assertEqual([line.get("class") for line in lines if line.get("class") in "md"], ["m", "m", "d", "d"])
        style = root.find(SVG + "style").text
        self.assertIn("prefers-color-scheme: dark", style)

    def test_bars_are_the_counts(self):
        """Heights are log(1 + count) of the largest column's; the counts of all columns are the layer's weights."""
        root = self.picture("glyphs", "--layer", "block1.a")
        flat = [w for row in folded(GLYPHS)["block1.a"] for w in row]
        heights = [float(h) for h in re.findall(r"v([\d.]+)h", next(root.iter(SVG + "path")).get("d").replace("v-", "v"))]
        most = max(heights)
        self.near(most, 64, 1e-3)
        best = min(range(1, 1000), key=lambda n: abs(sum((1 + n) ** (h / most) - 1 for h in heights) - len(flat)))
        counts = [(1 + best) ** (h / most) - 1 for h in heights]
        for count in counts:
            self.assertLess(abs(count - round(count)), 0.02 * max(1, count))
        self.near(sum(counts), len(flat), 0.01)

    def test_with_activations(self):
        root = self.picture("glyphs", "--data", "glyphs", "--images", 30)
        titles = [p[0] for p in self.panels(root)]
        self.assertEqual(titles[:5], ["input image", "stem", "output of stem", "maxpool", "output of maxpool"])
        self.assertEqual(len(titles), 1 + 2 * 12)
        self.apart(root)

    def test_many_layers_and_long_names(self):
        for count in (3, 60):
            names = [f"l{i}" if i % 2 else f"/encoder<{i}>/\"q\"&{'very/' * 30}その層{i}" for i in range(count)]
            nodes = [conv(names[i], f"y{i}" if i else "x", f"y{i + 1}", f"w{i}") for i in range(count)]
            tensors = [tensor(f"w{i}", [3, 3, 1, 1], [10.0 ** (i % 7 - 3) * (k - 4) for k in range(9)]) for i in range(count)]
            m = self.net(nodes, tensors, out=f"y{count}")
            root = self.picture(m)
            self.assertEqual([p[0] for p in self.panels(root)], names)
            self.assertLess(max(len(p[1][0].text) for p in self.panels(root)), 40)
            self.apart(root)

    def test_same_bytes(self):
        paths = [self.folder / f"{i}.svg" for i in range(2)]
        for path, jobs in zip(paths, (1, 3)):
            self.inspect("glyphs", "--data", "glyphs", "--images", 50, "--jobs", jobs, "--histograms", path)
        self.assertEqual(paths[0].read_bytes(), paths[1].read_bytes())


@unittest.skipUnless((SHARED / "models").is_dir(), "no shared data")
class SharedModels(Case):
    def test_figures(self):
        for name in ("resnet8_bnfolded", "resnet20"):
            path = SHARED / f"models/{name}.onnx"
            got = {layer["name"]: layer for layer in self.json(path)["layers"]}
            for layer, rows in folded(path).items():
                self.like_channels(got[layer]["weights"], rows)
            self.assertGreater(len(self.picture(path).findall(f".//{SVG}path")), 8)


if __name__ == "__main__":
    tap.main()
