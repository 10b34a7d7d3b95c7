"""Sets of elements on the CPU."""

from __future__ import annotations

import asyncio

import numpy as np

import webtensor as wt
from tests.cases.sets import wrong_sets


def test_sets() -> None:
    assert asyncio.run(wrong_sets("cpu")) == []


def test_complex_numbers() -> None:
    """They exist on the CPU alone, and NaN in either part makes one differ from all."""
    nan = float("nan")
    x = wt.asarray([1j, 1 + 1j, 1j, complex(nan, 1), complex(nan, 1), 0j], device="cpu")
    found = wt.unique_all(x)
    assert found.values.tolist()[:3] == [0j, 1j, 1 + 1j]
    assert found.counts.tolist() == [1, 2, 1, 1, 1]
    assert np.array_equal(
        np.asarray(found.values)[np.asarray(found.inverse_indices)], np.asarray(x), equal_nan=True
    )
