"""Elementwise operators: a row each."""

from __future__ import annotations

from typing import Any

from ..dtypes import DType, as_dtype, bool_
from ..lazy_numpy import np
from .declaration import Operand, Operator, Shape, Tolerance
from .shapes import broadcast, same_dtype

FLOAT = ("float", "complex")
REAL = ("int", "uint", "float")
NUMBER = ("int", "uint", "float", "complex")
ANY = ("bool", *NUMBER)
BOOL = ("bool",)
FLOATING = ("float",)

_exact = Tolerance.units(0)
_one = Tolerance.units(1)
_two = Tolerance.units(2)
_trigonometric = Tolerance.units(0, absolute=1 / 1024)


def _row(
    name: str,
    wgsl: str,
    reference: Any,
    webnn: str,
    tolerance: Tolerance,
    kinds: tuple[str, ...] = NUMBER,
) -> Operator:
    def infer(*operands: Operand) -> tuple[Shape, DType]:
        shape = broadcast(name, *(operand.shape for operand in operands))
        return shape, same_dtype(name, operands, kinds)

    return Operator(
        name, "elementwise", infer, reference, tolerance, wgsl=wgsl, webnn=webnn, kinds=kinds
    )


def _test(
    name: str, wgsl: str, reference: Any, webnn: str, kinds: tuple[str, ...] = REAL
) -> Operator:
    """A row whose result is bool."""

    def infer(*operands: Operand) -> tuple[Shape, DType]:
        same_dtype(name, operands, kinds)
        return broadcast(name, *(operand.shape for operand in operands)), bool_

    return Operator(name, "elementwise", infer, reference, _exact, wgsl, webnn=webnn, kinds=kinds)


def _where(condition: Operand, x: Operand, y: Operand) -> tuple[Shape, DType]:
    same_dtype("where's condition", [condition], ("bool",))
    shape = broadcast("where", condition.shape, x.shape, y.shape)
    return shape, same_dtype("where", [x, y], ANY)


def _cast(operand: Operand, *, dtype: str) -> tuple[Shape, DType]:
    return operand.shape, as_dtype(dtype)


OPERATORS = (
    _row("negative", "negative_{type}({0})", lambda x: np.negative(x), "neg", _exact),
    _row("abs", "abs({0})", lambda x: np.abs(x), "abs", _exact, REAL),
    _row("exp", "exp_{type}({0})", lambda x: np.exp(x), "exp", Tolerance.units(32), FLOAT),
    _row("log", "log_{type}({0})", lambda x: np.log(x), "log", _trigonometric, FLOAT),
    _row("sqrt", "sqrt({0})", lambda x: np.sqrt(x), "sqrt", _one, FLOAT),
    _row("sin", "sin({0})", lambda x: np.sin(x), "sin", _trigonometric, FLOAT),
    _row("cos", "cos({0})", lambda x: np.cos(x), "cos", _trigonometric, FLOAT),
    _row("tanh", "tanh_{type}({0})", lambda x: np.tanh(x), "tanh", _trigonometric, FLOAT),
    _row("floor", "floor({0})", lambda x: np.floor(x), "floor", _exact, ("float",)),
    _row("ceil", "ceil({0})", lambda x: np.ceil(x), "ceil", _exact, ("float",)),
    _row("add", "{0} + {1}", lambda x, y: np.add(x, y), "add", _one),
    _row("subtract", "{0} - {1}", lambda x, y: np.subtract(x, y), "sub", _one),
    _row("multiply", "{0} * {1}", lambda x, y: np.multiply(x, y), "mul", _one),
    _row("divide", "{0} / {1}", lambda x, y: np.divide(x, y), "div", _two, FLOAT),
    _row("maximum", "maximum_{type}({0}, {1})", lambda x, y: np.maximum(x, y), "max", _exact, REAL),
    _row("minimum", "minimum_{type}({0}, {1})", lambda x, y: np.minimum(x, y), "min", _exact, REAL),
    _row(
        "pow",
        "power_{type}({0}, {1})",
        lambda x, y: np.power(x, y),
        "pow",
        Tolerance.units(32),
        FLOAT,
    ),
    _test("equal", "equal_{type}({0}, {1})", lambda x, y: np.equal(x, y), "equal", ANY),
    _test("not_equal", "!equal_{type}({0}, {1})", lambda x, y: np.not_equal(x, y), "notEqual", ANY),
    _test("less", "less_{type}({0}, {1})", lambda x, y: np.less(x, y), "lesser"),
    _test(
        "less_equal",
        "less_equal_{type}({0}, {1})",
        lambda x, y: np.less_equal(x, y),
        "lesserOrEqual",
    ),
    _test("greater", "less_{type}({1}, {0})", lambda x, y: np.greater(x, y), "greater"),
    _test(
        "greater_equal",
        "less_equal_{type}({1}, {0})",
        lambda x, y: np.greater_equal(x, y),
        "greaterOrEqual",
    ),
    _test("logical_and", "{0} & {1}", lambda x, y: np.logical_and(x, y), "logicalAnd", BOOL),
    _test("logical_or", "{0} | {1}", lambda x, y: np.logical_or(x, y), "logicalOr", BOOL),
    _test("logical_xor", "{0} != {1}", lambda x, y: np.logical_xor(x, y), "logicalXor", BOOL),
    _test("logical_not", "!{0}", lambda x: np.logical_not(x), "logicalNot", BOOL),
    _test("isnan", "is_nan_{type}({0})", lambda x: np.isnan(x), "isNaN", FLOATING),
    _test("isinf", "is_infinite_{type}({0})", lambda x: np.isinf(x), "isInfinite", FLOATING),
    Operator(
        "where",
        "elementwise",
        _where,
        lambda condition, x, y: np.where(condition, x, y),
        _exact,
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
