"""Functions of neural networks, with PyTorch's names and semantics (torch.nn.functional)."""

from __future__ import annotations

from . import functions
from .normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    log_softmax,
    rms_norm,
    softmax,
)
from .quantization import (
    QuantizedWeight,
    linear_dynamic_int8,
    linear_quantized,
    quantize_weight,
)
from .tensor import Tensor

__all__ = [
    "QuantizedWeight",
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "linear_dynamic_int8",
    "linear_quantized",
    "log_softmax",
    "quantize_weight",
    "relu",
    "rms_norm",
    "sigmoid",
    "softmax",
]


def relu(x: Tensor, /) -> Tensor:
    """max(x, 0), elementwise; NaN stays NaN."""
    return functions.maximum(x, 0)


def sigmoid(x: Tensor, /) -> Tensor:
    """1 / (1 + exp(-x)), elementwise, for floating-point dtypes."""
    return functions.divide(1, functions.add(1, functions.exp(functions.negative(x))))
