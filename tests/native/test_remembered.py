"""What is remembered of an adapter: spoilt, or another version's, it is as good as nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import evaluate, host, tuning
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.variants import HARDWARE, SOFTWARE, Adapter
from webtensor.host import native

TUNED = {**HARDWARE.as_json(), "shares_rows": False}
SPOILT = {
    "no JSON": "{",
    "a number": "3",
    "a list": "[[]]",
    "another version's": json.dumps({"large": {"rows": 8}}),
    "no numbers": json.dumps({**TUNED, "band_cost": "much"}),
    "no cost": json.dumps({**TUNED, "band_cost": float("nan")}),
    "another kernel": json.dumps({**TUNED, "large": {**TUNED["large"], "file": "../x.wgsl"}}),
    "a workgroup too large": json.dumps(
        {**TUNED, "flat": {**TUNED["flat"], "workgroup": [4096, 4096]}}
    ),
    "no workgroup": json.dumps({**TUNED, "narrow": {**TUNED["narrow"], "workgroup": 3}}),
}


@pytest.mark.parametrize("case", SPOILT)
def test_spoilt_settings(case: str, webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    async def recall(key: str) -> str:
        return SPOILT[case]

    monkeypatch.setattr(host, "recall", recall)
    fresh = WebGPUBackend(webgpu.gpu, SOFTWARE)
    asyncio.run(fresh.prepare())
    assert fresh.adapter == SOFTWARE


def test_tables_can_be_remembered() -> None:
    for adapter in (SOFTWARE, HARDWARE):
        assert Adapter.from_json(json.loads(json.dumps(adapter.as_json()))) == adapter


@pytest.mark.parametrize("text", ["[]", "3", "{", ""])
def test_spoilt_settings_file(text: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    file = tmp_path / "webtensor" / "settings.json"
    file.parent.mkdir()
    file.write_text(text)
    assert asyncio.run(native.recall("key")) is None
    native.remember("key", "value")
    assert asyncio.run(native.recall("key")) == "value"


def test_no_graph_is_released_while_it_runs(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "_evaluating", asyncio.Lock())
    create = webgpu.gpu.create_buffers
    changed: list[bool] = []

    async def run() -> None:
        x = wt.asarray(np.ones(40_000, np.float32), device="webgpu")
        await wt.eval(x)
        wt.empty_cache()
        waiting, go_on = asyncio.Event(), asyncio.Event()

        async def slow(sizes: Any) -> Any:
            waiting.set()
            await go_on.wait()
            return await create(sizes)

        monkeypatch.setattr(webgpu.gpu, "create_buffers", slow)
        y = x + 1
        computing = asyncio.create_task(wt.eval(y))
        await waiting.wait()
        tuned = evaluate.between_evaluations(lambda: changed.append(y._node.storage is not None))
        changing = asyncio.create_task(tuned)
        for _ in range(10):
            await asyncio.sleep(0)
        assert not changed
        go_on.set()
        await asyncio.gather(computing, changing)

    asyncio.run(run())
    assert changed == [True]


def test_tuning_that_is_stopped_keeps_no_plans(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "PRODUCT_CLASSES", ("narrow",))
    plans, usual = len(webgpu.gpu._plans), webgpu.adapter  # type: ignore[attr-defined]

    def stop(line: str) -> None:
        if "variant 3" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(wt.tune(progress=stop))
    assert len(webgpu.gpu._plans) == plans  # type: ignore[attr-defined]
    assert webgpu.adapter == usual
