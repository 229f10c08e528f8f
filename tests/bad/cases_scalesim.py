# SPDX-License-Identifier: Apache-2.0
"""SCALE-Sim files. (name, text, message)"""

CONV = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
TOPOLOGY = [
    ("empty", "",
     'a.csv:1: must begin with a SCALE-Sim header: "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter '
     'Width, Channels, Num Filter, Strides" or "Layer name, M, N, K"'),
    ("no_header", "Conv1, 16, 16, 3, 3, 3, 8, 1,\n",
     'a.csv:1: must begin with a SCALE-Sim header: "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter '
     'Width, Channels, Num Filter, Strides" or "Layer name, M, N, K"'),
    ("no_layers", "Layer, M, N, K,\n", "a.csv: must have at least one layer"),
    ("cell_missing", CONV + "Conv1, 16, 16, 3, 3, 3, 8,\n", 'a.csv:2: column 8 "Strides": missing'),
    ("cell_too_many", "Layer, M, N, K,\nA, 1, 2, 3, 4,\n", 'a.csv:2: column 5: not supported (got "4")'),
    ("column_too_many", "Layer, M, N, K, Sparsity,\nA, 1, 2, 3, 1:2,\n", 'a.csv:1: column 5 "Sparsity": not supported'),
    ("not_a_number", "Layer, M, N, K,\n\nA, 1, two, 3,\n",
     'a.csv:3: column 3 "N": must be an integer of at least 1 (got "two")'),
    ("fraction", "Layer, M, N, K,\nA, 1, 2.5, 3,\n",
     'a.csv:2: column 3 "N": must be an integer of at least 1 (got "2.5")'),
    ("negative", "Layer, M, N, K,\nA, 1, -2, 3,\n",
     'a.csv:2: column 3 "N": must be an integer of at least 1 (got "-2")'),
    ("zero", "Layer, M, N, K,\nA, 1, 2, 3,\nB, 1, 0, 3,\n",
     'a.csv:3: column 3 "N": must be an integer of at least 1 (got "0")'),
    ("huge", "Layer, M, N, K,\nA, 1, 99999999999999999999999, 3,\n",
     'a.csv:2: column 3 "N": must be at most 16777216 (got "99999999999999999999999")'),
    ("filter_larger_than_input", CONV + "Conv1, 16, 16, 3, 17, 3, 8, 1,\n",
     "a.csv:2: column 5 \"Filter Width\": must be at most the input's 16 (got 17)"),
    ("name_missing", "Layer, M, N, K,\n, 1, 2, 3,\n", 'a.csv:2: column 1 "Layer name": must be a name'),
    ("name_twice", "Layer, M, N, K,\nA, 1, 2, 3,\nA, 1, 2, 3,\n",
     'a.csv:3: column 1 "Layer name": layer "A" is there already'),
    ("not_utf8", b"Layer, M, N, K,\nA\xff, 1, 2, 3,\n", "a.csv:2: must be UTF-8 text"),
    ("nul_byte", b"Layer, M, N, K,\nA, 1, 2\x00, 3,\n", "a.csv:2: must be UTF-8 text"),
]

HEAD = "[general]\nrun_name = a\n[architecture_presets]\n"
ARRAY = HEAD + "ArrayHeight: 8\nArrayWidth: 8\nIfmapSramSzkB: 64\nFilterSramSzkB: 64\nOfmapSramSzkB: 64\nDataflow: ws\n"
END = "Bandwidth: 10\n[run_presets]\nInterfaceBandwidth: CALC\n"
CFG = [
    ("empty", "", "a.cfg: [architecture_presets] ArrayHeight: missing"),
    ("no_section", "ArrayHeight: 8\n", "a.cfg:1: must be a [section]"),
    ("section_open", "[general\n", "a.cfg:1: must end with ]"),
    ("section_unknown", "[architecture_preset]\n",
     'a.cfg:1: unknown section "architecture_preset", did you mean "architecture_presets"?'),
    ("section_unknown_like_none", "[zebra]\n", 'a.cfg:1: unknown section "zebra"'),
    ("no_colon", HEAD + "ArrayHeight\n", 'a.cfg:4: must be "key: value"'),
    ("key_unknown", HEAD + "ArrayHeigth: 8\n",
     'a.cfg:4: unknown key "ArrayHeigth" in [architecture_presets], did you mean "ArrayHeight"?'),
    ("key_twice", HEAD + "ArrayHeight: 8\nArrayHeight: 16\n", "a.cfg:5: ArrayHeight: is there already, in line 4"),
    ("key_missing", HEAD + "ArrayHeight: 8\n", "a.cfg: [architecture_presets] ArrayWidth: missing"),
    ("not_a_number", HEAD + "ArrayHeight: eight\n",
     'a.cfg:4: ArrayHeight: must be an integer of at least 1 (got "eight")'),
    ("zero", HEAD + "ArrayHeight: 0\n", 'a.cfg:4: ArrayHeight: must be an integer of at least 1 (got "0")'),
    ("too_large", HEAD + "ArrayHeight: 5000\n", 'a.cfg:4: ArrayHeight: must be at most 4096 (got "5000")'),
    ("dataflow_unknown", ARRAY.replace("ws", "rs") + END, 'a.cfg:9: Dataflow: must be one of os, ws, is (got "rs")'),
    ("interface_unknown", ARRAY + END.replace("CALC", "CALCULATE"),
     'a.cfg:12: InterfaceBandwidth: must be one of CALC, USER (got "CALCULATE")'),
    ("bandwidth_missing", ARRAY + "[run_presets]\nInterfaceBandwidth: USER\n",
     "a.cfg: [architecture_presets] Bandwidth: missing"),
    ("bandwidth_a_list", ARRAY + "Bandwidth: 10,10\n[run_presets]\nInterfaceBandwidth: USER\n",
     'a.cfg:10: Bandwidth: must be an integer of at least 1 (got "10,10")'),
    ("sparsity_on", ARRAY + END + "[sparsity]\nSparsitySupport : true\n",
     'a.cfg:14: SparsitySupport: must be False, mpsim has no counterpart (got "true")'),
    ("sram_below_the_port",
     ARRAY.replace("Width: 8", "Width: 4096").replace("OfmapSramSzkB: 64", "OfmapSramSzkB: 1") + END,
     "a.cfg: /buffers/output/size_bytes: half of it must hold width_bits 262144 (got 1024 bytes)"),
    ("not_utf8", b"[general]\nrun_name = \xff\n", "a.cfg:2: must be UTF-8 text"),
]
