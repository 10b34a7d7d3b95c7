"""Elementwise operators: a row each. Activations are in `activation.py`."""

from __future__ import annotations

from ..dtypes import DType, as_dtype
from ..errors import DtypeError
from ..lazy_numpy import np
from . import references
from .declaration import Operand, Operator, Shape, Tolerance
from .elementwise_rows import (
    ANY,
    BOOL,
    COMPLEX,
    EXACT,
    FLOAT,
    FLOATING,
    INTEGER,
    NUMBER,
    REAL,
    own,
    part,
    predicate,
    row,
)
from .shapes import broadcast, same_dtype

_one = Tolerance.units(1)
_two = Tolerance.units(2)
# Absolute: W3C's tests allow these so much everywhere.
_logarithm = Tolerance.units(0, absolute=1 / 1024)
_coarse = Tolerance.units(0, absolute=1 / 1024, half=Tolerance.units(0, absolute=1 / 512))
_exponential = Tolerance.units(32, half=Tolerance.units(1))
_power = Tolerance.units(32, half=Tolerance.units(2))


def _where(condition: Operand, x: Operand, y: Operand) -> tuple[Shape, DType]:
    same_dtype("where's condition", [condition], ("bool",))
    shape = broadcast("where", condition.shape, x.shape, y.shape)
    return shape, same_dtype("where", [x, y], ANY)


def _nextafter(x: Operand, y: Operand) -> tuple[Shape, DType]:
    dtype = same_dtype("nextafter", [x, y], FLOATING)
    if dtype.itemsize == 2:
        # It is computed in float32, whose neighbours are others.
        raise DtypeError("nextafter takes float32 and float64, not float16; use astype")
    return broadcast("nextafter", x.shape, y.shape), dtype


def _cast(operand: Operand, *, dtype: str) -> tuple[Shape, DType]:
    return operand.shape, as_dtype(dtype)


ARITHMETIC = (
    row("negative", "negative_{type}({0})", lambda x: np.negative(x), "neg", EXACT),
    part("abs", "abs({0})", lambda x: np.abs(x), NUMBER, "abs"),
    row("sign", "sign_{type}({0})", references.sign, "sign", EXACT),
    row("rsqrt", "1.0 / sqrt({0})", lambda x: 1 / np.sqrt(x), "", own(4), FLOATING),
    row("reciprocal", "1.0 / {0}", lambda x: np.reciprocal(x), "reciprocal", _two, FLOAT),
    row("floor", "floor({0})", lambda x: np.floor(x), "floor", EXACT, FLOATING),
    row("ceil", "ceil({0})", lambda x: np.ceil(x), "ceil", EXACT, FLOATING),
    row("round", "round({0})", lambda x: np.round(x), "roundEven", EXACT, FLOAT),
    row("trunc", "trunc({0})", lambda x: np.trunc(x), "", EXACT, FLOATING),
    row("add", "{0} + {1}", lambda x, y: np.add(x, y), "add", _one),
    row("subtract", "subtract_{type}({0}, {1})", lambda x, y: np.subtract(x, y), "sub", _one),
    row("multiply", "{0} * {1}", lambda x, y: np.multiply(x, y), "mul", _one),
    row("divide", "{0} / {1}", lambda x, y: np.divide(x, y), "div", _two, FLOAT),
    row(
        "floor_divide",
        "floor_divide_{type}({0}, {1})",
        references.floor_divide,
        "",
        own(2),
        REAL,
    ),
    row(
        "remainder",
        "remainder_{type}({0}, {1})",
        lambda x, y: np.remainder(x, y),
        "",
        own(1),
        REAL,
    ),
    row("maximum", "maximum_{type}({0}, {1})", lambda x, y: np.maximum(x, y), "max", EXACT, REAL),
    row("minimum", "minimum_{type}({0}, {1})", lambda x, y: np.minimum(x, y), "min", EXACT, REAL),
    row(
        "copysign", "copysign_{type}({0}, {1})", lambda x, y: np.copysign(x, y), "", EXACT, FLOATING
    ),
    Operator(
        "nextafter",
        "elementwise",
        _nextafter,
        lambda x, y: np.nextafter(x, y),
        EXACT,
        wgsl="next_after_{type}({0}, {1})",
        kinds=FLOATING,
    ),
    row("hypot", "hypot_{type}({0}, {1})", lambda x, y: np.hypot(x, y), "", own(4), FLOATING),
)

PARTS = (
    # A kernel never sees complex numbers: WGSL has none.
    part("real", "{0}", lambda x: np.real(x), COMPLEX),
    part("imag", "{0}", lambda x: np.imag(x), COMPLEX),
    row("conj", "{0}", lambda x: np.conj(x), "", EXACT, COMPLEX),
)

