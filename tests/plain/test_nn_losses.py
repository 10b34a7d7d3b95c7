"""Losses beside their formulas in NumPy, in float64."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import nn
from webtensor.errors import DtypeError, OptionError, ShapeError

_random = np.random.default_rng(23)
A, B, C = (_random.uniform(-3, 3, (4, 5)) for _ in range(3))
P, Q = (_random.uniform(0.05, 0.95, (4, 5)) for _ in range(2))
SIGNS = np.where(_random.random((4, 5)) > 0.5, 1, -1)
ROWS = np.array([1, -1, -1, 1])
D = np.abs(A - B)


def tensor(values: Any) -> wt.Tensor:
    return wt.asarray(np.asarray(values), device="cpu")


def value(x: wt.Tensor) -> Any:
    return asyncio.run(x.numpy())


def softplus(x: Any) -> Any:
    return np.logaddexp(x, 0)


def cosine(one: Any, other: Any) -> Any:
    return (one * other).sum(-1) / np.linalg.norm(one, axis=-1) / np.linalg.norm(other, axis=-1)


def distance(one: Any, other: Any, p: float) -> Any:
    return np.linalg.norm(one - other + 1e-6, p, axis=-1)


# A function, its operands and options, and what it gives without a reduction.
LOSSES: list[tuple[Callable[..., wt.Tensor], tuple[Any, ...], dict[str, Any], Any]] = [
    (nn.mse_loss, (A, B), {}, D**2),
    (nn.l1_loss, (A, B), {}, D),
    (nn.huber_loss, (A, B), {"delta": 0.7}, np.where(D < 0.7, D**2 / 2, 0.7 * (D - 0.35))),
    (nn.smooth_l1_loss, (A, B), {"beta": 0.7}, np.where(D < 0.7, D**2 / 1.4, D - 0.35)),
    (nn.smooth_l1_loss, (A, B), {"beta": 0.0}, D),
    (nn.binary_cross_entropy, (P, Q, D), {}, -D * (Q * np.log(P) + (1 - Q) * np.log(1 - P))),
    (nn.binary_cross_entropy, ([0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]), {},
     np.array([0.0, 0.0, 100.0, 100.0])),
    (nn.binary_cross_entropy_with_logits, (A, Q), {}, softplus(A) - Q * A),
    (nn.binary_cross_entropy_with_logits, (A, Q, D), {"pos_weight": P},
     D * ((1 - Q) * softplus(A) + P * Q * softplus(-A))),
    (nn.multilabel_soft_margin_loss, (A, Q), {}, (softplus(A) - Q * A).mean(-1)),
    (nn.kl_div, (np.log(P), Q), {}, Q * (np.log(Q) - np.log(P))),
    (nn.kl_div, (A, B), {"log_target": True}, np.exp(B) * (B - A)),
    (nn.kl_div, ([-1.0, -2.0], [0.0, 1.0]), {}, np.array([0.0, 2.0])),
    (nn.hinge_embedding_loss, (A, SIGNS), {"margin": 0.7},
     np.where(SIGNS == 1, A, np.maximum(0, 0.7 - A))),
    (nn.cosine_embedding_loss, (A, B, ROWS), {"margin": -0.3},
     np.where(ROWS == 1, 1 - cosine(A, B), np.maximum(0, cosine(A, B) + 0.3))),
    (nn.cosine_embedding_loss, (A[0], B[0], np.array(1)), {}, 1 - cosine(A[0], B[0])),
    (nn.margin_ranking_loss, (A, B, SIGNS), {"margin": 0.2},
     np.maximum(0, 0.2 - SIGNS * (A - B))),
    (nn.triplet_margin_loss, (A, B, C), {"p": 3.0, "margin": 2.0},
     np.maximum(0, 2 + distance(A, B, 3) - distance(A, C, 3))),
    (nn.triplet_margin_loss, (A, B, C), {"swap": True},
     np.maximum(0, 1 + distance(A, B, 2) - np.minimum(distance(A, C, 2), distance(B, C, 2)))),
    (nn.poisson_nll_loss, (A, 4 * Q), {}, np.exp(A) - 4 * Q * A),
    (nn.poisson_nll_loss, (P, 4 * Q), {"log_input": False, "full": True},
     P - 4 * Q * np.log(P + 1e-8) + np.where(
         4 * Q > 1, 4 * Q * np.log(4 * Q) - 4 * Q + np.log(8 * np.pi * Q) / 2, 0)),
    (nn.gaussian_nll_loss, (A, B, P), {"full": True},
     (np.log(P) + D**2 / P + np.log(2 * np.pi)) / 2),
    (nn.gaussian_nll_loss, (A, B, P[:, 0]), {}, (np.log(P[:, :1]) + D**2 / P[:, :1]) / 2),
    (nn.gaussian_nll_loss, (A, B, 0.0), {"eps": 0.5}, (np.log(0.5) + D**2 / 0.5) / 2),
    (nn.soft_margin_loss, (A, SIGNS), {}, softplus(-SIGNS * A)),
]  # fmt: skip


@pytest.mark.parametrize(("function", "operands", "options", "expected"), LOSSES)
def test_losses(
    function: Callable[..., wt.Tensor],
    operands: tuple[Any, ...],
    options: dict[str, Any],
    expected: Any,
) -> None:
    given = [one if isinstance(one, float) else tensor(one) for one in operands]
    kept = {
        key: tensor(one) if isinstance(one, np.ndarray) else one for key, one in options.items()
    }
    for reduction, reduce in (("none", lambda x: x), ("mean", np.mean), ("sum", np.sum)):
        found = value(function(*given, **kept, reduction=reduction))
        np.testing.assert_allclose(found, reduce(expected), rtol=1e-11, atol=1e-12)
    np.testing.assert_array_equal(value(function(*given, **kept)), value(
        function(*given, **kept, reduction="mean")))  # fmt: skip


def test_the_mean_over_a_batch() -> None:
    found = nn.kl_div(tensor(np.log(P)), tensor(Q), reduction="batchmean")
    np.testing.assert_allclose(value(found), (Q * np.log(Q / P)).sum() / 4)


def test_nothing_has_no_mean() -> None:
    nothing = tensor(np.zeros((0, 5)))
    assert np.isnan(value(nn.mse_loss(nothing, nothing)))
    assert value(nn.mse_loss(nothing, nothing, reduction="sum")) == 0
    classes = tensor(np.zeros(0, np.int32))
    assert np.isnan(value(nn.cross_entropy(nothing, classes)))
    assert value(nn.cross_entropy(nothing, classes, reduction="none")).shape == (0,)


def entropies(
    logits: Any, classes: Any, weight: Any, ignored: int, smoothing: float
) -> tuple[Any, Any]:
    """Losses one by one, and the weight with which each counts."""
    axis = min(1, logits.ndim - 1)
    last = np.moveaxis(logits, axis, -1)
    losses, weights = np.zeros(classes.shape), np.zeros(classes.shape)
    for place in np.ndindex(classes.shape):
        logarithms = last[place] - np.log(np.exp(last[place]).sum())
        target = classes[place]
        if target != ignored:
            weights[place] = weight[target]
            wanted = -weight[target] * logarithms[target]
            spread = -(weight * logarithms).sum() / len(weight)
            losses[place] = (1 - smoothing) * wanted + smoothing * spread
    return losses, weights


@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 5), (4,)])
@pytest.mark.parametrize(("weighted", "smoothing"), [(True, 0.0), (False, 0.2), (True, 0.2)])
def test_cross_entropy(shape: tuple[int, ...], weighted: bool, smoothing: float) -> None:
    axis = min(1, len(shape) - 1)
    logits = _random.uniform(-3, 3, shape)
    classes = _random.integers(0, 4, shape[:axis] + shape[axis + 1 :])
    weight = _random.uniform(0.1, 2, 4) if weighted else np.ones(4)
    ignored = int(classes.flat[0]) if classes.ndim else -100
    losses, weights = entropies(logits, classes, weight, ignored, smoothing)
    options = {"weight": tensor(weight) if weighted else None, "ignore_index": ignored}

    def found(reduction: Any) -> Any:
        return value(nn.cross_entropy(tensor(logits), tensor(classes), **options,
            label_smoothing=smoothing, reduction=reduction))  # fmt: skip

    np.testing.assert_allclose(found("none"), losses, rtol=1e-12)
    np.testing.assert_allclose(found("sum"), losses.sum(), rtol=1e-12)
    np.testing.assert_allclose(found("mean"), losses.sum() / weights.sum(), rtol=1e-12)
    if not smoothing:
        logarithms = wt.nn.log_softmax(tensor(logits), axis=axis)
        same = nn.nll_loss(logarithms, tensor(classes), **options)
        np.testing.assert_allclose(value(same), found("mean"), rtol=1e-12)


def test_cross_entropy_of_probabilities() -> None:
    logits = _random.uniform(-3, 3, (3, 4, 5))
    chances = _random.uniform(0, 1, (3, 4, 5))
    weight = _random.uniform(0.1, 2, 4)
    logarithms = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    expected = -((0.7 * chances + 0.3 / 4) * logarithms * weight[:, None]).sum(axis=1)
    for reduction, wanted in (
        ("none", expected), ("mean", expected.mean()), ("sum", expected.sum()),
    ):  # fmt: skip
        found = nn.cross_entropy(
            tensor(logits), tensor(chances), tensor(weight), label_smoothing=0.3,
            reduction=reduction,
        )  # fmt: skip
        np.testing.assert_allclose(value(found), wanted, rtol=1e-12)


def test_classes_that_are_none() -> None:
    classes = tensor(np.array([0, 4, -1, -100, 2**40]))
    found = value(nn.cross_entropy(tensor(np.zeros((5, 4))), classes, reduction="none"))
    np.testing.assert_allclose(found, [np.log(4), np.nan, np.nan, 0, np.nan])


def test_logits_that_are_infinite() -> None:
    logits = tensor([[0.0, -np.inf, 1.0], [5.0, 0.0, -np.inf]])
    found = value(nn.cross_entropy(logits, tensor([2, 0]), reduction="none"))
    np.testing.assert_allclose(found, [np.log(1 + np.exp(-1)), np.log(1 + np.exp(-5))])


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda a: nn.mse_loss(a, a, reduction="max"), OptionError, "'max'"),
        (lambda a: nn.mse_loss(a, a[:, :2]), ShapeError, "broadcast"),
        (lambda a: nn.l1_loss(a, wt.astype(a, "int32")), DtypeError, "int32"),
        (lambda a: nn.huber_loss(a, a, delta=0.0), OptionError, "delta"),
        (lambda a: nn.smooth_l1_loss(a, a, beta=-1.0), OptionError, "beta"),
        (lambda a: nn.binary_cross_entropy(a, a[0]), ShapeError, "one shape"),
        (lambda a: nn.binary_cross_entropy(a[0], a[0], a), ShapeError, "weight"),
        (lambda a: nn.cosine_embedding_loss(a, a, a), ShapeError, r"\(N,\)"),
        (lambda a: nn.gaussian_nll_loss(a, a, a[:, :2]), ShapeError, "var"),
        (lambda a: nn.cross_entropy(a, tensor([1, 2])), ShapeError, r"\(4,\)"),
        (lambda a: nn.cross_entropy(a, tensor([1] * 4), a), ShapeError, r"\(5,\)"),
        (lambda a: nn.cross_entropy(a, a[:, :2]), ShapeError, "probabilities"),
        (lambda a: nn.cross_entropy(a, a, label_smoothing=2.0), OptionError, "2.0"),
        (lambda a: nn.nll_loss(a[:, :0], tensor([1] * 4)), ShapeError, "no classes"),
        (lambda a: nn.nll_loss(a[0, 0], tensor(0)), ShapeError, r"\(\)"),
        (lambda a: nn.nll_loss(a, a[:, 0] > 0), DtypeError, "bool"),
    ],
)  # fmt: skip
def test_what_is_refused(
    call: Callable[[wt.Tensor], wt.Tensor], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        call(tensor(A))
