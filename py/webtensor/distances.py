"""Norms and distances of vectors, with PyTorch's names and semantics (torch.nn.functional)."""

from __future__ import annotations

from . import functions
from .convolution import avg_pool2d
from .errors import OptionError, ShapeError
from .functions import add, astype, divide, maximum, multiply, reshape, subtract
from .matrix_functions import vector_norm
from .movement_functions import pad
from .normalization import floating
from .operators.shapes import integers
from .tensor import Tensor

__all__ = [
    "cosine_similarity",
    "local_response_norm",
    "normalize",
    "pairwise_distance",
]


def normalize(x: Tensor, /, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """x over its p-norm along `dim`, or over `eps` where that is larger.

    Args:
        x: floating-point.
        p: of the norm, as in `linalg.vector_norm`.
        dim: the axis whose vectors get length 1.
        eps: the least that is divided by.

    Raises:
        ShapeError: no such axis.
        DtypeError: x is not floating-point.
    """
    floating("normalize", x)
    wide = astype(x, "float32") if x.dtype.itemsize == 2 else x  # eps is 0 in float16
    norm = vector_norm(wide, axis=dim, keepdims=True, ord=p)
    return astype(divide(wide, maximum(norm, eps)), x.dtype)


def cosine_similarity(x1: Tensor, x2: Tensor, /, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between x1's and x2's vectors along `dim`.

    Args:
        x1, x2: floating-point; their shapes broadcast.
        dim: the axis of the vectors, in the broadcast shape; the result lacks it.
        eps: the least that a norm counts.

    Raises:
        ShapeError: shapes that do not broadcast, or no such axis.
        DtypeError: not floating-point.
    """
    first, second = _together("cosine_similarity", x1, x2)
    turned = multiply(normalize(first, 2.0, dim, eps), normalize(second, 2.0, dim, eps))
    return functions.sum(turned, axis=dim)


def pairwise_distance(
    x1: Tensor, x2: Tensor, /, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """The p-norm of x1 - x2 + eps over the last axis.

    Args:
        x1, x2: (…, D), floating-point; their shapes broadcast.
        p: of the norm, as in `linalg.vector_norm`.
        eps: added to each difference.
        keepdim: whether the last axis stays, with size 1.

    Raises:
        ShapeError: shapes that do not broadcast, or without axes.
        DtypeError: not floating-point.
    """
    first, second = _together("pairwise_distance", x1, x2)
    return vector_norm(add(subtract(first, second), eps), axis=-1, keepdims=keepdim, ord=p)


def local_response_norm(
    x: Tensor, /, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """x / (k + alpha · mean of squares of `size` neighbouring channels) ** beta
    (Krizhevsky et al., 2012).

    Args:
        x: (N, C, …) with at least one axis more, floating-point.
        size: how many channels, about half of them before, those that are not there being zeros.
        alpha, beta, k: numbers.

    Raises:
        ShapeError: fewer than three axes.
        OptionError: `size` is not positive.
        DtypeError: x is not floating-point.
    """
    floating("local_response_norm", x)
    (size,) = integers("local_response_norm", "size", size)
    if x.ndim < 3:
        raise ShapeError(f"local_response_norm takes (N, C, …) with positions, not {x.shape}")
    if size < 1:
        raise OptionError(f"local_response_norm: size is {size}; it is positive")
    if not x.size:
        return Tensor(x._node)
    rows = reshape(multiply(x, x), (x.shape[0], 1, x.shape[1], -1))
    around = pad(rows, (0, 0, size // 2, (size - 1) // 2))
    mean = reshape(avg_pool2d(around, (size, 1), stride=1), x.shape)
    return divide(x, functions.pow(add(multiply(mean, alpha), k), beta))


def _together(name: str, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    for one in (x1, x2):
        floating(name, one)
    shape = functions.add(x1, x2).shape
    return functions.broadcast_to(x1, shape), functions.broadcast_to(x2, shape)
