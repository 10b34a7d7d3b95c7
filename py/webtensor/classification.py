"""Losses of classifiers, with PyTorch's names and semantics (torch.nn.functional)."""

from __future__ import annotations

import math
import operator

from . import activations, functions
from .embeddings import as_int32
from .errors import OptionError, ShapeError
from .functions import (
    add,
    astype,
    divide,
    greater_equal,
    less,
    log,
    logical_and,
    maximum,
    multiply,
    negative,
    not_equal,
    reshape,
    subtract,
    where,
)
from .loss_reduction import Reduction, check_floating, check_shape, loss, reduced
from .movement_functions import expand_dims, squeeze, take, take_along_axis
from .normalization import log_softmax
from .operands import node_of
from .operators.shapes import broadcast
from .tensor import Tensor

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "multilabel_soft_margin_loss",
    "nll_loss",
]


@loss
def cross_entropy(
    input: Tensor,  # noqa: A002
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The negative logarithm of the softmax of `input` at the target's class.

    Args:
        input: (N, C, …) or (C,): logits of C classes.
        target: classes as integers, (N, …) or (); or probabilities, floating-point, of input's
            shape. The loss of a class that is not below C is NaN.
        weight: (C,), of each class, or None. "mean" divides by the sum of the targets' weights (of
            probabilities: by the number of losses).
        ignore_index: a class whose loss is 0 and does not count for "mean".
        reduction: "none", "mean" or "sum".
        label_smoothing: how much of each target is spread over all classes (Szegedy et al., 2015).

    Returns:
        target's shape (without C) for "none", else ().
    """
    name = "cross_entropy"
    check_floating(name, input)
    node_of(name, target)
    if not input.ndim:
        raise ShapeError(f"{name} takes (N, C, …) or (C,), not shape ()")
    if not 0 <= label_smoothing <= 1:
        raise OptionError(f"{name}: label_smoothing is {label_smoothing}; it is from 0 to 1")
    axis = min(1, input.ndim - 1)
    logarithms = log_softmax(input, axis=axis)
    if target.dtype.floating:
        return _of_probabilities(name, logarithms, target, weight, reduction, label_smoothing, axis)
    return _of_classes(
        name, logarithms, target, weight, ignore_index, reduction, label_smoothing, axis
    )


@loss
def nll_loss(
    input: Tensor,  # noqa: A002
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Tensor:
    """`cross_entropy` of classes, `input` being logarithms of probabilities already."""
    check_floating("nll_loss", input)
    node_of("nll_loss", target)
    if not input.ndim:
        raise ShapeError("nll_loss takes (N, C, …) or (C,), not shape ()")
    axis = min(1, input.ndim - 1)
    return _of_classes("nll_loss", input, target, weight, ignore_index, reduction, 0.0, axis)


@loss
def binary_cross_entropy(
    input: Tensor,  # noqa: A002
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """-(target · log(input) + (1 - target) · log(1 - input)), logarithms being -100 at least.

    `input` has probabilities, `target` its shape; `weight` broadcasts to it.
    """
    check_floating("binary_cross_entropy", input, target)
    check_shape("binary_cross_entropy", input, target)
    true = multiply(target, maximum(log(input), -100.0))
    false = multiply(subtract(1, target), maximum(functions.log1p(negative(input)), -100.0))
    return _weighted("binary_cross_entropy", negative(add(true, false)), weight, reduction)


@loss
def binary_cross_entropy_with_logits(
    input: Tensor,  # noqa: A002
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: Reduction = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of sigmoid(input), without overflow on the way.

    `pos_weight` multiplies the losses of positive targets; it broadcasts to input's shape.
    """
    name = "binary_cross_entropy_with_logits"
    check_floating(name, input, target)
    check_shape(name, input, target)
    missed = activations.softplus(negative(input))
    if pos_weight is not None:
        check_floating(name, pos_weight)
        factor = add(multiply(subtract(pos_weight, 1), target), 1)
        missed = multiply(missed, factor)
    found = add(multiply(subtract(1, target), input), missed)
    return _weighted(name, found, weight, reduction)


