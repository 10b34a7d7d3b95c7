"""Tensors larger than a kernel can bind: computed in parts, or refused with words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import webtensor as wt
from tests.cases import CASES, Case
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.errors import UnsupportedOperatorError
from webtensor.operators import TABLE

LIMIT = 4096  # bytes: 1024 float32


@pytest.fixture
def narrow(webgpu: WebGPUBackend) -> Iterator[WebGPUBackend]:
    """The device with a small limit for bindings."""
    usual = webgpu.binding_limit
    webgpu.binding_limit = LIMIT
    webgpu.executables.clear()
    yield webgpu
    webgpu.binding_limit = usual
    webgpu.executables.clear()


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng([*shape]).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if case.operator in TABLE
        and TABLE[case.operator].family == "elementwise"
        and case.label == "random"
        and all(one.size in (257 * 64, 67) for one in case.operands)
    ],
    ids=lambda case: case.name,
)
def test_elementwise(case: Case, narrow: WebGPUBackend) -> None:
    assert asyncio.run(case.check("webgpu")) is None


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x[::-1] + y,
        lambda x, y: x[:, ::-1] * y,
        lambda x, y: x[3:] + y[:-3],
        lambda x, y: x + y[:, :1] - y[0],
        lambda x, y: x > y,
        lambda x, y: (x * 40).astype("int8"),
    ],
)
def test_views_and_narrow_results(function: Callable[..., object], narrow: WebGPUBackend) -> None:
    for shape in ((131, 67), (64, 128)):
        a, b = _random(*shape), _random(*shape)[:, ::-1].copy()
        tensors = [wt.asarray(one, device="webgpu") for one in (a, b)]
        found = asyncio.run(function(*tensors).numpy())  # type: ignore[attr-defined]
        np.testing.assert_array_equal(found, function(a, b))


def test_products_take_bands_of_rows(narrow: WebGPUBackend) -> None:
    a, b = _random(3000, 16), _random(16, 12)
    x, y = (wt.asarray(one, device="webgpu") for one in (a, b))
    found = asyncio.run(wt.nn.relu(x @ y + 1).numpy())
    np.testing.assert_allclose(found, np.maximum(a @ b + 1, 0), atol=1e-5)


def test_what_no_part_can_bind_is_refused(narrow: WebGPUBackend) -> None:
    x = wt.asarray(_random(100, 200), device="webgpu")
    with pytest.raises(UnsupportedOperatorError, match="binds at most 4,096"):
        asyncio.run((x.mT + 1).numpy())
    y = wt.asarray(_random(4, 4), device="webgpu")
    assert asyncio.run((y + y).numpy()).shape == (4, 4), "the device goes on working"
