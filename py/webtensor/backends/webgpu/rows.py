"""Operators that go through rows: reductions, and what needs statistics of a row for each of its
elements (softmax, normalisation). One kernel, whatever the number of passes."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from ...dtypes import DType, float32
from ...graph.fuse import Group
from ...graph.node import Node
from ...graph.views import View
from .context import Context
from .elementwise import computed, fill, in_words
from .kernel import (
    WORKGROUP,
    Dispatch,
    Span,
    collapse,
    count_of,
    grid,
    index_expression,
    split_view,
    workgroup_grid,
)
from .layout import is_half, type_name, value_type
from .source import Source, literal, whole
from .template import expand

# Below so many rows, and above so many elements each, a reduction is split into spans.
_FEW_ROWS = 1024
_LONG = 4096
# llvmpipe ends loops after 65536 rounds, without a word.
_LONGEST = 1 << 15
# Where workgroups share rows: rows so short are better left to one invocation each.
_SHORT = 64
# WGSL writes no infinities and no NaN.
_LARGEST = 2.0**127


@dataclass(frozen=True)
class _Rows:
    """How rows lie in the operand and in the result, in elements.

    Attributes:
        kept, reduced: where a row begins, and its elements relative to that, in the operand.
        kept_place, reduced_place: likewise in a result that has an element for each.
    """

    kept: View
    reduced: View
    kept_place: View
    reduced_place: View

    @classmethod
    def of(cls, view: View, axes: Sequence[int]) -> _Rows:
        return cls(*split_view(view, axes), *split_view(View.of(view.shape), axes))

    @property
    def count(self) -> int:
        return count_of(self.kept)

    @property
    def length(self) -> int:
        return count_of(self.reduced)

    @property
    def consecutive(self) -> bool:
        """Whether the elements of a row are neighbours, in the operand and in the result."""
        return all(
            collapse(view) in ([], [(self.length, 1)])
            for view in (self.reduced, self.reduced_place)
        )

    def in_vectors(self, elements: int) -> _Rows | None:
        """The same counted in vectors of four; None where rows are no whole vectors."""
        begins = (self.kept, self.kept_place)
        whole_vectors = (
            self.consecutive
            and self.length % 4 == 0
            and elements % 4 == 0
            and not any(view.offset % 4 or any(s % 4 for s in view.strides) for view in begins)
        )
        if not whole_vectors:
            return None
        kept, kept_place = (
            View(view.shape, tuple(s // 4 for s in view.strides), view.offset // 4)
            for view in begins
        )
        row = View((self.length // 4,), (1,))
        return _Rows(kept, row, kept_place, row)


def rows(group: Group, context: Context) -> list[Dispatch]:
    """The kernels of one group whose anchor is a reduction or goes through rows."""
    anchor = group.anchor
    assert anchor is not None
    chain = group.prologues[0]
    node = anchor.inputs[0]
    read = None if chain.body else chain.reads[id(node)]
    arranged = _Rows.of(read.view if read else View.of(node.shape), anchor.options["axes"])
    if arranged.length == 0:
        # A reduction of nothing is its identity.
        half = context.native_half
        value = fill(anchor, float(anchor.operator.identity or 0), half)
        if not group.epilogue.body:
            return [value]
        return [value, computed(context.detached(group), id(group.output), half)]
    elements = read.node.size if read else node.size
    vectors = arranged.in_vectors(elements)
    stores_vectors = anchor.operator.family == "rows" and vectors is not None
    if context.shares_words(group) and not stores_vectors:
        return in_words(group, context, rows)
    together = _together(arranged, vectors, anchor, context)
    spans = _spans(arranged, anchor, together)
    kernel = _Kernel(group, anchor, together, context.native_half)
    if spans == 1:
        return [kernel.dispatch(vectors or arranged, vectors is not None, 1)]
    partial: Hashable = ("partial", id(anchor))
    count = arranged.count * spans
    context.lowered.temporaries[partial] = count * _partial_dtype(anchor).itemsize
    joined = _Rows.of(View.of((arranged.count, spans)), (1,))
    first = kernel.dispatch(vectors or arranged, vectors is not None, spans, partial=partial)
    return [first, kernel.dispatch(joined, False, 1, joins=first.write)]


def _together(arranged: _Rows, vectors: _Rows | None, anchor: Node, context: Context) -> bool:
    """Whether a workgroup shares each row."""
    rounds = (vectors or arranged).length * (len(anchor.operator.passes) + 1)
    if anchor.operator.family == "rows" and rounds > _LONGEST:
        return True
    return context.adapter.shares_rows and arranged.consecutive and arranged.length > _SHORT


def _spans(arranged: _Rows, anchor: Node, together: bool) -> int:
    """Into how many spans rows are split, so that enough invocations have work."""
    length = arranged.length
    enough = _LONGEST if together or arranged.count >= _FEW_ROWS else _LONG
    if anchor.operator.family == "rows" or length < enough:
        return 1
    return -(-length // max(math.isqrt(length) // 4 * 4, 4))


def _partial_dtype(anchor: Node) -> DType:
    """What the spans of split rows yield: float16 is rounded when they have been joined."""
    return float32 if is_half(anchor.dtype) else anchor.dtype


@dataclass(frozen=True)
class _Kernel:
    group: Group
    anchor: Node
    together: bool
    native_half: bool

    def dispatch(
        self,
        arranged: _Rows,
        wide: bool,
        spans: int,
        partial: Hashable = None,
        joins: Span | None = None,
    ) -> Dispatch:
        """One kernel over `arranged` (in vectors, where `wide`).

        `partial` names the temporary that takes what each span yields; `joins` is that temporary
        where the kernel joins them.
        """
        source = Source(self.native_half)
        operand, anchor = self.anchor.inputs[0], self.anchor
        chain = self.group.prologues[0]
        if joins is not None:
            source.plain("load", joins, _partial_dtype(anchor), wide)
        elif chain.body:
            source.chain("load", chain, wide)
        else:
            source.plain("load", whole(chain.reads[id(operand)].node), operand.dtype, wide)
        self._helpers(source, arranged, wide)
        maps = anchor.operator.family == "rows"
        output = self.group.output
        dtype = output.dtype
        if partial is None:
            source.chain("finish", self.group.epilogue, wide and maps, anchor)
        else:
            dtype = _partial_dtype(anchor)
            source.identity("finish", dtype)
        count = arranged.count * spans
        size = count if partial is not None else output.size
        kernel = self._text(arranged, wide, spans, count, maps)
        text = source.finished(kernel, dtype, size, wide and maps)
        groups, _ = workgroup_grid(count) if self.together else grid(count)
        written = partial if partial is not None else id(output)
        label = "+".join(node.kind for node in self.group.body)
        return Dispatch(
            label,
            text,
            groups,
            tuple(source.reads),
            Span(written, 0, size * dtype.itemsize),
            float(operand.size * (len(anchor.operator.passes) + 1)),
        )

    def _helpers(self, source: Source, arranged: _Rows, wide: bool) -> None:
        """The functions of indices, terms and statistics."""
        for name, view in (
            ("kept", arranged.kept),
            ("reduced", arranged.reduced),
            ("kept_place", arranged.kept_place),
            ("reduced_place", arranged.reduced_place),
        ):
            source.add(f"fn {name}(i: u32) -> u32 {{ return {index_expression(view, 'i')}; }}\n")
        dtype = self.anchor.dtype
        value, scalar = value_type(dtype, wide), value_type(dtype, False)
        source.needs(dtype, False)
        source.needs(dtype, wide)
        for number, one in enumerate(self.anchor.operator.passes):
            statistics = _parameters(number, scalar)
            term = self._filled(one.term, wide)
            joins = one.combine.format(type=type_name(dtype, False))
            combine = one.combine.format(type=type_name(dtype, wide))
            statistic = self._filled(one.statistic, False)
            pair = f"accumulator: {scalar}, value: {scalar}"
            wide_pair = f"accumulator: {value}, value: {value}"
            source.add(
                f"fn term_{number}(x: {value}{statistics}) -> {value} {{ return {term}; }}\n"
                f"fn combine_{number}({wide_pair}) -> {value} {{ return {combine}; }}\n"
                f"fn join_{number}({pair}) -> {scalar} {{ return {joins}; }}\n"
                f"fn statistic_{number}(total: {scalar}) -> {scalar} {{ return {statistic}; }}\n"
            )
        if self.anchor.operator.family == "rows":
            statistics = _parameters(len(self.anchor.operator.passes), scalar)
            mapped = self._filled(self.anchor.operator.wgsl, wide)
            source.add(f"fn mapped(x: {value}{statistics}) -> {value} {{ return {mapped}; }}\n")
            if self._keeps():
                source.add(f"fn put(at: u32, value: {value}) {{ result[at] = value; }}\n")

    def _keeps(self) -> bool:
        """Whether the last pass leaves its terms in the result, to be mapped from there."""
        dtype = self.anchor.dtype
        # float16 would round them.
        kept = self.group.output.dtype == dtype and not is_half(dtype)
        return self.anchor.operator.maps_terms and kept

    def _filled(self, text: str, wide: bool) -> str:
        dtype: DType = self.anchor.dtype
        attributes = {
            name: f"f32({value!r})" if abs(value) < _LARGEST else literal(value, dtype)
            for name, value in self.anchor.attributes
            if isinstance(value, float)
        }
        operand, axes = self.anchor.inputs[0], self.anchor.options["axes"]
        count = math.prod(operand.shape[axis] for axis in axes)
        last = self.anchor.operator.passes[-1].term
        again = last.format(type=type_name(dtype, wide)) if not self._keeps() else "x"
        return text.format(
            type=type_name(dtype, wide), count=f"{count}.0", term=again, **attributes
        )

    def _text(self, arranged: _Rows, wide: bool, spans: int, count: int, maps: bool) -> str:
        folder = "rows_workgroup" if self.together else "rows_direct"
        workgroup = f"{WORKGROUP}u"
        passes = self.anchor.operator.passes
        _, row = workgroup_grid(count) if self.together else grid(count)
        keeps = maps and self._keeps()
        span = -(-arranged.length // spans)
        constants = (
            f"const SPANS = {spans}u;\nconst SPAN = {span}u;\nconst LENGTH = {arranged.length}u;\n"
        )
        return constants + expand(
            f"{folder}.wgsl",
            workgroup=workgroup,
            scalar=value_type(self.anchor.dtype, False),
            row=f"{row}u",
            count=f"{count}u",
            passes="".join(
                self._pass(folder, number, wide, workgroup, keeps and number == len(passes) - 1)
                for number in range(len(passes))
            ).rstrip("\n"),
            maps=maps,
            element="result[at]" if keeps else "load(base + reduced(j))",
            statistics=_arguments(len(passes)),
        )

    def _pass(self, folder: str, number: int, wide: bool, workgroup: str, keep: bool) -> str:
        accumulator = f"accumulator_{number}"
        lanes = (
            f"join_{number}(join_{number}({accumulator}.x, {accumulator}.y), "
            f"join_{number}({accumulator}.z, {accumulator}.w))"
        )
        return expand(
            f"{folder}_pass.wgsl",
            p=number,
            workgroup=workgroup,
            statistics=_arguments(number),
            joined=lanes if wide else accumulator,
            keep=keep,
        )


def _parameters(count: int, scalar: str) -> str:
    return "".join(f", s{number}: {scalar}" for number in range(count))


def _arguments(count: int) -> str:
    return "".join(f", s{number}" for number in range(count))
