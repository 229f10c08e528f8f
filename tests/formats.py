# SPDX-License-Identifier: Apache-2.0
"""Files of images, written and read with Python's own modules: CIFAR, .npy, .npz, PNG."""
import ast
import io
import struct
import zipfile
import zlib

CODES = {"u1": "B", "i1": "b", "u2": "H", "i2": "h", "u4": "I", "i4": "i", "u8": "Q", "i8": "q", "f2": "e", "f4": "f",
         "f8": "d"}


def header(text, version=1):
    """What stands before an .npy file's elements."""
    text = text.encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text


def npy(shape, values, dtype="|u1", fortran=False, version=1):
    """`values` in C order."""
    values = list(values)
    if fortran:
        steps = [1]
        for size in reversed(shape[1:]):
            steps.insert(0, steps[0] * size)
        order = [0]
        for size, step in reversed(list(zip(shape, steps))):  # the first axis moves fastest
            order = [at + i * step for at in order for i in range(size)]
        values = [values[at] for at in order]
    big = ">" if dtype[0] == ">" else "<"
    text = f"{{'descr': '{dtype}', 'fortran_order': {fortran}, 'shape': {tuple(shape)!r}, }}"
    return header(text, version) + struct.pack(f"{big}{len(values)}{CODES[dtype[1:]]}", *values)


def npz(compress=True, **arrays):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, content in arrays.items():
            archive.writestr(f"{name}.npy", content)
    return out.getvalue()


def read_npy(content):
    """(dtype, shape, values)"""
    size = struct.unpack("<H", content[8:10])[0]
    about = ast.literal_eval(content[10:10 + size].decode())
    dtype, shape = about["descr"], about["shape"]
    assert not about["fortran_order"] and content[:8] == b"\x93NUMPY\1\0" and (10 + size) % 64 == 0
    body = content[10 + size:]
    return dtype, shape, list(struct.unpack(f"<{len(body) // int(dtype[2])}{CODES[dtype[1:]]}", body))


def read_npz(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name.removesuffix(".npy"): read_npy(archive.read(name)) for name in archive.namelist()}


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, rows, kind=2, depth=8, more=b""):
    """`rows`: the bytes of each. `kind`: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. `more`: chunks before."""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)) + more +
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 0)) + chunk(b"IEND", b""))


def cifar(labels, first=0):
    """A record for each label; pixel k of image i is (i + k + first) % 256."""
    return b"".join(bytes([label]) + bytes((i + k + first) % 256 for k in range(3072)) for i, label in enumerate(labels))
