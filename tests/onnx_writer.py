# SPDX-License-Identifier: Apache-2.0
"""ONNX models as bytes, by protobuf's wire format alone: right ones and wrong ones. Field numbers are those of onnx.proto.
Numbers and texts may be bytes where they stand: then they are written as they are."""
import struct

TYPES = {"float": (1, "f"), "uint8": (2, "B"), "int8": (3, "b"), "uint16": (4, "H"), "int16": (5, "h"), "int32": (6, "i"),
         "int64": (7, "q"), "string": (8, None), "bool": (9, "?"), "float16": (10, "e"), "double": (11, "d"),
         "uint32": (12, "I"), "uint64": (13, "Q"), "complex64": (14, None), "complex128": (15, None), "bfloat16": (16, None)}


def number(value):
    """A varint; negative ones as 64 bits of two's complement."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(key, value):
    """An integer as a varint, a real number in 32 bits, text and bytes with their length; nothing for None; a list of such."""
    if value is None:
        return b""
    if isinstance(value, (list, tuple)):
        return b"".join(field(key, v) for v in value)
    if isinstance(value, int):
        return number(key << 3) + number(value)
    if isinstance(value, float):
        return number(key << 3 | 5) + struct.pack("<f", value)
    value = value.encode() if isinstance(value, str) else value
    return number(key << 3 | 2) + number(len(value)) + value


def packed(key, form, values):
    """A packed list: struct's letter for fixed sizes, "v" for varints."""
    if values is None:
        return b""
    data = b"".join(number(v) if form == "v" else struct.pack(f"<{form}", v) for v in values)
    return field(key, data)


def raw(kind, values):
    return struct.pack(f"<{len(values)}{TYPES[kind][1]}", *values)


def entry(key, value):
    return field(1, key) + field(2, value)


def tensor(name, dims, values=None, kind="float", *, data=None, external=None, more=b""):
    """`values` go to raw_data; or `data`, the bytes of raw_data; or `external`, {"location": ...}; or `more`, fields as bytes."""
    if values is not None:
        data = raw(kind, values)
    kind = TYPES[kind][0] if isinstance(kind, str) else kind
    out = field(1, list(dims)) + field(2, kind) + field(8, name) + field(9, data) + more
    if external is not None:
        out += field(13, [entry(k, str(v)) for k, v in external.items()]) + field(14, 1)
    return out


def float_data(values):
    return packed(4, "f", values)


def int32_data(values):
    return packed(5, "v", values)


def int64_data(values):
    return packed(7, "v", values)


def double_data(values):
    return packed(10, "d", values)


def uint64_data(values):
    return packed(11, "v", values)


class Graph(bytes):
    """A value of an attribute: a subgraph."""


class Tensor(bytes):
    """A value of an attribute: a tensor."""


def attribute(name, value):
    """By the value's type: int, float, str, Tensor, Graph, or a list of int or float. Bytes stand as they are."""
    if isinstance(value, list):
        real = any(isinstance(v, float) for v in value)
        return field(1, name) + field(7 if real else 8, value) + field(20, 6 if real else 7)
    if isinstance(value, Tensor):
        return field(1, name) + field(5, value) + field(20, 4)
    if isinstance(value, Graph):
        return field(1, name) + field(6, value) + field(20, 5)
    if isinstance(value, str):
        return field(1, name) + field(4, value) + field(20, 3)
    if isinstance(value, bytes):
        return field(1, name) + value
    return field(1, name) + field(2 if isinstance(value, float) else 3, value) + field(20, 1 if isinstance(value, float) else 2)


def node(op, inputs, outputs, name=None, domain=None, more=b"", **attributes):
    return (field(1, inputs) + field(2, outputs) + field(3, name) + field(4, op) + field(7, domain)
            + field(5, [attribute(k, v) for k, v in attributes.items()]) + more)


def value(name, dims, kind="float"):
    """A dimension is a number, a name, or None. No dims: no shape."""
    shape = b""
    if dims is not None:
        shape = field(2, b"".join(field(1, field(1 if isinstance(d, int) else 2, d)) for d in dims))
    kind = TYPES[kind][0] if isinstance(kind, str) else kind
    return field(1, name) + field(2, field(1, field(1, kind) + shape))


def graph(nodes, inputs, outputs, tensors=(), values=(), name="net", more=b""):
    return (field(1, list(nodes)) + field(2, name) + field(5, list(tensors)) + field(11, list(inputs))
            + field(12, list(outputs)) + field(13, list(values)) + more)


def opset(version, domain=None):
    return field(1, domain) + field(2, version)


def model(of, version=13, opsets=None, more=b""):
    return field(1, 8) + field(7, of) + field(8, [opset(version)] if opsets is None else opsets) + more
