"""Cases of the elementwise operators: they follow from the table, a row each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import webtensor as wt
from webtensor import activations
from webtensor.operators import TABLE, Tolerance

from .case import NAN, SHAPES, SPECIAL, Array, Case, random

# Ranges of float operands where float32's tolerances mean something.
_RANGES = {
    "log": (0.01, 50),
    "log2": (0.01, 50),
    "log10": (0.01, 50),
    "log1p": (-0.9, 50),
    "sqrt": (0, 50),
    "exp": (-20, 20),
    "expm1": (-20, 20),
    "pow": (0.1, 4),
    "divide": (0.5, 9),
    "reciprocal": (0.5, 9),
    "rsqrt": (0.1, 50),
    "tan": (-1.4, 1.4),
    "asin": (-1, 1),
    "acos": (-1, 1),
    "atanh": (-0.99, 0.99),
    "acosh": (1, 50),
    "gelu": (-9, 5),
    "sigmoid": (-20, 20),
    "softplus": (-20, 20),
    "atan2": (-5, 5),
}
# Attributes of the operators that have some, other than the defaults.
_ATTRIBUTES: dict[str, dict[str, float]] = {
    "elu": {"alpha": 1.5},
    "leaky_relu": {"alpha": 0.2},
    "linear": {"alpha": 0.7, "beta": -1.25},
    "hard_sigmoid": {"alpha": 0.3, "beta": 0.4},
}
_OF_KIND = {
    "float": ("float32", "float64"),
    "int": ("int32", "int8", "int16"),
    "uint": ("uint32", "uint8", "uint16"),
    "bool": ("bool",),
    "complex": ("complex64", "complex128"),
}


def _function(name: str) -> Callable[..., wt.Tensor]:
    """The public function of an operator, its attributes given."""
    function = getattr(wt, name, None) or getattr(activations, name)
    return functools.partial(function, **_ATTRIBUTES.get(name, {}))


def _dtypes(name: str) -> list[str]:
    """Dtypes of its cases, the one that gets most of them first."""
    kinds = [kind for kind in _OF_KIND if kind in TABLE[name].kinds]
    return [dtype for kind in kinds for dtype in _OF_KIND[kind]]


def _elementwise() -> Iterator[Case]:
    for name, operator in TABLE.items():
        if operator.family != "elementwise" or name in ("cast", "where", "nextafter"):
            continue
        function = _function(name)
        options = _ATTRIBUTES.get(name, {})
        arity = 2 if "{1}" in operator.wgsl else 1
        low, high = _RANGES.get(name, (-5, 5))
        dtypes = _dtypes(name)
        for dtype in dtypes:
            for shape in SHAPES if dtype == dtypes[0] else ((67,), (4, 16)):
                operands = tuple(random(shape, dtype, low, high - one) for one in range(arity))
                label = "integers" if operands[0].dtype.kind in "iu" else "random"
                # NumPy's own complex numbers are good to a few ULP.
                tolerance = Tolerance.units(16) if dtype == "complex64" else None
                yield Case(name, label, operands, function, options, tolerance=tolerance)
            if arity == 2 and dtype.startswith(("int", "uint")):
                yield _limits(name, dtype, function)
        yield from _arranged(name, function, arity, dtypes[0], low, high)
        if arity == 2:
            equal = random((67,), dtypes[0], low, high)
            yield Case(name, "with itself", (equal, equal.copy()), function)


def _limits(name: str, dtype: str, function: Callable[..., wt.Tensor]) -> Case:
    """Integers at the ends of their range, with zero: overflow, division by zero."""
    ends = np.iinfo(dtype)
    some = np.array([ends.min, ends.min + 1, 0, 1, 3, ends.max - 1, ends.max], dtype=dtype)
    some = np.append(some, [-1, -7] if ends.min else [7, 8]).astype(dtype)
    return Case(name, "limits", (np.repeat(some, some.size), np.tile(some, some.size)), function)


def _arranged(
    name: str, function: Callable[..., wt.Tensor], arity: int, dtype: str, low: float, high: float
) -> Iterator[Case]:
    """Special values, and operands that are views."""
    special = np.array(SPECIAL, dtype=np.float32)
    if arity == 1:
        options = _ATTRIBUTES.get(name, {})
        if dtype == "float32":
            yield Case(name, "special", (special,), function, options)
        turned = (random((7, 13), dtype, low, high),)
        yield Case(name, "transposed", turned, function, options, view=lambda x: x.T)
        return
    if dtype == "float32":
        pairs = (np.repeat(special, special.size), np.tile(special, special.size))
        yield Case(name, "special", pairs, function)
    columns = (random((5, 1, 7), dtype, low, high), random((3, 1), dtype, low, high))
    yield Case(name, "broadcast", columns, function)
    scalar = (random((67,), dtype, low, high), random((), dtype, low, high))
    yield Case(name, "scalar", scalar, function)


def _choices() -> Iterator[Case]:
    for dtype in ("float32", "float64", "int32", "int8", "uint8", "int16", "bool"):
        for shape in SHAPES if dtype == "float32" else ((67,),):
            condition = random(shape, "bool", 0, 1)
            branches = (random(shape, dtype, -5, 5), random(shape, dtype, -5, 4))
            yield Case("where", "random", (condition, *branches), wt.where)
    special = np.array(SPECIAL, dtype=np.float32)
    chosen = random(special.shape, "bool", 0, 1)
    yield Case("where", "special", (chosen, special, special[::-1].copy()), wt.where)
    broadcast = (
        random((5, 1), "bool", 0, 1),
        random((7,), "float32", -5, 5),
        random((3, 1, 1), "float32", -5, 5),
    )
    yield Case("where", "broadcast", broadcast, wt.where)


def _casts() -> Iterator[Case]:
    dtypes = (
        "float32", "float64", "int32", "int8", "int16", "uint32", "uint8", "uint16", "bool",
    )  # fmt: skip
    for source in dtypes:
        for target in dtypes:
            # bool is another operator's: x != 0.
            if target != "bool":
                yield _cast(source, target)


# Brings random integers to where narrower ones wrap around.
_SPREAD = {"int32": 997, "int16": 601, "uint16": 1301}


def _cast(source: str, target: str) -> Case:
    values = random((67,), source, -99, 99)
    if target.startswith("u") and source.startswith("f"):
        values = np.abs(values)  # what the target cannot hold is undefined
    return Case(
        "cast",
        f"to {target}",
        (values * np.array(_SPREAD.get(source, 1), values.dtype),),
        lambda x: wt.astype(x, target),
        {"dtype": target},
    )


def _by_constants() -> Iterator[Case]:
    """Scalars in a kernel's source, which its compiler sees."""
    special = np.array(SPECIAL, dtype=np.float32)
    for name, value in (("divide", 0.0), ("divide", -0.0), ("multiply", 0.0), ("add", NAN)):
        constant = np.float32(value)
        yield Case(
            name,
            f"by the constant {value}",
            (special, np.full_like(special, constant)),
            lambda x, y, name=name, value=value: getattr(wt, name)(x, value),
        )
    tiny = np.float32([1e-20, -3e-6, 1e-4, -0.009, 0.011])
    yield Case("tanh", "of small values", (tiny,), wt.tanh)


