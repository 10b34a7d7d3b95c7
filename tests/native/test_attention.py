"""Attention beyond its operator's cases: composed sizes, epilogues, errors, shapes."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.errors import DtypeError, OptionError, ShapeError

attention = wt.nn.scaled_dot_product_attention


def _random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def _reference(
    q: Any, k: Any, v: Any, mask: Any = None, causal: bool = False, scale: float | None = None
) -> Any:
    q, k, v = (one.astype(np.float64) for one in (q, k, v))
    repeats = q.shape[-3] // k.shape[-3]
    k, v = np.repeat(k, repeats, axis=-3), np.repeat(v, repeats, axis=-3)
    scores = q @ np.swapaxes(k, -1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if causal:
        mask = np.tril(np.ones(scores.shape[-2:], bool))
    if mask is not None:
        scores = np.where(mask, scores, -np.inf) if mask.dtype == bool else scores + mask
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) @ v


def _on(device: str, *arrays: np.ndarray) -> list[wt.Tensor]:
    return [wt.asarray(one, device=device) for one in arrays]


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
@pytest.mark.parametrize("size", [33, 128, 300])
@pytest.mark.parametrize("options", ["plain", "causal", "bool", "float", "shared heads"])
def test_every_size_and_mask(device: str, size: int, options: str, webgpu: WebGPUBackend) -> None:
    heads = 1 if options == "shared heads" else 2
    q, k, v = _random(1, 2, 9, size), _random(1, heads, 13, size), _random(1, heads, 13, 20)
    mask: Any = None
    if options == "bool":
        mask = np.random.default_rng(1).random((9, 13)) < 0.7
        mask[:, 0] = True
    if options == "float":
        mask = _random(2, 9, 13)
    causal = options == "causal"
    tensors = _on(device, q, k, v)
    given = {} if mask is None else {"attn_mask": _on(device, mask)[0]}
    found = attention(*tensors, is_causal=causal, enable_gqa=heads == 1, **given)
    expected = _reference(q, k, v, mask, causal)
    np.testing.assert_allclose(asyncio.run(found.numpy()), expected, rtol=1e-4, atol=1e-5)


def test_what_follows_is_in_the_kernel(webgpu: WebGPUBackend) -> None:
    q, k, v = (_random(2, 3, 17, 16, seed=seed) for seed in range(3))
    other = _random(2, 3, 17, 16, seed=9)
    x, y, z, w = _on("webgpu", q, k, v, other)
    result = wt.nn.relu(attention(x, y, z) + w)
    assert "in 1 kernel(s)" in str(wt.explain(result))
    expected = np.maximum(_reference(q, k, v) + other, 0)
    np.testing.assert_allclose(asyncio.run(result.numpy()), expected, rtol=1e-4, atol=1e-5)


def test_leading_axes_broadcast_and_may_be_missing(webgpu: WebGPUBackend) -> None:
    q, k, v = _random(2, 3, 5, 8), _random(1, 3, 6, 8, seed=1), _random(1, 3, 6, 4, seed=2)
    found = asyncio.run(attention(*_on("webgpu", q, k, v)).numpy())
    expected = _reference(q, np.broadcast_to(k, (2, 3, 6, 8)), np.broadcast_to(v, (2, 3, 6, 4)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    flat = asyncio.run(attention(*_on("webgpu", q[0, 0], k[0, 0], v[0, 0])).numpy())
    np.testing.assert_allclose(flat, expected[0, 0], rtol=1e-4, atol=1e-5)


def test_many_keys(webgpu: WebGPUBackend) -> None:
    q, k, v = _random(1, 2, 8), _random(1, 5000, 8, seed=1), _random(1, 5000, 4, seed=2)
    found = asyncio.run(attention(*_on("webgpu", q, k, v)).numpy())
    np.testing.assert_allclose(found, _reference(q, k, v), rtol=1e-3, atol=1e-5)


def test_what_does_not_fit_says_why() -> None:
    q, k = wt.zeros((2, 4, 8)), wt.zeros((2, 5, 8))
    with pytest.raises(OptionError, match="no training"):
        attention(q, k, k, dropout_p=0.1)
    with pytest.raises(OptionError, match="put both into the mask"):
        attention(q, k, k, wt.zeros((4, 5)), is_causal=True)
    with pytest.raises(DtypeError, match="floating-point"):
        attention(q, k, k.astype("int32"))
    with pytest.raises(DtypeError, match="bool or floating-point"):
        attention(q, k, k, wt.zeros((4, 5), dtype="int32"))
    with pytest.raises(DtypeError, match="takes tensors"):
        attention(q, None, k)  # type: ignore[arg-type]
    with pytest.raises(ShapeError):
        attention(q, wt.zeros((2, 5, 7)), k)
    with pytest.raises(ShapeError):
        attention(q, k, wt.zeros((2, 6, 8)))
    with pytest.raises(ShapeError):
        attention(q, k, k, wt.zeros((3, 5)))
    with pytest.raises(ShapeError, match="two axes"):
        attention(wt.zeros(8), k, k)
