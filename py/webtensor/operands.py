"""What the public functions share: operands as nodes of one dtype, and functions made of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .dtypes import DType, check_fits, promote, scalar_dtype
from .errors import DtypeError
from .graph.node import Node, constant, operation
from .tensor import Scalar, Tensor

Operand = Tensor | Scalar
F = TypeVar("F", bound=Callable[..., Tensor])


def binary(name: str, document: str) -> Callable[[Operand, Operand], Tensor]:
    def function(x1: Operand, x2: Operand, /) -> Tensor:
        left, right = promoted(name, x1, x2)
        return Tensor(operation(name, [left, right]))

    return named(function, name, document)


def unary(name: str, document: str) -> Callable[[Tensor], Tensor]:
    def function(x: Tensor, /) -> Tensor:
        return Tensor(operation(name, [node_of(name, x)]))

    return named(function, name, document)


def named(function: F, name: str, document: str) -> F:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = document
    return function


def node_of(name: str, x: object) -> Node:
    if not isinstance(x, Tensor):
        raise DtypeError(
            f"{name} takes tensors, not {type(x).__name__}; make one with webtensor.asarray(...)"
        )
    return x._node


def promoted(name: str, x1: Operand, x2: Operand) -> tuple[Node, Node]:
    """Both operands as nodes of one dtype; Python scalars take the tensor's."""
    x1, x2 = as_operand(x1), as_operand(x2)
    if not isinstance(x1, Tensor) and not isinstance(x2, Tensor):
        raise DtypeError(f"{name} takes at least one tensor; make one with webtensor.asarray(...)")
    if isinstance(x1, Tensor) and isinstance(x2, Tensor):
        dtype = promote(x1.dtype, x2.dtype)
        return cast(x1._node, dtype), cast(x2._node, dtype)
    if isinstance(x1, Tensor):
        dtype = _beside_scalar(name, x2, x1.dtype)
        return cast(x1._node, dtype), constant(x2, dtype)  # type: ignore[arg-type]
    assert isinstance(x2, Tensor)
    dtype = _beside_scalar(name, x1, x2.dtype)
    return constant(x1, dtype), cast(x2._node, dtype)


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


def cast(node: Node, dtype: DType) -> Node:
    return node if node.dtype == dtype else operation("cast", [node], dtype=dtype.name)
