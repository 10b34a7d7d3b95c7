"""Softmax and the normalisations, with PyTorch's names and semantics (torch.nn.functional)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import functions
from .errors import DtypeError, ShapeError
from .graph.node import Node, operation
from .operands import node_of, number
from .operators.shapes import integers, normalize_axes
from .tensor import Tensor


def softmax(x: Tensor, /, axis: int = -1) -> Tensor:
    """exp(x) over its sum along `axis`, shifted by the maximum so that nothing overflows.

    Args:
        x: any shape with at least one axis, floating-point.
        axis: the axis whose elements add up to 1.

    Raises:
        ShapeError: there is no such axis, or no elements along it.
        DtypeError: x is not floating-point.
    """
    return _over_rows("softmax", x, axis)


def log_softmax(x: Tensor, /, axis: int = -1) -> Tensor:
    """The logarithm of `softmax(x, axis)`, without its rounding to zero; errors as there."""
    return _over_rows("log_softmax", x, axis)


def layer_norm(
    x: Tensor,
    /,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """(x - mean) / sqrt(variance + eps) · weight + bias over the last axes (Ba et al., 2016).

    Args:
        x: (…, *normalized_shape), floating-point.
        normalized_shape: the sizes of the last axes, which are normalised together.
        weight, bias: of that shape, or None.
        eps: added to the variance.

    Raises:
        ShapeError: x does not end with `normalized_shape`, or weight or bias is of another shape.
        DtypeError: x is not floating-point.
    """
    axes = _last_axes("layer_norm", x, normalized_shape, weight, bias)
    epsilon = number("layer_norm", "eps", eps)
    node = floating("layer_norm", x)
    node = operation("layer_normalization", [node], axes=axes, epsilon=epsilon)
    return _affine(Tensor(node), weight, bias)


def rms_norm(
    x: Tensor,
    /,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """x / sqrt(mean of squares + eps) · weight over the last axes (Zhang and Sennrich, 2019).

    `eps` is float32's machine epsilon by default; the rest as in `layer_norm`.
    """
    axes = _last_axes("rms_norm", x, normalized_shape, weight, None)
    epsilon = 2.0**-23 if eps is None else number("rms_norm", "eps", eps)
    node = operation("rms_normalization", [floating("rms_norm", x)], axes=axes, epsilon=epsilon)
    return _affine(Tensor(node), weight, None)


def group_norm(
    x: Tensor,
    /,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise groups of channels, each with its positions, together (Wu and He, 2018).

    Args:
        x: (N, C, …), floating-point; C is a multiple of `num_groups`.
        num_groups: how many groups the channels make.
        weight, bias: (C,), or None.
        eps: added to the variance.

    Raises:
        ShapeError: fewer than two axes, channels that do not divide, or a weight of another shape.
        DtypeError: x is not floating-point.
    """
    node = floating("group_norm", x)
    (num_groups,) = integers("group_norm", "num_groups", num_groups)
    if len(x.shape) < 2 or num_groups < 1 or x.shape[1] % num_groups:
        raise ShapeError(
            f"group_norm: shape {x.shape} has no (N, C, …) with C a multiple of {num_groups}"
        )
    _check_shape("group_norm", x.shape[1:2], weight, bias)
    epsilon = number("group_norm", "eps", eps)
    grouped = functions.reshape(Tensor(node), (x.shape[0], num_groups, -1)) if x.size else x
    if not x.size:
        return x
    rows = operation("layer_normalization", [grouped._node], axes=(2,), epsilon=epsilon)
    normalised = functions.reshape(Tensor(rows), x.shape)
    return _affine(normalised, _per_channel(weight, x), _per_channel(bias, x))


def instance_norm(
    x: Tensor,
    /,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel's positions on their own: `group_norm` of as many groups as channels.

    Args and errors as there; x is (N, C, …).
    """
    floating("instance_norm", x)
    if len(x.shape) < 3:
        raise ShapeError(f"instance_norm takes (N, C, …) with positions, not shape {x.shape}")
    return group_norm(x, x.shape[1], weight, bias, eps)


def batch_norm(
    x: Tensor,
    /,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """(x - mean) / sqrt(variance + eps) · weight + bias by channel, with statistics that are given
    (inference; Ioffe and Szegedy, 2015).

    Args:
        x: (N, C, …), floating-point.
        running_mean, running_var, weight, bias: (C,).
        eps: added to the variance.

    Raises:
        ShapeError: fewer than two axes, or statistics of another shape.
        DtypeError: x is not floating-point.
    """
    floating("batch_norm", x)
    if len(x.shape) < 2:
        raise ShapeError(f"batch_norm takes (N, C, …), not shape {x.shape}")
    _check_shape("batch_norm", x.shape[1:2], running_mean, running_var, weight, bias)
    scale = functions.divide(1, functions.sqrt(functions.add(running_var, eps)))
    scale = scale if weight is None else functions.multiply(scale, weight)
    shift = functions.negative(functions.multiply(running_mean, scale))
    shift = shift if bias is None else functions.add(shift, bias)
    return _affine(x, _per_channel(scale, x), _per_channel(shift, x))


def floating(name: str, x: Tensor) -> Node:
    """x's node; DtypeError for what is no floating-point tensor."""
    if not isinstance(x, Tensor):
        raise DtypeError(f"{name} takes tensors, not {type(x).__name__}; see webtensor.asarray")
    if not x.dtype.floating:
        raise DtypeError(f"{name} takes floating-point tensors, not {x.dtype.name}; use astype")
    return x._node


def _over_rows(name: str, x: Tensor, axis: int) -> Tensor:
    node = floating(name, x)
    return Tensor(operation(name, [node], axes=normalize_axes(name, axis, len(node.shape))))


def _last_axes(
    name: str,
    x: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None,
    bias: Tensor | None,
) -> tuple[int, ...]:
    sizes = integers(name, "normalized_shape", normalized_shape)
    floating(name, x)
    if not sizes or x.shape[-len(sizes) :] != sizes:
        raise ShapeError(f"{name}: shape {x.shape} does not end with {sizes}")
    _check_shape(name, sizes, weight, bias)
    return tuple(range(len(x.shape) - len(sizes), len(x.shape)))


def _check_shape(name: str, shape: tuple[int, ...], *parameters: Tensor | None) -> None:
    for one in parameters:
        if one is not None and node_of(name, one).shape != shape:
            raise ShapeError(f"{name}: a parameter has shape {one.shape}, not {shape}")


def _per_channel(parameter: Tensor | None, x: Tensor) -> Tensor | None:
    """(C,) seen as (C, 1, …), beside x's (N, C, …)."""
    if parameter is None:
        return None
    return functions.reshape(parameter, (math.prod(parameter.shape), *(1,) * (len(x.shape) - 2)))


def _affine(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    scaled = x if weight is None else functions.multiply(x, weight)
    return scaled if bias is None else functions.add(scaled, bias)
