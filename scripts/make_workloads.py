#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the workload and plan files of the built-in networks.

    make_workloads.py DIR           write DIR/workloads/*.json and DIR/plans/*.json
    make_workloads.py --check DIR   exit 1 and name the files that differ

While a network is built its shapes are inferred and its multiply-accumulates
(convolutions and matrix products only) and parameters are counted; both are
compared with EXPECTED before anything is written.
"""
import json
import sys
from math import prod
from pathlib import Path

# The keys of each layer type after name, type and inputs, with their defaults
# (None: no default). Keys that have their default are not written.
WEIGHTED = dict(bias=False, norm=False, activation="none", weights_of=None)
KEYS = {
    "conv2d": dict(out_channels=None, kernel=None, stride=[1, 1], padding=[0] * 4,
                   dilation=[1, 1], groups=1, **WEIGHTED),
    "linear": dict(out_channels=None, **WEIGHTED),
    "matmul": dict(groups=1, transpose_b=False),
    "pool": dict(op=None, kernel=None, stride=None, padding=[0] * 4, ceil=False, out_channels=None,
                 first_channel=0),
    "add": dict(activation="none"),
    "mul": {},
    "activation": dict(op=None),
    "softmax": dict(groups=1),
    "layer_norm": {},
    "concat": {},
    "view": dict(shape=None),
}

# name: (multiply-accumulates, parameters); a batch norm or layer norm has two
# parameters a channel. Embeddings are not part of bert_base_* and lstm_ptb.
EXPECTED = {
    "alexnet": (714_188_480, 61_100_840),
    "vgg16": (15_470_264_320, 138_357_544),
    "resnet18": (1_814_073_344, 11_689_512),
    "resnet50": (4_089_184_256, 25_557_032),
    "resnet101": (7_801_405_440, 44_549_160),
    "mobilenet_v1": (568_740_352, 4_231_976),
    "mobilenet_v2": (300_774_272, 3_504_872),
    "efficientnet_lite0": (385_187_552, 4_652_008),
    "squeezenet1_1": (349_151_936, 1_235_496),
    "bert_base_128": (11_173_625_856, 85_054_464),
    "bert_base_384": (35_332_816_896, 85_054_464),
    "lstm_ptb": (464_100_000, 13_280_400),
    "resnet8": (12_501_632, 78_186),
    "resnet20": (40_551_040, 269_722),
    "ds_cnn": (2_656_768, 23_756),
}


def pair(v):
    return [v, v] if isinstance(v, int) else list(v)


class Net:
    """A network under construction: its layers, tensor shapes and counts."""

    def __init__(self, name, source, **inputs):
        self.name, self.source = name, source
        self.inputs, self.layers, self.shape, self.by_name = [], [], {}, {}
        self.macs = self.params = 0
        for key, (shape, signed) in inputs.items():
            self.input(key, shape, signed)

    def input(self, name, shape, signed):
        self.inputs.append({"name": name, "shape": shape, **({"signed": True} if signed else {})})
        self.shape[name] = shape
        return name

    def add(self, type_, name, *inputs, **args):
        """Append a layer and return the name of its tensor."""
        keys = KEYS[type_]
        assert not set(args) - set(keys), (name, args)
        assert name not in self.shape, name
        layer = {"name": name, "type": type_, "inputs": list(inputs)}
        layer.update((k, args[k]) for k in keys if k in args and args[k] != keys[k])
        full = {**keys, **args}
        shape, macs, params = infer(type_, [self.shape[i] for i in inputs], full)
        owner = full.get("weights_of")
        if owner:
            same = ("type", "out_channels", "kernel", "groups", "bias", "norm")
            first = self.by_name[owner]
            assert all(first.get(k) == layer.get(k) for k in same), name
            assert self.shape[first["inputs"][0]][0] == self.shape[inputs[0]][0], name
            params = 0
        self.layers.append(layer)
        self.by_name[name], self.shape[name] = layer, shape
        self.macs += macs
        self.params += params
        return name

    def conv(self, name, x, out, kernel=1, stride=1, pad=0, **args):
        """A convolution; pad is a number, [vertical, horizontal] or "same" (TensorFlow's)."""
        kernel, stride = pair(kernel), pair(stride)
        if pad == "same":
            total = [max((-(-n // s) - 1) * s + k - n, 0)
                     for n, k, s in zip(self.shape[x][1:], kernel, stride)]
            pad = [t // 2 for t in total] + [t - t // 2 for t in total]
        else:
            pad = pair(pad) * 2
        return self.add("conv2d", name, x, out_channels=out, kernel=kernel, stride=stride,
                        padding=pad, **args)

    def pool(self, name, x, op, kernel, stride=None, pad=0, **args):
        kernel = pair(kernel)
        return self.add("pool", name, x, op=op, kernel=kernel, padding=pair(pad) * 2,
                        stride=pair(stride or kernel), **args)

    def flatten(self, name, x):
        return self.add("view", name, x, shape=[prod(self.shape[x]), 1, 1])

    def linear(self, name, x, out, bias=True, **args):
        return self.add("linear", name, x, out_channels=out, bias=bias, **args)

    def global_pool(self, name, x):
        return self.pool(name, x, "avg", self.shape[x][1:])

    def classifier(self, x, out, name="fc"):
        """Global average pool, flatten and a linear layer."""
        return self.linear(name, self.flatten("flatten", self.global_pool("avgpool", x)), out)


def infer(type_, shapes, a):
    """Output shape, multiply-accumulates and parameters of a layer."""
    c, h, w = shapes[0]
    if type_ in ("conv2d", "pool"):
        dil = a.get("dilation", [1, 1])
        top, left, bottom, right = a["padding"]
        size = []
        for n, p, k, s, d in zip((h, w), (top + bottom, left + right), a["kernel"], a["stride"], dil):
            span = n + p - d * (k - 1) - 1
            assert span >= 0, a
            size.append((-(-span // s) if a.get("ceil") else span // s) + 1)
        out = a["out_channels"] or c
        if type_ == "pool":
            assert out >= c + a["first_channel"], a
            return [out, *size], 0, 0
        assert c % a["groups"] == 0 and out % a["groups"] == 0, a
        weights = out * c // a["groups"] * prod(a["kernel"])
        return [out, *size], weights * prod(size), weights + out * (a["bias"] + 2 * a["norm"])
    if type_ == "linear":
        out = a["out_channels"]
        return [out, h, w], out * c * h * w, out * (c + a["bias"] + 2 * a["norm"])
    if type_ == "matmul":
        (ca, m, wa), (cb, hb, wb), g = shapes[0], shapes[1], a["groups"]
        assert wa == wb == 1 and ca % g == 0 and cb % g == 0, a
        k, n = ca // g, hb if a["transpose_b"] else cb // g
        assert k == (cb // g if a["transpose_b"] else hb), (shapes, a)
        return [g * n, m, 1], g * m * n * k, 0
    if type_ == "concat":
        assert len(shapes) >= 2 and all(s[1:] == [h, w] for s in shapes), shapes
        return [sum(s[0] for s in shapes), h, w], 0, 0
    if type_ == "view":
        assert prod(a["shape"]) <= c * h * w, (shapes, a)
        return list(a["shape"]), 0, 0
    if type_ in ("add", "mul"):
        assert len(shapes) == 2 and shapes[0] == shapes[1], shapes
    if type_ == "softmax":
        assert c % a["groups"] == 0, a
    return [c, h, w], 0, 2 * c if type_ == "layer_norm" else 0


# ---------------------------------------------------------------- networks

IMAGE = dict(input=([3, 224, 224], True))


def alexnet():
    n = Net("alexnet", "torchvision.models.alexnet (Krizhevsky, arXiv:1404.5997), 224x224", **IMAGE)
    relu = dict(bias=True, activation="relu")
    x = n.conv("features.0", "input", 64, 11, 4, 2, **relu)
    x = n.pool("features.2", x, "max", 3, 2)
    x = n.conv("features.3", x, 192, 5, 1, 2, **relu)
    x = n.pool("features.5", x, "max", 3, 2)
    for i, out in (6, 384), (8, 256), (10, 256):
        x = n.conv(f"features.{i}", x, out, 3, 1, 1, **relu)
    x = n.pool("features.12", x, "max", 3, 2)
    x = n.flatten("flatten", x)
    x = n.linear("classifier.1", x, 4096, activation="relu")
    x = n.linear("classifier.4", x, 4096, activation="relu")
    n.linear("classifier.6", x, 1000)
    return n


def vgg16():
    n = Net("vgg16", "torchvision.models.vgg16 (Simonyan and Zisserman, ICLR 2015), 224x224", **IMAGE)
    x, i = "input", 0
    for out, count in (64, 2), (128, 2), (256, 3), (512, 3), (512, 3):
        for _ in range(count):
            x = n.conv(f"features.{i}", x, out, 3, 1, 1, bias=True, activation="relu")
            i += 2
        x = n.pool(f"features.{i}", x, "max", 2)
        i += 1
    x = n.flatten("flatten", x)
    x = n.linear("classifier.0", x, 4096, activation="relu")
    x = n.linear("classifier.3", x, 4096, activation="relu")
    n.linear("classifier.6", x, 1000)
    return n


def resnet(depth, counts, bottleneck, note=""):
    name = f"resnet{depth}"
    n = Net(name, f"torchvision.models.{name} (He et al., CVPR 2016), {note}224x224", **IMAGE)
    x = n.conv("conv1", "input", 64, 7, 2, 3, norm=True, activation="relu")
    x = n.pool("maxpool", x, "max", 3, 2, 1)
    for stage, count in enumerate(counts):
        mid = 64 << stage
        out = mid * 4 if bottleneck else mid
        for block in range(count):
            b = f"layer{stage + 1}.{block}."
            stride = 2 if stage and not block else 1
            convs = [(mid, 1, 1), (mid, 3, stride), (out, 1, 1)] if bottleneck else \
                    [(mid, 3, stride), (out, 3, 1)]
            y = x
            for i, (c, k, s) in enumerate(convs, 1):
                y = n.conv(f"{b}conv{i}", y, c, k, s, k // 2, norm=True,
                           activation="relu" if i < len(convs) else "none")
            if n.shape[x] != n.shape[y]:
                x = n.conv(b + "downsample.0", x, out, 1, stride, norm=True)
            x = n.add("add", b + "add", y, x, activation="relu")
    n.classifier(x, 1000)
    return n


def mobilenet_v1():
    n = Net("mobilenet_v1", "MobileNetV1 1.0 (Howard et al., arXiv:1704.04861), TensorFlow padding, 224x224",
            **IMAGE)
    relu = dict(norm=True, activation="relu")
    x = n.conv("conv1", "input", 32, 3, 2, "same", **relu)
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + \
             [(1024, 2), (1024, 1)]
    for i, (out, stride) in enumerate(blocks, 1):
        c = n.shape[x][0]
        x = n.conv(f"conv_dw_{i}", x, c, 3, stride, "same", groups=c, **relu)
        x = n.conv(f"conv_pw_{i}", x, out, **relu)
    n.classifier(x, 1000)
    return n


def mobilenet_v2():
    n = Net("mobilenet_v2", "torchvision.models.mobilenet_v2 (Sandler et al., CVPR 2018), 224x224", **IMAGE)
    relu6 = dict(norm=True, activation="relu6")
    x = n.conv("features.0.0", "input", 32, 3, 2, 1, **relu6)
    i = 1
    for expand, out, count, first_stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
                                             (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for block in range(count):
            b, stride = f"features.{i}.", 1 if block else first_stride
            mid, y = expand * n.shape[x][0], x
            if expand > 1:
                y = n.conv(b + "conv.0.0", y, mid, **relu6)
            y = n.conv(f"{b}conv.{int(expand > 1)}.0", y, mid, 3, stride, 1, groups=mid, **relu6)
            y = n.conv(f"{b}conv.{1 + (expand > 1)}", y, out, norm=True)
            x = n.add("add", b + "add", x, y) if n.shape[x] == n.shape[y] else y
            i += 1
    x = n.conv("features.18.0", x, 1280, **relu6)
    n.classifier(x, 1000, "classifier.1")
    return n


def efficientnet_lite0():
    n = Net("efficientnet_lite0", "EfficientNet-Lite0 (Tan and Le, ICML 2019; Lite variant), "
            "module names of timm, TensorFlow padding, 224x224", **IMAGE)
    relu6 = dict(norm=True, activation="relu6")
    x = n.conv("conv_stem", "input", 32, 3, 2, "same", **relu6)
    for stage, (expand, k, out, count, first_stride) in enumerate((
            (1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 5, 40, 2, 2), (6, 3, 80, 3, 2),
            (6, 5, 112, 3, 1), (6, 5, 192, 4, 2), (6, 3, 320, 1, 1))):
        for block in range(count):
            b, stride = f"blocks.{stage}.{block}.", 1 if block else first_stride
            mid, y = expand * n.shape[x][0], x
            if expand > 1:
                y = n.conv(b + "conv_pw", y, mid, **relu6)
            y = n.conv(b + "conv_dw", y, mid, k, stride, "same", groups=mid, **relu6)
            y = n.conv(b + ("conv_pwl" if expand > 1 else "conv_pw"), y, out, norm=True)
            x = n.add("add", b + "add", y, x) if n.shape[x] == n.shape[y] else y
    x = n.conv("conv_head", x, 1280, **relu6)
    n.classifier(x, 1000, "classifier")
    return n


def squeezenet1_1():
    n = Net("squeezenet1_1", "torchvision.models.squeezenet1_1 (Iandola et al., arXiv:1602.07360), 224x224",
            **IMAGE)
    relu = dict(bias=True, activation="relu")
    x = n.conv("features.0", "input", 64, 3, 2, **relu)
    fires = {3: (16, 64), 4: (16, 64), 6: (32, 128), 7: (32, 128),
             9: (48, 192), 10: (48, 192), 11: (64, 256), 12: (64, 256)}
    for i in range(2, 13):
        b = f"features.{i}"
        if i not in fires:
            x = n.pool(b, x, "max", 3, 2, ceil=True)
            continue
        squeeze, expand = fires[i]
        s = n.conv(b + ".squeeze", x, squeeze, **relu)
        x = n.add("concat", b + ".cat", n.conv(b + ".expand1x1", s, expand, **relu),
                  n.conv(b + ".expand3x3", s, expand, 3, 1, 1, **relu))
    x = n.conv("classifier.1", x, 1000, **relu)
    n.global_pool("classifier.3", x)
    return n


def bert_base(rows):
    n = Net(f"bert_base_{rows}", f"BERT-base encoder (Devlin et al., NAACL 2019), module names of "
            f"transformers.BertModel, {rows} tokens, without the embeddings and the pooler",
            input=([768, rows, 1], True))
    x = "input"
    for i in range(12):
        b = f"encoder.layer.{i}."
        a = b + "attention.self."
        q, k, v = (n.linear(a + p, x, 768) for p in ("query", "key", "value"))
        y = n.add("matmul", a + "scores", q, k, groups=12, transpose_b=True)
        y = n.add("softmax", a + "softmax", y, groups=12)
        y = n.add("matmul", a + "context", y, v, groups=12)
        a = b + "attention.output."
        y = n.add("add", a + "add", n.linear(a + "dense", y, 768), x)
        x = n.add("layer_norm", a + "LayerNorm", y)
        y = n.linear(b + "intermediate.dense", x, 3072)
        y = n.add("activation", b + "intermediate.gelu", y, op="gelu")
        y = n.add("add", b + "output.add", n.linear(b + "output.dense", y, 768), x)
        x = n.add("layer_norm", b + "output.LayerNorm", y)
    return n


def lstm_ptb(units=650, steps=35, words=10000):
    n = Net("lstm_ptb", "Medium LSTM language model (Zaremba et al., arXiv:1409.2329), Penn Treebank, "
            "35 steps, without the embedding", input=([units, steps, 1], True))
    x, unit = "input", [units, 1, 1]
    state = [[n.input(f"{s}{layer}", unit, True) for s in "hc"] for layer in range(2)]
    for layer, (h, c) in enumerate(state):
        xs, hs = n.linear(f"lstm.{layer}.ih", x, 4 * units), []
        for t in range(steps):  # the views take row t, then the gates i, f, g, o in turn
            b, first = f"lstm.{layer}.t{t}.", f"lstm.{layer}.t0.hh"
            hh = n.linear(b + "hh", h, 4 * units, weights_of=first if t else None)
            row = n.add("view", b + "x", xs, shape=[4 * units, 1, 1])
            gates = n.add("add", b + "gates", row, hh)
            i, f, g, o = (n.add("view", b + k + ".in", gates, shape=unit) for k in "ifgo")
            i, f, g, o = (n.add("activation", b + k, v, op="tanh" if k == "g" else "sigmoid")
                          for k, v in zip("ifgo", (i, f, g, o)))
            c = n.add("add", b + "c", n.add("mul", b + "fc", f, c), n.add("mul", b + "ig", i, g))
            h = n.add("mul", b + "h", o, n.add("activation", b + "tanh", c, op="tanh"))
            hs.append(h)
        x = n.add("concat", f"lstm.{layer}.cat", *hs)
        x = n.add("view", f"lstm.{layer}.rows", x, shape=[units, steps, 1])
    n.linear("decoder", x, words)
    return n


def resnet8():
    n = Net("resnet8", "MLPerf Tiny image classification ResNet-8 (Banbury et al., NeurIPS 2021), CIFAR-10",
            input=([3, 32, 32], False))
    norm = dict(bias=True, norm=True)
    x = n.conv("conv1", "input", 16, 3, 1, "same", activation="relu", **norm)
    for stage, out in enumerate((16, 32, 64)):
        b, stride = f"layer{stage + 1}.0.", 2 if stage else 1
        y = n.conv(b + "conv1", x, out, 3, stride, "same", activation="relu", **norm)
        y = n.conv(b + "conv2", y, out, 3, 1, "same", **norm)
        if stage:
            x = n.conv(b + "downsample.0", x, out, 1, stride, "same", bias=True)
        x = n.add("add", b + "add", x, y, activation="relu")
    n.classifier(x, 10)
    return n


def resnet20():
    n = Net("resnet20", "ResNet-20 with option A shortcuts (He et al., CVPR 2016), "
            "module names of akamaster/pytorch_resnet_cifar10, CIFAR-10", input=([3, 32, 32], True))
    x = n.conv("conv1", "input", 16, 3, 1, 1, norm=True, activation="relu")
    for stage, out in enumerate((16, 32, 64)):
        for block in range(3):
            b, stride = f"layer{stage + 1}.{block}.", 2 if stage and not block else 1
            y = n.conv(b + "conv1", x, out, 3, stride, 1, norm=True, activation="relu")
            y = n.conv(b + "conv2", y, out, 3, 1, 1, norm=True)
            if stride == 2:
                x = n.pool(b + "shortcut", x, "avg", 1, 2, out_channels=out, first_channel=out // 4)
            x = n.add("add", b + "add", y, x, activation="relu")
    n.classifier(x, 10, "linear")
    return n


def ds_cnn():
    n = Net("ds_cnn", "MLPerf Tiny keyword spotting DS-CNN (Banbury et al., NeurIPS 2021), 49x10 MFCC",
            input=([1, 49, 10], True))
    relu = dict(bias=True, norm=True, activation="relu")
    x = n.conv("conv1", "input", 64, [10, 4], 2, "same", **relu)
    for i in range(1, 5):
        x = n.conv(f"conv_dw_{i}", x, 64, 3, 1, "same", groups=64, **relu)
        x = n.conv(f"conv_pw_{i}", x, 64, **relu)
    x = n.pool("avgpool", x, "avg", [24, 5])  # the reference leaves out the last of the 25 rows
    n.linear("fc", n.flatten("flatten", x), 12)
    return n


def networks():
    return [alexnet(), vgg16(), resnet(18, (2, 2, 2, 2), False), resnet(50, (3, 4, 6, 3), True, "v1.5, "),
            resnet(101, (3, 4, 23, 3), True, "v1.5, "), mobilenet_v1(), mobilenet_v2(),
            efficientnet_lite0(), squeezenet1_1(), bert_base(128), bert_base(384), lstm_ptb(),
            resnet8(), resnet20(), ds_cnn()]


# ------------------------------------------------------------------- plans

def bits(w=None, a=None):
    """A plan entry; w is a width or a list of (channels, width)."""
    if isinstance(w, list):
        w = [{"channels": c, "bits": b} for c, b in w]
    return {k: v for k, v in (("w_bits", w), ("a_bits", a)) if v is not None}


def mixed_resnet18():
    return bits(4, 4), {
        "conv1": bits(8, 8),
        "layer1.0.conv1": bits(8, 8),
        "layer2.0.downsample.0": bits(8),
        "layer3.0.conv2": bits([(64, 2), (192, 4)]),
        "layer3.0.downsample.0": bits(8),
        "layer3.1.conv2": bits([(128, 2), (128, 4)]),
        "layer4.0.conv1": bits([(256, 2), (256, 4)]),
        "layer4.0.conv2": bits([(384, 2), (128, 4)]),
        "layer4.0.downsample.0": bits(8),
        "layer4.1.conv1": bits(2),
        "layer4.1.conv2": bits(2, 2),
        "fc": bits(8),
    }


def mixed_resnet50():
    layers = {k: bits(8, 8) for k in ("conv1", "layer1.0.conv1", "layer1.0.downsample.0")}
    layers["layer2.0.downsample.0"] = bits(8)
    for i in range(2, 6):
        layers[f"layer3.{i}.conv2"] = bits([(128, 2), (128, 4)])
    layers["layer4.0.conv2"] = bits([(256, 2), (256, 4)])
    layers["layer4.0.downsample.0"] = bits([(1536, 2), (512, 4)])
    for i in (1, 2):
        layers[f"layer4.{i}.conv2"] = bits(2, 2)
        layers[f"layer4.{i}.conv3"] = bits([(1536, 2), (512, 4)])
    layers["fc"] = bits(8, 8)
    return bits(4, 4), layers


def mixed_mobilenet_v2():
    """8-bit depthwise weights and 8-bit inputs from the linear bottlenecks."""
    layers = {"features.0.0": bits(8, 8), "features.1.conv.0.0": bits(8, 8), "features.1.conv.1": bits(8)}
    for i in range(2, 18):
        layers[f"features.{i}.conv.0.0"] = bits([(480, 2), (480, 4)] if 15 <= i <= 17 else None, 8)
        layers[f"features.{i}.conv.1.0"] = bits([(640, 4), (320, 8)] if 15 <= i <= 17 else 8)
    layers["features.17.conv.2"] = bits([(160, 2), (160, 4)])
    layers["features.18.0"] = bits([(640, 2), (640, 4)], 8)
    layers["classifier.1"] = bits(8, 8)
    return bits(4, 4), layers


def mixed_bert_base_128():
    """8-bit first and last layers, 4-bit keys and values between; the middle ones lose more."""
    layers = {}
    for i in range(12):
        b = f"encoder.layer.{i}."
        if i in (0, 11):
            for k in ("attention.self.query", "attention.self.key", "attention.self.value",
                      "attention.self.scores", "attention.self.context", "attention.output.dense",
                      "intermediate.dense", "output.dense"):
                layers[b + k] = bits(8)
        elif 4 <= i <= 7:
            layers[b + "attention.self.context"] = bits(None, 4)
            layers[b + "intermediate.dense"] = bits([(2304, 2), (768, 4)])
            layers[b + "output.dense"] = bits([(384, 2), (384, 4)], 4)
    return bits(4, 8), layers


def mixed_resnet8():
    return bits(4, 4), {
        "conv1": bits(8, 8),
        "layer1.0.conv1": bits(8),
        "layer2.0.conv2": bits([(16, 4), (16, 8)]),
        "layer2.0.downsample.0": bits(8),
        "layer3.0.conv1": bits([(32, 2), (32, 4)]),
        "layer3.0.conv2": bits(2),
        "layer3.0.downsample.0": bits(8),
        "fc": bits(8, 8),
    }


MIXED = {f.__name__[len("mixed_"):]: f for f in
         (mixed_resnet18, mixed_resnet50, mixed_mobilenet_v2, mixed_bert_base_128, mixed_resnet8)}


def plans(net):
    """Yield (suffix, default, layers) of every plan of a network."""
    for b in (8, 4, 2):
        yield f"w{b}a{b}", bits(b, b), {}
    weighted = [l for l in net.layers if l["type"] in ("conv2d", "linear")]
    ends = [l["name"] for l in weighted if net.inputs[0]["name"] in l["inputs"]]
    ends.append(weighted[-1]["name"])
    for b in (4, 2):
        layers = {k: bits(8, 8) for k in ends}
        if net.name == "lstm_ptb":  # the state that the decoder reads is read by the next step too: it has one width
            layers[ends[-1]] = bits(8)
        yield f"fl8_w{b}a{b}", bits(b, b), layers
    if net.name in MIXED:
        yield ("mixed", *MIXED[net.name]())


def check_plan(net, name, default, layers):
    """Slices fit, and all the products that read a tensor want it equally wide."""
    source, width = {}, {}  # a view is its input: it moves nothing
    assert not set(layers) - set(net.by_name), name
    for l in net.layers:
        full = {**default, **layers.get(l["name"], {})}
        w, inputs = full["w_bits"], [source.get(i, i) for i in l["inputs"]]
        if l["type"] == "view":
            source[l["name"]] = inputs[0]
        if l["type"] not in ("conv2d", "linear", "matmul"):
            assert l["name"] not in layers, (name, l["name"])
            continue
        if isinstance(w, list):
            unit = l["out_channels"] // l.get("groups", 1)
            assert l["type"] != "matmul" and sum(s["channels"] for s in w) == l["out_channels"], l
            assert all(s["channels"] % unit == 0 for s in w if "groups" in l), (name, l["name"])
        if "weights_of" in l:
            assert w == {**default, **layers.get(l["weights_of"], {})}["w_bits"], (name, l["name"])
        for tensor, wanted in zip(inputs, (full["a_bits"], w)):
            assert width.setdefault(tensor, wanted) == wanted, (name, l["name"], tensor)


# ------------------------------------------------------------------- files

def document(head, key, items, brackets):
    """JSON text: header keys one a line, then one item a line."""
    lines = [f'  "{k}": {json.dumps(v)}' for k, v in head.items()]
    if items:
        body = ",\n    ".join(items)
        lines.append(f'  "{key}": {brackets[0]}\n    {body}\n  {brackets[1]}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def files(verbose):
    """Build and check everything; return {relative path: text}."""
    out = {}
    for net in networks():
        assert (net.macs, net.params) == EXPECTED[net.name], (net.name, net.macs, net.params)
        head = {"name": net.name, "source": net.source, "inputs": net.inputs}
        out[f"workloads/{net.name}.json"] = document(head, "layers", map(json.dumps, net.layers), "[]")
        if verbose:
            print(f"{net.name:20}{len(net.layers):6} layers{net.macs:16,} MACs{net.params:13,} parameters")
        for suffix, default, layers in plans(net):
            name = f"{net.name}_{suffix}"
            check_plan(net, name, default, layers)
            head = {"name": name, "workload": f"../workloads/{net.name}.json", "batch": 1, "default": default}
            items = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in layers.items()]
            out[f"plans/{name}.json"] = document(head, "layers", items, "{}")
    return out


def main(argv):
    check = argv[:1] == ["--check"]
    if len(argv) != 1 + check or argv[-1].startswith("-"):
        sys.exit("usage: make_workloads.py [--check] DIR")
    root, bad = Path(argv[-1]), []
    for path, text in files(not check).items():
        data, file = text.encode(), root / path
        if check:
            if not file.is_file() or file.read_bytes() != data:
                bad.append(path)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    for path in bad:
        print(f"differs: {path}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
