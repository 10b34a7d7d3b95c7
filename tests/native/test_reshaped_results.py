"""Reshapes that a kernel computes as its result: what else reads them, and kernels that do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.variants import SOFTWARE

Outputs = Sequence[wt.Tensor]


def _product_and_readers(x: wt.Tensor) -> Outputs:
    h = wt.matmul(x, x.mT).reshape(2, 8)
    return h, wt.tanh(h), wt.nn.softmax(h)


def _sums_and_readers(x: wt.Tensor) -> Outputs:
    h = wt.sum(x, axis=0).reshape(2, 3)
    return h, h + 1, wt.sum(h)


def _elementwise_and_readers(x: wt.Tensor) -> Outputs:
    h = wt.tanh(x).reshape(2, 12)
    return h, wt.nn.softmax(h), wt.matmul(h, h.mT)


def _reshaped_twice(x: wt.Tensor) -> Outputs:
    h = wt.exp(x).reshape(3, 8)
    k = (h * 2).reshape(2, 12)
    return h, k, wt.sum(k, axis=1), wt.max(h, axis=0)


def _product_of_nothing(x: wt.Tensor) -> Outputs:
    nothing = wt.matmul(x[:, :0], x.mT[:0])
    return (wt.exp(nothing.reshape(2, 8)),)


def _sum_of_nothing(x: wt.Tensor) -> Outputs:
    return (wt.exp(wt.sum(x[:0], axis=0).reshape(3, 2)),)


CASES = (
    _product_and_readers,
    _sums_and_readers,
    _elementwise_and_readers,
    _reshaped_twice,
    _product_of_nothing,
    _sum_of_nothing,
)


def _values(build: Callable[[wt.Tensor], Outputs], data: np.ndarray, device: str) -> list[Any]:
    async def run() -> list[Any]:
        outputs = build(wt.asarray(data, device=device))
        await wt.eval(*outputs)
        return [await one.numpy() for one in outputs]

    return asyncio.run(run())


@pytest.mark.parametrize("build", CASES, ids=lambda one: one.__name__.strip("_"))
def test_read_elsewhere(build: Callable[[wt.Tensor], Outputs], webgpu: WebGPUBackend) -> None:
    data = np.random.default_rng(1).uniform(-1, 1, (4, 6)).astype(np.float32)
    found, expected = _values(build, data, "webgpu"), _values(build, data, "cpu")
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_computed_operand_of_a_banded_product(webgpu: WebGPUBackend) -> None:
    """Matrices that are one matrix by one B, computed while loading, in several bands."""
    data = np.random.default_rng(1).uniform(-1, 1, (3, 40, 6)).astype(np.float32)

    def build(x: wt.Tensor) -> Outputs:
        return (wt.matmul(x + 1, x[0].mT),)

    usual = webgpu.adapter
    webgpu.adapter = replace(SOFTWARE, band_cost=300.0)
    webgpu.executables.clear()
    try:
        (found,) = _values(build, data, "webgpu")
    finally:
        webgpu.adapter = usual
        webgpu.executables.clear()
    expected = (data.astype(np.float64) + 1) @ data[0].T.astype(np.float64)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
