"""Sorting, and finding places in what is sorted, by the Array API's names."""

from __future__ import annotations

import operator
from typing import Literal

from .creation import zeros
from .errors import ShapeError
from .graph.node import operation
from .movement_functions import take, take_along_axis
from .operands import Operand, node_of, promoted
from .operators.shapes import normalize_axes
from .tensor import Tensor

__all__ = [
    "argsort",
    "searchsorted",
    "sort",
]


def sort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """x with its elements in order along `axis`.

    Args:
        x: at least one axis; real or bool (complex on "cpu": by real parts, then imaginary ones).
        axis: from -rank to rank - 1.
        descending: whether the largest come first. NaN comes last in both directions, as NumPy 2.5
            has it, which the standard leaves open.
        stable: equal elements (signed zeros are equal) keep their order, whatever is asked for.

    Returns:
        x's shape and dtype.

    Raises:
        ShapeError: no such axis.
    """
    return _sorted("sort", x, axis, descending)


def argsort(
    x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True
) -> Tensor:
    """The indices that put x in order along `axis`: x's shape, int32.

    Arguments, order and errors are those of `sort`.
    """
    return _sorted("argsort", x, axis, descending)


def _sorted(
    name: str, x: Tensor, axis: int, descending: bool, *, nan_first: bool = False
) -> Tensor:
    node = node_of(name, x)
    (place,) = normalize_axes(name, operator.index(axis), len(node.shape))
    options = {"axis": place, "descending": bool(descending), "nan_first": nan_first}
    return Tensor(operation(name, [node], **options))


def topk(
    x: Tensor,
    k: int,
    dim: int = -1,
    largest: bool = True,
    sorted: bool = True,  # noqa: A002 (PyTorch's name)
) -> tuple[Tensor, Tensor]:
    """The `k` largest (or smallest) elements along `dim`, in order, and their indices.

    Args:
        x: at least one axis.
        k: how many, at most the size of the axis.
        dim: from -rank to rank - 1.
        largest: whether from the largest down; NaN counts as larger than any number, and of equal
            elements the first ones are taken.
        sorted: without it the order is left open; it is the same one.

    Returns:
        The values in x's dtype and the indices in int32, both of x's shape with `k` at `dim`.

    Raises:
        ShapeError: no such axis, or fewer elements than `k` there.
    """
    order = _sorted("argsort", x, dim, largest, nan_first=largest)
    (place,) = normalize_axes("topk", operator.index(dim), len(x.shape))
    if not 0 <= k <= x.shape[place]:
        raise ShapeError(f"topk: axis {dim} of shape {x.shape} has no {k} elements")
    indices = order[(*(slice(None),) * place, slice(k))]
    return take_along_axis(x, indices, axis=place), indices


def searchsorted(
    x1: Tensor,
    x2: Operand,
    /,
    *,
    side: Literal["left", "right"] = "left",
    sorter: Tensor | None = None,
) -> Tensor:
    """Where in x1 the elements of x2 could be inserted and x1 would stay in order.

    Args:
        x1: (N,), ascending, NaN last (as `sort` makes it).
        x2: any shape, or a Python number; dtypes promote.
        side: "left": before equal elements of x1, "right": behind them.
        sorter: (N,), the indices that sort x1 where it is not in order, as from `argsort`.

    Returns:
        x2's shape, int32, from 0 to N.

    Raises:
        ShapeError: x1 or `sorter` has another shape, or another `side`.
        DtypeError: dtypes that do not promote.
    """
    if side not in ("left", "right"):
        raise ShapeError(f"searchsorted: side is 'left' or 'right', not {side!r}")
    among, wanted = promoted("searchsorted", x1, x2)
    if len(among.shape) != 1 or (sorter is not None and sorter.shape != among.shape):
        shapes = f"{among.shape}" + (
            f" with a sorter of {sorter.shape}" if sorter is not None else ""
        )
        raise ShapeError(f"searchsorted looks in a tensor of one axis, not in {shapes}")
    if not among.size:
        return zeros(wanted.shape, dtype="int32", device=among.device)
    if sorter is not None:
        among = take(Tensor(among), sorter)._node
    return Tensor(operation("searchsorted", [among, wanted], right=side == "right"))
