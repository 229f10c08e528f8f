# SPDX-License-Identifier: Apache-2.0
"""Broken searches and sensitivities: (name, files, arguments, message). Networks are the workload of good.py, with harms from a
file, and the convolution of cases_accuracy.py, on six images."""
import cases_accuracy

UNITS = ["conv2:a", "conv2:w", "cat1", "fc:a", "fc:w", "query:a", "query:w", "scores"]  # with something to decide
HARM = "unit,bits,harm\n" + "".join(f"{unit},{bits},{8 - bits}\n" for unit in UNITS for bits in (8, 4, 2))
COST = "layer,a_bits,w_bits,cycles\n"
ALL = "".join(f"{layer},{a},{w},9\n" for layer in ("conv1", "conv2", "fc", "query", "key", "scores")
              for a in (8, 4, 2) for w in (8, 4, 2))
H = {"h.csv": HARM}
C = ["search", "--arch", "arch.json", "--workload", "workload.json", "--metric", "h.csv", "--cost-cache", "off"]

MODEL = cases_accuracy.M
M = ["search", "--arch", "arch.json", "--model", "m.onnx", "--data", "d.npz", "--metric", "eagl", "--cost-cache", "off",
     "--open-ends"]
LARGE = ["search", "--arch", "bitserial_4x4", "--model", "glyphs", "--data", "glyphs", "--images", "2",
         "--calibration-images", "16", "--metric", "eagl", "--cost-cache", "off", "--solver", "exhaustive"]

DEPENDS = ("network 247706432e5a3fc2, 6 images 61b40ec214401a89 of d.npz itself, weights mse gptq, activations mse, "
           "percentile 99.989999999999995, bias correction 1, equalized 0, model ranges 1, 24-bit accumulators saturating")
HEAD = f'{{"schema": "mpsim.search_log/1", "depends": "{DEPENDS}"}}\n'
LINE = '{"plan": "8/8 8 8 8", "images": 6, "right": 2, "agree": 6, "loss": 0.5}\n'
L = [*M, "--solver", "descent", "--max-drop", "50%", "--log", "l.log"]
R = [*L, "--resume"]
TWICE = cases_accuracy.net([2 * w for w in cases_accuracy.WEIGHTS])


def harm(text):
    return {"h.csv": text}


def costs(text):
    return {**H, "c.csv": text}


def log(text):
    return {**MODEL, "l.log": text}


def other(*changes, made=DEPENDS):
    """The message about a log of another search than this one, whose line differs in `changes`."""
    now = DEPENDS
    for old, new in changes:
        assert old in now
        now = now.replace(old, new)
    return f'l.log: is the log of other plans: it was made with "{made}", this search is with "{now}"'


