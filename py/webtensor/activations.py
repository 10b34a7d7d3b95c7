"""The activations that WebNN has, under its names and with its attributes and defaults.

Specification: https://www.w3.org/TR/webnn/
"""

from __future__ import annotations

from .graph.node import operation
from .operands import binary, node_of, number, unary
from .tensor import Tensor

_FLOATING = ", elementwise, for floating-point dtypes."
sigmoid = unary("sigmoid", "1 / (1 + exp(-x))" + _FLOATING)
gelu = unary("gelu", "x · ½ · (1 + erf(x / √2))" + _FLOATING)
softplus = unary("softplus", "log(1 + exp(x)), without overflow on the way" + _FLOATING)
softsign = unary("softsign", "x / (1 + |x|)" + _FLOATING)
hard_swish = unary("hard_swish", "x · max(0, min(6, x + 3)) / 6" + _FLOATING)
prelu = binary("prelu", "x1 where it is not negative, else x2 · x1" + _FLOATING)


def elu(x: Tensor, /, *, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha · (exp(x) - 1), elementwise."""
    return _attributed("elu", x, alpha=alpha)


def leaky_relu(x: Tensor, /, *, alpha: float = 0.01) -> Tensor:
    """x where it is not negative, else alpha · x, elementwise."""
    return _attributed("leaky_relu", x, alpha=alpha)


def linear(x: Tensor, /, *, alpha: float = 1.0, beta: float = 0.0) -> Tensor:
    """alpha · x + beta, elementwise."""
    return _attributed("linear", x, alpha=alpha, beta=beta)


def hard_sigmoid(x: Tensor, /, *, alpha: float = 0.2, beta: float = 0.5) -> Tensor:
    """alpha · x + beta, but at least 0 and at most 1, elementwise."""
    return _attributed("hard_sigmoid", x, alpha=alpha, beta=beta)


def _attributed(name: str, x: Tensor, **attributes: float) -> Tensor:
    # -0.0 as 0.0, which it equals, so that equal attributes are one kernel.
    numbers = {key: number(name, key, value) + 0.0 for key, value in attributes.items()}
    return Tensor(operation(name, [node_of(name, x)], **numbers))