TRANSCENDENTAL = (
    row("sqrt", "sqrt({0})", lambda x: np.sqrt(x), "sqrt", _one, FLOAT),
    row("exp", "exp_{type}({0})", lambda x: np.exp(x), "exp", _exponential, FLOAT, cost=8),
    row("expm1", "expm1_{type}({0})", references.expm1, "", own(8), FLOAT, cost=8),
    row("log", "log_{type}({0})", lambda x: np.log(x), "log", _logarithm, FLOAT, cost=8),
    row("log1p", "log1p_{type}({0})", lambda x: np.log1p(x), "", own(8), FLOAT, cost=8),
    row("log2", "log2_{type}({0})", lambda x: np.log2(x), "", own(8), FLOAT, cost=8),
    row("log10", "log10_{type}({0})", lambda x: np.log10(x), "", own(8), FLOAT, cost=8),
    row(
        "logaddexp",
        "logaddexp_{type}({0}, {1})",
        lambda x, y: np.logaddexp(x, y),
        "",
        # The two summands may cancel.
        own(8, absolute=2**-20),
        FLOATING,
        cost=8,
    ),
    row(
        "pow",
        "power_{type}({0}, {1})",
        references.power,
        "pow",
        _power,
        cost=8,
    ),
    row("sin", "sin_{type}({0})", lambda x: np.sin(x), "sin", _coarse, FLOAT, cost=8),
    row("cos", "cos_{type}({0})", lambda x: np.cos(x), "cos", _coarse, FLOAT, cost=8),
    row("tan", "tan_{type}({0})", lambda x: np.tan(x), "tan", _coarse, FLOAT, cost=8),
    row("asin", "asin_{type}({0})", lambda x: np.arcsin(x), "", own(8), FLOAT, cost=8),
    row("acos", "acos_{type}({0})", lambda x: np.arccos(x), "", own(8), FLOAT, cost=8),
    row("atan", "atan_{type}({0})", lambda x: np.arctan(x), "", own(8), FLOAT, cost=8),
    row(
        "atan2",
        "atan2_{type}({0}, {1})",
        lambda y, x: np.arctan2(y, x),
        "",
        own(8),
        FLOATING,
        cost=8,
    ),
    row("sinh", "sinh_{type}({0})", lambda x: np.sinh(x), "", own(8), FLOAT, cost=8),
    row("cosh", "cosh_{type}({0})", lambda x: np.cosh(x), "", own(8), FLOAT, cost=8),
    row("tanh", "tanh_{type}({0})", references.tanh, "tanh", _coarse, FLOAT, cost=8),
    row("asinh", "asinh_{type}({0})", lambda x: np.arcsinh(x), "", own(8), FLOAT, cost=8),
    row("acosh", "acosh_{type}({0})", references.acosh, "", own(8), FLOAT, cost=8),
    row("atanh", "atanh_{type}({0})", lambda x: np.arctanh(x), "", own(8), FLOAT, cost=8),
    row("erf", "erf_{type}({0})", references.erf, "erf", _coarse, FLOATING, cost=8),
)

BITWISE = (
    row("bitwise_and", "{0} & {1}", lambda x, y: np.bitwise_and(x, y), "", EXACT, INTEGER),
    row("bitwise_or", "{0} | {1}", lambda x, y: np.bitwise_or(x, y), "", EXACT, INTEGER),
    row("bitwise_xor", "{0} ^ {1}", lambda x, y: np.bitwise_xor(x, y), "", EXACT, INTEGER),
    row("bitwise_invert", "~{0}", lambda x: np.invert(x), "", EXACT, INTEGER),
    row(
        "bitwise_left_shift",
        "left_shift_{type}({0}, {1})",
        lambda x, y: np.left_shift(x, y),
        "",
        EXACT,
        INTEGER,
    ),
    row(
        "bitwise_right_shift",
        "right_shift_{type}({0}, {1})",
        lambda x, y: np.right_shift(x, y),
        "",
        EXACT,
        INTEGER,
    ),
)

PREDICATES = (
    predicate("equal", "equal_{type}({0}, {1})", lambda x, y: np.equal(x, y), "equal", ANY),
    predicate(
        "not_equal", "!equal_{type}({0}, {1})", lambda x, y: np.not_equal(x, y), "notEqual", ANY
    ),
    predicate("less", "less_{type}({0}, {1})", lambda x, y: np.less(x, y), "lesser"),
    predicate(
        "less_equal",
        "less_equal_{type}({0}, {1})",
        lambda x, y: np.less_equal(x, y),
        "lesserOrEqual",
    ),
    predicate("greater", "less_{type}({1}, {0})", lambda x, y: np.greater(x, y), "greater"),
    predicate(
        "greater_equal",
        "less_equal_{type}({1}, {0})",
        lambda x, y: np.greater_equal(x, y),
        "greaterOrEqual",
    ),
    predicate("logical_and", "{0} & {1}", lambda x, y: np.logical_and(x, y), "logicalAnd", BOOL),
    predicate("logical_or", "{0} | {1}", lambda x, y: np.logical_or(x, y), "logicalOr", BOOL),
    predicate("logical_xor", "{0} != {1}", lambda x, y: np.logical_xor(x, y), "logicalXor", BOOL),
    predicate("logical_not", "!{0}", lambda x: np.logical_not(x), "logicalNot", BOOL),
    predicate("isnan", "is_nan_{type}({0})", lambda x: np.isnan(x), "isNaN", FLOAT),
    predicate("isinf", "is_infinite_{type}({0})", lambda x: np.isinf(x), "isInfinite", FLOAT),
    predicate("signbit", "signbit_{type}({0})", lambda x: np.signbit(x), "", FLOATING),
)

CHOICES = (
    Operator(
        "where",
        "elementwise",
        _where,
        lambda condition, x, y: np.where(condition, x, y),
        EXACT,
        wgsl="select({2}, {1}, {0})",
        webnn="where",
        kinds=ANY,
    ),
    Operator(
        "cast",
        "elementwise",
        _cast,
        lambda x, *, dtype: x.astype(dtype),
        _one,
        wgsl="{target}({0})",
        webnn="cast",
        kinds=ANY,
    ),
)

OPERATORS = (*ARITHMETIC, *PARTS, *TRANSCENDENTAL, *BITWISE, *PREDICATES, *CHOICES)
