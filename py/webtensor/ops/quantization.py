"""The specification's conversions between floats and small integers, a scale to each block.

A scale has as many axes as the tensor, of sizes that divide the tensor's: each of its elements
belongs to a block of equal parts. Blocks are views: nothing is repeated in memory.
"""

from __future__ import annotations

from ..errors import ShapeError
from ..functions import (
    add,
    astype,
    bitwise_and,
    bitwise_left_shift,
    bitwise_right_shift,
    clip,
    divide,
    floor,
    greater,
    less,
    multiply,
    reshape,
    round,
    subtract,
    where,
)
from ..tensor import Tensor
from .checks import FLOAT, QUANTIZED, operand, same_dtype, specified, widened

__all__ = [
    "dequantize_linear",
    "quantize_linear",
]

_HALF_BITS = 16
_HALF = 2.0**_HALF_BITS


@specified("dequantizeLinear")
def dequantize_linear(x: Tensor, scale: Tensor, zero_point: Tensor, /) -> Tensor:
    """(x - zero_point) · scale, elementwise.

    Args:
        x: any shape; uint8, int8, uint32 or int32.
        scale: x's number of axes, each size a divisor of x's; float32 or float16, positive.
        zero_point: of the scale's shape and x's dtype.

    Returns:
        x's shape, of the scale's dtype.

    Raises:
        ShapeError: other shapes.
        DtypeError: other dtypes, or no tensors.
    """
    name = "dequantize_linear"
    operand(name, x, QUANTIZED)
    operand(name, scale, FLOAT)
    same_dtype(name, x, operand(name, zero_point, QUANTIZED))
    blocks, shares = _blocks(name, x, scale, zero_point)
    values, zero = reshape(x, blocks), reshape(zero_point, shares)
    if x.dtype.itemsize == 1:
        steps = subtract(astype(values, "float32"), astype(zero, "float32"))
    else:
        # The difference has 33 bits, of which halves of 16 lose none.
        high, low = (
            subtract(one, other) for one, other in zip(_halves(values), _halves(zero), strict=True)
        )
        steps = add(multiply(high, _HALF), low)
    result = multiply(steps, reshape(widened(scale), shares))
    return reshape(astype(result, scale.dtype), x.shape)


@specified("quantizeLinear")
def quantize_linear(x: Tensor, scale: Tensor, zero_point: Tensor, /) -> Tensor:
    """x / scale rounded to the nearest integer (of two to the even one) + zero_point, elementwise;
    what the zero point's dtype cannot hold becomes the nearest number that it holds.

    Args:
        x: any shape; float32 or float16. NaN is undefined.
        scale: x's number of axes, each size a divisor of x's; x's dtype, positive.
        zero_point: of the scale's shape; uint8, int8, uint32 or int32.

    Returns:
        x's shape, of the zero point's dtype.

    Raises:
        ShapeError: other shapes.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "quantize_linear"
    operand(name, x, FLOAT)
    same_dtype(name, x, operand(name, scale, FLOAT))
    operand(name, zero_point, QUANTIZED)
    blocks, shares = _blocks(name, x, scale, zero_point)
    steps = round(divide(reshape(widened(x), blocks), reshape(widened(scale), shares)))
    zero = reshape(zero_point, shares)
    signed = zero.dtype.kind == "int"
    if zero.dtype.itemsize == 1:
        low, high = (-128.0, 127.0) if signed else (0.0, 255.0)
        return reshape(
            astype(clip(add(steps, astype(zero, "float32")), low, high), zero.dtype), x.shape
        )
    return reshape(_sum_of_halves(steps, zero), x.shape)


def _sum_of_halves(steps: Tensor, zero: Tensor) -> Tensor:
    """Whole floats plus 32-bit integers, by halves of 16 bits, which float32 adds exactly."""
    signed = zero.dtype.kind == "int"
    # Beyond every 32-bit integer's reach, below where halves would lose something.
    steps = clip(steps, -(2.0**40), 2.0**40)
    above = floor(divide(steps, _HALF))
    zero_above, zero_below = _halves(zero)
    below = add(subtract(steps, multiply(above, _HALF)), zero_below)
    carried = floor(divide(below, _HALF))
    below = subtract(below, multiply(carried, _HALF))
    above = add(add(above, zero_above), carried)
    first, last = (-(2.0**15), 2.0**15 - 1) if signed else (0.0, _HALF - 1)
    high = astype(clip(above, first, last), zero.dtype)
    below = where(greater(above, last), _HALF - 1, where(less(above, first), 0.0, below))
    return add(bitwise_left_shift(high, _HALF_BITS), astype(below, zero.dtype))


def _halves(x: Tensor) -> tuple[Tensor, Tensor]:
    """The upper and the lower 16 bits of 32-bit integers, as floats."""
    upper = astype(bitwise_right_shift(x, _HALF_BITS), "float32")
    return upper, astype(bitwise_and(x, 2**_HALF_BITS - 1), "float32")


def _blocks(
    name: str, x: Tensor, scale: Tensor, zero_point: Tensor
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shapes under which x and its scale broadcast: each axis in (blocks, elements of a block)."""
    if zero_point.shape != scale.shape:
        raise ShapeError(
            f"{name}: scale {scale.shape} and zero point {zero_point.shape} have one shape"
        )
    if scale.ndim != x.ndim:
        raise ShapeError(f"{name}: scale {scale.shape} has not as many axes as {x.shape}")
    blocks: list[int] = []
    shares: list[int] = []
    for size, count in zip(x.shape, scale.shape, strict=True):
        if size != count and (not count or size % count):
            raise ShapeError(f"{name}: scale {scale.shape} does not divide shape {x.shape}")
        if count in (1, size):
            blocks.append(size)
            shares.append(count)
        else:
            blocks += [count, size // count]
            shares += [count, 1]
    return tuple(blocks), tuple(shares)
