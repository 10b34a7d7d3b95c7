"""The specification's elementwise operators: a line each for those that take no options.

Operands of two broadcast, and are of one dtype: the specification promotes nothing. Truth values
are uint8, 0 or 1.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Callable
from typing import Any

from .. import activations, functions
from ..errors import OptionError
from ..functions import astype
from ..operands import named
from ..operators.shapes import broadcast
from ..tensor import Tensor
from .checks import (
    ANY,
    FLOAT,
    SIGNED,
    TRUTH,
    Binary,
    Unary,
    converted,
    named_dtype,
    operand,
    same_dtype,
    specified,
)

__all__ = [
    "abs",
    "add",
    "cast",
    "ceil",
    "clamp",
    "cos",
    "div",
    "elu",
    "equal",
    "erf",
    "exp",
    "floor",
    "gelu",
    "greater",
    "greater_or_equal",
    "hard_sigmoid",
    "hard_swish",
    "identity",
    "is_infinite",
    "is_nan",
    "leaky_relu",
    "lesser",
    "lesser_or_equal",
    "linear",
    "log",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "max",
    "min",
    "mul",
    "neg",
    "not_equal",
    "pow",
    "prelu",
    "reciprocal",
    "relu",
    "round_even",
    "sigmoid",
    "sign",
    "sin",
    "softplus",
    "softsign",
    "sqrt",
    "sub",
    "tan",
    "tanh",
    "where",
]


def _document(text: str, dtypes: tuple[str, ...], result: str, errors: str) -> str:
    listed = "any of the specification's dtypes" if dtypes == ANY else ", ".join(dtypes)
    return f"{text}, elementwise, for {listed}.\n\nReturns:\n    {result}\n\nRaises:\n{errors}"


def _unary(
    name: str,
    method: str,
    dtypes: tuple[str, ...],
    function: Callable[[Tensor], Tensor],
    text: str,
    result: str = "x's shape and dtype.",
) -> Unary:
    def checked(x: Tensor, /) -> Tensor:
        return function(operand(name, x, dtypes))

    errors = "    DtypeError: another dtype, or no tensor."
    document = _document(text, dtypes, result, errors)
    return typing.cast(Unary, specified(method)(named(checked, name, document)))


def _binary(
    name: str,
    method: str,
    dtypes: tuple[str, ...],
    function: Callable[[Tensor, Tensor], Tensor],
    text: str,
    result: str = "the broadcast shape, of the operands' dtype.",
) -> Binary:
    def checked(a: Tensor, b: Tensor, /) -> Tensor:
        left, right = (operand(name, one, dtypes) for one in (a, b))
        if dtypes is not TRUTH:
            same_dtype(name, left, right)
        broadcast(name, left.shape, right.shape)
        return function(left, right)

    errors = (
        "    DtypeError: other or differing dtypes, or no tensors.\n"
        "    ShapeError: shapes that do not broadcast."
    )
    document = _document(text, dtypes, result, errors)
    return typing.cast(Binary, specified(method)(named(checked, name, document)))


_TRUTH_RESULT = "uint8, 1 where it is so and 0 elsewhere."


def _as_bytes(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda *operands: astype(function(*operands), "uint8")


def _of_truth(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Any byte but 0 is true."""
    return _as_bytes(lambda *operands: function(*(astype(one, "bool") for one in operands)))


def _logical(name: str, method: str, function: Callable[..., Tensor], text: str) -> Binary:
    return _binary(name, method, TRUTH, _of_truth(function), text, _TRUTH_RESULT)


def _comparison(name: str, method: str, function: Callable[..., Tensor], text: str) -> Binary:
    return _binary(name, method, ANY, _as_bytes(function), text, _TRUTH_RESULT)


def _divided(a: Tensor, b: Tensor) -> Tensor:
    """Integers are cut towards zero."""
    if a.dtype.floating:
        return functions.divide(a, b)
    floored = functions.floor_divide(a, b)
    if a.dtype.kind == "uint":
        return floored
    negative = functions.not_equal(functions.less(a, 0), functions.less(b, 0))
    is_cut = functions.not_equal(functions.multiply(floored, b), a)
    some = functions.logical_and(negative, functions.logical_and(is_cut, functions.not_equal(b, 0)))
    return functions.add(floored, astype(some, a.dtype))


