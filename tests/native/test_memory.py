"""The pool of a WebGPU device: what it keeps, what it gives back, and when nothing is left."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

import numpy as np
import pytest

import webtensor as wt
from webtensor import errors
from webtensor.backends.webgpu import pool as pool_module
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.pool import Pool

KIB = 1024


@pytest.fixture(autouse=True)
def empty(webgpu: WebGPUBackend) -> None:
    gc.collect()
    wt.empty_cache()


class Budget:
    """A device with room for so many bytes: the real one, which refuses beyond them."""

    def __init__(self, webgpu: WebGPUBackend, room: int) -> None:
        self._gpu = webgpu.gpu
        self._sizes: dict[int, int] = {}
        self.create, self.destroy = self._gpu.create_buffers, self._gpu.destroy_buffers
        self.room = room

    async def create_buffers(self, sizes: Sequence[int]) -> list[int]:
        if sum(sizes) > self.room:
            raise errors.OutOfMemoryError("no room for this test")
        made = await self.create(sizes)
        self._sizes.update(zip(made, sizes, strict=True))
        self.room -= sum(sizes)
        return made

    def destroy_buffers(self, buffers: Sequence[int]) -> None:
        self.destroy(buffers)
        self.room += sum(self._sizes.pop(one, 0) for one in buffers)


def tensor(kib: int) -> wt.Tensor:
    size = kib * KIB // 4
    result = wt.asarray(np.full(size, kib, np.float32), device="webgpu")
    asyncio.run(wt.eval(result))
    return result


def limited(webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch, kib: int) -> Budget:
    budget = Budget(webgpu, kib * KIB)
    monkeypatch.setattr(webgpu.gpu, "create_buffers", budget.create_buffers)
    monkeypatch.setattr(webgpu.gpu, "destroy_buffers", budget.destroy_buffers)
    return budget


def test_the_cache_is_emptied_on_request(webgpu: WebGPUBackend) -> None:
    x = tensor(64)
    del x
    assert wt.memory()["webgpu"]["pooled"] >= 64 * KIB
    count = len(webgpu.gpu._buffers)  # type: ignore[attr-defined]
    wt.empty_cache()
    assert wt.memory()["webgpu"]["pooled"] == 0
    assert len(webgpu.gpu._buffers) < count  # type: ignore[attr-defined]
    assert tensor(64).tolist()[0] == 64.0


def test_a_full_device_gives_back_what_is_pooled(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(webgpu, monkeypatch, 100)
    x = tensor(64)
    del x
    assert wt.memory()["webgpu"]["pooled"] == 64 * KIB
    y = tensor(96)
    assert wt.memory()["webgpu"]["pooled"] == 0
    assert set(np.asarray(y).tolist()) == {96.0}


def test_no_room_leaves_everything_else_usable(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(webgpu, monkeypatch, 200)
    x = tensor(64)
    live = webgpu.memory()["live"]
    step = wt.compile(lambda a: (wt.exp(a), a + 1, a * 2))
    for attempt in (lambda: tensor(512), lambda: step.run(x), lambda: step.run(x)):
        with pytest.raises(errors.OutOfMemoryError, match=r"no room for .* bytes are live"):
            attempt()
        assert webgpu.memory()["live"] == live
    wanted = x + 1
    more = [wt.exp(x) + 1, wt.sin(x) + 1, wanted]
    with pytest.raises(errors.OutOfMemoryError, match="Delete tensors"):
        asyncio.run(wt.eval(*more))
    assert webgpu.memory()["live"] == live
    del more
    assert set(np.asarray(wanted).tolist()) == {65.0}
    assert set(np.asarray(x).tolist()) == {64.0}
    del wanted
    smaller = x[: KIB * 8]
    asyncio.run(wt.eval(smaller))
    assert [set(np.asarray(one).tolist()) for one in step.run(smaller)[1:]] == [{65.0}, {128.0}]


def test_the_pool_keeps_so_much_and_the_newest(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "_MOST_POOLED", 200 * KIB)
    pool: Pool = webgpu.pool
    first = asyncio.run(pool.allocate([64 * KIB] * 2))
    second = asyncio.run(pool.allocate([48 * KIB] * 3))
    live = pool.live
    assert live >= 2 * 64 * KIB + 3 * 48 * KIB
    pool.release(first)
    pool.release(second[:2])
    destroyed = {*first, *second} - set(webgpu.gpu._buffers)  # type: ignore[attr-defined]
    assert destroyed == {first[0]}, "the one freed first went"
    assert pool.pooled == (64 + 2 * 48) * KIB
    assert pool.live == live - (2 * 64 + 2 * 48) * KIB
    assert asyncio.run(pool.allocate([48 * KIB])) == [second[1]]
    assert asyncio.run(pool.allocate([64 * KIB])) == [first[1]]
    pool.release([second[1], first[1], second[2]])
    assert pool.pooled <= max(200 * KIB, pool.live)


def test_as_much_may_be_pooled_as_is_live(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "_MOST_POOLED", 0)
    pool: Pool = webgpu.pool
    kept = asyncio.run(pool.allocate([64 * KIB] * 4))
    others = asyncio.run(pool.allocate([32 * KIB] * 4))
    pool.release(others)
    assert pool.pooled == 4 * 32 * KIB
    pool.release(kept)
    assert pool.pooled <= pool.live
