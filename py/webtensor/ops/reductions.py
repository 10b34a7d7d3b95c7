"""The specification's reductions, a line each, and its running sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from .. import functions
from ..functions import astype
from ..graph.node import operation
from ..operands import named
from ..statistical_functions import argmax, argmin
from ..tensor import Tensor
from .checks import ANY, FLOAT, SUMMED, axes_of, axis_of, named_dtype, operand, specified, widened

__all__ = [
    "arg_max",
    "arg_min",
    "cumulative_sum",
    "reduce_l1",
    "reduce_l2",
    "reduce_log_sum",
    "reduce_log_sum_exp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_product",
    "reduce_sum",
    "reduce_sum_square",
]

_Axes = tuple[int, ...]


class Reduction(Protocol):
    """A reduction of one tensor."""

    def __call__(
        self,
        x: Tensor,
        /,
        *,
        axes: Sequence[int] | None = None,
        keep_dimensions: bool = False,
        label: str = "",
    ) -> Tensor: ...


def _reduction(
    name: str,
    method: str,
    dtypes: tuple[str, ...],
    function: Callable[[Tensor, _Axes, bool], Tensor],
    text: str,
) -> Reduction:
    def reduced(
        x: Tensor, /, *, axes: Sequence[int] | None = None, keep_dimensions: bool = False
    ) -> Tensor:
        operand(name, x, dtypes)
        over = axes_of(name, axes, x, range(len(x.shape)))
        # float16 has no room for sums: they are made in float32.
        return astype(function(widened(x), over, bool(keep_dimensions)), x.dtype)

    listed = "any of the specification's dtypes" if dtypes == ANY else ", ".join(dtypes)
    document = f"""{text} over `axes`.

Args:
    x: any shape; {listed}.
    axes: distinct axes, counted from the first; all by default, and none is [].
    keep_dimensions: whether the axes stay, with size 1.

Returns:
    x's shape without `axes`, of x's dtype.

Raises:
    ShapeError: axes that x does not have, or one twice.
    DtypeError: another dtype, or no tensor."""
    return cast(Reduction, specified(method)(named(reduced, name, document)))


def _sum(x: Tensor, axes: _Axes, keep: bool) -> Tensor:
    return functions.sum(x, axis=axes, keepdims=keep)


def _log_sum_exp(x: Tensor, axes: _Axes, keep: bool) -> Tensor:
    """Shifted by the largest, so that nothing overflows; by nothing where that is not finite."""
    largest = functions.max(x, axis=axes, keepdims=True)
    shift = functions.where(functions.isfinite(largest), largest, 0.0)
    powers = functions.exp(functions.subtract(x, shift))
    whole = functions.add(functions.log(_sum(powers, axes, True)), shift)
    return functions.reshape(whole, _sum(x, axes, keep).shape)


reduce_l1 = _reduction(
    "reduce_l1",
    "reduceL1",
    SUMMED,
    lambda x, axes, keep: _sum(functions.abs(x), axes, keep),
    "The sum of absolute values",
)
reduce_l2 = _reduction(
    "reduce_l2",
    "reduceL2",
    FLOAT,
    lambda x, axes, keep: functions.sqrt(_sum(functions.square(x), axes, keep)),
    "The square root of the sum of squares",
)
reduce_log_sum = _reduction(
    "reduce_log_sum",
    "reduceLogSum",
    FLOAT,
    lambda x, axes, keep: functions.log(_sum(x, axes, keep)),
    "The logarithm of the sum",
)
reduce_log_sum_exp = _reduction(
    "reduce_log_sum_exp",
    "reduceLogSumExp",
    FLOAT,
    _log_sum_exp,
    "The logarithm of the sum of exp(x), without overflow on the way,",
)
reduce_max = _reduction(
    "reduce_max",
    "reduceMax",
    ANY,
    lambda x, axes, keep: functions.max(x, axis=axes, keepdims=keep),
    "The largest element; NaN wins;",
)
reduce_mean = _reduction(
    "reduce_mean",
    "reduceMean",
    FLOAT,
    lambda x, axes, keep: functions.mean(x, axis=axes, keepdims=keep),
    "The arithmetic mean",
)
reduce_min = _reduction(
    "reduce_min",
    "reduceMin",
    ANY,
    lambda x, axes, keep: functions.min(x, axis=axes, keepdims=keep),
    "The smallest element; NaN wins;",
)
reduce_product = _reduction(
    "reduce_product",
    "reduceProduct",
    SUMMED,
    lambda x, axes, keep: functions.prod(x, axis=axes, keepdims=keep),
    "The product",
)
reduce_sum = _reduction("reduce_sum", "reduceSum", SUMMED, _sum, "The sum")
reduce_sum_square = _reduction(
    "reduce_sum_square",
    "reduceSumSquare",
    SUMMED,
    lambda x, axes, keep: _sum(functions.square(x), axes, keep),
    "The sum of squares",
)


@specified("argMax")
def arg_max(
    x: Tensor, axis: int, /, *, keep_dimensions: bool = False, output_data_type: Any = "int32"
) -> Tensor:
    """The place of the largest element along `axis`: the first of equal ones; NaN is the largest.

    Args:
        x: at least one axis, any of the specification's dtypes.
        axis: counted from the first.
        keep_dimensions: whether the axis stays, with size 1.
        output_data_type: int32 or int64.

    Raises:
        ShapeError: no such axis, or no elements along it.
        DtypeError: another dtype, or no tensor.
    """
    return _extreme_index("arg_max", argmax, x, axis, keep_dimensions, output_data_type)


@specified("argMin")
def arg_min(
    x: Tensor, axis: int, /, *, keep_dimensions: bool = False, output_data_type: Any = "int32"
) -> Tensor:
    """The place of the smallest element along `axis`, NaN being it; the rest as in `arg_max`."""
    return _extreme_index("arg_min", argmin, x, axis, keep_dimensions, output_data_type)


def _extreme_index(
    name: str, function: Callable[..., Tensor], x: Tensor, axis: int, keep: bool, output: Any
) -> Tensor:
    operand(name, x, ANY, 1)
    dtype = named_dtype(name, "output_data_type", output, ("int32", "int64"))
    return astype(function(x, axis=axis_of(name, axis, x), keepdims=bool(keep)), dtype)


@specified("cumulativeSum")
def cumulative_sum(
    x: Tensor,
    axis: int,
    /,
    *,
    exclusive: bool = False,
    reversed: bool = False,  # noqa: A002 (the specification's name)
) -> Tensor:
    """The sum of each element and those before it along `axis`.

    Args:
        x: at least one axis; float32, float16, int32, uint32, int64 or uint64.
        axis: counted from the first.
        exclusive: whether an element's own value is left out of its sum.
        reversed: whether what comes after an element counts, instead of what comes before.

    Raises:
        ShapeError: no such axis.
        DtypeError: another dtype, or no tensor.
    """
    operand("cumulative_sum", x, SUMMED, 1)
    place = axis_of("cumulative_sum", axis, x)
    node, backward = widened(x)._node, bool(reversed)
    total = operation(
        "cumulative_sum", [node], axis=place, exclusive=bool(exclusive), reversed=backward
    )
    return astype(Tensor(total), x.dtype)
