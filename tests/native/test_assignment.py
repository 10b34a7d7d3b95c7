"""`x[key]` and `x[key] = value` on a WebGPU device: their kernels, and what is fused with them."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from tests.support import random_keys
from webtensor import errors
from webtensor.backends.webgpu.backend import WebGPUBackend

_random = np.random.default_rng(5)
TABLE = _random.uniform(-1, 1, (37, 16)).astype(np.float32)
BYTES = _random.integers(-9, 9, (37, 5)).astype(np.int8)
PLACES = _random.permutation(37)[:9].astype(np.int32)
ROWS = _random.uniform(-1, 1, (9, 16)).astype(np.float32)


def test_random_keys_are_numpys(webgpu: WebGPUBackend) -> None:
    assert random_keys.differences("webgpu", rounds=50, seed=3) == []


def assigned(key: Any, value: Any, before: Any = None, after: Any = None) -> Callable[..., Any]:
    """What gives x with `value` at `key`, of tensors and arrays alike."""

    def function(x: Any, *more: Any) -> Any:
        x = (before or (lambda x: x + 0))(x)
        x[key(*more) if callable(key) else key] = value(*more) if callable(value) else value
        return after(x) if after else x

    return function


@pytest.mark.parametrize(
    ("call", "values", "count"),
    [
        (assigned(slice(3, 9), 7), (TABLE,), 1),
        (assigned((slice(None), 3), 7, lambda x: x * 2, lambda x: x + 1), (TABLE,), 1),
        (assigned((slice(None), 3), 7, lambda x: x * 2, lambda x: x + 1), (BYTES,), 2),
        (assigned((slice(None, 18, 2), slice(None, None, -1)), lambda rows: rows * 3),
         (TABLE, ROWS), 2),
        (assigned(5, lambda rows: rows[2]), (TABLE, ROWS), 1),
        (assigned(lambda at: at, -1), (TABLE, PLACES), 1),
        (assigned(lambda at, rows: at, lambda at, rows: rows * 2, lambda x: x - 1, lambda x: x * 3),
         (TABLE, PLACES, ROWS), 1),
        (assigned(lambda at: (at, at[::-1] % 5), 3), (TABLE, PLACES), 1),
        (assigned(lambda at: (slice(2, 30), at[:3] % 5), 3), (BYTES, PLACES), 3),
    ],
)  # fmt: skip
def test_kernels_with_what_stands_around_them(
    call: Callable[..., Any], values: tuple[Any, ...], count: int, webgpu: WebGPUBackend
) -> None:
    def tensors() -> list[wt.Tensor]:
        return [wt.asarray(one, device="webgpu") for one in values]

    found = asyncio.run(call(*tensors()).numpy())
    np.testing.assert_allclose(found, call(*values), rtol=1e-6)
    text = wt.explain(call(*tensors()))
    assert int(text.split(" kernel(s)")[0].split()[-1]) == count


def test_a_loop_over_rows_compiles_few_kernels(webgpu: WebGPUBackend) -> None:
    """Places and numbers are operands; only how places lie to vectors makes another kernel."""
    x = wt.asarray(BYTES, device="webgpu")
    expected = BYTES.copy()
    known = set(webgpu._pipelines)
    for number in range(20):
        x[number + 3] = number
        expected[number + 3] = number
    assert np.array_equal(np.asarray(x), expected)
    assert len(set(webgpu._pipelines) - known) <= 3


def test_elements_are_chosen_in_one_kernel(webgpu: WebGPUBackend) -> None:
    x, at = (wt.asarray(one, device="webgpu") for one in (TABLE, PLACES))
    chosen = wt.exp(x[at, at % 16]) + 1
    assert "1 kernel(s)" in wt.explain(chosen)
    np.testing.assert_allclose(
        np.asarray(chosen), np.exp(TABLE[PLACES, PLACES % 16]) + 1, rtol=1e-5
    )


def test_compiled_functions_assign(webgpu: WebGPUBackend) -> None:
    @wt.compile
    def step(x: wt.Tensor, at: wt.Tensor, rate: float) -> wt.Tensor:
        moved = x * 1
        moved[at] = moved[at] - rate
        moved[:, 0] = 0
        moved[moved > 0.9] = 0.9
        return moved

    x = wt.asarray(TABLE, device="webgpu")
    for rate in (0.25, 0.5):
        expected = TABLE.copy()
        expected[PLACES] -= np.float32(rate)
        expected[:, 0] = 0
        expected[expected > 0.9] = np.float32(0.9)
        found = step.run(x, wt.asarray(PLACES, device="webgpu"), rate)
        np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-6)


def test_dlpack_and_pickle_of_a_gpus_tensor(webgpu: WebGPUBackend) -> None:
    x = wt.asarray(BYTES, device="webgpu")
    assert np.array_equal(np.from_dlpack(x), BYTES)
    with pytest.raises(errors.InterchangeError, match="'webgpu'"):
        np.from_dlpack(x, copy=False)
    back = pickle.loads(pickle.dumps(x + 1))
    assert back.device == "webgpu"
    assert np.array_equal(np.asarray(back), BYTES + 1)
    assert repr(x).endswith(repr(wt.asarray(BYTES, device="cpu")).split("'cpu'")[1])
    counted = wt.count_nonzero(x, axis=0)
    assert counted.tolist() == np.count_nonzero(BYTES, axis=0).tolist()
    assert [one.tolist() for one in wt.nonzero(x)] == [one.tolist() for one in np.nonzero(BYTES)]
