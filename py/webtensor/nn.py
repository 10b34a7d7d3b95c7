"""Functions of neural networks, with PyTorch's names and semantics (torch.nn.functional)."""

from __future__ import annotations

from . import functions
from .tensor import Tensor


def relu(x: Tensor, /) -> Tensor:
    """max(x, 0), elementwise; NaN stays NaN."""
    return functions.maximum(x, 0)


def sigmoid(x: Tensor, /) -> Tensor:
    """1 / (1 + exp(-x)), elementwise, for floating-point dtypes."""
    return functions.divide(1, functions.add(1, functions.exp(functions.negative(x))))


def softmax(x: Tensor, /, axis: int = -1) -> Tensor:
    """exp(x) over its sum along `axis`, shifted by the maximum so that nothing overflows.

    Args:
        x: any shape with at least one axis, floating-point.
        axis: the axis whose elements add up to 1.

    Raises:
        ShapeError: there is no such axis, or no elements along it.
        DtypeError: x is not floating-point.
    """
    shifted = functions.subtract(x, functions.max(x, axis=axis, keepdims=True))
    weights = functions.exp(shifted)
    return functions.divide(weights, functions.sum(weights, axis=axis, keepdims=True))
