# SPDX-License-Identifier: Apache-2.0
"""mpsim accuracy: (name, files, arguments, message), and wrong usage. `{configs}` in a message is the folder of shipped files."""
import formats
import good
from onnx_writer import graph, model, node, tensor, value

X = value("x", ["N", 3, 8, 8])
Y = value("y", None)
WEIGHTS = [0.1 * (i * 7 % 11 - 5) for i in range(108)]
HEAD = [node("GlobalAveragePool", ["c"], ["g"], "gap"), node("Flatten", ["g"], ["y"], "flat")]


def net(weights=WEIGHTS, nodes=None, inputs=(X,)):
    """x -> conv "conv" of 4 channels -> average -> y"""
    nodes = nodes or [node("Conv", ["x", "w"], ["c"], "conv"), *HEAD]
    return model(graph(nodes, list(inputs), [Y], [tensor("w", [4, 3, 3, 3], weights)]))


PIXELS = [i * 37 % 256 for i in range(6 * 192)]
LABELS = formats.npy((6,), [0, 1, 2, 3, 0, 1])
DATA = formats.npz(x=formats.npy((6, 3, 8, 8), PIXELS), y=LABELS)
M = {"m.onnx": net(), "d.npz": DATA}
W4 = ["--model", "m.onnx", "--data", "d.npz", "--w-bits", "4"]
FLOAT = W4[:4]

DIFFERENCE = [node("Conv", ["x", "w"], ["a"], "conv"), node("Sigmoid", ["a"], ["e"], "sigmoid"), node("Sub", ["a", "e"], ["c"], "difference"),
            *HEAD]
EDGES = [node("Conv", ["x", "w"], ["a"], "conv"),
         node("AveragePool", ["a"], ["c"], "edges", kernel_shape=[3, 3], pads=[1, 1, 1, 1]), *HEAD]
TWO = [node("Add", ["x", "z"], ["s"], "sum"), node("Conv", ["s", "w"], ["c"], "conv"), *HEAD]


def plan(**more):
    return good.dumped({"name": "p", "workload": "m.onnx", **more})


