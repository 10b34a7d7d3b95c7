"""The matrix product as WGSL: how it sees its operands, its tile, and its bands."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from ...dtypes import DType
from ...errors import UnsupportedOperatorError
from ...graph.fuse import Chain, Group, Read
from ...graph.node import Node
from ...graph.views import View
from .context import Context
from .elementwise import computed, copied, fill, in_words
from .kernel import MAX_WORKGROUPS, Dispatch, Span, index_expression
from .layout import layout
from .source import Part, Source, whole
from .template import expand
from .variants import Variant

# WebGPU guarantees that a binding's offset may be any multiple of this.
_OFFSET_ALIGNMENT = 256


@dataclass(frozen=True)
class Operand:
    """One operand: matrices of rows × columns, contiguous or transposed.

    Attributes:
        rows, columns: of each matrix, as the product sees it.
        batch: how matrix number i lies: a view over the batch axes, strides in elements.
        dtype: of the elements that are read.
        transposed: whether columns lie in the buffer as rows do.
        span: the buffer that is read, None where something computes the elements.
        chain: what computes the elements, or None.
        loader: adds the function that loads vectors, where neither does; or None.
        elements: how many the buffer has.
    """

    rows: int
    columns: int
    batch: View
    dtype: DType
    transposed: bool = False
    span: Span | None = None
    chain: Chain | None = None
    elements: int = 0
    loader: Callable[[int, Source], None] | None = None

    @property
    def line(self) -> int:
        """Elements that are neighbours."""
        return self.rows if self.transposed else self.columns

    @property
    def wide(self) -> bool:
        """Whether its elements can be loaded as vectors of four."""
        aligned = self.line % 4 == 0 and not any(stride % 4 for stride in self.batch.strides)
        return aligned and self.batch.offset % 4 == 0 and self.elements % 4 == 0


@dataclass(frozen=True)
class Product:
    """C (batch × m × n) = A · B."""

    a: Operand
    b: Operand
    dtype: DType

    @property
    def m(self) -> int:
        return self.a.rows

    @property
    def n(self) -> int:
        return self.b.columns

    @property
    def k(self) -> int:
        return self.a.columns

    @property
    def batch(self) -> int:
        return math.prod(self.a.batch.shape)

    @classmethod
    def plain(cls, m: int, n: int, k: int, dtype: DType) -> Product:
        """A product of two contiguous matrices."""
        one = View((), ())
        a = Operand(m, k, one, dtype, span=Span("a", 0, m * k * dtype.itemsize), elements=m * k)
        b = Operand(k, n, one, dtype, span=Span("b", 0, k * n * dtype.itemsize), elements=k * n)
        return cls(a, b, dtype)


def rows_and_columns(group: Group) -> tuple[int, int]:
    """Of the product that the kernel computes; matrices that share B count as one."""
    anchor = group.anchor
    assert anchor is not None
    (m, n), batch = anchor.shape[-2:], math.prod(anchor.shape[:-2])
    shared = math.prod(anchor.inputs[1].shape[:-2]) == 1
    return (m * batch if shared else m), n


def product(group: Group, context: Context) -> list[Dispatch]:
    """The dispatches of a group whose anchor is a matrix product."""
    anchor = group.anchor
    assert anchor is not None
    half = context.native_half
    if anchor.inputs[0].shape[-1] == 0:
        zeros = fill(anchor, 0, half)
        if not group.epilogue.body:
            return [zeros]
        return [zeros, computed(context.detached(group), id(group.output), half)]
    if context.shares_words(group) and anchor.shape[-1] % 4:
        return in_words(group, context, product)
    dispatches: list[Dispatch] = []
    batch = anchor.shape[:-2]
    a, b = (
        operand_of(chain, node, batch, context, dispatches)
        for chain, node in zip(group.prologues, anchor.inputs, strict=True)
    )
    made = _as_one_matrix(Product(a, b, anchor.dtype))
    return [*dispatches, *dispatches_of(made, group, context)]


def dispatches_of(product: Product, group: Group, context: Context) -> list[Dispatch]:
    """One dispatch of a product that the group's anchor is, or one for each band of its rows."""
    anchor, a, half = group.anchor, product.a, context.native_half
    assert anchor is not None
    variant = context.adapter.product(product.m, product.n)
    band = product.m
    if product.batch == 1:
        band = min(band, _band_rows(product, group.output.dtype, variant, context))
    if band == product.m:
        source = context.source()
        return [_dispatch(product, group.epilogue, anchor, None, 0, variant, source)]
    dispatches: list[Dispatch] = []
    if a.chain is not None or a.transposed or a.batch.offset:
        a = _copied(a, group.prologues[0], anchor.inputs[0], context, dispatches)
        product = replace(product, a=a)
    if _bands_take(group.epilogue, anchor):
        return [*dispatches, *_bands(product, group.epilogue, anchor, band, variant, half)]
    dispatches += _bands(product, Chain(anchor, (), {}), anchor, band, variant, half)
    if group.epilogue.body:
        dispatches.append(computed(context.detached(group), id(group.output), half))
    return dispatches


