# SPDX-License-Identifier: Apache-2.0
"""Calls mpsim, and reads its help."""
import os
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ["MPSIM_SOURCE"])
BUILD = Path(os.environ["MPSIM_BUILD"])
MPSIM = os.environ["MPSIM"]
sys.path.insert(0, str(SOURCE / "tests"))


def call(*command, env=None, **more):
    """A finished run with its text, in the plain environment with `env` laid over."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MPSIM", "CMOCKA", "MESON"))}
    return subprocess.run([str(c) for c in command], env={**clean, "LC_ALL": "C.UTF-8", **(env or {})},
                          stdin=subprocess.DEVNULL, stdout=more.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE,
                          text=True, timeout=120, **more)


def commands():
    """The commands that --help lists, but `help`."""
    block = call(MPSIM, "--help").stdout.split("Commands:\n")[1].split("\n\n")[0]
    return [line.split()[0] for line in block.split("\n") if line.split()[0] != "help"]


def options(command):
    """{"--name": value or ""} of a command's help."""
    found = re.findall(r"^  (?:-\w, |    )(--[a-z-]+)(?: (\S+))?(?:  .*)?$", call(MPSIM, command, "--help").stdout, re.M)
    return dict(found)
