"""Cases of `webtensor.ops`: what joins, chooses and places elements, products, normalisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.operators import Tolerance
from webtensor.operators.elements import within

from .case import INF, NAN, SPECIAL, Array, Case, random
from .ops import BEYOND_LITERT, EXACT, Formula, composed


def _padded(mode: str) -> Formula:
    return lambda x: np.pad(x, ((1, 0), (0, 2), (2, 1)), mode=mode)  # type: ignore[call-overload]


def _rows() -> wt.Tensor:
    return wt.asarray([[2, -1], [0, 9]])  # 9 is clamped to 3


def _replaced(x: Array, places: tuple[list[int], list[int]], values: Array) -> Array:
    result = x.copy()
    result[places] = values
    return result


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
    ("gather_nd", lambda ops, x: ops.gather_nd(x, _rows()), lambda x: x[[2, 0], [-1, 3]]),
    ("reshape", lambda ops, x: ops.reshape(x, [12, 6]), lambda x: x),
    ("reverse", lambda ops, x: ops.reverse(x), np.flip),
    ("reverse", lambda ops, x: ops.reverse(x, axes=[1]), lambda x: np.flip(x, 1)),
    (
        "scatter_nd",
        lambda ops, x: ops.scatter_nd(x, _rows(), ops.gather_nd(ops.reverse(x), _rows())),
        lambda x: _replaced(x, ([2, 0], [-1, 3]), np.flip(x)[[2, 0], [-1, 3]]),
    ),
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
            BEYOND_LITERT,
            (values,),
            lambda x, kept=kept: wt.concat(
                [wt.reshape(one(wt.ops, x), (-1,)) for _, one, _ in kept]
            ),
            formula=lambda x, kept=kept: np.concatenate([one(x).ravel() for _, _, one in kept]),
            tolerance=EXACT,
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
        for shape, count, axis in _PLACES if dtype == "float32" else _PLACES[3:4]:
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
        BEYOND_LITERT,
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
    yield composed(
        "gemm",
        tuple(random(shape, "float32", 0.1, 1.1) for shape in ((7, 5), (33, 7), (33,))),
        lambda a, b, c: wt.ops.gemm(
            a, b, c=c, alpha=0.5, beta=2, a_transpose=True, b_transpose=True
        ),
        lambda a, b, c: 0.5 * a.T @ b.T + 2 * c,
        Tolerance.units(17),
    )
    yield composed(
        "matmul",
        (random((2, 1, 5, 7), "float32", 0.1, 1.1), random((3, 7, 4), "float32", 0.1, 1.1)),
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
    for family in (_movements, _elements, _products, _normalizations):
        yield from family()
