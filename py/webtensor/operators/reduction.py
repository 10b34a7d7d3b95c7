"""Reductions: a row each. `axes` are sorted and non-negative, `keepdims` is a bool."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..dtypes import DType
from ..errors import ShapeError
from ..lazy_numpy import np
from .declaration import Attributes, Operand, Operator, Pass, Shape, Tolerance
from .shapes import reduced, same_dtype


def _count(shapes: Sequence[Shape], attributes: Attributes) -> int:
    return math.prod(shapes[0][axis] for axis in attributes["axes"])


def _row(
    name: str,
    combine: str,
    reference: Any,
    webnn: str,
    tolerance: Tolerance,
    identity: str | None,
    kinds: tuple[str, ...],
) -> Operator:
    def infer(operand: Operand, *, axes: tuple[int, ...], keepdims: bool) -> tuple[Shape, DType]:
        dtype = same_dtype(name, [operand], kinds)
        if identity is None and any(operand.shape[axis] == 0 for axis in axes):
            raise ShapeError(f"{name} of no elements has no value (shape {operand.shape})")
        return reduced(operand.shape, axes, keepdims), dtype

    return Operator(
        name,
        "reduction",
        infer,
        lambda x, *, axes, keepdims: reference(x, axis=axes, keepdims=keepdims),
        tolerance,
        identity=identity,
        webnn=webnn,
        kinds=kinds,
        passes=(Pass(combine),),
    )


_NUMBER = ("int", "uint", "float", "complex")
_REAL = ("int", "uint", "float")

OPERATORS = (
    _row(
        "sum",
        "accumulator + value",
        # An explicit dtype keeps narrow integers from widening (the standard's own rule is the
        # public function's business).
        lambda x, axis, keepdims: np.sum(x, axis=axis, keepdims=keepdims, dtype=x.dtype),
        "reduceSum",
        Tolerance(lambda shapes, attributes: _count(shapes, attributes)),
        "0",
        _NUMBER,
    ),
    _row(
        "prod",
        "accumulator * value",
        lambda x, axis, keepdims: np.prod(x, axis=axis, keepdims=keepdims, dtype=x.dtype),
        "reduceProduct",
        Tolerance(lambda shapes, attributes: _count(shapes, attributes)),
        "1",
        _NUMBER,
    ),
    _row(
        "max",
        "maximum_{type}(accumulator, value)",
        lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims),
        "reduceMax",
        Tolerance.units(0),
        None,
        _REAL,
    ),
    _row(
        "min",
        "minimum_{type}(accumulator, value)",
        lambda x, axis, keepdims: np.min(x, axis=axis, keepdims=keepdims),
        "reduceMin",
        Tolerance.units(0),
        None,
        _REAL,
    ),
)
