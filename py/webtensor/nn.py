"""Functions of neural networks, with PyTorch's names and semantics (torch.nn.functional)."""

from __future__ import annotations

from . import (
    classification,
    distances,
    dropout_functions,
    embeddings,
    interpolation,
    losses,
    nn_activations,
    pooling,
    rearrangement,
    recurrent,
)
from .attention import scaled_dot_product_attention
from .classification import *  # noqa: F403
from .convolution import (
    avg_pool2d,
    conv1d,
    conv2d,
    conv_transpose1d,
    conv_transpose2d,
    max_pool2d,
)
from .distances import *  # noqa: F403
from .dropout_functions import *  # noqa: F403
from .embeddings import *  # noqa: F403
from .interpolation import *  # noqa: F403
from .losses import *  # noqa: F403
from .movement_functions import pad
from .nn_activations import *  # noqa: F403
from .normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    log_softmax,
    rms_norm,
    softmax,
)
from .pooling import *  # noqa: F403
from .products import linear
from .quantization import (
    QuantizedWeight,
    linear_dynamic_int8,
    linear_quantized,
    quantize_weight,
)
from .rearrangement import *  # noqa: F403
from .recurrent import *  # noqa: F403
from .sorting_functions import topk

__all__ = [
    "QuantizedWeight",
    "avg_pool2d",
    "batch_norm",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "linear",
    "linear_dynamic_int8",
    "linear_quantized",
    "log_softmax",
    "max_pool2d",
    "pad",
    "quantize_weight",
    "rms_norm",
    "scaled_dot_product_attention",
    "softmax",
    "topk",
    *classification.__all__,
    *distances.__all__,
    *dropout_functions.__all__,
    *embeddings.__all__,
    *interpolation.__all__,
    *losses.__all__,
    *nn_activations.__all__,
    *pooling.__all__,
    *rearrangement.__all__,
    *recurrent.__all__,
]
