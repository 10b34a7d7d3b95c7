"""ONNX models of a few nodes as bytes, for the peer that runs nothing else.

Only what such a graph needs of the format (onnx.proto3 of ONNX 1.16, a protobuf): the numbers below
are the fields' numbers there.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Shape = Sequence[int]
Attribute = int | float | Sequence[int]

IR_VERSION = 9
OPSET = 20  # the first one with Gelu
MICROSOFT = "com.microsoft"
_VARINT, _BYTES, _FIXED_32 = 0, 2, 5
_FLOAT32 = 1  # TensorProto.DataType
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_INTS = 1, 2, 7  # AttributeProto.AttributeType


@dataclass(frozen=True)
class Node:
    """One operator: its inputs and outputs by name."""

    operator: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    domain: str = ""


def model(
    nodes: Sequence[Node],
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
    constants: Mapping[str, float] | None = None,
) -> bytes:
    """A model of float32 tensors with these nodes, inputs, outputs, and scalars by name."""
    graph = b"".join(
        (
            *(_message(1, _node(node)) for node in nodes),
            _text(2, "graph"),
            *(_message(5, _scalar(name, value)) for name, value in (constants or {}).items()),
            *(_message(11, _value(name, shape)) for name, shape in inputs.items()),
            *(_message(12, _value(name, shape)) for name, shape in outputs.items()),
        )
    )
    domains = {"": OPSET, **{node.domain: 1 for node in nodes if node.domain}}
    opsets = [_message(8, _text(1, name) + _integer(2, n)) for name, n in domains.items()]
    return b"".join((_integer(1, IR_VERSION), _message(7, graph), *opsets))


def _node(node: Node) -> bytes:
    return b"".join(
        (
            *(_text(1, name) for name in node.inputs),
            *(_text(2, name) for name in node.outputs),
            _text(3, f"{node.operator} {node.outputs[0]}"),
            _text(4, node.operator),
            *(_message(5, _attribute(name, value)) for name, value in node.attributes.items()),
            _text(7, node.domain),
        )
    )


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _float(2, value) + _integer(20, _ATTRIBUTE_FLOAT)
    if isinstance(value, int):
        return _text(1, name) + _integer(3, value) + _integer(20, _ATTRIBUTE_INT)
    numbers = b"".join(_integer(8, number) for number in value)
    return _text(1, name) + numbers + _integer(20, _ATTRIBUTE_INTS)


def _value(name: str, shape: Shape) -> bytes:
    dimensions = b"".join(_message(1, _integer(1, size)) for size in shape)
    tensor = _integer(1, _FLOAT32) + _message(2, dimensions)
    return _text(1, name) + _message(2, _message(1, tensor))


def _scalar(name: str, value: float) -> bytes:
    return _integer(2, _FLOAT32) + _text(8, name) + _message(9, struct.pack("<f", value))


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _float(number: int, value: float) -> bytes:
    return _varint(number << 3 | _FIXED_32) + struct.pack("<f", value)


def _message(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _text(number: int, text: str) -> bytes:
    return _message(number, text.encode())


def _varint(value: int) -> bytes:
    if value < 0:
        raise ValueError(f"a size or count is not negative: {value}")
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
