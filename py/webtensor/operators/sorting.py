"""Order along an axis, and places in what is ordered: a row each.

Equal elements keep their order in both directions, and signed zeros are equal. NaN comes last in
both directions (as NumPy 2.5 does), or first where `nan_first` says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..dtypes import DType, int32
from ..errors import ShapeError
from ..lazy_numpy import np
from .declaration import Operand, Operator, Shape, Tolerance
from .shapes import same_dtype

_ANY = ("bool", "int", "uint", "float", "complex")


def _order(x: Any, axis: int, descending: bool, nan_first: bool) -> Any:
    if descending:
        backward = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
        order = x.shape[axis] - 1 - np.flip(backward, axis)
    else:
        order = np.argsort(x, axis=axis, kind="stable")
    # NumPy's order has NaN last, and backward first.
    if x.dtype.kind not in "fc" or descending == nan_first:
        return order
    ordered = np.take_along_axis(x, order, axis)
    last = ordered == ordered if nan_first else ordered != ordered
    return np.take_along_axis(order, np.argsort(last, axis=axis, kind="stable"), axis)


def _sort(x: Any, *, axis: int, descending: bool, nan_first: bool) -> Any:
    if not descending and not nan_first:
        return np.sort(x, axis=axis, kind="stable")
    return np.take_along_axis(x, _order(x, axis, descending, nan_first), axis)


def _argsort(x: Any, *, axis: int, descending: bool, nan_first: bool) -> Any:
    return _order(x, axis, descending, nan_first).astype(np.int32)


def _sorting(name: str, reference: Callable[..., Any], indices: bool) -> Operator:
    def infer(
        operand: Operand, *, axis: int, descending: bool, nan_first: bool
    ) -> tuple[Shape, DType]:
        dtype = same_dtype(name, [operand], _ANY)
        return operand.shape, int32 if indices else dtype

    return Operator(name, "sort", infer, reference, Tolerance.units(0), kinds=_ANY)


def _infer_search(x1: Operand, x2: Operand, *, right: bool) -> tuple[Shape, DType]:
    same_dtype("searchsorted", [x1, x2], _ANY)
    if len(x1.shape) != 1:
        raise ShapeError(f"searchsorted looks in one axis, not in shape {x1.shape}")
    return x2.shape, int32


def _search(x1: Any, x2: Any, *, right: bool) -> Any:
    return np.searchsorted(x1, x2, side="right" if right else "left").astype(np.int32)


OPERATORS = (
    _sorting("sort", _sort, indices=False),
    _sorting("argsort", _argsort, indices=True),
    Operator("searchsorted", "search", _infer_search, _search, Tolerance.units(0), kinds=_ANY),
)
