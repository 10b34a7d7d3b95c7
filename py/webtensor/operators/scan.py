"""Running totals along an axis: a row each.

Attributes are those of WebNN's cumulativeSum: `exclusive` leaves an element's own value out of its
total, `reversed` counts from the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..dtypes import DType
from ..lazy_numpy import np
from .declaration import Attributes, Operand, Operator, Shape, Tolerance
from .shapes import same_dtype

_NUMERIC = ("int", "uint", "float", "complex")


def _running(accumulate: Callable[..., Any], identity: int) -> Callable[..., Any]:
    def reference(x: Any, *, axis: int, exclusive: bool, **options: bool) -> Any:
        backward = options["reversed"]
        x = np.flip(x, axis) if backward else x
        # NumPy widens narrow integers unless it is told not to.
        totals = accumulate(x, axis=axis, dtype=x.dtype)
        if exclusive:
            shifted = np.full_like(totals, identity)
            rest = (slice(None),) * axis
            shifted[(*rest, slice(1, None))] = totals[(*rest, slice(None, -1))]
            totals = shifted
        return np.flip(totals, axis) if backward else totals

    return reference


def _row(name: str, reference: Callable[..., Any], webnn: str, tolerance: Tolerance) -> Operator:
    def infer(operand: Operand, **options: Any) -> tuple[Shape, DType]:
        return operand.shape, same_dtype(name, [operand], _NUMERIC)

    return Operator(name, "scan", infer, reference, tolerance, webnn=webnn, kinds=_NUMERIC)


def _length(shapes: Any, attributes: Attributes) -> int:
    return int(shapes[0][attributes["axis"]])


_HALF = Tolerance.units(1)

OPERATORS = (
    _row(
        "cumulative_sum",
        _running(lambda x, **options: np.cumsum(x, **options), 0),
        "cumulativeSum",
        # Of terms of one sign: 64 additions in a row, twice, and what is left of very long rows.
        Tolerance(lambda *case: min(_length(*case), 128) + _length(*case) / 4096, half=_HALF),
    ),
    _row(
        "cumulative_prod",
        _running(lambda x, **options: np.cumprod(x, **options), 1),
        "",
        # Every factor rounds once, whatever the order.
        Tolerance(lambda *case: max(_length(*case), 1), half=_HALF),
    ),
)
