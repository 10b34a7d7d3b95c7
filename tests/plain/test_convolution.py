"""What convolutions and pooling refuse, and their forms that become others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor.errors import DtypeError, ShapeError
from webtensor.graph.simplify import simplify


def tensor(*shape: int) -> wt.Tensor:
    values = np.random.default_rng(len(shape)).uniform(0.1, 1.1, shape)
    return wt.asarray(values.astype(np.float32), device="cpu")


def value(x: wt.Tensor) -> Any:
    return asyncio.run(x.numpy())


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: wt.nn.conv2d(tensor(1, 4, 5, 5), tensor(2, 3, 3, 3)), "4 channels"),
        (lambda: wt.nn.conv2d(tensor(1, 4, 5, 5), tensor(2, 3, 1, 1)), "4 channels"),
        (lambda: wt.nn.conv2d(tensor(1, 4, 5, 5), tensor(3, 2, 3, 3), groups=2), "2 groups"),
        (lambda: wt.nn.conv2d(tensor(1, 4, 2, 5), tensor(2, 4, 3, 3)), "does not fit"),
        (lambda: wt.nn.conv2d(tensor(4, 5), tensor(2, 4, 3, 3)), "(4, 5)"),
        (lambda: wt.nn.conv2d(tensor(1, 4, 5, 5), tensor(2, 4, 3)), "(2, 4, 3)"),
        (lambda: wt.nn.conv2d(tensor(1, 4, 5, 5), tensor(2, 4, 3, 3), tensor(3)), "bias"),
        (lambda: wt.nn.conv2d(tensor(1, 4, 5, 5), tensor(2, 4, 3, 3), stride=0), "positive"),
        (lambda: wt.nn.conv2d(tensor(1, 4, 5, 5), tensor(2, 4, 3, 3), padding="full"), "'full'"),
        (
            lambda: wt.nn.conv2d(tensor(1, 4, 5, 5), tensor(2, 4, 3, 3), padding="same", stride=2),
            "stride 1",
        ),
        (lambda: wt.nn.conv_transpose2d(tensor(1, 4, 5, 5), tensor(3, 2, 3, 3)), "4 channels"),
        (
            lambda: wt.nn.conv_transpose2d(
                tensor(1, 4, 5, 5), tensor(4, 2, 3, 3), output_padding=1
            ),
            "output_padding",
        ),
        (lambda: wt.nn.max_pool2d(tensor(1, 4, 5, 5), 6), "does not fit"),
        (lambda: wt.nn.max_pool2d(tensor(1, 4, 5, 5), 3, padding=2), "half"),
        (lambda: wt.nn.max_pool2d(tensor(1, 4, 0, 5), 1), "(1, 4, 0, 5)"),
        (lambda: wt.nn.avg_pool2d(tensor(1, 4, 5, 5), (1, 2, 3)), "kernel_size"),
        (lambda: wt.nn.adaptive_avg_pool2d(tensor(1, 4, 5, 5), 0), "windows"),
    ],
)
def test_shapes_that_do_not_fit(call: Callable[[], wt.Tensor], told: str) -> None:
    with pytest.raises(ShapeError) as raised:
        call()
    assert told in str(raised.value)


def test_dtypes_that_do_not_fit() -> None:
    x, truth = tensor(1, 4, 5, 5), wt.asarray(np.ones((2, 4, 3, 3), np.bool_), device="cpu")
    with pytest.raises(DtypeError):
        wt.nn.conv2d(x, truth)
    with pytest.raises(DtypeError):
        wt.nn.avg_pool2d(wt.asarray(np.ones((1, 1, 2, 2), np.int32), device="cpu"), 2)
    with pytest.raises(DtypeError):
        wt.nn.conv2d(x, np.ones((2, 4, 3, 3), np.float32))  # type: ignore[arg-type]


def test_without_a_batch() -> None:
    x, weight, bias = tensor(4, 9, 8), tensor(6, 4, 3, 2), tensor(6)
    whole = wt.reshape(x, (1, 4, 9, 8))
    for alone, batched in (
        (wt.nn.conv2d(x, weight, bias), wt.nn.conv2d(whole, weight, bias)),
        (wt.nn.max_pool2d(x, 2), wt.nn.max_pool2d(whole, 2)),
        (wt.nn.adaptive_avg_pool2d(x, 1), wt.nn.adaptive_avg_pool2d(whole, 1)),
    ):
        np.testing.assert_array_equal(value(alone), value(batched)[0])


def test_one_axis() -> None:
    x, weight = tensor(2, 4, 11), tensor(6, 4, 3)
    found = value(wt.nn.conv1d(x, weight, padding=1, stride=2, dilation=2))
    padded = np.pad(value(x), ((0, 0), (0, 0), (1, 1)))
    windows = np.stack([padded[:, :, tap : tap + 9 : 2] for tap in (0, 2, 4)], axis=-1)
    np.testing.assert_allclose(found, np.einsum("ncpk,ock->nop", windows, value(weight)), rtol=1e-5)


def test_a_filter_of_one_element_is_a_product() -> None:
    x, weight = tensor(2, 4, 5, 7), tensor(6, 4, 1, 1)
    result = wt.nn.conv2d(x, weight)
    (node,) = simplify([result._node])
    assert node.inputs[0].kind == "matmul"
    wanted = np.einsum("nchw,oc->nohw", value(x), value(weight)[:, :, 0, 0])
    np.testing.assert_allclose(value(result), wanted, rtol=1e-5)
