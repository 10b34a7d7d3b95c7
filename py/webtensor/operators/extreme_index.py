"""Where along an axis the largest or smallest element is: a row each.

The first of equal ones; NaN counts as larger (and as smaller) than any number.
"""

from __future__ import annotations

from typing import Any

from ..dtypes import DType, int32
from ..errors import ShapeError
from ..lazy_numpy import np
from .declaration import Operand, Operator, Shape, Tolerance
from .shapes import reduced, same_dtype

_REAL = ("int", "uint", "float")


def _row(name: str, wgsl: str, reference: Any, webnn: str) -> Operator:
    def infer(operand: Operand, *, axis: int, keepdims: bool) -> tuple[Shape, DType]:
        same_dtype(name, [operand], _REAL)
        if operand.shape[axis] == 0:
            raise ShapeError(f"{name} of no elements has no value (shape {operand.shape})")
        return reduced(operand.shape, (axis,), keepdims), int32

    return Operator(
        name,
        "extreme_index",
        infer,
        lambda x, *, axis, keepdims: reference(x, axis=axis, keepdims=keepdims).astype(np.int32),
        Tolerance.units(0),
        wgsl=wgsl,
        webnn=webnn,
        kinds=_REAL,
    )


OPERATORS = (
    _row(
        "argmax",
        "less_{type}({1}, {0})",
        lambda x, axis, keepdims: np.argmax(x, axis=axis, keepdims=keepdims),
        "argMax",
    ),
    _row(
        "argmin",
        "less_{type}({0}, {1})",
        lambda x, axis, keepdims: np.argmin(x, axis=axis, keepdims=keepdims),
        "argMin",
    ),
)