def operand_of(
    chain: Chain, node: Node, batch: tuple[int, ...], context: Context, dispatches: list[Dispatch]
) -> Operand:
    """How the kernel sees an operand; what no kernel can see is copied first."""
    rows, columns = node.shape[-2:]
    if chain.body:
        lies = _batch(View.of(node.shape), batch)
        return Operand(rows, columns, lies, node.dtype, chain=chain, elements=node.size)
    read = chain.reads[id(node)]
    return _readable(read, batch) or _copied(
        Operand(rows, columns, _batch(View.of(node.shape), batch), node.dtype),
        chain,
        node,
        context,
        dispatches,
    )


def _readable(read: Read, batch: tuple[int, ...]) -> Operand | None:
    """A buffer whose matrices are contiguous, or are when transposed; else None."""
    view = read.view
    rows, columns = view.shape[-2:]
    down, across = view.strides[-2:]
    lies = View(view.shape[:-2], view.strides[:-2], view.offset).expanded(batch)
    span, elements, dtype = whole(read.node), read.node.size, read.node.dtype
    if (down == columns or rows == 1) and (across == 1 or columns == 1):
        return Operand(rows, columns, lies, dtype, span=span, elements=elements)
    if (across == rows or columns == 1) and (down == 1 or rows == 1):
        return Operand(rows, columns, lies, dtype, transposed=True, span=span, elements=elements)
    return None


def _batch(view: View, batch: tuple[int, ...]) -> View:
    """The batch axes alone, broadcast to `batch`."""
    return View(view.shape[:-2], view.strides[:-2]).expanded(batch)


def _copied(
    operand: Operand, chain: Chain, node: Node, context: Context, dispatches: list[Dispatch]
) -> Operand:
    """The operand from a contiguous copy of it, made once for all products that want one."""
    span = copied(chain, context, dispatches)
    lies = View((), ())
    if node.size != operand.rows * operand.columns:  # else it was made one matrix
        batch = View.of(node.shape[:-2])
        lies = View(batch.shape, tuple(s * operand.rows * operand.columns for s in batch.strides))
    return Operand(
        operand.rows,
        operand.columns,
        lies.expanded(operand.batch.shape),
        node.dtype,
        span=span,
        elements=node.size,
    )


def _as_one_matrix(product: Product) -> Product:
    """Where one B is for all of A's matrices, they are one matrix of more rows."""
    a, b = product.a, product.b
    matrix = a.rows * a.columns
    together = View.of(a.batch.shape)
    in_order = a.batch == View(together.shape, tuple(s * matrix for s in together.strides))
    shared = a.batch.shape and not any(b.batch.strides) and b.batch.offset == 0
    if not shared or not in_order or a.transposed:
        return product
    one = View((), ())
    rows = a.rows * product.batch
    return replace(product, a=replace(a, rows=rows, batch=one), b=replace(b, batch=one))


