"""Kernels that move elements, with what is fused around them, beside NumPy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor.backends.webgpu.backend import WebGPUBackend

_random = np.random.default_rng(5)
TABLE = _random.uniform(-1, 1, (37, 16)).astype(np.float32)
ODD = _random.uniform(-1, 1, (37, 7)).astype(np.float32)
PLACES = _random.integers(-37, 37, (5, 3)).astype(np.int32)
BYTES = _random.integers(-9, 9, (6, 5)).astype(np.int8)
WEIGHT = _random.uniform(-1, 1, (8, 16)).astype(np.float32)


def run(call: Callable[..., wt.Tensor], *values: Any) -> Any:
    tensors = [wt.asarray(one, device="webgpu") for one in values]
    return asyncio.run(call(*tensors).numpy())


def kernels(call: Callable[..., wt.Tensor], *values: Any) -> int:
    text = wt.explain(call(*(wt.asarray(one, device="webgpu") for one in values)))
    return int(text.split(" kernel(s)")[0].split()[-1])


@pytest.mark.parametrize(
    ("call", "values", "expected", "count"),
    [
        (lambda x, i: wt.nn.embedding(i, x) * 2 + 1, (TABLE, PLACES), TABLE[PLACES] * 2 + 1, 1),
        (lambda x: x[PLACES.astype(np.int64)], (TABLE,), TABLE[PLACES], 1),
        (lambda x, i: wt.exp(x)[i + 0], (ODD, PLACES), np.exp(ODD)[PLACES], 1),
        (lambda x, i: x.astype("float32")[i], (BYTES, PLACES % 5),
         BYTES[PLACES % 5].astype(np.float32), 1),
        (lambda x: wt.concat([x * 2, x.mT[:6, :5] + 1], axis=1) - 1, (BYTES[:5],),
         np.concatenate([BYTES[:5] * 2, BYTES[:5].T + 1], axis=1) - 1, 2),
        (lambda x, y: wt.concat([wt.exp(x), y[::-1]], axis=-1) * 3, (TABLE, ODD),
         np.concatenate([np.exp(TABLE), ODD[::-1]], axis=-1) * 3, 1),
        (lambda x: wt.nn.pad(x * 2, (4, 4, 1, 0)) + 1, (TABLE,),
         np.pad(TABLE * 2, ((1, 0), (4, 4))) + 1, 1),
        (lambda x: wt.nn.pad(wt.exp(x), (3, 2, 1, 0), "reflect"), (ODD,),
         np.pad(np.exp(ODD), ((1, 0), (3, 2)), mode="reflect"), 1),
        (lambda x: wt.roll(x, (3, -2), axis=(0, 1)), (ODD,), np.roll(ODD, (3, -2), (0, 1)), 2),
        (lambda x: wt.argmax(wt.exp(x) * -1, axis=1) * 2 + 1, (TABLE,),
         np.argmin(TABLE, axis=1) * 2 + 1, 1),
        (lambda x: wt.tril(x), (TABLE,), np.tril(TABLE), 1),
        (lambda x: wt.eye(37, 7, k=1, device="webgpu") + x, (ODD,), np.eye(37, 7, 1) + ODD, 1),
        (lambda x, w: wt.nn.linear(x, w, w[:, 0]), (TABLE, WEIGHT), TABLE @ WEIGHT.T + WEIGHT[:, 0],
         1),
        (lambda x, w: wt.gemm(x, w, w[:, 0], alpha=0.5, beta=3.0, b_transpose=True),
         (TABLE, WEIGHT), 0.5 * TABLE @ WEIGHT.T + 3 * WEIGHT[:, 0], 1),
        (lambda x: wt.take_along_axis(x, wt.argmax(x, axis=1, keepdims=True), axis=1), (ODD,),
         ODD.max(axis=1, keepdims=True), 2),
        (lambda x: wt.std(x, axis=1), (TABLE,), TABLE.std(axis=1), 2),
        (lambda x: wt.stack(wt.unstack(x)[:20], axis=1), (ODD,), ODD[:20].T, 5),
        (lambda x: wt.repeat(x, 3, axis=1), (BYTES,), np.repeat(BYTES, 3, axis=1), 2),
    ],
)  # fmt: skip
def test_kernels_with_what_stands_around_them(
    call: Callable[..., wt.Tensor],
    values: tuple[Any, ...],
    expected: Any,
    count: int,
    webgpu: WebGPUBackend,
) -> None:
    found = run(call, *values)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert kernels(call, *values) == count


def test_argmax_finds_the_first_of_equal_ones_in_long_rows(webgpu: WebGPUBackend) -> None:
    """Rows that several spans and lanes share; every place may be the one."""
    generator = np.random.default_rng(11)
    for length in (4100, 9001, 70000):
        values = np.zeros((6, length), np.float32)
        for row in values:
            row[generator.choice(length, 5)] = 1
        values[0] = 0
        values[1, [length // 3, length - 1]] = np.nan
        found = run(lambda x: wt.argmax(x, axis=1), values)
        assert found.tolist() == np.argmax(values, axis=1).tolist()
