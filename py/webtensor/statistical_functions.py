"""Where the extremes are, how many elements are not zero, how far they are from their mean, and
from the next."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

from . import functions
from .errors import DtypeError, ShapeError
from .functions import astype, divide, mean, multiply, reshape, sqrt, subtract
from .graph.node import operation
from .movement_functions import concat
from .operands import same
from .operators.shapes import normalize_axes
from .tensor import Tensor

__all__ = [
    "argmax",
    "argmin",
    "count_nonzero",
    "diff",
    "std",
    "var",
]


def argmax(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the largest element along `axis` (in the flattened tensor without one), int32.

    The first of equal ones; NaN counts as larger than any number.

    Raises:
        ShapeError: no elements, or no such axis.
        DtypeError: bool or complex.
    """
    return _extreme_index("argmax", x, axis, keepdims)


def argmin(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the smallest element; as `argmax`, NaN counting as smaller than any number."""
    return _extreme_index("argmin", x, axis, keepdims)


def _extreme_index(name: str, x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    if axis is None:
        flat = operation(name, [reshape(x, (x.size,))._node], axis=0, keepdims=False)
        return reshape(Tensor(flat), (1,) * len(x.shape) if keepdims else ())
    (place,) = normalize_axes(name, axis, len(x.shape))
    return Tensor(operation(name, [x._node], axis=place, keepdims=keepdims))


def count_nonzero(
    x: Tensor, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Tensor:
    """How many elements over `axis` (all axes by default) are not zero, int32; NaN is not zero."""
    return functions.sum(astype(astype(x, "bool"), "int32"), axis=axis, keepdims=keepdims)


def diff(
    x: Tensor,
    /,
    *,
    axis: int = -1,
    n: int = 1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
) -> Tensor:
    """What each element along `axis` is more than the one before it, `n` times over.

    Args:
        x: at least one axis, a numeric dtype.
        axis: from -rank to rank - 1.
        n: how often.
        prepend, append: tensors to put before and behind x along `axis` first.

    Returns:
        x's shape, with n elements fewer along `axis`; x's dtype.

    Raises:
        ShapeError: no such axis, negative n, or shapes that differ elsewhere.
        DtypeError: bool, or dtypes that do not promote.
    """
    joined = [one for one in (prepend, x, append) if one is not None]
    result = concat(joined, axis=axis) if len(joined) > 1 else same(x)
    (place,) = normalize_axes("diff", axis, len(result.shape))
    if result.dtype.kind == "bool":
        raise DtypeError("diff takes numbers, not bool; convert it first with x.astype(...)")
    times = operator.index(n)
    if times < 0:
        raise ShapeError(f"diff: {times} times; there are no fewer than 0")
    before = (slice(None),) * place
    for _ in range(times):
        later, earlier = (result[(*before, part)] for part in (slice(1, None), slice(None, -1)))
        result = subtract(later, earlier)
    return result


def var(
    x: Tensor,
    /,
    *,
    axis: int | Sequence[int] | None = None,
    correction: float = 0.0,
    keepdims: bool = False,
) -> Tensor:
    """The mean of (x - mean)² over `axis` (all axes by default), for floating-point dtypes.

    Args:
        x: floating-point.
        axis: over which.
        correction: taken off the number of elements by which the sum is divided.
        keepdims: whether the axes stay, with size 1.

    Raises:
        DtypeError: x is not floating-point.
    """
    if not x.dtype.floating:
        raise DtypeError(f"var takes floating-point tensors, not {x.dtype.name}; use astype")
    # float16 has no room for sums: they are made in float32.
    wide = astype(x, "float32") if x.dtype.itemsize == 2 else x
    axes = normalize_axes("var", axis, len(x.shape))
    count = math.prod(x.shape[one] for one in axes) - correction
    apart = subtract(wide, mean(wide, axis=axes, keepdims=True))
    total = functions.sum(multiply(apart, apart), axis=axes, keepdims=keepdims)
    return astype(divide(total, max(count, 0.0)), x.dtype)


def std(
    x: Tensor,
    /,
    *,
    axis: int | Sequence[int] | None = None,
    correction: float = 0.0,
    keepdims: bool = False,
) -> Tensor:
    """The square root of `var`, whose arguments and errors it has."""
    return sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))
