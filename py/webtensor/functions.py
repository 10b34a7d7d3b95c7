"""The tensor functions, by their Array API names: https://data-apis.org/array-api/2025.12/ ."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from . import discovery
from .dtypes import DType, as_dtype, check_fits, float32, int32, promote, scalar_dtype, uint32
from .errors import DtypeError, ShapeError
from .graph.node import Node, constant, operation, transfer
from .operators.shapes import broadcast, normalize_axes, resolve_reshape
from .tensor import Scalar, Tensor

Operand = Tensor | Scalar
_LONGEST_SUM = 1 << 16
F = TypeVar("F", bound=Callable[..., Tensor])


def _binary(name: str, document: str) -> Callable[[Operand, Operand], Tensor]:
    def function(x1: Operand, x2: Operand, /) -> Tensor:
        left, right = _promoted(name, x1, x2)
        return Tensor(operation(name, [left, right]))

    return _named(function, name, document)


def _unary(name: str, document: str) -> Callable[[Tensor], Tensor]:
    def function(x: Tensor, /) -> Tensor:
        return Tensor(operation(name, [_node(name, x)]))

    return _named(function, name, document)


def _named(function: F, name: str, document: str) -> F:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = document
    return function


def _node(name: str, x: object) -> Node:
    if not isinstance(x, Tensor):
        raise DtypeError(
            f"{name} takes tensors, not {type(x).__name__}; make one with webtensor.asarray(...)"
        )
    return x._node


def _promoted(name: str, x1: Operand, x2: Operand) -> tuple[Node, Node]:
    """Both operands as nodes of one dtype; Python scalars take the tensor's."""
    x1, x2 = as_operand(x1), as_operand(x2)
    if not isinstance(x1, Tensor) and not isinstance(x2, Tensor):
        raise DtypeError(f"{name} takes at least one tensor; make one with webtensor.asarray(...)")
    if isinstance(x1, Tensor) and isinstance(x2, Tensor):
        dtype = promote(x1.dtype, x2.dtype)
        return _cast(x1._node, dtype), _cast(x2._node, dtype)
    if isinstance(x1, Tensor):
        dtype = _beside_scalar(name, x2, x1.dtype)
        return _cast(x1._node, dtype), constant(x2, dtype)  # type: ignore[arg-type]
    assert isinstance(x2, Tensor)
    dtype = _beside_scalar(name, x1, x2.dtype)
    return constant(x1, dtype), _cast(x2._node, dtype)


def _beside_scalar(name: str, value: object, partner: DType) -> DType:
    if not isinstance(value, bool | int | float | complex):
        raise DtypeError(
            f"{name} takes tensors and Python numbers, not {type(value).__name__}; "
            f"make a tensor with webtensor.asarray(...)"
        )
    dtype = scalar_dtype(value, partner)
    check_fits(value, dtype)
    return dtype


def as_operand(value: Any) -> Any:
    """NumPy's scalars as Python's, which do not decide the dtype; everything else as it is."""
    is_scalar = not isinstance(value, Tensor) and getattr(value, "shape", None) == ()
    return value.item() if is_scalar and hasattr(value, "item") else value


def _cast(node: Node, dtype: DType) -> Node:
    return node if node.dtype == dtype else operation("cast", [node], dtype=dtype.name)


negative = _unary("negative", "-x, elementwise.")
abs = _unary("abs", "The absolute value, elementwise.")
exp = _unary("exp", "e to the power of x, elementwise, for floating-point dtypes.")
log = _unary("log", "The natural logarithm, elementwise, for floating-point dtypes.")
sqrt = _unary("sqrt", "The square root, elementwise, for floating-point dtypes.")
sin = _unary("sin", "The sine of x radians, elementwise, for floating-point dtypes.")
cos = _unary("cos", "The cosine of x radians, elementwise, for floating-point dtypes.")
tanh = _unary("tanh", "The hyperbolic tangent, elementwise, for floating-point dtypes.")
floor = _unary("floor", "The largest whole number that is not above x, elementwise.")
ceil = _unary("ceil", "The smallest whole number that is not below x, elementwise.")
add = _binary("add", "x1 + x2, broadcast, elementwise.")
subtract = _binary("subtract", "x1 - x2, broadcast, elementwise.")
multiply = _binary("multiply", "x1 * x2, broadcast, elementwise.")
maximum = _binary("maximum", "The larger of x1 and x2, elementwise; NaN where either is NaN.")
minimum = _binary("minimum", "The smaller of x1 and x2, elementwise; NaN where either is NaN.")
pow = _binary("pow", "x1 to the power of x2, elementwise, for floating-point dtypes.")
equal = _binary("equal", "x1 == x2, elementwise, as bool; NaN equals nothing.")
not_equal = _binary("not_equal", "x1 != x2, elementwise, as bool; NaN differs from everything.")
less = _binary("less", "x1 < x2, elementwise, as bool.")
less_equal = _binary("less_equal", "x1 <= x2, elementwise, as bool.")
greater = _binary("greater", "x1 > x2, elementwise, as bool.")
greater_equal = _binary("greater_equal", "x1 >= x2, elementwise, as bool.")
logical_and = _binary("logical_and", "Whether both are true, elementwise, for bool.")
logical_or = _binary("logical_or", "Whether either is true, elementwise, for bool.")
logical_xor = _binary("logical_xor", "Whether exactly one is true, elementwise, for bool.")
logical_not = _unary("logical_not", "Whether x is false, elementwise, for bool.")
isnan = _unary("isnan", "Whether x is NaN, elementwise, for floating-point dtypes.")
isinf = _unary("isinf", "Whether x is an infinity, elementwise, for floating-point dtypes.")
_divide = _binary("divide", "")


