"""Cases of what puts elements in place of others (assign, scatter_nd), and of gather_nd."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.scattering import gather_nd, scatter_nd

from .case import SPECIAL, Array, Case, random

_SIZED = ("float32", "int32", "uint32", "int8", "uint8", "bool")
Shape = tuple[int, ...]


def _assign(label: str, values: tuple[Array, Array], key: tuple[slice, ...], **more: Any) -> Case:
    def apply(x: wt.Tensor, value: wt.Tensor, starts: wt.Tensor) -> wt.Tensor:
        result = copy.copy(x)
        result[key] = value
        return result

    shape = more.get("view", lambda x: x)(values[0]).shape
    spans = [one.indices(size) for one, size in zip(key, shape, strict=True)]
    starts = np.array([start for start, _, _ in spans], np.int32)
    options = {
        "sizes": tuple(len(range(*span)) for span in spans),
        "steps": tuple(step for _, _, step in spans),
        "grain": 1,  # for kernels only
    }
    return Case("assign", label, (*values, starts), apply, options, **more)


def _assigns() -> Iterator[Case]:
    every = slice(None)
    plans: tuple[tuple[Shape, tuple[slice, ...]], ...] = (
        ((67,), (slice(5, None),)),
        ((68,), (slice(3, None, 7),)),
        ((4, 16), (slice(1, 3), every)),
        ((257, 64), (every, slice(4, 12))),
        ((257, 64), (slice(3, None, 5), every)),
        ((257, 64), (slice(100, 101), slice(None, None, 2))),
        ((5, 7, 11), (slice(1, 4, 2), slice(None, None, 3), slice(2, None))),
        ((3, 6, 8), (every, slice(5, 6), every)),
    )
    for dtype in _SIZED:
        for shape, key in plans if dtype in ("float32", "uint8") else plans[3:6]:
            x = random(shape, dtype, -5, 5)
            yield _assign("random", (x, random(x[key].shape, dtype, -9, 9)), key)
            yield _assign("one number", (x, random((), dtype, -9, 9)), key)
    x = random((5, 7), "float64", -5, 5)
    yield _assign("random", (x, random((5, 3), "float64", -9, 9)), (every, slice(2, 5)))
    special = np.array(SPECIAL, dtype=np.float32)
    yield _assign("special", (np.tile(special, 2), special), (slice(0, None, 2),))
    turned = random((12, 7), "float32", -5, 5)
    rows = (slice(2, 5), slice(None))
    yield _assign(
        "transposed",
        (turned, random((12, 3), "float32", -9, 9)),
        rows,
        view=lambda x: x.T if len(x.shape) == 2 else x,
    )


def _rows(count: Shape, shape: Shape, depth: int, dtype: str = "int32") -> Array:
    """Different places on the first axes of `shape`, in no order, as rows of indices."""
    generator = np.random.default_rng([*shape, *count])
    lengths = shape[:depth]
    chosen = generator.permutation(int(np.prod(lengths)))[: int(np.prod(count))]
    rows = np.stack(np.unravel_index(chosen, lengths), axis=-1).reshape(*count, depth)
    if not dtype.startswith("u"):
        # Every other row from the end.
        rows.reshape(-1, depth)[::2] -= lengths
    return rows.astype(dtype)


_PLANS: tuple[tuple[Shape, Shape, int], ...] = (
    ((67,), (5,), 1),
    ((257, 64), (31,), 1),
    ((101, 7), (3, 5), 2),
    ((5, 7, 11), (2, 2), 1),
    ((5, 7, 8), (2, 3), 2),
    ((3, 4, 5), (7,), 3),
    ((9, 4), (), 1),
)


def _updates(shape: Shape, rows: Array, dtype: str) -> Array:
    return random((*rows.shape[:-1], *shape[rows.shape[-1] :]), dtype, -9, 9)


def _by_rows() -> Iterator[Case]:
    for dtype in _SIZED:
        for shape, count, depth in _PLANS if dtype in ("float32", "int8") else _PLANS[2:5]:
            x, rows = random(shape, dtype, -5, 5), _rows(count, shape, depth)
            yield Case("gather_nd", "random", (x, rows), gather_nd)
            yield Case("scatter_nd", "random", (x, rows, _updates(shape, rows, dtype)), scatter_nd)
    x, rows = random((13, 4), "float32", -5, 5), _rows((9,), (13, 4), 2, "uint32")
    yield Case("gather_nd", "at uint32", (x, rows), gather_nd)
    yield Case("scatter_nd", "at uint32", (x, rows, _updates((13, 4), rows, "float32")), scatter_nd)
    x, rows = random((13, 4), "float64", -5, 5), _rows((9,), (13, 4), 1)
    yield Case("gather_nd", "random", (x, rows), gather_nd)
    yield Case("scatter_nd", "random", (x, rows, _updates((13, 4), rows, "float64")), scatter_nd)
    special = np.array(SPECIAL, dtype=np.float32)
    rows = _rows((7,), special.shape, 1)
    yield Case("gather_nd", "special", (special, rows), gather_nd)
    yield Case("scatter_nd", "special", (special[::-1].copy(), rows, special[:7]), scatter_nd)
    far = np.array([[-100, 1], [-14, -1], [12, 3], [2**31 - 1, -(2**31)]], np.int32)
    x = random((13, 4), "float32", -5, 5)
    yield Case("gather_nd", "outside the axis", (x, far), gather_nd)
    yield Case("scatter_nd", "outside the axis", (x, far[1:], random((3,), "float32", -9, 9)),
               scatter_nd)  # fmt: skip
    none = np.zeros((0, 1), np.int32)
    yield Case("gather_nd", "empty", (x, none), gather_nd)
    # Many for each place, past many workgroups: the last one stays, whoever comes first.
    for shape in ((13, 4), (67,), (3, 5, 8)):
        rows = np.random.default_rng(shape).integers(0, shape[0], (3000, 1)).astype(np.int32)
        updates = _updates(shape, rows, "int32") + np.arange(3000, dtype=np.int32).reshape(
            3000, *(1,) * (len(shape) - 1)
        )
        x = random(shape, "int32", -5, 5)
        yield Case("scatter_nd", "many for one place", (x, rows, updates), scatter_nd)
    turned = random((8, 13), "float32", -5, 5)
    yield Case(
        "scatter_nd",
        "of a transpose",
        (turned, _rows((9,), (13, 8), 1), random((8, 9), "float32", -9, 9)),
        scatter_nd,
        view=lambda x: x.T if x.shape[0] == 8 else x,
    )


def cases() -> Iterator[Case]:
    yield from _assigns()
    yield from _by_rows()
