"""Running totals as WGSL.

A row that is long is cut into spans: one kernel adds each span up, the totals of the spans are
scanned (in the same way, where they are many), one kernel goes through the elements again. Elements
are read twice and written once, whatever the length: 12 bytes each of a 32-bit dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from ...dtypes import DType, float32, uint32
from ...graph.fuse import MAX_READS, Group
from .context import Context
from .elementwise import in_words
from .kernel import WORKGROUP, Dispatch, Span, grid
from .layout import is_half, layout
from .source import Source
from .template import expand

# Below so many rows, and above so many elements each, rows are cut into spans.
_FEW_ROWS = 1024
_LONG = 512
_LEAST_SPAN = 128
# llvmpipe ends loops after 65536 rounds, without a word.
_LONGEST = 1 << 15


@dataclass(frozen=True)
class Totals:
    """What runs along rows.

    Attributes:
        dtype: of the elements.
        product: whether they are multiplied, not added.
        exclusive: whether an element's total leaves out the element.
    """

    dtype: DType
    product: bool
    exclusive: bool

    @property
    def scaled(self) -> bool:
        return self.product and self.dtype.floating

    @property
    def stored(self) -> DType:
        """What a temporary has of a total."""
        if self.scaled:
            return uint32
        return float32 if is_half(self.dtype) else self.dtype

    @property
    def words(self) -> int:
        return 2 if self.scaled else 1

    def functions(self) -> str:
        """The arithmetic."""
        if self.scaled:
            return expand("scan_scaled.wgsl")
        scalar = layout(self.dtype).scalar
        identity = f"{scalar}({int(self.product)})"
        if self.dtype.floating and not self.exclusive:
            # Minus zero is what leaves every number as it is.
            identity = "bitcast<f32>(0x80000000u)"
        sign = "*" if self.product else "+"
        return expand("scan_plain.wgsl", scalar=scalar, identity=identity, sign=sign)

    def read(self, name: str, buffer: str) -> str:
        """`fn name`, which yields the total at a place of a temporary."""
        value = f"{buffer}[at]"
        if self.scaled:
            value = f"state(bitcast<f32>({buffer}[2u * at]), bitcast<i32>({buffer}[2u * at + 1u]))"
        return f"fn {name}(at: u32) -> state {{ return {value}; }}\n"

    def write(self) -> str:
        """`fn put`, which keeps a total in the result, a temporary."""
        statement = "result[at] = value;"
        if self.scaled:
            statement = (
                "result[2u * at] = bitcast<u32>(value.fraction); "
                "result[2u * at + 1u] = bitcast<u32>(value.exponent);"
            )
        return f"fn put(at: u32, value: state) {{ {statement} }}\n"


@dataclass(frozen=True)
class Scan:
    """Rows and what is to be made of them.

    Attributes:
        label: for `explain()`.
        name: tells this scan's temporaries from others.
        totals: what runs along the rows.
        rows, length, inner: so many rows of so many elements, `inner` of which lie side by side.
        reversed: whether totals run from the end.
        load: adds `fn item`, which yields an element's total.
        finish: adds `fn put`, which stores a running total.
        write, dtype: what is written, and how much of it.
    """

    label: str
    name: Hashable
    totals: Totals
    rows: int
    length: int
    inner: int
    reversed: bool
    load: Callable[[Source], None]
    finish: Callable[[Source], None]
    write: Span
    dtype: DType

    def dispatches(self, context: Context) -> list[Dispatch]:
        """The kernels, in order."""
        span = self._span()
        spans = -(-self.length // span)
        if spans == 1:
            return [self._kernel(context, span, None)]
        nbytes = self.rows * spans * self.totals.words * self.totals.stored.itemsize
        sums, offsets = (Span((one, self.name), 0, nbytes) for one in ("spans", "before spans"))
        for one in (sums, offsets):
            context.lowered.temporaries[one.value] = nbytes
        stored = self.totals.stored

        def load(source: Source) -> None:
            source.add(self.totals.read("item", source.bind(sums, stored)))

        between = Scan(
            f"{self.label} of spans",
            ("spans", self.name),
            Totals(self.totals.dtype, self.totals.product, True),
            self.rows,
            spans,
            1,
            False,
            load,
            lambda source: source.add(self.totals.write()),
            offsets,
            stored,
        )
        return [
            self._kernel(context, span, None, sums),
            *between.dispatches(context),
            self._kernel(context, span, offsets),
        ]

    def _span(self) -> int:
        """How much of a row an invocation goes through: all, where there are rows enough."""
        if self.length <= _LONG or (self.rows >= _FEW_ROWS and self.length <= _LONGEST):
            return self.length
        return min(max(math.isqrt(self.length), _LEAST_SPAN), _LONGEST)

    def _kernel(
        self, context: Context, span: int, before: Span | None, sums: Span | None = None
    ) -> Dispatch:
        """Through all spans: what stands before each is in `before`; their sums go to `sums`."""
        source = context.source()
        source.add(self.totals.functions())
        self.load(source)
        if before is not None:
            source.add(self.totals.read("before", source.bind(before, self.totals.stored)))
        if sums is None:
            self.finish(source)
        else:
            source.add(self.totals.write())
        spans = -(-self.length // span)
        count = self.rows * spans
        workgroups, row = grid(count)
        kernel = expand(
            "scan.wgsl",
            length=f"{self.length}u",
            inner=f"{self.inner}u",
            spans=f"{spans}u",
            span=f"{span}u",
            workgroup=WORKGROUP,
            row=f"{row}u",
            count=f"{count}u",
            reversed=self.reversed,
            continues=before is not None,
            exclusive=sums is None and self.totals.exclusive,
            inclusive=sums is None and not self.totals.exclusive,
            adds_up=sums is not None,
        )
        write = sums or self.write
        dtype = self.totals.stored if sums else self.dtype
        return Dispatch(
            self.label,
            source.finished(kernel, dtype, write.size // dtype.itemsize, False),
            workgroups,
            tuple(source.reads),
            write,
            2.0 * self.rows * self.length,
        )


def scan(group: Group, context: Context) -> list[Dispatch]:
    """The kernels of one group whose anchor runs along an axis."""
    anchor = group.anchor
    assert anchor is not None
    # The kernel that finishes reads one buffer more than the group does.
    if len(group.reads) >= MAX_READS:
        return in_words(group, context, scan)
    options = anchor.options
    length = anchor.shape[options["axis"]]
    output = group.output

    def load(source: Source) -> None:
        source.needs(anchor.dtype, False)
        source.chain("load", group.prologues[0], False)
        source.add("fn item(at: u32) -> state { return single(load(at)); }\n")

    def finish(source: Source) -> None:
        source.chain("finish", group.epilogue, False, anchor)
        source.add("fn put(at: u32, value: state) { result[at] = finish(at, total(value)); }\n")

    return Scan(
        "+".join(node.kind for node in group.body),
        id(anchor),
        Totals(anchor.dtype, anchor.kind == "cumulative_prod", options["exclusive"]),
        anchor.size // length,
        length,
        math.prod(anchor.shape[options["axis"] + 1 :]),
        options["reversed"],
        load,
        finish,
        Span(id(output), 0, output.nbytes),
        output.dtype,
    ).dispatches(context)