CASES = [
    # Model
    ("model_missing", M, ["--model", "glyhps", *FLOAT[2:]],
     'model "glyhps": no such file, and none of that name is shipped, did you mean "glyphs"?'),
    ("model_missing_path", M, ["--model", "./n.onnx", *FLOAT[2:]], "./n.onnx: cannot open: No such file or directory"),
    ("model_is_json", M, ["--model", "arch.json", *FLOAT[2:]],
     "arch.json: not an ONNX model: byte 0: not the beginning of a field"),
    ("model_with_two_inputs", {**M, "m.onnx": net(nodes=TWO, inputs=[X, value("z", ["N", 3, 8, 8])])}, W4,
     "m.onnx: must have one input (got 2)"),
    ("weight_not_a_number", {**M, "m.onnx": net([float("nan")] + WEIGHTS[1:])}, FLOAT,
     'm.onnx: initialiser "w": element 0 is not a number'),
    ("scores_infinite", {**M, "m.onnx": net([3e38] * 108)}, FLOAT, 'm.onnx: tensor "y" has a number that is not finite'),
    ("tensors_infinite", {**M, "m.onnx": net([3e38] * 108)}, W4, 'm.onnx: tensor "c" has a number that is not finite'),
    ("dimension_unknown", M, [*FLOAT, "--dim", "M=1"], 'm.onnx: no input has a dimension "M" (--dim)'),
    # What integers cannot do
    ("difference", {**M, "m.onnx": net(nodes=DIFFERENCE)}, W4,
     'm.onnx: layer "difference": cannot be computed in integers: a difference of two activations'),
    ("difference_uncorrected", {**M, "m.onnx": net(nodes=DIFFERENCE)}, [*W4, "--bias-correction", "off"],
     'm.onnx: layer "difference": cannot be computed in integers: a difference of two activations'),
    ("pool_at_the_edges", {**M, "m.onnx": net(nodes=EDGES)}, W4,
     'm.onnx: layer "edges": cannot be computed in integers: windows at the edge average over fewer elements'),
    ("outputs_of_32_bits", {**M, "p.json": plan(output_bits=32)}, ["--plan", "p.json", "--data", "d.npz"],
     'm.onnx: tensor "g": integer inference takes at most 15 bits, 16 with a sign (got 32)'),
    # Data
    ("data_missing", M, ["--model", "m.onnx", "--data", "glyhps"],
     'data set "glyhps": no such file or folder, did you mean "glyphs"?'),
    ("data_like_none", M, ["--model", "m.onnx", "--data", "zebra"],
     'data set "zebra": no such file or folder, and none of that name is drawn (known: glyphs)'),
    ("data_of_other_size", {**M, "d.npz": formats.npz(x=formats.npy((2, 3, 8, 9), PIXELS[:432]))}, W4,
     'd.npz: images must be 3x8x8, as "m.onnx" takes them (got 3x8x9)'),
    ("data_of_other_channels", {**M, "d.npz": formats.npz(x=formats.npy((2, 1, 8, 8), PIXELS[:128]))}, FLOAT,
     'd.npz: images must be 3x8x8, as "m.onnx" takes them (got 1x8x8)'),
    ("more_classes_than_scores",
     {**M, "d.npz": formats.npz(x=formats.npy((6, 3, 8, 8), PIXELS), y=formats.npy((6,), [0, 1, 2, 3, 4, 5]))}, W4,
     'd.npz: must have at most the 4 classes of network "m" (got 6)'),
    ("data_not_a_number", {**M, "d.npy": formats.npy((1, 3, 8, 8), [float("nan")] * 192, "<f4")},
     ["--model", "m.onnx", "--data", "d.npy"],
     "d.npy: element 0 of the first axis has a value that no float holds (nan)"),
    ("data_is_a_folder", M, ["--model", "m.onnx", "--data", "folder"],
     "folder: neither batches of CIFAR nor folders of PNG files, one a class"),
    ("preprocess_missing", M, [*FLOAT, "--preprocess", "imagent"],
     'preprocess "imagent": no such file, and none of that name is shipped, did you mean "imagenet"?'),
    ("calibration_missing", M, [*W4, "--calibrate", "none.npz"],
     'data set "none.npz": no such file or folder, and none of that name is drawn (known: glyphs)'),
    ("calibration_of_other_size", M, [*W4, "--calibrate", "glyphs"],
     'glyphs: images must be 3x8x8, as "m.onnx" takes them (got 3x16x16)'),
    # Plan
    ("plan_missing", M, [*FLOAT, "--plan", "glyphs_w8a9"],
     'plan "glyphs_w8a9": no such file, and none of that name is shipped, did you mean "glyphs_w8a8"?'),
    ("plan_of_another_network", M, [*FLOAT, "--plan", "glyphs_mixed"],
     '{configs}/plans/glyphs_mixed.json: /layers: workload "m" has no layer "stem"'),
    ("plan_layer_misspelt", {**M, "p.json": plan(layers={"cnv": {"w_bits": 4}})}, ["--plan", "p.json", "--data", "d.npz"],
     'p.json: /layers: workload "m" has no layer "cnv", did you mean "conv"?'),
    ("plan_slices", {**M, "p.json": plan(layers={"conv": {"w_bits": [{"channels": 5, "bits": 4}]}})},
     ["--plan", "p.json", "--data", "d.npz"],
     'p.json: /layers/conv/w_bits: channels must add up to 4 (got more)'),
    ("plan_without_a_model", M, ["--plan", "plan.json", "--data", "d.npz"],
     'plan.json: /workload: must be an ONNX model when there is no --model (got "workload.json")'),
    ("plan_of_no_model", {**M, "p.json": plan(workload="n.onnx")}, ["--plan", "p.json", "--data", "d.npz"],
     "n.onnx: cannot open: No such file or directory"),
    # Accelerator, output
    ("arch_missing", M, [*W4, "--arch", "bitserial_4x5"],
     'arch "bitserial_4x5": no such file, and none of that name is shipped, did you mean "bitserial_4x4"?'),
    ("output_folder", M, [*FLOAT, "-o", "folder"], "folder: is a directory"),
    ("output_no_room", M, [*FLOAT, "-o", "/dev/full"], "/dev/full: cannot write: No space left on device"),
]