CASES = [
    # What is decided
    ("fix_unknown", H, [*C, "--fix", "conv3=8"], 'fix "conv3": workload "net" has no layer "conv3", did you mean "conv1"?'),
    ("fix_misspelt", H, [*C, "--fix", "convv2:w=4"],
     'fix "convv2": workload "net" has no layer "convv2", did you mean "conv2"?'),
    ("fix_like_none", H, [*C, "--fix", "zebra=8"], 'fix "zebra": workload "net" has no layer "zebra"'),
    ("fix_part_unknown", H, [*C, "--fix", "conv2:x=8"],
     'fix "conv2:x": workload "net" has no layer "conv2:x", did you mean "conv2"?'),
    ("fix_part_alone", H, [*C, "--fix", ":w=8"], 'fix ":w": workload "net" has no layer ":w"'),
    ("fix_without_weights", H, [*C, "--fix", "pool1=4"],
     'fix "pool1": a layer of type "pool" has no weights: its input is "pool1:a"'),
    ("fix_weights_of_an_addition", H, [*C, "--fix", "add1:w=8"],
     'fix "add1": a layer of type "add" has no weights: its input is "add1:a"'),
    ("fix_twice", H, [*C, "--fix", "conv2=8", "--fix", "conv2=4"], '"conv2:w" is fixed at 8 bits and at 4 bits'),
    ("fix_part_and_whole", H, [*C, "--fix", "fc:a=8", "--fix", "fc=2"], '"fc:a" is fixed at 8 bits and at 2 bits'),
    ("fix_shared_weights", H, [*C, "--fix", "key:w=4", "--fix", "query:w=8"], '"query:w" is fixed at 4 bits and at 8 bits'),
    ("fix_in_a_tie", H, [*C, "--tie", "--fix", "conv2:w=2", "--fix", "conv2:a=4"],
     '"conv2:w" is fixed at 2 bits and "conv2:a" is fixed at 4 bits, but they have one width'),
    ("fix_in_a_link", H, [*C, "--link", "conv2,fc", "--fix", "conv2=8", "--fix", "fc=4"],
     '"conv2:w" is fixed at 8 bits and "fc:w" is fixed at 4 bits, but they have one width'),
    ("link_of_one", H, [*C, "--link", "conv2"], 'link "conv2": must name at least two, separated by commas'),
    ("link_unknown", H, [*C, "--link", "conv2,fcc"], 'link "conv2,fcc": workload "net" has no layer "fcc", did you mean "fc"?'),
    ("link_like_none", H, [*C, "--link", "zebra,conv1"], 'link "zebra,conv1": workload "net" has no layer "zebra"'),
    ("link_empty_end", H, [*C, "--link", "conv2,"], 'link "conv2,": workload "net" has no layer ""'),
    ("link_empty_begin", H, [*C, "--link", ",conv2"], 'link ",conv2": workload "net" has no layer ""'),
    ("link_without_weights", H, [*C, "--link", "conv2,pool1"],
     'link "conv2,pool1": a layer of type "pool" has no weights: its input is "pool1:a"'),
    ("link_part_unknown", H, [*C, "--link", "conv2,query:x"],
     'link "conv2,query:x": workload "net" has no layer "query:x", did you mean "query"?'),
    ("links_of_two_widths", H,
     [*C, "--link", "conv2:w,fc:w", "--link", "fc:w,query:w", "--fix", "conv2:w=8", "--fix", "query:w=2"],
     '"conv2:w" is fixed at 8 bits and "query:w" is fixed at 2 bits, but they have one width'),
    ("link_of_disjoint_sets", H, [*C, "--link", "conv2:w,fc:a", "--weight-bits", "2", "--activation-bits", "4"],
     '"fc:a" and "conv2:w" have one width, but no width is in both sets, of weights and of activations'),
    ("tie_of_disjoint_sets", H, [*C, "--tie", "--weight-bits", "2", "--activation-bits", "4"],
     '"conv2:a" and "conv2:w" have one width, but no width is in both sets, of weights and of activations'),
    ("slices_too_many", H, [*C, "--slices", "6"],
     "slices: must be at most 5 with 3 widths of weights, for at most 255 assignments to a layer's slices (got 6)"),
    ("slices_too_many_widths", H, [*C, "--slices", "3", "--bits", "1-8"],
     "slices: must be at most 2 with 8 widths of weights, for at most 255 assignments to a layer's slices (got 3)"),
    # Harms
    ("harm_empty", harm(""), C, 'h.csv:1: must begin with the line "unit,bits,harm"'),
    ("harm_blank", harm("\n\n"), C, 'h.csv:2: must begin with the line "unit,bits,harm"'),
    ("harm_head", harm("unit,bits\n"), C, 'h.csv:1: must begin with the line "unit,bits,harm"'),
    ("harm_head_late", harm("# harms\n" + HARM), C, 'h.csv:1: must begin with the line "unit,bits,harm"'),
    ("harm_not_utf8", harm(b"unit,bits,harm\n\xff"), C, "h.csv:2: must be UTF-8 text"),
    ("harm_nul", harm(b"unit,bits,harm\nfc:a,8,\x001\n"), C, "h.csv:2: must be UTF-8 text"),
    ("harm_one_cell", harm(HARM + "fc:a\n"), C, "h.csv:26: must have 3 cells: unit, bits, harm"),
    ("harm_two_cells", harm(HARM + "fc:a,8\n"), C, "h.csv:26: must have 3 cells: unit, bits, harm"),
    ("harm_unit_unknown", harm(HARM + "conv2:b,8,1\n"), C,
     'h.csv:26: the search space has no unit "conv2:b", did you mean "conv2:a"?'),
    ("harm_unit_like_none", harm(HARM + "zebra,8,1\n"), C, 'h.csv:26: the search space has no unit "zebra"'),
    ("harm_unit_empty", harm(HARM + ",8,1\n"), C, 'h.csv:26: the search space has no unit ""'),
    ("harm_unit_control", harm(HARM + "\x07,8,1\n"), C, 'h.csv:26: the search space has no unit "\\u0007"'),
    ("harm_four_cells", harm(HARM + "fc:a,8,1,2\n"), C,
     'h.csv:26: the search space has no unit "fc:a,8", did you mean "fc:a"?'),
    ("harm_bits_0", harm(HARM + "fc:a,0,1\n"), C, 'h.csv:26: bits: must be an integer 1..8 (got "0")'),
    ("harm_bits_9", harm(HARM + "fc:a,9,1\n"), C, 'h.csv:26: bits: must be an integer 1..8 (got "9")'),
    ("harm_bits_10", harm(HARM + "fc:a,10,1\n"), C, 'h.csv:26: bits: must be an integer 1..8 (got "10")'),
    ("harm_bits_empty", harm(HARM + "fc:a,,1\n"), C, 'h.csv:26: bits: must be an integer 1..8 (got "")'),
    ("harm_twice", harm(HARM + "# again\nfc:a,8,1\n"), C, 'h.csv:27: unit "fc:a" at 8 bits is there already, in line 11'),
    ("harm_missing", harm(HARM.replace("scores,2", "scores,3")), C, 'h.csv: unit "scores" at 2 bits: missing'),
    ("harm_missing_all", harm("unit,bits,harm\n"), C, 'h.csv: unit "conv2:a" at 8 bits: missing'),
    ("harm_folder", H, [*C[:6], "folder.json", "--cost-cache", "off"], "folder.json: is a directory"),
    ("harm_no_file", H, [*C[:6], "harms.csv", "--cost-cache", "off"], "harms.csv: cannot open: No such file or directory"),
    ("harm_no_file_path", H, [*C[:6], "./harms", "--cost-cache", "off"], "./harms: cannot open: No such file or directory"),
    ("harm_of_slices", H, [*C, "--slices", "2"], 'h.csv:5: the search space has no unit "conv2:w", did you mean "conv1:w"?'),
    ("harm_of_more_widths", H, [*C, "--bits", "2-8"], 'h.csv: unit "conv2:a" at 7 bits: missing'),
    ("harm_sensitivity", harm("unit,bits\n"), ["sensitivity", "--workload", "workload.json", "--metric", "h.csv"],
     'h.csv:1: must begin with the line "unit,bits,harm"'),
    # Costs
    ("costs_empty", costs(""), [*C, "--costs", "c.csv"],
     'c.csv: must begin with a header, as "layer,a_bits,w_bits,latency_ms"'),
    ("costs_comment", costs("# nothing\n"), [*C, "--costs", "c.csv"],
     'c.csv: must begin with a header, as "layer,a_bits,w_bits,latency_ms"'),
    ("costs_not_utf8", costs(b"\xff"), [*C, "--costs", "c.csv"], "c.csv:1: must be UTF-8 text"),
    ("costs_column_misspelt", costs("layr,a_bits,w_bits,cycles\n"), [*C, "--costs", "c.csv"],
     'c.csv:1: unknown column "layr", did you mean "layer"?'),
    ("costs_column_like_none", costs("zebra\n"), [*C, "--costs", "c.csv"], 'c.csv:1: unknown column "zebra"'),
    ("costs_column_empty", costs("layer,a_bits,w_bits,cycles,\n"), [*C, "--costs", "c.csv"], 'c.csv:1: unknown column ""'),
    ("costs_column_twice", costs("layer,layer\n"), [*C, "--costs", "c.csv"], 'c.csv:1: column "layer" is there twice'),
    ("costs_columns_seven", costs("layer,a_bits,w_bits,latency_ms,cycles,energy_uj,more\n"), [*C, "--costs", "c.csv"],
     "c.csv:1: must have at most 6 columns (got 7)"),
    ("costs_no_layer", costs("a_bits,w_bits,cycles\n"), [*C, "--costs", "c.csv"], 'c.csv:1: column "layer": missing'),
    ("costs_no_a_bits", costs("layer,w_bits,cycles\n"), [*C, "--costs", "c.csv"], 'c.csv:1: column "a_bits": missing'),
    ("costs_no_w_bits", costs("layer,a_bits,cycles\n"), [*C, "--costs", "c.csv"], 'c.csv:1: column "w_bits": missing'),
    ("costs_no_cost", costs("layer,a_bits,w_bits\n"), [*C, "--costs", "c.csv"],
     'c.csv:1: must have a column "latency_ms", "cycles" or "energy_uj"'),
    ("costs_two_latencies", costs("layer,a_bits,w_bits,cycles,latency_ms\n"), [*C, "--costs", "c.csv"],
     'c.csv:1: must have one of the columns "latency_ms" and "cycles", not both'),
    ("costs_cells_few", costs(COST + "conv1,8,8\n"), [*C, "--costs", "c.csv"], "c.csv:2: must have 4 cells (got 3)"),
    ("costs_cells_many", costs(COST + "# x\nconv1,8,8,1,\n"), [*C, "--costs", "c.csv"], "c.csv:3: must have 4 cells (got 5)"),
    ("costs_layer_unknown", costs(COST + "conv9,8,8,1\n"), [*C, "--costs", "c.csv"],
     'c.csv:2: workload "net" has no layer "conv9", did you mean "conv1"?'),
    ("costs_layer_like_none", costs(COST + "zebra,8,8,1\n"), [*C, "--costs", "c.csv"],
     'c.csv:2: workload "net" has no layer "zebra"'),
    ("costs_layer_free", costs(COST + "flat,8,,1\n"), [*C, "--costs", "c.csv"],
     'c.csv:2: layer "flat" is of type "view" and costs nothing'),
    ("costs_a_bits_9", costs(COST + "conv1,9,8,1\n"), [*C, "--costs", "c.csv"],
     'c.csv:2: column "a_bits": must be an integer 1..8 (got "9")'),
    ("costs_a_bits_empty", costs(COST + "conv1,,8,1\n"), [*C, "--costs", "c.csv"],
     'c.csv:2: column "a_bits": must be an integer 1..8 (got "")'),
    ("costs_w_bits_0", costs(COST + "conv1,8,0,1\n"), [*C, "--costs", "c.csv"],
     'c.csv:2: column "w_bits": must be an integer 1..8 (got "0")'),
    ("costs_w_bits_empty", costs(COST + "conv1,8,,1\n"), [*C, "--costs", "c.csv"],
     'c.csv:2: column "w_bits": must be an integer 1..8 (got "")'),
    ("costs_w_bits_of_an_addition", costs(COST + "add1,8,8,1\n"), [*C, "--costs", "c.csv"],
     'c.csv:2: column "w_bits": must be empty, the layer has no weights (got "8")'),
    ("costs_twice", costs(COST + "conv1,8,8,1\nconv1,8,8,2\n"), [*C, "--costs", "c.csv"],
     'c.csv:3: layer "conv1" at a_bits 8, w_bits 8 is there already, in line 2'),
    ("costs_twice_without_weights", costs(COST + "add1,8,,1\nadd1,8,,2\n"), [*C, "--costs", "c.csv"],
     'c.csv:3: layer "add1" at a_bits 8 is there already, in line 2'),
    ("costs_missing", costs(COST + "conv1,8,8,1\n"), [*C, "--costs", "c.csv"],
     'c.csv: no row for layer "conv2" at a_bits 8, w_bits 8'),
    ("costs_missing_of_uniform_8", costs(COST + ALL.replace("conv2,8,8", "conv2,8,7")),
     [*C, "--costs", "c.csv", "--bits", "2,4", "--max-harm", "99"],
     'uniform 8: c.csv: no row for layer "conv2" at a_bits 8, w_bits 8'),
    ("costs_missing_without_weights", costs(COST + "add1,8,,1\n" + ALL), [*C, "--costs", "c.csv"],
     'c.csv: no row for layer "add1" at a_bits 4'),
    ("costs_no_file", H, [*C, "--costs", "none.csv"], "none.csv: cannot open: No such file or directory"),
    ("costs_folder", H, [*C, "--costs", "folder"], "folder: is a directory"),
    ("costs_with_keep_on_chip", {**costs(COST), "arch.json": {"keep_on_chip": True}},
     [*C, "--costs", "c.csv", "--solver", "nsga2"],
     "c.csv: measured costs are sums over layers: with keep_on_chip there are none"),
    ("costs_of_slices", costs(COST), [*C, "--costs", "c.csv", "--slices", "2"],
     'c.csv: measured costs are of layers with weights of one width, "conv2" has slices'),
    # Logs
    ("log_exists", log(HEAD), L, "l.log: exists: give --resume to go on with it, or another name"),
    ("log_exists_empty", log(""), L, "l.log: exists: give --resume to go on with it, or another name"),
    ("log_folder", MODEL, [*M, "--log", "folder"], "folder: exists: give --resume to go on with it, or another name"),
    ("log_in_no_folder", MODEL, [*M, "--log", "none/l.log"], "none/l.log: cannot write: No such file or directory"),
    ("log_in_a_file", MODEL, [*M, "--log", "arch.json/l.log"], "arch.json/l.log: cannot write: Not a directory"),
    ("log_device", MODEL, [*M, "--log", "/dev/full"], "/dev/full: exists: give --resume to go on with it, or another name"),
    ("resume_folder", MODEL, [*M, "--log", "folder", "--resume"], "folder: is a directory"),
    ("resume_in_a_file", MODEL, [*M, "--log", "arch.json/l.log", "--resume"], "arch.json/l.log: cannot write: Not a directory"),
    ("resume_empty", log(""), R, "l.log: must begin with the line of a search's log (it is empty)"),
    ("resume_torn_head", log(HEAD[:-1]), R, "l.log: must begin with the line of a search's log (it is empty)"),
    ("resume_no_json", log("plans\n"), R, 'l.log:1:1:1: unexpected word "plans"'),
    ("resume_other_schema", log(HEAD.replace("/1", "/2")), R,
     'l.log:1: /schema: must be "mpsim.search_log/1" (got "mpsim.search_log/2")'),
    ("resume_no_schema", log("{}\n"), R, "l.log:1: /schema: missing"),
    ("resume_no_depends", log(HEAD.split(', "dep')[0] + "}\n"), R, "l.log:1: /depends: missing"),
    ("resume_without_head", log(LINE), R, 'l.log:1: /: unknown key "plan" (known: schema, depends)'),
    ("resume_two_heads", log(HEAD + HEAD), R,
     'l.log:2: /: unknown key "schema" (known: plan, images, right, agree, loss)'),
    ("resume_bad_line", log(HEAD + LINE + "{\n"), R,
     "l.log:3:1:2: expected a key in double quotes (got the end of the text)"),
    ("resume_blank_line", log(HEAD + "\n" + LINE), R, "l.log:2:1:1: empty document"),
    ("resume_list", log(HEAD + "[]\n"), R, "l.log:2: /: must be an object (got an array)"),
    ("resume_key_misspelt", log(HEAD + LINE.replace("loss", "los")), R,
     'l.log:2: /: unknown key "los", did you mean "loss"?'),
    ("resume_key_missing", log(HEAD + '{"plan": "8/8 8 8 8"}\n'), R, "l.log:2: /images: missing"),
    ("resume_key_twice", log(HEAD + LINE.replace("right", "agree")), R,
     'l.log:2:1:48: key "agree" stands twice in one object'),
    ("resume_no_images", log(HEAD + LINE.replace("6", "0")), R,
     "l.log:2: /images: must be an integer of at least 1 (got 0)"),
    ("resume_too_many_right", log(HEAD + LINE.replace('right": 2', 'right": 7')), R,
     "l.log:2: /right: must be an integer 0..6 (got 7)"),
    ("resume_agree_negative", log(HEAD + LINE.replace('agree": 6', 'agree": -1')), R,
     "l.log:2: /agree: must be an integer 0..6 (got -1)"),
    ("resume_loss_text", log(HEAD + LINE.replace("0.5", '"low"')), R,
     "l.log:2: /loss: must be a number 0..1e+300 (got a string)"),
    ("resume_loss_negative", log(HEAD + LINE.replace("0.5", "-0.5")), R,
     "l.log:2: /loss: must be a number 0..1e+300 (got -0.5)"),
    ("resume_plan_number", log(HEAD + LINE.replace('"8/8 8 8 8"', "8")), R, "l.log:2: /plan: must be a string (got 8)"),
    ("resume_not_utf8", log((HEAD + "\xff\n").encode("latin-1")), R, "l.log:2:1:1: not valid UTF-8"),
    ("resume_nul", log(HEAD + "\0\n"), R, "l.log:2:1:1: NUL byte"),
    # What solvers cannot do
    ("exact_edp", H, [*C, "--minimize", "edp"],
     "solver exact needs costs that are sums over layers: the energy-delay product is none; take nsga2, "
     "exhaustive, greedy, bisection, descent or random"),
    ("exact_keep_on_chip", {**H, "arch.json": {"keep_on_chip": True}}, C,
     "solver exact needs costs that are sums over layers: with keep_on_chip they are not; take nsga2, "
     "exhaustive, greedy, bisection, descent or random"),
    ("exhaustive_too_large", MODEL, LARGE,
     "solver exhaustive takes at most 4194304 choices: there are 43046721; take fewer widths, fix or link "
     "layers, or another solver"),
    ("greedy_without_a_model", H, [*C, "--solver", "greedy"],
     "solver greedy measures plans: it needs a trained model and images (--model, --data)"),
    ("bisection_without_a_model", H, [*C, "--solver", "bisection"],
     "solver bisection measures plans: it needs a trained model and images (--model, --data)"),
    ("descent_without_a_model", H, [*C, "--solver", "descent"],
     "solver descent measures plans: it needs a trained model and images (--model, --data)"),
    ("random_without_a_model", H, [*C, "--solver", "random"],
     "solver random measures plans: it needs a trained model and images (--model, --data)"),
    ("refine_without_a_model", H, [*C, "--max-latency", "0.9x", "--refine"],
     "--refine measures plans: it needs a trained model and images (--model, --data)"),
    ("max_drop_without_a_model", H, [*C, "--max-drop", "1%"],
     "a drop is measured: it needs a trained model and images (--model, --data)"),
    ("unconstrained_greedy", MODEL, [*M, "--solver", "greedy"],
     "solver greedy needs a constraint: nothing says how much harm may come of the least latency (--max-drop, ...)"),
    ("unconstrained_random", MODEL, [*M, "--solver", "random", "--minimize", "edp"],
     "solver random needs a constraint: nothing says how much harm may come of the least edp (--max-drop, ...)"),
    ("least_drop_without_a_model", H, [*C, "--minimize", "drop"],
     "a drop is measured: it needs a trained model and images (--model, --data)"),
    # Files
    ("arch_missing", MODEL, ["search", "--arch", "bitserial_4x5", *M[3:]],
     'arch "bitserial_4x5": no such file, and none of that name is shipped, did you mean "bitserial_4x4"?'),
    ("workload_missing", H, ["search", "--arch", "arch.json", "--workload", "resnet9", *C[5:]],
     'workload "resnet9": no such file, and none of that name is shipped, did you mean "resnet8"?'),
    ("model_missing", MODEL, ["search", "--arch", "arch.json", "--model", "glyhps", *M[5:]],
     'model "glyhps": no such file, and none of that name is shipped, did you mean "glyphs"?'),
    ("tech_missing", MODEL, [*M, "--tech", "cmos45"],
     'tech "cmos45": no such file, and none of that name is shipped, did you mean "cmos45_hp"?'),
    ("plans_a_file", H, [*C, "--plans", "arch.json"], "arch.json: cannot make the folder: Not a directory"),
    ("plans_in_no_folder", H, [*C, "--plans", "none/plans"], "none/plans: cannot write: No such file or directory"),
    ("front_in_no_folder", H, [*C, "--front", "none/f.csv"], "none/f.csv: cannot write: No such file or directory"),
    ("front_a_folder", H, [*C, "--front", "folder.json"], "folder.json: is a directory"),
    ("save_plan_a_folder", H, [*C, "--max-latency", "0.9x", "--save-plan", "folder"], "folder: is a directory"),
    ("output_a_folder", H, [*C, "-o", "folder"], "folder: is a directory"),
    ("output_no_room", H, [*C, "-o", "/dev/full"], "/dev/full: cannot write: No space left on device"),
    ("svg_no_room", MODEL, ["sensitivity", *M[3:7], "--metric", "eagl", "--svg", "/dev/full"],
     "/dev/full: cannot write: No space left on device"),
    ("sensitivity_no_room", MODEL, ["sensitivity", *M[3:7], "--metric", "eagl", "-o", "/dev/full"],
     "/dev/full: cannot write: No space left on device"),
    # Logs of other searches
    ("resume_other_search", log(HEAD.replace(DEPENDS, "network")), R, other(made="network")),
    ("resume_other_images", log(HEAD), [*R, "--calibration-images", "3"],
     other(("6 images 61b40ec214401a89", "3 images 87c27d8bdc5d4ffb"))),
    ("resume_other_rounding", log(HEAD), [*R, "--rounding", "nearest"], other(("gptq", "nearest"))),
    ("resume_other_scales", log(HEAD), [*R, "--per-tensor"], other(("gptq", "gptq per tensor"))),
    ("resume_other_ranges", log(HEAD), [*R, "--activations", "minmax"], other(("activations mse", "activations minmax"))),
    ("resume_other_biases", log(HEAD), [*R, "--bias-correction", "off"], other(("correction 1", "correction 0"))),
    ("resume_other_accumulator", {**log(HEAD), "arch.json": {"array/accumulator/bits": 23}}, R, other(("24-bit", "23-bit"))),
    ("resume_other_network", {**log(HEAD), "m.onnx": TWICE}, R, other(("247706432e5a3fc2", "6f3116ffbd158810"))),
]
CASES += [(f"harm_value_{name}", harm(f"{HARM}fc:a,7,{text}\n"), C, f'h.csv:26: harm: must be a number of at most 1e100 (got "{text}")')
          for name, text in (("empty", ""), ("word", "low"), ("nan", "nan"), ("infinite", "1e999"), ("hex", "0x10"),
                             ("signs", "--1"))]
