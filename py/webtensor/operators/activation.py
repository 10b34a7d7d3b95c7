"""Activations that WebNN has as operators: a row each, under WebNN's names and with its attributes.

Those that only PyTorch has are composed of these in `nn.py`.
"""

from __future__ import annotations

from ..lazy_numpy import np
from . import references
from .declaration import Tolerance
from .elementwise_rows import FLOATING, row

# Where alpha · x + beta cancels, an error in ULP of the result means nothing.
_CANCELLING = 2**-21

OPERATORS = (
    row(
        "sigmoid",
        "sigmoid_{type}({0})",
        references.sigmoid,
        "sigmoid",
        Tolerance.units(34, half=Tolerance.units(10)),
        FLOATING,
        cost=8,
    ),
    row("gelu", "gelu_{type}({0})", references.gelu, "gelu", Tolerance.units(18), FLOATING, cost=8),
    row(
        "elu",
        "elu_{type}({0}, {alpha})",
        references.elu,
        "elu",
        Tolerance.units(18),
        FLOATING,
        cost=8,
    ),
    row(
        "leaky_relu",
        "leaky_relu_{type}({0}, {target}({alpha}))",
        lambda x, *, alpha: references.leaky_relu(x, alpha),
        "leakyRelu",
        Tolerance.units(1, half=Tolerance.units(2)),
        FLOATING,
    ),
    row(
        "prelu",
        "leaky_relu_{type}({0}, {1})",
        references.leaky_relu,
        "prelu",
        Tolerance.units(1),
        FLOATING,
    ),
    row(
        "linear",
        "{alpha} * {0} + {beta}",
        lambda x, *, alpha, beta: alpha * x + beta,
        "linear",
        Tolerance.units(2, absolute=_CANCELLING),
        FLOATING,
    ),
    row(
        "hard_sigmoid",
        "hard_sigmoid_{type}({0}, {alpha}, {beta})",
        lambda x, *, alpha, beta: np.clip(alpha * x + beta, 0, 1),
        "hardSigmoid",
        Tolerance.units(2, absolute=_CANCELLING),
        FLOATING,
    ),
    row(
        "hard_swish",
        "hard_swish_{type}({0})",
        lambda x: x * np.clip(x + 3, 0, 6) / 6,
        "hardSwish",
        Tolerance.units(4),
        FLOATING,
    ),
    row(
        "softplus",
        "softplus_{type}({0})",
        lambda x: np.logaddexp(x, 0),
        "softplus",
        Tolerance.units(18),
        FLOATING,
        cost=8,
    ),
    row(
        "softsign",
        "{0} / (1.0 + abs({0}))",
        lambda x: x / (1 + np.abs(x)),
        "softsign",
        Tolerance.units(3),
        FLOATING,
    ),
)
