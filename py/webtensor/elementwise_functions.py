"""The elementwise functions, by their Array API names."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from . import discovery
from .dtypes import DType, as_dtype, check_fits, default_dtype, promote
from .errors import DtypeError
from .graph.node import Node, constant, operation, transfer
from .operands import Operand, as_operand, binary, cast, named, node_of, promoted, same, unary
from .operators.elementwise_rows import INTEGER
from .tensor import Tensor

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "astype",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "ceil",
    "clip",
    "conj",
    "copysign",
    "cos",
    "cosh",
    "divide",
    "equal",
    "erf",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "hypot",
    "imag",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "pow",
    "real",
    "reciprocal",
    "remainder",
    "round",
    "rsqrt",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "trunc",
    "where",
]


def _rounding(name: str, document: str) -> Callable[[Tensor], Tensor]:
    """Integers are whole already."""
    rounded = unary(name, "")

    def function(x: Tensor, /) -> Tensor:
        return same(x) if node_of(name, x).dtype.kind in INTEGER else rounded(x)

    return named(function, name, document + ", elementwise; integers as they are.")


def _never_of_integers(name: str, document: str) -> Callable[[Tensor], Tensor]:
    """A test that no integer passes."""
    test = unary(name, "")

    def function(x: Tensor, /) -> Tensor:
        return not_equal(x, x) if node_of(name, x).dtype.kind in INTEGER else test(x)

    return named(function, name, document + ", elementwise; false for integers.")


def _bitwise(
    name: str, of_bool: Callable[[Operand, Operand], Tensor], document: str
) -> Callable[[Operand, Operand], Tensor]:
    of_integers = binary(name, "")

    def function(x1: Operand, x2: Operand, /) -> Tensor:
        is_bool = builtins.any(isinstance(x, Tensor) and x.dtype.kind == "bool" for x in (x1, x2))
        return of_bool(x1, x2) if is_bool else of_integers(x1, x2)

    return named(function, name, document + ", elementwise, for integers and bool.")


_FLOATING = ", elementwise, for floating-point dtypes."
negative = unary("negative", "-x, elementwise.")
abs = unary("abs", "The absolute value, elementwise.")
sign = unary("sign", "-1, 0 or 1 as x is below, at or above zero, elementwise; NaN stays NaN.")
reciprocal = unary("reciprocal", "1 / x" + _FLOATING)
rsqrt = unary("rsqrt", "1 / sqrt(x)" + _FLOATING)
sqrt = unary("sqrt", "The square root" + _FLOATING)
exp = unary("exp", "e to the power of x" + _FLOATING)
expm1 = unary("expm1", "exp(x) - 1, exact near zero" + _FLOATING)
log = unary("log", "The natural logarithm" + _FLOATING)
log1p = unary("log1p", "log(1 + x), exact near zero" + _FLOATING)
log2 = unary("log2", "The logarithm to base 2" + _FLOATING)
log10 = unary("log10", "The logarithm to base 10" + _FLOATING)
sin = unary("sin", "The sine of x radians" + _FLOATING)
cos = unary("cos", "The cosine of x radians" + _FLOATING)
tan = unary("tan", "The tangent of x radians" + _FLOATING)
asin = unary("asin", "The angle in radians whose sine is x" + _FLOATING)
acos = unary("acos", "The angle in radians whose cosine is x" + _FLOATING)
atan = unary("atan", "The angle in radians whose tangent is x" + _FLOATING)
sinh = unary("sinh", "The hyperbolic sine" + _FLOATING)
cosh = unary("cosh", "The hyperbolic cosine" + _FLOATING)
tanh = unary("tanh", "The hyperbolic tangent" + _FLOATING)
asinh = unary("asinh", "The inverse hyperbolic sine" + _FLOATING)
acosh = unary("acosh", "The inverse hyperbolic cosine" + _FLOATING)
atanh = unary("atanh", "The inverse hyperbolic tangent" + _FLOATING)
erf = unary("erf", "The error function, for real floating-point dtypes.")
floor = _rounding("floor", "The largest whole number that is not above x")
ceil = _rounding("ceil", "The smallest whole number that is not below x")
round = _rounding("round", "The nearest whole number, of two the even one")
trunc = _rounding("trunc", "x cut towards zero")
add = binary("add", "x1 + x2, broadcast, elementwise.")
subtract = binary("subtract", "x1 - x2, broadcast, elementwise.")
multiply = binary("multiply", "x1 * x2, broadcast, elementwise.")
floor_divide = binary(
    "floor_divide",
    "x1 / x2 rounded towards minus infinity, elementwise; integers by zero give 0.",
)
remainder = binary(
    "remainder",
    """x1 - floor(x1 / x2) * x2, elementwise: its sign is x2's; integers by zero give 0.

    On "webgpu" it is exact for float32 quotients below 2**22; beyond, where float32 holds few of
    the quotient's last digits, the result is undefined.
    """,
)
maximum = binary("maximum", "The larger of x1 and x2, elementwise; NaN where either is NaN.")
minimum = binary("minimum", "The smaller of x1 and x2, elementwise; NaN where either is NaN.")
copysign = binary("copysign", "The magnitude of x1 with the sign of x2" + _FLOATING)
nextafter = binary(
    "nextafter", "The next number after x1 on the way to x2, elementwise, for float32 and float64."
)
hypot = binary("hypot", "The square root of x1² + x2², without overflow on the way" + _FLOATING)
logaddexp = binary("logaddexp", "log(exp(x1) + exp(x2)), without overflow on the way" + _FLOATING)
atan2 = binary("atan2", "The angle in radians of the point (x2, x1), from -π to π" + _FLOATING)
equal = binary("equal", "x1 == x2, elementwise, as bool; NaN equals nothing.")
not_equal = binary("not_equal", "x1 != x2, elementwise, as bool; NaN differs from everything.")
less = binary("less", "x1 < x2, elementwise, as bool.")
less_equal = binary("less_equal", "x1 <= x2, elementwise, as bool.")
greater = binary("greater", "x1 > x2, elementwise, as bool.")
greater_equal = binary("greater_equal", "x1 >= x2, elementwise, as bool.")
logical_and = binary("logical_and", "Whether both are true, elementwise, for bool.")
logical_or = binary("logical_or", "Whether either is true, elementwise, for bool.")
logical_xor = binary("logical_xor", "Whether exactly one is true, elementwise, for bool.")
logical_not = unary("logical_not", "Whether x is false, elementwise, for bool.")
bitwise_and = _bitwise("bitwise_and", logical_and, "The bits that are set in both")
bitwise_or = _bitwise("bitwise_or", logical_or, "The bits that are set in either")
bitwise_xor = _bitwise("bitwise_xor", logical_xor, "The bits that are set in exactly one")
bitwise_left_shift = binary(
    "bitwise_left_shift", "x1 · 2**x2 for integers, elementwise; 0 from the dtype's width on."
)
bitwise_right_shift = binary(
    "bitwise_right_shift", "floor(x1 / 2**x2) for integers, elementwise, of any distance x2 ≥ 0."
)
isnan = _never_of_integers("isnan", "Whether x (a part of it, where it is complex) is NaN")
isinf = _never_of_integers("isinf", "Whether x (a part of it, where it is complex) is an infinity")
signbit = unary("signbit", "Whether the sign is minus, also of -0 and NaN" + _FLOATING)
_divide = binary("divide", "")
_real = unary("real", "")
_imag = unary("imag", "")
_conj = unary("conj", "")
_power = binary("pow", "")
_invert = unary("bitwise_invert", "")


def bitwise_invert(x: Tensor, /) -> Tensor:
    """All bits turned over, elementwise, for integers and bool."""
    return logical_not(x) if node_of("bitwise_invert", x).dtype.kind == "bool" else _invert(x)


def positive(x: Tensor, /) -> Tensor:
    """x as it is, for numeric dtypes."""
    _number("positive", x)
    return same(x)


def real(x: Tensor, /) -> Tensor:
    """The real part, elementwise; real numbers as they are. Complex ones exist on "cpu" only."""
    return _real(x) if _number("real", x).kind == "complex" else same(x)


def imag(x: Tensor, /) -> Tensor:
    """The imaginary part, elementwise; 0 for real numbers."""
    return _imag(x) if (dtype := _number("imag", x)).kind == "complex" else _zeros(x, dtype)


def conj(x: Tensor, /) -> Tensor:
    """The complex conjugate, elementwise; real numbers as they are."""
    return _conj(x) if _number("conj", x).kind == "complex" else same(x)


def _number(name: str, x: Tensor) -> DType:
    dtype = node_of(name, x).dtype
    if dtype.kind == "bool":
        raise DtypeError(f"{name} does not take bool; convert it first with x.astype(...)")
    return dtype


def _zeros(x: Tensor, dtype: DType) -> Tensor:
    never = not_equal(x, x) if dtype.kind in INTEGER else less(x, x)
    return astype(never, dtype)


def square(x: Tensor, /) -> Tensor:
    """x · x, elementwise."""
    return multiply(x, x)


def pow(x1: Operand, x2: Operand, /) -> Tensor:
    """x1 to the power of x2, broadcast, elementwise.

    Integers wrap around on overflow, and give 0 for a negative exponent, where NumPy raises.
    """
    if isinstance(x1, Tensor) and type(x2) is int and x2 == 2:
        return square(x1)
    return _power(x1, x2)


def divide(x1: Operand, x2: Operand, /) -> Tensor:
    """x1 / x2, broadcast, elementwise; integers are divided as float32."""
    tensors = [x for x in (x1, x2) if isinstance(x, Tensor)]
    if builtins.all(x.dtype.kind in INTEGER for x in tensors):
        x1, x2 = (astype(x, "float32") if isinstance(x, Tensor) else x for x in (x1, x2))
    return _divide(x1, x2)


def clip(x: Tensor, /, min: Operand | None = None, max: Operand | None = None) -> Tensor:
    """x where it lies between `min` and `max`, else the nearer of the two, elementwise.

    Args:
        x: any shape, a real dtype.
        min, max: numbers, or tensors that broadcast; None is no bound. `max` wins where it is
            below `min`. NaN in any of the three gives NaN.

    Returns:
        the broadcast shape, of the promoted dtype.
    """
    node_of("clip", x)
    raised = same(x) if min is None else maximum(x, min)
    return raised if max is None else minimum(raised, max)


def isfinite(x: Tensor, /) -> Tensor:
    """Whether x is neither NaN nor an infinity, elementwise; true for integers."""
    if node_of("isfinite", x).dtype.kind in INTEGER:
        return equal(x, x)
    return logical_not(logical_or(isnan(x), isinf(x)))


def where(condition: Tensor, x1: Operand, x2: Operand, /) -> Tensor:
    """x1 where `condition` (bool) is true, else x2, broadcast.

    Python numbers take the other one's dtype; two of them get a default dtype.
    """
    x1, x2 = as_operand(x1), as_operand(x2)
    if isinstance(x1, Tensor) or isinstance(x2, Tensor):
        left, right = promoted("where", x1, x2)
    else:
        left, right = _constants(x1, x2)
    return Tensor(operation("where", [node_of("where", condition), left, right]))


def _constants(x1: Any, x2: Any) -> tuple[Node, Node]:
    """Two Python numbers as nodes of one default dtype."""
    for x in (x1, x2):
        if type(x) not in (bool, int, float, complex):
            raise DtypeError(f"where takes tensors and Python numbers, not {type(x).__name__}")
    dtype = promote(default_dtype(type(x1)), default_dtype(type(x2)))
    for x in (x1, x2):
        check_fits(x, dtype)
    return constant(x1, dtype), constant(x2, dtype)


def astype(
    x: Tensor, dtype: Any, /, *, copy: builtins.bool = True, device: str | None = None
) -> Tensor:
    """x converted to `dtype`, and moved to `device` where one is given.

    Floats are cut towards zero for integers; what the integer dtype cannot hold, and NaN, is
    undefined. Integers keep their lowest bits. All but 0 is true; true is 1. With `copy=False` an x
    that has the dtype and the device is returned itself.

    Raises:
        DtypeError: complex numbers as real ones: say `real(x)`, `imag(x)` or `abs(x)`.
    """
    node, wanted = node_of("astype", x), as_dtype(dtype)
    if device is not None and discovery.check_device(device) != node.device:
        node = transfer(node, device)
    elif node.dtype == wanted and not copy:
        return x
    if wanted.kind == "bool" and node.dtype != wanted:
        return not_equal(Tensor(node), 0)
    if node.dtype.kind == "complex" and wanted.kind != "complex":
        raise DtypeError(
            f"astype makes no {wanted.name} of {node.dtype.name}; take real(x), imag(x) or abs(x)"
        )
    return Tensor(cast(node, wanted))
