"""Pooling over one axis, adaptive and by p-norm, with PyTorch's names and semantics
(torch.nn.functional). `max_pool2d` and `avg_pool2d` are in `convolution.py`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from . import functions
from .convolution import avg_pool2d, max_pool2d
from .errors import DtypeError, OptionError, ShapeError
from .functions import multiply, reshape
from .normalization import floating
from .operands import node_of, number
from .operators.shapes import integers
from .resampling import Taps, gathered, summed, windows
from .tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "avg_pool1d",
    "lp_pool1d",
    "lp_pool2d",
    "max_pool1d",
]

Sizes = int | Sequence[int]


def max_pool1d(
    x: Tensor,
    /,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """`max_pool2d` over one axis: x is (N, C, L) or (C, L); errors as there."""
    rows = _rows("max_pool1d", x)
    (size,), (around,), (apart,) = (
        integers("max_pool1d", name, value)
        for name, value in (
            ("kernel_size", kernel_size), ("padding", padding), ("dilation", dilation)
        )
    )  # fmt: skip
    steps = size if stride is None else stride
    found = max_pool2d(rows, (1, size), (1, steps), (0, around), (1, apart), ceil_mode)
    return reshape(found, (*x.shape[:-1], found.shape[-1]))


def avg_pool1d(
    x: Tensor,
    /,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """`avg_pool2d` over one axis: x is (N, C, L) or (C, L); errors as there."""
    rows = _rows("avg_pool1d", x)
    (size,), (around,) = (
        integers("avg_pool1d", name, value)
        for name, value in (("kernel_size", kernel_size), ("padding", padding))
    )
    steps = size if stride is None else stride
    found = avg_pool2d(rows, (1, size), (1, steps), (0, around), ceil_mode, count_include_pad)
    return reshape(found, (*x.shape[:-1], found.shape[-1]))


def lp_pool1d(
    x: Tensor,
    /,
    norm_type: float,
    kernel_size: int,
    stride: int | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """(Σ xᵖ)^(1/p) of each window, p being `norm_type`: x is (N, C, L) or (C, L).

    As PyTorch's, it takes no magnitudes: an odd p gives NaN where the sum is negative. The other
    arguments and errors are `avg_pool1d`'s.
    """
    powers = _raised("lp_pool1d", x, norm_type)
    mean = avg_pool1d(powers, kernel_size, stride, 0, ceil_mode)
    (size,) = integers("lp_pool1d", "kernel_size", kernel_size)
    return functions.pow(multiply(mean, size), 1 / norm_type)


def lp_pool2d(
    x: Tensor,
    /,
    norm_type: float,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """(Σ xᵖ)^(1/p) of each window; as `lp_pool1d`, over two axes.

    The other arguments and errors are `avg_pool2d`'s.
    """
    powers = _raised("lp_pool2d", x, norm_type)
    mean = avg_pool2d(powers, kernel_size, stride, 0, ceil_mode)
    sizes = integers("lp_pool2d", "kernel_size", kernel_size)
    count = math.prod(sizes) if isinstance(kernel_size, Sequence) else sizes[0] ** 2
    return functions.pow(multiply(mean, count), 1 / norm_type)


def adaptive_avg_pool1d(x: Tensor, /, output_size: int) -> Tensor:
    """`adaptive_avg_pool2d` over one axis: x is (N, C, L) or (C, L); errors as there."""
    return averaged(_positions("adaptive_avg_pool1d", x, 1), _wanted(x, output_size, 1))


def adaptive_avg_pool2d(x: Tensor, /, output_size: Sizes | Sequence[int | None]) -> Tensor:
    """The means of as many windows as `output_size` says, which cover x evenly.

    Window i of n begins at floor(i · length / n) and ends before ceil((i + 1) · length / n).

    Args:
        x: (N, C, H, W) or (C, H, W), floating-point.
        output_size: one size for both axes or (height, width); None keeps x's.

    Returns:
        (N, C, height, width).

    Raises:
        ShapeError: other axes, or sizes that are not positive.
        DtypeError: x is not floating-point.
    """
    return averaged(_positions("adaptive_avg_pool2d", x, 2), _wanted(x, output_size, 2))


def adaptive_max_pool1d(x: Tensor, /, output_size: int) -> Tensor:
    """`adaptive_max_pool2d` over one axis: x is (N, C, L) or (C, L); errors as there."""
    return _largest(_positions("adaptive_max_pool1d", x, 1), _wanted(x, output_size, 1))


def adaptive_max_pool2d(x: Tensor, /, output_size: Sizes | Sequence[int | None]) -> Tensor:
    """The largest elements of the windows of `adaptive_avg_pool2d`, for real dtypes; NaN wins.

    Args and errors as there.
    """
    return _largest(_positions("adaptive_max_pool2d", x, 2), _wanted(x, output_size, 2))


def averaged(x: Tensor, sizes: Sequence[int]) -> Tensor:
    """The means of the windows that cover x's last axes evenly."""
    floating("adaptive pooling", x)
    return _covered(x, sizes, summed, functions.mean)


