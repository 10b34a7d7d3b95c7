"""What an operator is: one declaration, from which every layer takes its part.

The graph takes `infer`, the CPU backend and all tests `reference`, the WebGPU backend `wgsl`, the
WebNN backend `webnn`, the tests `tolerance`. Nothing else in the package lists operators.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..dtypes import DType

Shape = tuple[int, ...]
Attributes = dict[str, Any]


class Operand(Protocol):
    """What `infer` may know of an operand."""

    @property
    def shape(self) -> Shape: ...
    @property
    def dtype(self) -> DType: ...


@dataclass(frozen=True)
class Tolerance:
    """How far a float result may be from the float64 reference (integers are exact).

    Attributes:
        ulp: units in the last place of the result's dtype, for operands of the given shapes.
        absolute: an error that is always allowed.
        source: where the figure is from.
        half: what is allowed to float16 instead, where that differs.
    """

    ulp: Callable[[Sequence[Shape], Attributes], float]
    absolute: float = 0.0
    source: str = "W3C web-platform-tests for WebNN"
    half: Tolerance | None = None

    @classmethod
    def units(cls, count: float, absolute: float = 0.0, half: Tolerance | None = None) -> Tolerance:
        return cls(lambda shapes, attributes: count, absolute, half=half)

    def of(self, dtype: str) -> Tolerance:
        """What is allowed to results of the dtype of this name."""
        return self.half if self.half is not None and dtype == "float16" else self


@dataclass(frozen=True)
class Pass:
    """One statistic of a row, as WGSL expressions; earlier ones are `s0`, `s1`…

    Attributes:
        combine: how `accumulator` takes in `value`.
        term: what an element `x` contributes.
        statistic: what becomes of the `total`; `{count}` elements were combined.
    """

    combine: str
    term: str = "x"
    statistic: str = "total"


@dataclass(frozen=True, eq=False)
class Operator:
    """One operator of the graph.

    Attributes:
        name: its Array API name, or WebNN's where the standard has none.
        family: which kernel generator makes it: "elementwise", "reduction", "rows" (statistics of
            a row for each of its elements), "contraction", "movement" (elements of the operands,
            chosen by place), "extreme_index", "scan", "sort", "search", "view" (only strides
            change).
        infer: shape and dtype of the result; raises ShapeError or DtypeError.
        reference: the same on NumPy arrays; the specification in code.
        tolerance: see Tolerance.
        wgsl: elementwise: an expression over `{0}`, `{1}`…; rows: one over `x` (or the last pass's
            `{term}`) and the statistics `s0`, `s1`…; movement: the file with `fn moved`;
            extreme_index: whether `{0}` beats `{1}`.
        passes: reduction, rows: the statistics, each from one pass over the row.
        identity: reduction: what an empty reduction gives; None where it is an error.
        webnn: the `MLGraphBuilder` method, or "" where the specification has none.
        kinds: dtype kinds that it takes.
        cost: elementwise: operations per element, about (8 for a transcendental function).
        fuses: whether its kernel takes elementwise nodes into its prologues and epilogue.
    """

    name: str
    family: str
    infer: Callable[..., tuple[Shape, DType]]
    reference: Callable[..., Any]
    tolerance: Tolerance
    wgsl: str = ""
    identity: str | None = None
    webnn: str = ""
    kinds: tuple[str, ...] = ("int", "uint", "float", "complex")
    cost: int = 1
    fuses: bool = True
    passes: tuple[Pass, ...] = ()

    @property
    def maps_terms(self) -> bool:
        """Whether the result is made from the last pass's terms, which can be kept for that."""
        return "{term}" in self.wgsl

    def __repr__(self) -> str:
        return f"<operator {self.name}>"
