"""Operators that are neither elementwise nor reductions: the matrix product and the views.

A view computes nothing: it is the same elements under another shape and strides.
"""

from __future__ import annotations

from typing import Any

from ..dtypes import DType
from ..lazy_numpy import np
from .declaration import Operand, Operator, Shape, Tolerance
from .shapes import broadcast, matmul, same_dtype


def _infer_matmul(left: Operand, right: Operand) -> tuple[Shape, DType]:
    dtype = same_dtype("matmul", [left, right], ("int", "uint", "float", "complex"))
    return matmul(left.shape, right.shape), dtype


def _infer_reshape(operand: Operand, *, shape: Shape) -> tuple[Shape, DType]:
    return shape, operand.dtype


def _infer_permute(operand: Operand, *, axes: tuple[int, ...]) -> tuple[Shape, DType]:
    return tuple(operand.shape[axis] for axis in axes), operand.dtype


def _infer_expand(operand: Operand, *, shape: Shape) -> tuple[Shape, DType]:
    return broadcast("broadcast_to", operand.shape, shape), operand.dtype


def _infer_slice(
    operand: Operand, *, starts: Shape, sizes: Shape, steps: Shape
) -> tuple[Shape, DType]:
    return sizes, operand.dtype


def _slice(x: Any, starts: Shape, sizes: Shape, steps: Shape) -> Any:
    for axis, (start, size, step) in enumerate(zip(starts, sizes, steps, strict=True)):
        x = np.take(x, range(start, start + size * step, step), axis=axis)
    return x


_EXACT = Tolerance.units(0)
_ANY = ("bool", "int", "uint", "float", "complex")

OPERATORS = (
    Operator(
        "matmul",
        "contraction",
        _infer_matmul,
        lambda x, y: np.matmul(x, y),
        Tolerance(lambda shapes, attributes: 2 * shapes[0][-1]),
        webnn="matmul",
    ),
    Operator(
        "reshape",
        "view",
        _infer_reshape,
        lambda x, *, shape: np.reshape(x, shape),
        _EXACT,
        webnn="reshape",
        kinds=_ANY,
    ),
    Operator(
        "permute_dims",
        "view",
        _infer_permute,
        lambda x, *, axes: np.transpose(x, axes),
        _EXACT,
        webnn="transpose",
        kinds=_ANY,
    ),
    Operator(
        "broadcast_to",
        "view",
        _infer_expand,
        lambda x, *, shape: np.broadcast_to(x, shape),
        _EXACT,
        webnn="expand",
        kinds=_ANY,
    ),
    Operator(
        "slice",
        "view",
        _infer_slice,
        lambda x, *, starts, sizes, steps: _slice(x, starts, sizes, steps),
        _EXACT,
        webnn="slice",
        kinds=_ANY,
    ),
)
