# SPDX-License-Identifier: Apache-2.0
"""mpsim dataset: each format is read to the last number, and what it writes is what it read."""
import json
import os
import struct
import tempfile
import unittest
import zlib
from pathlib import Path

from program import MPSIM, SOURCE, call

import formats
import tap

SHARED = Path(os.environ.get("MPSIM_SHARED_DATA", SOURCE.parent / "shared/data"))


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def run_ok(self, *arguments):
        run = call(MPSIM, "dataset", *arguments)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout

    def read(self, name, *options):
        """(type, shape, images, labels) as mpsim writes them."""
        out = self.folder / "out.npz"
        self.run_ok(self.folder / name, *options, "-o", out)
        arrays = formats.read_npz(out)
        return *arrays["x"], arrays["y"][2] if "y" in arrays else None


class Arrays(Case):
    SHAPE = (3, 2, 4, 5)

    def test_every_type_and_order(self):
        for code in formats.CODES:
            for sign in "<>" if code[1] > "1" else "|":
                values = [(i * 37) % 101 - (0 if code[0] == "u" else 50) for i in range(120)]
                if code[0] == "f":
                    values = [v / 4 for v in values]
                for fortran in (False, True):
                    self.write("x.npy", formats.npy(self.SHAPE, values, sign + code, fortran))
                    for count in (3, 2):
                        got = self.read("x.npy", "--images", count)
                        self.assertEqual(got, ("|u1" if code == "u1" else "<f4", (count, *self.SHAPE[1:]),
                                               values[:count * 40], None), (code, sign, fortran))

    def test_versions(self):
        for version in (1, 2, 3):
            self.write("x.npy", formats.npy((1, 1, 1, 2), [7, 9], version=version))
            self.assertEqual(self.read("x.npy")[2], [7, 9])

    def test_more_than_a_piece(self):
        values = [i % 251 for i in range(3 * 100 * 300)]
        self.write("x.npy", formats.npy((3, 100, 300), values, "<u2", True))
        self.assertEqual(self.read("x.npy")[1:3], ((3, 1, 100, 300), values))

    def test_half_precision(self):
        values = [0.0, -0.0, 1.0, -2.5, 65504.0, 2.0 ** -24, 1023 * 2.0 ** -24, 2.0 ** -14, -0.333251953125]
        self.write("x.npy", formats.npy((1, 3, 3), values, "<f2"))
        self.assertEqual(self.read("x.npy")[2], values)

    def test_largest_numbers(self):
        values = [2 ** 64 - 1, 2 ** 63, 0, 1]
        self.write("x.npy", formats.npy((1, 2, 2), values, "<u8"))
        self.assertEqual(self.read("x.npy")[2], [2.0 ** 64, 2.0 ** 63, 0, 1])
        values = [-2 ** 63, 2 ** 63 - 1, -1, 1]
        self.write("x.npy", formats.npy((1, 2, 2), values, ">i8"))
        self.assertEqual(self.read("x.npy")[2], [-2.0 ** 63, 2.0 ** 63, -1, 1])

    def test_labels_beside(self):
        self.write("x.npy", formats.npy((3, 1, 1, 1), [1, 2, 3]))
        self.write("labels.npy", formats.npy((3, 1), [5, 0, 2], "<i8"))
        self.assertEqual(self.read("x.npy")[3], [5, 0, 2])
        self.write("x_labels.npy", formats.npy((3,), [1, 1, 0], ">u2"))
        self.assertEqual(self.read("x.npy", "--images", 2)[3], [1, 1])
        about = json.loads(self.run_ok(self.folder / "x.npy", "--json"))
        self.assertEqual(about["classes"], [{"name": "", "images": 1}, {"name": "", "images": 2}])

    def test_channels_last(self):
        self.write("p.json", b'{"layout": "nhwc"}')
        self.write("x.npy", formats.npy((2, 2, 2, 3), range(24), fortran=True))
        want = [h * 6 + w * 3 + c + 12 * n for n in range(2) for c in range(3) for h in range(2) for w in range(2)]
        kind, shape, values, _ = self.read("x.npy", "--preprocess", self.folder / "p.json")
        self.assertEqual((kind, shape, values), ("<f4", (2, 3, 2, 2), want))

    def test_archives(self):
        x, y = formats.npy((2, 1, 2, 2), range(8)), formats.npy((2,), [1, 0])
        for compress in (False, True):
            for names in (("x", "y"), ("images", "labels")):
                self.write("a.npz", formats.npz(compress, **dict(zip(names, (x, y)))))
                self.assertEqual(self.read("a.npz")[2:], (list(range(8)), [1, 0]))
        self.write("a.npz", formats.npz(x=x))
        self.assertEqual(self.read("a.npz")[2:], (list(range(8)), None))

    def test_archive_with_parts(self):
        self.write("a.npz", formats.npz(x_train=formats.npy((3, 1, 1), [1, 2, 3]), y_train=formats.npy((3,), [0, 1, 0]),
                                        x_test=formats.npy((1, 1, 1), [9]), y_test=formats.npy((1, 1), [1])))
        self.assertEqual(self.read("a.npz")[2:], ([9], [1]))
        self.assertEqual(self.read("a.npz", "--split", "train")[2:], ([1, 2, 3], [0, 1, 0]))

    def test_what_is_written_reads_back(self):
        self.write("x.npy", formats.npy((2, 2, 1, 2), [0.5, -1e30, 3e-40, 7, 1, 2, 3, 4], "<f8"))
        self.write("labels.npy", formats.npy((2,), [3, 1]))
        first = self.read("x.npy")
        (self.folder / "out.npz").rename(self.folder / "again.npz")
        self.assertEqual(self.read("again.npz"), first)
        self.assertEqual((self.folder / "out.npz").read_bytes(), (self.folder / "again.npz").read_bytes())


