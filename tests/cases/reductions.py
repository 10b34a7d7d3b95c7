"""Cases of the reductions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

import webtensor as wt
from webtensor.operators import TABLE, Tolerance

from .case import INF, NAN, Array, Case, random


def cases() -> Iterator[Case]:
    plans: tuple[tuple[tuple[int, ...], tuple[int, ...], bool], ...] = (
        ((67,), (0,), False),
        ((5, 7, 11), (0, 2), True),
        ((5, 7, 11), (1,), False),
        ((257, 64), (1,), False),
        ((2, 9001), (1,), False),
        ((70001,), (0,), True),
        ((0, 3), (0,), False),
    )
    for name, operator in TABLE.items():
        if operator.family != "reduction":
            continue
        for shape, axes, keepdims in plans:
            if 0 in shape and operator.identity is None:
                continue
            yield from _reduction_cases(name, shape, axes, keepdims)
        special = np.array([[1.0, NAN, 2.0], [INF, 1.0, -2.0], [-INF, 3.0, 1.0]], dtype=np.float32)
        yield _reduction(name, "special", special, (1,), False)
        turned = random((7, 13), "float32", 0.9, 1.1)
        options = {"axes": (0,), "keepdims": False}
        yield Case(
            name, "transposed", (turned,), reducer(name, (0,), False), options, lambda x: x.T
        )
    yield from _narrow()


def _narrow() -> Iterator[Case]:
    """Integers of 16 bits, which are summed in 32, also where the result is made narrow again."""
    for dtype, wide in (("int16", np.int32), ("uint16", np.uint32)):
        for shape in ((5, 67), (3, 64)):
            values = random(shape, dtype, 0, 0) * np.array(601, dtype)
            yield Case(
                "sum",
                "in 32 bits",
                (values,),
                lambda x: wt.sum(x, axis=1),
                formula=lambda x, wide=wide: np.sum(x, axis=1, dtype=wide),
                tolerance=Tolerance.units(0),
            )
            yield Case(
                "max",
                "wrapped again",
                (values,),
                lambda x: wt.max(x + x, axis=0),
                formula=lambda x: np.max(x + x, axis=0),
                tolerance=Tolerance.units(0),
            )


def _reduction_cases(
    name: str, shape: tuple[int, ...], axes: tuple[int, ...], keepdims: bool
) -> Iterator[Case]:
    for dtype in ("float32", "float64", "int32", "uint32") if shape == (67,) else ("float32",):
        # All of one sign, near 1: neither cancellation nor overflow, whatever the length.
        low, high = (0.9999, 1.0001) if name == "prod" else (0.5, 1.5)
        values = random(shape, dtype, low, high)
        if dtype in ("int32", "uint32") and name == "prod":
            values = values % 2 + 1
        yield _reduction(name, "random", values, axes, keepdims)


def _reduction(name: str, label: str, values: Array, axes: tuple[int, ...], keepdims: bool) -> Case:
    options = {"axes": axes, "keepdims": keepdims}
    return Case(name, label, (values,), reducer(name, axes, keepdims), options)


def reducer(name: str, axes: tuple[int, ...], keepdims: bool) -> Callable[..., wt.Tensor]:
    return lambda x: getattr(wt, name)(x, axis=axes, keepdims=keepdims)
