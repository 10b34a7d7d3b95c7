"""`webtensor.compile` on a WebGPU device under CPython."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from tests.cases import capture
from tests.support.report import note
from webtensor import discovery, errors
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.variants import HARDWARE, SOFTWARE

RANDOM = np.random.default_rng(11)


def tensor(*shape: int) -> wt.Tensor:
    return wt.asarray(RANDOM.normal(size=shape).astype(np.float32), device="webgpu")


def data(value: wt.Tensor) -> bytes:
    return np.asarray(value).tobytes()


def perceptron(batch: int = 8, width: int = 16) -> tuple[Callable[..., wt.Tensor], wt.Tensor]:
    """A small model, and its input, of the shape of its output."""
    first, bias, second = tensor(width, 32), tensor(32), tensor(32, width)

    def model(x: wt.Tensor) -> wt.Tensor:
        return wt.nn.softmax(wt.nn.relu(x @ first + bias) @ second)

    return model, tensor(batch, width)


def bind_group_sets(step: wt.Compiled, webgpu: WebGPUBackend) -> set[tuple[int, ...]]:
    """The buffers that the step's last plan was run over."""
    plan = list(webgpu.gpu._plans.values())[-1]  # type: ignore[attr-defined]
    return set(plan.bind_groups)


@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_every_case_is_the_same_to_the_bit(webgpu: WebGPUBackend, dtype: str) -> None:
    """Of one dtype that has words of its own, and one whose elements share them."""
    assert asyncio.run(capture.differences("webgpu", f" {dtype} ")) == []


def test_a_model_is_the_same_to_the_bit(webgpu: WebGPUBackend) -> None:
    model, x = perceptron()
    step = wt.compile(model)
    for _ in range(10):
        y = step.run(x)
        assert data(y) == data(model(x))
        x = y


def test_floats_go_into_the_run(webgpu: WebGPUBackend) -> None:
    captures = []

    def blend(x: wt.Tensor, rate: float, parts: Any) -> Any:
        captures.append(1)
        return x * rate + parts["shift"], parts["shift"] - rate

    step = wt.compile(blend)
    x = tensor(5, 7)
    for rate, shift in ((0.1, 2.5), (-3.7, float("inf")), (1e39, 0.0), (float("nan"), 1e-45)):
        found = step.run(x, rate, {"shift": shift})
        expected = blend(
            x,
            wt.asarray(rate, device="webgpu"),  # type: ignore[arg-type]
            {"shift": wt.asarray(shift, device="webgpu")},
        )
        captures.pop()
        assert [data(one) for one in found] == [data(one) for one in expected]
    assert len(captures) == 1
    same, number = wt.compile(lambda x, rate: (x * rate, rate)).run(x, 2.0)
    assert number.tolist() == 2.0
    assert data(same) == data(x * 2.0)


def test_a_steady_state_allocates_nothing(webgpu: WebGPUBackend) -> None:
    model, x = perceptron()
    step = wt.compile(lambda x, rate: model(x * rate))
    for _ in range(8):
        x = step.run(x, 0.5)
    buffers, groups = set(webgpu.pool._size), bind_group_sets(step, webgpu)
    assert 0 < len(groups) <= 8
    for _ in range(50):
        x = step.run(x, 0.5)
        assert bind_group_sets(step, webgpu) == groups
    assert set(webgpu.pool._size) == buffers


def test_results_that_are_held_have_buffers_of_their_own(webgpu: WebGPUBackend) -> None:
    step = wt.compile(lambda x: x * 2 + 1)
    x = tensor(300)
    results = [x]
    for _ in range(12):
        results.append(step.run(results[-1]))
    values = np.asarray(x)
    for result in results:
        assert data(result) == values.tobytes()
        values = values * np.float32(2) + np.float32(1)


def test_temporaries_share_memory(webgpu: WebGPUBackend) -> None:
    weights = [tensor(40, 40) for _ in range(10)]

    def chain(x: wt.Tensor) -> wt.Tensor:
        for weight in weights:
            x = x @ weight
        return x

    step = wt.compile(chain)
    assert step.memory == {"temporaries": 0, "planned": 0}
    x = tensor(40, 40)
    assert data(step.run(x)) == data(chain(x))
    memory = step.memory
    assert memory["temporaries"] == 9 * 40 * 40 * 4
    assert memory["planned"] == 2 * 40 * 40 * 4
    assert memory["planned"] < memory["temporaries"]


