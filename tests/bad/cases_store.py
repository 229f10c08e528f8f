# SPDX-License-Identifier: Apache-2.0
"""Broken stores, and questions that have no answer: (name, files, arguments, message). Stores are of a tiny sweep over the
accelerator and the plan of good.py."""
import functools
import json
import os
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import good

SPACE = {"name": "tiny", "archs": ["arch.json"], "axes": [{"path": "/array/rows", "values": [2, 4]}],
         "networks": [{"plan": "plan.json"}], "objectives": ["latency_ms", "area_mm2"]}
TEXT = b"This is text, and more of it than the hundred bytes that the header of an SQLite file has, to be sure of that."


@functools.lru_cache(maxsize=None)
def store(*sql, shard="0/1", keep=None):
    """A store's bytes, after statements; of a damaged one the first `keep` bytes."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        for name, value in {"arch.json": good.ARCH, "workload.json": good.WORKLOAD, "plan.json": good.PLAN, "tech.json": good.tech(),
                            "space.json": SPACE}.items():
            (at / name).write_text(value if isinstance(value, str) else json.dumps(value))
        subprocess.run([os.environ["MPSIM"], "explore", "--space", "space.json", "--store", "s.db", "--jobs", "1", "--shard", shard],
                       cwd=at, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, "MPSIM_CONFIGS": str(Path(os.environ["MPSIM_SOURCE"]) / "configs")})
        with sqlite3.connect(at / "s.db") as db:
            for statement in sql:
                db.execute(statement)
        db.close()
        return (at / "s.db").read_bytes()[:keep]


def foreign():
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "s.db")
        db.execute("CREATE TABLE mine (x)")
        db.commit()
        db.close()
        return (Path(folder) / "s.db").read_bytes()


S = {"s.db": store()}
Q = ["query", "--store", "s.db"]
F = ["front", "--store", "s.db"]
# A second sweep, of other designs: none.
KEYS = ("UPDATE sweep SET sweep = 0x00c0ffee00000000", "UPDATE sweep_network SET sweep = 0x00c0ffee00000000",
        "INSERT INTO sweep SELECT 0x0badcafe00000000, 'other', json_set(space, '$.prune', json('true'), '$.sampler', "
        "json('{\"kind\": \"nsga2\", \"points\": 9, \"seed\": 7, \"population\": 4}')), objectives, points FROM sweep")
TWO = {"s.db": store(*KEYS)}
TINY = "tiny (00c0ffee00000000: grid on plan)"
OTHER = "other (0badcafe00000000: nsga2 9 seed 7 population 4 pruned on )"
OUTSIDE = "must be one expression over the names, without subqueries and other tables"
CASES = [
    # The file
    ("absent", {}, Q, "s.db: No such file or directory"),
    ("empty", {"s.db": ""}, Q, "s.db: is no store of an exploration (empty)"),
    ("text", {"s.db": TEXT}, Q, "s.db: is no store of an exploration (not an SQLite file)"),
    ("folder", {}, ["query", "--store", "folder"], "folder: is no store of an exploration (a directory)"),
    ("foreign", {"s.db": foreign()}, F,
     "s.db: is no store of an exploration (an SQLite file of another program, application_id 0)"),
    ("foreign_id", {"s.db": store("PRAGMA application_id = 4711")}, F,
     "s.db: is no store of an exploration (an SQLite file of another program, application_id 4711)"),
    ("later", {"s.db": store("PRAGMA user_version = 9")}, F, "s.db: has version 9 of the store, this program reads up to version 1"),
    ("version_zero", {"s.db": store("PRAGMA user_version = 0")}, F, "s.db: is damaged (version 0 of the store)"),
    ("truncated", {"s.db": store(keep=30000)}, [*Q, "--dump"], "s.db: is damaged (SQLite: database disk image is malformed)"),
    ("no_sweep", {"s.db": store("DELETE FROM sweep")}, Q, "s.db: holds no sweep"),
    ("objectives", {"s.db": store("UPDATE sweep SET objectives = '[1]'")}, Q,
     "s.db: objectives: /0: must be a string (got 1)"),
    # Expressions
    ("where_name", S, [*Q, "--where", "latency > 3"],
     'expression "latency > 3": unknown name "latency", did you mean "latency_ms"?'),
    ("where_syntax", S, [*Q, "--where", "latency_ms >"], 'expression "latency_ms >": ends too early'),
    ("where_empty", S, [*Q, "--where", " "], 'expression " ": must not be empty'),
    ("where_subquery", S, [*Q, "--where", "(SELECT 1)"], f'expression "(SELECT 1)": {OUTSIDE}'),
    ("where_table", S, [*F, "--where", "key IN design"], f'expression "key IN design": {OUTSIDE}'),
    ("where_function", S, [*F, "--where", "writefile('x', 'y')"],
     "expression \"writefile('x', 'y')\": unknown function \"writefile\""),
    ("where_two", S, [*Q, "--where", "1; DROP TABLE point"],
     'expression "1; DROP TABLE point": near ";": syntax error'),
    ("where_comment", S, [*Q, "--where", "1) /*"], 'expression "1) /*": must be one expression over the names'),
    ("by_sum", S, [*Q, "--by", "max(latency_ms)"], 'expression "max(latency_ms)": misuse of aggregate: max()'),
    ("by_parameter", S, [*Q, "--by", "?1"], 'expression "?1": must be one expression over the names'),
    ("by_limit", S, [*Q, "--by", "1) LIMIT (1"], 'expression "1) LIMIT (1": must be one expression over the names'),
    ("late", S, [*Q, "--where", "abs(CASE WHEN array_rows > 1 THEN -9223372036854775807 - 1 END) > 1"], "s.db: integer overflow"),
    # Names
    ("columns", S, [*Q, "--columns", "key,array_row"], 's.db: unknown column "array_row", did you mean "array_rows"?'),
    ("objective", S, [*F, "--objectives", "energy"], 's.db: unknown column "energy", did you mean "energy_pj"?'),
    ("objective_twice", S, [*F, "--objectives", "area_mm2,latency_ms,-area_mm2"], "s.db: objective area_mm2 stands twice"),
    ("column_twice", S, [*Q, "--columns", "key,area_mm2,key"], "s.db: column key stands twice"),
    ("objective_text", S, [*F, "--objectives", "base,area_mm2"], 's.db: objective base must be a number (got "small")'),
    ("network", S, [*F, "--network", "resnet"], 's.db: the sweep has no network "resnet" (known: plan)'),
    ("sweeps", TWO, Q, f"s.db: holds several sweeps, --sweep must name one: {OTHER}, {TINY}"),
    ("sweep_name", TWO, [*Q, "--sweep", "big"], f's.db: has no sweep "big", but: {OTHER}, {TINY}'),
    ("sweep_prefix", {"s.db": store(*KEYS, "UPDATE sweep SET sweep = 0x00c0fff700000000 WHERE name = 'other'")},
     [*F, "--sweep", "00c0ff"], "s.db: several sweeps have a key that begins with 00c0ff: "
     f"{OTHER.replace('0badcafe', '00c0fff7')}, {TINY}"),
    ("sweep_short", TWO, [*Q, "--sweep", "00c"], f's.db: has no sweep "00c", but: {OTHER}, {TINY}'),
    ("sweep_names", {"s.db": store(*KEYS, "UPDATE sweep SET name = 'tiny'")}, [*Q, "--sweep", "tiny"],
     f's.db: several sweeps are called "tiny", a key tells them apart: {TINY}, {OTHER.replace("other", "tiny")}'),
    ("sum_distance", S, [*F, "--objectives", "distance"], 's.db: unknown column "distance"'),
    ("archs", {**S, "a": ""}, [*Q, "--archs", "a/b"], "a/b: cannot make the folder: Not a directory"),
    ("archs_invalid", {"s.db": store("UPDATE design SET axis_values = '{\"/array/rows\": 0}'", "UPDATE design SET design = 1 "
                                     "WHERE rowid = 1", "UPDATE point SET design = 1")},
     [*Q, "--archs", "a"], "0000000000000001: /array/rows: must be an integer 1..4096 (got 0)"),
    ("arch", S, [*Q, "--arch", "12"], 'design "12": must be a key of 16 hexadecimal digits'),
    ("arch_absent", S, [*Q, "--arch", "0123456789abcdef"], "s.db: has no design 0123456789abcdef"),
    ("picture", S, [*F, "--objectives", "area_mm2", "-o", "f.svg"], "f.svg: a picture needs two objectives"),
    ("output", S, [*F, "-o", "nowhere/f.txt"], "nowhere/f.txt: cannot write: No such file or directory"),
    # merge
    ("merge_absent", S, ["merge", "-o", "out.db", "s.db", "t.db"], "t.db: No such file or directory"),
    ("merge_text", {**S, "t.db": TEXT}, ["merge", "-o", "out.db", "s.db", "t.db"],
     "t.db: is no store of an exploration (not an SQLite file)"),
    ("merge_other", {**S, "t.db": store("UPDATE result SET energy_pj = 1")}, ["merge", "-o", "out.db", "s.db", "t.db"],
     "t.db: table result has another energy_pj than s.db for the same key"),
    ("merge_into_other", {**S, "t.db": store("UPDATE design SET area_mm2 = NULL")}, ["merge", "-o", "s.db", "t.db"],
     "t.db: table design has another area_mm2 than s.db for the same key"),
    ("merge_itself", S, ["merge", "-o", "s.db", "s.db"], "s.db: is among the stores that are merged into it"),
]

USAGE = [
    ("front_store", ["front"], "mpsim front: needs --store"),
    ("front_formats", [*F, "--json", "--csv"], "mpsim front: --json and --csv exclude each other"),
    ("front_objectives", [*F, "--objectives", "a,,b"],
     "mpsim front: option --objectives: must be one to four names with commas between them"),
    ("front_many", [*F, "--objectives", "a,b,c,d,e"],
     "mpsim front: option --objectives: must be one to four names with commas between them"),
    ("front_operand", [*F, "x"], 'mpsim front: unexpected argument "x"'),
    ("query_store", ["query"], "mpsim query: needs --store"),
    ("query_two", [*Q, "--sweeps", "--dump"], "mpsim query: --sweeps, --dump and --arch exclude each other"),
    ("query_dump", [*Q, "--dump", "--where", "1"], "mpsim query: --dump takes no sweep, networks, --sum, order, columns, --top and --archs"),
    ("query_top_of_sweeps", [*Q, "--sweeps", "--top", "20"],
     "mpsim query: --sweeps takes no sweep, networks, --sum, order, columns, --top and --archs"),
    ("query_sum_network", [*Q, "--sum", "--network", "plan"],
     "mpsim query: --sum is over all networks of the sweep, it takes no --network"),
    ("query_archs_of_dump", [*Q, "--dump", "--archs", "a"],
     "mpsim query: --dump takes no sweep, networks, --sum, order, columns, --top and --archs"),
    ("query_dump_json", [*Q, "--dump", "--json"], "mpsim query: --dump has one form: neither --json nor --csv"),
    ("query_columns", [*Q, "--columns", "key,"], "mpsim query: option --columns: must be names with commas between them"),
    ("query_top", [*Q, "--top", "-1"],
     'mpsim query: option --top: must be an integer 0..9007199254740992 (got "-1")'),
    ("merge_output", ["merge", "a.db"], "mpsim merge: needs -o"),
    ("merge_nothing", ["merge", "-o", "a.db"], "mpsim merge: needs a store to merge"),
    ("merge_missing_json", ["merge", "-o", "a.db", "b.db", "--missing", "--json"],
     "mpsim merge: --missing and --json exclude each other"),
]
