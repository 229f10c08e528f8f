# SPDX-License-Identifier: Apache-2.0
"""Small documents that are good, and how a case breaks one."""
import copy
import json
import os

MISSING = object()  # as a patch: the key is taken away
ACCEPTS = ""        # as the message of a command that finds nothing wrong

BUFFER = {"size_bytes": 4096, "width_bits": 128, "banks": 2, "double_buffered": True}
ARCH = {
    "name": "small", "tech": "cmos45_hp", "clock_mhz": 500,
    "array": {"rows": 4, "cols": 4, "dataflow": "os", "interconnect": "broadcast",
              "map": {"rows": ["pixel"], "cols": ["oc"], "lanes": ["ic", "k_ic"]},
              "pe": {"kind": "fixed", "lanes": 4},
              "accumulator": {"bits": 24, "on_overflow": "saturate", "shadow": True}},
    "buffers": {"input": dict(BUFFER), "weight": dict(BUFFER), "output": dict(BUFFER)},
    "dram": {"kind": "fixed", "bits_per_cycle": 64, "latency_cycles": 20},
    "vector_unit": {"lanes": 4},
}
LAYERS = [
    {"name": "conv1", "type": "conv2d", "inputs": ["image"], "out_channels": 8, "kernel": [3, 3],
     "padding": [1, 1, 1, 1], "activation": "relu"},
    {"name": "conv2", "type": "conv2d", "inputs": ["conv1"], "out_channels": 8, "kernel": [3, 3],
     "padding": [1, 1, 1, 1], "groups": 2},
    {"name": "add1", "type": "add", "inputs": ["conv1", "conv2"]},
    {"name": "cat1", "type": "concat", "inputs": ["add1", "conv2"]},
    {"name": "pool1", "type": "pool", "inputs": ["cat1"], "op": "max", "kernel": [2, 2], "stride": [2, 2]},
    {"name": "flat", "type": "view", "inputs": ["pool1"], "shape": [256, 1, 1]},
    {"name": "fc", "type": "linear", "inputs": ["flat"], "out_channels": 10},
    {"name": "query", "type": "linear", "inputs": ["tokens"], "out_channels": 8},
    {"name": "key", "type": "linear", "inputs": ["tokens"], "out_channels": 8, "weights_of": "query"},
    {"name": "scores", "type": "matmul", "inputs": ["query", "key"], "transpose_b": True, "groups": 2},
    {"name": "attention", "type": "softmax", "inputs": ["scores"], "groups": 2},
]
CONV1, CONV2, ADD1, CAT1, POOL1, FLAT, FC, QUERY, KEY, SCORES, ATTENTION = range(len(LAYERS))
WORKLOAD = {
    "name": "net",
    "inputs": [{"name": "image", "shape": [4, 8, 8]}, {"name": "tokens", "shape": [8, 6, 1], "signed": True}],
    "layers": LAYERS,
}
PLAN = {
    "name": "plan", "workload": "workload.json", "batch": 1,
    "default": {"w_bits": 4, "a_bits": 4},
    "layers": {"conv1": {"w_bits": [{"channels": 3, "bits": 2}, {"channels": 5, "bits": 4}]}},
}
MAPPING = {
    "name": "plan",
    "layers": {"conv1": [{"channels": 8, "w_bits": 4, "rows": "pixel", "cols": "oc", "lanes": "ic",
                          "tile": {"group": 1, "batch": 1, "oh": 8, "ow": 4, "oc": 4, "ic": 4},
                          "order": ["group", "oc", "batch", "oh", "ow", "ic"], "padded": False}]},
}
CONSTRAINTS = {"layers": {"conv1": {"tile": {"oc": 4}, "max_tile": {"oh": 4}, "order": ["oc", "pixel", "ic"]},
                          "*": {"forbid_lanes": ["ic"]}}}
TOPOLOGY = """\
Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
Conv1, 16, 16, 3, 3, 3, 8, 1,
Conv2, 14, 14, 3, 3, 8, 8, 1,
"""
GEMM = """\
Layer name, M, N, K,
First, 16, 8, 32,
"""
CFG = """\
[general]
run_name = "scale"

[architecture_presets]
ArrayHeight:    8
ArrayWidth:     8
IfmapSramSzkB:  64
FilterSramSzkB: 64
OfmapSramSzkB:  64
Dataflow: ws
Bandwidth: 10

[run_presets]
InterfaceBandwidth: CALC
"""


def tech():
    """The shipped cmos45_hp, with only the SRAM of one size: small enough to patch."""
    with open(os.path.join(os.environ["MPSIM_SOURCE"], "configs/tech/cmos45_hp.json"), encoding="utf-8") as file:
        doc = json.load(file)
    doc["sram"]["rows"] = [[1024, 64, 1, 2, 1, 0.01], [2048, 64, 2, 3, 2, 0.02]]
    return doc


def patched(document, patch):
    """A copy of `document` with the value at each path ("layers/0/name") replaced or taken away."""
    document = copy.deepcopy(document)
    for path, value in patch.items():
        *way, last = path.split("/")
        at = document
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
        if isinstance(at, list):
            last = int(last)
        if value is MISSING:
            del at[last]
        elif isinstance(at, list) and last == len(at):
            at.append(value)
        else:
            at[last] = value
    return document


class Raw(str):
    """As a value of a patch: written as it stands, where json would write another number or none."""


def dumped(document):
    """JSON as UTF-8, with Raw values as they stand."""
    raw = []

    def mark(value):
        if isinstance(value, Raw):
            raw.append(str(value))
            return f"@raw{len(raw) - 1}@"
        if isinstance(value, dict):
            return {k: mark(v) for k, v in value.items()}
        return [mark(v) for v in value] if isinstance(value, list) else value

    text = json.dumps(mark(document), ensure_ascii=False)
    for i, value in enumerate(raw):
        text = text.replace(f'"@raw{i}@"', value)
    return text.encode()
