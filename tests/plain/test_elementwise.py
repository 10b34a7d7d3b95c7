"""Elementwise functions around their rows: Python's operators, integers, scalars, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import activations, errors


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBTENSOR_DEVICE", "cpu")


INTEGERS = np.array([7, -7, 0, 3, -128, 127], dtype=np.int8)
OTHERS = np.array([2, 2, 5, -4, -1, 3], dtype=np.int8)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x // y,
        lambda x, y: x % y,
        lambda x, y: x & y,
        lambda x, y: x | y,
        lambda x, y: x ^ y,
        lambda x, y: x << abs(y),
        lambda x, y: x >> abs(y),
        lambda x, y: ~x + +y,
        lambda x, y: 17 // x,
        lambda x, y: 17 % y,
        lambda x, y: 3 & x,
        lambda x, y: x | 3,
        lambda x, y: 3 ^ x,
        lambda x, y: 1 << abs(y),
        lambda x, y: 100 >> abs(y),
        lambda x, y: abs(x) ** 2,
    ],
)
def test_operators_on_integers_are_numpys(function: Callable[..., Any]) -> None:
    with np.errstate(all="ignore"):
        expected = function(INTEGERS, OTHERS)
    found = function(wt.asarray(INTEGERS), wt.asarray(OTHERS))
    assert found.dtype.name == expected.dtype.name
    assert found.tolist() == expected.tolist()


def test_operators_on_floats_and_bools_are_numpys() -> None:
    n, b = np.float32([7.5, -7.5, 0.25]), np.array([True, False, True])
    x, c = wt.asarray(n), wt.asarray(b)
    for ours, theirs in (
        (x // 2, n // 2),
        (x % -2, n % -2),
        (3 % x, 3 % n),
        (+x, n),
        (c & True, b & True),
        (False | c, b | False),
        (c ^ c, b ^ b),
        (~c, ~b),
        (wt.bitwise_and(c, c), b),
        (wt.bitwise_invert(c), ~b),
    ):
        assert np.array_equal(np.asarray(ours), theirs)


def test_integers_are_whole_finite_numbers() -> None:
    x = wt.asarray(INTEGERS)
    for function in (wt.floor, wt.ceil, wt.round, wt.trunc, wt.positive):
        assert function(x)._node is x._node
    assert not any(wt.isnan(x).tolist())
    assert not any(wt.isinf(x).tolist())
    assert all(wt.isfinite(x).tolist())
    assert wt.sign(x).tolist() == np.sign(INTEGERS).tolist()
    assert (wt.asarray([2, 3]) ** -1).tolist() == [0, 0]
    assert (wt.asarray([1, -1]) // 0).tolist() == [0, 0]


def test_where_takes_two_numbers() -> None:
    chosen = wt.asarray([True, False])
    for x1, x2, dtype in ((1, 2, "int32"), (1, 2.5, "float32"), (True, False, "bool")):
        found = wt.where(chosen, x1, x2)
        assert found.dtype.name == dtype
        assert found.tolist() == [x1, x2]
    assert wt.where(chosen, np.float64(1.5), 2).dtype == wt.float32


def test_clip_bounds() -> None:
    x = wt.asarray([-3.0, 0.5, 9.0, np.nan])
    assert wt.clip(x)._node is x._node
    assert wt.clip(x, 0).tolist()[:3] == [0.0, 0.5, 9.0]
    assert wt.clip(x, max=1).tolist()[:3] == [-3.0, 0.5, 1.0]
    assert wt.clip(x, 2, 1).tolist()[:3] == [1.0, 1.0, 1.0]
    assert np.isnan(wt.clip(x, 0, 1).tolist()[3])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: wt.asarray([1.0]) & 1, "bitwise_and does not take float32"),
        (lambda: ~wt.asarray([1.0]), "bitwise_invert does not take float32"),
        (lambda: wt.asarray([1]) << 1.5, "bitwise_left_shift does not take float32"),
        (lambda: wt.exp(wt.asarray([1])), "exp does not take int32"),
        (lambda: wt.floor(wt.asarray([True])), "floor does not take bool"),
        (lambda: +wt.asarray([True]), "positive does not take bool"),
        (lambda: wt.isnan(wt.asarray([True])), "isnan does not take bool"),
        (lambda: wt.where(wt.asarray([True]), 1, "a"), "where takes tensors and Python numbers"),
        (lambda: wt.where(wt.asarray([True]), 1, 2**40), "does not fit int32"),
        (lambda: wt.where(wt.asarray([True]), True, 1), "do not promote"),
        (lambda: wt.clip(1.0, 0, 1), "clip takes tensors"),  # type: ignore[arg-type]
        (lambda: wt.nn.gelu(wt.asarray([1])), "gelu does not take int32"),
        (lambda: activations.prelu(wt.asarray([1.0]), "a"), "prelu takes"),  # type: ignore[arg-type]
    ],
)
def test_what_is_refused(call: Callable[[], Any], says: str) -> None:
    with pytest.raises(errors.DtypeError, match=says):
        call()


def test_gelu_names_its_approximations() -> None:
    with pytest.raises(errors.WebTensorError, match="'none' or 'tanh'"):
        wt.nn.gelu(wt.asarray([1.0]), approximate="sigmoid")  # type: ignore[arg-type]


def test_attributes_are_part_of_the_graph() -> None:
    x = wt.asarray([-1.0, 1.0])
    assert wt.nn.elu(x, 0.5)._node is not wt.nn.elu(x, 0.25)._node
    assert wt.nn.elu(x, 1)._node is wt.nn.elu(x)._node
    assert activations.linear(x, beta=-0.0)._node is activations.linear(x)._node
