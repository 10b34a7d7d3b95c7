"""Cases of running totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.graph.node import operation
from webtensor.operators.declaration import Tolerance

from .case import INF, NAN, Array, Case, random

# Past one span, past the spans of spans, one row for each invocation, rows beside one another.
_PLANS: tuple[tuple[tuple[int, ...], int], ...] = (
    ((1,), 0),
    ((67,), 0),
    ((5, 7, 11), 1),
    ((4, 16), 1),
    ((3, 1201), 1),
    ((1300, 2), 0),
    ((1100, 130), 1),
    ((300007,), 0),
    ((0, 3), 0),
)


def cases() -> Iterator[Case]:
    for name in ("cumulative_sum", "cumulative_prod"):
        for shape, axis in _PLANS:
            yield _public(name, "empty" if 0 in shape else "random", _terms(name, shape), axis)
        for dtype in ("float64", "int32", "uint32"):
            for shape in ((67,), (2, 2003)):
                values = random(shape, dtype, 0.99, 1.01)
                # Products of odd numbers, which wrap around and do not vanish.
                yield _public(name, "random", values * 2 + 1 if dtype[-2:] == "32" else values, -1)
        for exclusive, reversed_ in ((True, False), (False, True), (True, True)):
            label = f"{'exclusive ' * exclusive}{'reversed' * reversed_}".strip()
            for shape, axis in (((5, 7, 3), 1), ((2, 1201), 1)):
                yield _raw(name, label, _terms(name, shape), axis, exclusive, reversed_)
        for special in _specials(name):
            yield _public(name, "special", np.array(special, np.float32), 0)
            # Where the infinities stand in other spans.
            longer = np.ones((len(special), 300), np.float32)
            longer[:, 7] = special
            yield _public(name, "special", longer.ravel(), 0)
        turned = _terms(name, (7, 130))
        yield _public(name, "transposed", turned, 0, view=lambda x: x.T)
        yield _public(name, "backward", turned, 1, view=lambda x: x[:, ::-1])
        yield from _composed(name)


def _terms(name: str, shape: tuple[int, ...]) -> Array:
    """Of one sign, for sums; near 1 for products, so that long ones stay in range."""
    if name == "cumulative_sum":
        return random(shape, "float32", 0.5, 1.5)
    return random(shape, "float32", 0.9999, 1.0001)


def _specials(name: str) -> Iterator[list[float]]:
    yield [1.0, NAN, 2.0, INF, 3.0]
    yield [1.0, INF, 2.0, -INF, 3.0]
    yield [-INF, 1.0, -INF, 5.0, 6.0]
    yield [2.0, 0.0, -3.0, INF, 1.0] if name == "cumulative_prod" else [-0.0, -0.0, 0.0, 1.0, 2.0]


def _public(name: str, label: str, values: Array, axis: int, **more: Any) -> Case:
    function: Callable[..., wt.Tensor] = getattr(wt, name)
    options = {"axis": axis % values.ndim, "exclusive": False, "reversed": False}
    return Case(name, label, (values,), lambda x: function(x, axis=axis), options, **more)


def _raw(name: str, label: str, values: Array, axis: int, exclusive: bool, reversed_: bool) -> Case:
    options = {"axis": axis, "exclusive": exclusive, "reversed": reversed_}
    return Case(
        name,
        label,
        (values,),
        lambda x: wt.Tensor(operation(name, [x._node], **options)),
        options,
    )


def _composed(name: str) -> Iterator[Case]:
    function: Callable[..., wt.Tensor] = getattr(wt, name)
    accumulate = np.cumsum if name == "cumulative_sum" else np.cumprod
    first = int(name == "cumulative_prod")

    def of(dtype: str) -> Callable[[Array], Array]:
        def formula(x: Array) -> Array:
            totals = accumulate(x.astype(dtype), axis=1, dtype=dtype)
            return np.concatenate([np.full_like(totals[:, :1], first), totals], axis=1)

        return formula

    for dtype, wide in (("int8", "int32"), ("uint8", "uint32"), ("int32", "int8")):
        options = {"axis": 1, "include_initial": True} | (
            {"dtype": "int8"} if wide == "int8" else {}
        )
        yield Case(
            name,
            "with the initial value",
            (random((3, 70), dtype, 0, 3),),
            lambda x, options=options: function(x, **options),
            formula=of(wide),
            tolerance=Tolerance.units(0),
        )