def _prelu(x: Tensor, slope: Tensor) -> Tensor:
    if x.dtype.floating:
        return activations.prelu(x, slope)
    return functions.where(functions.less(x, 0), functions.multiply(slope, x), x)


abs = _unary("abs", "abs", SIGNED, functions.abs, "The absolute value")
ceil = _unary("ceil", "ceil", FLOAT, functions.ceil, "The smallest whole number not below x")
cos = _unary("cos", "cos", FLOAT, functions.cos, "The cosine of x radians")
erf = _unary("erf", "erf", FLOAT, functions.erf, "The error function")
exp = _unary("exp", "exp", FLOAT, functions.exp, "e to the power of x")
floor = _unary("floor", "floor", FLOAT, functions.floor, "The largest whole number not above x")
identity = _unary("identity", "identity", ANY, lambda x: x, "x as it is")
log = _unary("log", "log", FLOAT, functions.log, "The natural logarithm")
neg = _unary("neg", "neg", SIGNED, functions.negative, "-x")
reciprocal = _unary("reciprocal", "reciprocal", FLOAT, functions.reciprocal, "1 / x")
round_even = _unary(
    "round_even", "roundEven", FLOAT, functions.round, "The nearest whole number, of two the even"
)
sin = _unary("sin", "sin", FLOAT, functions.sin, "The sine of x radians")
sign = _unary("sign", "sign", SIGNED, functions.sign, "-1, 0 or 1; NaN stays NaN")
sqrt = _unary("sqrt", "sqrt", FLOAT, functions.sqrt, "The square root")
tan = _unary("tan", "tan", FLOAT, functions.tan, "The tangent of x radians")
tanh = _unary("tanh", "tanh", FLOAT, functions.tanh, "The hyperbolic tangent")
gelu = _unary("gelu", "gelu", FLOAT, activations.gelu, "x · ½ · (1 + erf(x / √2))")
hard_swish = _unary(
    "hard_swish", "hardSwish", FLOAT, activations.hard_swish, "x · max(0, min(6, x + 3)) / 6"
)
relu = _unary("relu", "relu", SIGNED, lambda x: functions.maximum(x, 0), "max(x, 0)")
sigmoid = _unary("sigmoid", "sigmoid", FLOAT, activations.sigmoid, "1 / (1 + exp(-x))")
softplus = _unary("softplus", "softplus", FLOAT, activations.softplus, "log(1 + exp(x))")
softsign = _unary("softsign", "softsign", FLOAT, activations.softsign, "x / (1 + |x|)")
is_nan = _unary(
    "is_nan", "isNaN", FLOAT, _as_bytes(functions.isnan), "Whether x is NaN", _TRUTH_RESULT
)
is_infinite = _unary(
    "is_infinite",
    "isInfinite",
    FLOAT,
    _as_bytes(functions.isinf),
    "Whether x is an infinity",
    _TRUTH_RESULT,
)
logical_not = _unary(
    "logical_not",
    "logicalNot",
    TRUTH,
    _of_truth(functions.logical_not),
    "Whether x is 0",
    _TRUTH_RESULT,
)

add = _binary("add", "add", ANY, functions.add, "a + b")
sub = _binary("sub", "sub", ANY, functions.subtract, "a - b")
mul = _binary("mul", "mul", ANY, functions.multiply, "a · b")
div = _binary("div", "div", ANY, _divided, "a / b; integers are cut towards zero, and give 0 by 0")
max = _binary("max", "max", ANY, functions.maximum, "The larger of both; NaN where either is NaN")
min = _binary("min", "min", ANY, functions.minimum, "The smaller of both; NaN where either is NaN")
pow = _binary("pow", "pow", ANY, functions.pow, "a to the power of b")
prelu = _binary(
    "prelu", "prelu", SIGNED, _prelu, "The first where it is not negative, else a multiple (slope)"
)
equal = _comparison("equal", "equal", functions.equal, "Whether a = b")
not_equal = _comparison("not_equal", "notEqual", functions.not_equal, "Whether a ≠ b")
greater = _comparison("greater", "greater", functions.greater, "Whether a > b")
greater_or_equal = _comparison(
    "greater_or_equal", "greaterOrEqual", functions.greater_equal, "Whether a ≥ b"
)
lesser = _comparison("lesser", "lesser", functions.less, "Whether a < b")
lesser_or_equal = _comparison(
    "lesser_or_equal", "lesserOrEqual", functions.less_equal, "Whether a ≤ b"
)
logical_and = _logical("logical_and", "logicalAnd", functions.logical_and, "Whether neither is 0")
logical_or = _logical("logical_or", "logicalOr", functions.logical_or, "Whether not both are 0")
logical_xor = _logical(
    "logical_xor", "logicalXor", functions.logical_xor, "Whether exactly one is 0"
)


