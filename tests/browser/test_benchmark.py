"""webtensor.benchmark on each backend of each browser: its figures, its checks, its cancelling."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.support.blank import BlankPage

MEASURE = """
from webtensor import benchmark
stages = []

def progress(report):
    assert report["text"] and 0 <= report["done"] <= report["total"]
    if not stages or stages[-1] != report["stage"]:
        stages.append(report["stage"])

result = await benchmark.matmul(m, n, k, device=device, repeats=3, progress=progress)
[result, stages]
"""

# The copy that is read back is spoilt in one element, as a wrong kernel would.
SPOIL = """
from webtensor import benchmark, discovery
import numpy as np
backend = await discovery.backend("cpu")
original = type(backend).read

async def read(self, storage, node):
    data = np.frombuffer(await original(self, storage, node), np.float32).copy()
    data[spoilt] = value
    return memoryview(data).cast("B")

type(backend).read = read
try:
    result = await benchmark.matmul(33, 65, 17, device="cpu", repeats=3)
finally:
    type(backend).read = original
[result["ok"], repr(result["rel_err"])]
"""

CANCEL = """
import asyncio, time
import webtensor as wt
from webtensor import benchmark
await benchmark.matmul(64, 64, 64, device=device, repeats=3)
before = wt.memory()
begun = asyncio.Event()

def progress(report):
    if report["stage"] in ("cold", "warm"):
        begun.set()

task = asyncio.create_task(benchmark.matmul(2048, 2048, 2048, device=device, progress=progress))
waiting = asyncio.create_task(begun.wait())
await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
await asyncio.sleep(0.1)
asked = time.perf_counter()
task.cancel()
try:
    await task
    ended = "finished"
except asyncio.CancelledError:
    ended = "cancelled"
took = time.perf_counter() - asked
again = await benchmark.matmul(64, 64, 64, device=device, repeats=3)
[ended, took, again["ok"], before, wt.memory()]
"""


def measure(blank: BlankPage, device: str, m: int, n: int, k: int) -> dict[str, Any]:
    result, stages = blank.py(MEASURE, device=device, m=m, n=n, k=k)
    assert stages == ["upload", "cold", "warm", "readback", "verify"]
    assert result["device"] == device
    assert (result["m"], result["n"], result["k"]) == (m, n, k)
    assert result["ok"] is True
    assert 0 <= result["rel_err"] <= result["tolerance"]
    assert result["tolerance"] == pytest.approx(1e-5 * math.sqrt(k))
    assert result["repeats"] == len(result["times_ms"]) == 3
    assert min(result["times_ms"]) <= result["median_ms"] <= result["p95_ms"]
    assert result["gflops"] == pytest.approx(2 * m * n * k / result["median_ms"] / 1e6)
    return dict(result)


def check_measuring(blank: BlankPage, device: str) -> None:
    assert measure(blank, device, 97, 161, 225)["rows_checked"] == 97
    assert measure(blank, device, 640, 32, 48)["rows_checked"] == 64


def check_cancelling(blank: BlankPage, device: str) -> None:
    ended, took, fine, before, after = blank.py(CANCEL, device=device)
    assert ended == "cancelled"
    # Bands of 250 ms; the page's only thread is shared with them, and the machine with others.
    assert took < 2.0, f"cancelling took {took:.2f} s"
    assert fine
    assert after[device]["live"] <= before[device]["live"], "a cancelled run leaves nothing behind"


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
def test_measuring(blank: BlankPage, device: str) -> None:
    check_measuring(blank, device)


@pytest.mark.browsers("shell")
def test_measuring_on_webnn(blank: BlankPage) -> None:
    check_measuring(blank, "webnn")


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
def test_cancelling(blank: BlankPage, device: str) -> None:
    check_cancelling(blank, device)


@pytest.mark.browsers("shell")
def test_cancelling_on_webnn(blank: BlankPage) -> None:
    check_cancelling(blank, "webnn")


@pytest.mark.browsers("chromium")
@pytest.mark.parametrize("value", [0.0, 1e9, math.nan])
@pytest.mark.parametrize("spoilt", [0, -1])
def test_one_wrong_element_is_found(blank: BlankPage, spoilt: int, value: float) -> None:
    ok, error = blank.py(
        SPOIL.replace("value", repr(value).replace("nan", "np.nan")), spoilt=spoilt
    )
    assert ok is False, error


def test_missing_device_is_an_error_with_its_reason(fresh_blank: BlankPage) -> None:
    fresh_blank.patch("GPU.prototype", "requestAdapter", "async () => null")
    kind, message = fresh_blank.py(
        """
        import webtensor as wt
        from webtensor import benchmark
        try:
            outcome = [None, repr(await benchmark.matmul(8, 8, 8, device="webgpu"))]
        except wt.errors.WebTensorError as error:
            outcome = [type(error).__name__, str(error)]
        outcome
        """
    )
    assert kind == "DeviceUnavailableError"
    assert "adapter" in message
