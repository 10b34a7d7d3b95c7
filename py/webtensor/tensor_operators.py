"""Python's operators on tensors: `x + y`, `x @ y`, `-x` and the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import functions
from .errors import DtypeError, ShapeError
from .operands import as_operand
from .tensor import Tensor

_BINARY = {
    "add": functions.add,
    "sub": functions.subtract,
    "mul": functions.multiply,
    "truediv": functions.divide,
    "floordiv": functions.floor_divide,
    "mod": functions.remainder,
    "pow": functions.pow,
    "matmul": functions.matmul,
}
_SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "matmul": "@", "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
}  # fmt: skip
_COMPARISONS = {
    "eq": functions.equal,
    "ne": functions.not_equal,
    "lt": functions.less,
    "le": functions.less_equal,
    "gt": functions.greater,
    "ge": functions.greater_equal,
}
_BITWISE = {
    "and": functions.bitwise_and,
    "or": functions.bitwise_or,
    "xor": functions.bitwise_xor,
    "lshift": functions.bitwise_left_shift,
    "rshift": functions.bitwise_right_shift,
}
_UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "neg": functions.negative,
    "abs": functions.abs,
    "pos": functions.positive,
    "invert": functions.bitwise_invert,
}


def _forward(function: Callable[..., Tensor]) -> Callable[[Tensor, Any], Any]:
    def method(self: Tensor, other: Any) -> Any:
        other = as_operand(other)
        return function(self, other) if _fits(other) else NotImplemented

    return method


def _reflected(function: Callable[..., Tensor]) -> Callable[[Tensor, Any], Any]:
    def method(self: Tensor, other: Any) -> Any:
        other = as_operand(other)
        return function(other, self) if _fits(other) else NotImplemented

    return method


def _in_place(name: str, function: Callable[..., Tensor]) -> Callable[[Tensor, Any], Any]:
    def method(self: Tensor, other: Any) -> Any:
        other = as_operand(other)
        if not _fits(other):
            return NotImplemented
        result = function(self, other)
        if result.shape != self.shape:
            raise ShapeError(f"{name}=: shape {self.shape} cannot take in {result.shape}")
        if result.dtype != self.dtype:
            raise DtypeError(
                f"{name}=: the result is {result.dtype.name}, which does not fit "
                f"{self.dtype.name}; write x = x {name} y"
            )
        self._node = result._node
        return self

    return method


def _equality(function: Callable[..., Tensor]) -> Callable[[Tensor, Any], Any]:
    """Python would compare identities where an operand is refused: that must not pass silently."""
    forward = _forward(function)

    def method(self: Tensor, other: Any) -> Any:
        result = forward(self, other)
        if result is NotImplemented and other is not None:
            raise DtypeError(
                f"a tensor compares with tensors and numbers, not {type(other).__name__}; "
                f"make a tensor with webtensor.asarray(...)"
            )
        return result

    return method


def _fits(other: object) -> bool:
    return isinstance(other, Tensor | bool | int | float | complex)


def install() -> None:
    """Give Tensor its operators (they need the functions, which need Tensor)."""
    for name, function in (_BINARY | _BITWISE).items():
        setattr(Tensor, f"__{name}__", _forward(function))
        setattr(Tensor, f"__r{name}__", _reflected(function))
        setattr(Tensor, f"__i{name}__", _in_place(_SYMBOLS[name], function))
    for name, unary in _UNARY.items():
        setattr(Tensor, f"__{name}__", unary)
    for name, function in _COMPARISONS.items():
        wrap = _equality if name in ("eq", "ne") else _forward
        setattr(Tensor, f"__{name}__", wrap(function))
    # Equality is elementwise, so tensors cannot be keys.
    Tensor.__hash__ = None  # type: ignore[assignment]
