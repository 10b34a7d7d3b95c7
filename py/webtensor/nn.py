"""Functions of neural networks, with PyTorch's names and semantics (torch.nn.functional)."""

from __future__ import annotations

import math
from typing import Literal

from . import activations, functions
from .activations import softsign
from .attention import scaled_dot_product_attention
from .convolution import (
    adaptive_avg_pool2d,
    avg_pool2d,
    conv1d,
    conv2d,
    conv_transpose2d,
    max_pool2d,
)
from .errors import WebTensorError
from .functions import tanh
from .movement_functions import pad, take
from .normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    log_softmax,
    rms_norm,
    softmax,
)
from .products import linear
from .quantization import (
    QuantizedWeight,
    linear_dynamic_int8,
    linear_quantized,
    quantize_weight,
)
from .ranges import arange
from .tensor import Tensor

__all__ = [
    "QuantizedWeight",
    "adaptive_avg_pool2d",
    "avg_pool2d",
    "batch_norm",
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "elu",
    "embedding",
    "gelu",
    "group_norm",
    "hardsigmoid",
    "hardswish",
    "instance_norm",
    "layer_norm",
    "leaky_relu",
    "linear",
    "linear_dynamic_int8",
    "linear_quantized",
    "log_softmax",
    "logsigmoid",
    "max_pool2d",
    "mish",
    "one_hot",
    "pad",
    "quantize_weight",
    "relu",
    "relu6",
    "rms_norm",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
]

# PyTorch's constants, from Klambauer et al. 2017, "Self-Normalizing Neural Networks".
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def relu(x: Tensor, /) -> Tensor:
    """max(x, 0), elementwise; NaN stays NaN."""
    return functions.maximum(x, 0)


def relu6(x: Tensor, /) -> Tensor:
    """min(max(x, 0), 6), elementwise; NaN stays NaN."""
    return functions.clip(x, 0, 6)


def sigmoid(x: Tensor, /) -> Tensor:
    """1 / (1 + exp(-x)), elementwise, for floating-point dtypes."""
    return activations.sigmoid(x)


def logsigmoid(x: Tensor, /) -> Tensor:
    """log(sigmoid(x)), without overflow on the way, elementwise."""
    return functions.negative(activations.softplus(functions.negative(x)))


def hardsigmoid(x: Tensor, /) -> Tensor:
    """min(max(x + 3, 0), 6) / 6, elementwise."""
    return activations.hard_sigmoid(x, alpha=1 / 6, beta=0.5)


def hardswish(x: Tensor, /) -> Tensor:
    """x · hardsigmoid(x), elementwise."""
    return activations.hard_swish(x)


def gelu(x: Tensor, /, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """x times the normal distribution's cumulative function (Hendrycks, Gimpel 2016), elementwise.

    Args:
        x: any shape, floating-point.
        approximate: "none", or "tanh" for ½ · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))).
    """
    if approximate == "none":
        return activations.gelu(x)
    if approximate != "tanh":
        raise WebTensorError(f"gelu: approximate is 'none' or 'tanh', not {approximate!r}")
    cubed = functions.multiply(functions.square(x), x)
    inner = functions.add(x, functions.multiply(cubed, 0.044715))
    bent = functions.tanh(functions.multiply(inner, math.sqrt(2 / math.pi)))
    return functions.multiply(functions.multiply(x, 0.5), functions.add(bent, 1))


def silu(x: Tensor, /) -> Tensor:
    """x · sigmoid(x), elementwise."""
    return functions.multiply(x, sigmoid(x))


def mish(x: Tensor, /) -> Tensor:
    """x · tanh(softplus(x)), elementwise."""
    return functions.multiply(x, functions.tanh(activations.softplus(x)))


def softplus(x: Tensor, /, beta: float = 1.0) -> Tensor:
    """log(1 + exp(beta · x)) / beta, without overflow on the way, elementwise.

    It needs no threshold from which on it is taken for x.
    """
    if beta == 1:
        return activations.softplus(x)
    return functions.divide(activations.softplus(functions.multiply(x, beta)), beta)


def elu(x: Tensor, /, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha · (exp(x) - 1), elementwise."""
    return activations.elu(x, alpha=alpha)


def selu(x: Tensor, /) -> Tensor:
    """elu with the alpha and the scale that keep mean 0 and variance 1, elementwise."""
    return functions.multiply(activations.elu(x, alpha=_SELU_ALPHA), _SELU_SCALE)


def leaky_relu(x: Tensor, /, negative_slope: float = 0.01) -> Tensor:
    """x where it is not negative, else negative_slope · x, elementwise."""
    return activations.leaky_relu(x, alpha=negative_slope)


def embedding(input: Tensor, weight: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
    """The rows of `weight` at the indices `input`: `take(weight, input, axis=0)`.

    Args:
        input: integers of any shape.
        weight: (count, width).

    Returns:
        (*input.shape, width).
    """
    return take(weight, input, axis=0)


def one_hot(input: Tensor, num_classes: int) -> Tensor:  # noqa: A002 (PyTorch's name)
    """int32 1 at the place that each integer of `input` names along a new last axis, 0 elsewhere.

    A row whose integer is no class (below 0, or `num_classes` and above) has no 1.
    """
    classes = arange(num_classes, device=input._node.device)
    at = functions.astype(functions.reshape(input, (*input.shape, 1)), "int32")
    return functions.astype(functions.equal(at, classes), "int32")
