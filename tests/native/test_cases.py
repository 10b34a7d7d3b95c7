"""Every operator's cases on wgpu-py's device, with both matrix kernels."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

import webtensor as wt
from tests.cases import CASES, Case
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.variants import HARDWARE, SOFTWARE, Adapter, Variant
from webtensor.operators import TABLE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, webgpu: WebGPUBackend) -> None:
    assert asyncio.run(case.check("webgpu")) is None


_TINY = Variant("matmul_direct.wgsl", 3, 1, (8, 4))
TINY = Adapter(_TINY, _TINY, _TINY, shares_rows=True, band_cost=1e3, fourier_bits=2)


@pytest.fixture(params=[HARDWARE, SOFTWARE, TINY], ids=["hardware", "software", "tiny"])
def adapter(request: pytest.FixtureRequest, webgpu: WebGPUBackend) -> Iterator[Adapter]:
    """Each class of adapters; the last one's bands are so small that every product has several."""
    usual = webgpu.adapter
    webgpu.adapter = request.param
    webgpu.executables.clear()
    yield request.param
    webgpu.adapter = usual
    webgpu.executables.clear()


WITH_VARIANTS = (
    "attention",
    "contraction",
    "convolution",
    "extreme_index",
    "fourier",
    "quantized",
    "reduction",
    "rows",
    "transposed_convolution",
)


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if case.formula is None
        and TABLE[case.operator].family in WITH_VARIANTS
        # test_half.py has those of float16 under all adapters.
        and not any(one.dtype == np.float16 for one in case.operands)
    ],
    ids=lambda case: case.name,
)
def test_every_variant_is_right(case: Case, adapter: Adapter, webgpu: WebGPUBackend) -> None:
    assert asyncio.run(case.check("webgpu")) is None


def test_adapter_classes_run_different_kernels(adapter: Adapter, webgpu: WebGPUBackend) -> None:
    webgpu._pipelines.clear()
    x = wt.asarray(np.ones((128, 64), np.float32), device="webgpu")
    asyncio.run(wt.nn.softmax(x @ x.mT).numpy())
    used = "\n".join(webgpu._pipelines)
    assert ("a_tile" in used) == (adapter is HARDWARE)
    assert ("found[local]" in used) == (adapter is not SOFTWARE)
