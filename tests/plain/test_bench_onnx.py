"""The ONNX models that the benchmark writes, read back by a small reader of protobuf."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bench.contenders import PEERS
from tests.bench.onnx_model import IR_VERSION, MICROSOFT, OPSET, Node, model
from tests.bench.onnx_workloads import NODES, onnx_model, plain_attention
from tests.bench.workloads import COMPARED, Workload

Fields = dict[int, list[Any]]


def varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def pairs(content: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(content):
        tag, at = varint(content, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = varint(content, at)
            yield number, value
        elif kind == 5:
            yield number, struct.unpack_from("<f", content, at)[0]
            at += 4
        else:
            assert kind == 2, f"field {number} has wire type {kind}"
            length, at = varint(content, at)
            yield number, content[at : at + length]
            at += length
    assert at == len(content)


def fields(content: bytes) -> Fields:
    found: Fields = {}
    for number, value in pairs(content):
        found.setdefault(number, []).append(value)
    return found


def shape_of(value: bytes) -> tuple[str, tuple[int, ...]]:
    """Name and sizes of a ValueInfoProto, which must be float32."""
    info = fields(value)
    tensor = fields(fields(info[2][0])[1][0])
    assert tensor[1] == [1]
    sizes = fields(tensor[2][0]).get(1, [])
    return info[1][0].decode(), tuple(fields(size)[1][0] for size in sizes)


def graph_of(content: bytes) -> Fields:
    return fields(fields(content)[7][0])


def test_a_model_says_what_it_was_given() -> None:
    node = Node(
        "Some", ["a", "b"], ["y"], {"count": 300, "epsilon": 0.5, "pads": [1, 0, 128]}, MICROSOFT
    )
    content = model([node], {"a": (1, 200), "b": ()}, {"y": (70000,)}, {"half": 0.5})
    whole = fields(content)
    assert whole[1] == [IR_VERSION]
    opsets = [fields(one) for one in whole[8]]
    assert [(one[1][0].decode(), one[2][0]) for one in opsets] == [("", OPSET), (MICROSOFT, 1)]
    graph = graph_of(content)
    assert [shape_of(one) for one in graph[11]] == [("a", (1, 200)), ("b", ())]
    assert [shape_of(one) for one in graph[12]] == [("y", (70000,))]
    (scalar,) = map(fields, graph[5])
    assert (scalar[2], scalar[8]) == ([1], [b"half"])
    assert struct.unpack("<f", scalar[9][0]) == (0.5,)
    (written,) = map(fields, graph[1])
    assert written[1] == [b"a", b"b"]
    assert written[2] == [b"y"]
    assert (written[4], written[7]) == ([b"Some"], [MICROSOFT.encode()])
    count, epsilon, pads = map(fields, written[5])
    assert (count[1], count[3], count[20]) == ([b"count"], [300], [2])
    assert (epsilon[1], epsilon[2], epsilon[20]) == ([b"epsilon"], [0.5], [1])
    assert (pads[1], pads[8], pads[20]) == ([b"pads"], [1, 0, 128], [7])


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        model([], {"a": (-1,)}, {})


def operands_of(content: bytes) -> tuple[set[bytes], list[tuple[list[bytes], list[bytes]]]]:
    graph = graph_of(content)
    names = {fields(one)[1][0] for one in graph[11]}
    names |= {fields(one)[8][0] for one in graph.get(5, [])}
    return names, [(node[1], node[2]) for node in map(fields, graph[1])]


@pytest.mark.parametrize(
    "work",
    [work for work in COMPARED if PEERS[0].takes(work.operation)],
    ids=lambda work: work.name,
)
def test_every_workload_has_a_model_whose_names_are_connected(work: Workload) -> None:
    assert work.operation in NODES
    models = [onnx_model(work)]
    if work.operation == "attention":
        models.append(plain_attention(work))
    for content in models:
        known, nodes = operands_of(content)
        for inputs, outputs in nodes:
            assert set(inputs) <= known
            assert not set(outputs) & known, "a name is given once"
            known |= set(outputs)
        assert nodes[-1][1] == [b"y"]
    if work.operation == "add_chain":
        assert len(nodes) == work.attributes["length"]
