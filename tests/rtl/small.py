# SPDX-License-Identifier: Apache-2.0
"""A core of 3 x 2 PEs and a network of 5,500 cycles for it, for tests of injection and waveforms."""
import json
from pathlib import Path

ROWS, COLS = 3, 2


def buffer(size):
    return {"size_bytes": size, "width_bits": 64, "banks": 1, "double_buffered": True}


ARCH = {
    "name": "small", "source": "for tests", "tech": "cmos45_lstp", "clock_mhz": 500,
    "array": {"rows": ROWS, "cols": COLS, "dataflow": "os", "interconnect": "broadcast",
              "map": {"rows": ["pixel", "oc"], "cols": ["oc", "pixel"], "lanes": ["ic", "k_ic"]},
              "pe": {"kind": "serial_w", "lanes": 2, "serial_bits": 1},
              "accumulator": {"bits": 24, "on_overflow": "saturate", "shadow": True}},
    "buffers": {"input": buffer(256), "weight": buffer(128), "output": buffer(128)},
    "dram": {"kind": "ideal"}, "vector_unit": {"lanes": 2, "param_bits": 72}}

WORKLOAD = {
    "name": "small", "source": "for tests", "inputs": [{"name": "x", "shape": [4, 6, 6], "signed": True}],
    "layers": [
        {"name": "conv", "type": "conv2d", "inputs": ["x"], "out_channels": 6, "kernel": [3, 3], "padding": [1, 1, 1, 1],
         "bias": True},
        {"name": "pool", "type": "pool", "inputs": ["conv"], "op": "avg", "kernel": [6, 6], "stride": [6, 6]},
        {"name": "flat", "type": "view", "inputs": ["pool"], "shape": [6, 1, 1]},
        {"name": "fc", "type": "linear", "inputs": ["flat"], "out_channels": 5, "bias": True}]}


def write(folder):
    """Options that name both, written to `folder`."""
    for name, what in (("arch", ARCH), ("workload", WORKLOAD)):
        (Path(folder) / f"{name}.json").write_text(json.dumps(what))
    return "--arch", Path(folder) / "arch.json", "--workload", Path(folder) / "workload.json"
