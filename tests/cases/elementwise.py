"""Cases of the elementwise operators: they follow from the table, a row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

import webtensor as wt
from webtensor.operators import TABLE

from .case import NAN, SHAPES, SPECIAL, Case, random

# Ranges of float operands where float32's tolerances mean something.
_RANGES = {
    "log": (0.01, 50),
    "sqrt": (0, 50),
    "exp": (-20, 20),
    "pow": (0.1, 4),
    "divide": (0.5, 9),
}
_OF_KIND = {
    "float": ("float32", "float64"),
    "int": ("int32", "int8"),
    "uint": ("uint32", "uint8"),
    "bool": ("bool",),
}
_SIGNED = {"abs"}
# W3C leaves these open at infinity and far from zero.
_OPEN_AT_INFINITY = {"sin", "cos"}


def _dtypes(name: str) -> list[str]:
    """Dtypes of its cases, the one that gets most of them first."""
    kinds = [kind for kind in _OF_KIND if kind in TABLE[name].kinds]
    if name in _SIGNED:
        kinds.remove("uint")
    return [dtype for kind in kinds for dtype in _OF_KIND[kind]]


def _elementwise() -> Iterator[Case]:
    for name, operator in TABLE.items():
        if operator.family != "elementwise" or name in ("cast", "where"):
            continue
        function = getattr(wt, name)
        arity = 2 if "{1}" in operator.wgsl else 1
        low, high = _RANGES.get(name, (-5, 5))
        dtypes = _dtypes(name)
        for dtype in dtypes:
            for shape in SHAPES if dtype == dtypes[0] else ((67,), (4, 16)):
                operands = tuple(random(shape, dtype, low, high - one) for one in range(arity))
                yield Case(name, "random", operands, function)
        yield from _arranged(name, function, arity, dtypes[0], low, high)
        if arity == 2:
            equal = random((67,), dtypes[0], low, high)
            yield Case(name, "with itself", (equal, equal.copy()), function)


def _arranged(
    name: str, function: Callable[..., wt.Tensor], arity: int, dtype: str, low: float, high: float
) -> Iterator[Case]:
    """Special values, and operands that are views."""
    special = np.array(SPECIAL, dtype=np.float32)
    if arity == 1:
        if dtype == "float32" and name not in _OPEN_AT_INFINITY:
            yield Case(name, "special", (special,), function)
        turned = (random((7, 13), dtype, low, high),)
        yield Case(name, "transposed", turned, function, view=lambda x: x.T)
        return
    if dtype == "float32":
        pairs = (np.repeat(special, special.size), np.tile(special, special.size))
        yield Case(name, "special", pairs, function)
    columns = (random((5, 1, 7), dtype, low, high), random((3, 1), dtype, low, high))
    yield Case(name, "broadcast", columns, function)
    scalar = (random((67,), dtype, low, high), random((), dtype, low, high))
    yield Case(name, "scalar", scalar, function)


def _choices() -> Iterator[Case]:
    for dtype in ("float32", "float64", "int32", "int8", "uint8", "bool"):
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
    for source, target in (
        ("float32", "int32"),
        ("int32", "float32"),
        ("uint32", "float32"),
        ("int32", "uint32"),
        ("float64", "float32"),
        ("float32", "float32"),
        ("int32", "int8"),
        ("int32", "uint8"),
        ("int8", "float32"),
        ("uint8", "int32"),
        ("bool", "float32"),
        ("bool", "int8"),
        ("float32", "uint8"),
    ):
        values = random((67,), source, -99, 99)
        if target.startswith("u") and source.startswith("f"):
            values = np.abs(values)
        yield Case(
            "cast",
            f"to {target}",
            (values * 7 if source == "int32" else values,),
            lambda x, target=target: wt.astype(x, target),
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


def cases() -> Iterator[Case]:
    for family in (_elementwise, _choices, _casts, _by_constants):
        yield from family()
