"""What vectors and matrices need no factorisation for: products, diagonals, norms; see `linalg`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from . import elementwise_functions, functions
from .dtypes import as_dtype, float16, float32, promote
from .elementwise_functions import (
    astype,
    multiply,
    not_equal,
    sqrt,
    subtract,
)
from .errors import DtypeError, ShapeError
from .functions import reshape
from .movement_functions import concat
from .operands import node_of
from .operators.shapes import normalize_axes
from .tensor import Tensor

__all__ = [
    "cross",
    "diagonal",
    "outer",
    "trace",
    "vector_norm",
]


def widened(name: str, x: Tensor) -> Tensor:
    """x in the dtype that it is computed in.

    Raises:
        DtypeError: no tensor, or not floating-point.
    """
    dtype = node_of(name, x).dtype
    if dtype.kind not in ("float", "complex"):
        raise DtypeError(f"{name} takes floating-point tensors, not {dtype.name}; use x.astype")
    return astype(x, float32) if dtype == float16 else x


def matrix_shape(name: str, x: Tensor) -> tuple[int, int]:
    if len(node_of(name, x).shape) < 2:
        raise ShapeError(f"{name} takes matrices (…, M, N), not shape {x.shape}")
    return x.shape[-2], x.shape[-1]


def cross(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """The cross product of vectors of three elements along `axis`; the other axes broadcast.

    Args:
        x1, x2: numeric, of size 3 along `axis`.
        axis: counted from the last one, -1 and below.

    Raises:
        ShapeError: another size, no such axis, or shapes that do not broadcast.
        DtypeError: bool, or dtypes that do not promote.
    """
    dtype = promote(node_of("cross", x1).dtype, node_of("cross", x2).dtype)
    if dtype.kind == "bool":
        raise DtypeError("cross takes numeric tensors, not bool")
    least = min(x1.ndim, x2.ndim)
    if not -least <= axis < 0 or x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ShapeError(
            f"cross: shapes {x1.shape} and {x2.shape} do not both have 3 elements along axis "
            f"{axis}, which is counted from the last one (-{least} to -1)"
        )
    after = (slice(None),) * (-axis - 1)
    first, second = ([x[(..., slice(one, one + 1), *after)] for one in range(3)] for x in (x1, x2))
    return concat(
        [
            subtract(multiply(first[i], second[j]), multiply(first[j], second[i]))
            for i, j in ((1, 2), (2, 0), (0, 1))
        ],
        axis=axis,
    )


def diagonal(x: Tensor, /, *, offset: int = 0) -> Tensor:
    """The elements on the diagonal that is `offset` columns to the right of the main one.

    Args:
        x: (…, M, N), of any dtype.
        offset: negative: so many rows down.

    Returns:
        (…, K); K is 0 for a diagonal outside the matrix.

    Raises:
        ShapeError: fewer than two axes.
    """
    rows, columns = matrix_shape("diagonal", x)
    count = max(min(rows, rows + offset, columns, columns - offset), 0)
    if count == 0:
        return reshape(x, (*x.shape[:-2], rows * columns))[..., :0]
    first = offset if offset >= 0 else -offset * columns
    # In C order its elements are as far apart as a row is long, and one.
    last = first + (count - 1) * (columns + 1) + 1
    return reshape(x, (*x.shape[:-2], rows * columns))[..., first : last : columns + 1]


def outer(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The products of each element of x1 with each of x2.

    Args:
        x1: (N,), numeric.
        x2: (M,), numeric.

    Returns:
        (N, M).

    Raises:
        ShapeError: other than one axis.
        DtypeError: bool, or dtypes that do not promote.
    """
    if (len(node_of("outer", x1).shape), len(node_of("outer", x2).shape)) != (1, 1):
        raise ShapeError(f"outer takes vectors, not shapes {x1.shape} and {x2.shape}")
    return multiply(x1[:, None], x2)


def trace(x: Tensor, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """The sum of a diagonal.

    Args:
        x: (…, M, N), numeric.
        offset: which diagonal, as in `diagonal`.
        dtype: of the sum; default: that of `sum`.

    Returns:
        (…).

    Raises:
        ShapeError: fewer than two axes.
        DtypeError: bool.
    """
    if node_of("trace", x).dtype.kind == "bool":
        raise DtypeError("trace takes numeric tensors, not bool; use x.astype")
    wanted = None if dtype is None else as_dtype(dtype)
    elements = diagonal(x, offset=offset)
    total = functions.sum(elements if wanted is None else astype(elements, wanted), axis=-1)
    return total if wanted is None else astype(total, wanted)


def vector_norm(
    x: Tensor,
    /,
    *,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    ord: float = 2,  # noqa: A002
) -> Tensor:
    """The norm of vectors along `axis` (of all elements by default).

    Args:
        x: floating-point.
        axis: one or several.
        keepdims: whether the axes stay, with size 1.
        ord: p of (Σ |x|ᵖ)^(1/p); infinity, -infinity: the largest, smallest magnitude; 0: how many
            elements are not 0.

    Returns:
        real.

    Raises:
        ShapeError: no such axis, or an extreme of no elements.
        DtypeError: not floating-point.
    """
    wide = widened("vector_norm", x)
    axes = normalize_axes("vector_norm", axis, x.ndim)
    size = elementwise_functions.abs(wide)
    if not axes:
        found = size if ord else astype(not_equal(size, 0), size.dtype)
    elif ord == math.inf:
        found = functions.max(size, axis=axes, keepdims=keepdims)
    elif ord == -math.inf:
        found = functions.min(size, axis=axes, keepdims=keepdims)
    elif ord == 0:
        found = functions.sum(astype(not_equal(size, 0), size.dtype), axis=axes, keepdims=keepdims)
    elif ord == 1:
        found = functions.sum(size, axis=axes, keepdims=keepdims)
    elif ord == 2:
        found = sqrt(functions.sum(multiply(size, size), axis=axes, keepdims=keepdims))
    else:
        total = functions.sum(
            elementwise_functions.pow(size, float(ord)), axis=axes, keepdims=keepdims
        )
        found = elementwise_functions.pow(total, 1 / ord)
    return astype(found, float16) if x.dtype == float16 else found
