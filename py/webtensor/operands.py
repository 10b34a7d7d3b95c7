"""What the public functions share: operands as nodes of one dtype, and functions made of rows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from .dtypes import DType, check_fits, promote, scalar_dtype
from .errors import DtypeError
from .graph.node import Node, constant, operation
from .tensor import Scalar, Tensor

Operand = Tensor | Scalar
F = TypeVar("F", bound=Callable[..., Any])


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


def same(x: Tensor) -> Tensor:
    """x as another Tensor: assignments in place change one of the two only."""
    return Tensor(x._node)


def node_of(name: str, x: object) -> Node:
    if not isinstance(x, Tensor):
        raise DtypeError(
            f"{name} takes tensors, not {type(x).__name__}; make one with webtensor.asarray(...)"
        )
    return x._node


def promoted(name: str, *operands: Operand) -> list[Node]:
    """Operands as nodes of one dtype; Python scalars take the tensors'.

    Raises:
        DtypeError: something else among them, no tensor, or dtypes that do not promote.
    """
    values = [as_operand(one) for one in operands]
    tensors = [one for one in values if isinstance(one, Tensor)]
    if not tensors:
        raise DtypeError(f"{name} takes at least one tensor; make one with webtensor.asarray(...)")
    dtype = functools.reduce(promote, (one.dtype for one in tensors))
    for one in values:
        if not isinstance(one, Tensor):
            dtype = _beside_scalar(name, one, dtype)
    return [
        cast(one._node, dtype) if isinstance(one, Tensor) else constant(one, dtype)
        for one in values
    ]


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


def number(name: str, argument: str, value: object) -> float:
    """`value`, the attribute `argument` of `name`, as a Python float.

    Raises:
        DtypeError: it is no real number, or too large for one.
    """
    try:
        if not isinstance(value, str):
            return float(value)  # type: ignore[arg-type]
    except (TypeError, OverflowError):
        pass
    raise DtypeError(f"{name}: {argument} is a real number, not {value!r:.40}") from None


def cast(node: Node, dtype: DType) -> Node:
    return node if node.dtype == dtype else operation("cast", [node], dtype=dtype.name)
