# SPDX-License-Identifier: Apache-2.0
"""Calls `mpsim cosim` for the tests. Built cores stay in the build folder, so that a second run of the tests builds none."""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import random_layers

SOURCE = Path(os.environ["MPSIM_SOURCE"])
BUILD = Path(os.environ["MPSIM_BUILD"])
MPSIM = os.environ["MPSIM"]
CACHE = BUILD / "rtl-cache"
sys.path.insert(0, str(SOURCE / "tests"))

MISSING = next((f"needs {tool}" for tool in ("verilator", "g++") if not shutil.which(tool)), None)


def call(*args, env=None, timeout=900):
    """A finished `mpsim ARGS...`."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MPSIM", "CMOCKA", "MESON"))}
    more = {"LC_ALL": "C.UTF-8", "MPSIM_CONFIGS": str(SOURCE / "configs"), "MPSIM_RTL": str(SOURCE / "rtl"),
            "MPSIM_CACHE": str(CACHE), **(env or {})}
    return subprocess.run([MPSIM, *map(str, args)], env={**clean, **more}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout)


def cosim(*args, **more):
    """The run, and what it says in JSON."""
    run = call("cosim", *args, "--json", **more)
    return run, json.loads(run.stdout) if run.stdout.startswith("{") else None


def failures(result):
    """What disagrees, a line a layer: for the message of a failed test."""
    lines = []
    for layer in result["layers"]:
        if layer["state"] == "failed" or layer["state"] == "ran" and not layer["agrees"]:
            differ = sorted({name for run in layer.get("runs", []) for name in run["differ"]})
            lines.append(f"{layer['layer']} ({layer['type']}): {layer.get('why', '')} {layer.get('mismatches')} of "
                         f"{layer.get('outputs')} outputs wrong, counters {differ}")
    return "\n".join(lines)


def spilling(arch, plan):
    """Path of mappings that spill partial sums, beside the plan."""
    path = Path(plan).parent / "spilling.json"
    run = call("run", "--arch", arch, "--plan", plan, "--save-mapping", path)
    assert run.returncode == 0, run.stderr
    path.write_text(json.dumps(random_layers.spilling(json.loads(path.read_text()))))
    return path
