"""The workloads as ONNX graphs, each by the operator that ONNX Runtime has for it."""

from __future__ import annotations

import math
from collections.abc import Callable

from tests.bench.onnx_model import MICROSOFT, Node, Shape, model
from tests.bench.workloads import Workload

INPUTS = "abc"


def onnx_model(work: Workload) -> bytes:
    """The model of a workload, with inputs a, b, c and output y.

    Attention has its operands as (batch, sequence, heads × size), which is the operator's layout.
    """
    inputs: dict[str, Shape] = dict(zip(INPUTS, work.shapes, strict=False))
    output: Shape = work.output
    if work.operation == "attention":
        heads, length, size = work.output
        inputs = dict.fromkeys(INPUTS, (1, length, heads * size))
        output = (1, length, heads * size)
    constants = CONSTANTS.get(work.operation, {})
    return model(NODES[work.operation](work), inputs, {"y": output}, constants)


def plain_attention(work: Workload) -> bytes:
    """Attention of single operators, over (heads, sequence, size), the key transposed.

    For devices on which the one operator is wrong: in ONNX Runtime 1.30 its kernel for subgroups
    takes them for large ones.
    """
    heads, length, size = work.output
    nodes = [
        Node("MatMul", ["a", "b"], ["products"]),
        Node("Mul", ["products", "scale"], ["scores"]),
        Node("Softmax", ["scores"], ["weights"], {"axis": 2}),
        Node("MatMul", ["weights", "c"], ["y"]),
    ]
    inputs = {"a": work.output, "b": (heads, size, length), "c": work.output}
    return model(nodes, inputs, {"y": work.output}, {"scale": 1 / math.sqrt(size)})


def _one(operator: str) -> Callable[[Workload], list[Node]]:
    return lambda work: [Node(operator, list(INPUTS[: len(work.shapes)]), ["y"])]


def _softmax(work: Workload) -> list[Node]:
    return [Node("Softmax", ["a"], ["y"], {"axis": len(work.output) - 1})]


def _layer_norm(work: Workload) -> list[Node]:
    attributes = {"axis": len(work.output) - 1, "epsilon": float(work.attributes["epsilon"])}
    return [Node("LayerNormalization", list(INPUTS), ["y"], attributes)]


def _add_chain(work: Workload) -> list[Node]:
    length = work.attributes["length"]
    names = ["a", *(f"sum{number}" for number in range(1, length)), "y"]
    return [Node("Add", [names[at], "b"], [names[at + 1]]) for at in range(length)]


def _fused_chain(work: Workload) -> list[Node]:
    steps = (
        ("Mul", "a", "a"), ("Mul", "b", "b"), ("Add", "0", "1"), ("Sqrt", "2"), ("Mul", "3", "b"),
        ("Sub", "4", "a"), ("Max", "5", "b"), ("Mul", "6", "half"), ("Add", "7", "a"),
    )  # fmt: skip
    last = len(steps) - 1
    return [
        Node(operator, inputs, ["y" if at == last else str(at)])
        for at, (operator, *inputs) in enumerate(steps)
    ]


def _conv2d(work: Workload) -> list[Node]:
    return [Node("Conv", ["a", "b"], ["y"], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})]


def _attention(work: Workload) -> list[Node]:
    heads = {"num_heads": work.output[0]}
    return [Node("MultiHeadAttention", list(INPUTS), ["y"], heads, MICROSOFT)]


CONSTANTS = {"fused_chain": {"half": 0.5}}
NODES: dict[str, Callable[[Workload], list[Node]]] = {
    "matmul": _one("MatMul"),
    "softmax": _softmax,
    "layer_norm": _layer_norm,
    "gelu": _one("Gelu"),
    "add": _one("Add"),
    "add_chain": _add_chain,
    "fused_chain": _fused_chain,
    "conv2d": _conv2d,
    "attention": _attention,
}