@specified("cast")
def cast(x: Tensor, data_type: Any, /) -> Tensor:
    """x converted to `data_type`, elementwise.

    Floats are cut towards zero for integers; what an integer dtype cannot hold, and NaN, is
    undefined.

    Args:
        x: any shape, any of the specification's dtypes, or bool.
        data_type: one of the specification's dtypes, or its name.

    Raises:
        DtypeError: another dtype, or no tensor.
    """
    operand("cast", x, (*ANY, "bool"))
    return astype(x, named_dtype("cast", "data_type", data_type, ANY))


@specified("clamp")
def clamp(x: Tensor, /, *, min_value: float = -math.inf, max_value: float = math.inf) -> Tensor:
    """x where it lies between both values, else the nearer of them, elementwise; NaN stays NaN.

    Args:
        x: any shape, any of the specification's dtypes.
        min_value, max_value: numbers, converted to x's dtype.

    Raises:
        OptionError: `min_value` is above `max_value`.
        DtypeError: another dtype, or no numbers.
    """
    operand("clamp", x, ANY)
    low = converted("clamp", "min_value", min_value, x.dtype)
    high = converted("clamp", "max_value", max_value, x.dtype)
    if low > high:
        raise OptionError(f"clamp: min_value {low} is above max_value {high}")
    return functions.clip(x, low, high)


@specified("elu")
def elu(x: Tensor, /, *, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha · (exp(x) - 1), elementwise.

    Args:
        x: any shape, float32 or float16.
        alpha: a number, converted to x's dtype.

    Raises:
        DtypeError: another dtype, or no number.
    """
    operand("elu", x, FLOAT)
    return activations.elu(x, alpha=converted("elu", "alpha", alpha, x.dtype))


@specified("leakyRelu")
def leaky_relu(x: Tensor, /, *, alpha: float = 0.01) -> Tensor:
    """x where it is not negative, else alpha · x, elementwise; arguments and errors as in `elu`."""
    operand("leaky_relu", x, FLOAT)
    return activations.leaky_relu(x, alpha=converted("leaky_relu", "alpha", alpha, x.dtype))


@specified("linear")
def linear(x: Tensor, /, *, alpha: float = 1.0, beta: float = 0.0) -> Tensor:
    """alpha · x + beta, elementwise; arguments and errors as in `elu`."""
    operand("linear", x, FLOAT)
    return activations.linear(
        x,
        alpha=converted("linear", "alpha", alpha, x.dtype),
        beta=converted("linear", "beta", beta, x.dtype),
    )


@specified("hardSigmoid")
def hard_sigmoid(x: Tensor, /, *, alpha: float = 0.2, beta: float = 0.5) -> Tensor:
    """max(0, min(1, alpha · x + beta)), elementwise; arguments and errors as in `elu`."""
    operand("hard_sigmoid", x, FLOAT)
    return activations.hard_sigmoid(
        x,
        alpha=converted("hard_sigmoid", "alpha", alpha, x.dtype),
        beta=converted("hard_sigmoid", "beta", beta, x.dtype),
    )


@specified("where")
def where(condition: Tensor, true_value: Tensor, false_value: Tensor, /) -> Tensor:
    """`true_value` where `condition` is not 0, else `false_value`, elementwise.

    Args:
        condition: uint8 or bool.
        true_value, false_value: of one dtype, any of the specification's.

    Returns:
        the broadcast shape, of the values' dtype.

    Raises:
        DtypeError: other or differing dtypes, or no tensors.
        ShapeError: shapes that do not broadcast.
    """
    operand("where", condition, TRUTH)
    for one in (true_value, false_value):
        operand("where", one, ANY)
    same_dtype("where", true_value, false_value)
    return functions.where(astype(condition, "bool"), true_value, false_value)
