"""The specification's normalisations, and softmax."""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..functions import add, astype, divide, multiply, reshape, sqrt, subtract
from ..graph.node import operation
from ..tensor import Tensor
from .checks import (
    FLOAT,
    axes_of,
    axis_of,
    choice,
    converted,
    operand,
    optional,
    specified,
    widened,
)

__all__ = [
    "batch_normalization",
    "instance_normalization",
    "layer_normalization",
    "softmax",
]

_SPATIAL_AXES = {"nchw": (2, 3), "nhwc": (1, 2)}


@specified("batchNormalization")
def batch_normalization(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    /,
    *,
    scale: Tensor | None = None,
    bias: Tensor | None = None,
    axis: int = 1,
    epsilon: float = 1e-5,
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) · scale + bias along `axis`, with statistics that are
    given.

    Args:
        x: at least one axis; float32 or float16.
        mean, variance, scale, bias: (x.shape[axis],), of x's dtype.
        axis: counted from the first.
        epsilon: a number, converted to x's dtype.

    Returns:
        x's shape and dtype.

    Raises:
        ShapeError: no such axis, or statistics of another shape.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "batch_normalization"
    place = axis_of(name, axis, operand(name, x, FLOAT, 1))
    length = x.shape[place : place + 1]
    for one in (mean, variance):
        operand(name, one, FLOAT)
    for parameter in (mean, variance, scale, bias):
        optional(name, parameter, x, length)
    small = converted(name, "epsilon", epsilon, x.dtype)
    form = (*length, *(1,) * (x.ndim - place - 1))

    def along(parameter: Tensor) -> Tensor:
        return reshape(widened(parameter), form)

    result = divide(subtract(widened(x), along(mean)), sqrt(add(along(variance), small)))
    result = result if scale is None else multiply(result, along(scale))
    return astype(result if bias is None else add(result, along(bias)), x.dtype)


@specified("instanceNormalization")
def instance_normalization(
    x: Tensor,
    /,
    *,
    scale: Tensor | None = None,
    bias: Tensor | None = None,
    epsilon: float = 1e-5,
    layout: str = "nchw",
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) · scale + bias, each channel of each image with the
    statistics of its own positions.

    Args:
        x: (N, C, H, W), or (N, H, W, C) in the layout "nhwc"; float32 or float16.
        scale, bias: (C,), of x's dtype.
        epsilon: a number, converted to x's dtype.
        layout: "nchw" or "nhwc".

    Returns:
        x's shape and dtype.

    Raises:
        ShapeError: other shapes.
        OptionError: another layout.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "instance_normalization"
    operand(name, x, FLOAT, 4, 4)
    spatial = _SPATIAL_AXES[choice(name, "layout", layout, tuple(_SPATIAL_AXES))]
    channels = x.shape[1:2] if layout == "nchw" else x.shape[3:]
    for parameter in (scale, bias):
        optional(name, parameter, x, channels)
    form = (*channels, 1, 1) if layout == "nchw" else channels
    return _standardized(name, x, spatial, epsilon, scale, bias, form)


@specified("layerNormalization")
def layer_normalization(
    x: Tensor,
    /,
    *,
    scale: Tensor | None = None,
    bias: Tensor | None = None,
    axes: Sequence[int] | None = None,
    epsilon: float = 1e-5,
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) · scale + bias, with the statistics over `axes`.

    Args:
        x: any shape; float32 or float16.
        scale, bias: the sizes of `axes`, in their order; of x's dtype.
        axes: distinct axes, counted from the first; all but the first by default. Over no axes
            each element is its own mean.
        epsilon: a number, converted to x's dtype.

    Returns:
        x's shape and dtype.

    Raises:
        ShapeError: axes that x does not have, or one twice; scale or bias of another shape.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "layer_normalization"
    over = axes_of(name, axes, operand(name, x, FLOAT), range(1, x.ndim))
    for parameter in (scale, bias):
        optional(name, parameter, x, [x.shape[axis] for axis in over])
    order = sorted(range(len(over)), key=over.__getitem__)
    scale, bias = (
        one if one is None or not over else functions.permute_dims(one, order)
        for one in (scale, bias)
    )
    form = tuple(size if axis in over else 1 for axis, size in enumerate(x.shape))
    return _standardized(name, x, tuple(sorted(over)), epsilon, scale, bias, form)


def _standardized(
    name: str,
    x: Tensor,
    axes: tuple[int, ...],
    epsilon: float,
    scale: Tensor | None,
    bias: Tensor | None,
    form: tuple[int, ...],
) -> Tensor:
    """x with mean 0 and variance 1 over `axes`; scale and bias are reshaped to `form`."""
    small = converted(name, "epsilon", epsilon, x.dtype)
    wide = widened(x)
    if axes and x.size:
        result = Tensor(
            operation("layer_normalization", [wide._node], axes=axes, epsilon=float(small))
        )
    else:
        result = subtract(wide, wide)
    if scale is not None:
        result = multiply(result, reshape(widened(scale), form))
    if bias is not None:
        result = add(result, reshape(widened(bias), form))
    return astype(result, x.dtype)


@specified("softmax")
def softmax(x: Tensor, axis: int, /) -> Tensor:
    """exp(x) over its sum along `axis`, shifted by the maximum so that nothing overflows.

    Args:
        x: at least one axis; float32 or float16.
        axis: counted from the first.

    Raises:
        ShapeError: no such axis, or no elements along it.
        DtypeError: another dtype, or no tensor.
    """
    operand("softmax", x, FLOAT, 1)
    place = axis_of("softmax", axis, x)
    return Tensor(operation("softmax", [x._node], axes=(place,)))
