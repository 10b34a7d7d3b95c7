"""PyTorch's activations (torch.nn.functional), composed of WebNN's and of others.

All are elementwise but `glu`, `softmin` and `prelu`'s weight; NaN stays NaN. Each raises DtypeError
for what is no tensor, and those that need exponentials for dtypes that are not floating-point.
"""

from __future__ import annotations

import math
from typing import Literal

from . import activations, functions
from .activations import softsign
from .errors import OptionError, ShapeError
from .functions import tanh
from .normalization import softmax
from .operands import node_of, number
from .operators.shapes import normalize_axes
from .tensor import Tensor

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "rrelu",
    "selu",
    "sigmoid",
    "silu",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
]

# PyTorch's constants, from Klambauer et al. 2017, "Self-Normalizing Neural Networks".
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805
# From here on softplus is its argument in float32.
_STRAIGHT = 17.0


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
        raise OptionError(f"gelu: approximate is 'none' or 'tanh', not {approximate!r}")
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


def softplus(x: Tensor, /, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta · x)) / beta, without overflow on the way, elementwise.

    Where beta · x is above `threshold`, it is x; from 17 on that changes nothing in float32.
    """
    if beta == 1:
        bent = activations.softplus(x)
    else:
        bent = functions.divide(activations.softplus(functions.multiply(x, beta)), beta)
    if threshold >= _STRAIGHT:
        return bent
    return functions.where(functions.greater(functions.multiply(x, beta), threshold), x, bent)


def elu(x: Tensor, /, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha · (exp(x) - 1), elementwise."""
    return activations.elu(x, alpha=alpha)


def selu(x: Tensor, /) -> Tensor:
    """elu with the alpha and the scale that keep mean 0 and variance 1, elementwise."""
    return functions.multiply(activations.elu(x, alpha=_SELU_ALPHA), _SELU_SCALE)


def leaky_relu(x: Tensor, /, negative_slope: float = 0.01) -> Tensor:
    """x where it is not negative, else negative_slope · x, elementwise."""
    return activations.leaky_relu(x, alpha=negative_slope)


def celu(x: Tensor, /, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha · (exp(x / alpha) - 1), elementwise (Barron, 2017)."""
    steep = number("celu", "alpha", alpha)
    if not steep:
        raise OptionError("celu: alpha is 0, by which it divides")
    bent = functions.multiply(functions.expm1(functions.divide(x, steep)), steep)
    return functions.where(functions.greater(x, 0), x, bent)


def hardtanh(x: Tensor, /, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """min(max(x, min_val), max_val), elementwise."""
    if min_val > max_val:
        raise OptionError(f"hardtanh: min_val {min_val} is above max_val {max_val}")
    return functions.clip(x, min_val, max_val)


def hardshrink(x: Tensor, /, lambd: float = 0.5) -> Tensor:
    """0 where |x| is at most `lambd`, else x, elementwise."""
    return functions.where(functions.less_equal(functions.abs(x), lambd), 0, x)


def softshrink(x: Tensor, /, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by `lambd`, not beyond, elementwise."""
    if lambd < 0:
        raise OptionError(f"softshrink: lambd is {lambd}; it is not negative")
    return functions.subtract(x, functions.clip(x, -lambd, lambd))


def tanhshrink(x: Tensor, /) -> Tensor:
    """x - tanh(x), elementwise."""
    return functions.subtract(x, functions.tanh(x))


def threshold(x: Tensor, /, threshold: float, value: float) -> Tensor:
    """`value` where x is at most `threshold`, else x, elementwise."""
    return functions.where(functions.less_equal(x, threshold), value, x)


def prelu(x: Tensor, /, weight: Tensor) -> Tensor:
    """x where it is not negative, else weight · x (He et al., 2015).

    Args:
        x: (N, C, …), or fewer axes with a weight of one element, floating-point.
        weight: one element, or one for each of the C channels.

    Raises:
        ShapeError: a weight of another shape.
    """
    count = node_of("prelu", weight).size
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.ndim > 1 or count not in (1, channels):
        raise ShapeError(f"prelu: weight has shape {weight.shape}, not (1,) or ({channels},)")
    slopes = (count, *(1,) * (x.ndim - 2)) if x.ndim > 1 else ()
    return activations.prelu(x, functions.reshape(weight, slopes if count > 1 else ()))


def rrelu(
    x: Tensor, /, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    """x where it is not negative, else x times the mean of `lower` and `upper` (Xu et al., 2015).

    Raises:
        OptionError: `training`, where slopes would be random.
    """
    if training:
        raise OptionError("rrelu: training is set; here is inference only")
    return activations.leaky_relu(x, alpha=(lower + upper) / 2)


def glu(x: Tensor, /, dim: int = -1) -> Tensor:
    """The first half of x along `dim` times the sigmoid of the second (Dauphin et al., 2017).

    Raises:
        ShapeError: no such axis, or one of odd size.
    """
    (axis,) = normalize_axes("glu", dim, len(node_of("glu", x).shape))
    half, odd = divmod(x.shape[axis], 2)
    if odd:
        raise ShapeError(f"glu: axis {dim} of shape {x.shape} has no halves")
    before = (slice(None),) * axis
    gate = sigmoid(x[(*before, slice(half, None))])
    return functions.multiply(x[(*before, slice(half))], gate)


def softmin(x: Tensor, /, dim: int = -1) -> Tensor:
    """softmax(-x) along `dim`; errors as there."""
    return softmax(functions.negative(x), axis=dim)
