# SPDX-License-Identifier: Apache-2.0
"""Random small accelerators that the core can be, and random layers for them: arch.json, workload.json and plan.json in a
folder. Seeded; the same seed makes the same files."""
import json
import random
from pathlib import Path


def architecture(rng, seed, ideal=None):
    rows, cols, lanes = rng.choice([1, 2, 3, 4, 5]), rng.choice([1, 2, 3, 4, 8]), rng.choice([1, 2, 3, 4, 8])
    roles = [["pixel"], ["oc"], ["pixel", "oc"], ["oc", "pixel"]]
    saturate, lane_bits = rng.random() < 0.6, lanes.bit_length()

    def buffer(size, width, banks):
        # Banks of 64 bytes and 8 bits at least: smaller ones have no price.
        word = max(8, width // banks)
        return {"size_bytes": max(size // banks, 64, word // 4 + 1) * banks, "width_bits": word * banks, "banks": banks,
                "double_buffered": rng.random() < 0.7}

    acc = rng.choice([18 + lane_bits, 20 + lane_bits, 24, 32, 32])
    if ideal is None:
        ideal = rng.random() < 0.4
    return {
        "name": f"random_{seed}", "tech": "cmos45_lstp", "clock_mhz": 500,
        "storage": "containers" if rng.random() < 0.2 else "packed",
        "array": {
            "rows": rows, "cols": cols, "dataflow": "os", "interconnect": "broadcast",
            "map": {"rows": rng.choice(roles), "cols": rng.choice(roles),
                    "lanes": rng.choice([["ic"], ["k_ic"], ["ic", "k_ic"]])},
            "pe": {"kind": "serial_w", "lanes": lanes, "serial_bits": rng.choice([1, 2, 4])},
            "accumulator": {"bits": acc, "on_overflow": "saturate" if saturate else "wrap",
                            "shadow": rng.random() < 0.7},
        },
        "buffers": {
            "input": buffer(rng.choice([128, 256, 1024, 4096]), rng.choice([8, 24, 32, 64, 128, 200]), rng.choice([1, 2, 4])),
            "weight": buffer(rng.choice([128, 256, 1024, 4096]), rng.choice([8, 16, 32, 40, 64, 128]), rng.choice([1, 2])),
            "output": buffer(rng.choice([128, 256, 1024, 4096]), rng.choice([16, 32, 64, 96, 128]), rng.choice([1, 2, 4])),
        },
        "dram": {"kind": "ideal"} if ideal else {
            "kind": "fixed", "bits_per_cycle": rng.choice([8, 33, 64, 128, 700]),
            "latency_cycles": rng.choice([0, 1, 7, 60])},
        "vector_unit": {"lanes": rng.choice([1, 2, 3, 4, 8]), "param_bits": rng.choice([72, 72, 80])},
    }


def convolution(rng, name):
    groups = rng.choice([1, 1, 1, 2, 3])
    depthwise = rng.random() < 0.2
    ic = rng.randint(1, 9)
    groups = ic if depthwise else groups
    channels = ic if depthwise else ic * groups
    kh, kw = rng.choice([(1, 1), (3, 3), (3, 3), (2, 3), (5, 5), (1, 4)])
    sh, sw, dh, dw = rng.choice([1, 1, 2, 3]), rng.choice([1, 1, 2, 3]), rng.choice([1, 1, 2]), rng.choice([1, 1, 2])
    pad = [rng.randint(0, (kh - 1) * dh), rng.randint(0, (kw - 1) * dw),
           rng.randint(0, (kh - 1) * dh), rng.randint(0, (kw - 1) * dw)]
    height = (kh - 1) * dh + 1 + rng.randint(0, 9)
    width = (kw - 1) * dw + 1 + rng.randint(0, 9)
    return {"name": name, "shape": [channels, height, width],
            "layer": {"type": "conv2d", "out_channels": groups * (rng.randint(1, 2) if depthwise else rng.randint(1, 11)),
                      "kernel": [kh, kw], "stride": [sh, sw], "padding": pad, "dilation": [dh, dw], "groups": groups,
                      "activation": rng.choice(["none", "relu", "relu6"])}}


def linear(rng, name):
    return {"name": name, "shape": [rng.randint(1, 40), rng.randint(1, 6), 1],
            "layer": {"type": "linear", "out_channels": rng.randint(1, 30), "activation": rng.choice(["none", "relu"])}}


def matmul(rng, name):
    groups, k, m, n = rng.randint(1, 3), rng.randint(1, 12), rng.randint(1, 9), rng.randint(1, 9)
    transpose = rng.random() < 0.5
    return {"name": name, "shape": [groups * k, m, 1], "second": [groups * k, n, 1] if transpose else [groups * n, k, 1],
            "layer": {"type": "matmul", "groups": groups, "transpose_b": transpose}}


def pool(rng, name):
    kernel = rng.choice([[2, 2], [3, 3], [2, 3]])
    return {"name": name, "shape": [rng.randint(1, 9), rng.randint(4, 12), rng.randint(4, 12)],
            "layer": {"type": "pool", "op": rng.choice(["max", "avg"]), "kernel": kernel,
                      "stride": [rng.choice([1, 2, 3]), rng.choice([1, 2])],
                      "padding": [rng.randint(0, 1) for _ in range(4)], "ceil": rng.random() < 0.3}}


def add(rng, name):
    shape = [rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9)]
    return {"name": name, "shape": shape, "second": shape,
            "layer": {"type": "add", "activation": rng.choice(["none", "relu"])}}


def activation(rng, name):
    return {"name": name, "shape": [rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9)],
            "layer": {"type": "activation", "op": rng.choice(["relu", "relu6"])}}