CASES += [(f"costs_{column}_{name}", costs(f"layer,a_bits,w_bits,{column}\nconv1,8,8,{text}\n"), [*C, "--costs", "c.csv"],
           f'c.csv:2: column "{column}": must be a number of at least 0 (got "{text}")')
          for column in ("latency_ms", "cycles", "energy_uj")
          for name, text in (("empty", ""), ("negative", "-1"), ("nan", "nan"), ("infinite", "1e999"), ("hex", "0x1"))]

# Constraints that nothing keeps: what is the least possible, behind a report. (name, files, arguments, why)
IMPOSSIBLE = [
    ("latency", H, [*C, "--max-latency", "0.5x"], "latency is at least 2019 cycles, its bound is 1212"),
    ("latency_in_cycles", H, [*C, "--max-latency", "1986cycles"], "latency is at least 2019 cycles, its bound is 1986"),
    ("latency_in_time", H, [*C, "--max-latency", "3us"], "latency is at least 2019 cycles, its bound is 1500"),
    ("size", H, [*C, "--minimize", "size", "--max-size", "799B"], "size is at least 1016 bytes, its bound is 799"),
    ("bops", H, [*C, "--max-bops", "0.1x"], "bops is at least 1285120 BOPs, its bound is 259072"),
    ("traffic", H, [*C, "--max-traffic", "1B"], "traffic is at least 3676 bytes, its bound is 1"),
    ("harm", H, [*C, "--max-harm", "-0.5"], "harm is at least 0, its bound is -0.5"),
    ("latency_and_harm", H, [*C, "--max-latency", "0.85x", "--max-harm", "2"],
     "harm, where the other bounds are kept, is at least 18, its bound is 2"),
    ("size_and_harm", H, [*C, "--minimize", "harm", "--max-size", "1600B", "--max-harm", "3"],
     "harm, where the other bounds are kept, is at least 6, its bound is 3"),
    ("two_costs_and_harm", H, [*C, "--max-latency", "0.9x", "--max-bops", "0.3x", "--max-harm", "11"],
     "bops is at least 1285120 BOPs, its bound is 777216"),
    ("one_of_two_alone", H, [*C, "--max-latency", "0.5x", "--max-harm", "0"],
     "latency is at least 2019 cycles, its bound is 1212"),
    ("fixed", H, [*C, "--max-size", "0.5x", "--fix", "conv2=8", "--fix", "fc=8", "--fix", "query=8"],
     "size is at least 3200 bytes, its bound is 1600"),
    ("one_width", H, [*C, "--bits", "8", "--max-latency", "0.99x"], "latency is at least 2424 cycles, its bound is 2399.76"),
    ("nsga2", H, [*C, "--solver", "nsga2", "--generations", "2", "--max-latency", "0.5x"],
     "no plan that was met keeps all bounds"),
    ("exhaustive", H, [*C, "--solver", "exhaustive", "--max-latency", "0.5x"], "no choice keeps all bounds"),
    ("drop", MODEL, [*M, "--bits", "2", "--max-drop", "0%"], "the plan at the widest widths has a drop of 66.67 %"),
    ("drop_of_accuracy", MODEL, [*LARGE[:-2], "--bits", "1", "--drop", "accuracy", "--max-drop", "0%"],
     "the plan at the widest widths has a drop of 87.50 %"),
    ("drop_of_loss", MODEL, [*M, "--bits", "8", "--drop", "loss", "--max-drop", "0.05"],
     "the plan at the widest widths has a loss 0.06219 above float's"),
    ("drop_within_a_cost", MODEL, [*M, "--bits", "2,8", "--max-drop", "0%", "--max-latency", "0.83x"],
     "the least harmful plan within the bounds has a drop of 66.67 %"),
    ("drop_of_the_least_harm", MODEL, [*M, "--bits", "2,8", "--minimize", "harm", "--max-drop", "0%", "--max-latency", "0.83x"],
     "the plan of least harm within the bounds does not keep the drop"),
    ("drop_exhaustive", MODEL, [*M, "--bits", "2", "--max-drop", "0%", "--solver", "exhaustive"],
     "the plan at the widest widths has a drop of 66.67 %"),
    ("drop_nsga2", MODEL, [*M, "--bits", "2", "--max-drop", "0%", "--solver", "nsga2"],
     "the plan at the widest widths has a drop of 66.67 %"),
    ("drop_greedy", MODEL, [*M, "--bits", "2", "--max-drop", "0%", "--solver", "greedy"],
     "the plan at the widest widths does not keep the drop"),
    ("drop_bisection", MODEL, [*M, "--bits", "2", "--max-drop", "0%", "--solver", "bisection"],
     "the plan at the widest widths does not keep the drop"),
    ("drop_descent", MODEL, [*M, "--bits", "2", "--max-drop", "0%", "--solver", "descent"],
     "the plan that the descent begins with does not keep the drop"),
    ("drop_random", MODEL, [*M, "--bits", "2", "--max-drop", "0%", "--solver", "random"],
     "no plan that was drawn keeps everything"),
    ("latency_greedy", MODEL, [*M, "--max-latency", "0.5x", "--solver", "greedy"],
     "the moves that keep the drop do not reach the bounds"),
    ("latency_bisection", MODEL, [*M, "--max-latency", "0.5x", "--solver", "bisection"],
     "the moves that keep the drop do not reach the bounds"),
    ("latency_descent", MODEL, [*M, "--max-latency", "0.5x", "--solver", "descent"],
     "no widths on the way down, all decisions at once, keep the bounds"),
    ("latency_random", MODEL, [*M, "--max-latency", "0.5x", "--solver", "random"], "no plan that was drawn keeps everything"),
]

