"""Every operator's cases on the CPU device."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.cases import CASES, Case, difference


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    assert asyncio.run(case.check("cpu")) is None


def test_the_comparison_can_fail() -> None:
    one = np.float32([1.0, np.nan, np.inf])
    assert difference(one, one.astype(np.float64), 0, 0) is None
    for wrong in ([1.0000002, np.nan, np.inf], [1.0, 0.0, np.inf], [1.0, np.nan, -np.inf]):
        assert difference(np.float32(wrong), one.astype(np.float64), 1, 1e-9) is not None
    assert difference(np.float32([1.0]), np.float64([[1.0]]), 1, 0) is not None
    assert difference(np.int32([1]), np.int32([2]), 5, 5) is not None
