"""The tensor functions, by their Array API names: https://data-apis.org/array-api/2025.12/ .

The elementwise ones are in `elementwise_functions.py` and are names of this module too.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from typing import Any

from . import discovery
from .dtypes import float32, int32, promote, uint32
from .elementwise_functions import *  # noqa: F403
from .elementwise_functions import astype, divide, logical_not, not_equal
from .errors import DtypeError, ShapeError
from .graph.node import Node, operation, transfer
from .operands import cast, named, node_of, same
from .operators.shapes import broadcast, integers, normalize_axes, resolve_reshape
from .tensor import Tensor

__all__ = [
    "all",
    "any",
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "matmul",
    "matrix_transpose",
    "max",
    "mean",
    "min",
    "permute_dims",
    "prod",
    "reshape",
    "sum",
    "to_device",
]

_LONGEST_SUM = 1 << 16


def matmul(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The matrix product of the last two axes.

    Args:
        x1: (…, M, K), or (K,).
        x2: (…, K, N), or (K,); the leading axes broadcast.

    Returns:
        (…, M, N); an axis that a one-dimensional operand lacks is missing.

    Raises:
        ShapeError: the shapes do not fit.
        DtypeError: the dtypes do not promote.
    """
    left, right = (node_of("matmul", x) for x in (x1, x2))
    if not left.shape or not right.shape:
        raise ShapeError(
            f"matmul: shapes {left.shape} and {right.shape}: operands need at least one axis"
        )
    dtype = promote(left.dtype, right.dtype)
    left, right = _widened(cast(left, dtype)), _widened(cast(right, dtype))
    row, column = len(left.shape) == 1, len(right.shape) == 1
    if row:
        left = _reshaped(left, (1, *left.shape))
    if column:
        right = _reshaped(right, (*right.shape, 1))
    result = _product(left, right)
    shape = result.shape[:-2] + (() if row else result.shape[-2:-1])
    shape += () if column else result.shape[-1:]
    return Tensor(cast(_reshaped(result, shape), dtype))


def _product(left: Node, right: Node) -> Node:
    """`left @ right`; very long sums in parts, since some adapters end long loops early."""
    k = left.shape[-1]
    if k <= _LONGEST_SUM or k != right.shape[-2]:
        return operation("matmul", [left, right])
    total: Node | None = None
    for first in range(0, k, _LONGEST_SUM):
        part = slice(first, first + _LONGEST_SUM)
        product = operation(
            "matmul", [Tensor(left)[..., part]._node, Tensor(right)[..., part, :]._node]
        )
        total = product if total is None else operation("add", [total, product])
    assert total is not None, "k is above the limit, so there are parts"
    return total


def _widened(node: Node) -> Node:
    """Narrow integers as 32-bit ones, in which the standard sums them."""
    if node.dtype.kind in ("int", "uint") and node.dtype.itemsize < 4:
        return cast(node, uint32 if node.dtype.kind == "uint" else int32)
    return node


def _reduction(name: str, document: str) -> Callable[..., Tensor]:
    def function(
        x: Tensor,
        /,
        *,
        axis: int | Sequence[int] | None = None,
        dtype: Any = None,
        keepdims: bool = False,
    ) -> Tensor:
        node_of(name, x)
        if dtype is None:
            return Tensor(_reduced(name, x, axis, keepdims))
        converted = astype(x, dtype)
        return astype(Tensor(_reduced(name, converted, axis, keepdims)), dtype)

    return named(function, name, document)


def _reduced(name: str, x: Tensor, axis: int | Sequence[int] | None, keepdims: bool) -> Node:
    node = _widened(node_of(name, x))
    axes = normalize_axes(name, axis, len(node.shape))
    if not axes:
        return node
    return operation(name, [node], axes=axes, keepdims=keepdims)


def _extremum(name: str, document: str) -> Callable[..., Tensor]:
    def function(
        x: Tensor, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False
    ) -> Tensor:
        return astype(Tensor(_reduced(name, x, axis, keepdims)), x.dtype)

    return named(function, name, document)


max = _extremum("max", "The largest element over `axis` (all axes by default); NaN wins.")
min = _extremum("min", "The smallest element over `axis` (all axes by default); NaN wins.")
_ADDED = """ over `axis` (all axes by default), in `dtype`, which elements are converted to before.

Without a dtype it is that of x, int32 or uint32 for narrower integers. Overflow wraps around.
"""
sum = _reduction("sum", "The sum" + _ADDED)
prod = _reduction("prod", "The product" + _ADDED)


