"""Every operator's cases on wgpu-py's device, with both matrix kernels."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.cases import CASES, Case
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.matmul import HARDWARE, SOFTWARE, Variant


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, webgpu: WebGPUBackend) -> None:
    assert asyncio.run(case.check("webgpu")) is None


@pytest.fixture(params=[HARDWARE, SOFTWARE, Variant("matmul_direct.wgsl", 3, 1, (8, 4), 1e3)])
def variant(request: pytest.FixtureRequest, webgpu: WebGPUBackend) -> Iterator[Variant]:
    """Each way to multiply; the last one's bands are so small that every product has several."""
    usual = webgpu.variant
    webgpu.variant = request.param
    webgpu.executables.clear()
    yield request.param
    webgpu.variant = usual
    webgpu.executables.clear()


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.operator == "matmul"], ids=lambda case: case.name
)
def test_every_variant_multiplies_right(
    case: Case, variant: Variant, webgpu: WebGPUBackend
) -> None:
    assert asyncio.run(case.check("webgpu")) is None
    used = "\n".join(webgpu._pipelines)
    if case.refusal("webgpu") is None and all(one.size for one in case.operands):
        assert ("a_tile" in used) or variant is not HARDWARE
