"""Wrong arguments: errors of this package that say what to do, where the call is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import nn
from webtensor.errors import DeviceUnavailableError, DtypeError, ShapeError

X = wt.asarray(np.random.default_rng(1).standard_normal((4, 8)).astype(np.float32), device="cpu")
BYTES = wt.astype(X, "int8")
SCALAR = wt.asarray(1.5, device="cpu")
ANY: Any = None

WRONG_TYPES: dict[str, Callable[[], Any]] = {
    "eps of text": lambda: nn.layer_norm(X, 8, eps="small"),  # type: ignore[arg-type]
    "no eps": lambda: nn.layer_norm(X, 8, eps=ANY),
    "eps beyond floats": lambda: nn.rms_norm(X, 8, eps=10**400),
    "eps that is a list": lambda: nn.group_norm(X, 2, eps=[1]),  # type: ignore[arg-type]
    "alpha of text": lambda: nn.elu(X, alpha="a"),  # type: ignore[arg-type]
    "weight that is a number": lambda: nn.layer_norm(X, 8, weight=1.0),  # type: ignore[arg-type]
    "weight that is a list": lambda: nn.layer_norm(X, 8, weight=[1.0] * 8),  # type: ignore[arg-type]
    "normalized shape of text": lambda: nn.layer_norm(X, "ab"),  # type: ignore[arg-type]
    "groups that are no integer": lambda: nn.group_norm(X, 2.0),  # type: ignore[arg-type]
    "nothing to normalise": lambda: nn.instance_norm(ANY),
    "nothing to quantise": lambda: nn.quantize_weight(ANY),
    "no quantised weight": lambda: nn.linear_quantized(X, X),  # type: ignore[arg-type]
    "no weight at all": lambda: nn.linear_dynamic_int8(X, ANY),
    "nothing to multiply": lambda: wt.matmul_integer(BYTES, ANY),
    "integers that are floats": lambda: wt.matmul_integer(X[:, :6], X[:, :6].mT),
    "axis that is no integer": lambda: wt.sum(X, axis=1.0),  # type: ignore[call-arg]
    "axis of text": lambda: nn.softmax(X, axis="a"),  # type: ignore[arg-type]
    "no shape": lambda: wt.reshape(X, ANY),
    "shape of floats": lambda: X.reshape(4.0, 8.0),
    "no axes": lambda: wt.permute_dims(X, ANY),
    "broadcast to nothing": lambda: wt.broadcast_to(X, ANY),
    "zeros of text": lambda: wt.zeros("ab"),  # type: ignore[arg-type]
    "explaining nothing": lambda: wt.explain(ANY),
    "computing a list": lambda: asyncio.run(wt.eval([X])),  # type: ignore[list-item]
}
WRONG_SHAPES: dict[str, Callable[[], Any]] = {
    "quantised product of a scalar": lambda: nn.linear_quantized(SCALAR, nn.quantize_weight(X)),
    "groups of no columns": lambda: nn.quantize_weight(wt.zeros((8, 0))),
    "negative groups": lambda: nn.quantize_weight(X, group_size=-4),
    "axes that are not there": lambda: wt.permute_dims(X, 1),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("case", WRONG_TYPES)
def test_wrong_types(case: str) -> None:
    with pytest.raises(DtypeError, match=r"\w+"):
        WRONG_TYPES[case]()


@pytest.mark.parametrize("case", WRONG_SHAPES)
def test_wrong_shapes(case: str) -> None:
    with pytest.raises(ShapeError, match=r"\w+"):
        WRONG_SHAPES[case]()


def test_unknown_devices() -> None:
    with pytest.raises(DeviceUnavailableError, match="'gpu' is no device"):
        asyncio.run(wt.tune(device="gpu"))
    assert [one.name for one in wt.devices()] == ["webgpu", "webnn", "cpu"]


@pytest.mark.parametrize("shape", [np.int64(32), np.array([8, 4]), [2, 16], (32,)], ids=repr)
def test_shapes_of_all_kinds(shape: Any) -> None:
    wanted = X.tolist()
    assert X.reshape(shape).reshape(4, 8).tolist() == wanted


def test_weights_in_named_tuples_are_arguments() -> None:
    weight = nn.quantize_weight(X)
    step = wt.compile(lambda x, q: (nn.linear_quantized(x, q), q.scale))
    found, scale = asyncio.run(step(X, weight))
    np.testing.assert_array_equal(np.asarray(scale), np.asarray(weight.scale))
    expected = nn.linear_quantized(X, weight)
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
    other = nn.quantize_weight(X * 2)
    again, _ = asyncio.run(step(X, other))
    np.testing.assert_allclose(np.asarray(again), np.asarray(expected) * 2, rtol=1e-5)
