"""Matrix products with integer weights: a row each.

Weights are (N, K), as linear layers keep them: K lies together, so that a word holds four int8, or
eight int4 (in uint8 pairs, the even one in the low four bits), that one invocation wants.
"""

from __future__ import annotations

from typing import Any

from ..dtypes import DType, float32, int8, int32, uint8
from ..errors import DtypeError, ShapeError
from ..lazy_numpy import np
from .declaration import Operand, Operator, Shape, Tolerance


def _infer_quantized(
    x: Operand, weight: Operand, scale: Operand, *zero_point: Operand, bits: int
) -> tuple[Shape, DType]:
    stored = int8 if bits == 8 else uint8
    if (x.dtype, weight.dtype, scale.dtype) != (float32, stored, float32):
        raise DtypeError(
            f"linear_quantized takes float32, {stored.name} weights of {bits} bits and a float32 "
            f"scale, not {x.dtype.name}, {weight.dtype.name} and {scale.dtype.name}"
        )
    k, n = x.shape[-1], weight.shape[0]
    groups = scale.shape[-1]
    fits = (
        weight.shape == (n, k * bits // 8)
        and scale.shape == (n, groups)
        and k > 0
        and groups > 0
        and k % groups == 0
        and k // groups % 4 == 0
        and k % (32 // bits) == 0
    )
    if not fits:
        raise ShapeError(
            f"linear_quantized: x {x.shape}, weight {weight.shape} of {bits} bits and scale "
            f"{scale.shape} do not fit: they are (…, K), (N, K·bits/8) and (N, groups), with K a "
            f"multiple of {32 // bits}, and of groups times 4"
        )
    for one in zero_point:
        if one.shape != scale.shape or one.dtype != stored:
            raise ShapeError(
                f"linear_quantized: the zero point is {stored.name} of the scale's shape "
                f"{scale.shape}, not {one.dtype.name} {one.shape}"
            )
    return (*x.shape[:-1], n), float32


def unpacked(weight: Any, bits: int) -> Any:
    """(N, K) of what is stored: int8, or int4 in pairs as 0 to 15."""
    if bits == 8:
        return weight
    pairs = np.stack([weight & 15, weight >> 4], axis=-1)
    return pairs.reshape(weight.shape[0], -1)


def _quantized(x: Any, weight: Any, scale: Any, *zero_point: Any, bits: int) -> Any:
    values = unpacked(weight, bits).astype(x.dtype)
    group = values.shape[1] // scale.shape[1]
    zero = zero_point[0].astype(x.dtype) if zero_point else np.full_like(scale, 8 * (bits == 4))
    values = (values - np.repeat(zero, group, axis=1)) * np.repeat(scale, group, axis=1)
    return np.matmul(x, values.T)


def _infer_integer(a: Operand, b: Operand) -> tuple[Shape, DType]:
    if a.dtype != int8 or b.dtype != int8:
        raise DtypeError(f"matmul_integer takes int8, not {a.dtype.name} and {b.dtype.name}")
    if a.shape[-1] != b.shape[-1]:
        raise ShapeError(f"matmul_integer: rows of {a.shape} and of {b.shape} differ in length")
    return (*a.shape[:-1], b.shape[0]), int32


OPERATORS = (
    Operator(
        "linear_quantized",
        "quantized",
        _infer_quantized,
        _quantized,
        Tolerance(lambda shapes, attributes: 2 * shapes[0][-1] + 3, source="matmul's and mul's"),
        kinds=("float",),
    ),
    Operator(
        "matmul_integer",
        "quantized",
        _infer_integer,
        lambda a, b: np.matmul(a.astype("int32"), b.astype("int32").T),
        Tolerance.units(0),
        kinds=("int",),
    ),
)
