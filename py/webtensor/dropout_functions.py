"""PyTorch's dropout (torch.nn.functional) at inference, where it changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from .errors import OptionError
from .operands import named, node_of
from .tensor import Tensor

__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
]

_DOCUMENT = """x as it is: {what} are dropped in training only.

    `training` is false by default, unlike in PyTorch.

    Raises:
        OptionError: `training` is set, or p is no probability.
        DtypeError: x is no tensor.
    """


def _identity(name: str, what: str) -> Callable[..., Tensor]:
    def function(x: Tensor, /, p: float = 0.5, training: bool = False) -> Tensor:
        node = node_of(name, x)
        if not 0 <= p <= 1:
            raise OptionError(f"{name}: p is {p}; a probability lies between 0 and 1")
        if training:
            raise OptionError(f"{name}: training is set; here is inference only")
        return Tensor(node)

    return named(function, name, _DOCUMENT.format(what=what))


dropout = _identity("dropout", "elements")
alpha_dropout = _identity("alpha_dropout", "elements of self-normalising networks")
dropout1d = _identity("dropout1d", "channels of (N, C, L)")
dropout2d = _identity("dropout2d", "channels of (N, C, H, W)")
dropout3d = _identity("dropout3d", "channels of (N, C, D, H, W)")
feature_alpha_dropout = _identity("feature_alpha_dropout", "channels of self-normalising networks")
