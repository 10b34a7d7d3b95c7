"""Sorting and searching as WGSL.

Short rows: each element counts those before it, length² comparisons a row in one kernel. Others:
radix sort from the lowest digit of the keys on, which keeps the order of equal elements. Of n
elements with keys of b bits it takes b / d passes with digits of d bits, each reading every element
twice and writing it once, and no comparison; indices travel along as a second word.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass

from ...dtypes import DType, int32, uint32
from ...graph.fuse import MAX_READS, Group
from ...graph.node import Node
from .bands import band_numbers
from .context import Context
from .elementwise import element_kernel, in_words
from .kernel import WORKGROUP, Dispatch, Span, grid, workgroup_grid
from .layout import is_half, layout, type_name, value_type
from .scan import Scan, Totals
from .source import Source, whole
from .template import expand

# Rows so short, or of so many comparisons in all, are sorted by ranks.
_SHORT = 32
_FEW_COMPARISONS = 1 << 18
# A block's digits are counted apart: it must have some times as many elements.
_LEAST_PER_DIGIT = 4
# llvmpipe ends loops after 65536 rounds, without a word.
_LONGEST = 1 << 15
# Bits of a digit, at most: SwiftShader compiles for seconds where a workgroup has many counters.
_SOFTWARE_DIGIT = 6
_HARDWARE_DIGIT = 4
# Blocks of a row: as many invocations as a software adapter has use for, and hardware.
_SOFTWARE_BLOCKS = 256
_HARDWARE_BLOCKS = 1 << 14
# Few invocations go through many elements each: small workgroups spread them over cores.
_SOFTWARE_WORKGROUP = 4


@dataclass(frozen=True)
class _Pass:
    """One pass of a sort.

    Attributes:
        number, count: which of how many.
        read: the words that the pass before left, None in the first one.
    """

    number: int
    count: int
    read: Span | None

    @property
    def is_last(self) -> bool:
        return self.number == self.count - 1


@dataclass(frozen=True)
class _Sort:
    """The kernels of one group."""

    group: Group
    anchor: Node
    context: Context

    @property
    def dtype(self) -> DType:
        return self.anchor.inputs[0].dtype

    @property
    def bits(self) -> int:
        return 1 if self.dtype.kind == "bool" else 8 * self.dtype.itemsize

    @property
    def indices(self) -> bool:
        return self.anchor.kind == "argsort"

    @property
    def length(self) -> int:
        return self.anchor.shape[self.anchor.options["axis"]]

    @property
    def inner(self) -> int:
        return math.prod(self.anchor.shape[self.anchor.options["axis"] + 1 :])

    @property
    def rows(self) -> int:
        return self.anchor.size // self.length

    @property
    def finishes(self) -> bool:
        """Whether elements are stored as they are put; those that share words cannot be."""
        return not self.context.shares_words(self.group)

    @property
    def label(self) -> str:
        return "+".join(node.kind for node in self.group.body)

    def temporary(self, name: str, number: int, words: int) -> Span:
        value: Hashable = (name, number, id(self.anchor))
        self.context.lowered.temporaries[value] = 4 * words
        return Span(value, 0, 4 * words)

    def dispatches(self) -> list[Dispatch]:
        one_by_one = self.length <= _SHORT or self.anchor.size * self.length <= _FEW_COMPARISONS
        dispatches = [self._ranks()] if one_by_one else self._radix()
        if not self.finishes:
            dispatches.append(self._unpacked(dispatches[-1].write))
        return dispatches

    def _written(self, one: _Pass) -> Span:
        """Where a pass puts elements."""
        if one.is_last and self.finishes:
            return whole(self.group.output)
        pairs = self.indices and not one.is_last
        return self.temporary("sorted", one.number, self.anchor.size * (2 if pairs else 1))

    def _source(self, one: _Pass) -> Source:
        """With the functions of keys and of places that a pass needs."""
        source = self.context.source()
        source.needs(self.dtype, False)
        source.needs(self.anchor.dtype, False)
        source.add(self._keys())
        buffer = ""
        if one.read is None:
            source.chain("load", self.group.prologues[0], False)
        else:
            buffer = source.bind(one.read, uint32)
        if one.is_last and self.finishes:
            source.chain("finish", self.group.epilogue, False, self.anchor)
        source.add(
            expand(
                "sort_rows.wgsl",
                length=f"{self.length}u",
                inner=f"{self.inner}u",
                first=one.read is None,
                remembered=self.indices and one.read is not None,
                buffer=buffer,
                words="2u" if self.indices else "1u",
                finishes=one.is_last and self.finishes,
                pairs=self.indices and not one.is_last,
                kept="origin" if self.indices else "word",
                value="i32(origin)" if self.indices else "value_of(word)",
            )
        )
        return source

    def _keys(self) -> str:
        scalar, bits = layout(self.dtype).scalar, self.bits
        mask, sign = 2**bits - 1, 2 ** (bits - 1)
        word, value = {
            "f32": ("bitcast<u32>(x)", "bitcast<f32>(word)"),
            "i32": (
                f"bitcast<u32>(x) & {mask}u",
                f"bitcast<i32>(word << {32 - bits}u) >> {32 - bits}u",
            ),
            "u32": ("x", "word"),
            "bool": ("select(0u, 1u, x)", "word != 0u"),
        }[scalar]
        if is_half(self.dtype):
            word, value = "bits_float16(x)", "unpack_float16(word, 0u)"
        options = self.anchor.options
        return expand(
            "sort_keys.wgsl",
            scalar=scalar,
            mask=f"{mask}u",
            sign=f"{0 if self.dtype.kind in ('uint', 'bool') else sign}u",
            last=f"{0 if options['nan_first'] else mask}u",
            word=word,
            value=value,
            floating=self.dtype.floating,
            infinity="0x7c00u" if is_half(self.dtype) else "0x7f800000u",
            descending=options["descending"],
        )

    def _finished(
        self, source: Source, kernel: str, write: Span, dtype: DType, count: int, workgroup: int
    ) -> Dispatch:
        workgroups, _ = workgroup_grid(-(-count // workgroup))
        return Dispatch(
            self.label,
            source.finished(kernel, dtype, write.size // dtype.itemsize, False),
            workgroups,
            tuple(source.reads),
            write,
            8.0 * self.anchor.size,
        )

    def _ranks(self) -> Dispatch:
        only = _Pass(0, 1, None)
        source, write = self._source(only), self._written(only)
        workgroups, row = grid(self.anchor.size)
        kernel = expand(
            "sort_ranks.wgsl", workgroup=WORKGROUP, row=f"{row}u", count=f"{self.anchor.size}u"
        )
        dtype = self.group.output.dtype if self.finishes else uint32
        return Dispatch(
            self.label,
            source.finished(kernel, dtype, self.anchor.size, False),
            workgroups,
            tuple(source.reads),
            write,
            4.0 * self.anchor.size * self.length,
        )

    def _radix(self) -> list[Dispatch]:
        software = not self.context.adapter.shares_rows
        most = _SOFTWARE_BLOCKS if software else _HARDWARE_BLOCKS
        count = -(-self.bits // (_SOFTWARE_DIGIT if software else _HARDWARE_DIGIT))
        digit = -(-self.bits // count)
        block = max(-(-self.length // most), _LEAST_PER_DIGIT << digit)
        block = min(block, _LONGEST, self.length)
        blocks = -(-self.length // block)
        workgroup = _SOFTWARE_WORKGROUP if software else WORKGROUP
        dispatches, places = band_numbers(self.context, count)
        read: Span | None = None
        for number, place in enumerate(places):
            one = _Pass(number, count, read)
            entries = (self.rows << digit) * blocks
            counts, offsets = (
                self.temporary(name, number, entries) for name in ("counts", "offsets")
            )
            dispatches.append(self._blocks(one, place, digit, block, workgroup, counts, None))
            dispatches += self._added_up(number, counts, offsets, blocks << digit)
            read = self._written(one)
            dispatches.append(self._blocks(one, place, digit, block, workgroup, read, offsets))
        return dispatches

    def _blocks(
        self,
        one: _Pass,
        place: Span,
        digit: int,
        block: int,
        workgroup: int,
        write: Span,
        offsets: Span | None,
    ) -> Dispatch:
        """A pass's counts, or with `offsets` its moves. Its number is read from `place`, so that
        one pipeline serves several passes."""
        source = self._source(one)
        blocks = -(-self.length // block)
        count = self.rows * blocks
        _, per_row = workgroup_grid(-(-count // workgroup))
        kernel = expand(
            "sort_blocks.wgsl",
            digits=f"{1 << digit}u",
            shift=f"{digit}u * {source.bind(place, uint32)}[0]",
            blocks=f"{blocks}u",
            block=f"{block}u",
            workgroup=f"{workgroup}u",
            row=f"{per_row * workgroup}u",
            count=f"{count}u",
            scatters=offsets is not None,
            offsets=source.bind(offsets, uint32) if offsets else "",
        )
        finishes = offsets is not None and one.is_last and self.finishes
        dtype = self.group.output.dtype if finishes else uint32
        return self._finished(source, kernel, write, dtype, count, workgroup)

    def _added_up(self, number: int, counts: Span, offsets: Span, length: int) -> list[Dispatch]:
        totals = Totals(uint32, product=False, exclusive=True)

        def load(source: Source) -> None:
            source.add(totals.read("item", source.bind(counts, uint32)))

        return Scan(
            f"{self.label}, offsets",
            ("offsets", number, id(self.anchor)),
            totals,
            self.rows,
            length,
            1,
            False,
            load,
            lambda source: source.add(totals.write()),
            offsets,
            uint32,
        ).dispatches(self.context)

    def _unpacked(self, words: Span) -> Dispatch:
        """The group's output from words in the order of rows."""
        source = self.context.source()
        source.needs(self.dtype, False)
        source.needs(self.anchor.dtype, False)
        source.add(self._keys())
        buffer = source.bind(words, uint32)
        source.chain("finish", self.group.epilogue, False, self.anchor, stores=False)
        output = self.group.output
        value = "bitcast<i32>(word)" if self.indices else "value_of(word)"
        source.add(
            expand(
                "sort_unpacked.wgsl",
                length=f"{self.length}u",
                inner=f"{self.inner}u",
                buffer=buffer,
                value=value,
                returned=value_type(output.dtype, False),
            )
        )
        cost = 1 + len(self.group.body)
        return element_kernel(self.label, whole(output), output.dtype, source, cost, False)


