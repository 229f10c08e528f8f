# SPDX-License-Identifier: Apache-2.0
"""Data sets that cannot be read. (name, files, arguments behind `dataset`, message)"""
import io
import struct
import zipfile

import formats

X = formats.npy((2, 3, 1, 1), range(6))
PNG = formats.png(2, 1, [[1, 2, 3, 4, 5, 6]])
BY_HEADER = "{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}"


def head(descr="|u1", shape="(2, 3, 1, 1)", more=6):
    return formats.header(BY_HEADER.format(descr, shape)) + bytes(more)


def text(header):
    return formats.header(header) + bytes(6)


def claimed(size, method=zipfile.ZIP_STORED):
    """An archive whose directory claims another size of x.npy than it has."""
    content = bytearray(formats.npz(False, x=head(shape="(1, 1, 40000, 40000)", more=100)))
    entry = content.index(b"PK\1\2")
    content[entry + 24:entry + 28] = struct.pack("<I", size)
    content[entry + 10:entry + 12] = struct.pack("<H", method)
    return bytes(content)


def broken():
    """An archive in which a byte of the deflated array has changed."""
    content = bytearray(formats.npz(False, x=X))
    content[content.index(b"PK\1\2") - 1] ^= 1
    return bytes(content)


def empty_archive():
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    return out.getvalue()


def npy(name, content, message):
    return (f"npy_{name}", {"x.npy": content}, ["x.npy"], message)


def cifar_size(got):
    return (f"a.bin: its size must be a multiple of 3073 bytes (CIFAR-10: a label and 3x32x32 pixels) or of 3074 (CIFAR-100: "
            f"two labels) (got {got} bytes)")


