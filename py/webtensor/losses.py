"""Losses of regression and of distances, with PyTorch's names and semantics
(torch.nn.functional), without gradients. Those of classes are in `classification.py`."""

from __future__ import annotations

import math
from typing import Literal

from . import activations, functions
from .creation import asarray
from .distances import pairwise_distance
from .errors import OptionError, ShapeError
from .functions import (
    add,
    astype,
    divide,
    equal,
    exp,
    greater,
    less,
    log,
    maximum,
    minimum,
    multiply,
    negative,
    not_equal,
    sqrt,
    square,
    subtract,
    where,
)
from .loss_reduction import Reduction, check_floating, check_shape, loss, reduced
from .operands import node_of, number
from .tensor import Tensor

__all__ = [
    "cosine_embedding_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "margin_ranking_loss",
    "mse_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
]


@loss
def mse_loss(input: Tensor, target: Tensor, *, reduction: Reduction = "mean") -> Tensor:  # noqa: A002
    """(input - target)²; the shapes broadcast."""
    check_floating("mse_loss", input, target)
    return reduced("mse_loss", square(subtract(input, target)), reduction)


@loss
def l1_loss(input: Tensor, target: Tensor, *, reduction: Reduction = "mean") -> Tensor:  # noqa: A002
    """|input - target|; the shapes broadcast."""
    check_floating("l1_loss", input, target)
    return reduced("l1_loss", functions.abs(subtract(input, target)), reduction)


@loss
def huber_loss(
    input: Tensor,  # noqa: A002
    target: Tensor,
    *,
    reduction: Reduction = "mean",
    delta: float = 1.0,
) -> Tensor:
    """½ · d² where d = |input - target| is at most `delta`, else delta · (d - ½ · delta)
    (Huber, 1964); the shapes broadcast.
    """
    check_floating("huber_loss", input, target)
    if not delta > 0:
        raise OptionError(f"huber_loss: delta is {delta}; it is positive")
    apart = functions.abs(subtract(input, target))
    beyond = multiply(subtract(apart, delta / 2), delta)
    found = where(greater(apart, delta), beyond, multiply(square(apart), 0.5))
    return reduced("huber_loss", found, reduction)


@loss
def smooth_l1_loss(
    input: Tensor,  # noqa: A002
    target: Tensor,
    *,
    reduction: Reduction = "mean",
    beta: float = 1.0,
) -> Tensor:
    """½ · d² / beta where d = |input - target| is below `beta`, else d - ½ · beta
    (Girshick, 2015); the shapes broadcast.
    """
    check_floating("smooth_l1_loss", input, target)
    if not beta >= 0:
        raise OptionError(f"smooth_l1_loss: beta is {beta}; it is not negative")
    apart = functions.abs(subtract(input, target))
    found = apart
    if beta:
        inside = multiply(square(apart), 0.5 / beta)
        found = where(less(apart, beta), inside, subtract(apart, beta / 2))
    return reduced("smooth_l1_loss", found, reduction)


@loss
def kl_div(
    input: Tensor,  # noqa: A002
    target: Tensor,
    *,
    reduction: Reduction | Literal["batchmean"] = "mean",
    log_target: bool = False,
) -> Tensor:
    """target · (log(target) - input), the divergence of Kullback and Leibler (1951).

    Args:
        input: logarithms of probabilities.
        target: probabilities, or their logarithms with `log_target`; the shapes broadcast.
        reduction: also "batchmean": the sum over the size of input's first axis.
        log_target: what target is.
    """
    check_floating("kl_div", input, target)
    if log_target:
        found = multiply(exp(target), subtract(target, input))
    else:
        own = where(equal(target, 0), 0, multiply(target, log(target)))
        found = subtract(own, multiply(target, input))
    if reduction != "batchmean":
        return reduced("kl_div", found, reduction)
    total = reduced("kl_div", found, "sum")
    return divide(total, input.shape[0]) if input.ndim else total


@loss
def hinge_embedding_loss(
    input: Tensor,  # noqa: A002
    target: Tensor,
    *,
    margin: float = 1.0,
    reduction: Reduction = "mean",
) -> Tensor:
    """`input` where `target` is 1, max(0, margin - input) where it is -1; the shapes broadcast."""
    check_floating("hinge_embedding_loss", input)
    node_of("hinge_embedding_loss", target)
    near = where(not_equal(target, -1), input, 0)
    far = where(not_equal(target, 1), maximum(subtract(margin, input), 0), 0)
    return reduced("hinge_embedding_loss", add(near, far), reduction)


