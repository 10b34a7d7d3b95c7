"""The matrix product as WGSL: which kernel, its tile, and its bands."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass

from ...dtypes import DType
from ...errors import UnsupportedOperatorError
from ...graph.views import View
from .kernel import MAX_WORKGROUPS, Dispatch, Span, index_expression
from .layout import layout
from .template import expand

# WebGPU guarantees that a binding's offset may be any multiple of this.
_OFFSET_ALIGNMENT = 256


@dataclass(frozen=True)
class Variant:
    """One way to run the product.

    Attributes:
        file: the kernel.
        rows: rows of C per invocation.
        columns: vectors of four columns of C per invocation.
        workgroup: invocations per workgroup, x and y.
        band_cost: floating-point operations after which a dispatch is split, so that a page can
            breathe and a run be cancelled between two.
    """

    file: str
    rows: int
    columns: int
    workgroup: tuple[int, int]
    band_cost: float


# The first-run table, by adapter class. A software adapter runs kernels on CPU cores: barriers
# serialise there, and registers are what counts. Hardware wants operands in workgroup memory.
SOFTWARE = Variant("matmul_direct.wgsl", 8, 2, (16, 1), 2e8)
HARDWARE = Variant("matmul_tiled.wgsl", 8, 1, (16, 8), 2e10)


@dataclass(frozen=True)
class Product:
    """C (batch × m × n) = A · B, both operands with contiguous matrices.

    Attributes:
        a_batch, b_batch: how batch number i lies in each operand: views over the batch axes whose
            strides are in elements.
    """

    m: int
    n: int
    k: int
    a_batch: View
    b_batch: View
    dtype: DType

    @property
    def batch(self) -> int:
        return math.prod(self.a_batch.shape)


def matmul(
    product: Product,
    operands: tuple[Span, Span],
    output: Hashable,
    variant: Variant,
    binding_limit: int,
) -> list[Dispatch]:
    """The dispatches of one product; a large one without batches is split into bands of rows."""
    band = product.m
    if product.batch == 1:
        band = min(band, _band_rows(product, variant, binding_limit))
    dispatches = []
    for first in range(0, product.m, band):
        rows = min(band, product.m - first)
        part = Product(rows, product.n, product.k, product.a_batch, product.b_batch, product.dtype)
        dispatches.append(_dispatch(part, product, first, operands, output, variant))
    return dispatches


def _band_rows(product: Product, variant: Variant, binding_limit: int) -> int:
    row_bytes = max(product.k, product.n) * product.dtype.itemsize
    most = min(
        variant.band_cost / (2 * product.n * product.k),
        binding_limit / row_bytes,
        MAX_WORKGROUPS * variant.rows,
    )
    step = math.lcm(
        variant.rows * variant.workgroup[1], *map(_aligned_rows, (product.k, product.n))
    )
    return max(int(most) // step, 1) * step


def _aligned_rows(row_length: int) -> int:
    """After how many rows of so many elements (4 bytes each) a binding may begin."""
    return _OFFSET_ALIGNMENT // math.gcd(_OFFSET_ALIGNMENT, 4 * row_length)


def _dispatch(
    part: Product,
    whole: Product,
    first: int,
    operands: tuple[Span, Span],
    output: Hashable,
    variant: Variant,
) -> Dispatch:
    a, b = operands
    itemsize = whole.dtype.itemsize
    if part.m != whole.m:
        a = Span(a.value, first * whole.k * itemsize, part.m * whole.k * itemsize)
    write = Span(output, first * whole.n * itemsize, part.batch * part.m * whole.n * itemsize)
    vectors = -(-part.n // 4)
    per_x = variant.columns * variant.workgroup[0]
    per_y = min(variant.rows, _rows_worth(part.m)) * variant.workgroup[1]
    groups = (-(-vectors // per_x), -(-part.m // per_y), min(part.batch, MAX_WORKGROUPS))
    if max(groups) > MAX_WORKGROUPS:
        raise UnsupportedOperatorError(
            f"matmul of {part.batch} × ({part.m}, {part.k}) @ ({part.k}, {part.n}) needs more than "
            f"{MAX_WORKGROUPS} workgroups; multiply it in parts, or use device='cpu'"
        )
    return Dispatch(
        f"matmul {part.m}×{part.k}×{part.n}" + (f" ×{part.batch}" if part.batch > 1 else ""),
        source(part, variant, a.size // itemsize, b.size // itemsize),
        groups,
        (a, b),
        write,
        2.0 * part.batch * part.m * part.n * part.k,
    )


def _rows_worth(m: int) -> int:
    """No more rows per invocation than there are, as a power of two."""
    return 1 << (m - 1).bit_length()


def source(product: Product, variant: Variant, a_size: int, b_size: int) -> str:
    """The WGSL of one product; `a_size` and `b_size` are the operands' elements."""
    a_vectors = product.k % 4 == 0
    n_vectors = product.n % 4 == 0
    c_size = product.batch * product.m * product.n
    rows = min(variant.rows, _rows_worth(product.m))
    offsets = "\n".join(
        f"fn {name}_offset(batch: u32) -> u32 {{ return {index_expression(view, 'batch')}; }}"
        for name, view in (("a", product.a_batch), ("b", product.b_batch))
    )
    operands = expand(
        "matmul_operands.wgsl",
        type=layout(product.dtype).scalar,
        m=f"{product.m}u",
        n=f"{product.n}u",
        k=f"{product.k}u",
        batch=f"{product.batch}u",
        a_vectors=a_vectors,
        n_vectors=n_vectors,
        a_length=a_size // (4 if a_vectors else 1),
        b_length=b_size // (4 if n_vectors else 1),
        c_length=c_size // (4 if n_vectors else 1),
        offsets=offsets,
    )
    width, height = variant.workgroup
    kernel = expand(
        variant.file,
        rows=rows,
        columns=variant.columns,
        workgroup_x=width,
        workgroup_y=height,
        tile_m=f"{rows * height}u",
        tile_n_vectors=f"{width}u",
        invocations=f"{width * height}u",
        k_rest=product.k % 4 != 0,
    )
    return operands + kernel
