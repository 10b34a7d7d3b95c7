"""Operators with statistics of a row for each of its elements: a row each.

`axes` are sorted and non-negative; together they are the row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..dtypes import DType
from ..errors import ShapeError
from ..lazy_numpy import np
from .declaration import Attributes, Operand, Operator, Pass, Shape, Tolerance
from .shapes import same_dtype

_SUM = "accumulator + value"
# NaN need not win here: an element that is NaN makes its own term, and so the sum, NaN.
_MAX = "max(accumulator, value)"
_SQUARES = "(x - s0) * (x - s0)"


def _count(shapes: Sequence[Shape], attributes: Attributes) -> int:
    return math.prod(shapes[0][axis] for axis in attributes["axes"])


def _row(
    name: str,
    passes: tuple[Pass, ...],
    wgsl: str,
    reference: Callable[..., Any],
    webnn: str,
    tolerance: Tolerance,
) -> Operator:
    def infer(operand: Operand, *, axes: tuple[int, ...], **_: Any) -> tuple[Shape, DType]:
        dtype = same_dtype(name, [operand], ("float",))
        if operand.shape and any(operand.shape[axis] == 0 for axis in axes):
            raise ShapeError(f"{name} of no elements has no value (shape {operand.shape})")
        return operand.shape, dtype

    return Operator(
        name,
        "rows",
        infer,
        reference,
        tolerance,
        wgsl=wgsl,
        webnn=webnn,
        kinds=("float",),
        passes=passes,
    )


def _softmax(x: Any, *, axes: tuple[int, ...]) -> Any:
    powers = np.exp(x - np.max(x, axis=axes, keepdims=True))
    return powers / np.sum(powers, axis=axes, keepdims=True)


def _log_softmax(x: Any, *, axes: tuple[int, ...]) -> Any:
    shifted = x - np.max(x, axis=axes, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axes, keepdims=True))


def _standardize(x: Any, *, axes: tuple[int, ...], epsilon: float) -> Any:
    centred = x - np.mean(x, axis=axes, keepdims=True)
    return centred / np.sqrt(np.mean(centred**2, axis=axes, keepdims=True) + epsilon)


def _root_mean_square(x: Any, *, axes: tuple[int, ...], epsilon: float) -> Any:
    return x / np.sqrt(np.mean(x**2, axis=axes, keepdims=True) + epsilon)


OPERATORS = (
    _row(
        "softmax",
        (Pass(_MAX), Pass(_SUM, "exp_{type}(x - s0)", "1.0 / total")),
        "{term} * s1",
        _softmax,
        "softmax",
        Tolerance(lambda shapes, attributes: 3 * _count(shapes, attributes) + 3),
    ),
    _row(
        "log_softmax",
        (Pass(_MAX), Pass(_SUM, "exp_{type}(x - s0)", "log_{type}(total)")),
        "(x - s0) - s1",
        _log_softmax,
        "",
        # The sum of its parts': softmax's, and the logarithm's absolute error.
        Tolerance(lambda shapes, attributes: 3 * _count(shapes, attributes) + 3, 1 / 1024),
    ),
    _row(
        "layer_normalization",
        (
            Pass(_SUM, "x", "total / {count}"),
            Pass(_SUM, _SQUARES, "inverseSqrt(total / {count} + {epsilon})"),
        ),
        "(x - s0) * s1",
        _standardize,
        "layerNormalization",
        # The mean's rounding is absolute: elements near it have any relative error.
        Tolerance(lambda shapes, attributes: 14, 1e-6),
    ),
    _row(
        "rms_normalization",
        (Pass(_SUM, "x * x", "inverseSqrt(total / {count} + {epsilon})"),),
        "x * s0",
        _root_mean_square,
        "",
        Tolerance.units(14),
    ),
)
