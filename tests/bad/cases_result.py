# SPDX-License-Identifier: Apache-2.0
"""result.json that is not one, as a file of diff. (name, patch of a good result or text, message)"""
from good import MISSING

CASES = [
    ("wrong_schema", {"schema": "mpsim.result/2"}, 'result.json: /schema: must be "mpsim.result/1" (got "mpsim.result/2")'),
    ("schema_missing", {"schema": MISSING}, 'result.json: /schema: missing, must be "mpsim.result/1"'),
    ("totals_missing", {"totals": MISSING}, "result.json: /totals: missing"),
    ("cycles_are_not_their_sum", {"totals/cycles": 1},
     "result.json: /totals/cycles: must be the sum of cycles_by, 2094 (got 1)"),
    ("cycles_of_a_layer_are_not_their_sum", {"layers/0/cycles": 1},
     "result.json: /layers/0/cycles: must be the sum of cycles_by, 402 (got 1)"),
    ("cause_missing", {"totals/cycles_by/vector": MISSING}, "result.json: /totals/cycles_by/vector: missing"),
    ("cause_unknown", {"totals/cycles_by/stall_drum": 0},
     'result.json: /totals/cycles_by: unknown key "stall_drum", did you mean "stall_dram"?'),
    ("part_missing", {"layers/0/energy_pj_by/dram": MISSING}, "result.json: /layers/0/energy_pj_by/dram: missing"),
    ("negative_count", {"totals/macs": -1}, "result.json: /totals/macs: must be an integer of at least 0 (got -1)"),
    ("fraction_of_a_cycle", {"totals/cycles": 0.5},
     "result.json: /totals/cycles: must be an integer of at least 0 (got 0.5)"),
    ("layer_twice", {"layers/1/name": "conv1"}, "result.json: /layers/1/name: a layer of this name stands before"),
    ("layer_without_name", {"layers/1/name": MISSING}, "result.json: /layers/1/name: missing"),
    ("unknown_key", {"total": 1}, 'result.json: /: unknown key "total", did you mean "totals"?'),
    ("bits_9", {"layers/0/w_bits/0/bits": 9}, "result.json: /layers/0/w_bits/0/bits: must be an integer 1..8 (got 9)"),
    ("cut_off", '{"schema": "mpsim.result/1",\n "arch": "a', "result.json:2:10: string not closed"),
    ("another_document", '{"name": "a"}', 'result.json: /schema: missing, must be "mpsim.result/1"'),
    ("dram_without_kind", {"dram/kind": MISSING}, "result.json: /dram/kind: missing"),
    ("dram_of_unknown_kind", {"dram/kind": "banks"},
     'result.json: /dram/kind: must be one of ideal, fixed, banked (got "banks"), did you mean "banked"?'),
    ("dram_of_unknown_preset", {"dram": {"kind": "banked", "preset": "ddr5"}},
     'result.json: /dram/preset: must be one of ddr4_2400, lpddr4_3200, hbm2_2000, hbm2_pc (got "ddr5")'),
    ("timeline", '{"displayTimeUnit": "ns", "traceEvents": []}', 'result.json: /schema: missing, must be "mpsim.result/1"'),
    ("another_report", '{"schema": "mpsim.\\u001bdram/1"}',
     'result.json: /schema: must be "mpsim.result/1" (got "mpsim.\\u001bdram/1")'),
]
