# SPDX-License-Identifier: Apache-2.0
"""mpsim inspect: (name, files, arguments, message), and wrong usage."""
import formats
from onnx_writer import graph, model, node, tensor, value


def net(weight=0.5, inputs=1, scale=1.0):
    """x, and z where there are two inputs -> conv "stem" with batch norm -> relu "act"; a list for what is not convolved."""
    nodes = [node("Conv", ["x", "w"], ["c"], "stem"), node("BatchNormalization", ["c", "s", "b", "m", "v"], ["n"], "norm")]
    nodes.append(node("Add", ["n", "z"], ["y"], "sum") if inputs == 2 else node("Relu", ["n"], ["y"], "act"))
    tensors = [tensor("w", [2, 3, 1, 1], [weight] * 6), tensor("s", [2], [scale] * 2), tensor("b", [2], [0.0] * 2),
               tensor("m", [2], [0.0] * 2), tensor("v", [2], [1.0] * 2)]
    names = [value("x", ["N", 3, 4, 4]), value("z", ["N", 2, 4, 4])][:inputs]
    return model(graph(nodes, names, [value("y", None)], tensors))


M = {"m.onnx": net()}
X = formats.npy((2, 3, 4, 4), range(96))

CASES = [
    ("model_missing", {}, ["glyfs"], 'model "glyfs": no such file, and none of that name is shipped, did you mean "glyphs"?'),
    ("model_missing_path", {}, ["./m.onnx"], "./m.onnx: cannot open: No such file or directory"),
    ("model_is_json", {}, ["arch.json"], "arch.json: not an ONNX model: byte 0: not the beginning of a field"),
    ("dimension_unknown", M, ["m.onnx", "--dim", "M=2"], 'm.onnx: no input has a dimension "M" (--dim)'),
    ("dimension_of_the_batch", M, ["m.onnx", "--dim", "N=4"],
     'm.onnx: input "x": dimension 0, "N", is the batch, which is 1 here (got --dim N=4): "batch" of a plan says how many run '
     "together"),
    ("layer_missing", M, ["m.onnx", "--layer", "stam"], 'm.onnx: there is no layer "stam", did you mean "stem"?'),
    ("layer_like_none", M, ["m.onnx", "--layer", "zebra\n"], 'm.onnx: there is no layer "zebra\\u000a"'),
    ("not_finite", {"m.onnx": net(3e38, scale=30.0)}, ["m.onnx"],
     'm.onnx: layer "stem": weight 0 must be finite (got inf, with batch norm folded in)'),
    ("data_missing", M, ["m.onnx", "--data", "x.npy"],
     'data set "x.npy": no such file or folder, and none of that name is drawn (known: glyphs)'),
    ("data_of_other_shape", {**M, "x.npy": X, "y.npy": formats.npy((2, 3, 4, 5), range(120))},
     ["m.onnx", "--data", "y.npy", "--histograms", "m.svg"],
     'y.npy: images must be 3x4x4, as "m.onnx" takes them (got 3x4x5)'),
    ("data_for_two_inputs", {"m.onnx": net(inputs=2), "x.npy": X}, ["m.onnx", "--data", "x.npy"],
     "m.onnx: must have one input (got 2)"),
    ("data_overflows", {"m.onnx": net(3e38), "x.npy": X}, ["m.onnx", "--data", "x.npy", "--jobs", "1"],
     'm.onnx: tensor "y" has a number that is not finite'),
    ("preprocess_missing", {**M, "x.npy": X}, ["m.onnx", "--data", "x.npy", "--preprocess", "imagenett"],
     'preprocess "imagenett": no such file, and none of that name is shipped, did you mean "imagenet"?'),
    ("histograms_folder_missing", M, ["m.onnx", "--histograms", "none/m.svg"],
     "none/m.svg: cannot write: No such file or directory"),
    ("histograms_folder", M, ["m.onnx", "--histograms", "folder"], "folder: is a directory"),
    ("histograms_no_room", M, ["m.onnx", "--histograms", "/dev/full"], "/dev/full: cannot write: No space left on device"),
    ("output_no_room", M, ["m.onnx", "-o", "/dev/full"], "/dev/full: cannot write: No space left on device"),
]

USAGE = [
    ("inspect_nothing", ["inspect"], "mpsim inspect: no model is named"),
    ("inspect_two", ["inspect", "a", "b"], "mpsim inspect: one model at a time (got 2)"),
    ("inspect_json_and_csv", ["inspect", "a", "--json", "--csv"], "mpsim inspect: --json and --csv exclude each other"),
    ("inspect_histograms_png", ["inspect", "glyphs", "--histograms", "x.png"],
     'mpsim inspect: option --histograms: the name must end in .svg (got "x.png")'),
    ("inspect_images_alone", ["inspect", "a", "--images", "3"], "mpsim inspect: --images goes with --data"),
    ("inspect_preprocess_alone", ["inspect", "a", "--preprocess", "p"], "mpsim inspect: --preprocess goes with --data"),
    ("inspect_jobs_alone", ["inspect", "a", "--jobs", "2"], "mpsim inspect: --jobs goes with --data"),
    ("inspect_images_0", ["inspect", "a", "--images", "0"],
     'mpsim inspect: option --images: must be an integer 1..65536 (got "0")'),
    ("inspect_dim", ["inspect", "a", "--dim", "n"], 'mpsim inspect: --dim must be NAME=N with N 1..16777216 (got "n")'),
]