def _band_rows(product: Product, output: DType, variant: Variant, context: Context) -> int:
    itemsizes = product.dtype.itemsize, output.itemsize
    a_row = product.k * product.a.dtype.itemsize
    most = min(
        context.adapter.band_cost / (2 * product.n * product.k),
        context.binding_limit / max(a_row, product.n * max(itemsizes)),
        MAX_WORKGROUPS * variant.rows,
    )
    if most >= product.m:
        return product.m
    step = math.lcm(
        variant.rows * variant.workgroup[1],
        _aligned_rows(a_row),
        *(_aligned_rows(product.n * itemsize) for itemsize in itemsizes),
    )
    return max(int(most) // step, 1) * step


def _aligned_rows(row_bytes: int) -> int:
    """After how many rows of so many bytes a binding may begin."""
    return _OFFSET_ALIGNMENT // math.gcd(_OFFSET_ALIGNMENT, row_bytes)


def _bands_take(epilogue: Chain, anchor: Node) -> bool:
    """Whether a band of rows can take the epilogue in: what it reads must lie as C does, or be
    the same for all rows."""
    return all(
        _is_row(read.view, anchor) or _lies_as(read, anchor) for read in epilogue.reads.values()
    )


def _is_row(view: View, anchor: Node) -> bool:
    return math.prod(view.shape) in (1, anchor.shape[-1]) and (
        not view.shape or view.shape[-1] in (1, anchor.shape[-1])
    )


def _lies_as(read: Read, anchor: Node) -> bool:
    same = read.node.size == anchor.size and read.node.dtype.itemsize == anchor.dtype.itemsize
    return same and read.view.contiguous


def _bands(
    whole_product: Product,
    epilogue: Chain,
    anchor: Node,
    band: int,
    variant: Variant,
    native_half: bool,
) -> list[Dispatch]:
    """One dispatch for each band of C's rows: bindings of A and C begin where it does."""
    itemsize, n = whole_product.dtype.itemsize, whole_product.n
    a = whole_product.a
    a_row = whole_product.k * a.dtype.itemsize
    assert a.span is not None
    dispatches = []
    for first in range(0, whole_product.m, band):
        rows = min(band, whole_product.m - first)
        a_span = Span(a.span.value, first * a_row, rows * a_row)
        elements = rows * whole_product.k
        band_of_a = replace(a, rows=rows, batch=View((), ()), span=a_span, elements=elements)
        part = replace(whole_product, a=band_of_a)
        here = partial(_band_of, anchor, first * n * itemsize, rows * n * itemsize)
        source = Source(native_half)
        dispatches.append(_dispatch(part, epilogue, anchor, here, first, variant, source))
    return dispatches


def _band_of(anchor: Node, offset: int, size: int, read: Read, view: View) -> tuple[Span, int]:
    """What a band of C's rows binds of what its epilogue reads; indices begin with the band."""
    if _is_row(read.view, anchor):
        return whole(read.node), 0
    return Span(id(read.node), offset, size), 0


def _dispatch(
    product: Product,
    epilogue: Chain,
    anchor: Node,
    part: Part | None,
    first: int,
    variant: Variant,
    source: Source,
) -> Dispatch:
    vectors = -(-product.n // 4)
    per_x = variant.columns * variant.workgroup[0]
    # Where invocations share K they stand side by side in y, and all have the same rows.
    beside = 1 if variant.shares_k else variant.workgroup[1]
    per_y = min(variant.rows, _rows_worth(product.m)) * beside
    groups = (-(-vectors // per_x), -(-product.m // per_y), min(product.batch, MAX_WORKGROUPS))
    shapes = f"({product.m}, {product.k}) @ ({product.k}, {product.n})"
    check_workgroups(groups, f"matmul of {product.batch} × {shapes}")
    text = _text(product, epilogue, anchor, part, variant, source)
    dtype = epilogue.output.dtype
    shape = f"{product.m}×{product.k}×{product.n}"
    label = f"matmul {shape}" + (f" ×{product.batch}" if product.batch > 1 else "")
    return Dispatch(
        "+".join([label, *(node.kind for node in epilogue.body)]),
        text,
        groups,
        tuple(source.reads),
        Span(
            id(epilogue.output),
            first * product.n * dtype.itemsize,
            product.batch * product.m * product.n * dtype.itemsize,
        ),
        2.0 * product.batch * product.m * product.n * product.k,
    )


def check_workgroups(groups: tuple[int, int, int], what: str) -> None:
    """Raise UnsupportedOperatorError where WebGPU guarantees no such grid."""
    if max(groups) > MAX_WORKGROUPS:
        raise UnsupportedOperatorError(
            f"{what} needs more than {MAX_WORKGROUPS} workgroups; multiply it in parts, or use "
            f"device='cpu'"
        )


def _rows_worth(m: int) -> int:
    """No more rows per invocation than there are, as a power of two."""
    return 1 << (m - 1).bit_length()


def plain_source(m: int, n: int, k: int, dtype: DType, variant: Variant) -> str:
    """The WGSL of the product of two contiguous matrices."""
    anchor = Node("matmul", (), (), (m, n), dtype, None)
    product, chain = Product.plain(m, n, k, dtype), Chain(anchor, (), {})
    return _text(product, chain, anchor, None, variant, Source())


def _text(
    product: Product,
    epilogue: Chain,
    anchor: Node,
    part: Part | None,
    variant: Variant,
    source: Source,
) -> str:
    for number, operand in enumerate((product.a, product.b)):
        if operand.loader is not None:
            operand.loader(number, source)
        elif operand.chain is not None:
            source.chain(f"load_{number}", operand.chain, operand.wide)
        else:
            assert operand.span is not None
            source.plain(f"load_{number}", operand.span, operand.dtype, operand.wide)
    c_vectors = product.n % 4 == 0
    source.chain("finish", epilogue, c_vectors, anchor, part)
    rows = min(variant.rows, _rows_worth(product.m))
    a, b = product.a, product.b
    offsets = "\n".join(
        f"fn {name}_offset(batch: u32) -> u32 {{ return {index_expression(view, 'batch')}; }}"
        for name, view in (("a", a.batch), ("b", b.batch))
    )
    operands = expand(
        "matmul_operands.wgsl",
        type=layout(product.dtype).scalar,
        m=f"{product.m}u",
        n=f"{product.n}u",
        k=f"{product.k}u",
        batch=f"{product.batch}u",
        offsets=offsets,
        a_vectors=a.wide,
        a_row_vectors=a.wide and not a.transposed,
        a_row="1u" if a.transposed else "K",
        a_column="M" if a.transposed else "1u",
        b_vectors=b.wide,
        b_row="1u" if b.transposed else "N_VECTORS" if b.wide else "N",
        b_column="K" if b.transposed else "1u",
        b_row_vectors=b.wide and not b.transposed,
        b_column_vectors=b.wide and b.transposed,
        c_vectors=c_vectors,
    )
    width, height = variant.workgroup
    kernel = expand(
        variant.file,
        rows=rows,
        columns=variant.columns,
        workgroup_x=f"{width}u",
        workgroup_y=f"{height}u",
        tile_m=f"{rows * height}u",
        tile_n_vectors=f"{width}u",
        invocations=f"{width * height}u",
        k_rest=product.k % 4 != 0,
        many_batches=product.batch > MAX_WORKGROUPS,
    )
    size = product.batch * product.m * product.n
    return source.finished(operands + kernel, epilogue.output.dtype, size, c_vectors)
