"""Tensors made from a rule: ranges, identity, triangles, and like others."""

from __future__ import annotations

import array
import math
import operator
from collections.abc import Sequence
from typing import Any

from .creation import asarray, full, zeros
from .dtypes import DType, as_dtype, complex64, float32, int32
from .errors import DtypeError, ShapeError
from .functions import astype, broadcast_to, equal, greater_equal, logical_and, reshape, where
from .tensor import Scalar, Tensor

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "full_like",
    "linspace",
    "meshgrid",
    "ones_like",
    "tril",
    "triu",
    "zeros_like",
]


def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """start, start + step, … below `stop` (above it where `step` is negative).

    Args:
        start: the first number; the end where `stop` is left out, and 0 the first.
        stop: not among them.
        step: not 0.
        dtype: default: int32 where all three are whole numbers, else float32.
        device: as in `asarray`.

    Raises:
        ShapeError: `step` is 0.
        DtypeError: numbers that do not fit the dtype.
    """
    if stop is None:
        start, stop = 0, start
    if step == 0:
        raise ShapeError("arange: step is 0, which never reaches the end")
    whole = all(isinstance(one, int) for one in (start, stop, step))
    wanted = as_dtype(dtype) if dtype is not None else int32 if whole else float32
    if whole:
        return _ranged(range(int(start), int(stop), int(step)), wanted, device)
    count = max(math.ceil((stop - start) / step), 0)
    return _ranged([start + number * step for number in range(count)], wanted, device)


def linspace(
    start: complex,
    stop: complex,
    /,
    num: int,
    *,
    dtype: Any = None,
    device: str | None = None,
    endpoint: bool = True,
) -> Tensor:
    """`num` numbers from `start` to `stop`, evenly spaced.

    Args:
        start, stop: the first number and the last one.
        num: how many.
        dtype: a floating-point dtype; default: float32, complex64 where an end is complex.
        device: as in `asarray`.
        endpoint: whether `stop` is among them; else it would come next.

    Raises:
        ShapeError: `num` is negative.
    """
    count = operator.index(num)
    if count < 0:
        raise ShapeError(f"linspace: {count} numbers; there are no fewer than 0")
    parts = max(count - 1 if endpoint else count, 1)
    numbers = [start + (stop - start) * (number / parts) for number in range(count)]
    if endpoint and count > 1:
        numbers[-1] = stop
    if any(isinstance(one, complex) for one in (start, stop)):
        return asarray(numbers, dtype=dtype or complex64, device=device)
    wanted = as_dtype(dtype or float32)
    if wanted.kind == "complex":
        return asarray([complex(one) for one in numbers], dtype=wanted, device=device)
    return _ranged(numbers, wanted, device)  # type: ignore[arg-type]


def _ranged(numbers: Sequence[float], dtype: DType, device: str | None) -> Tensor:
    integers = dtype.kind in ("int", "uint")
    if integers and not isinstance(numbers, range):
        numbers = list(map(int, numbers))
    code = dtype.code if integers else "d" if dtype.itemsize > 4 else "f"
    try:
        return asarray(array.array(code, numbers), dtype=dtype, device=device)
    except OverflowError:
        raise DtypeError(f"a number of the range does not fit {dtype.name}") from None


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """(n_rows, n_cols) of zeros, with ones on the diagonal that is `k` columns to the right.

    `n_cols` is `n_rows` by default, the dtype float32.
    """
    diagonal, columns = _diagonal(n_rows, n_rows if n_cols is None else n_cols, k, device)
    return astype(equal(diagonal, columns), as_dtype(dtype or float32))


def _diagonal(rows: int, columns: int, k: int, device: str | None) -> tuple[Tensor, Tensor]:
    """In which column the diagonal `k` to the right meets each row, (rows, 1), and the number of
    each column, (columns,)."""
    # Beyond the matrix it is nowhere, however far.
    k = max(min(k, columns), -rows)
    met = arange(k, k + rows, device=device)
    return reshape(met, (rows, 1)), arange(columns, device=device)


def tril(x: Tensor, /, *, k: int = 0) -> Tensor:
    """Matrices (the last two axes of x) with zeros above the diagonal `k` columns to the right."""
    return _triangle("tril", x, k, lower=True)


def triu(x: Tensor, /, *, k: int = 0) -> Tensor:
    """Matrices (the last two axes of x) with zeros below the diagonal `k` columns to the right."""
    return _triangle("triu", x, k, lower=False)


def _triangle(name: str, x: Tensor, k: int, lower: bool) -> Tensor:
    if len(x.shape) < 2:
        raise ShapeError(f"{name} takes at least two axes, not shape {x.shape}")
    diagonal, columns = _diagonal(x.shape[-2], x.shape[-1], k, x._node.device)
    kept = greater_equal(diagonal, columns) if lower else greater_equal(columns, diagonal)
    return logical_and(x, kept) if x.dtype.kind == "bool" else where(kept, x, 0)


def full_like(
    x: Tensor, /, fill_value: Scalar, *, dtype: Any = None, device: str | None = None
) -> Tensor:
    """A tensor of x's shape, and its dtype and device where none are given, of `fill_value`."""
    return full(x.shape, fill_value, dtype=dtype or x.dtype, device=device or x._node.device)


def zeros_like(x: Tensor, /, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """`full_like` of zeros."""
    return full_like(x, 0, dtype=dtype, device=device)


def ones_like(x: Tensor, /, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """`full_like` of ones."""
    return full_like(x, 1, dtype=dtype, device=device)


def empty(shape: int | Sequence[int], *, dtype: Any = None, device: str | None = None) -> Tensor:
    """`zeros`: tensors never change, so there is nothing to leave open."""
    return zeros(shape, dtype=dtype, device=device)


def empty_like(x: Tensor, /, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """`zeros_like`: tensors never change, so there is nothing to leave open."""
    return zeros_like(x, dtype=dtype, device=device)


def meshgrid(*arrays: Tensor, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Each of `arrays` (of one axis at most) repeated over the axes of all others, without a copy.

    Args:
        arrays: of sizes N₀, N₁, ….
        indexing: "ij" for results of shape (N₀, N₁, …), "xy" for (N₁, N₀, …).

    Raises:
        ShapeError: more than one axis, or another `indexing`.
    """
    if indexing not in ("xy", "ij"):
        raise ShapeError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    if any(len(one.shape) > 1 for one in arrays):
        raise ShapeError("meshgrid takes tensors of one axis")
    axes = list(range(len(arrays)))
    if indexing == "xy" and len(arrays) > 1:
        axes[:2] = [1, 0]
    shape = [0] * len(arrays)
    for axis, one in zip(axes, arrays, strict=True):
        shape[axis] = one.size
    return tuple(
        broadcast_to(reshape(one, (one.size, *(1,) * (len(arrays) - axis - 1))), shape)
        for axis, one in zip(axes, arrays, strict=True)
    )
