# SPDX-License-Identifier: Apache-2.0
"""Cores, plans and slices of large networks for the co-simulation."""
import json
from pathlib import Path

# Widths of weights and activations: uniform, and a mixed plan with odd ones.
WIDTHS = {"w8a8": [(8, 8)], "w4a4": [(4, 4)], "w2a2": [(2, 2)], "mixed": [(3, 5), (5, 7), (7, 3), (1, 6), (6, 1)]}


def core(rows, cols, lanes, serial_bits):
    """An architecture of this size, with ports that feed it."""
    return {
        "name": f"core_{rows}x{cols}x{lanes}_{serial_bits}", "tech": "cmos45_lstp", "clock_mhz": 500,
        "array": {"rows": rows, "cols": cols, "dataflow": "os", "interconnect": "broadcast",
                  "map": {"rows": ["pixel", "oc"], "cols": ["oc", "pixel"], "lanes": ["ic", "k_ic"]},
                  "pe": {"kind": "serial_w", "lanes": lanes, "serial_bits": serial_bits},
                  "accumulator": {"bits": 32, "on_overflow": "saturate", "shadow": True}},
        "buffers": {"input": {"size_bytes": 32768, "width_bits": max(64, rows * lanes * 8), "banks": 2},
                    "weight": {"size_bytes": 32768, "width_bits": max(64, cols * lanes * serial_bits), "banks": 1},
                    "output": {"size_bytes": 16384, "width_bits": max(128, cols * 64), "banks": 2}},
        "dram": {"kind": "fixed", "bits_per_cycle": 64, "latency_cycles": 60},
        "vector_unit": {"lanes": 4},
    }


def plan(workload, widths):
    """A plan with the widths of WIDTHS in turn. A tensor that two layers read has the width that the first one asks for."""
    layers, of_tensor = {}, {}
    for layer in json.loads(Path(workload).read_text())["layers"]:
        if layer["type"] in ("conv2d", "linear", "matmul"):
            w, a = WIDTHS[widths][len(layers) % len(WIDTHS[widths])]
            layers[layer["name"]] = {"w_bits": w, "a_bits": of_tensor.setdefault(layer["inputs"][0], a)}
    return {"name": f"{Path(workload).stem}_{widths}", "workload": str(workload), "layers": layers}


def channels_of(doc):
    """Channels of each tensor; views aside, which no layer of these networks cuts."""
    channels = {t["name"]: t["shape"][0] for t in doc["inputs"]}
    for layer in doc["layers"]:
        first = channels[layer["inputs"][0]]
        out = {"concat": sum(channels[t] for t in layer["inputs"]), "view": layer.get("shape", [first])[0],
               "matmul": 64 * layer.get("groups", 1)}.get(layer["type"], layer.get("out_channels") or first)
        channels[layer.get("output", layer["name"])] = out
    return channels


def slices(workload, macs):
    """Independent layers: each distinct one of a network's layers on the array, with fewer rows, columns and, as long as it
    takes more than `macs`, channels. Kernel, stride and padding stay; a matrix product becomes 2 heads of 12 x 64 x 12."""
    doc = json.loads(Path(workload).read_text())
    channels, inputs, layers, seen = channels_of(doc), [], [], set()
    for layer in doc["layers"]:
        name, c = f"x{len(layers)}", channels[layer["inputs"][0]]
        one = {k: v for k, v in layer.items() if k not in ("output", "weights_of", "bias", "norm")}
        if layer["type"] == "matmul":
            one.update(groups=2, inputs=[name, name + "b"])
            shapes = [[128, 12, 1], [128, 12, 1] if layer.get("transpose_b") else [24, 64, 1]]
        elif layer["type"] in ("conv2d", "linear"):
            kh, kw = layer.get("kernel", [1, 1])
            h, w, oc, groups = 2 * kh + 5, 2 * kw + 5 if layer["type"] == "conv2d" else 1, layer["out_channels"], 1
            if layer.get("groups", 1) > 1:
                c = oc = groups = min(c, 24)
            while c // groups * oc * kh * kw * h * w > macs and max(c, oc) > 8 and groups == 1:
                c, oc = (c, max(8, oc // 2)) if oc >= c else (max(8, c // 2), oc)
            one.update(out_channels=oc, inputs=[name])
            if groups > 1:
                one["groups"] = groups
            shapes = [[c, h, w]]
        else:
            continue
        key = json.dumps({**one, "name": "", "inputs": shapes})
        if key not in seen:
            seen.add(key)
            inputs += [{"name": n, "shape": s} for n, s in zip(one["inputs"], shapes)]
            layers.append(one)
    return {"name": f"{doc['name']}_slices", "inputs": inputs, "layers": layers}
