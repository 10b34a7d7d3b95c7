"""The WebGPU device under CPython: memory, loss, errors, concurrency, measuring."""

from __future__ import annotations

import asyncio
import gc

import numpy as np
import pytest

import webtensor as wt
from webtensor import benchmark, errors
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.pool import size_class


def test_devices_are_what_they_say(webgpu: WebGPUBackend) -> None:
    found = {info.name: info for info in wt.devices()}
    assert found["webgpu"].available
    assert found["cpu"].available
    assert not found["webnn"].available
    assert "browser" in found["webnn"].reason
    report = wt.capabilities()
    assert report["runtime"]["host"] == "native"
    assert report["webgpu"]["limits"]["maxBufferSize"] >= 1 << 28
    software = (
        "llvmpipe" in report["webgpu"]["adapter"] or "SwiftShader" in report["webgpu"]["adapter"]
    )
    assert report["webgpu"]["software"] == software
    assert wt.default_device() == ("cpu" if software else "webgpu")


def test_reads_are_synchronous_even_inside_a_loop(webgpu: WebGPUBackend) -> None:
    async def inside() -> list[float]:
        values: list[float] = (wt.asarray([1.0, 2.0], device="webgpu") * 2).tolist()
        return values

    assert asyncio.run(inside()) == [2.0, 4.0]


def test_tensors_move_between_devices(webgpu: WebGPUBackend) -> None:
    x = wt.asarray([1.0, 2.0, 3.0], device="cpu")
    y = wt.exp(x.to_device("webgpu"))
    assert y.device == "webgpu"
    back = (y + 1).to_device("cpu").astype("float64")
    assert np.allclose(np.asarray(back), np.exp([1, 2, 3]) + 1)
    assert x.to_device("cpu")._node is x._node


def test_an_explicit_device_is_strict(webgpu: WebGPUBackend) -> None:
    for dtype in ("float64", "int64", "complex64"):
        with pytest.raises(errors.UnsupportedDtypeError, match=dtype):
            wt.zeros(3, dtype=dtype, device="webgpu").tolist()
    with pytest.raises(errors.DeviceUnavailableError, match="WebNN is a browser interface"):
        wt.zeros(3, device="webnn").tolist()


def test_memory_comes_back(webgpu: WebGPUBackend) -> None:
    gc.collect()
    before = webgpu.memory()["live"]
    x = wt.asarray(np.ones((256, 256), np.float32), device="webgpu")
    for _ in range(5):
        y = wt.nn.softmax(x @ x, axis=0)
        y.tolist()
    assert webgpu.memory()["live"] > before
    allocated = sum(webgpu.memory()[key] for key in ("live", "pooled"))
    for _ in range(20):
        wt.nn.softmax(x @ x, axis=0).tolist()
    assert sum(webgpu.memory()[key] for key in ("live", "pooled")) <= allocated + (1 << 18)
    del x, y
    gc.collect()
    assert webgpu.memory()["live"] == before
    webgpu.pool.trim()
    assert webgpu.memory()["pooled"] == 0


def test_memory_is_freed_without_the_collector(webgpu: WebGPUBackend) -> None:
    x = wt.asarray([1.0, 2.0], device="webgpu")
    (x + 1).tolist()
    gc.collect()
    before = webgpu.memory()["live"]
    gc.disable()
    try:
        for number in range(5):
            wt.nn.softmax(wt.exp(x[::-1]) * (2.5 + number)).tolist()
        assert webgpu.memory()["live"] == before
    finally:
        gc.enable()


def test_size_classes_waste_at_most_a_quarter() -> None:
    assert size_class(1) == 256
    for size in (257, 1000, 4096, 4097, 1 << 20, (1 << 20) + 1, 10**8):
        assert size <= size_class(size) <= 1.25 * size + 256
        assert size_class(size_class(size)) == size_class(size)


def test_out_of_memory_is_told_and_survived(webgpu: WebGPUBackend) -> None:
    huge = wt.broadcast_to(wt.asarray([1.0], device="webgpu"), (1 << 40,))
    with pytest.raises(errors.OutOfMemoryError, match="largest buffer"):
        huge.tolist()
    assert (wt.asarray([1.0], device="webgpu") + 1).tolist() == [2.0]


def test_wgsl_that_does_not_compile_names_the_line(webgpu: WebGPUBackend) -> None:
    source = "@compute @workgroup_size(1)\nfn main() {\n  let x: f32 = 1u;\n}\n"
    with pytest.raises(errors.KernelCompileError) as caught:
        asyncio.run(webgpu.gpu.create_pipelines([(source, 1)]))
    assert caught.value.line == 3
    assert "let x: f32 = 1u;" in caught.value.source_line
    assert (wt.asarray([1.0], device="webgpu") + 1).tolist() == [2.0]


