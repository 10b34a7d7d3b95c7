"""Convolutions with what is fused after them, whole and in bands."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

import webtensor as wt
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.context import Context
from webtensor.backends.webgpu.kernel import Lowered
from webtensor.backends.webgpu.lower import lower
from webtensor.backends.webgpu.variants import HARDWARE, SOFTWARE, Adapter
from webtensor.graph.fuse import fuse
from webtensor.graph.simplify import simplify


@pytest.fixture(params=[1e9, 2e4], ids=["whole", "bands"])
def adapter(request: pytest.FixtureRequest, webgpu: WebGPUBackend) -> Iterator[Adapter]:
    usual = webgpu.adapter
    webgpu.adapter = SOFTWARE.with_variant("band_cost", request.param)
    webgpu.executables.clear()
    yield webgpu.adapter
    webgpu.adapter = usual
    webgpu.executables.clear()


def kernels(y: wt.Tensor, adapter: Adapter) -> list[str]:
    """Labels of the dispatches that compute `y`."""
    outputs = simplify([y._node])
    return [one.label for one in lower(fuse(outputs), outputs, context(adapter)).dispatches]


def context(adapter: Adapter) -> Context:
    return Context(Lowered(), adapter, 1 << 30, packed_dot=False, native_half=False)


def random(*shape: int) -> np.ndarray:
    generator = np.random.default_rng(shape)
    return generator.uniform(-1, 1, shape).astype(np.float32)


def on_gpu(values: np.ndarray) -> wt.Tensor:
    return wt.asarray(values, device="webgpu")


@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d"])
def test_bias_scale_and_relu_are_fused(name: str, adapter: Adapter) -> None:
    x, weight, scale = random(3, 6, 30, 41), random(6, 6, 3, 3), random(6, 1, 1)
    bias = random(6)

    def block(device: str) -> wt.Tensor:
        function = getattr(wt.nn, name)
        data, filters = wt.asarray(x, device=device), wt.asarray(weight, device=device)
        y = function(data, filters) if name.startswith("conv") else function(data, 3)
        shift = wt.reshape(wt.asarray(bias, device=device), (6, 1, 1))
        return wt.nn.relu(y * wt.asarray(scale, device=device) + shift)

    labels = kernels(block("webgpu"), adapter)
    banded = adapter.band_cost < 1e9 and name.startswith("conv")
    assert (len(labels) > 2) == banded
    assert all("maximum" in label for label in labels if label != "band numbers")
    found, wanted = (asyncio.run(block(device).numpy()) for device in ("webgpu", "cpu"))
    assert (wanted > 0).any()
    assert (wanted == 0).any()
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_more_operands_than_a_band_can_bind(adapter: Adapter) -> None:
    x, weight = random(2, 4, 34, 36), random(5, 4, 3, 3)
    others = [random(5, 32, number + 1)[:, :, :1] for number in range(5)]
    y = wt.nn.conv2d(on_gpu(x), on_gpu(weight))
    wanted = asyncio.run(
        wt.nn.conv2d(wt.asarray(x, device="cpu"), wt.asarray(weight, device="cpu")).numpy()
    )
    for other in others:
        y, wanted = y * on_gpu(other.copy()), wanted * other
    labels = kernels(y, adapter)
    assert (labels[-1].startswith("multiply")) == (adapter.band_cost < 1e9)
    np.testing.assert_allclose(asyncio.run(y.numpy()), wanted, rtol=1e-4, atol=1e-6)


def test_adapter_classes_have_tiles_of_their_own() -> None:
    x, weight = on_gpu(random(1, 8, 16, 16)), on_gpu(random(8, 8, 3, 3))
    sums = []
    for adapter in (SOFTWARE, HARDWARE):
        outputs = simplify([wt.nn.conv2d(x, weight, padding=1)._node])
        (dispatch,) = lower(fuse(outputs), outputs, context(adapter)).dispatches
        sums.append(dispatch.source.count("var sum_"))
    assert sums == [64, 16]