@loss
def multilabel_soft_margin_loss(
    input: Tensor,  # noqa: A002
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """The mean over the last axis, (…, C), of `binary_cross_entropy_with_logits`."""
    name = "multilabel_soft_margin_loss"
    found = binary_cross_entropy_with_logits(input, target, weight, reduction="none")
    if not input.ndim:
        raise ShapeError(f"{name} takes (…, C), not shape ()")
    return reduced(name, functions.mean(found, axis=-1), reduction)


def _of_classes(
    name: str,
    logarithms: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
    axis: int,
) -> Tensor:
    """The losses where targets are the numbers of classes along `axis`."""
    shape, count = logarithms.shape, logarithms.shape[axis]
    wanted = (*shape[:axis], *shape[axis + 1 :])
    classes = as_int32(name, target)
    if classes.shape != wanted:
        raise ShapeError(f"{name}: classes have shape {classes.shape}, not {wanted}, for {shape}")
    weights = None if weight is None else _checked_weight(name, weight, count)
    if not count:
        raise ShapeError(f"{name}: shape {shape} has no classes")
    counts = not_equal(classes, operator.index(ignore_index))
    known = logical_and(greater_equal(classes, 0), less(classes, count))
    places = where(known, classes, 0)
    picked = take_along_axis(logarithms, expand_dims(places, axis=axis), axis=axis)
    losses = negative(squeeze(picked, axis=axis))
    share = None if weights is None else take(weights, places, axis=0)
    losses = losses if share is None else multiply(losses, share)
    losses = where(known, losses, math.nan)
    if label_smoothing:
        spread = (
            logarithms if weights is None else multiply(logarithms, _along(weights, axis, shape))
        )
        smooth = functions.sum(spread, axis=axis)
        losses = add(
            multiply(losses, 1 - label_smoothing), multiply(smooth, -label_smoothing / count)
        )
    losses = where(counts, losses, 0)
    if reduction != "mean":
        return reduced(name, losses, reduction)
    total = astype(counts, losses.dtype) if share is None else where(counts, share, 0)
    wide = [astype(one, "float32") if one.dtype.itemsize == 2 else one for one in (losses, total)]
    return astype(divide(*map(functions.sum, wide)), losses.dtype)


def _of_probabilities(
    name: str,
    logarithms: Tensor,
    target: Tensor,
    weight: Tensor | None,
    reduction: str,
    label_smoothing: float,
    axis: int,
) -> Tensor:
    """The losses where targets are probabilities of classes along `axis`."""
    shape, count = logarithms.shape, logarithms.shape[axis]
    if target.shape != shape:
        raise ShapeError(f"{name}: probabilities have shape {target.shape}, not {shape}")
    if label_smoothing:
        target = add(multiply(target, 1 - label_smoothing), label_smoothing / count)
    parts = multiply(logarithms, target)
    if weight is not None:
        parts = multiply(parts, _along(_checked_weight(name, weight, count), axis, shape))
    return reduced(name, negative(functions.sum(parts, axis=axis)), reduction)


def _checked_weight(name: str, weight: Tensor, count: int) -> Tensor:
    if node_of(name, weight).shape != (count,):
        raise ShapeError(f"{name}: weight has shape {weight.shape}, not ({count},)")
    return weight


def _along(weights: Tensor, axis: int, shape: tuple[int, ...]) -> Tensor:
    return reshape(weights, (len(weights), *(1,) * (len(shape) - axis - 1)))


def _weighted(name: str, losses: Tensor, weight: Tensor | None, reduction: Reduction) -> Tensor:
    if weight is not None:
        check_floating(name, weight)
        if broadcast(name, losses.shape, weight.shape) != losses.shape:
            raise ShapeError(f"{name}: weight of shape {weight.shape} is not for {losses.shape}")
        losses = multiply(losses, weight)
    return reduced(name, losses, reduction)
