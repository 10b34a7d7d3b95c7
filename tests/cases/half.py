"""Cases in float16: those of float32 again, and what is particular to the smaller type."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.operators import TABLE

from .case import INF, NAN, Array, Case, random

# Longer operands tell nothing more about rounding, which is the same for every element; sums are
# split into spans above some thousands.
_MOST_ELEMENTS = {"elementwise": 1_000}
_MOST_OF_OTHERS = 40_000
# 65504 is the largest, 2⁻²⁴ the smallest, 6.1e-5 the smallest normal number; 65519 rounds down to
# the largest, 65520 to infinity.
_EDGES = (0.0, -0.0, 1.0, -1.5, 65504.0, -65504.0, 6.104e-5, 5.96e-8, -5.96e-8, INF, -INF, NAN)
_CAST_EDGES = (
    65519.0,
    65520.0,
    1e9,
    -1e30,
    2.9e-8,
    3e-8,
    -8.94e-8,
    2049.0,
    2051.0,
    1e-40,
    INF,
    NAN,
)


def cases(of_families: Sequence[Case]) -> Iterator[Case]:
    for case in of_families:
        if _has_a_twin(case):
            yield dataclasses.replace(case, operands=tuple(map(_as_half, case.operands)))
    yield from _casts()
    yield from _edges()
    yield from _products()


def _has_a_twin(case: Case) -> bool:
    dtypes = {one.dtype for one in case.operands}
    # Tolerances of a case's own are float32's.
    if np.dtype(np.float32) not in dtypes or case.tolerance or case.formula:
        return False
    if case.operator == "nextafter":  # it does not take float16
        return False
    family = TABLE[case.operator].family
    size = sum(one.size for one in case.operands)
    # These take float32 alone.
    return family not in ("quantized", "attention", "fourier") and 1 != size <= _MOST_ELEMENTS.get(
        family, _MOST_OF_OTHERS
    )


def _as_half(values: Array) -> Array:
    with np.errstate(over="ignore"):
        return values.astype(np.float16) if values.dtype == np.float32 else values


def _casts() -> Iterator[Case]:
    edges = np.resize(np.array(_CAST_EDGES, dtype=np.float32), 67)
    for source, values in (
        ("float32", edges),
        ("float32", edges[:64]),
        ("int32", random((67,), "int32", 0, 0) * 997),
        ("uint8", random((68,), "uint8", 0, 0)),
        ("bool", random((67,), "bool", 0, 1)),
    ):
        yield Case(
            "cast",
            f"{source} to float16",
            (values,),
            lambda x: wt.astype(x, "float16"),
            {"dtype": "float16"},
        )


def _edges() -> Iterator[Case]:
    edges = np.array(_EDGES, dtype=np.float16)
    for size in (12, 11):
        for name in ("negative", "abs", "sqrt", "floor", "isnan", "isinf"):
            yield Case(name, "edges", (edges[:size],), getattr(wt, name))
    pairs = (np.repeat(edges, edges.size), np.tile(edges, edges.size))
    for name in ("add", "subtract", "multiply", "divide", "maximum", "less", "equal"):
        yield Case(name, "edges", pairs, getattr(wt, name))


def _products() -> Iterator[Case]:
    """Rows of odd lengths, of pairs and of vectors, beside scalars of the program."""
    for m, k, n in ((5, 31, 34), (130, 66, 33), (64, 128, 192), (1, 513, 7), (3, 2, 2)):
        operands = (
            random((m, k), "float16", 0.1, 1.1),
            random((k, n), "float16", 0.1, 1.2),
        )
        yield Case("matmul", "random", operands, wt.matmul)
        turned = random((n, k), "float16", 0.1, 1.2)
        yield Case("matmul", "by a transpose", (operands[0], turned), wt.matmul, view=_turned(n, k))


def _turned(rows: int, columns: int) -> Callable[[Any], Any]:
    """The operand of that shape transposed, others as they are."""
    return lambda x: x.T if x.shape == (rows, columns) else x
