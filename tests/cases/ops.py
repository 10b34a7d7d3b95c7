"""Cases of `webtensor.ops`: what is elementwise, and reductions.

Operators that are thin over those with cases of their own share cases here, with stacked results:
what is tested is that each name, default and option reaches the right one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.operators import Tolerance

from .case import INF, NAN, SPECIAL, Array, Case, random

Formula = Callable[..., Array]
_ERF = np.vectorize(math.erf, otypes=[float])
_FLOATS: dict[str, Formula] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "cos": np.cos,
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "erf": _ERF,
    "exp": np.exp,
    "floor": np.floor,
    "gelu": lambda x: x * 0.5 * (1 + _ERF(x / math.sqrt(2))),
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "hard_swish": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "identity": lambda x: x,
    "leaky_relu": lambda x: np.where(x < 0, 0.01 * x, x),
    "linear": lambda x: x,
    "neg": np.negative,
    "reciprocal": np.reciprocal,
    "relu": lambda x: np.maximum(x, 0),
    "round_even": np.rint,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "sign": np.sign,
    "sin": np.sin,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "tan": np.tan,
    "tanh": np.tanh,
}
_POSITIVE: dict[str, Formula] = {"log": np.log, "sqrt": np.sqrt}
_SIGNED: dict[str, Formula] = {
    name: _FLOATS[name] for name in ("abs", "identity", "neg", "relu", "sign")
}
_BINARY: dict[str, Formula] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
    "div": np.divide,
    "pow": lambda a, b: np.abs(a) ** np.abs(b),
    "prelu": lambda x, slope: np.where(x < 0, slope * x, x),
}
_COMPARED: dict[str, Formula] = {
    "equal": np.equal,
    "not_equal": np.not_equal,
    "greater": np.greater,
    "greater_or_equal": np.greater_equal,
    "lesser": np.less,
    "lesser_or_equal": np.less_equal,
}
_LOGICAL: dict[str, Formula] = {
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}
_TRUTH: dict[str, Formula] = {"is_nan": np.isnan, "is_infinite": np.isinf}
# By the error that the W3C's tests allow, for N terms: N, and 2N and a logarithm's.
_SUMS: dict[str, Formula] = {
    "reduce_l1": lambda x, **over: np.sum(np.abs(x), **over),
    "reduce_mean": np.mean,
    "reduce_product": np.prod,
    "reduce_sum": np.sum,
}
_ROOTS: dict[str, Formula] = {
    "reduce_l2": lambda x, **over: np.sqrt(np.sum(x * x, **over)),
    "reduce_log_sum": lambda x, **over: np.log(np.sum(x, **over)),
    "reduce_log_sum_exp": lambda x, **over: np.log(np.sum(np.exp(x), **over)),
    "reduce_sum_square": lambda x, **over: np.sum(x * x, **over),
}
_EXTREMES: dict[str, Formula] = {"reduce_max": np.max, "reduce_min": np.min}
EXACT = Tolerance.units(0)
# The label of what LiteRT, which runs WebNN in the test shell, refuses: some operators of integers
# and of truth values, slices backward, and what is composed of what WebNN lacks.
BEYOND_LITERT = "beyond LiteRT"
# Of operators that are tested more strictly under their own names.
_COARSE = Tolerance.units(34, absolute=1 / 512)


def stacked(
    name: str,
    table: dict[str, Formula],
    operands: tuple[Array, ...],
    tolerance: Tolerance = EXACT,
    options: dict[str, Any] | None = None,
    **more: Any,
) -> Case:
    """All operators of a table on the same operands; `options` are theirs and NumPy's."""
    ours, theirs = ({}, {}) if options is None else (options, _numpy_options(options))
    return Case(
        f"ops: {name}",
        more.pop("label", "random"),
        operands,
        lambda *tensors: wt.stack([getattr(wt.ops, one)(*tensors, **ours) for one in table]),
        formula=lambda *arrays: np.stack([one(*arrays, **theirs) for one in table.values()]),
        tolerance=tolerance,
        **more,
    )


def _numpy_options(options: dict[str, Any]) -> dict[str, Any]:
    axes = options.get("axes")
    return {
        "axis": None if axes is None else tuple(axes),
        "keepdims": options.get("keep_dimensions", False),
    }