SEARCH = ["search", "--arch", "a", "--model", "m", "--data", "d"]
WORK = ["search", "--arch", "a", "--workload", "w", "--metric", "h.csv"]
SENSE = ["sensitivity", "--model", "m", "--data", "d"]
USAGE = [
    ("search_nothing", ["search"], "mpsim search: option --arch is missing"),
    ("search_no_arch", ["search", "--model", "m", "--data", "d"], "mpsim search: option --arch is missing"),
    ("search_no_model", ["search", "--arch", "a"], "mpsim search: option --model (or --workload) is missing"),
    ("search_no_data", ["search", "--arch", "a", "--model", "m"], "mpsim search: option --data is missing"),
    ("sensitivity_nothing", ["sensitivity"], "mpsim sensitivity: option --model (or --workload) is missing"),
    ("sensitivity_no_data", ["sensitivity", "--model", "m"], "mpsim sensitivity: option --data is missing"),
    ("search_argument", [*SEARCH, "x"], 'mpsim search: unexpected argument "x"'),
    ("sensitivity_argument", [*SENSE, "x"], 'mpsim sensitivity: unexpected argument "x"'),
    ("search_model_and_workload", [*SEARCH, "--workload", "w"], "mpsim search: --model and --workload exclude each other"),
    ("sensitivity_model_and_workload", [*SENSE, "--workload", "w"],
     "mpsim sensitivity: --model and --workload exclude each other"),
    ("search_data_and_workload", [*WORK, "--data", "d"], "mpsim search: --data goes with --model"),
    ("search_workload_without_harms", WORK[:5],
     "mpsim search: --workload has no weights: the metric must be a file (--metric FILE), or take --model"),
    ("search_workload_measured", [*WORK[:5], "--metric", "loss"],
     "mpsim search: --workload has no weights: the metric must be a file (--metric FILE), or take --model"),
    ("sensitivity_workload_by_weights", ["sensitivity", "--workload", "w", "--metric", "eagl"],
     "mpsim sensitivity: --workload has no weights: the metric must be a file (--metric FILE), or take --model"),
    ("search_log_of_a_workload", [*WORK, "--log", "l"],
     "mpsim search: --log goes with --model: without one nothing is measured"),
    ("search_workload_images", [*WORK, "--images", "5"], "mpsim search: --images goes with --model"),
    ("search_workload_affine", [*WORK, "--affine"], "mpsim search: --affine goes with --model"),
    ("search_on_test_images", [*SEARCH, "--calibrate", SEARCH[SEARCH.index("--data") + 1]],
     "mpsim search: --calibrate names the test images of --data, which a search may not look at: leave it out, and the "
     "training part is taken"),
    ("search_output_twice", [*SEARCH, "--max-harm", "1", "--save-plan", "x.json", "--front", "x.json"],
     'mpsim search: "x.json" would be written over: it is named twice'),
    ("search_output_over_log", [*SEARCH, "--log", "x.json", "--max-harm", "1", "--save-plan", "x.json"],
     'mpsim search: "x.json" would be written over: it is named twice'),
    ("search_output_over_metric", [*WORK, "--front", "./h.csv", "--max-harm", "1", "--save-plan", "h.csv"],
     'mpsim search: "h.csv" would be written over: it is named twice'),
    ("search_resume_alone", [*SEARCH, "--resume"], "mpsim search: --resume goes with --log"),
    ("search_three_sets", [*SEARCH, "--bits", "2", "--weight-bits", "4", "--activation-bits", "8"],
     "mpsim search: --bits says nothing beside --weight-bits and --activation-bits"),
    ("search_metric_misspelt", [*SEARCH, "--metric", "hawk"],
     'mpsim search: option --metric: must be one of eagl, error, noise, hessian, hawq, fit, sqnr, loss, accuracy, or a '
     'file (got "hawk"), did you mean "hawq"?'),
    ("search_metric_like_none", [*SEARCH, "--metric", "zebra"],
     'mpsim search: option --metric: must be one of eagl, error, noise, hessian, hawq, fit, sqnr, loss, accuracy, or a '
     'file (got "zebra")'),
    ("sensitivity_metric_misspelt", [*SENSE, "--metric", "eagel"],
     'mpsim sensitivity: option --metric: must be one of eagl, error, noise, hessian, hawq, fit, sqnr, loss, accuracy, or '
     'a file (got "eagel"), did you mean "eagl"?'),
    ("search_solver_misspelt", [*SEARCH, "--solver", "exat"],
     'mpsim search: option --solver: must be one of exact, exhaustive, nsga2, greedy, bisection, descent, random (got '
     '"exat"), did you mean "exact"?'),
    ("search_solver_like_none", [*SEARCH, "--solver", "zebra"],
     'mpsim search: option --solver: must be one of exact, exhaustive, nsga2, greedy, bisection, descent, random (got '
     '"zebra")'),
    ("search_objective_misspelt", [*SEARCH, "--minimize", "latencey"],
     'mpsim search: option --minimize: must be one of latency, energy, size, bops, traffic, edp, harm, drop (got '
     '"latencey"), did you mean "latency"?'),
    ("search_objective_like_none", [*SEARCH, "--minimize", "zebra"],
     'mpsim search: option --minimize: must be one of latency, energy, size, bops, traffic, edp, harm, drop (got "zebra")'),
    ("search_drop_misspelt", [*SEARCH, "--drop", "acuracy"],
     'mpsim search: option --drop: must be one of agreement, accuracy, loss (got "acuracy"), did you mean "accuracy"?'),
    ("search_encoding_misspelt", [*SEARCH, "--encoding", "od"],
     'mpsim search: option --encoding: must be one of twos, odd (got "od"), did you mean "odd"?'),
    ("search_option_misspelt", [*SEARCH, "--max-latncy", "1x"],
     "mpsim search: unknown option --max-latncy, did you mean --max-latency?"),
    ("sensitivity_option_of_search", [*SENSE, "--solver", "exact"], "mpsim sensitivity: unknown option --solver"),
    ("search_option_twice", [*SEARCH, "--arch", "b"], "mpsim search: option --arch: given twice"),
    ("search_bits_empty", [*SEARCH, "--bits", ""], "mpsim search: option --bits: must not be empty"),
    ("search_max_latency_empty", [*SEARCH, "--max-latency", ""], "mpsim search: option --max-latency: must not be empty"),
    ("search_weight_bits_9", [*SEARCH, "--weight-bits", "9"],
     'mpsim search: option --weight-bits: must be widths of 1..8 bits, as in 2,4,8 or 2-8 (got "9")'),
    ("search_activation_bits_word", [*SEARCH, "--activation-bits", "2,x"],
     'mpsim search: option --activation-bits: must be widths of 1..8 bits, as in 2,4,8 or 2-8 (got "2,x")'),
    ("sensitivity_bits_9", [*SENSE, "--bits", "9"],
     'mpsim sensitivity: option --bits: must be widths of 1..8 bits, as in 2,4,8 or 2-8 (got "9")'),
    ("search_max_energy_in_ms", [*SEARCH, "--max-energy", "3ms"],
     'mpsim search: option --max-energy: must be a number above 0 with a unit, or times uniform 8, as in 0.5x or 120uJ '
     '(got "3ms")'),
    ("search_max_size_in_cycles", [*SEARCH, "--max-size", "3cycles"],
     'mpsim search: option --max-size: must be a number above 0 with a unit, or times uniform 8, as in 0.5x or 60KB (got '
     '"3cycles")'),
    ("search_max_bops_k", [*SEARCH, "--max-bops", "3k"],
     'mpsim search: option --max-bops: must be a number above 0 with a unit, or times uniform 8, as in 0.5x or 2.5G (got '
     '"3k")'),
    ("search_max_traffic_blank", [*SEARCH, "--max-traffic", "1.2 MB"],
     'mpsim search: option --max-traffic: must be a number above 0 with a unit, or times uniform 8, as in 0.5x or 1.2MB '
     '(got "1.2 MB")'),
    ("search_max_drop_of_accuracy", [*SEARCH, "--drop", "accuracy", "--max-drop", "0.01"],
     'mpsim search: option --max-drop: must be a share of the images 0%..100%, as in 1% (got "0.01")'),
    ("search_max_drop_of_loss_percent", [*SEARCH, "--drop", "loss", "--max-drop", "1%"],
     'mpsim search: option --max-drop: of the loss it must be a number, as in 0.05 (got "1%")'),
    ("search_max_drop_of_loss_negative", [*SEARCH, "--drop", "loss", "--max-drop", "-1"],
     'mpsim search: option --max-drop: of the loss it must be a number, as in 0.05 (got "-1")'),
    ("search_max_drop_of_loss_infinite", [*SEARCH, "--drop", "loss", "--max-drop", "inf"],
     'mpsim search: option --max-drop: of the loss it must be a number, as in 0.05 (got "inf")'),
    ("search_second_front", [*SEARCH, "--front", "f.csv", "--front", "f.pdf"],
     'mpsim search: option --front: the name must end in .csv, .json or .svg (got "f.pdf")'),
    ("search_output_csv", [*SEARCH, "-o", "a.csv"],
     "mpsim search: there is no CSV of the report: --output takes a name ending in .json, or text (--front has one)"),
    ("sensitivity_svg_png", [*SENSE, "--svg", "a.png"],
     'mpsim sensitivity: option --svg: the name must end in .svg (got "a.png")'),
    ("sensitivity_json_and_csv", [*SENSE, "--json", "--csv"], "mpsim sensitivity: --json and --csv exclude each other"),
    ("search_save_plan_of_no_bound", [*SEARCH, "--save-plan", "p.json"],
     "mpsim search: --save-plan needs a constraint (--max-drop, --max-harm, ...): without one there is the front alone"),
    ("search_slices_0", [*SEARCH, "--slices", "0"], 'mpsim search: option --slices: must be an integer 1..7 (got "0")'),
    ("search_slices_8", [*SEARCH, "--slices", "8"], 'mpsim search: option --slices: must be an integer 1..7 (got "8")'),
    ("search_max_evals_0", [*SEARCH, "--max-evals", "0"],
     'mpsim search: option --max-evals: must be an integer 1..1000000000 (got "0")'),
    ("search_population_3", [*SEARCH, "--population", "3"],
     'mpsim search: option --population: must be an integer 4..10000 (got "3")'),
    ("search_generations_1000001", [*SEARCH, "--generations", "1000001"],
     'mpsim search: option --generations: must be an integer 1..1000000 (got "1000001")'),
    ("search_batch_0", [*SEARCH, "--batch", "0"], 'mpsim search: option --batch: must be an integer 1..65536 (got "0")'),
    ("search_output_bits_33", [*SEARCH, "--output-bits", "33"],
     'mpsim search: option --output-bits: must be an integer 1..32 (got "33")'),
    ("search_probes_0", [*SEARCH, "--probes", "0"], 'mpsim search: option --probes: must be an integer 1..10000 (got "0")'),
    ("search_metric_images_0", [*SEARCH, "--metric-images", "0"],
     'mpsim search: option --metric-images: must be an integer 1..65536 (got "0")'),
    ("search_seed_0", [*SEARCH, "--seed", "0"],
     'mpsim search: option --seed: must be an integer 1..9007199254740992 (got "0")'),
    ("search_images_0", [*SEARCH, "--images", "0"],
     'mpsim search: option --images: must be an integer 1..4294967296 (got "0")'),
    ("search_jobs_0", [*SEARCH, "--jobs", "0"], 'mpsim search: option --jobs: must be an integer 1..256 (got "0")'),
    ("search_percentile_alone", [*SEARCH, "--percentile", "99"],
     "mpsim search: --percentile goes with --weights percentile or --activations percentile"),
    ("search_fixed_point_per_tensor", [*SEARCH, "--dynamic-fixed-point", "--per-tensor"],
     "mpsim search: --dynamic-fixed-point has one scale a tensor as it is: leave out --per-tensor"),
    ("search_dimension", [*SEARCH, "--dim", "N=0"], 'mpsim search: --dim must be NAME=N with N 1..16777216 (got "N=0")'),
    ("sensitivity_dimension", [*SENSE, "--dim", "N"], 'mpsim sensitivity: --dim must be NAME=N with N 1..16777216 (got "N")'),
]


