# SPDX-License-Identifier: Apache-2.0
"""A float ONNX model with QuantizeLinear and DequantizeLinear put in, by protobuf's wire format alone."""
import math
import struct

from onnx_writer import TYPES, field, node, tensor


def fields(data):
    """[(key, value)] of a message: integers, or bytes; numbers of 32 and 64 bits as bytes."""
    at, found = 0, []

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            found.append((key >> 3, varint()))
            continue
        size = varint() if kind == 2 else {1: 8, 5: 4}[kind]
        found.append((key >> 3, data[at:at + size]))
        at += size
    return found


class Node:
    def __init__(self, data):
        of = fields(data)
        self.inputs = [v.decode() for k, v in of if k == 1]
        self.outputs = [v.decode() for k, v in of if k == 2]
        self.op = next(v.decode() for k, v in of if k == 4)
        self.rest = b"".join(field(k, v) for k, v in of if k > 2)

    def bytes(self):
        return field(1, self.inputs) + field(2, self.outputs) + self.rest


def floats(data):
    """(name, dims, numbers) of a TensorProto of floats, or None."""
    of = fields(data)
    dims = [v for k, v in of if k == 1]
    if (2, TYPES["float"][0]) not in of:
        return None
    raw = next((v for k, v in of if k == 9), b"")
    return next(v.decode() for k, v in of if k == 8), dims, list(struct.unpack(f"<{len(raw) // 4}f", raw))


def single(x):
    """The number in 32 bits."""
    return struct.unpack("<f", struct.pack("<f", x))[0]


class Model:
    def __init__(self, data):
        self.other = [(k, v) for k, v in fields(data) if k != 7]
        of = fields(next(v for k, v in fields(data) if k == 7))
        self.nodes = [Node(v) for k, v in of if k == 1]
        self.tensors = {t[0]: t for t in (floats(v) for k, v in of if k == 5) if t}
        self.whole = [v for k, v in of if k == 5 and not floats(v)]
        self.rest = [(k, v) for k, v in of if k not in (1, 5)]
        self.more = []  # tensors of the pairs
        self.integers = {}  # by name: of the weights

    def bytes(self):
        graph = field(1, [n.bytes() for n in self.nodes]) + field(5, self.whole + self.more)
        graph += field(5, [tensor(name, dims, values) for name, dims, values in self.tensors.values()])
        return b"".join(field(k, v) for k, v in self.other) + field(7, graph + b"".join(field(k, v) for k, v in self.rest))

    def node(self, output):
        return next(n for n in self.nodes if output in n.outputs)

    def weights(self, name, bits=8, axis=None):
        """The constant as integers -(2^(bits-1) - 1).. behind DequantizeLinear, one scale or one for each index of axis 0 or 1.
        Fewer than 8 bits: behind a Clip."""
        _, dims, values = self.tensors.pop(name)
        most, each = 2 ** (bits - 1) - 1, math.prod(dims[1:])
        index = [0 if axis is None else i // each if axis == 0 else i // math.prod(dims[2:]) % dims[1] for i in range(len(values))]
        reach = [0.0] * (max(index) + 1)
        for i, v in zip(index, values):
            reach[i] = max(reach[i], abs(v))
        scales = [single(r / most) or 1.0 for r in reach]
        q = [max(-most, min(most, round(v / scales[i]))) for i, v in zip(index, values)]
        self.integers[name] = q
        self.more += [tensor(f"{name}_q", dims, q, "int8"), tensor(f"{name}_scale", [] if axis is None else [len(scales)], scales),
                      tensor(f"{name}_zero", [] if axis is None else [len(scales)], [0] * len(scales), "int8")]
        read, nodes = f"{name}_q", []
        if bits < 8:
            self.more += [tensor(f"{name}_low", [], [-most], "int8"), tensor(f"{name}_high", [], [most], "int8")]
            nodes.append(Node(node("Clip", [read, f"{name}_low", f"{name}_high"], [f"{name}_c"], f"{name}_clip")))
            read = f"{name}_c"
        more = {} if axis is None else {"axis": axis}
        nodes.append(Node(node("DequantizeLinear", [read, f"{name}_scale", f"{name}_zero"], [name], f"{name}_dq", **more)))
        self.nodes[:0] = nodes
        return scales

    def activation(self, name, scale, zero=0, kind="int8", clip=None):
        """The value through QuantizeLinear, a Clip to `clip` if there is one, and DequantizeLinear, before all that read it."""
        pair = [f"{name}_scale", f"{name}_zero"]
        self.more += [tensor(pair[0], [], [scale]), tensor(pair[1], [], [zero], kind)]
        nodes, read = [Node(node("QuantizeLinear", [name, *pair], [f"{name}_q"], f"{name}_quant"))], f"{name}_q"
        if clip:
            self.more += [tensor(f"{name}_low", [], [clip[0]], kind), tensor(f"{name}_high", [], [clip[1]], kind)]
            nodes.append(Node(node("Clip", [read, f"{name}_low", f"{name}_high"], [f"{name}_c"], f"{name}_clip")))
            read = f"{name}_c"
        nodes.append(Node(node("DequantizeLinear", [read, *pair], [f"{name}_d"], f"{name}_dequant")))
        for n in self.nodes:
            n.inputs = [f"{name}_d" if i == name else i for i in n.inputs]
        at = next((i + 1 for i, n in enumerate(self.nodes) if name in n.outputs), 0)
        self.nodes[at:at] = nodes

    def drop(self, op_output):
        """A node of one input and output goes, as exporters leave out a ReLU."""
        n = self.node(op_output)
        self.nodes.remove(n)
        for other in self.nodes:
            other.inputs = [n.inputs[0] if i == op_output else i for i in other.inputs]
        return n.inputs[0]
