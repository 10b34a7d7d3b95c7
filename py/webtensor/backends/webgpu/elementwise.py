"""Elementwise groups, copies and fills as WGSL."""

from __future__ import annotations

import math
from collections.abc import Hashable

from ...dtypes import DType
from ...graph.fuse import Chain, Group
from ...graph.node import Node
from .kernel import WORKGROUP, Dispatch, Span, grid
from .layout import layout, value_type
from .source import Source, literal
from .template import expand


def elementwise(group: Group) -> Dispatch:
    """One kernel for the whole body of `group` (a copy where it is empty)."""
    return computed(group.epilogue, id(group.output))


def computed(chain: Chain, value: Hashable) -> Dispatch:
    """A kernel that writes what `chain` yields contiguously into `value`."""
    source = Source()
    source.chain("element", chain, _is_wide(chain.output.shape))
    label = "+".join(node.kind for node in chain.body) or "copy"
    cost = max(len(chain.body), 1)
    return _kernel(label, chain.output.shape, chain.output.dtype, value, source, cost)


def fill(output: Node, value: float) -> Dispatch:
    """Every element of `output` is `value`."""
    source = Source()
    wide = _is_wide(output.shape)
    returned = value_type(output.dtype, wide)
    number = literal(value, output.dtype)
    source.add(f"fn element(i: u32) -> {returned} {{ return {returned}({number}); }}\n")
    return _kernel("fill", output.shape, output.dtype, id(output), source, 1)


def _is_wide(shape: tuple[int, ...]) -> bool:
    """Whether four neighbours are computed at once."""
    return math.prod(shape) % 4 == 0


def _kernel(
    label: str, shape: tuple[int, ...], dtype: DType, value: Hashable, source: Source, cost: int
) -> Dispatch:
    """The kernel that writes `element(i)` of `source` everywhere."""
    size, wide = math.prod(shape), _is_wide(shape)
    packed = layout(dtype).per_word > 1
    count = -(-size // 4) if wide or packed else size
    workgroups, row = grid(count)
    kernel = expand(
        "elementwise.wgsl",
        workgroup=WORKGROUP,
        row=f"{row}u",
        count=f"{count}u",
        stored=_stored(dtype, size, wide),
    )
    text = source.finished(kernel, dtype, size, wide)
    write = Span(value, 0, size * dtype.itemsize)
    return Dispatch(label, text, workgroups, tuple(source.reads), write, float(size * cost))


def _stored(dtype: DType, size: int, wide: bool) -> str:
    """What the kernel writes at place `i` of the result."""
    if layout(dtype).per_word == 1:
        return "element(i)"
    if wide:
        return f"pack_{dtype.name}(element(i))"
    # Lanes past the end repeat the last element: nobody reads them.
    lanes = ", ".join(f"element(min(4u * i + {lane}u, {size - 1}u))" for lane in range(4))
    return f"pack_{dtype.name}({value_type(dtype, True)}({lanes}))"