def any(x: Tensor, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
    """Whether some element over `axis` (all axes by default) is not zero; of none, false."""
    truth = astype(astype(x, "bool"), "int32")
    return not_equal(sum(truth, axis=axis, keepdims=keepdims), 0)


def all(x: Tensor, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
    """Whether every element over `axis` (all axes by default) is not zero; of none, true."""
    return logical_not(any(logical_not(astype(x, "bool")), axis=axis, keepdims=keepdims))


def mean(
    x: Tensor, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Tensor:
    """The arithmetic mean over `axis` (all axes by default), for floating-point dtypes.

    The mean of no elements is NaN.
    """
    node = node_of("mean", x)
    if node.dtype.kind not in ("float", "complex"):
        raise DtypeError(f"mean takes floating-point tensors, not {node.dtype.name}; use astype")
    axes = normalize_axes("mean", axis, len(node.shape))
    count = math.prod(node.shape[one] for one in axes)
    # float16 has no room for sums: they are made in float32.
    total = sum(astype(x, float32) if node.dtype.itemsize == 2 else x, axis=axis, keepdims=keepdims)
    return astype(divide(total, count), node.dtype)


def _reshaped(node: Node, shape: tuple[int, ...]) -> Node:
    return node if node.shape == shape else operation("reshape", [node], shape=shape)


def reshape(x: Tensor, /, shape: Sequence[int], *, copy: bool | None = None) -> Tensor:
    """The same elements, in C order, under `shape`; one size may be -1.

    `copy` changes nothing: the result shares memory, and assignments to it or x never show in the
    other.

    Raises:
        ShapeError: the numbers of elements differ.
    """
    node = node_of("reshape", x)
    return Tensor(_reshaped(node, resolve_reshape(node.shape, shape)))


def permute_dims(x: Tensor, /, axes: Sequence[int]) -> Tensor:
    """The axes in another order, without a copy.

    Raises:
        ShapeError: `axes` is no permutation of x's axes.
    """
    node = node_of("permute_dims", x)
    rank = len(node.shape)
    listed = integers("permute_dims", "axes", axes)
    order = tuple(axis + rank if axis < 0 else axis for axis in listed)
    if sorted(order) != list(range(rank)):
        raise ShapeError(f"permute_dims: {listed} is no order of {len(node.shape)} axes")
    return Tensor(operation("permute_dims", [node], axes=order))


def matrix_transpose(x: Tensor, /) -> Tensor:
    """The last two axes swapped, without a copy."""
    rank = len(node_of("matrix_transpose", x).shape)
    if rank < 2:
        raise ShapeError(f"matrix_transpose takes at least two axes, not shape {x.shape}")
    return permute_dims(x, (*range(rank - 2), rank - 1, rank - 2))


def transpose(x: Tensor, /) -> Tensor:
    """A matrix's transpose, without a copy."""
    if len(x.shape) != 2:
        raise ShapeError(f"T takes a matrix, not shape {x.shape}; use mT or permute_dims")
    return permute_dims(x, (1, 0))


def broadcast_to(x: Tensor, /, shape: Sequence[int]) -> Tensor:
    """x repeated along new axes and axes of size 1, without a copy.

    Raises:
        ShapeError: x does not broadcast to `shape`.
    """
    node = node_of("broadcast_to", x)
    wanted = integers("broadcast_to", "shape", shape)
    if (
        builtins.min(wanted, default=0) < 0
        or broadcast("broadcast_to", node.shape, wanted) != wanted
    ):
        raise ShapeError(f"broadcast_to: shape {node.shape} does not broadcast to {wanted}")
    return Tensor(operation("broadcast_to", [node], shape=wanted))


def broadcast_arrays(*arrays: Tensor) -> tuple[Tensor, ...]:
    """`arrays` broadcast to their common shape, without a copy.

    Raises:
        ShapeError: they do not broadcast.
    """
    shape = broadcast_shapes(*(node_of("broadcast_arrays", one).shape for one in arrays))
    return tuple(broadcast_to(one, shape) for one in arrays)


def broadcast_shapes(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The shape that `shapes` broadcast to; that of none is ().

    Raises:
        ShapeError: they do not broadcast.
    """
    listed = [integers("broadcast_shapes", "a shape", one) for one in shapes]
    return broadcast("broadcast_shapes", *listed) if listed else ()


def to_device(x: Tensor, device: str, /) -> Tensor:
    """x on `device`, copied when its values are needed."""
    node = node_of("to_device", x)
    discovery.check_device(device)
    return same(x) if node.device == device else Tensor(transfer(node, device))