@loss
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    *,
    margin: float = 0.0,
    reduction: Reduction = "mean",
) -> Tensor:
    """1 - cos where `target` is 1, max(0, cos - margin) where it is -1, cos being that of the angle
    between (N, D) or (D,) vectors."""
    name = "cosine_embedding_loss"
    check_floating(name, input1, input2)
    check_shape(name, input1, input2)
    if input1.ndim not in (1, 2) or node_of(name, target).shape != input1.shape[:-1]:
        raise ShapeError(
            f"{name} takes (N, D) and (N,), or (D,) and (), not {input1.shape} and {target.shape}"
        )
    wide = [astype(one, "float32") if one.dtype.itemsize == 2 else one for one in (input1, input2)]
    product = functions.sum(multiply(*wide), axis=-1)
    squares = [add(functions.sum(square(one), axis=-1), 1e-12) for one in wide]
    cosine = divide(product, sqrt(multiply(*squares)))
    near = where(equal(target, 1), subtract(1, cosine), 0)
    far = where(equal(target, -1), maximum(subtract(cosine, margin), 0), 0)
    return reduced(name, astype(add(near, far), input1.dtype), reduction)


@loss
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    *,
    margin: float = 0.0,
    reduction: Reduction = "mean",
) -> Tensor:
    """max(0, margin - target · (input1 - input2)); the shapes broadcast."""
    check_floating("margin_ranking_loss", input1, input2)
    signs = astype(target, input1.dtype)
    found = maximum(subtract(margin, multiply(signs, subtract(input1, input2))), 0)
    return reduced("margin_ranking_loss", found, reduction)


@loss
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Tensor:
    """max(0, margin + d(anchor, positive) - d(anchor, negative)), d being `pairwise_distance`.

    With `swap`, d(positive, negative) counts where it is the smaller one (Balntas et al., 2016).
    """
    check_floating("triplet_margin_loss", anchor, positive, negative)
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = minimum(far, pairwise_distance(positive, negative, p, eps))
    found = maximum(add(subtract(near, far), margin), 0)
    return reduced("triplet_margin_loss", found, reduction)


@loss
def poisson_nll_loss(
    input: Tensor,  # noqa: A002
    target: Tensor,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: Reduction = "mean",
) -> Tensor:
    """exp(input) - target · input or, without `log_input`, input - target · log(input + eps).

    `full` adds Stirling's term, target · log(target) - target + ½ · log(2π · target), above 1.
    """
    check_floating("poisson_nll_loss", input, target)
    if log_input:
        found = subtract(exp(input), multiply(target, input))
    else:
        found = subtract(input, multiply(target, log(add(input, eps))))
    if full:
        stirling = add(
            subtract(multiply(target, log(target)), target),
            multiply(log(multiply(target, 2 * math.pi)), 0.5),
        )
        found = add(found, where(greater(target, 1), stirling, 0))
    return reduced("poisson_nll_loss", found, reduction)


@loss
def gaussian_nll_loss(
    input: Tensor,  # noqa: A002
    target: Tensor,
    var: Tensor | float,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Reduction = "mean",
) -> Tensor:
    """½ · (log(var) + (input - target)² / var), `var` being `eps` at least.

    `var` is a number, or of input's shape, or that with 1 as its last size, or without its last
    axis. `full` adds ½ · log(2π).
    """
    name = "gaussian_nll_loss"
    check_floating(name, input, target)
    if isinstance(var, Tensor):
        if var.shape == input.shape[:-1] != input.shape:
            var = functions.reshape(var, (*var.shape, 1))
        if var.shape not in (input.shape, (*input.shape[:-1], 1)):
            raise ShapeError(f"{name}: var of shape {var.shape} is not for shape {input.shape}")
    else:
        var = asarray(number(name, "var", var), dtype=input.dtype, device=input._node.device)
    known = maximum(var, eps)
    apart = square(subtract(input, target))
    found = multiply(add(log(known), divide(apart, known)), 0.5)
    return reduced(name, add(found, 0.5 * math.log(2 * math.pi)) if full else found, reduction)


@loss
def soft_margin_loss(
    input: Tensor,  # noqa: A002
    target: Tensor,
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """log(1 + exp(-target · input)), `target` being 1 or -1; the shapes broadcast."""
    check_floating("soft_margin_loss", input)
    signs = astype(target, input.dtype)
    found = activations.softplus(negative(multiply(signs, input)))
    return reduced("soft_margin_loss", found, reduction)
