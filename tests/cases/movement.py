"""Cases of what moves elements (concat, gather, pad) and of argmax and argmin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import webtensor as wt

from .case import INF, NAN, SPECIAL, Array, Case, random

_PACKED = ("int8", "uint8", "int16", "uint16", "bool")
_SIZED = ("float32", "int32", "uint32", *_PACKED)
Shape = tuple[int, ...]


def _concat(label: str, values: tuple[Array, ...], axis: int, **more: Any) -> Case:
    def apply(*tensors: wt.Tensor) -> wt.Tensor:
        return wt.concat(tensors, axis=axis)

    return Case("concat", label, values, apply, {"axis": axis}, **more)


def _numbered(shapes: tuple[Shape, ...], dtype: str) -> tuple[Array, ...]:
    """Random operands, different ones also where shapes are equal."""
    return tuple(random((at + 1, *one), dtype, -5, 5)[at] for at, one in enumerate(shapes))


def _concats() -> Iterator[Case]:
    plans: tuple[tuple[int, tuple[Shape, ...]], ...] = (
        (0, ((3,), (5,))),
        (0, ((1,), (1,), (1,))),
        (0, ((4, 16), (8, 16))),
        (0, ((257, 7), (3, 7), (64, 7))),
        (1, ((5, 7), (5, 1), (5, 4))),
        (1, ((67, 8), (67, 4), (67, 64))),
        (1, ((2, 3, 5), (2, 4, 5))),
        (1, ((2, 3, 8), (2, 5, 8))),
        (2, ((2, 3, 5), (2, 3, 2), (2, 3, 1))),
        (0, ((1, 3),) * 20),
        (1, ((3, 4),) * 9),
    )
    for dtype in _SIZED:
        for axis, shapes in plans if dtype in ("float32", "int8") else plans[4:7]:
            yield _concat("random", _numbered(shapes, dtype), axis)
    yield _concat("random", _numbered(((5, 7), (5, 3)), "float64"), 1)
    special = np.array(SPECIAL, dtype=np.float32)
    yield _concat("special", (special, special[::-1].copy()), 0)
    yield Case(
        "concat",
        "with a part of nothing",
        _numbered(((3, 4), (1, 4)), "float32"),
        lambda x, y: wt.concat([x[:0], x, y, y[1:]]),
        {"axis": 0},
    )
    yield _concat("empty", (np.zeros((3, 0), np.float32), np.zeros((5, 0), np.float32)), 0)
    for dtype in ("float32", "uint8"):
        parts = _numbered(((7, 12), (7, 8)), dtype)
        yield _concat("transposed", parts, 0, view=lambda x: x.T)
        yield _concat("sliced", parts, 1, view=lambda x: x[1:6:2, 4:])


def _gather(label: str, data: Array, indices: Array, axis: int, **more: Any) -> Case:
    def apply(x: wt.Tensor, at: wt.Tensor) -> wt.Tensor:
        return wt.take(x, at, axis=axis)

    return Case("gather", label, (data, indices), apply, {"axis": axis}, **more)


def _places(shape: Shape, length: int, dtype: str = "int32") -> Array:
    low = 0 if dtype.startswith("u") else -length
    return np.random.default_rng([*shape, length]).integers(low, length, shape).astype(dtype)


def _gathers() -> Iterator[Case]:
    plans: tuple[tuple[Shape, Shape, int], ...] = (
        ((67,), (5,), 0),
        ((1,), (3,), 0),
        ((5,), (), 0),
        ((257, 64), (31,), 0),
        ((101, 7), (3, 5), 0),
        ((5, 7, 11), (4,), 1),
        ((5, 7, 8), (2, 3), 1),
        ((5, 64), (67,), 1),
        ((3, 4, 16), (2, 2), 2),
        ((3, 4, 5), (), 1),
    )
    for dtype in _SIZED:
        for shape, at, axis in plans if dtype in ("float32", "uint8") else plans[4:7]:
            yield _gather("random", random(shape, dtype, -5, 5), _places(at, shape[axis]), axis)
    for dtype in ("uint32", "int32"):
        values = random((13, 4), "float32", -5, 5)
        yield _gather(f"at {dtype}", values, _places((9,), 13, dtype), 0)
    yield _gather("random", random((5, 7), "float64", -5, 5), _places((3,), 7), 1)
    special = np.array(SPECIAL, dtype=np.float32)
    yield _gather("special", special, _places((40,), len(SPECIAL)), 0)
    none = np.zeros((0,), np.int32)
    yield _gather("empty", random((5, 4), "float32", -5, 5), none, 0)
    turned = random((7, 12), "float32", -5, 5)
    yield _gather(
        "of a transpose",
        turned,
        _places((4, 3), 12),
        0,
        view=lambda x: x.T if x.shape == (7, 12) else x,
    )
    yield _gather(
        "at a slice", turned, _places((4, 6), 7), 0, view=lambda x: x[:, 1::2] if x.ndim else x
    )
    # Computed on the device, where nobody can check them before: clamped.
    far = np.array([-100, -14, -13, -1, 0, 12, 13, 2**31 - 1, -(2**31)], np.int32)
    yield Case(
        "gather",
        "outside the axis",
        (random((13, 4), "float32", -5, 5), far),
        lambda x, at: wt.take(x, wt.maximum(at, -(2**31)), axis=0),
        {"axis": 0},
    )


def _pad(
    label: str,
    values: Array,
    before: Shape,
    after: Shape,
    mode: str = "constant",
    value: float = 0,
    **more: Any,
) -> Case:
    pairs = [one for pair in zip(before, after, strict=True) for one in pair[::-1]][::-1]
    name = {"reflection": "reflect", "edge": "replicate"}.get(mode, mode)
    options = {"before": before, "after": after, "mode": mode, "value": value}
    return Case(
        "pad", label, (values,), lambda x: wt.nn.pad(x, pairs, name, value), options, **more
    )


def _pads() -> Iterator[Case]:
    plans: tuple[tuple[Shape, Shape, Shape], ...] = (
        ((67,), (3,), (0,)),
        ((8,), (4,), (4,)),
        ((5, 64), (2, 0), (1, 0)),
        ((5, 7), (0, 3), (0, 2)),
        ((4, 16), (1, 8), (2, 4)),
        ((2, 3, 5, 7), (0, 0, 2, 3), (0, 0, 1, 4)),
        ((3, 6, 8), (0, 2, 0), (0, 5, 0)),
        ((2, 1, 3), (1, 0, 2), (0, 0, 1)),
    )
    for mode in ("constant", "reflection", "edge"):
        for dtype in _SIZED:
            for shape, before, after in plans if dtype in ("float32", "int8") else plans[3:5]:
                values = random(shape, dtype, -5, 5)
                value = 1 if mode == "constant" else 0
                yield _pad(mode, values, before, after, mode, value)
        turned = random((7, 12), "float32", -5, 5)
        yield _pad(mode, turned, (2, 1), (0, 3), mode, view=lambda x: x.T)
    for value in (0.0, -0.0, NAN, INF, -INF, 0.1):
        yield _pad(f"with {value}", random((3, 4), "float32", -5, 5), (1, 0), (0, 4), value=value)
    yield _pad("constant", random((5, 7), "float64", -5, 5), (1, 1), (2, 2), value=0.1)


def _extreme(name: str, label: str, values: Array, axis: int, keep: bool, **more: Any) -> Case:
    function: Callable[..., wt.Tensor] = getattr(wt, name)
    options = {"axis": axis, "keepdims": keep}
    return Case(name, label, (values,), lambda x: function(x, **options), options, **more)


def _extremes() -> Iterator[Case]:
    plans: tuple[tuple[Shape, int, bool], ...] = (
        ((257, 132), 1, False),
        ((1,), 0, False),
        ((67,), 0, True),
        ((5, 7, 11), 0, False),
        ((5, 7, 11), 1, True),
        ((5, 7, 12), 2, False),
        ((3, 64), 1, False),
        ((132, 257), 0, False),
        ((2, 9001), 1, False),
        ((9004, 3), 0, False),
        ((70004,), 0, True),
        ((2, 140003), 1, False),
    )
    special = np.array(
        [[1, NAN, 2, NAN], [INF, 1, -2, INF], [-INF, 3, 1, -INF], [NAN, -INF, INF, 0]], np.float32
    )
    for name in ("argmax", "argmin"):
        for shape, axis, keep in plans:
            yield _extreme(name, "random", random(shape, "float32", -5, 5), axis, keep)
        for dtype in ("float64", "int32", "uint32", "int8", "uint8", "int16", "uint16"):
            # Of few values: nearly every best one has equals.
            for shape in ((5, 67), (3, 128)):
                yield _extreme(name, "ties", random(shape, dtype, 0, 3) // 25, 1, False)
        ties = np.floor(random((3, 9004), "float32", 0, 4))
        yield _extreme(name, "ties", ties, 1, False)
        yield _extreme(name, "special", special, 1, False)
        yield _extreme(name, "special", np.tile(special, (1, 40)), 1, True)
        turned = random((7, 130), "float32", -5, 5)
        yield _extreme(name, "transposed", turned, 0, False, view=lambda x: x.T)
        yield _extreme(name, "sliced", turned, 1, False, view=lambda x: x[1::2, 1:129])


def cases() -> Iterator[Case]:
    for family in (_concats, _gathers, _pads, _extremes):
        yield from family()
