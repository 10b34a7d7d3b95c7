"""Trust, but verify: a kernel variant computes a small known result before its first real use.

The operands are small whole numbers, so that the right result is exact, whatever the order of the
sums; sizes are odd and even, past one tile and below one vector.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...dtypes import float16, float32
from ...errors import KernelCompileError
from ...graph.node import Node, operation, source
from ...observe import unobserved
from ..base import Graph
from .variants import PRODUCT_CLASSES, Adapter

if TYPE_CHECKING:
    from .backend import WebGPUBackend

# (m, k, n) by class: each class's variant must be right for vectors and for scalars.
_SIZES = {
    "large": ((9, 7, 35), (20, 24, 68)),
    "flat": ((1, 9, 35), (3, 72, 132)),
    "narrow": ((9, 7, 3), (20, 24, 8)),
}
_ROWS = ((3, 67), (2, 260))
# Zero, the ends of float16's ranges (subnormal, normal), infinity, and what is in between.
_HALVES = array(
    "H", (0, 1, 0x3FF, 0x400, 0x3C00, 0x7BFF, 0x7C00, 0x1234, 0xC001, 0x8003, 0xFBFF, 2)
)


async def problem(backend: WebGPUBackend, adapter: Adapter, name: str) -> str:
    """What is wrong with the variant in the place `name` of `adapter`, "" where it is sound.

    Raises:
        KernelCompileError: it does not compile.
    """
    checks = _SIZES[name] if name in PRODUCT_CLASSES else _ROWS
    for sizes in checks:
        node, expected = _product(*sizes) if len(sizes) == 3 else _sums(*sizes)
        found = await _computed(backend, adapter, node)
        if found != expected:
            wrong = sum(one != other for one, other in zip(found, expected, strict=True))
            return f"{wrong} of {len(expected)} elements of a test of {sizes} are wrong"
    return ""


async def half_problem(backend: WebGPUBackend, adapter: Adapter) -> str:
    """What is wrong with the adapter's type f16 as a place to keep float16 in, "" where nothing."""
    for count in (len(_HALVES), len(_HALVES) - 1):
        bits = _HALVES[:count]
        node = operation("negative", [source(bits.tobytes(), (count,), float16, "webgpu")])
        try:
            found = array("H", await _bytes(backend, adapter, node))
        except KernelCompileError as error:
            return str(error)
        expected = array("H", (one ^ 0x8000 for one in bits))
        if found != expected:
            wrong = [hex(x) for x, y, z in zip(bits, found, expected, strict=True) if y != z]
            return f"it does not keep {', '.join(wrong)}"
    return ""


def _product(m: int, k: int, n: int) -> tuple[Node, Sequence[float]]:
    a, b = _whole_numbers(m * k, 1), _whole_numbers(k * n, 2)
    columns = [b[column::n] for column in range(n)]
    expected = [
        sum(x * y for x, y in zip(a[row * k : (row + 1) * k], column, strict=True))
        for row in range(m)
        for column in columns
    ]
    return operation("matmul", [_leaf(a, (m, k)), _leaf(b, (k, n))]), array("f", expected)


def _sums(count: int, length: int) -> tuple[Node, Sequence[float]]:
    x = _whole_numbers(count * length, 3)
    expected = [sum(x[row * length : (row + 1) * length]) for row in range(count)]
    node = operation("sum", [_leaf(x, (count, length))], axes=(1,), keepdims=False)
    return node, array("f", expected)


def _whole_numbers(count: int, seed: int) -> array[float]:
    generator = random.Random(seed)
    return array("f", (generator.randint(1, 9) * generator.choice((-1, 1)) for _ in range(count)))


def _leaf(values: array[float], shape: tuple[int, ...]) -> Node:
    return source(values.tobytes(), shape, float32, "webgpu")


async def _computed(backend: WebGPUBackend, adapter: Adapter, node: Node) -> Sequence[float]:
    return array("f", await _bytes(backend, adapter, node))


async def _bytes(backend: WebGPUBackend, adapter: Adapter, node: Node) -> bytes:
    graph = Graph.of([node])
    executable = await backend.build(graph, adapter)
    try:
        inputs = [await backend.upload(leaf.data or b"", leaf) for leaf in graph.inputs]
        with unobserved():
            (result,) = await executable.run(inputs)
        return bytes(await backend.read(result, node))
    finally:
        executable.release()
