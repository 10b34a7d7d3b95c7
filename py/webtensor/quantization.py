"""Linear layers with weights of 8 and 4 bits."""

from __future__ import annotations

import math
from typing import NamedTuple

from . import functions
from .dtypes import int8, int32
from .errors import DtypeError, ShapeError
from .graph.node import operation
from .operands import node_of
from .tensor import Tensor

_LARGEST = {8: 127, 4: 7}


class QuantizedWeight(NamedTuple):
    """A linear layer's weight in few bits.

    Attributes:
        weight: (N, K) int8, or for 4 bits (N, K/2) uint8, the even column in the low four bits.
        scale: (N, groups) float32: what one step is worth, for each group of K/groups columns.
        zero_point: of the scale's shape and the weight's dtype, or None for the middle (0, or 8).
        bits: 8 or 4.
    """

    weight: Tensor
    scale: Tensor
    zero_point: Tensor | None = None
    bits: int = 8


def quantize_weight(
    weight: Tensor, /, bits: int = 8, group_size: int | None = None
) -> QuantizedWeight:
    """Round a weight to `bits` bits, symmetrically, with a scale for each group of columns.

    Args:
        weight: (N, K), float32; K a multiple of 4 (of 8 for 4 bits).
        bits: 8 or 4.
        group_size: columns that share a scale, a multiple of 4 that divides K; all by default.

    Raises:
        ShapeError: K or `group_size` is no such multiple.
        DtypeError: other than float32, or other than 8 or 4 bits.
    """
    node_of("quantize_weight", weight)
    if bits not in (8, 4) or weight.dtype.name != "float32":
        raise DtypeError(f"quantize_weight makes 8 or 4 bits of float32, not {bits} of another")
    if weight.ndim != 2 or weight.shape[1] % (32 // bits):
        raise ShapeError(f"quantize_weight takes (N, K), K % {32 // bits} = 0, not {weight.shape}")
    n, k = weight.shape
    size = k if group_size is None else group_size
    if not isinstance(size, int) or size < 4 or size % 4 or k % size:
        raise ShapeError(f"a group of {size} columns is no multiple of 4 that divides {k}")
    grouped = functions.reshape(weight, (n, k // size, size))
    largest = functions.max(functions.abs(grouped), axis=2, keepdims=True)
    scale = functions.maximum(functions.divide(largest, _LARGEST[bits]), 2.0**-100)
    steps = functions.floor(functions.add(functions.divide(grouped, scale), 0.5))
    steps = functions.reshape(steps, (n, k))
    scales = functions.reshape(scale, (n, k // size))
    if bits == 8:
        return QuantizedWeight(functions.astype(steps, "int8"), scales)
    nibbles = functions.add(steps, 8.0)
    pairs = functions.add(nibbles[:, 0::2], functions.multiply(nibbles[:, 1::2], 16.0))
    return QuantizedWeight(functions.astype(pairs, "uint8"), scales, None, 4)


def _check(name: str, x: Tensor, weight: QuantizedWeight) -> None:
    if not node_of(name, x).shape:
        raise ShapeError(f"{name} takes x with at least one axis, not a scalar")
    if not isinstance(weight, QuantizedWeight):
        raise DtypeError(
            f"{name} takes a QuantizedWeight, not {type(weight).__name__}; "
            f"make one with webtensor.nn.quantize_weight(...)"
        )


def linear_quantized(x: Tensor, /, weight: QuantizedWeight, bias: Tensor | None = None) -> Tensor:
    """x times the transposed weight, plus bias; the weight is widened inside the kernel.

    Args:
        x: (…, K), float32.
        weight: (N, K) in few bits; see `quantize_weight`.
        bias: (N,), or None.

    Returns:
        (…, N), float32.

    Raises:
        ShapeError, DtypeError: the parts do not fit.
    """
    _check("linear_quantized", x, weight)
    flat = functions.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))
    operands = [flat._node, weight.weight._node, weight.scale._node]
    if weight.zero_point is not None:
        operands.append(weight.zero_point._node)
    product = Tensor(operation("linear_quantized", operands, bits=weight.bits))
    product = functions.reshape(product, (*x.shape[:-1], product.shape[-1]))
    return product if bias is None else functions.add(product, bias)


def linear_dynamic_int8(
    x: Tensor, /, weight: QuantizedWeight, bias: Tensor | None = None
) -> Tensor:
    """`linear_quantized` in integers: x is rounded to int8 too, by row, as it comes.

    Faster where the device multiplies packed int8 (`dot4I8Packed`), and less exact.

    Args:
        x: (…, K), float32.
        weight: 8 bits, one group, symmetric.
        bias: (N,), or None.

    Raises:
        ShapeError, DtypeError: the parts do not fit.
    """
    _check("linear_dynamic_int8", x, weight)
    if weight.bits != 8 or weight.scale.shape[1] != 1 or weight.zero_point is not None:
        raise ShapeError("linear_dynamic_int8 takes weights of 8 bits with one scale to a row")
    largest = functions.max(functions.abs(x), axis=-1, keepdims=True)
    step = functions.maximum(functions.divide(largest, 127), 2.0**-100)
    rounded = functions.floor(functions.add(functions.divide(x, step), 0.5))
    product = matmul_integer(functions.astype(rounded, "int8"), weight.weight.mT)
    scales = functions.reshape(weight.scale, (weight.scale.shape[0],))
    scaled = functions.multiply(
        functions.multiply(functions.astype(product, "float32"), step), scales
    )
    return scaled if bias is None else functions.add(scaled, bias)


def matmul_integer(a: Tensor, b: Tensor, /) -> Tensor:
    """The product of int8 matrices in int32 (ONNX's MatMulInteger without zero points).

    Args:
        a: (…, K), int8.
        b: (K, N), int8; fastest as the transpose of a matrix that is (N, K) in memory.

    Raises:
        ShapeError, DtypeError: the operands do not fit.
    """
    left, right = node_of("matmul_integer", a), node_of("matmul_integer", b)
    if left.dtype != int8 or right.dtype != int8:
        found = f"{left.dtype.name} and {right.dtype.name}"
        raise DtypeError(f"matmul_integer takes int8, not {found}; convert with x.astype('int8')")
    if b.ndim != 2 or a.ndim < 1 or a.shape[-1] != b.shape[0]:
        raise ShapeError(f"matmul_integer takes (…, K) and (K, N), not {a.shape} and {b.shape}")
    if a.shape[-1] % 4 or not a.shape[-1]:
        # Four int8 share a word: rows of other lengths do not begin at one.
        return functions.matmul(functions.astype(a, int32), functions.astype(b, int32))
    return Tensor(operation("matmul_integer", [a._node, b.mT._node]))
