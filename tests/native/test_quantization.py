"""Linear layers with few bits: what is lost, and that it stays in few bits."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

import webtensor as wt
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.errors import DtypeError, ShapeError


def _layer(device: str) -> tuple[np.ndarray, np.ndarray, wt.Tensor, wt.Tensor]:
    generator = np.random.default_rng(3)
    x = generator.standard_normal((2, 5, 64)).astype(np.float32)
    weight = generator.standard_normal((24, 64)).astype(np.float32)
    return x, weight, wt.asarray(x, device=device), wt.asarray(weight, device=device)


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
@pytest.mark.parametrize(("bits", "group", "error"), [(8, None, 0.02), (8, 16, 0.02), (4, 16, 0.3)])
def test_rounding_costs_what_the_bits_say(
    device: str, bits: int, group: int | None, error: float, webgpu: WebGPUBackend
) -> None:
    x, weight, on_x, on_weight = _layer(device)
    few = wt.nn.quantize_weight(on_weight, bits, group)
    bias = wt.ones(24, device=device)
    found = asyncio.run(wt.nn.linear_quantized(on_x, few, bias).numpy())
    exact = x @ weight.T + 1
    assert found.shape == exact.shape
    deviation = np.sqrt(np.mean((found - exact) ** 2)) / np.std(exact)
    assert 0 < deviation < error
    assert few.weight.nbytes == weight.size * bits // 8


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
def test_dynamic_int8(device: str, webgpu: WebGPUBackend) -> None:
    x, weight, on_x, on_weight = _layer(device)
    few = wt.nn.quantize_weight(on_weight)
    found = asyncio.run(wt.nn.linear_dynamic_int8(on_x, few, wt.ones(24, device=device)).numpy())
    exact = x @ weight.T + 1
    deviation = np.sqrt(np.mean((found - exact) ** 2)) / np.std(exact)
    assert 0 < deviation < 0.03


def test_widening_takes_no_memory_and_no_kernel(webgpu: WebGPUBackend) -> None:
    _, _, x, weight = _layer("webgpu")
    few = wt.nn.quantize_weight(weight, 4)
    asyncio.run(wt.eval(*few[:2]))
    text = str(wt.explain(wt.nn.relu(wt.nn.linear_quantized(x, few))))
    assert "in 1 kernel(s)" in text


def test_packed_dot_products_and_their_replacement_agree(webgpu: WebGPUBackend) -> None:
    generator = np.random.default_rng(4)
    a, b = (generator.integers(-128, 128, (9, 20)).astype(np.int8) for _ in range(2))
    usual = webgpu._details["packed_dot"]
    try:
        for packed in (False, usual):
            webgpu._details["packed_dot"] = packed
            webgpu.executables.clear()
            x, y = (wt.asarray(one, device="webgpu") for one in (a, b))
            found = asyncio.run(wt.matmul_integer(x, y.mT).numpy())
            assert np.array_equal(found, a.astype(np.int32) @ b.astype(np.int32).T)
    finally:
        webgpu._details["packed_dot"] = usual
        webgpu.executables.clear()


def test_what_does_not_fit_says_why() -> None:
    x = wt.zeros((2, 64))
    few = wt.nn.quantize_weight(wt.ones((8, 64)))
    with pytest.raises(ShapeError, match="multiple of 4"):
        wt.nn.quantize_weight(wt.ones((8, 64)), group_size=24)
    with pytest.raises(ShapeError, match="K % 8"):
        wt.nn.quantize_weight(wt.ones((8, 12)), bits=4)
    with pytest.raises(DtypeError, match="8 or 4 bits"):
        wt.nn.quantize_weight(wt.ones((8, 64)), bits=2)
    with pytest.raises(ShapeError, match="linear_quantized"):
        wt.nn.linear_quantized(wt.zeros((2, 32)), few)
    with pytest.raises(DtypeError, match="linear_quantized"):
        wt.nn.linear_quantized(x, few._replace(weight=wt.zeros((8, 64))))
    with pytest.raises(ShapeError, match="zero point"):
        wt.nn.linear_quantized(x, few._replace(zero_point=wt.zeros((1, 1), dtype="int8")))
    with pytest.raises(ShapeError, match="one scale"):
        wt.nn.linear_dynamic_int8(x, wt.nn.quantize_weight(wt.ones((8, 64)), group_size=32))
    with pytest.raises(ShapeError, match="matmul_integer"):
        wt.matmul_integer(wt.zeros((2, 8), dtype="int8"), wt.zeros((4, 8), dtype="int8"))
    with pytest.raises(DtypeError, match="int8"):
        wt.matmul_integer(x, wt.zeros((64, 8)))
