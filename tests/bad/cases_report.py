# SPDX-License-Identifier: Apache-2.0
"""What `mpsim report` does not take: results whose rest is wrong (a patch of a good one), fronts, calls."""
from good import MISSING

CASES = [
    ("no_clock", {"clock_mhz": MISSING}, "result.json: /clock_mhz: missing"),
    ("batch_0", {"batch": 0}, "result.json: /batch: must be an integer of at least 1 (got 0)"),
    ("array_without_rows", {"array/rows": MISSING}, "result.json: /array/rows: missing"),
    ("dram_of_text", {"dram_bits_per_cycle": "64"},
     "result.json: /dram_bits_per_cycle: must be a number 0..1e+300 (got a string)"),
    ("buffer_missing", {"buffers/weight": MISSING}, "result.json: /buffers/weight: missing"),
    ("buffer_of_nothing", {"buffers/weight/size_bytes": 0},
     "result.json: /buffers/weight/size_bytes: must be an integer 1..1099511627776 (got 0)"),
    ("no_mapping", {"layers/0/mapping": MISSING}, "result.json: /layers/0/mapping: missing"),
    ("mapping_is_no_list", {"layers/0/mapping": {}}, "result.json: /layers/0/mapping: must be an array (got an object)"),
    ("unknown_role", {"layers/0/mapping/0/rows": "pixels"},
     'result.json: /layers/0/mapping/0/rows: must be one of oc, pixel, ic, k_ic (got "pixels"), did you mean "pixel"?'),
    ("fewer_runs", {"layers/0/runs": []}, "result.json: /layers/0/runs: must have as many elements as mapping, 1 (got 0)"),
    ("kernel_of_one", {"layers/0/runs/0/kernel": [3]},
     "result.json: /layers/0/runs/0/kernel: must have 2 elements (got 1)"),
    ("unknown_key_of_a_run", {"layers/0/runs/0/sizes": 1},
     'result.json: /layers/0/runs/0: unknown key "sizes", did you mean "size"?'),
    ("unknown_dimension", {"layers/0/runs/0/size/od": 1},
     'result.json: /layers/0/runs/0/size: unknown key "od", did you mean "oh"?'),
    ("no_room", {"layers/0/runs/0/room_bits/input": MISSING}, "result.json: /layers/0/runs/0/room_bits/input: missing"),
    ("negative_peak", {"layers/0/peak_ops_per_cycle": -1},
     "result.json: /layers/0/peak_ops_per_cycle: must be a number 0..1e+300 (got -1)"),
    ("overflow_is_no_bool", {"layers/0/may_overflow": 0},
     "result.json: /layers/0/may_overflow: must be true or false (got 0)"),
    ("price_missing", {"prices_pj/0/net_bit": MISSING}, "result.json: /prices_pj/0/net_bit: missing"),
    ("sources_missing", {"sources": MISSING}, "result.json: /sources: missing"),
    ("source_is_no_text", {"sources/0": 1}, "result.json: /sources/0: must be a string (got 1)"),
    ("warnings_are_no_list", {"warnings": "none"}, "result.json: /warnings: must be an array (got a string)"),
]

NAMES = "must begin with the names of two or more columns, with commas between them"
FRONT = [
    ("empty", "", f"front.csv:1: {NAMES}"),
    ("one_column", "a\n1\n", f"front.csv:1: {NAMES}"),
    *((f"row_a_{what}", f"{what},latency_ms,energy_pj\nconv1,1,2\n",
       "front.csv:1: must have a row a design, as 'mpsim front --csv', 'query --csv' and 'search --front' write it "
       f"(got a row a {what})") for what in ("layer", "unit", "cycle")),
    ("no_designs", "a,b\n", "front.csv: no designs"),
    ("column_twice", "a,b,a\n1,2,3\n", 'front.csv:1: column "a" stands twice'),
    ("column_without_name", "a,,c\n1,2,3\n", "front.csv:1: column 2 has no name"),
    ("short_row", "# front\na,b\n1,2\n3\n", "front.csv:4: must have 2 cells, as the line of names has (got 1)"),
    ("long_row", "a,b\n1,2,3\n", "front.csv:2: must have 2 cells, as the line of names has (got 3)"),
    ("quote_not_closed", 'a,b\n1,"2\n', "front.csv:2: a quoted cell is not closed"),
    ("behind_a_quote", 'a,b\n"1"2,3\n', "front.csv:2: text behind a quoted cell"),
    ("not_utf8", b"a,b\n1,\xff\n", "front.csv:2: must be UTF-8 text"),
    ("nul", b"a,b\n1,\0\n", "front.csv:2: must be UTF-8 text"),
    ("too_many_columns", ",".join(f"c{i}" for i in range(257)) + "\n", "front.csv:1: more than 256 columns"),
]

USAGE = [
    ("report_of_nothing", ["report"], "mpsim report: needs a result, --store or --front"),
    ("report_store_and_front", ["report", "--store", "s.db", "--front", "f.csv"],
     "mpsim report: --store and --front exclude each other"),
    ("report_front_as_a_result", ["report", "front.csv"], 'mpsim report: "front.csv": designs go with --front'),
    ("report_where_of_nothing", ["report", "--front", "f.csv", "--where", "area_mm2 < 1"],
     "mpsim report: --sweep, --network and --where go with --store"),
    ("report_labels", ["report", "a.json", "b.json", "--label", "a"],
     "mpsim report: needs as many --label as results, 2 (got 1)"),
    ("report_many", ["report", *["a.json"] * 33], "mpsim report: takes at most 32 results (got 33)"),
    ("report_name", ["report", "a.json", "-o", "report.txt"],
     'mpsim report: -o needs a name ending in .html (got "report.txt")'),
]