def sort(group: Group, context: Context) -> list[Dispatch]:
    """The kernels of one group whose anchor is sort or argsort."""
    anchor = group.anchor
    assert anchor is not None
    # The kernel that finishes reads two buffers more than the group does.
    if len(group.reads) >= MAX_READS - 1:
        return in_words(group, context, sort)
    return _Sort(group, anchor, context).dispatches()


def search(group: Group, context: Context) -> list[Dispatch]:
    """The kernel of one group whose anchor is searchsorted: a binary search for each element."""
    anchor = group.anchor
    assert anchor is not None
    among = anchor.inputs[0]
    source = context.source()
    for name, chain in zip(("sorted_at", "wanted_at"), group.prologues, strict=True):
        source.chain(name, chain, False)
    for dtype in (among.dtype, int32):
        source.needs(dtype, False)
    source.add(
        expand(
            "searchsorted.wgsl",
            scalar=layout(among.dtype).scalar,
            type=type_name(among.dtype, False),
            floating=among.dtype.floating,
            bool=among.dtype.kind == "bool",
            length=f"{among.size}u",
            right=anchor.options["right"],
        )
    )
    source.chain("finish", group.epilogue, False, anchor, stores=False)
    output = group.output
    returned = value_type(output.dtype, False)
    source.add(f"fn element(i: u32) -> {returned} {{ return finish(i, searched(i)); }}\n")
    label = "+".join(node.kind for node in group.body)
    cost = 4 * max(among.size, 2).bit_length()
    return [element_kernel(label, whole(output), output.dtype, source, cost, False)]
