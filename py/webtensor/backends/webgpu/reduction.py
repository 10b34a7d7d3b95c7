"""Reductions as WGSL: one pass, or two where few outputs would leave the device idle."""

from __future__ import annotations

import math
from collections.abc import Hashable

from ...graph.fuse import Group
from ...graph.node import Node
from ...graph.views import View
from ...operators import Operator
from .elementwise import NONFINITE, fill, prelude
from .kernel import (
    WORKGROUP,
    Dispatch,
    Lowered,
    Span,
    count_of,
    grid,
    index_expression,
    split_view,
)
from .layout import array_type, layout
from .template import expand

# Below so many outputs, and above so many elements each, a reduction is split into spans.
_FEW_OUTPUTS = 1024
_LONG = 4096
# llvmpipe ends every loop after 65536 rounds, without a word.
_LONGEST = 1 << 15


def reduction(group: Group, lowered: Lowered) -> list[Dispatch]:
    """The passes of one reduction; a temporary of `lowered` holds what lies between two."""
    output = group.output
    node = group.body[-1]
    read = group.reads[id(node.inputs[0])]
    kept, reduced = split_view(read.view, node.options["axes"])
    length = count_of(reduced)
    if length == 0:
        return [fill(output, float(node.operator.identity or 0))]
    first = Span(id(read.node), 0, read.node.nbytes)
    if length < _LONG or (output.size >= _FEW_OUTPUTS and length <= _LONGEST):
        return [_pass(node.operator, output, (kept, reduced), read.node, first, id(output), length)]
    span = max(math.isqrt(length), 1)
    spans = -(-length // span)
    partial: Hashable = ("partial", id(output))
    count = output.size * spans
    lowered.temporaries[partial] = count * output.dtype.itemsize
    second = (View((output.size,), (spans,)), View((spans,), (1,)))
    return [
        _pass(node.operator, output, (kept, reduced), read.node, first, partial, span),
        _pass(
            node.operator,
            output,
            second,
            None,
            Span(partial, 0, count * output.dtype.itemsize),
            id(output),
            spans,
        ),
    ]


def _pass(
    operator: Operator,
    output: Node,
    views: tuple[View, View],
    node: Node | None,
    read: Span,
    write: Hashable,
    span: int,
) -> Dispatch:
    kept, reduced = views
    dtype = output.dtype
    length = count_of(reduced)
    spans = -(-length // span)
    count = output.size * spans
    workgroups, row = grid(count)
    read_size = node.size if node else read.size // dtype.itemsize
    source = (
        f"@group(0) @binding(0) var<storage, read> operand: {array_type(read_size, dtype)};\n"
        f"@group(0) @binding(1) var<storage, read_write> result: {array_type(count, dtype)};\n"
        f"fn kept(i: u32) -> u32 {{ return {index_expression(kept, 'i')}; }}\n"
        f"fn reduced(i: u32) -> u32 {{ return {index_expression(reduced, 'i')}; }}\n"
    )
    source += NONFINITE
    source += prelude(dtype, wide=False)
    source += expand(
        "reduction.wgsl",
        workgroup=WORKGROUP,
        row=f"{row}u",
        count=f"{count}u",
        spans=f"{spans}u",
        span=f"{span}u",
        length=f"{length}u",
        combine=operator.wgsl.format(type=layout(dtype).scalar),
    )
    return Dispatch(
        operator.name,
        source,
        workgroups,
        (read,),
        Span(write, 0, count * dtype.itemsize),
        float(output.size * length),
    )
