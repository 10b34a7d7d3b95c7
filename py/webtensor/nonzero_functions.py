"""Where tensors are not zero, by the Array API's names."""

from __future__ import annotations

from .errors import ShapeError
from .functions import astype
from .index_tensors import coordinates_of
from .operands import node_of
from .tensor import Tensor

__all__ = ["nonzero"]


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
