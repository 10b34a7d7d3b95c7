"""What losses share: the check of their operands, and what is made of their elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from . import functions
from .errors import OptionError, ShapeError
from .functions import astype
from .normalization import floating
from .tensor import Tensor

Reduction = Literal["none", "mean", "sum"]
F = TypeVar("F", bound=Callable[..., Tensor])

_SHARED = """

    Operands are floating-point (classes and signs may be integers); `reduction` is "none" (a loss
    for each element), "mean" or "sum", which have shape ().

    Raises:
        ShapeError: shapes that do not fit.
        DtypeError: operands of another dtype.
        OptionError: another reduction, or an option outside its range.
    """


def loss(function: F) -> F:
    """`function`, its description ending with what holds for all losses."""
    function.__doc__ = (function.__doc__ or "").rstrip() + _SHARED
    return function


def reduced(name: str, losses: Tensor, reduction: str) -> Tensor:
    """`losses` as it is, its mean or its sum; OptionError for another reduction."""
    if reduction == "none":
        return losses
    if reduction == "mean":
        return functions.mean(losses)
    if reduction == "sum":
        # float16 has no room for sums: they are made in float32.
        wide = astype(losses, "float32") if losses.dtype.itemsize == 2 else losses
        return astype(functions.sum(wide), losses.dtype)
    raise OptionError(f"{name}: reduction is 'none', 'mean' or 'sum', not {reduction!r}")


def check_floating(name: str, *tensors: Tensor) -> None:
    """Raise DtypeError for what is no floating-point tensor."""
    for one in tensors:
        floating(name, one)


def check_shape(name: str, one: Tensor, other: Tensor) -> None:
    """Raise ShapeError for operands of two shapes."""
    if one.shape != other.shape:
        raise ShapeError(f"{name} takes operands of one shape, not {one.shape} and {other.shape}")
