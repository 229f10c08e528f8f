# SPDX-License-Identifier: Apache-2.0
"""A technology that breaks a rule.

(name, patch of the good document, message of run[, of check where it differs])"""
from good import MISSING

CASES = [
    ("number_without_source", {"pe/fixed/active": {"shared_pj": 0, "lane_pj": 0.2}},
     'tech.json: /pe/fixed/active: needs exactly one of "source" and "estimate" (got none)'),
    ("source_and_estimate", {"interconnect/source": "horowitz2014"},
     'tech.json: /interconnect: needs exactly one of "source" and "estimate" (got both)'),
    ("unknown_source", {"leakage/source": "horowitz2015"},
     'tech.json: /leakage/source: no such key in /sources (got "horowitz2015"), did you mean "horowitz2014"?'),
    ("unknown_source_like_none", {"leakage/source": "zebra"},
     'tech.json: /leakage/source: no such key in /sources (got "zebra")'),
    ("price_missing", {"vector_unit/alu/pj": MISSING}, "tech.json: /vector_unit/alu/pj: missing"),
    ("section_missing", {"leakage": MISSING}, "tech.json: /leakage: missing"),
    ("negative_price", {"vector_unit/alu/pj": -0.1},
     "tech.json: /vector_unit/alu/pj: must be a number 0..1000000000 (got -0.1)"),
    ("price_a_string", {"vector_unit/alu/pj": "0.1"},
     "tech.json: /vector_unit/alu/pj: must be a number 0..1000000000 (got a string)"),
    ("node_missing", {"node_nm": MISSING}, "tech.json: /node_nm: missing"),
    ("node_0", {"node_nm": 0}, "tech.json: /node_nm: must be a number 1..1000 (got 0)"),
    ("unknown_key", {"temperature": 350}, 'tech.json: /: unknown key "temperature", did you mean "temperature_k"?'),
    ("unknown_pe", {"pe/fuse": {}}, 'tech.json: /pe: unknown key "fuse", did you mean "fused"?'),
    ("unknown_dram", {"dram/kind": "lpddr3"},
     'tech.json: /dram/kind: must be one of lpddr4, lpddr2, ddr3, gddr5, hbm2, ddr4_2400, lpddr4_3200, '
     'hbm2_2000, hbm2_pc (got "lpddr3"), did you mean "lpddr4"?'),
    ("negative_activation", {"dram/kinds/ddr4_2400/activate_pj": -1},
     "tech.json: /dram/kinds/ddr4_2400/activate_pj: must be a number 0..1000000000 (got -1)"),
    ("misspelt_activation", {"dram/kinds/ddr4_2400/activte_pj": 1},
     'tech.json: /dram/kinds/ddr4_2400: unknown key "activte_pj", did you mean "activate_pj"?'),
    ("no_dram_kinds", {"dram/kinds": {}}, "tech.json: /dram/kinds: must have 1..32 kinds (got 0)"),
    ("no_sram", {"sram": MISSING}, 'tech.json: /: must have "sram" or "buffers": no price for buffers'),
    ("table_column_missing", {"sram/columns/5": MISSING}, 'tech.json: /sram/columns: the column "area_mm2" is missing'),
    ("table_column_unknown", {"sram/columns/2": "read"}, 'tech.json: /sram/columns/2: must be "read_pj"'),
    ("table_row_short", {"sram/rows/1": [2048, 64, 2]}, "tech.json: /sram/rows/1: must have 6 numbers (got 3)"),
    ("table_row_twice", {"sram/rows/2": [1024, 64, 1, 2, 1, 0.01]},
     "tech.json: /sram/rows: row 2 repeats the point of an earlier row"),
    ("table_without_rows", {"sram/rows": []}, "tech.json: /sram/rows: must have 1..1024 rows (got 0)"),
    ("table_hole", {"sram/rows": [[1024, 64, 1, 1, 1, 1], [2048, 128, 1, 1, 1, 1]]},
     "tech.json: /sram/rows: the point size_bytes 1024, port_bits 128 is missing and cannot be closed from its "
     "neighbours"),
    ("table_size_0", {"sram/rows/0/0": 0}, "tech.json: /sram/rows/0/0: must be at least 1 (got 0)"),
    ("scaled_from_itself", {"scaled_from": "tech", "pe": MISSING, "accumulator": MISSING, "vector_unit": MISSING,
                            "interconnect": MISSING}, "tech.json: /: scaled_from: tech cannot be scaled from itself"),
    ("scaled_with_logic", {"scaled_from": "none"},
     'tech.json: /: unknown key "pe" (known: node_nm, volts, temperature_k, cell, transistor, scaled_from, sources, '
     'leakage, dram, sram, buffers)'),
]