OPTIONS = [("calibrate", "x"), ("calibration-images", "3"), ("weights", "minmax"), ("rounding", "nearest"),
           ("activations", "minmax"), ("per-tensor", None), ("affine", None), ("dynamic-fixed-point", None),
           ("bias-correction", "off"), ("equalize", "on"), ("arch", "a"), ("weights-only", None)]
COMMON = ["accuracy", "--model", "m", "--data", "d"]

USAGE = [
    ("accuracy_nothing", ["accuracy"], "mpsim accuracy: option --model is missing"),
    ("accuracy_no_model", ["accuracy", "--data", "d"], "mpsim accuracy: option --model is missing"),
    ("accuracy_no_data", ["accuracy", "--model", "m"], "mpsim accuracy: option --data is missing"),
    ("accuracy_argument", [*COMMON, "m.onnx"], 'mpsim accuracy: unexpected argument "m.onnx"'),
    ("accuracy_plan_and_bits", [*COMMON, "--plan", "p", "--w-bits", "4"],
     "mpsim accuracy: --plan and --w-bits exclude each other"),
    ("accuracy_a_bits_alone", [*COMMON, "--a-bits", "4"], "mpsim accuracy: --a-bits goes with --w-bits"),
    ("accuracy_a_bits_with_plan", [*COMMON, "--plan", "p", "--a-bits", "4"], "mpsim accuracy: --a-bits goes with --w-bits"),
    ("accuracy_bits_9", [*COMMON, "--w-bits", "9"], 'mpsim accuracy: option --w-bits: must be an integer 1..8 (got "9")'),
    ("accuracy_images_0", [*COMMON, "--images", "0"],
     'mpsim accuracy: option --images: must be an integer 1..4294967296 (got "0")'),
    ("accuracy_calibration_images_0", [*COMMON, "--w-bits", "4", "--calibration-images", "0"],
     'mpsim accuracy: option --calibration-images: must be an integer 1..65536 (got "0")'),
    ("accuracy_jobs_257", [*COMMON, "--jobs", "257"], 'mpsim accuracy: option --jobs: must be an integer 1..256 (got "257")'),
    ("accuracy_method_unknown", [*COMMON, "--w-bits", "4", "--weights", "mes"],
     'mpsim accuracy: option --weights: must be one of mse, minmax, percentile (got "mes"), did you mean "mse"?'),
    ("accuracy_percentile_alone", [*COMMON, "--w-bits", "4", "--percentile", "99"],
     "mpsim accuracy: --percentile goes with --weights percentile or --activations percentile"),
    ("accuracy_percentile_101", [*COMMON, "--w-bits", "4", "--weights", "percentile", "--percentile", "101"],
     'mpsim accuracy: option --percentile: must be a number 1..100 (got "101")'),
    ("accuracy_percentile_nan", [*COMMON, "--w-bits", "4", "--weights", "percentile", "--percentile", "nan"],
     'mpsim accuracy: option --percentile: must be a number 1..100 (got "nan")'),
    ("accuracy_fixed_point_per_tensor", [*COMMON, "--w-bits", "4", "--dynamic-fixed-point", "--per-tensor"],
     "mpsim accuracy: --dynamic-fixed-point has one scale a tensor as it is: leave out --per-tensor"),
    ("accuracy_arch_and_weights_only", [*COMMON, "--w-bits", "4", "--arch", "a", "--weights-only"],
     "mpsim accuracy: --arch and --weights-only exclude each other"),
    ("accuracy_csv", [*COMMON, "-o", "a.csv"],
     "mpsim accuracy: there is no CSV of it: --output takes a name ending in .json, or text"),
    ("accuracy_dimension", [*COMMON, "--dim", "N=0"], 'mpsim accuracy: --dim must be NAME=N with N 1..16777216 (got "N=0")'),
] + [(f"accuracy_{name}_needs_bits", [*COMMON, f"--{name}", *([] if text is None else [text])],
      f"mpsim accuracy: --{name} needs --plan or --w-bits") for name, text in OPTIONS]