def _neighbours() -> Iterator[Case]:
    """The next float is another one in each dtype: the reference must not be wider."""
    steps = np.float32([3e38, -3e38, 1e-38, -1e-38, 1, 1 - 2**-24, 2**-126, 2**-149, -(2**-149)])
    some = np.concatenate([steps, np.array(SPECIAL, dtype=np.float32)])
    pairs = (np.repeat(some, some.size), np.tile(some, some.size))
    random_pair = (random((5, 1, 67), "float32", -5, 5), random((3, 1), "float32", -5, 4))
    for label, operands in (("special", pairs), ("random", random_pair)):
        yield Case(
            "nextafter",
            label,
            operands,
            wt.nextafter,
            formula=lambda x, y: np.nextafter(np.float32(x), np.float32(y)),
            tolerance=Tolerance.units(0),
        )


_WHOLE_RANGE = {
    "exp": (-87, 88.7),
    "expm1": (-87, 88.7),
    "sinh": (-89, 89),
    "cosh": (-89, 89),
    "sigmoid": (-87, 87),
    "softplus": (-87, 87),
    "gelu": (-12.5, 12.5),
    "asinh": (-1e9, 1e9),
    "atan": (-1e9, 1e9),
    "hard_swish": (-3.001, -2.999),
}


def _strict() -> Iterator[Case]:
    """Where adapters' built-ins are loose, and where an absolute tolerance would hide it."""
    few = Tolerance.units(8)
    for name, (low, high) in _WHOLE_RANGE.items():
        yield Case(name, "whole range", (random((999,), "float32", low, high),), _function(name))
    steps = np.linspace(-37.5, 38.4, 999)
    wide = (10**steps).astype(np.float32)
    near = (1 + random((999,), "float32", -1e-3, 1e-3)).astype(np.float32)
    for name in ("log", "log2", "log10"):
        yield Case(name, "tiny and huge", (wide,), _function(name), tolerance=few)
        yield Case(name, "near one", (near,), _function(name), tolerance=few)
    small = random((999,), "float32", -1, 1) * wide[:500].repeat(2)[:999]
    for name in ("expm1", "log1p", "tanh", "erf", "sinh", "asinh", "atanh", "asin", "atan"):
        yield Case(name, "near zero", (small,), _function(name), tolerance=few)
    for name in ("erf", "tanh"):
        values = random((999,), "float32", -5, 5)
        yield Case(name, "strict", (values,), _function(name), tolerance=few)
    turns = random((999,), "float32", -9e4, 9e4)
    for name in ("sin", "cos"):
        closer = Tolerance.units(0, absolute=1e-6)
        yield Case(name, "many turns", (turns,), _function(name), tolerance=closer)
    endless = np.concatenate([wide, -wide, np.float32([1.00001e5, 3.4e38, -16367173 * 2.0**72])])
    for name in ("sin", "cos", "tan"):
        # The product of π/2 that comes nearest to a float32 is the last one's neighbour.
        yield Case(name, "endless turns", (endless,), _function(name), tolerance=few)
    # Results over all of float32's range, from bases over all of it and from bases near one.
    exponents = random((999,), "float32", -1, 1)
    yield Case("pow", "whole range", (wide, exponents), wt.pow)
    yield Case("pow", "near one", (near, exponents * np.float32(8e4)), wt.pow)
    tenths = (np.arange(-500, 499) * np.float32(0.1)).astype(np.float32)
    for name in ("floor_divide", "remainder"):
        # Quotients that float32's division rounds up to a whole number.
        yield Case(name, "tenths", (tenths, np.full_like(tenths, 0.1)), _function(name))