CASES = [
    ("missing", {}, ["glyfs"], 'data set "glyfs": no such file or folder, did you mean "glyphs"?'),
    ("missing_like_none", {}, ["mnist"],
     'data set "mnist": no such file or folder, and none of that name is drawn (known: glyphs)'),
    ("missing_path", {}, ["data/x.npy"], "data/x.npy: no such file or folder"),
    ("unknown_ending", {"a.tar": b""}, ["a.tar"], "a.tar: not a data set (known: .bin of CIFAR, .npy, .npz, folders)"),
    # CIFAR
    ("cifar_empty", {"a.bin": b""}, ["a.bin"], cifar_size(0)),
    ("cifar_cut", {"a.bin": formats.cifar([1, 2])[:-1]}, ["a.bin"], cifar_size(6145)),
    ("cifar_label", {"a.bin": formats.cifar([1, 10])}, ["a.bin"], "a.bin: image 1: its label must be 0..9 (got 10)"),
    ("cifar_no_train", {"d/test_batch.bin": formats.cifar([1])}, ["d", "--split", "train"], "d: has no train split"),
    ("cifar_no_test", {"d/data_batch_1.bin": formats.cifar([1])}, ["d"], "d: has no test split"),
    ("cifar_second_cut", {"d/data_batch_1.bin": formats.cifar([1]), "d/data_batch_2.bin": b"x"},
     ["d", "--split", "train"], cifar_size(1).replace("a.bin", "d/data_batch_2.bin")),
    # .npy
    npy("empty", b"", "x.npy: not an .npy file (0 bytes)"),
    npy("other", b"P5 16 16 255\n" + bytes(256), "x.npy: not an .npy file (does not begin with \\x93NUMPY)"),
    npy("version", b"\x93NUMPY\4\0" + bytes(99), "x.npy: .npy version must be 1..3 (got 4)"),
    npy("header_beyond_file", b"\x93NUMPY\1\0\xff\x7f" + bytes(99),
        "x.npy: the header's size must be at most 65535 bytes and that of the file (got 32767)"),
    npy("header_huge", b"\x93NUMPY\2\0\xff\xff\xff\xff" + bytes(99),
        "x.npy: the header's size must be at most 65535 bytes and that of the file (got 4294967295)"),
    npy("header_nul", b"\x93NUMPY\1\0\x02\x00{\0" + bytes(9), "x.npy: header: has a NUL"),
    npy("header_no_dict", text("[1, 2]"), 'x.npy: header: expected { at "[1, 2]"'),
    npy("header_open", text("{'descr': '|u1'"), "x.npy: header: expected a comma at \"\""),
    npy("header_key", text("{'descr': '|u1', 'order': 1}"),
        "x.npy: header: expected 'descr', 'fortran_order' or 'shape' at \"'order': 1}\""),
    npy("header_key_twice", text("{'descr': '|u1', 'descr': '|u1'}"),
        "x.npy: header: expected no key twice at \"'descr': '|u1'}\""),
    npy("header_key_missing", text("{'descr': '|u1', 'shape': (2, 3)}"), "x.npy: header: has no 'fortran_order'"),
    npy("header_more", text(BY_HEADER.format("|u1", "(6,)") + " x"), "x.npy: header: expected nothing behind } at \"x\""),
    npy("order", text("{'descr': '|u1', 'fortran_order': 1, 'shape': (6,)}"),
        "x.npy: header: expected True or False at \"1, 'shape': (6,)}\""),
    npy("objects", head("|O"), "x.npy: holds Python objects (dtype '|O'), not numbers"),
    npy("structured", text("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}"),
        "x.npy: has a structured dtype, not one of numbers"),
    npy("bool", head("|b1"), "x.npy: dtype must be u1..u8, i1..i8, f2, f4 or f8 (got '|b1')"),
    npy("complex", head("<c8"), "x.npy: dtype must be u1..u8, i1..i8, f2, f4 or f8 (got '<c8')"),
    npy("quad", head("<f16"), "x.npy: dtype must be u1..u8, i1..i8, f2, f4 or f8 (got '<f16')"),
    npy("three_bytes", head("<i3"), "x.npy: dtype must be u1..u8, i1..i8, f2, f4 or f8 (got '<i3')"),
    npy("no_byte_order", head("|i2"), "x.npy: dtype must be u1..u8, i1..i8, f2, f4 or f8 (got '|i2')"),
    npy("scalar", head(shape="()"), "x.npy: is a single number, not an array"),
    npy("size_0", head(shape="(0, 3, 1, 1)"), "x.npy: header: a size must be 1..1099511627776 (got 0)"),
    npy("size_huge", head(shape="(99999999999999999999, 3)"),
        "x.npy: header: a size must be 1..1099511627776 (got 99999999999999999999)"),
    npy("size_negative", head(shape="(-1, 3)"), "x.npy: header: expected a size at \"-1, 3), }\""),
    npy("nine_dimensions", head(shape="(1, 1, 1, 1, 1, 1, 1, 1, 6)"), "x.npy: has more than 8 dimensions"),
    npy("overflow", head(shape="(1099511627776, 1099511627776, 1, 1)"),
        "x.npy: header: the shape has more than 2^64 elements"),
    npy("cut", X[:-1], "x.npy: its elements take 6 bytes by its header, 5 are there"),
    npy("longer", X + b"x", "x.npy: its elements take 6 bytes by its header, 7 are there"),
    npy("not_images", formats.npy((6,), range(6)),
        "x.npy: images must be an array of 4 dimensions, or 3 for one channel (got 1)"),
    npy("nan", formats.npy((2, 1, 1), [1, float("nan")], "<f4"),
        "x.npy: element 1 of the first axis has a value that no float holds (nan)"),
    npy("beyond_float", formats.npy((1, 1, 2), [1, 1e300], "<f8"),
        "x.npy: element 0 of the first axis has a value that no float holds (1e+300)"),
    ("npy_train", {"x.npy": X}, ["x.npy", "--split", "train"], "x.npy: has no train split"),
    ("labels_count", {"x.npy": X, "x_labels.npy": formats.npy((3,), range(3))}, ["x.npy"],
     "x_labels.npy: has 3 labels for 2 images"),
    ("labels_shape", {"x.npy": X, "labels.npy": formats.npy((2, 2), range(4))}, ["x.npy"],
     "labels.npy: labels must be an array of one dimension, a number for each image"),
    ("labels_real", {"x.npy": X, "labels.npy": formats.npy((2,), range(2), "<f4")}, ["x.npy"],
     "labels.npy: labels must be whole numbers (got dtype f4)"),
    ("labels_negative", {"x.npy": X, "labels.npy": formats.npy((2,), [1, -1], "<i8")}, ["x.npy"],
     "labels.npy: label 1 must be 0..65535 (got -1)"),
    ("labels_large", {"x.npy": X, "labels.npy": formats.npy((2,), [1, 65536], "<i8")}, ["x.npy", "--images", "1"],
     "labels.npy: label 1 must be 0..65535 (got 65536)"),
    # .npz
    ("npz_other", {"a.npz": b"x" * 100}, ["a.npz"], "a.npz: not an .npz file: Not a zip archive"),
    ("npz_cut", {"a.npz": formats.npz(x=X)[:-30]}, ["a.npz"], "a.npz: not an .npz file: Not a zip archive"),
    ("npz_empty", {"a.npz": empty_archive()}, ["a.npz"],
     "a.npz: has no images: no array x, images, x_test or x_train"),
    ("npz_no_images", {"a.npz": formats.npz(y=X)}, ["a.npz"],
     "a.npz: has no images: no array x, images, x_test or x_train"),
    ("npz_no_train", {"a.npz": formats.npz(x=X)}, ["a.npz", "--split", "train"], "a.npz: has no train split"),
    ("npz_no_test", {"a.npz": formats.npz(x_train=X)}, ["a.npz"], "a.npz: has no test split"),
    ("npz_not_npy", {"a.npz": formats.npz(x=b"hello, world")}, ["a.npz"],
     "a.npz: x.npy: not an .npy file (does not begin with \\x93NUMPY)"),
    ("npz_labels", {"a.npz": formats.npz(x=X, y=formats.npy((1,), [1]))}, ["a.npz"],
     "a.npz: y.npy: has 1 labels for 2 images"),
    ("npz_sum", {"a.npz": broken()}, ["a.npz"], "a.npz: x.npy: cannot read: CRC error"),
    ("npz_bomb", {"a.npz": claimed(1600000128)}, ["a.npz"],
     "a.npz: x.npy: claims 1600000128 bytes from 228 compressed ones"),
    ("npz_method", {"a.npz": claimed(228, zipfile.ZIP_LZMA)}, ["a.npz"],
     "a.npz: x.npy: must be stored or deflated, and not encrypted"),
    # PNG
    ("png_none", {"d/a/readme.txt": b"x"}, ["d"],
     "d: neither batches of CIFAR nor folders of PNG files, one a class"),
    ("png_itself", {"d/a/0.png": PNG}, ["d/a/0.png"],
     "d/a/0.png: one picture is no data set: name the folder that holds folders of PNG files, one a class"),
    ("png_without_classes", {"d/0.png": PNG}, ["d"], "d: its PNG files must lie in folders, one a class"),
    ("folder_of_npy", {"d/x.npy": X, "d/labels.npy": X, "d/z.npz": X}, ["d"],
     "d: is a folder, name the file in it: d/labels.npy"),
    ("below_a_file", {"x.npy": X}, ["x.npy/y.npy"], "x.npy/y.npy: cannot open: Not a directory"),
    ("png_no_test", {"d/train/a/1.png": PNG}, ["d"], "d: has no test split"),
    ("png_no_train", {"d/a/1.png": PNG}, ["d", "--split", "train"], "d: has no train split"),
    ("png_sizes", {"d/a/1.png": PNG, "d/b/1.png": formats.png(1, 1, [[1, 2, 3]])}, ["d"],
     "d/b/1.png: must be 2x1 pixels as the images before it (got 1x1)"),
    ("png_other", {"d/a/1.png": b"GIF89a" + bytes(99)}, ["d"],
     "d/a/1.png: not a PNG that can be read: Not a PNG file"),
    ("png_cut", {"d/a/1.png": PNG[:45]}, ["d"], "d/a/1.png: Read Error"),
    ("png_sum", {"d/a/1.png": PNG[:-13] + b"\xff" + PNG[-12:]}, ["d"], "d/a/1.png: IDAT: CRC error"),
    ("png_bomb", {"d/a/1.png": formats.png(60000, 60000, [[0]], 0)}, ["d"],
     "d/a/1.png: claims 60000x60000 pixels in 70 bytes"),
    # Together
    ("channels", {"x.npy": formats.npy((1, 1, 1, 1), [1])}, ["x.npy", "--preprocess", "imagenet"],
     "x.npy: has 1 channels, mean and std of the preprocessing 3"),
    ("preprocess_missing", {}, ["glyphs", "--preprocess", "imagnet"],
     'preprocess "imagnet": no such file, and none of that name is shipped, did you mean "imagenet"?'),
    ("preprocess_bad", {"p.json": b'{"scale": -1}'}, ["glyphs", "--preprocess", "p.json"],
     "p.json: /scale: must be a number 1e-12..1000000000000 (got -1)"),
    ("too_many", {}, ["glyphs", "--split", "train", "--images", "16777216"],
     "glyphs: 16777216 images of 3x16x16 are more than 536870912 numbers: take fewer of them"),
    ("no_room", {}, ["glyphs", "-o", "/dev/full"], "/dev/full: cannot write: No space left on device"),
]

USAGE = [
    ("dataset_nothing", ["dataset"], "mpsim dataset: no data set is named"),
    ("dataset_two", ["dataset", "a", "b"], "mpsim dataset: one data set at a time (got 2)"),
    ("dataset_output_npy", ["dataset", "glyphs", "-o", "x.npy"],
     'mpsim dataset: option --output: the name must end in .npz (got "x.npy")'),
    ("dataset_output_bare", ["dataset", "glyphs", "-o", "a.npz/x"],
     'mpsim dataset: option --output: the name must end in .npz (got "a.npz/x")'),
    ("dataset_picture_svg", ["dataset", "glyphs", "--picture", "x.svg"],
     'mpsim dataset: option --picture: the name must end in .png (got "x.svg")'),
    ("dataset_json_and_csv", ["dataset", "a", "--json", "--csv"], "mpsim dataset: --json and --csv exclude each other"),
]
