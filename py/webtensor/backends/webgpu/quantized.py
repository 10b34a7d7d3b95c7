"""Products with integer weights as WGSL."""

from __future__ import annotations

import math

from ...graph.fuse import Group
from ...graph.node import Node
from ...graph.views import View
from .context import Context
from .elementwise import copied
from .kernel import Dispatch, Span
from .layout import load
from .matmul import Operand, Product, check_workgroups, dispatches_of, operand_of
from .source import Source, whole
from .template import expand

_ROWS, _COLUMNS = 4, 4
_WORKGROUP = 8


def quantized(group: Group, context: Context) -> list[Dispatch]:
    """The dispatches of a group whose anchor multiplies by integer weights."""
    anchor = group.anchor
    assert anchor is not None
    if anchor.kind == "linear_quantized":
        return _linear(group, anchor, context)
    return _integer(group, anchor, context)


def _buffer(group: Group, number: int, context: Context, before: list[Dispatch]) -> Span:
    """Operand `number` in a buffer of its own, contiguous; copied where it is not."""
    assert group.anchor is not None
    node, chain = group.anchor.inputs[number], group.prologues[number]
    read = None if chain.body else chain.reads[id(node)]
    if read and read.view.contiguous and read.node.size == node.size:
        return whole(read.node)
    return copied(chain, context, before)


def _linear(group: Group, anchor: Node, context: Context) -> list[Dispatch]:
    before: list[Dispatch] = []
    x, weight, scale, *zero = anchor.inputs
    k, n = x.shape[-1], weight.shape[0]
    spans = [_buffer(group, number, context, before) for number in range(1, len(anchor.inputs))]
    a = operand_of(group.prologues[0], x, (), context, before)
    per_group = k // scale.shape[1] // 4

    def widen(number: int, source: Source) -> None:
        names = [
            source.bind(span, node.dtype)
            for span, node in zip(spans, (weight, scale, *zero), strict=True)
        ]
        middle = f"{8.0 if anchor.options['bits'] == 4 else 0.0}"
        source.add(
            expand(
                "dequantize.wgsl",
                number=number,
                weight=names[0],
                scale=names[1],
                zero=f"f32({load(names[2], 'group', zero[0].dtype)})" if zero else middle,
                group=f"{per_group}u",
                four_bits=anchor.options["bits"] == 4,
            )
        )

    b = Operand(k, n, View((), ()), x.dtype, transposed=True, loader=widen, elements=n * k)
    return [*before, *dispatches_of(Product(a, b, anchor.dtype), group, context)]


def _integer(group: Group, anchor: Node, context: Context) -> list[Dispatch]:
    before: list[Dispatch] = []
    a, b = (_buffer(group, number, context, before) for number in range(2))
    m, n = math.prod(anchor.shape[:-1]), anchor.shape[-1]
    words = anchor.inputs[0].shape[-1] // 4
    source = context.source()
    names = [source.bind(span, one.dtype) for span, one in zip((a, b), anchor.inputs, strict=True)]
    source.chain("finish", group.epilogue, False, anchor)
    kernel = expand(
        "matmul_integer.wgsl",
        a=names[0],
        b=names[1],
        m=f"{m}u",
        n=f"{n}u",
        words=f"{words}u",
        rows=_ROWS,
        columns=_COLUMNS,
        packed_dot=context.packed_dot,
    )
    output = group.output
    groups = (-(-n // (_COLUMNS * _WORKGROUP)), -(-m // (_ROWS * _WORKGROUP)), 1)
    check_workgroups(groups, f"matmul_integer of ({m}, {4 * words}) and ({4 * words}, {n})")
    return [
        *before,
        Dispatch(
            "+".join(node.kind for node in group.body),
            source.finished(kernel, output.dtype, output.size, False),
            groups,
            tuple(source.reads),
            whole(output),
            2.0 * m * n * 4 * words,
        ),
    ]