class Folders(Case):
    def test_cifar(self):
        self.write("test_batch.bin", formats.cifar([3, 9]))
        self.write("data_batch_1.bin", formats.cifar([1, 2], 5))
        self.write("data_batch_2.bin", formats.cifar([4], 9))
        self.assertEqual(self.read(".")[3], [3, 9])
        kind, shape, values, labels = self.read(".", "--split", "train")
        self.assertEqual((kind, shape, labels), ("|u1", (3, 3, 32, 32), [1, 2, 4]))
        self.assertEqual(values[6144:], [(k + 9) % 256 for k in range(3072)])

    def test_png_order_and_classes(self):
        for part, letters in (("test", "bca"), ("train", "cad")):
            for i, letter in enumerate(letters):
                for k in range(i + 1):
                    self.write(f"{part}/{letter}/{k}.png", formats.png(1, 1, [[10 * ord(letter) % 250 + k]], 0))
        value = {letter: 10 * ord(letter) % 250 for letter in "abcd"}
        first = [value["a"], value["b"], value["c"], value["a"] + 1, value["c"] + 1, value["a"] + 2]
        self.assertEqual(self.read(".")[2:], (first, [0, 1, 2, 0, 2, 0]))
        self.assertEqual(self.read(".", "--split", "train", "--images", 3)[3], [0, 2, 3])
        about = json.loads(self.run_ok(self.folder, "--json"))
        self.assertEqual([c["name"] for c in about["classes"]], ["a", "b", "c", "d"])
        self.assertTrue(about["has_train"])

    def only(self, content):
        self.write("class/a.png", content)
        return self.read(".")[1:3]

    def test_png_kinds(self):
        row = [1, 2, 3, 250, 128, 0]
        plain = ((1, 3, 1, 2), [1, 250, 2, 128, 3, 0])
        self.assertEqual(self.only(formats.png(2, 1, [row])), plain)
        self.assertEqual(self.only(formats.png(2, 1, [[1, 2, 3, 255, 250, 128, 0, 7]], 6)), plain)
        palette = formats.chunk(b"PLTE", bytes(row))
        self.assertEqual(self.only(formats.png(2, 1, [[0b01000000]], 3, 1, palette)), plain)
        self.assertEqual(self.only(formats.png(2, 1, [[0, 1]], 3, 8, palette + formats.chunk(b"tRNS", b"\0"))), plain)
        self.assertEqual(self.only(formats.png(2, 1, [[200, 3]], 0)), ((1, 1, 1, 2), [200, 3]))
        self.assertEqual(self.only(formats.png(2, 1, [[200, 9, 3, 0]], 4)), ((1, 1, 1, 2), [200, 3]))
        self.assertEqual(self.only(formats.png(4, 1, [[0b00011011]], 0, 2)), ((1, 1, 1, 4), [0, 85, 170, 255]))

    def test_png_16_bit(self):
        """Nearest of 8 bits."""
        values = [0, 65535, 32768, 257 * 9 + 128, 257 * 9 + 129]
        rows = [b"".join(struct.pack(">H", v) for v in values)]
        self.assertEqual(self.only(formats.png(5, 1, rows, 0, 16)), ((1, 1, 1, 5), [0, 255, 128, 9, 10]))

    def test_png_gamma(self):
        """Linear light becomes sRGB (IEC 61966-2-1): 1.055 x^(1/2.4) - 0.055."""
        linear = formats.chunk(b"gAMA", struct.pack(">I", 100000))
        values = [0, 64, 128, 255]
        want = [0 if v == 0 else 255 * (1.055 * (v / 255) ** (1 / 2.4) - 0.055) for v in values]
        shape, got = self.only(formats.png(4, 1, [values], 0, more=linear))
        for a, b in zip(got, want):
            self.assertAlmostEqual(a, b, delta=2)

    def test_png_grey_among_colours(self):
        self.write("b/b.png", formats.png(1, 1, [[1, 2, 3]]))
        self.assertEqual(self.only(formats.png(1, 1, [[7]], 0)), ((2, 3, 1, 1), [1, 2, 3, 7, 7, 7]))


