"""Sorting, sets and running totals on wgpu-py's device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from tests.cases.sets import wrong_sets
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.variants import HARDWARE
from webtensor.errors import CaptureError, DtypeError, ShapeError
from webtensor.sorting_functions import topk


def values_of(x: wt.Tensor) -> Any:
    return asyncio.run(x.numpy())


def on_gpu(values: Any) -> wt.Tensor:
    return wt.asarray(values, device="webgpu")


def test_sets(webgpu: WebGPUBackend) -> None:
    assert asyncio.run(wrong_sets("webgpu")) == []


@pytest.mark.parametrize("length", [50, 3001])
def test_signed_zeros_keep_their_order(length: int, webgpu: WebGPUBackend) -> None:
    """They are equal, so that they stay as they come, with their signs."""
    values = np.random.default_rng(length).choice(np.float32([0, -0.0, 1, -1]), length)
    for descending in (False, True):
        found = values_of(wt.sort(on_gpu(values), descending=descending))
        key = -values if descending else values
        expected = values[np.argsort(key, kind="stable")]
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("shape", "dtype", "axis"),
    [((70001,), "float32", 0), ((3, 700, 2), "int8", 1), ((9, 600), "uint32", 1)],
)
def test_hardware_sorts_with_other_digits_and_blocks(
    shape: tuple[int, ...], dtype: str, axis: int, webgpu: WebGPUBackend
) -> None:
    usual, webgpu.adapter = webgpu.adapter, HARDWARE
    webgpu.executables.clear()
    try:
        values = np.random.default_rng(7).integers(0, 100, shape).astype(dtype)
        x = on_gpu(values)
        order = np.argsort(values, axis=axis, kind="stable")
        assert np.array_equal(values_of(wt.sort(x, axis=axis)), np.sort(values, axis=axis))
        assert np.array_equal(values_of(wt.argsort(x, axis=axis)), order)
    finally:
        webgpu.adapter = usual
        webgpu.executables.clear()


@pytest.mark.parametrize("function", [wt.sort, wt.argsort, wt.cumulative_sum])
@pytest.mark.parametrize("length", [40, 1500])
def test_what_is_computed_around_it(
    function: Callable[[wt.Tensor], wt.Tensor], length: int, webgpu: WebGPUBackend
) -> None:
    """Few operands are taken into the last kernel; so many that no binding is left are not."""
    values = np.random.default_rng(3).integers(0, 99, (9, length)).astype(np.int32)

    def computed(x: Any, others: list[Any], function: Any) -> Any:
        result = function(x + 1)
        for one in others:
            result = result * 3 + one
        return result

    references = {
        "sort": np.sort,
        "argsort": lambda x: np.argsort(x, kind="stable"),
        "cumulative_sum": np.cumsum,
    }
    for count in (0, 1, 4, 5, 6, 7):
        others = [values[one + 1] for one in range(count)]
        found = computed(on_gpu(values[0]), [on_gpu(one) for one in others], function)
        with np.errstate(over="ignore"):
            expected = computed(values[0], others, references[function.__name__])
        assert np.array_equal(values_of(found), expected.astype(np.int32)), count


def test_bytes_are_sorted_and_converted_in_one_go(webgpu: WebGPUBackend) -> None:
    values = np.random.default_rng(5).integers(-99, 99, (5, 67)).astype(np.int8)
    found = values_of(wt.sort(on_gpu(values), axis=0) + 1)
    assert np.array_equal(found, np.sort(values, axis=0) + np.int8(1))
    found = values_of(wt.argsort(on_gpu(values), axis=0).astype("uint8"))
    assert np.array_equal(found, np.argsort(values, axis=0, kind="stable"))


@pytest.mark.parametrize("largest", [True, False])
def test_topk(largest: bool, webgpu: WebGPUBackend) -> None:
    """NaN counts as larger than any number; the first of equal ones are taken."""
    values = np.random.default_rng(2).integers(0, 9, (6, 40)).astype(np.float32)
    values[2, ::9] = np.nan
    found, indices = topk(on_gpu(values), 5, dim=1, largest=largest)
    rank = np.where(np.isnan(values), np.inf, values) * (-1 if largest else 1)
    expected = np.argsort(rank, axis=1, kind="stable")[:, :5]
    assert np.array_equal(values_of(indices), expected)
    assert np.array_equal(values_of(found), np.take_along_axis(values, expected, 1), equal_nan=True)
    assert values_of(topk(on_gpu(values), 0, dim=0)[0]).shape == (0, 40)


def test_searching_with_a_sorter_and_for_numbers(webgpu: WebGPUBackend) -> None:
    values = np.random.default_rng(4).uniform(-1, 1, 301).astype(np.float32)
    wanted = np.random.default_rng(5).uniform(-2, 2, (3, 7)).astype(np.float32)
    x = on_gpu(values)
    ordered, order = np.sort(values), wt.argsort(x)
    found = wt.searchsorted(x, on_gpu(wanted), sorter=order)
    assert np.array_equal(values_of(found), np.searchsorted(ordered, wanted))
    for side in ("left", "right"):
        one = float(ordered[17])
        assert int(wt.searchsorted(on_gpu(ordered), one, side=side)) == 17 + (side == "right")
    assert values_of(wt.searchsorted(x[:0], on_gpu(wanted))).tolist() == [[0] * 7] * 3


@pytest.mark.parametrize("length", [70_001, 1_000_003])
def test_long_sums_stay_precise(length: int, webgpu: WebGPUBackend) -> None:
    """NumPy, which adds one after the other, is off by a hundred times as much."""
    values = np.random.default_rng(6).uniform(0, 1, length).astype(np.float32)
    exact = np.cumsum(values, dtype=np.float64)
    found = values_of(wt.cumulative_sum(on_gpu(values)))
    worst = np.max(np.abs(found / exact - 1))
    assert worst < 2e-6
    assert worst < np.max(np.abs(np.cumsum(values) / exact - 1)) / 4


def test_products_that_leave_the_range_return(webgpu: WebGPUBackend) -> None:
    """A zero before numbers whose product overflows is no NaN, in whatever span they stand."""
    values = np.full(2000, 10, np.float32)
    values[1000:] = 0.1
    found = values_of(wt.cumulative_prod(on_gpu(values)))
    exact = np.cumprod(values, dtype=np.longdouble)
    inside = (exact > 1e-37) & (exact < 3e38)
    assert np.allclose(found[inside], exact[inside].astype(np.float64), rtol=1e-3)
    assert np.isinf(found[(exact > 4e38)]).all()
    values[3] = 0
    assert values_of(wt.cumulative_prod(on_gpu(values)))[3:].tolist() == [0] * 1997


def test_misuse() -> None:
    x = wt.asarray(np.zeros((2, 3), np.float32))
    with pytest.raises(ShapeError, match="axis 2 is out of range"):
        wt.sort(x, axis=2)
    with pytest.raises(ShapeError, match="has no 4 elements"):
        topk(x, 4)
    with pytest.raises(ShapeError, match="one axis"):
        wt.searchsorted(x, x)
    with pytest.raises(ShapeError, match="'left' or 'right'"):
        wt.searchsorted(x[0], x, side="middle")  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="needs an axis"):
        wt.cumulative_sum(x)
    with pytest.raises(DtypeError, match="does not take bool"):
        wt.cumulative_sum(x > 0, axis=0)
    with pytest.raises(DtypeError, match="at least one tensor"):
        wt.isin(1, 2)


def test_sizes_that_depend_on_values_cannot_be_compiled(webgpu: WebGPUBackend) -> None:
    step = wt.compile(wt.unique_values)
    with pytest.raises(CaptureError):
        asyncio.run(step(on_gpu([1.0, 2.0])))