def _composed() -> Iterator[Case]:
    """Functions without a row of their own."""
    coarse = Tolerance.units(64, absolute=1 / 256)
    fine = Tolerance.units(40)
    logistic = TABLE["sigmoid"].reference
    elu = TABLE["elu"].reference
    unary: dict[str, tuple[Callable[..., wt.Tensor], Callable[..., Array], Tolerance]] = {
        "relu": (wt.nn.relu, lambda x: np.maximum(x, 0), Tolerance.units(0)),
        "relu6": (wt.nn.relu6, lambda x: np.clip(x, 0, 6), Tolerance.units(0)),
        "silu": (wt.nn.silu, lambda x: x * logistic(x), fine),
        "mish": (wt.nn.mish, lambda x: x * np.tanh(np.logaddexp(x, 0)), coarse),
        "selu": (
            wt.nn.selu,
            lambda x: 1.0507009873554805 * elu(x, alpha=1.6732632423543772),
            fine,
        ),
        "logsigmoid": (wt.nn.logsigmoid, lambda x: -np.logaddexp(-x, 0), fine),
        "hardsigmoid": (wt.nn.hardsigmoid, lambda x: np.clip(x + 3, 0, 6) / 6, coarse),
        "gelu by tanh": (
            lambda x: wt.nn.gelu(x, approximate="tanh"),
            lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
            coarse,
        ),
        "softplus with beta": (
            lambda x: wt.nn.softplus(x, beta=2),
            lambda x: np.logaddexp(2 * x, 0) / 2,
            fine,
        ),
        "tanh of tanh of tanh": (
            lambda x: wt.tanh(wt.tanh(wt.tanh(x))),
            lambda x: np.tanh(np.tanh(np.tanh(x))),
            coarse,
        ),
        "square": (wt.square, np.square, Tolerance.units(1)),
        "pow by 2": (lambda x: x**2, np.square, Tolerance.units(1)),
        "clip": (lambda x: wt.clip(x, -1, 2.5), lambda x: np.clip(x, -1, 2.5), Tolerance.units(0)),
        "clip below": (lambda x: wt.clip(x, max=1), lambda x: np.minimum(x, 1), Tolerance.units(0)),
        "cast to bool": (
            lambda x: wt.astype(x, "bool"),
            lambda x: x.astype("bool"),
            Tolerance.units(0),
        ),
        "isfinite": (wt.isfinite, np.isfinite, Tolerance.units(0)),
        "where of numbers": (
            lambda x: wt.where(x > 0, 1, 2.5),
            lambda x: np.where(x > 0, np.float32(1), np.float32(2.5)),
            Tolerance.units(0),
        ),
    }
    for name, (function, formula, tolerance) in unary.items():
        for shape in ((4, 67), (5, 7)):
            values = random(shape, "float32", -8, 8)
            yield Case(name, "random", (values,), function, formula=formula, tolerance=tolerance)
    # What a compiler that takes floats for finite would shorten.
    special = np.array(SPECIAL, dtype=np.float32)
    unshortened: dict[str, tuple[Callable[..., Any], Callable[..., Array]]] = {
        "x - x": (lambda x: x - x, lambda x: x - x),
        "x + -x": (lambda x: x + -x, lambda x: x + -x),
        "x + x - x": (lambda x: x + x - x, lambda x: x + x - x),
        "two large factors": (
            lambda x: x * 1e38 * 1e38,
            lambda x: np.float32(x) * np.float32(1e38) * np.float32(1e38),
        ),
        "a large summand": (
            lambda x: x + 1e30 - 1e30,
            lambda x: np.float32(x) + np.float32(1e30) - np.float32(1e30),
        ),
    }
    for name, (function, formula) in unshortened.items():
        yield Case(
            name, "special", (special,), function, formula=formula, tolerance=Tolerance.units(0)
        )
    bounds = tuple(random((67,), "float32", -5, 5 - one) for one in range(3))
    yield Case(
        "clip",
        "by tensors",
        bounds,
        wt.clip,
        formula=lambda x, low, high: np.minimum(np.maximum(x, low), high),
        tolerance=Tolerance.units(0),
    )


def cases() -> Iterator[Case]:
    for family in (_elementwise, _choices, _casts, _by_constants, _neighbours, _strict, _composed):
        yield from family()