class Command(Case):
    def test_preprocessing(self):
        self.write("x.npy", formats.npy((1, 3, 1, 2), range(0, 60, 10)))
        self.write("p.json", b'{"scale": 0.5, "mean": [1, 2, 3], "std": [1, 2, 4], "channels": "bgr"}')
        self.assertEqual(self.read("x.npy", "--preprocess", self.folder / "p.json")[2],
                         [19.0, 24.0, 4.0, 6.5, -0.75, 0.5])
        about = json.loads(self.run_ok(self.folder / "x.npy", "--preprocess", self.folder / "p.json", "--json"))
        self.assertEqual(about["channels"][1], {"min": 4, "max": 6.5, "mean": 5.25, "std": 1.25})

    def test_drawn_set_is_the_same_everywhere(self):
        sums = []
        for split, count in (("test", 2000), ("train", 300)):
            out = self.folder / "out.npz"
            self.run_ok("glyphs", "--split", split, "--images", count, "-o", out)
            sums.append(zlib.crc32(out.read_bytes()))
        self.assertEqual(sums, [231606753, 2883335552])

    def test_csv(self):
        self.assertEqual(self.run_ok("glyphs", "--images", 10, "--csv").splitlines()[:2], ["class,name,images", "0,ring,1"])

    def test_picture(self):
        out = self.folder / "sheet.png"
        self.run_ok("glyphs", "--images", 30, "--picture", out)
        head = out.read_bytes()[:26]
        self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(struct.unpack(">II", head[16:24]), (4 + 3 * 52, 4 + 10 * 52))  # 16 pixels three times and a gap

    @unittest.skipUnless((SHARED / "cifar10").is_dir(), "no shared data")
    def test_cifar10(self):
        about = json.loads(self.run_ok(SHARED / "cifar10", "--split", "train", "--json"))
        self.assertEqual(about["shape"], [20000, 3, 32, 32])
        self.assertEqual(sum(c["images"] for c in about["classes"]), 20000)
        # The set's known means and deviations, of the 50,000.
        for channel, mean, std in zip(about["channels"], (125.3, 123.0, 113.9), (63.0, 62.1, 66.7)):
            self.assertAlmostEqual(channel["mean"], mean, delta=1)
            self.assertAlmostEqual(channel["std"], std, delta=1)


if __name__ == "__main__":
    tap.main()
