"""The operators of the W3C Web Neural Network API under its names in snake_case.

Operands are positional, the specification's options keywords; each takes `label`, too, a text that
its errors begin with. Semantics, defaults and validation are the specification's on every device:
axes count from the first, nothing promotes, truth values are uint8. What its builder refuses raises
ShapeError, OptionError or DtypeError when the function is called.

Source: https://www.w3.org/TR/webnn/ (editor's draft of 27 June 2026). In one place it contradicts
itself and its tests: pooling's `outputSizes` would have to be smaller than the strides, and would
take `padding` away. Here, as in browsers, they are what one of the two roundings gives.
"""

from __future__ import annotations

from . import (
    elementwise,
    gru_networks,
    lstm_networks,
    movement,
    normalization,
    products,
    quantization,
    reductions,
    windows,
)
from .elementwise import *  # noqa: F403
from .gru_networks import *  # noqa: F403
from .lstm_networks import *  # noqa: F403
from .movement import *  # noqa: F403
from .normalization import *  # noqa: F403
from .products import *  # noqa: F403
from .quantization import *  # noqa: F403
from .reductions import *  # noqa: F403
from .windows import *  # noqa: F403

__all__ = [
    *elementwise.__all__,
    *movement.__all__,
    *normalization.__all__,
    *products.__all__,
    *quantization.__all__,
    *gru_networks.__all__,
    *lstm_networks.__all__,
    *reductions.__all__,
    *windows.__all__,
]