def _largest(x: Tensor, sizes: Sequence[int]) -> Tensor:
    def largest(x: Tensor, axis: int, taps: Taps) -> Tensor:
        return functions.max(gathered(x, axis, taps), axis=axis + 1)

    return _covered(x, sizes, largest, functions.max)


def _covered(
    x: Tensor,
    sizes: Sequence[int],
    along: Callable[[Tensor, int, Taps], Tensor],
    over: Callable[..., Tensor],
) -> Tensor:
    """x reduced over the windows that cover its last axes: `along` one axis where they overlap,
    `over` all others at once."""
    first = x.ndim - len(sizes)
    if all(size == 1 for size in sizes):
        return over(x, axis=tuple(range(first, x.ndim)), keepdims=True)
    for axis, size in enumerate(sizes, first):
        if x.shape[axis] % size:
            x = along(x, axis, windows(x.shape[axis], size))
    shape, axes = list(x.shape[:first]), []
    for length, size in zip(x.shape[first:], sizes, strict=True):
        shape.append(size)
        if length != size:
            axes.append(len(shape))
            shape.append(length // size)
    return over(reshape(x, shape), axis=tuple(axes)) if axes else Tensor(x._node)


def _rows(name: str, x: Tensor) -> Tensor:
    """(N, C, L) or (C, L) as images of one row."""
    shape = _positions(name, x, 1).shape
    return reshape(x, (*shape[:-1], 1, shape[-1]))


def _positions(name: str, x: Tensor, count: int) -> Tensor:
    if len(node_of(name, x).shape) not in (count + 1, count + 2):
        raise ShapeError(f"{name} takes {count + 2} axes, or {count + 1} without N, not {x.shape}")
    if x.dtype.kind in ("bool", "complex"):
        raise DtypeError(f"{name} takes real numbers, not {x.dtype.name}; use astype")
    return x


def _wanted(x: Tensor, value: Sizes | Sequence[int | None], count: int) -> tuple[int, ...]:
    listed = tuple(value) if isinstance(value, Sequence) else (value,) * count
    if len(listed) != count:
        raise ShapeError(f"adaptive pooling: output_size {value} is not for {count} axis(es)")
    kept = [n if one is None else one for one, n in zip(listed, x.shape[-count:], strict=True)]
    sizes = integers("adaptive pooling", "output_size", kept)
    if min(sizes) < 1 or min(x.shape[-count:]) < 1:
        raise ShapeError(f"adaptive pooling: shape {x.shape} has no windows of number {value}")
    return sizes


def _raised(name: str, x: Tensor, norm_type: float) -> Tensor:
    floating(name, x)
    power = number(name, "norm_type", norm_type)
    if not 0 < power < math.inf:
        raise OptionError(f"{name}: norm_type is {norm_type}; it is positive and finite")
    return functions.pow(x, int(power) if power.is_integer() else power)
