# SPDX-License-Identifier: Apache-2.0
"""Each rule of scripts/check-layers finds what it is there to find, in a small tree that breaks just that rule."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SOURCE = Path(os.environ["MPSIM_SOURCE"])
LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
GOOD = {
    "sim/meson.build": "# SPDX-License-Identifier: Apache-2.0\nfiles('base/err.c', 'map/map.c')\n",
    "sim/base/err.c": LICENCE + '#include "sim/base/err.h"\n',
    "sim/base/err.h": LICENCE,
    "sim/map/map.c": LICENCE + '#include "sim/engine/engine.h"\n#include "sim/base/err.h"\n',
    "sim/map/map.h": LICENCE,
    "sim/engine/engine.h": LICENCE,
    "sim/pe/pe.h": LICENCE + '#include "sim/base/err.h"\n',
    "sim/mem/mem.h": LICENCE + '#include "sim/pe/pe.h"\n',
    "costmodel/cost.h": LICENCE + '#include "sim/pe/pe.h"\n',
}


def check(changes):
    """The lines that the script complains with, when `changes` are laid over the good tree."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**GOOD, **changes}.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_text(text)
        run = subprocess.run([SOURCE / "scripts/check-layers", folder], stdout=subprocess.PIPE, text=True)
        lines = run.stdout.split("\n")
        assert run.returncode == any(line.startswith("not ok") for line in lines), run.stdout
        return [line[2:] for line in lines if line.startswith("# ")]


class Rules(unittest.TestCase):
    def expect(self, changes, *complaints):
        found = check(changes)
        self.assertEqual(len(found), len(complaints), found)
        for line, words in zip(found, complaints):
            self.assertIn(words, line)

    def test_good_tree(self):
        self.expect({})

    def test_include_climbs(self):
        self.expect({"sim/base/err.h": LICENCE + '#include "sim/map/map.h"\n'},
                    "sim/base/err.h:2: sim/base is below sim/map", "sim/base and sim/map include each other")
        self.expect({"sim/engine/engine.h": LICENCE + '#include "sim/eval.h"\n', "sim/eval.h": LICENCE},
                    "sim/engine is below sim, ")

    def test_strangers(self):
        self.expect({"costmodel/cost.h": LICENCE + '#include "sim/engine/engine.h"\n'},
                    "costmodel must not know sim/engine")

    def test_unknown_folder(self):
        self.expect({"sim/pe/pe.h": LICENCE + '#include "err.h"\n'}, '"err.h" is not a path from the root')

    def test_mutual(self):
        self.expect({"sim/pe/pe.h": LICENCE + '#include "sim/mem/mem.h"\n'},
                    "sim/mem and sim/pe include each other: sim/mem/mem.h:2 and sim/pe/pe.h:2")

    def test_not_in_meson(self):
        self.expect({"sim/base/new.c": LICENCE}, "sim/base/new.c: in no meson.build")
        self.expect({"tests/bad/test_x.py": "# " + LICENCE[3:]}, "tests/bad/test_x.py: in no meson.build")
        self.expect({"sim/meson.build": "# SPDX-License-Identifier: Apache-2.0\n# 'base/err.c'\nfiles('map/map.c')\n"},
                    "sim/base/err.c: in no meson.build")

    def test_long_file(self):
        self.expect({"sim/base/err.h": LICENCE + "extern int x;\n" * 499})
        self.expect({"sim/base/err.h": LICENCE + "extern int x;\n" * 500}, "sim/base/err.h: 501 lines")

    def test_long_function(self):
        head = LICENCE + "static struct a *make(int a,\n                      int b) {\n"
        self.expect({"sim/base/err.h": head + "    a++;\n" * 57 + "}\n"})
        self.expect({"sim/base/err.h": head + "    a++;\n" * 58 + "}\n"}, "err.h:2: make has 61 lines")

    def test_no_licence(self):
        self.expect({"sim/base/err.h": "int x;\n"}, "sim/base/err.h: no SPDX")
        self.expect({"scripts/tool": "#!/bin/sh\n"}, "scripts/tool: no SPDX")

    def test_white_space(self):
        self.expect({"sim/base/err.h": LICENCE + "int x; \n"}, "err.h:2: space")
        self.expect({"sim/base/err.h": LICENCE + "\tint x;\n"}, "err.h:2: tab")
        self.expect({"sim/base/err.h": LICENCE + "int x;"}, "err.h: no newline")


if __name__ == "__main__":
    tap.main()