def test_a_lost_device_is_survived(webgpu: WebGPUBackend) -> None:
    kept = wt.asarray([1.0, 2.0], device="webgpu")
    lost = kept + 1
    asyncio.run(wt.eval(lost))
    webgpu.gpu.destroy()
    with pytest.raises(errors.DeviceLostError, match="only copy"):
        lost.tolist()
    assert not {info.name: info for info in wt.devices()}["webgpu"].available
    again = wt.asarray([1.0, 2.0], device="webgpu") * 3
    assert again.tolist() == [3.0, 6.0]
    with pytest.raises(errors.DeviceLostError):
        (lost + again).tolist()
    assert {info.name: info for info in wt.devices()}["webgpu"].available


def test_two_tasks_share_one_device(webgpu: WebGPUBackend) -> None:
    async def one(seed: int) -> bool:
        values = np.random.default_rng(seed).normal(size=(33, 33)).astype(np.float32)
        x = wt.asarray(values, device="webgpu")
        for _ in range(3):
            result = await wt.sum(x @ x, axis=0).numpy()
            await asyncio.sleep(0)
        return bool(np.allclose(result, (values @ values).sum(0), atol=1e-3))

    async def both() -> list[bool]:
        return await asyncio.gather(*map(one, range(4)))

    assert all(asyncio.run(both()))


def test_one_compilation_serves_all_graphs_of_a_structure(webgpu: WebGPUBackend) -> None:
    def step(values: list[float]) -> list[float]:
        result: list[float] = (wt.tanh(wt.asarray(values, device="webgpu")) * 0.125).tolist()
        return result

    step([1.0, 2.0, 3.0])
    count = len(webgpu.executables)
    step([4.0, 5.0, 6.0])
    assert len(webgpu.executables) == count
    step([4.0, 5.0])
    assert len(webgpu.executables) == count + 1


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
@pytest.mark.parametrize("sizes", [(64, 64, 64), (33, 17, 700)])
def test_the_benchmark_measures_and_verifies(
    device: str, sizes: tuple[int, int, int], webgpu: WebGPUBackend
) -> None:
    m, n, k = sizes
    told: list[str] = []
    result = asyncio.run(
        benchmark.matmul(
            m, n, k, device=device, repeats=3, progress=lambda event: told.append(event["stage"])
        )
    )
    assert result["ok"]
    assert 0 < result["rel_err"] <= result["tolerance"]
    assert result["rows_checked"] == (m if max(sizes) <= 512 else min(m, 64))
    assert result["repeats"] == len(result["times_ms"]) == 3
    assert result["adapter"]
    assert list(dict.fromkeys(told)) == ["upload", "cold", "warm", "readback", "verify"]
    for key in ("upload_ms", "cold_ms", "median_ms", "p95_ms", "readback_ms", "gflops"):
        assert result[key] > 0, key


def test_the_benchmark_finds_a_wrong_kernel(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webtensor.backends.webgpu import matmul

    right = matmul.expand
    monkeypatch.setattr(matmul, "expand", lambda *a, **v: right(*a, **v).replace("a_0.w", "a_0.z"))
    result = asyncio.run(benchmark.matmul(32, 36, 40, device="webgpu", repeats=1))
    assert not result["ok"]


def test_the_benchmark_refuses_sizes_and_can_be_cancelled(webgpu: WebGPUBackend) -> None:
    with pytest.raises(errors.ShapeError, match="1 to"):
        asyncio.run(benchmark.matmul(0, 1, 1))

    async def cancelled() -> None:
        task = asyncio.create_task(benchmark.matmul(64, 64, 64, device="cpu", repeats=1000))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert benchmark.estimate_seconds(1024, 1024, 1024, "webgpu") is None
    assert (benchmark.estimate_seconds(2048, 2048, 2048, "cpu") or 0) > 1


def test_old_pipelines_go_and_their_plans_stay(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webtensor.backends.webgpu import backend

    monkeypatch.setattr(backend, "_MOST_PIPELINES", 3)
    x = wt.asarray([1.0, 2.0], device="webgpu")
    for number in range(6):
        assert (x + float(number)).tolist() == [1.0 + number, 2.0 + number]
    assert len(webgpu._pipelines) <= 4
    assert (x + 0.0).tolist() == [1.0, 2.0]


def test_many_long_rows_are_summed_to_their_ends(webgpu: WebGPUBackend) -> None:
    x = wt.broadcast_to(wt.asarray(np.ones(70001, np.float32), device="webgpu"), (1030, 70001))
    assert set(wt.sum(x, axis=1).tolist()) == {70001.0}


def test_a_product_beyond_the_grid_is_refused(webgpu: WebGPUBackend) -> None:
    row = wt.broadcast_to(wt.asarray([1.0], device="webgpu"), (1, 9_000_000))
    with pytest.raises(errors.UnsupportedOperatorError, match="65535 workgroups"):
        (wt.asarray([[1.0]], device="webgpu") @ row).tolist()
