"""Ways to run kernels, and the table of a first run: by adapter class, before any measurement.

A software adapter runs kernels on CPU cores: barriers serialise there, and registers are what
counts. Hardware wants operands in workgroup memory, and many invocations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """One way to run the matrix product.

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


@dataclass(frozen=True)
class Adapter:
    """The variants that an adapter runs.

    Attributes:
        product: the matrix product's.
        shares_rows: whether a workgroup shares a row (of a reduction, softmax, …), in workgroup
            memory, instead of an invocation going through it alone.
    """

    product: Variant
    shares_rows: bool


SOFTWARE = Adapter(Variant("matmul_direct.wgsl", 8, 2, (16, 1), 2e8), shares_rows=False)
HARDWARE = Adapter(Variant("matmul_tiled.wgsl", 8, 1, (16, 8), 2e10), shares_rows=True)