MAKERS = [convolution] * 8 + [linear] * 3 + [matmul] * 2 + [pool] * 2 + [add, activation]


def widths(rng, channels, groups):
    """A width of all channels, or slices of whole groups."""
    if channels < 2 * groups or rng.random() < 0.8:
        return rng.randint(1, 8)
    first = rng.randint(1, channels // groups - 1) * groups if groups == 1 else channels // groups
    return [{"channels": first, "bits": rng.randint(1, 8)}, {"channels": channels - first, "bits": rng.randint(1, 8)}]


def write(folder, seed, layers=15, ideal=None):
    """Files of one architecture and a workload of independent layers, each on inputs of its own."""
    rng = random.Random(seed)
    inputs, made, plan = [], [], {}
    for i in range(layers):
        one = rng.choice(MAKERS)(rng, f"l{i}")
        name = one["name"]
        names = [f"{name}_x"] + ([f"{name}_y"] if "second" in one else [])
        for n, shape in zip(names, (one["shape"], one.get("second"))):
            inputs.append({"name": n, "shape": shape, "signed": rng.random() < 0.5})
        made.append({"name": name, "inputs": names, **one["layer"]})
        if one["layer"]["type"] in ("conv2d", "linear"):
            plan[name] = {"w_bits": widths(rng, one["layer"]["out_channels"], one["layer"].get("groups", 1)),
                          "a_bits": rng.randint(1, 8), "encoding": rng.choice(["twos", "odd"])}
        elif one["layer"]["type"] == "matmul":
            plan[name] = {"w_bits": rng.randint(1, 8), "a_bits": rng.randint(1, 8)}
        else:
            plan[name] = {"a_bits": rng.randint(1, 8)}
    folder = Path(folder)
    (folder / "arch.json").write_text(json.dumps(architecture(rng, seed, ideal), indent=1))
    (folder / "workload.json").write_text(json.dumps({"name": f"random_{seed}", "inputs": inputs, "layers": made}, indent=1))
    (folder / "plan.json").write_text(json.dumps(
        {"name": f"random_{seed}", "workload": "workload.json", "batch": rng.choice([1, 1, 2]), "default": {"a_bits": rng.randint(1, 8)},
         "layers": plan}, indent=1))
    return folder


def spilling(mappings):
    """Mappings, as `mpsim run --save-mapping` writes them, changed so that reductions are split and their partial sums go to
    DRAM and come back: the input channels are the outermost loop but for groups and images, tiles are cut in half."""
    for runs in mappings["layers"].values():
        for run in runs:
            if "w_bits" in run and run["tile"]["ic"] > 1:
                for dim in ("ic", "oc", "ow"):
                    run["tile"][dim] = (run["tile"][dim] + 1) // 2
                run["order"] = ["group", "batch", "ic", "oc", "oh", "ow"]
    return mappings
