"""What lowering yields: dispatches over values, before there are buffers."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from ...graph.node import Node
from ...graph.views import View

# WebGPU guarantees this many workgroups per dimension.
MAX_WORKGROUPS = 65535
WORKGROUP = 64


@dataclass(frozen=True)
class Span:
    """Bytes of a value: all of it, or a band."""

    value: Hashable
    offset: int
    size: int


@dataclass(frozen=True)
class Dispatch:
    """One kernel call.

    Attributes:
        label: for `explain()`.
        source: WGSL; bindings 0… are `reads`, the next one is `write`.
        workgroups: x, y, z.
        cost: floating-point operations, about.
    """

    label: str
    source: str
    workgroups: tuple[int, int, int]
    reads: tuple[Span, ...]
    write: Span
    cost: float


@dataclass
class Lowered:
    """A graph as dispatches.

    Attributes:
        dispatches: in order.
        temporaries: bytes of each value that is neither an input nor an output.
        constants: bytes of each table that kernels read, computed here: values like the others, but
            one of the same name has the same bytes in every lowering.
        stand_ins: nodes that are in no graph, but whose ids name temporaries.
    """

    dispatches: list[Dispatch] = field(default_factory=list)
    temporaries: dict[Hashable, int] = field(default_factory=dict)
    constants: dict[Hashable, bytes] = field(default_factory=dict)
    stand_ins: list[Node] = field(default_factory=list)


def grid(count: int, workgroup: int = WORKGROUP) -> tuple[tuple[int, int, int], int]:
    """Workgroups for `count` invocations, and invocations per row of that grid."""
    workgroups, per_row = workgroup_grid(-(-count // workgroup))
    return workgroups, per_row * workgroup


def workgroup_grid(groups: int) -> tuple[tuple[int, int, int], int]:
    """A grid of so many workgroups, and workgroups per row of it."""
    rows = -(-groups // MAX_WORKGROUPS)
    per_row = -(-groups // rows)
    return (per_row, rows, 1), per_row


def collapse(view: View) -> list[tuple[int, int]]:
    """(size, stride) per axis, axes that lie behind one another joined, those of size 1 gone."""
    axes: list[tuple[int, int]] = []
    for size, stride in zip(view.shape, view.strides, strict=True):
        if size == 1:
            continue
        if axes and axes[-1][1] == stride * size:
            axes[-1] = (axes[-1][0] * size, stride)
        else:
            axes.append((size, stride))
    return axes


def index_expression(view: View, index: str) -> str:
    """WGSL for where element number `index` (in C order) of `view` lies in its buffer.

    Backward strides are written as what they are modulo 2³², in which u32 computes.
    """
    terms: list[str] = []
    below = 1
    axes = collapse(view)
    for position, (size, stride) in enumerate(reversed(axes)):
        term = index if below == 1 else f"{index} / {below}u"
        if position < len(axes) - 1:
            term = f"({term}) % {size}u" if below > 1 else f"{index} % {size}u"
        if stride:
            terms.append(f"({term}) * {stride % 2**32}u" if stride != 1 else f"({term})")
        below *= size
    if view.offset:
        terms.append(f"{view.offset % 2**32}u")
    return " + ".join(reversed(terms)) or "0u"


def reach(view: View, first: int, count: int) -> tuple[int, int]:
    """The lowest and the highest place in the buffer of `count` elements of `view`, in C order
    from number `first` on; places in between may belong to others."""
    axes = collapse(view) or [(1, 0)]
    (_, outer), inner = axes[0], axes[1:]
    row = math.prod(size for size, _ in inner)
    steps = [first // row * outer, (first + count - 1) // row * outer]
    ends = [(size - 1) * stride for size, stride in inner]
    low = min(steps) + sum(min(end, 0) for end in ends)
    high = max(steps) + sum(max(end, 0) for end in ends)
    return view.offset + low, view.offset + high


def split_view(view: View, axes: Sequence[int]) -> tuple[View, View]:
    """The view of the axes that stay, and of those in `axes` relative to it."""
    kept = [axis for axis in range(len(view.shape)) if axis not in axes]
    inner = view.permuted(tuple(axes))
    return view.permuted(tuple(kept)), View(inner.shape, inner.strides)


def count_of(view: View) -> int:
    return math.prod(view.shape)