def divide(x1: Operand, x2: Operand, /) -> Tensor:
    """x1 / x2, broadcast, elementwise; integers are divided as float32."""
    tensors = [x for x in (x1, x2) if isinstance(x, Tensor)]
    if builtins.all(x.dtype.kind in ("int", "uint") for x in tensors):
        x1, x2 = (astype(x, "float32") if isinstance(x, Tensor) else x for x in (x1, x2))
    return _divide(x1, x2)


def isfinite(x: Tensor, /) -> Tensor:
    """Whether x is neither NaN nor an infinity, elementwise, for floating-point dtypes."""
    return logical_not(logical_or(isnan(x), isinf(x)))


def where(condition: Tensor, x1: Operand, x2: Operand, /) -> Tensor:
    """x1 where `condition` (bool) is true, else x2, broadcast; one of them may be a scalar."""
    left, right = _promoted("where", x1, x2)
    return Tensor(operation("where", [_node("where", condition), left, right]))


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
    left, right = (_node("matmul", x) for x in (x1, x2))
    if not left.shape or not right.shape:
        raise ShapeError(
            f"matmul: shapes {left.shape} and {right.shape}: operands need at least one axis"
        )
    dtype = promote(left.dtype, right.dtype)
    left, right = _widened(_cast(left, dtype)), _widened(_cast(right, dtype))
    row, column = len(left.shape) == 1, len(right.shape) == 1
    if row:
        left = _reshaped(left, (1, *left.shape))
    if column:
        right = _reshaped(right, (*right.shape, 1))
    result = _product(left, right)
    shape = result.shape[:-2] + (() if row else result.shape[-2:-1])
    shape += () if column else result.shape[-1:]
    return Tensor(_cast(_reshaped(result, shape), dtype))


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
        return _cast(node, uint32 if node.dtype.kind == "uint" else int32)
    return node


def _reduction(name: str, document: str) -> Callable[..., Tensor]:
    def function(
        x: Tensor, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False
    ) -> Tensor:
        return Tensor(_reduced(name, x, axis, keepdims))

    return _named(function, name, document)


def _reduced(name: str, x: Tensor, axis: int | Sequence[int] | None, keepdims: bool) -> Node:
    node = _widened(_node(name, x))
    axes = normalize_axes(name, axis, len(node.shape))
    if not axes:
        return node
    return operation(name, [node], axes=axes, keepdims=keepdims)


def _extremum(name: str, document: str) -> Callable[..., Tensor]:
    def function(
        x: Tensor, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False
    ) -> Tensor:
        return astype(Tensor(_reduced(name, x, axis, keepdims)), x.dtype)

    return _named(function, name, document)


max = _extremum("max", "The largest element over `axis` (all axes by default); NaN wins.")
min = _extremum("min", "The smallest element over `axis` (all axes by default); NaN wins.")
sum = _reduction("sum", "The sum over `axis` (all axes by default); narrow integers in 32 bits.")
prod = _reduction("prod", "The product over `axis` (all by default); narrow integers in 32 bits.")


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
    node = _node("mean", x)
    if node.dtype.kind not in ("float", "complex"):
        raise DtypeError(f"mean takes floating-point tensors, not {node.dtype.name}; use astype")
    axes = normalize_axes("mean", axis, len(node.shape))
    count = math.prod(node.shape[one] for one in axes)
    # float16 has no room for sums: they are made in float32.
    total = sum(astype(x, float32) if node.dtype.itemsize == 2 else x, axis=axis, keepdims=keepdims)
    return astype(_divide(total, count), node.dtype)


def _reshaped(node: Node, shape: tuple[int, ...]) -> Node:
    return node if node.shape == shape else operation("reshape", [node], shape=shape)


def reshape(x: Tensor, /, shape: Sequence[int]) -> Tensor:
    """The same elements, in C order, under `shape`; one size may be -1.

    Raises:
        ShapeError: the numbers of elements differ.
    """
    node = _node("reshape", x)
    return Tensor(_reshaped(node, resolve_reshape(node.shape, shape)))


def permute_dims(x: Tensor, /, axes: Sequence[int]) -> Tensor:
    """The axes in another order, without a copy.

    Raises:
        ShapeError: `axes` is no permutation of x's axes.
    """
    node = _node("permute_dims", x)
    rank = len(node.shape)
    order = tuple(axis + rank if axis < 0 else axis for axis in map(operator.index, axes))
    if sorted(order) != list(range(rank)):
        raise ShapeError(f"permute_dims: {tuple(axes)} is no order of {len(node.shape)} axes")
    return Tensor(operation("permute_dims", [node], axes=order))


def matrix_transpose(x: Tensor, /) -> Tensor:
    """The last two axes swapped, without a copy."""
    rank = len(_node("matrix_transpose", x).shape)
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
    node = _node("broadcast_to", x)
    wanted = tuple(map(operator.index, shape))
    if (
        builtins.min(wanted, default=0) < 0
        or broadcast("broadcast_to", node.shape, wanted) != wanted
    ):
        raise ShapeError(f"broadcast_to: shape {node.shape} does not broadcast to {wanted}")
    return Tensor(operation("broadcast_to", [node], shape=wanted))


def astype(x: Tensor, dtype: Any, /) -> Tensor:
    """x converted to `dtype`; floats are cut towards zero for integers, all but 0 is true."""
    node, wanted = _node("astype", x), as_dtype(dtype)
    if wanted.kind == "bool" and node.dtype != wanted:
        return not_equal(x, 0)
    return Tensor(_cast(node, wanted))


def to_device(x: Tensor, device: str, /) -> Tensor:
    """x on `device`, copied when its values are needed."""
    node = _node("to_device", x)
    discovery.check_device(device)
    return x if node.device == device else Tensor(transfer(node, device))
