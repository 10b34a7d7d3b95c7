"""Cases of the matrix product."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import webtensor as wt
from webtensor.operators import Tolerance

from .case import INF, NAN, Case, random


def _products() -> Iterator[Case]:
    sizes = (
        ((1, 1), (1, 1)),
        ((7, 13), (13, 5)),
        ((64, 64), (64, 64)),
        ((130, 67), (67, 33)),
        ((1, 257), (257, 129)),
        ((257, 1), (1, 3)),
        ((100, 8), (8, 100)),
        ((129, 260), (260, 132)),
        ((3, 5, 8), (3, 8, 4)),
        ((3, 1, 5, 7), (2, 7, 9)),
        ((4, 6, 8), (8, 12)),
        ((0, 3), (3, 4)),
        ((3, 0), (0, 4)),
    )
    for left, right in sizes:
        for dtype in ("float32", "float64", "int32") if left == (7, 13) else ("float32",):
            # Positive operands: an error in ULP means nothing where sums cancel.
            operands = (random(left, dtype, 0.1, 1.1), random(right, dtype, 0.1, 1.2))
            yield Case("matmul", "random", operands, wt.matmul)
    for dtype in ("int16", "uint16"):
        wide = [random(one, dtype, 0, 0) * np.array(601, dtype) for one in ((7, 13), (13, 6))]
        yield Case(
            "matmul",
            "wrapped",
            tuple(wide),
            wt.matmul,
            formula=np.matmul,
            tolerance=Tolerance.units(0),
        )
    turned = (random((13, 13), "float32", 0.1, 1.1), random((13, 13), "float32", 0.1, 1.2))
    yield Case("matmul", "transposed", turned, wt.matmul, view=lambda x: x.T)
    special = np.array([[1.0, NAN, 2.0], [INF, 1.0, 2.0], [1.0, 2.0, 3.0]], dtype=np.float32)
    yield Case("matmul", "special", (special, np.ones((3, 2), np.float32)), wt.matmul)
    edge = np.full((5, 5), 2.0, np.float32)
    edge[4, 4] = INF  # a kernel that multiplies padding with it makes NaN
    yield Case("matmul", "infinite corner", (np.ones((3, 5), np.float32), edge), wt.matmul)


def _long() -> Iterator[Case]:
    """Sums beyond the rounds that some adapters allow a loop."""
    left, right = (
        random((2, 300001), "float32", 0.1, 1.1),
        random((300001, 3), "float32", 0.1, 1.2),
    )
    yield Case("matmul", "of long rows", (left, right), wt.matmul)


def cases() -> Iterator[Case]:
    for family in (_products, _long):
        yield from family()
