"""Activations, dropout, norms and distances beside their formulas in NumPy, in float64."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import nn
from webtensor.errors import DtypeError, OptionError, ShapeError

_random = np.random.default_rng(17)
X = _random.uniform(-4, 4, (5, 6, 7))
Y = _random.uniform(-4, 4, (5, 6, 7))
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 90.0, -90.0])


def tensor(values: Any) -> wt.Tensor:
    return wt.asarray(np.asarray(values), device="cpu")


def value(x: wt.Tensor) -> Any:
    return asyncio.run(x.numpy())


def close(found: wt.Tensor, expected: Any, relative: float = 1e-12) -> None:
    np.testing.assert_allclose(value(found), expected, rtol=relative, atol=1e-14, strict=True)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


ELEMENTWISE: list[tuple[Callable[[wt.Tensor], wt.Tensor], Callable[[Any], Any]]] = [
    (nn.celu, lambda x: np.maximum(x, 0) + np.minimum(0, np.exp(x) - 1)),
    (lambda x: nn.celu(x, 0.3),
     lambda x: np.maximum(x, 0) + np.minimum(0, 0.3 * np.expm1(x / 0.3))),
    (nn.hardshrink, lambda x: x * ~(np.abs(x) <= 0.5)),
    (lambda x: nn.hardshrink(x, 2.0), lambda x: np.where(np.abs(x) <= 2, 0, x)),
    (nn.softshrink, lambda x: np.where(x > 0.5, x - 0.5, np.where(x < -0.5, x + 0.5, x * 0))),
    (nn.hardtanh, lambda x: np.clip(x, -1, 1)),
    (lambda x: nn.hardtanh(x, -0.2, 2.5), lambda x: np.clip(x, -0.2, 2.5)),
    (nn.tanhshrink, lambda x: x - np.tanh(x)),
    (lambda x: nn.threshold(x, 0.1, 20.0), lambda x: np.where(x <= 0.1, 20.0, x)),
    (nn.rrelu, lambda x: np.where(x >= 0, x, x * (1 / 8 + 1 / 3) / 2)),
    (lambda x: nn.softplus(x, 2.0), lambda x: np.logaddexp(2 * x, 0) / 2),
    (lambda x: nn.softplus(x, 2.0, 3.0),
     lambda x: np.where(2 * x > 3, x, np.logaddexp(2 * x, 0) / 2)),
    (lambda x: nn.prelu(x, tensor([0.25])), lambda x: np.where(x >= 0, x, 0.25 * x)),
    (nn.logsigmoid, lambda x: -np.logaddexp(-x, 0)),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("call", "formula"), ELEMENTWISE)
def test_elementwise(call: Callable[[wt.Tensor], wt.Tensor], formula: Callable[[Any], Any]) -> None:
    for values in (X, np.zeros((0, 3))):
        close(call(tensor(values)), formula(values))
    expected = np.where(np.isnan(SPECIAL), np.nan, formula(SPECIAL))
    # What the formulas above make of infinities by 0 · ∞ or ∞ - ∞ is not what is meant.
    finite = np.isfinite(SPECIAL) | np.isnan(SPECIAL)
    found = value(call(tensor(SPECIAL)))
    np.testing.assert_allclose(found[finite], expected[finite], rtol=1e-12, atol=1e-14)


def test_infinities() -> None:
    both = tensor([np.inf, -np.inf])
    for call, expected in (
        (nn.celu, [np.inf, -1]), (nn.hardshrink, [np.inf, -np.inf]),
        (nn.softshrink, [np.inf, -np.inf]), (nn.hardtanh, [1, -1]),
        (nn.rrelu, [np.inf, -np.inf]), (nn.logsigmoid, [0, -np.inf]),
    ):  # fmt: skip
        np.testing.assert_array_equal(value(call(both)), expected)


def test_along_an_axis() -> None:
    slopes = _random.uniform(-1, 1, 6)
    close(nn.prelu(tensor(X), tensor(slopes)), np.where(X >= 0, X, X * slopes[:, None]), 1e-15)
    close(nn.glu(tensor(X), dim=1), X[:, :3] * sigmoid(X[:, 3:]))
    powers = np.exp(-X)
    close(nn.softmin(tensor(X), dim=0), powers / powers.sum(axis=0))


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, 0.5, float("inf"), 0.0])
def test_norms_and_distances(p: float) -> None:
    norm = np.linalg.norm(X, p, axis=1, keepdims=True)
    close(nn.normalize(tensor(X), p), X / norm)
    apart = np.linalg.norm(X - Y[0] + 1e-6, p, axis=-1, keepdims=True)
    close(nn.pairwise_distance(tensor(X), tensor(Y[0]), p, keepdim=True), apart)


def test_cosines_and_neighbours() -> None:
    lengths = np.linalg.norm(X, axis=-1) * np.linalg.norm(Y[:1], axis=-1)
    close(nn.cosine_similarity(tensor(X), tensor(Y[:1]), dim=-1), (X * Y[:1]).sum(-1) / lengths)
    nothing = tensor(np.zeros((3, 4), np.float16))
    close(nn.normalize(nothing), np.zeros((3, 4), np.float16))
    for size in (1, 4, 5):
        squares = np.pad(X * X, ((0, 0), (size // 2, (size - 1) // 2), (0, 0)))
        mean = sum(squares[:, first : first + 6] for first in range(size)) / size
        found = nn.local_response_norm(tensor(X), size, alpha=0.2, beta=0.6, k=2.0)
        close(found, X / (2 + 0.2 * mean) ** 0.6)
    assert nn.local_response_norm(tensor(X[:0]), 3).shape == (0, 6, 7)


def test_dropout_changes_nothing() -> None:
    x = tensor(X)
    for function in (
        nn.dropout, nn.alpha_dropout, nn.dropout1d, nn.dropout2d, nn.dropout3d,
        nn.feature_alpha_dropout,
    ):  # fmt: skip
        for same in (function(x, 0.3), function(x, p=0.3, training=False)):
            close(same, X, 0)
        with pytest.raises(OptionError, match="inference"):
            function(x, training=True)
        with pytest.raises(OptionError, match=r"1\.5"):
            function(x, 1.5)
        with pytest.raises(DtypeError):
            function(X)


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda x: nn.celu(x, 0.0), OptionError, "alpha"),
        (lambda x: nn.hardtanh(x, 1.0, -1.0), OptionError, "max_val"),
        (lambda x: nn.softshrink(x, -1.0), OptionError, "negative"),
        (lambda x: nn.rrelu(x, training=True), OptionError, "inference"),
        (lambda x: nn.prelu(x, x), ShapeError, r"\(6,\)"),
        (lambda x: nn.glu(x, dim=0), ShapeError, "halves"),
        (lambda x: nn.glu(x, dim=3), ShapeError, "axis 3"),
        (lambda x: nn.gelu(x, "erf"), OptionError, "tanh"),
        (lambda x: nn.normalize(wt.astype(x, "int32")), DtypeError, "int32"),
        (lambda x: nn.cosine_similarity(x, x[:, :2]), ShapeError, "broadcast"),
        (lambda x: nn.local_response_norm(x[0], 3), ShapeError, "positions"),
        (lambda x: nn.local_response_norm(x, 0), OptionError, "positive"),
        (lambda x: nn.celu(X), DtypeError, "tensor"),
    ],
)
def test_what_is_refused(
    call: Callable[[wt.Tensor], wt.Tensor], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        call(tensor(X))
