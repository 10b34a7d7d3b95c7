"""Ways to run kernels, and the table of a first run: by adapter class, before any measurement.

A software adapter runs kernels on CPU cores: barriers serialise there, and registers are what
counts. Hardware wants operands in workgroup memory, and many invocations.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# A product of fewer rows than this is bound by reading B, one of fewer columns by reading A.
_FLAT_ROWS = 8
_NARROW_COLUMNS = 32


@dataclass(frozen=True)
class Variant:
    """One way to run the matrix product.

    Attributes:
        file: the kernel.
        rows: rows of C per invocation.
        columns: vectors of four columns of C per invocation.
        workgroup: invocations per workgroup, x and y.
    """

    file: str
    rows: int
    columns: int
    workgroup: tuple[int, int]

    @property
    def shares_k(self) -> bool:
        """Whether a workgroup's invocations along y share the sum over K, not rows."""
        return self.file == _SHARED_K


@dataclass(frozen=True)
class Tile:
    """One way to run convolutions.

    Attributes:
        rows: rows of the result per invocation.
        channels: output channels per invocation.
    """

    rows: int
    channels: int


@dataclass(frozen=True)
class Elements:
    """One way to run elementwise kernels.

    Attributes:
        workgroup: invocations per workgroup.
        vectors: vectors of four elements per invocation, where a vector costs little.
    """

    workgroup: int
    vectors: int


@dataclass(frozen=True)
class Adapter:
    """The variants that an adapter runs.

    Attributes:
        large, flat, narrow: the matrix product's: of many rows and columns, of few rows, of few
            columns.
        shares_rows: whether a workgroup shares a row (of a reduction, softmax, …), in workgroup
            memory, instead of an invocation going through it alone.
        band_cost: operations after which a dispatch is split, so that a page can breathe and a run
            be cancelled between two.
        unrolls: whether attention's inner loops are written out: SwiftShader runs them three times
            as fast, llvmpipe compiles them for a minute.
        convolution: the convolutions'.
        elements: elementwise kernels'.
        fourier_bits: of the largest radix of a Fourier transform's pass: llvmpipe compiles larger
            ones for seconds.
    """

    large: Variant
    flat: Variant
    narrow: Variant
    shares_rows: bool
    band_cost: float
    unrolls: bool = False
    convolution: Tile = Tile(4, 4)
    elements: Elements = Elements(64, 1)
    fourier_bits: int = 3

    def product_class(self, m: int, n: int) -> str:
        """Which of the product's variants serves (m × k) · (k × n)."""
        if m < _FLAT_ROWS:
            return "flat"
        return "narrow" if n < _NARROW_COLUMNS else "large"

    def product(self, m: int, n: int) -> Variant:
        variant: Variant = getattr(self, self.product_class(m, n))
        return variant

    def with_variant(self, name: str, variant: Variant | bool) -> Adapter:
        """The same with another variant in the place called `name`."""
        return dataclasses.replace(self, **{name: variant})  # type: ignore[arg-type]

    def as_json(self) -> dict[str, Any]:
        """What can be written as JSON; see `from_json`."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, found: Any) -> Adapter:
        """What `as_json` gave.

        Raises:
            ValueError: it is nothing that `as_json` gives, or has variants that there are not.
        """
        try:
            products = {name: _variant(name, found[name]) for name in PRODUCT_CLASSES}
            adapter = cls(
                **products,
                shares_rows=bool(found["shares_rows"]),
                band_cost=float(found["band_cost"]),
                unrolls=bool(found["unrolls"]),
                convolution=Tile(**found["convolution"]),
                elements=Elements(**found["elements"]),
                fourier_bits=int(found["fourier_bits"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"no settings of an adapter: {error!r}") from None
        known = any(
            (adapter.convolution, adapter.elements, adapter.fourier_bits)
            == (table.convolution, table.elements, table.fourier_bits)
            for table in (SOFTWARE, SWIFTSHADER, HARDWARE)
        )
        if not 0 < adapter.band_cost < math.inf or not known:
            raise ValueError("no settings of an adapter")
        return adapter


PRODUCT_CLASSES = ("large", "flat", "narrow")

_DIRECT = "matmul_direct.wgsl"
_TILED = "matmul_tiled.wgsl"
_SHARED_K = "matmul_flat.wgsl"

SOFTWARE = Adapter(
    large=Variant(_DIRECT, 8, 2, (16, 1)),
    flat=Variant(_DIRECT, 8, 2, (16, 1)),
    narrow=Variant(_DIRECT, 8, 1, (4, 4)),
    shares_rows=False,
    band_cost=2e8,
    convolution=Tile(8, 8),
    elements=Elements(256, 4),
)
SWIFTSHADER = dataclasses.replace(SOFTWARE, unrolls=True, fourier_bits=4)
HARDWARE = Adapter(
    large=Variant(_TILED, 8, 1, (16, 8)),
    flat=Variant(_SHARED_K, 8, 1, (16, 16)),
    narrow=Variant(_TILED, 4, 1, (4, 16)),
    shares_rows=True,
    band_cost=2e10,
    fourier_bits=4,
)
_SIMPLEST = Variant(_DIRECT, 1, 1, (8, 8))
#: What takes the place of a variant that was found wrong: one element at a time, no barriers.
SAFE: dict[str, Variant | bool] = {
    "large": _SIMPLEST,
    "flat": _SIMPLEST,
    "narrow": _SIMPLEST,
    "shares_rows": False,
}


def _variant(name: str, fields: dict[str, Any]) -> Variant:
    """The variant that `fields` describe.

    Raises:
        ValueError: there is none like it in the place called `name`.
    """
    found = Variant(**{**fields, "workgroup": tuple(fields["workgroup"])})
    tables = (getattr(SOFTWARE, name), getattr(HARDWARE, name), SAFE[name])
    if found not in (*candidates(name), *tables):
        raise ValueError(f"{found} is no variant for {name!r}")
    return found


def candidates(name: str) -> Iterator[Variant]:
    """Variants worth measuring for one class of products."""
    if name == "flat":
        for rows, width, height in ((8, 16, 16), (8, 32, 8), (8, 8, 32)):
            yield Variant(_SHARED_K, rows, 1, (width, height))
        for columns, width in ((2, 16), (1, 64), (1, 16)):
            yield Variant(_DIRECT, 8, columns, (width, 1))
        return
    widths = (4,) if name == "narrow" else (8, 16)
    for width in widths:
        for rows, height in ((8, 8), (4, 16), (8, 16), (4, 8)):
            yield Variant(_TILED, rows, 1, (width, height))
        for rows, columns, height in ((8, 2, 1), (8, 1, 1), (4, 2, 1), (4, 1, 8), (8, 2, 8)):
            yield Variant(_DIRECT, rows, columns, (width, height))