def composed(
    name: str,
    operands: tuple[Array, ...],
    apply: Callable[..., wt.Tensor],
    formula: Formula,
    tolerance: Tolerance = EXACT,
    label: str = "random",
    **more: Any,
) -> Case:
    return Case(
        f"ops: {name}", label, operands, apply, formula=formula, tolerance=tolerance, **more
    )


def _elementwise() -> Iterator[Case]:
    x, y = random((67,), "float32", -3, 3), random((67,), "float32", 0.5, 3)
    yield stacked("unary", _FLOATS, (x,), _COARSE)
    yield stacked("unary", _POSITIVE, (y,), _COARSE)
    for dtype in ("int32", "int8"):
        # So small that no product leaves the dtype.
        a, b = random((68,), dtype, 0, 0) // 5, random((17, 1), dtype, 0, 0) // 10
        yield stacked("signed", _SIGNED, (a,), label=_whole(dtype))
        wide = a.reshape(4, 17), b.reshape(17)
        exact = {**_BINARY, "div": _cut, "pow": lambda a, b: (a ** np.abs(b)).astype(a.dtype)}
        yield Case(
            "ops: binary",
            BEYOND_LITERT,
            wide,
            lambda a, b: wt.stack(
                [getattr(wt.ops, one)(a, wt.ops.abs(b) if one == "pow" else b) for one in _BINARY]
            ),
            formula=lambda a, b, table=exact: np.stack([one(a, b) for one in table.values()]),
            tolerance=EXACT,
        )
    unsigned = random((5, 7), "uint32", 0, 0), random((7,), "uint32", 0, 0) // 10
    yield composed("div", unsigned, wt.ops.div, _cut, label=BEYOND_LITERT)
    yield Case(
        "ops: binary",
        "random",
        (random((5, 67), "float32", -3, 3), random((5, 1), "float32", 0.5, 3)),
        lambda a, b: wt.stack(
            [getattr(wt.ops, one)(wt.ops.abs(a) if one == "pow" else a, b) for one in _BINARY]
        ),
        formula=lambda a, b: np.stack([one(a, b) for one in _BINARY.values()]),
        tolerance=_COARSE,
    )
    special = np.array(SPECIAL, dtype=np.float32)
    yield stacked("truth", _TRUTH, (special,), label="special")
    pair = (special[:, None], special[None, :])
    yield stacked("comparisons", _COMPARED, pair, label="special")
    for dtype in ("int32", "uint8"):
        whole = random((67,), dtype, 0, 0) // 25
        yield stacked("comparisons", _COMPARED, (whole, whole[::-1].copy()), label=_whole(dtype))
    bits = random((67,), "uint8", 0, 0) // 20
    yield stacked("logic", _LOGICAL, (bits, bits[::-1].copy()), label=BEYOND_LITERT)
    yield composed("logical_not", (bits,), wt.ops.logical_not, np.logical_not, label=BEYOND_LITERT)
    yield composed(
        "where",
        (bits, x.astype(np.float16), y[:1].astype(np.float16)),
        wt.ops.where,
        lambda condition, a, b: np.where(condition, a, b),
        label=BEYOND_LITERT,
    )
    yield composed(
        "cast", (x,), lambda x: wt.ops.cast(x, "int8"), lambda x: np.trunc(x).astype(np.int8)
    )
    options = (
        ("elu", {"alpha": 2.5}, lambda x: np.where(x > 0, x, 2.5 * np.expm1(x))),
        ("leaky_relu", {"alpha": 0.25}, lambda x: np.where(x < 0, 0.25 * x, x)),
        ("linear", {"alpha": -2, "beta": 0.5}, lambda x: -2 * x + 0.5),
        ("hard_sigmoid", {"alpha": 0.5, "beta": 0.25}, lambda x: np.clip(x / 2 + 0.25, 0, 1)),
        ("clamp", {"min_value": -1, "max_value": 0.5}, lambda x: np.clip(x, -1, 0.5)),
        ("clamp", {"min_value": 0.5}, lambda x: np.maximum(x, 0.5)),
    )
    yield Case(
        "ops: options",
        "random",
        (x,),
        lambda x: wt.stack([getattr(wt.ops, one)(x, **given) for one, given, _ in options]),
        formula=lambda x: np.stack([one(x) for _, _, one in options]),
        tolerance=_COARSE,
    )
    yield composed(
        "clamp",
        (np.array([INF, -INF, NAN, -0.0, 3, -3], np.float32),),
        lambda x: wt.ops.clamp(x, min_value=-1, max_value=2),
        lambda x: np.clip(x, -1, 2),
        label="special",
    )
    yield composed(
        "clamp",
        (random((67,), "uint8", 0, 0),),
        lambda x: wt.ops.clamp(x, min_value=-7, max_value=22.5),
        lambda x: np.clip(x, 0, 22),
        label="integers",
    )