def test_a_lost_device_is_survived(webgpu: WebGPUBackend) -> None:
    weight = [tensor(4, 4)]
    step = wt.compile(lambda x: x @ weight[0])
    x = tensor(2, 4)
    values = np.asarray(x)
    expected = data(step.run(x))
    first = data(weight[0])
    webgpu.gpu.destroy()
    with pytest.raises(errors.DeviceLostError, match="only copy"):
        step.run(x)
    again = wt.asarray(values, device="webgpu")
    with pytest.raises(errors.DeviceLostError, match="only copy"):
        step.run(again)  # the weight was lost as well
    weight[0] = wt.asarray(np.frombuffer(first, np.float32).reshape(4, 4), device="webgpu")
    assert data(step.run(again)) == expected
    assert discovery.present("webgpu") is not webgpu
    with pytest.raises(errors.DeviceLostError):
        step.run(x)
    assert data(step.run(again)) == expected


def test_other_kernel_variants_are_other_plans(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `wt.tune()`: a step then runs what an uncompiled graph runs."""
    captures = []

    def product(x: wt.Tensor) -> wt.Tensor:
        captures.append(1)
        return x @ x.mT

    step = wt.compile(product)
    x = tensor(33, 129)
    usual = webgpu.adapter
    step.run(x)
    step.run(x)
    assert len(captures) == 1
    other = HARDWARE if usual is SOFTWARE else SOFTWARE
    try:
        webgpu.adapter = other
        webgpu.executables.clear()
        compiled, uncompiled = data(step.run(x)), data(product(x))
        assert compiled == uncompiled
        assert len(captures) == 3
        step.run(x)
        assert len(captures) == 3
    finally:
        webgpu.adapter = usual
        webgpu.executables.clear()


def test_plans_go_with_their_function(webgpu: WebGPUBackend) -> None:
    plans = webgpu.gpu._plans  # type: ignore[attr-defined]
    before = len(plans)
    step = wt.compile(lambda x, power: x**power)
    x = tensor(3)
    for power in range(20):
        step.run(x, power)
    assert len(plans) == before + 16
    del step
    assert len(plans) == before


def test_scopes_give_their_memory_back(webgpu: WebGPUBackend) -> None:
    model, x = perceptron()
    step = wt.compile(model)
    asyncio.run(wt.eval(x))
    step.run(x)
    before = webgpu.memory()["live"]
    held = []
    with wt.scope() as scope:
        for _ in range(5):
            held.append(step.run(x))
            held.append(wt.exp(held[-1]))
            held[-1].tolist()
        kept = scope.keep(step.run(held[0]))
        assert webgpu.memory()["live"] > before + 10 * 512
    assert webgpu.memory()["live"] == before + 512
    assert data(kept) == data(step.run(step.run(x)))
    with pytest.raises(errors.ScopeEndedError):
        held[0].tolist()


def test_ten_thousand_steps_leave_nothing(webgpu: WebGPUBackend) -> None:
    model, x = perceptron()
    step = wt.compile(lambda x, rate: model(x * rate))

    async def steps(count: int, x: wt.Tensor) -> wt.Tensor:
        for _ in range(count):
            x = await step(x, 0.5)
        return x

    x = asyncio.run(steps(300, x))
    gc.collect()
    # Two short runs show what tracing and asyncio themselves keep.
    tracemalloc.start()
    x = asyncio.run(steps(100, x))
    gc.collect()
    before, memory = tracemalloc.get_traced_memory()[0], wt.memory()
    begin = perf_counter()
    x = asyncio.run(steps(10_000, x))
    elapsed = perf_counter() - begin
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert wt.memory() == memory
    assert grown < 64 << 10, f"{grown} bytes after 10,000 steps"
    assert np.isfinite(np.asarray(x)).all()
    note(f"native webgpu: {10_000 / elapsed:,.0f} steps/s of a compiled small model, traced")
