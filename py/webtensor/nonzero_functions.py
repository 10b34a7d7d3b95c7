"""Where tensors are not zero, by the Array API's names."""

from __future__ import annotations

from collections.abc import Sequence

from .dtypes import int32
from .errors import ShapeError
from .functions import astype
from .functions import sum as _sum
from .index_tensors import coordinates_of
from .operands import node_of
from .tensor import Tensor

__all__ = [
    "count_nonzero",
    "nonzero",
]


def count_nonzero(
    x: Tensor, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Tensor:
    """How many elements over `axis` (all axes by default) are not zero, as int32; NaN is not.

    Raises:
        ShapeError: no such axis, or twice the same.
    """
    node_of("count_nonzero", x)
    return _sum(astype(astype(x, "bool"), int32), axis=axis, keepdims=keepdims)


def nonzero(x: Tensor, /) -> tuple[Tensor, ...]:
    """Where the elements of x are that are not zero.

    How many there are is read synchronously; `where` and `count_nonzero` need no read.

    Args:
        x: at least one axis.

    Returns:
        For each axis of x the places on it: int32 of one axis, elements in C order.

    Raises:
        ShapeError: x has no axes.
        SynchronousReadError: this browser, or this caller, cannot wait.
        CaptureError: a function is being captured: a plan has no shapes that depend on values.
    """
    if not node_of("nonzero", x).shape:
        raise ShapeError("nonzero takes a tensor with axes; for one without see bool(x)")
    return coordinates_of(x if x.dtype.kind == "bool" else astype(x, "bool"))
