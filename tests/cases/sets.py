"""What sets of elements must be on every device, beside NumPy.

The functions return several tensors and wait for their sizes, so they are no cases of the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import webtensor as wt

from .case import NAN, SPECIAL, Array, random

_SHAPES: tuple[tuple[int, ...], ...] = ((), (1,), (67,), (5, 7, 11), (1301,), (0,), (2, 0))
_DTYPES = ("float32", "float16", "int32", "uint8", "bool")


async def wrong_sets(device: str) -> list[str]:
    """A line for everything that is wrong on `device`."""
    return [
        f"{label} of {values.dtype}{values.shape}: {problem}"
        for values in _operands()
        for label, problem in [*await _uniques(values, device), *await _members(values, device)]
        if problem
    ]


def _operands() -> Iterator[Array]:
    for shape in _SHAPES:
        yield random(shape, "int32", -50, 50)
    for dtype in _DTYPES:
        yield (random((4, 67), dtype, -5, 5).astype("float32") // 2).astype(dtype)
    yield np.resize(np.array(SPECIAL, np.float32), 23)
    yield np.array([NAN, NAN, NAN], np.float32)


async def _uniques(values: Array, device: str) -> list[tuple[str, str]]:
    x = wt.asarray(values, device=device)
    expected = np.unique(
        values, return_index=True, return_inverse=True, return_counts=True, equal_nan=False
    )
    everything, counted, inverse = wt.unique_all(x), wt.unique_counts(x), wt.unique_inverse(x)
    wanted = dict(zip(("values", "indices", "inverse_indices", "counts"), expected, strict=True))
    found = [
        *(("unique_all", name, getattr(everything, name)) for name in everything._fields),
        *(("unique_counts", name, getattr(counted, name)) for name in counted._fields),
        *(("unique_inverse", name, getattr(inverse, name)) for name in inverse._fields),
        ("unique_values", "values", wt.unique_values(x)),
    ]
    return [
        (f"{function} {name}", _difference(await one.numpy(), wanted[name], name == "values"))
        for function, name, one in found
    ]


async def _members(values: Array, device: str) -> list[tuple[str, str]]:
    x = wt.asarray(values, device=device)
    problems = []
    for among in (values.ravel()[1::3], values.ravel()[:0]):
        for invert in (False, True):
            found = wt.isin(x, wt.asarray(among, device=device), invert=invert)
            expected = np.isin(values, among, invert=invert)
            problems.append(("isin", _difference(await found.numpy(), expected, False)))
    if values.dtype.kind != "b":
        found = wt.isin(x, 3)
        problems.append(("isin 3", _difference(await found.numpy(), values == 3, False)))
        found = wt.isin(3, x)
        problems.append(("3 isin", _difference(await found.numpy(), np.any(values == 3), False)))
    return problems


def _difference(found: Array, expected: Any, floating: bool) -> str:
    wanted = np.asarray(expected)
    if found.shape != wanted.shape:
        return f"shape {found.shape}, not {wanted.shape}"
    if wanted.dtype.kind == "i" and not floating and found.dtype != np.int32:
        return f"dtype {found.dtype}"
    same = (found == wanted) | ((found != found) & (wanted != wanted))
    return "" if np.all(same) else f"{found.tolist()!r:.80}, not {wanted.tolist()!r:.80}"
