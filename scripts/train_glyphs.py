#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the shipped network of the drawn set "glyphs" and writes it, with what a test compares. Needs PyTorch and onnx.

    train_glyphs.py [PROGRAM]      by default build/mpsim

Writes configs/models/glyphs.onnx and tests/nn/glyphs.json: the classes' scores of the first test images, and the
accuracy on all of them, by PyTorch. One seed, one thread: the same files from the same PyTorch on the same processor.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import onnx
import torch
from torch import nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parent.parent
SEED, TRAIN, EPOCHS, BATCH, RATE = 1, 20000, 24, 128, 0.2
SHOWN = 20  # test images whose scores are kept


def data(program, split, count):
    """Images, 0..255, and labels as `mpsim dataset` writes them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "glyphs.npz"
        subprocess.run([program, "dataset", "glyphs", "--split", split, "--images", str(count), "-o", path], check=True,
                       stdout=subprocess.DEVNULL)
        arrays = numpy.load(path)
        return torch.from_numpy(arrays["x"]).float(), torch.from_numpy(arrays["y"]).long()


def conv(inputs, outputs, kernel=3, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Two convolutions and a shortcut around them, as in ResNet."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.a, self.b = conv(inputs, outputs, 3, stride), conv(outputs, outputs)
        self.shortcut = conv(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.b(F.relu(self.a(x))) + self.shortcut(x))


class Net(nn.Module):
    """All that the bit-serial core runs: convolutions of two kernels and strides, both pools, an addition, a product."""

    def __init__(self):
        super().__init__()
        self.stem, self.block1, self.block2 = conv(3, 16), Block(16, 16, 1), Block(16, 24, 2)
        self.mix, self.fc = conv(24, 32, 1), nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 2)
        x = F.relu(self.mix(self.block2(self.block1(x))))
        return self.fc(F.avg_pool2d(x, 4).flatten(1))


def train(net, x, y):
    # The scale of the images is in the first weights, so that they go in as they are stored. Its rate is their scale's.
    with torch.no_grad():
        net.stem[0].weight /= 64
    first = {id(net.stem[0].weight)}
    rest = [p for p in net.parameters() if id(p) not in first]
    groups = [{"params": [net.stem[0].weight], "lr": RATE / 64 ** 2}, {"params": rest, "lr": RATE}]
    optimiser = torch.optim.SGD(groups, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = len(x) // BATCH
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, [g["lr"] for g in groups], epochs=EPOCHS, steps_per_epoch=steps)
    for epoch in range(EPOCHS):
        net.train()
        order, loss_sum = torch.randperm(len(x)), 0.0
        for part in order[:steps * BATCH].split(BATCH):
            loss = F.cross_entropy(net(x[part]), y[part], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            plan.step()
            loss_sum += loss.item()
        print(f"epoch {epoch + 1:2} of {EPOCHS}: loss {loss_sum / steps:.4f}", flush=True)
    net.eval()


def export(net, path):
    """With batch norm as it was trained: folding it is the importer's work."""
    torch.onnx.export(net, torch.zeros(1, 3, 16, 16), path, opset_version=13, do_constant_folding=False,
                      training=torch.onnx.TrainingMode.PRESERVE, input_names=["image"], output_names=["score"],
                      dynamic_axes={"image": {0: "batch"}, "score": {0: "batch"}})


def tidy(path):
    """Short names of the nodes, which layers are called by: /block1/a/a.0/Conv becomes block1.a, /MaxPool maxpool."""
    model = onnx.load(path)
    for node in model.graph.node:
        *scope, kind = node.name.strip("/").split("/")
        if scope and re.search(r"\.\d+$", scope[-1]):  # the place in a Sequential
            scope.pop()
        node.name = ".".join(scope + ([] if kind in ("Conv", "Gemm") else [kind.lower()]))
    assert len({node.name for node in model.graph.node}) == len(model.graph.node)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/mpsim"
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    x, y = data(program, "train", TRAIN)
    test_x, test_y = data(program, "test", 2000)
    net = Net()
    train(net, x, y)
    with torch.no_grad():
        scores = net(test_x)
    right = int((scores.argmax(1) == test_y).sum())
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters; {right} of {len(test_y)} test images right, "
          f"{100 * right / len(test_y):.2f} %")
    model, golden = ROOT / "configs/models/glyphs.onnx", ROOT / "tests/nn/glyphs.json"
    model.parent.mkdir(parents=True, exist_ok=True)
    golden.parent.mkdir(parents=True, exist_ok=True)
    export(net, str(model))
    tidy(str(model))
    rows = ",\n    ".join(json.dumps([round(v, 6) for v in row]) for row in scores[:SHOWN].double().tolist())
    golden.write_text(f'{{\n  "images": {len(test_y)},\n  "right": {right},\n  "scores": [\n    {rows}\n  ]\n}}\n')
    print(f"wrote {model.relative_to(ROOT)}, {model.stat().st_size:,} bytes, and {golden.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
