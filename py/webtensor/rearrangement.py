"""Elements of images in another order, with PyTorch's names and semantics (torch.nn.functional)."""

from __future__ import annotations

from collections.abc import Sequence

from .creation import asarray
from .errors import OptionError, ShapeError
from .functions import add, multiply, permute_dims, reshape
from .movement_functions import pad, take
from .operands import node_of
from .operators.shapes import integers
from .resampling import Taps, summed
from .tensor import Tensor

__all__ = [
    "channel_shuffle",
    "fold",
    "pixel_shuffle",
    "pixel_unshuffle",
    "unfold",
]

Sizes = int | Sequence[int]


def pixel_shuffle(x: Tensor, /, upscale_factor: int) -> Tensor:
    """(…, C·r², H, W) as (…, C, H·r, W·r): channels become positions (Shi et al., 2016).

    Raises:
        ShapeError: fewer than three axes, or channels that are no multiple of r².
        OptionError: r is not positive.
    """
    factor = _factor("pixel_shuffle", x, upscale_factor, 3)
    *batch, channels, height, width = x.shape
    if channels % factor**2:
        raise ShapeError(f"pixel_shuffle: {x.shape} has no multiple of {factor**2} channels")
    apart = reshape(x, (*batch, channels // factor**2, factor, factor, height, width))
    lead = len(batch)
    order = (*range(lead + 1), lead + 3, lead + 1, lead + 4, lead + 2)
    return reshape(
        permute_dims(apart, order),
        (*batch, channels // factor**2, height * factor, width * factor),
    )


def pixel_unshuffle(x: Tensor, /, downscale_factor: int) -> Tensor:
    """(…, C, H·r, W·r) as (…, C·r², H, W): the inverse of `pixel_shuffle`.

    Raises:
        ShapeError: fewer than three axes, or sizes that are no multiples of r.
        OptionError: r is not positive.
    """
    factor = _factor("pixel_unshuffle", x, downscale_factor, 3)
    *batch, channels, height, width = x.shape
    if height % factor or width % factor:
        raise ShapeError(f"pixel_unshuffle: {x.shape} does not end with multiples of {factor}")
    high, wide = height // factor, width // factor
    apart = reshape(x, (*batch, channels, high, factor, wide, factor))
    lead = len(batch)
    order = (*range(lead + 1), lead + 2, lead + 4, lead + 1, lead + 3)
    return reshape(permute_dims(apart, order), (*batch, channels * factor**2, high, wide))


def channel_shuffle(x: Tensor, /, groups: int) -> Tensor:
    """(N, C, …) with channel i of each group beside channel i of the others (Zhang et al., 2018).

    Raises:
        ShapeError: fewer than two axes, or channels that are no multiple of `groups`.
        OptionError: `groups` is not positive.
    """
    count = _factor("channel_shuffle", x, groups, 2)
    batch, channels, *rest = x.shape
    if channels % count:
        raise ShapeError(f"channel_shuffle: {x.shape} has no multiple of {count} channels")
    apart = reshape(x, (batch, count, channels // count, *rest))
    return reshape(permute_dims(apart, (0, 2, 1, *range(3, 3 + len(rest)))), x.shape)


def unfold(
    x: Tensor, /, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Tensor:
    """The windows of images as columns.

    Args:
        x: (N, C, H, W) or (C, H, W).
        kernel_size: the window, one size for both axes or (height, width).
        dilation: distance between a window's elements, likewise.
        padding: zeros around x, likewise.
        stride: steps of the window, likewise.

    Returns:
        (N, C · height · width, number of windows).

    Raises:
        ShapeError: the window does not fit, not even once.
        OptionError: sizes that are not positive.
    """
    images = _images("unfold", x, 4)
    window = _Window("unfold", kernel_size, dilation, padding, stride)
    high, wide = window.counts(images.shape[2:])
    around = pad(images, [one for side in reversed(window.padding) for one in (side, side)])
    batch, channels, height, width = around.shape
    rows, columns = (
        [[tap * apart + place * step for place in range(count)] for tap in range(size)]
        for size, apart, step, count in zip(
            window.size, window.dilation, window.stride, (high, wide), strict=True
        )
    )
    device = x._node.device
    (kernel_height, kernel_width) = window.size
    below = reshape(asarray(rows, device=device), (kernel_height, 1, high, 1))
    beside = reshape(asarray(columns, device=device), (1, kernel_width, 1, wide))
    places = add(multiply(below, width), beside)
    found = take(reshape(around, (batch, channels, height * width)), places, axis=2)
    shape = (channels * kernel_height * kernel_width, high * wide)
    return reshape(found, shape if x.ndim == 3 else (batch, *shape))


def fold(
    x: Tensor,
    /,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Tensor:
    """Images in which each element is the sum of what windows have there.

    Args:
        x: (N, C · height · width, number of windows), as `unfold` gives it, or without N.
        output_size: the images' (H, W), or one size for both.
        kernel_size, dilation, padding, stride: as in `unfold`.

    Returns:
        (N, C, H, W).

    Raises:
        ShapeError: x is not what windows of these sizes give.
        OptionError: sizes that are not positive.
    """
    columns = _images("fold", x, 3)
    sizes = _pair("fold", "output_size", output_size)
    window = _Window("fold", kernel_size, dilation, padding, stride)
    counts = window.counts(sizes)
    batch, rows, windows = columns.shape
    (kernel_height, kernel_width), (high, wide) = window.size, counts
    if rows % (kernel_height * kernel_width) or windows != high * wide:
        raise ShapeError(
            f"fold: shape {x.shape} is not that of {high * wide} windows {window.size} of images "
            f"{sizes}"
        )
    channels = rows // (kernel_height * kernel_width)
    apart = reshape(columns, (batch, channels, kernel_height, kernel_width, high, wide))
    parted = permute_dims(apart, (0, 1, 2, 4, 3, 5))
    parted = reshape(parted, (batch, channels, kernel_height * high, kernel_width * wide))
    for axis in (0, 1):
        parted = summed(parted, axis + 2, window.overlaps(axis, sizes[axis], counts[axis]))
    return reshape(parted, parted.shape[1:]) if x.ndim == 2 else parted


class _Window:
    """A window that slides over images: (height, width) of each of its options."""

    def __init__(
        self, name: str, size: Sizes, dilation: Sizes, padding: Sizes, stride: Sizes
    ) -> None:
        self.name = name
        self.size = _pair(name, "kernel_size", size)
        self.dilation = _pair(name, "dilation", dilation)
        self.padding = _pair(name, "padding", padding)
        self.stride = _pair(name, "stride", stride)
        if min(*self.size, *self.dilation, *self.stride) < 1 or min(self.padding) < 0:
            raise OptionError(
                f"{name}: kernel_size {size}, dilation {dilation} and stride {stride} are positive,"
                f" padding {padding} is not negative"
            )

    def counts(self, sizes: Sequence[int]) -> tuple[int, int]:
        """How many windows fit below and beside one another into images of `sizes`."""
        found = [
            (length + 2 * around - apart * (size - 1) - 1) // step + 1
            for length, around, apart, size, step in zip(
                sizes, self.padding, self.dilation, self.size, self.stride, strict=True
            )
        ]
        if min(found) < 1:
            raise ShapeError(f"{self.name}: the window {self.size} does not fit into {sizes}")
        return found[0], found[1]

    def overlaps(self, axis: int, length: int, count: int) -> Taps:
        """Which elements (of tap · count + window) meet at each place of an image's axis."""
        found: list[list[int]] = [[] for _ in range(length)]
        for tap in range(self.size[axis]):
            for number in range(count):
                place = number * self.stride[axis] + tap * self.dilation[axis] - self.padding[axis]
                if 0 <= place < length:
                    found[place].append(tap * count + number)
        return Taps.of([(one, [1.0] * len(one)) for one in found])


def _factor(name: str, x: Tensor, value: int, rank: int) -> int:
    if len(node_of(name, x).shape) < rank:
        raise ShapeError(f"{name} takes at least {rank} axes, not shape {x.shape}")
    (factor,) = integers(name, "its factor", value)
    if factor < 1:
        raise OptionError(f"{name}: {factor} is not positive")
    return factor


def _images(name: str, x: Tensor, rank: int) -> Tensor:
    shape = node_of(name, x).shape
    if len(shape) not in (rank - 1, rank):
        raise ShapeError(f"{name} takes {rank} axes, or {rank - 1} without N, not {shape}")
    return x if len(shape) == rank else reshape(x, (1, *shape))


def _pair(name: str, argument: str, value: Sizes) -> tuple[int, int]:
    sizes = integers(name, argument, value)
    if isinstance(value, Sequence) and len(sizes) != 2:
        raise ShapeError(f"{name}: {argument} is one size or (height, width), not {value}")
    return sizes[0], sizes[-1]
