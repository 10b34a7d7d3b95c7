"""Cases of `webtensor.ops` that have no windows and no steps.

Operators that are thin over those with cases of their own share cases here, with stacked results:
what is tested is that each name, default and option reaches the right one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.operators import Tolerance
from webtensor.operators.elements import within

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
_EXACT = Tolerance.units(0)
# Of operators that are tested more strictly under their own names.
_COARSE = Tolerance.units(34, absolute=1 / 512)


def stacked(
    name: str,
    table: dict[str, Formula],
    operands: tuple[Array, ...],
    tolerance: Tolerance = _EXACT,
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
    tolerance: Tolerance = _EXACT,
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
        yield stacked("signed", _SIGNED, (a,))
        wide = a.reshape(4, 17), b.reshape(17)
        exact = {**_BINARY, "div": _cut, "pow": lambda a, b: (a ** np.abs(b)).astype(a.dtype)}
        yield Case(
            "ops: binary",
            "integers",
            wide,
            lambda a, b: wt.stack(
                [getattr(wt.ops, one)(a, wt.ops.abs(b) if one == "pow" else b) for one in _BINARY]
            ),
            formula=lambda a, b, table=exact: np.stack([one(a, b) for one in table.values()]),
            tolerance=_EXACT,
        )
    unsigned = random((5, 7), "uint32", 0, 0), random((7,), "uint32", 0, 0) // 10
    yield composed("div", unsigned, wt.ops.div, _cut, label="unsigned")
    yield Case(
        "ops: binary",
        "random",
        (x.reshape(1, 67), random((5, 1), "float32", 0.5, 3)),
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
        yield stacked("comparisons", _COMPARED, (whole, whole[::-1].copy()), label="integers")
    bits = random((67,), "uint8", 0, 0) // 20
    yield stacked("logic", _LOGICAL, (bits, bits[::-1].copy()))
    yield composed("logical_not", (bits,), wt.ops.logical_not, np.logical_not)
    yield composed(
        "where",
        (bits, x.astype(np.float16), y[:1].astype(np.float16)),
        wt.ops.where,
        lambda condition, a, b: np.where(condition, a, b),
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
        yield stacked("extremes", _EXTREMES, (values,), _EXACT, options)
    options = {"axes": [1]}
    half = random((5, 67), "float16", 0.9, 1.1)
    yield stacked("sums", _SUMS, (half,), Tolerance.units(1), options)
    yield stacked("roots", _ROOTS, (half,), Tolerance.units(1, absolute=1e-3), options)
    for dtype in ("int32", "uint32"):
        exact = {name: one for name, one in (_SUMS | _ROOTS).items() if name in _OF_INTEGERS}
        exact = {name: _in_its_dtype(one) for name, one in exact.items()}
        yield stacked("sums", exact, (random((5, 67), dtype, 0, 0),), _EXACT, options, label=dtype)
    yield stacked("extremes", _EXTREMES, (random((5, 67), "int8", 0, 0),), _EXACT, options)
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


_OF_INTEGERS = ("reduce_l1", "reduce_product", "reduce_sum", "reduce_sum_square")


def _in_its_dtype(function: Formula) -> Formula:
    """Integers wrap around."""
    return lambda x, **over: function(x.astype(np.int64), **over).astype(x.dtype)


def _padded(mode: str) -> Formula:
    return lambda x: np.pad(x, ((1, 0), (0, 2), (2, 1)), mode=mode)  # type: ignore[call-overload]


# Of shape (3, 4, 6); results are made flat, one behind the other.
MOVED: tuple[tuple[str, Callable[..., Any], Formula], ...] = (
    ("concat", lambda ops, x: ops.concat([x, x, x], 1), lambda x: np.concatenate([x] * 3, 1)),
    ("expand", lambda ops, x: ops.expand(x, [2, 3, 4, 6]), lambda x: np.stack([x, x])),
    ("pad", lambda ops, x: ops.pad(x, [1, 0, 2], [0, 2, 1]), _padded("constant")),
    (
        "pad",
        lambda ops, x: ops.pad(x, [1, 0, 2], [0, 2, 1], mode="edge"),
        _padded("edge"),
    ),
    (
        "pad",
        lambda ops, x: ops.pad(x, [1, 0, 2], [0, 2, 1], mode="reflection"),
        _padded("reflect"),
    ),
    ("reshape", lambda ops, x: ops.reshape(x, [12, 6]), lambda x: x),
    ("reverse", lambda ops, x: ops.reverse(x), np.flip),
    ("reverse", lambda ops, x: ops.reverse(x, axes=[1]), lambda x: np.flip(x, 1)),
    ("slice", lambda ops, x: ops.slice(x, [1, 0, 1], [2, 3, 5]), lambda x: x[1:, :3, 1:]),
    (
        "slice",
        lambda ops, x: ops.slice(x, [0, 1, 0], [3, 2, 5], strides=[2, 1, 3]),
        lambda x: x[::2, 1:3, 0:5:3],
    ),
    ("split", lambda ops, x: ops.split(x, 3)[2], lambda x: x[2:]),
    ("split", lambda ops, x: ops.split(x, [1, 3, 2], axis=2)[1], lambda x: x[:, :, 1:4]),
    ("tile", lambda ops, x: ops.tile(x, [2, 1, 3]), lambda x: np.tile(x, (2, 1, 3))),
    ("transpose", lambda ops, x: ops.transpose(x), np.transpose),
    (
        "transpose",
        lambda ops, x: ops.transpose(x, permutation=[1, 2, 0]),
        lambda x: np.transpose(x, (1, 2, 0)),
    ),
    ("triangular", lambda ops, x: ops.triangular(x), np.triu),
    (
        "triangular",
        lambda ops, x: ops.triangular(x, upper=False, diagonal=-1),
        lambda x: np.tril(x, -1),
    ),
    ("triangular", lambda ops, x: ops.triangular(x, diagonal=2), lambda x: np.triu(x, 2)),
)


def _movements() -> Iterator[Case]:
    for dtype in ("float32", "float16", "int32", "uint8"):
        values = random((3, 4, 6), dtype, -5, 5)
        if dtype == "float32":
            values[0, 1, 2], values[2, 3, 0] = NAN, INF
        kept = [pair for pair in MOVED if dtype in ("float32", "float16") or pair[0] != "pad"]
        yield Case(
            "ops: movement",
            "edge" if len(kept) == len(MOVED) else "without pad",
            (values,),
            lambda x, kept=kept: wt.concat(
                [wt.reshape(one(wt.ops, x), (-1,)) for _, one, _ in kept]
            ),
            formula=lambda x, kept=kept: np.concatenate([one(x).ravel() for _, _, one in kept]),
            tolerance=_EXACT,
        )
    yield composed(
        "pad",
        (random((5, 7), "uint8", 0, 0),),
        lambda x: wt.ops.pad(x, [0, 1], [2, 0], value=1000),
        lambda x: np.pad(x, ((0, 2), (1, 0)), constant_values=255),
        label="of a clamped value",
    )
    values = random((13, 4), "float32", -5, 5)
    far = np.array([[-100, -14, -13], [-1, 12, 13]], np.int32)
    yield composed("gather", (values, far), wt.ops.gather, lambda x, at: x[within(at, 13)])


_PLACES: tuple[tuple[tuple[int, ...], int, int], ...] = (
    ((67,), 5, 0),
    ((1,), 3, 0),
    ((5, 64), 9, 1),
    ((101, 7), 40, 0),
    ((3, 5, 8), 4, 1),
    ((129, 33), 200, 1),
)


def _elements() -> Iterator[Case]:
    for dtype in ("float32", "int32", "uint32", "int8", "uint8"):
        for shape, count, axis in _PLACES if dtype == "float32" else _PLACES[2:4]:
            at = (*shape[:axis], count, *shape[axis + 1 :])
            low = -shape[axis] - 3
            signed = "uint32" if dtype == "uint32" else "int32"
            indices = np.random.default_rng(count).integers(
                0 if signed == "uint32" else low, shape[axis] + 3, at
            )
            operands = random(shape, dtype, -5, 5), indices.astype(signed)
            yield _at("gather_elements", "random", operands, axis)
            updates = random((*at, 2), dtype, -5, 5)[..., 0]
            yield _at("scatter_elements", "random", (*operands, updates), axis)
    special = np.array(SPECIAL, np.float32)
    turned = (np.arange(10, dtype=np.int32) * 3) % 10
    yield _at("gather_elements", "special", (special, turned), 0)
    yield _at("scatter_elements", "special", (special, turned[:4], special[-4:]), 0)
    square = random((7, 7), "float32", -5, 5)
    places = (np.arange(49, dtype=np.int32).reshape(7, 7) * 5) % 7
    for axis in (0, 1):
        yield _at("gather_elements", "transposed", (square, places), axis, view=lambda x: x.T)
        operands = (square, places, square + 10)
        yield _at("scatter_elements", "transposed", operands, axis, view=lambda x: x.T)
    none = np.zeros((5, 0), np.int32)
    yield _at("gather_elements", "empty", (random((5, 4), "float32", -5, 5), none), 1)
    yield composed(
        "scatter_elements",
        (random((5, 4), "float32", -5, 5), places[:5, :2], random((5, 2), "float32", -5, 5)),
        lambda x, at, new: wt.add(wt.ops.scatter_elements(x, at, wt.multiply(new, 2), axis=1), 1),
        lambda x, at, new: _scattered(x, at, 2 * new) + 1,
        Tolerance.units(2),
        "between others",
    )


def _scattered(x: Array, at: Array, new: Array) -> Array:
    result = x.copy()
    for row in range(at.shape[0]):
        for place, value in zip(within(at[row], x.shape[1]), new[row], strict=True):
            result[row, place] = value
    return result


def _at(name: str, label: str, operands: tuple[Array, ...], axis: int, **more: Any) -> Case:
    function = getattr(wt.ops, name)
    options = {"axis": axis}
    return Case(
        name, label, operands, lambda *tensors: function(*tensors, **options), options, **more
    )


def _products() -> Iterator[Case]:
    for dtype, units in (("float32", 40), ("float16", 3)):
        a, b, c = (random(shape, dtype, 0.1, 1.1) for shape in ((7, 5), (33, 7), (33,)))
        yield composed(
            "gemm",
            (a, b, c),
            lambda a, b, c: wt.ops.gemm(
                a, b, c=c, alpha=0.5, beta=2, a_transpose=True, b_transpose=True
            ),
            lambda a, b, c: 0.5 * a.T @ b.T + 2 * c,
            Tolerance.units(units),
        )
        yield composed(
            "matmul",
            (random((2, 1, 5, 7), dtype, 0.1, 1.1), random((3, 7, 4), dtype, 0.1, 1.1)),
            wt.ops.matmul,
            np.matmul,
            Tolerance.units(14),
        )


def _normalizations() -> Iterator[Case]:
    for dtype in ("float32", "float16"):
        image = random((2, 3, 5, 7), dtype, -3, 3)
        channels = tuple(random((3, one), dtype, 0.5, 1.5)[:, -1] for one in (1, 2, 3, 4))
        near = Tolerance.units(14, absolute=2e-6 if dtype == "float32" else 2e-3)
        for axis in (1, 3):
            x = np.moveaxis(image, 1, axis)
            yield composed(
                f"batch_normalization, axis {axis}",
                (x, *channels),
                lambda x, m, v, s, b, axis=axis: wt.ops.batch_normalization(
                    x, m, v, scale=s, bias=b, axis=axis, epsilon=0.25
                ),
                _batch_normalized(axis),
                near,
            )
            yield composed(
                f"instance_normalization, axis {axis}",
                (x, *channels[:2]),
                lambda x, s, b, axis=axis: wt.ops.instance_normalization(
                    x, scale=s, bias=b, layout="nchw" if axis == 1 else "nhwc"
                ),
                _instance_normalized(axis),
                near,
            )
        yield composed(
            "layer_normalization",
            (image, random((7, 3), dtype, 0.5, 1.5), random((7, 3), dtype, -1, 1)),
            lambda x, s, b: wt.ops.layer_normalization(x, scale=s, bias=b, axes=[3, 1]),
            lambda x, s, b: _standardized(x, (1, 3), 1e-5) * s.T[:, None, :] + b.T[:, None, :],
            near,
        )
    yield composed(
        "layer_normalization",
        (image.astype(np.float32),),
        wt.ops.layer_normalization,
        lambda x: _standardized(x, (1, 2, 3), 1e-5),
        Tolerance.units(14, absolute=2e-6),
        "defaults",
    )
    yield composed(
        "layer_normalization",
        (np.array([1, NAN, INF, 3], np.float32), np.array(2, np.float32)),
        lambda x, b: wt.ops.layer_normalization(x, bias=b),
        lambda x, b: x - x + b,
        label="of no axes",
    )
    yield composed(
        "softmax",
        (random((3, 67, 5), "float32", -5, 5),),
        lambda x: wt.ops.softmax(x, 1),
        lambda x: np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True),
        Tolerance.units(3 * 67 + 3),
    )


def _along(parameter: Array, axis: int) -> Array:
    return parameter.reshape((-1, *(1,) * (3 - axis)))


def _batch_normalized(axis: int) -> Formula:
    return lambda x, m, v, s, b: (
        (x - _along(m, axis)) / np.sqrt(_along(v, axis) + 0.25) * _along(s, axis) + _along(b, axis)
    )


def _instance_normalized(axis: int) -> Formula:
    spatial = (2, 3) if axis == 1 else (1, 2)
    return lambda x, s, b: _standardized(x, spatial, 1e-5) * _along(s, axis) + _along(b, axis)


def _standardized(x: Array, axes: Sequence[int], epsilon: float) -> Array:
    centred = x - np.mean(x, axis=tuple(axes), keepdims=True)
    return centred / np.sqrt(np.mean(centred**2, axis=tuple(axes), keepdims=True) + epsilon)


def cases() -> Iterator[Case]:
    for family in (_elementwise, _reductions, _movements, _elements, _products, _normalizations):
        yield from family()
