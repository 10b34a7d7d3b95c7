"""Kernel variants: tried out before use, demoted where wrong, chosen by measurement."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

import webtensor as wt
from webtensor import discovery, resources, tuning
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.variants import (
    HARDWARE,
    PRODUCT_CLASSES,
    SAFE,
    SOFTWARE,
    Adapter,
    candidates,
)
from webtensor.errors import DeviceError, DeviceUnavailableError, KernelCompileError


@pytest.fixture
def fresh(webgpu: WebGPUBackend) -> WebGPUBackend:
    """A backend of its own on the same device, which knows nothing yet."""
    return WebGPUBackend(webgpu.gpu, HARDWARE)


def _broken(monkeypatch: pytest.MonkeyPatch, file: str, right: str, wrong: str) -> None:
    """Let the kernel `file` have a fault, as a driver might."""
    text = resources.text

    def changed(folder: str, name: str) -> str:
        found = text(folder, name)
        if name == file:
            assert right in found
            return found.replace(right, wrong)
        return found

    monkeypatch.setattr(resources, "text", changed)


async def _product(backend: WebGPUBackend) -> bool:
    """Whether a product through `backend` is right."""
    discovery._backends["webgpu"], usual = backend, discovery._backends["webgpu"]
    try:
        generator = np.random.default_rng(5)
        a, b = (generator.standard_normal((40, 40)).astype(np.float32) for _ in range(2))
        x, y = (wt.asarray(one, device="webgpu") for one in (a, b))
        return np.allclose(await (x @ y).numpy(), a @ b, atol=1e-4)
    finally:
        discovery._backends["webgpu"] = usual


def test_sound_variants_are_used_and_remembered(fresh: WebGPUBackend) -> None:
    assert asyncio.run(_product(fresh))
    assert fresh.adapter == HARDWARE
    assert fresh.demoted == {}
    later = WebGPUBackend(fresh.gpu, HARDWARE)
    asyncio.run(later.prepare())
    assert f"large={HARDWARE.large}" in later._sound


def test_a_wrong_variant_is_demoted_and_told(
    fresh: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    _broken(monkeypatch, "matmul_tiled.wgsl", "k += TILE_K", "k += 2u * TILE_K")
    with pytest.warns(RuntimeWarning, match=r"matmul_tiled.*elements of a test"):
        assert asyncio.run(_product(fresh))
    assert fresh.adapter.large == SAFE["large"]
    assert list(fresh.info().details["demoted"]) == [f"large={HARDWARE.large}"]


def test_a_variant_that_does_not_compile_is_demoted(
    fresh: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    _broken(monkeypatch, "matmul_tiled.wgsl", "workgroupBarrier();", "workgroupBarrier()")
    with pytest.warns(RuntimeWarning, match="does not compile"):
        assert asyncio.run(_product(fresh))


def test_where_nothing_computes_right_an_error_says_so(
    fresh: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    _broken(monkeypatch, "matmul_operands.wgsl", "finish(at, sum)", "finish(at, sum + 1)")
    with pytest.raises(DeviceError, match="device='cpu'"):
        asyncio.run(_product(fresh))
    assert fresh.adapter == HARDWARE, "a fault that passes is not held against the variant"


def test_where_nothing_compiles_the_compiler_is_quoted(
    fresh: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    _broken(monkeypatch, "matmul_operands.wgsl", "const BATCH =", "const BATCH")
    with pytest.raises(KernelCompileError, match="line"):
        asyncio.run(_product(fresh))
    monkeypatch.undo()
    assert asyncio.run(_product(fresh))
    assert fresh.demoted == {}


def test_shared_rows_are_demoted_too(fresh: WebGPUBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    _broken(monkeypatch, "rows_workgroup_pass.wgsl", "half /= 2u", "half /= 4u")

    async def total() -> bool:
        discovery._backends["webgpu"], usual = fresh, discovery._backends["webgpu"]
        try:
            x = np.random.default_rng(1).standard_normal((3, 300)).astype(np.float32)
            found = await wt.sum(wt.asarray(x, device="webgpu"), axis=1).numpy()
            return np.allclose(found, x.sum(axis=1), atol=1e-4)
        finally:
            discovery._backends["webgpu"] = usual

    with pytest.warns(RuntimeWarning, match="shares_rows"):
        assert asyncio.run(total())
    assert fresh.adapter.shares_rows is False


def test_every_candidate_is_right(fresh: WebGPUBackend) -> None:
    from webtensor.backends.webgpu.trial import problem

    for name in PRODUCT_CLASSES:
        listed = list(candidates(name))
        assert len(listed) == len(set(listed)) > 5
        for variant in listed:
            found = asyncio.run(problem(fresh, SOFTWARE.with_variant(name, variant), name))
            assert found == "", (name, variant)


def test_tuning_chooses_among_all_and_is_remembered(
    webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"large": (16, 16, 32), "flat": (1, 32, 32), "narrow": (16, 16, 8)}
    monkeypatch.setattr(tuning, "_SIZES", {name: (size,) * 2 for name, size in small.items()})
    monkeypatch.setattr(tuning, "_ROWS", ((8, 64),) * 2)
    lines: list[str] = []
    usual = webgpu.adapter
    try:
        report = asyncio.run(wt.tune(progress=lines.append))
        chosen = webgpu.adapter
        later = WebGPUBackend(webgpu.gpu)
        asyncio.run(later.prepare())
    finally:
        webgpu.tuned(usual)
    assert set(report) == {*PRODUCT_CLASSES, "shares_rows"}
    for name, found in report.items():
        assert found["chosen"] == str(getattr(chosen, name))
        assert min(found["milliseconds"], key=found["milliseconds"].get) == found["chosen"]
    assert len(lines) > 20
    assert later.adapter == chosen


def test_variants_survive_being_written() -> None:
    for adapter in (SOFTWARE, HARDWARE):
        assert Adapter.from_json(adapter.as_json()) == adapter


def test_only_webgpu_has_variants() -> None:
    with pytest.raises(DeviceUnavailableError, match="tune 'webgpu'"):
        asyncio.run(wt.tune(device="cpu"))