def add_forms(option, form, texts):
    """A wrong form of an option's value each."""
    USAGE.extend((f"search_{option.replace('-', '_')}_{name}", [*SEARCH, f"--{option}", text],
                  f'mpsim search: option --{option}: must {form} (got "{text}")') for name, text in texts)


add_forms("bits", "be widths of 1..8 bits, as in 2,4,8 or 2-8",
          [("9", "9"), ("0", "0"), ("comma_behind", "2,"), ("comma_before", ",2"), ("open_range", "2-"), ("range_down", "8-2"),
           ("range_of_three", "2-4-8"), ("range_to_9", "2-9"), ("blank", "2 4"), ("word", "all"), ("negative", "-2")])
add_forms("fix", "be LAYER=BITS with 1..8 bits, LAYER:w=BITS or LAYER:a=BITS",
          [("no_width", "conv1"), ("no_layer", "=8"), ("empty", "conv1="), ("9", "conv1=9"), ("0", "conv1=0"),
           ("88", "conv1=88"), ("part_empty", "conv1:w=")])
add_forms("max-latency", "be a number above 0 with a unit, or times uniform 8, as in 0.5x, 3ms or 20000cycles",
          [("0", "0x"), ("no_unit", "3"), ("negative", "-1x"), ("nan", "nanx"), ("unit_misspelt", "3mss"),
           ("infinite", "1e999x"), ("hex", "0x1p3x"), ("no_number", "x"), ("blank", " 1x"), ("of_energy", "3uJ")])
add_forms("max-drop", "be a share of the images 0%..100%, as in 1%",
          [("no_percent", "1"), ("negative", "-1%"), ("101", "101%"), ("nan", "nan%"), ("hex", "0x1%"), ("alone", "%"),
           ("twice", "1%%")])
add_forms("max-harm", "be a number", [("word", "low"), ("nan", "nan"), ("unit", "1x"), ("sign", "+"), ("infinite", "1e999")])
USAGE += [(f"search_front_{name}", [*SEARCH, "--front", text],
           f'mpsim search: option --front: the name must end in .csv, .json or .svg (got "{text}")')
          for name, text in (("text", "front.txt"), ("ending_alone", ".csv"), ("no_ending", "front"))]
