# SPDX-License-Identifier: Apache-2.0
"""constraints.json that breaks a rule.

(name, patch of the good document, message of run[, of check where it differs])"""
from good import ACCEPTS, MISSING, Raw

CASES = [
    ("unknown_layer", {"layers/conv3": {}},
     'constraints.json: workload "net": no layer "conv3", did you mean "conv1"?', ACCEPTS),
    ("layers_missing", {"layers": MISSING},
     "constraints.json: /layers: missing",
     "constraints.json: /: no known document (arch, workload, plan, tech, preprocess, mapping, constraints, space, result)"),
    ("unknown_key", {"layers/conv1/maxtile": {"oc": 4}},
     'constraints.json: /layers/conv1: unknown key "maxtile", did you mean "max_tile"?'),
    ("unknown_dimension", {"layers/conv1/tile/rows": 4},
     'constraints.json: /layers/conv1/tile: unknown key "rows" (known: group, batch, oh, ow, oc, ic)'),
    ("tile_0", {"layers/conv1/tile/oc": 0},
     "constraints.json: /layers/conv1/tile/oc: must be an integer of at least 1 (got 0)"),
    ("tile_beyond_2_53", {"layers/conv1/tile/oc": Raw("9007199254740993")},
     "constraints.json: /layers/conv1/tile/oc: must be an integer below 2^53 (got 9007199254740992)"),
    ("tile_beyond_the_layer", {"layers/conv1/tile/oc": 9},
     "constraints.json: /layers/conv1/tile/oc: must be an integer 1..8 (got 9)", ACCEPTS),
    ("min_above_max", {"layers/conv1/min_tile": {"oh": 5}},
     "constraints.json: /layers/conv1: min_tile oh is above max_tile (5 > 4)"),
    ("order_twice", {"layers/conv1/order": ["oc", "oc", "ic"]},
     "constraints.json: /layers/conv1/order: must name pixel, oc and ic once each, outermost first (one stands twice)"),
    ("order_of_two", {"layers/conv1/order": ["oc", "ic"]},
     "constraints.json: /layers/conv1/order: must name pixel, oc and ic once each, outermost first (got 2 names)"),
    ("order_unknown", {"layers/conv1/order": ["oh", "oc", "ic"]},
     'constraints.json: /layers/conv1/order/0: must be one of pixel, oc, ic (got "oh"), did you mean "oc"?'),
    ("all_orders_forbidden", {"layers/conv1/forbid_order": [["oc", "pixel", "ic"]]},
     "constraints.json: /layers/conv1/forbid_order: leaves no order"),
    ("role_unknown", {"layers/conv1/rows": "pixels"},
     'constraints.json: /layers/conv1/rows: must be one of oc, pixel, ic, k_ic (got "pixels"), did you mean "pixel"?'),
    ("forbidden_not_a_list", {"layers/conv1/forbid_tile": {"oc": 4}},
     "constraints.json: /layers/conv1/forbid_tile/oc: must be an array (got 4)"),
]
