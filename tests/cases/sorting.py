"""Cases of sorting and of searching in what is sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.graph.node import operation

from .case import SPECIAL, Array, Case, random

# By ranks; by radix in one block and in several; rows beside one another.
_PLANS: tuple[tuple[tuple[int, ...], int], ...] = (
    ((1,), 0),
    ((67,), 0),
    ((5, 7, 11), 1),
    ((257, 64), 1),
    ((1031, 3), 0),
    ((2, 3, 1100), -1),
    ((0, 3), 1),
    ((3, 0), 1),
)
_FEW: tuple[tuple[tuple[int, ...], int], ...] = (((4, 67), 1), ((1201,), 0))
# float16 has the cases of float32 again.
_DTYPES = ("float32", "float64", "int32", "uint32", "int8", "uint8", "bool")
_LONG = (150001,)


def cases() -> Iterator[Case]:
    for name in ("sort", "argsort"):
        for dtype in _DTYPES:
            for number, (shape, axis) in enumerate(_PLANS if dtype == "float32" else _FEW):
                label = "empty" if 0 in shape else "ties"
                yield _sorting(name, label, _ties(shape, dtype), axis, number % 2 == 1)
        yield _sorting(name, "random", random(_LONG, "float32", -5, 5), 0, False)
        yield _sorting(name, "wide range", _words(2003).view(np.int32), 0, True)
        yield _sorting(name, "wide range", _words(2003), 0, False)
        for length, descending in ((67, False), (67, True), (1201, True)):
            special = np.resize(np.array(SPECIAL, np.float32), length)
            yield _sorting(name, "special", special, 0, descending)
        yield _sorting(name, "NaN first", special, 0, True, nan_first=True)
        turned = random((7, 1100), "float32", -5, 5)
        yield _sorting(name, "transposed", turned, 0, False, view=lambda x: x.T)
        yield _sorting(name, "backward", turned, 1, True, view=lambda x: x[1::2, ::-1])
    yield from _searches()


def _ties(shape: tuple[int, ...], dtype: str) -> Array:
    """Of few values: nearly every element has equals."""
    values = random(shape, dtype, -5, 5)
    return values if dtype == "bool" else (values // 2).astype(dtype)


def _words(count: int) -> Array:
    return np.random.default_rng(count).integers(0, 2**32, count, dtype=np.uint32)


def _sorting(
    name: str,
    label: str,
    values: Array,
    axis: int,
    descending: bool,
    *,
    nan_first: bool = False,
    **more: Any,
) -> Case:
    function: Callable[..., wt.Tensor] = getattr(wt, name)
    options = {"axis": axis % values.ndim, "descending": descending, "nan_first": nan_first}

    def apply(x: wt.Tensor) -> wt.Tensor:
        if nan_first:
            return wt.Tensor(operation(name, [x._node], **options))
        return function(x, axis=axis, descending=descending)

    return Case(name, label, (values,), apply, options, **more)


def _searches() -> Iterator[Case]:
    for right in (False, True):
        for dtype in _DTYPES:
            among = np.sort(_ties((131,), dtype))
            yield _search("random", among, _ties((4, 5), dtype), right)
        special = np.array(SPECIAL, np.float32)
        yield _search("special", np.sort(special), special, right)
        yield _search("special", special[:1], special, right)
        yield _search("random", np.sort(random((70001,), "float32", -5, 5)), special, right)


def _search(label: str, among: Array, wanted: Array, right: bool) -> Case:
    def apply(x1: wt.Tensor, x2: wt.Tensor) -> wt.Tensor:
        return wt.searchsorted(x1, x2, side="right" if right else "left")

    return Case("searchsorted", label, (among, wanted), apply, {"right": right})