def _whole(dtype: str) -> str:
    return "integers" if dtype == "int32" else BEYOND_LITERT


def _cut(a: Array, b: Array) -> Array:
    """a / b towards zero, 0 by 0."""
    quotient = np.trunc(a / np.where(b == 0, 1, b).astype(np.float64))
    return np.where(b == 0, 0, quotient).astype(a.dtype)


def _reductions() -> Iterator[Case]:
    plans: tuple[tuple[tuple[int, ...], dict[str, Any]], ...] = (
        ((5, 7, 11), {"axes": [2, 0], "keep_dimensions": True}),
        ((5, 7, 11), {"axes": [1]}),
        ((3, 67), {}),
        ((4, 9), {"axes": []}),
    )
    for shape, options in plans:
        over = range(len(shape)) if options.get("axes") is None else options["axes"]
        count = math.prod(shape[axis] for axis in over)
        values = random(shape, "float32", 0.9, 1.1)
        yield stacked("sums", _SUMS, (values,), Tolerance.units(count + 2), options)
        # log(1.1) is near 0, where its error is absolute.
        roots = Tolerance.units(2 * count + 18, absolute=1e-6)
        yield stacked("roots", _ROOTS, (values,), roots, options)
        yield stacked("extremes", _EXTREMES, (values,), EXACT, options)
    options = {"axes": [1]}
    half = random((5, 67), "float16", 0.9, 1.1)
    yield stacked("sums", _SUMS, (half,), Tolerance.units(1), options)
    yield stacked("roots", _ROOTS, (half,), Tolerance.units(1, absolute=1e-3), options)
    for dtype in ("int32", "uint32"):
        exact = {name: one for name, one in (_SUMS | _ROOTS).items() if name in _OF_INTEGERS}
        exact = {name: _in_its_dtype(one) for name, one in exact.items()}
        yield stacked(
            "sums", exact, (random((5, 67), dtype, 0, 0),), EXACT, options, label=_whole(dtype)
        )
    yield stacked("extremes", _EXTREMES, (random((5, 67), "int8", 0, 0),), EXACT, options)
    far = np.array(
        [[1000, 999, -1000], [-1000, -1001, -999.5], [-INF, 1, 2], [INF, 1, 2], [-INF, -INF, -INF],
         [NAN, 1, 2]], np.float32
    )  # fmt: skip
    yield composed(
        "reduce_log_sum_exp",
        (far,),
        lambda x: wt.ops.reduce_log_sum_exp(x, axes=[1]),
        lambda x: np.logaddexp.reduce(x, axis=1),
        Tolerance.units(24),
        "far from zero",
    )
    for name, function in (("arg_max", np.argmax), ("arg_min", np.argmin)):
        apply = getattr(wt.ops, name)
        yield composed(
            name,
            (random((5, 67), "float32", -5, 5),),
            lambda x, apply=apply: apply(x, 1, keep_dimensions=True),
            lambda x, function=function: function(x, axis=1, keepdims=True),
        )
    for dtype, tolerance in (("float32", Tolerance.units(67)), ("float16", Tolerance.units(2))):
        yield composed(
            "cumulative_sum",
            (random((3, 67), dtype, 0.5, 3),),
            lambda x: wt.ops.cumulative_sum(x, 1, exclusive=True, reversed=True),
            lambda x: np.cumsum(x[:, ::-1], 1)[:, ::-1] - x,
            tolerance,
        )


_OF_INTEGERS = ("reduce_l1", "reduce_product", "reduce_sum", "reduce_sum_square")


def _in_its_dtype(function: Formula) -> Formula:
    """Integers wrap around."""
    return lambda x, **over: function(x.astype(np.int64), **over).astype(x.dtype)


def cases() -> Iterator[Case]:
    yield from _elementwise()
    yield from _reductions()
