"""argmax and argmin as WGSL: one kernel, or for long rows one that finds the best of each span and
one that compares those."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass

from ...dtypes import int32
from ...graph.fuse import Group
from ...graph.node import Node
from .context import Context
from .kernel import WORKGROUP, Dispatch, Span, grid, workgroup_grid
from .layout import type_name, value_type
from .source import Source
from .template import expand

# Below so many rows, and above so many elements each, rows are split into spans.
_FEW_ROWS = 1024
_LONG = 4096
# llvmpipe ends loops after 65536 rounds, without a word.
_LONGEST = 1 << 15
# Where workgroups share rows: rows so short are better left to one invocation each.
_SHORT = 64


@dataclass(frozen=True)
class _Search:
    """The kernels of one group."""

    group: Group
    anchor: Node
    together: bool
    native_half: bool

    @property
    def axis(self) -> int:
        return int(self.anchor.options["axis"])

    @property
    def inner(self) -> int:
        return math.prod(self.anchor.inputs[0].shape[self.axis + 1 :])

    def dispatch(
        self, candidates: int, span: int, partial: Hashable = None, joins: Span | None = None
    ) -> Dispatch:
        """One kernel over rows of so many candidates (all elements, or what `joins` has of each
        span), in spans of `span`; `partial` takes what it finds where the output does not."""
        operand, anchor = self.anchor.inputs[0], self.anchor
        wide = joins is None and self.inner == 1 and candidates % 4 == 0 and span % 4 == 0
        source = Source(self.native_half)
        source.chain("load", self.group.prologues[0], wide)
        source.needs(operand.dtype, False)
        source.needs(operand.dtype, wide)
        if joins is not None:
            source.plain("found_in_spans", joins, int32, False)
        output = self.group.output
        if partial is None:
            source.chain("finish", self.group.epilogue, False, anchor)
        else:
            output = anchor
            source.identity("finish", int32)
        per = 4 if wide else 1
        spans = -(-candidates // span)
        count = anchor.size * spans
        kernel = self._operands(candidates // per, span // per, spans, wide, joins is not None)
        kernel += self._main(count, wide, joins is not None)
        groups, _ = workgroup_grid(count) if self.together else grid(count)
        written = partial if partial is not None else id(output)
        return Dispatch(
            "+".join(node.kind for node in self.group.body),
            source.finished(kernel, output.dtype, count, False),
            groups,
            tuple(source.reads),
            Span(written, 0, count * output.dtype.itemsize),
            float(2 * anchor.size * candidates),
        )

    def _operands(self, candidates: int, span: int, spans: int, wide: bool, joins: bool) -> str:
        operand = self.anchor.inputs[0]
        dtype, beats = operand.dtype, self.anchor.operator.wgsl
        names = {lanes: type_name(dtype, lanes) for lanes in (False, True)}
        return expand(
            "index_operands.wgsl",
            length=f"{operand.shape[self.axis]}u",
            inner=f"{self.inner}u",
            span=f"{span}u",
            spans=f"{spans}u",
            candidates=f"{candidates}u",
            scalar=value_type(dtype, False),
            value=value_type(dtype, wide),
            places="vec4<u32>" if wide else "u32",
            type=names[False],
            type_wide=names[True],
            beats=beats.format("x", "best", type=names[False]),
            beats_wide=beats.format("x", "best", type=names[True]),
            floating=dtype.floating,
            wide=wide,
            joins=joins,
        )

    def _main(self, count: int, wide: bool, joins: bool) -> str:
        _, row = workgroup_grid(count) if self.together else grid(count)
        search = expand(
            "index_search.wgsl",
            wide=wide,
            first="local" if self.together else "0u",
            step=f"{WORKGROUP}u" if self.together else "1u",
        )
        return expand(
            "index_workgroup.wgsl" if self.together else "index_direct.wgsl",
            workgroup=f"{WORKGROUP}u",
            row=f"{row}u",
            count=f"{count}u",
            search=search.rstrip("\n"),
        )


def extreme_index(group: Group, context: Context) -> list[Dispatch]:
    """The kernels of one group whose anchor is argmax or argmin."""
    anchor = group.anchor
    assert anchor is not None
    length = anchor.inputs[0].shape[anchor.options["axis"]]
    inner = math.prod(anchor.inputs[0].shape[anchor.options["axis"] + 1 :])
    together = context.adapter.shares_rows and inner == 1 and length > _SHORT
    search = _Search(group, anchor, together, context.native_half)
    enough = _LONGEST if together or anchor.size >= _FEW_ROWS else _LONG
    if length < enough:
        return [search.dispatch(length, length)]
    span = max(math.isqrt(length) // 4 * 4, 4)
    partial: Hashable = ("partial", id(anchor))
    spans = -(-length // span)
    context.lowered.temporaries[partial] = anchor.size * spans * int32.itemsize
    first = search.dispatch(length, span, partial=partial)
    return [first, search.dispatch(spans, spans, joins=first.write)]
