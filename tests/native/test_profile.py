"""Profiles of a real device, with the GPU's clock and without."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import errors
from webtensor.backends.webgpu import timing
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.host import native
from webtensor.observe import GPU_CLOCK, WALL_CLOCK


@pytest.fixture(params=[GPU_CLOCK, WALL_CLOCK])
def clock(request: pytest.FixtureRequest, webgpu: WebGPUBackend) -> Iterator[str]:
    webgpu.timestamps = request.param == GPU_CLOCK
    yield request.param
    webgpu.timestamps = None


def random(*shape: int) -> Any:
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


def test_every_kernel_is_measured_and_results_are_the_same(clock: str) -> None:
    a, b = random(67, 257), random(257, 33)
    x, y = (wt.asarray(one, device="webgpu") for one in (a, b))

    def result() -> Any:
        return np.asarray(wt.sum(wt.exp(-wt.abs(x @ y) * 0.5), axis=1))

    plain = result()
    begin = perf_counter()
    with wt.profile() as p:
        assert np.array_equal(result(), plain)
    wall = (perf_counter() - begin) * 1e3
    expected = np.exp(-np.abs(a.astype(float) @ b.astype(float)) / 2).sum(1)
    np.testing.assert_allclose(plain, expected, rtol=1e-4)
    assert all((row.device, row.source) == ("webgpu", clock) for row in p.kernels)
    assert len(p.measurements) >= 2
    assert any("matmul" in row.label for row in p.kernels)
    assert 0 < p.total_ms < wall
    assert sum(row.operations for row in p.kernels) >= 2 * 67 * 257 * 33
    assert sum(row.nbytes for row in p.kernels) >= 4 * (67 * 257 + 257 * 33 + 67)


def test_a_slower_kernel_is_seen_to_be_slower(clock: str) -> None:
    x = wt.asarray(random(256, 256), device="webgpu")
    source = """
        var value = x;
        for (var round = 0; round < ROUNDS; round++) { value = value * 1.0001 + 0.5; }
        return value;
    """
    quick = wt.Kernel.elementwise(source.replace("ROUNDS", "16"), name="quick")
    slow = wt.Kernel.elementwise(source.replace("ROUNDS", "16000"), name="slow")
    asyncio.run(wt.eval(quick(x), slow(x)))
    with wt.profile() as p:
        asyncio.run(wt.eval(quick(x), slow(x)))
    rows = {row.label: row for row in p.kernels}
    assert rows["slow"].mean_ms > 5 * rows["quick"].mean_ms
    assert p.kernels[0].label == "slow"


def test_more_kernels_than_one_query_set_holds(clock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "_TIMED_AT_ONCE", 3)
    x = wt.asarray(random(8, 8), device="webgpu")
    y = x
    for _ in range(5):
        y = wt.nn.softmax(y @ x, axis=0)
    plain = np.asarray(y)
    y = x
    for _ in range(5):
        y = wt.nn.softmax(y @ x * 1.0, axis=0)
    with wt.profile() as p:
        np.testing.assert_allclose(np.asarray(y), plain, rtol=1e-6)
    assert len(p.measurements) > 7
    begins = [one.begin for one in p.measurements]
    assert begins == sorted(begins)
    trace = json.loads(p.chrome_trace())["traceEvents"]
    spans = [(one["ts"], one["ts"] + one["dur"]) for one in trace if one["ph"] == "X"]
    assert all(end <= start + 1e3 for (_, end), (start, _) in pairwise(spans))


def test_the_clock_is_tried_once_and_this_one_is_right(webgpu: WebGPUBackend) -> None:
    assert webgpu.info().details["timestamps"]
    webgpu.timestamps = None
    with wt.profile() as p:
        (wt.asarray([1.0], device="webgpu") + 2).tolist()
    assert webgpu.timestamps is True
    assert [row.source for row in p.kernels] == [GPU_CLOCK]
    assert [row.calls for row in p.kernels] == [1], "trying the clock is not part of the profile"


def test_trying_a_kernel_variant_out_is_not_part_of_the_profile(webgpu: WebGPUBackend) -> None:
    webgpu._sound.clear()
    webgpu.executables.clear()
    with wt.profile() as p:
        np.asarray(wt.sum(wt.asarray(random(67, 5), device="webgpu"), axis=1))
    assert webgpu._sound
    assert [row.nbytes for row in p.kernels] == [4 * (67 * 5 + 67)]


@pytest.mark.parametrize("factor", [0.0, 0.01, 50.0])
def test_a_clock_that_is_wrong_is_not_used(
    factor: float, webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = webgpu.gpu.step_timed

    async def wrong(run: int, timestamps: bool) -> list[tuple[float, float]]:
        times = await right(run, timestamps)
        return [(begin, elapsed * factor) for begin, elapsed in times] if timestamps else times

    monkeypatch.setattr(webgpu.gpu, "step_timed", wrong)
    assert not asyncio.run(timing._clock_is_right(webgpu.gpu))
    webgpu.timestamps = None
    with wt.profile() as p:
        (wt.asarray([1.0], device="webgpu") + 2).tolist()
    webgpu.timestamps = None
    assert [row.source for row in p.kernels] == [WALL_CLOCK]


def test_compiled_functions_are_profiled_too(clock: str, webgpu: WebGPUBackend) -> None:
    weight = wt.asarray(random(64, 48), device="webgpu")
    step = wt.compile(lambda x, rate: wt.tanh(x @ weight) * rate)
    values = random(33, 64)
    x = wt.asarray(values, device="webgpu")
    step.run(x, 0.5)
    with wt.profile() as p:
        results = [np.asarray(step.run(x, rate)) for rate in (0.25, -3.0)]
    expected = np.tanh(values.astype(np.float64) @ random(64, 48))
    for result, rate in zip(results, (0.25, -3.0), strict=True):
        np.testing.assert_allclose(result, expected * rate, atol=1e-4)
    matmuls = [row for row in p.kernels if "matmul" in row.label]
    assert matmuls
    assert all(row.calls == 2 and row.source == clock for row in matmuls)


def test_a_profile_spans_devices(webgpu: WebGPUBackend) -> None:
    x = wt.asarray(random(16), device="cpu")
    with wt.profile() as p:
        (wt.exp(x).to_device("webgpu") * 2).tolist()
    assert {(row.device, row.label) for row in p.kernels} == {
        ("cpu", "exp"),
        ("webgpu", "multiply"),
    }


def test_a_profile_leaves_memory_as_it_was(clock: str, webgpu: WebGPUBackend) -> None:
    x = wt.asarray(random(32, 32), device="webgpu")
    np.asarray(wt.exp(x) @ x)
    before = webgpu.memory()["live"]
    with wt.profile():
        for _ in range(5):
            np.asarray(wt.exp(x) @ x)
    assert webgpu.memory()["live"] == before
    assert not webgpu.gpu._timed


def test_the_roofline_of_a_gpu(webgpu: WebGPUBackend) -> None:
    begin = perf_counter()
    best = asyncio.run(wt.roofline("webgpu"))
    assert best.operations_per_second > 1e8
    assert best.bytes_per_second > 1e8
    begin = perf_counter()
    assert asyncio.run(wt.roofline("webgpu")) is best
    assert perf_counter() - begin < 0.01
    with wt.profile() as p:
        np.asarray(wt.asarray(random(256, 256), device="webgpu") * 2)
    assert [row.share for row in p.kernels] == [None]
    asyncio.run(p.roofline())
    assert all(0 < (row.share or 0) < 20 for row in p.kernels)


def test_a_device_lost_while_profiled(clock: str, webgpu: WebGPUBackend) -> None:
    x = wt.asarray(random(8), device="webgpu")
    with wt.profile():
        np.asarray(x + 1)
        webgpu.gpu.destroy()
        with pytest.raises(errors.DeviceLostError):
            np.asarray(x + 2)
