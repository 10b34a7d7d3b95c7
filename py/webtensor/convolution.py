"""Convolutions and pooling, with PyTorch's names and semantics (torch.nn.functional)."""

from __future__ import annotations

import operator
from collections.abc import Sequence

from . import functions
from .errors import DtypeError, ShapeError
from .graph.node import Node, operation
from .operators.convolution import Padding, Pair, reach, rounded_sizes
from .tensor import Tensor

Sizes = int | Sequence[int]


def conv2d(
    x: Tensor,
    /,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over the last two axes (cross-correlation: the filter is not flipped).

    Args:
        x: (N, C, H, W) or (C, H, W); N may be 0.
        weight: (O, C / groups, height, width), of x's dtype.
        bias: (O,), added to each output channel.
        stride: steps of the window, one for both axes or (height, width).
        padding: zeros around x, likewise; "valid" for none, "same" for as many as keep (H, W),
            which takes stride 1.
        dilation: distance between the filter's elements, likewise.
        groups: how many parts the channels are split into, each with its own filters.

    Returns:
        (N, O, (H + 2·padding - dilation·(height - 1) - 1) // stride + 1, …).

    Raises:
        ShapeError: shapes, groups or options do not fit.
        DtypeError: x and weight are of different dtypes, or bool.
    """
    node, filters = _node("conv2d", x), _node("conv2d", weight)
    images, unbatched = _batched("conv2d", node, 4)
    strides, dilations = _pair("stride", stride), _pair("dilation", dilation)
    kernel = _kernel("conv2d", filters)
    around = _padding("conv2d", padding, strides, reach(kernel, dilations))
    result = convolved(images, filters, strides, around, dilations, operator.index(groups))
    return _with_bias("conv2d", result, bias, unbatched)


def conv1d(
    x: Tensor,
    /,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor:
    """`conv2d` over one axis: x is (N, C, L) or (C, L), weight (O, C / groups, length)."""
    images, unbatched = _batched("conv1d", _node("conv1d", x), 3)
    if len(_node("conv1d", weight).shape) != 3:
        raise ShapeError(f"conv1d takes a filter (O, C / groups, length), not {weight.shape}")
    rows = functions.reshape(Tensor(images), (*images.shape[:2], 1, images.shape[2]))
    filters = functions.reshape(weight, (*weight.shape[:2], 1, weight.shape[2]))
    around = padding if isinstance(padding, str) else (0, padding)
    result = conv2d(rows, filters, bias, (1, stride), around, (1, dilation), groups)
    shape = (*result.shape[:2], result.shape[3])
    return functions.reshape(result, shape[1:] if unbatched else shape)


def conv_transpose2d(
    x: Tensor,
    /,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """The gradient of `conv2d` by its input: each element of x spreads over a window.

    Args:
        x: (N, C, H, W) or (C, H, W); N may be 0.
        weight: (C, O / groups, height, width), of x's dtype.
        bias: (O,), added to each output channel.
        stride: distance between the windows of neighbours, one for both axes or (height, width).
        padding: how much is cut off the result on every side, likewise.
        output_padding: how much is added at its bottom and right, likewise; smaller than the
            stride or the dilation.
        groups: how many parts the channels are split into, each with its own filters.
        dilation: distance between the filter's elements, likewise.

    Returns:
        (N, O, (H - 1)·stride - 2·padding + dilation·(height - 1) + output_padding + 1, …).

    Raises:
        ShapeError: shapes, groups or options do not fit.
        DtypeError: x and weight are of different dtypes, or bool.
    """
    name = "conv_transpose2d"
    images, unbatched = _batched(name, _node(name, x), 4)
    height, width = _pair("padding", padding)
    result = operation(
        name,
        [images, _node(name, weight)],
        strides=_pair("stride", stride),
        padding=(height, height, width, width),
        output_padding=_pair("output_padding", output_padding),
        dilations=_pair("dilation", dilation),
        groups=operator.index(groups),
    )
    return _with_bias(name, result, bias, unbatched)


def conv_transpose1d(
    x: Tensor,
    /,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    groups: int = 1,
    dilation: int = 1,
) -> Tensor:
    """`conv_transpose2d` over one axis: x is (N, C, L) or (C, L), weight (C, O / groups, length);
    errors as there."""
    name = "conv_transpose1d"
    lines, unbatched = _batched(name, _node(name, x), 3)
    if len(_node(name, weight).shape) != 3:
        raise ShapeError(f"{name} takes a filter (C, O / groups, length), not {weight.shape}")
    rows = functions.reshape(Tensor(lines), (*lines.shape[:2], 1, lines.shape[2]))
    filters = functions.reshape(weight, (*weight.shape[:2], 1, weight.shape[2]))
    steps, around, more, apart = (1, stride), (0, padding), (0, output_padding), (1, dilation)
    result = conv_transpose2d(rows, filters, bias, steps, around, more, groups, apart)
    shape = (*result.shape[:2], result.shape[3])
    return functions.reshape(result, shape[1:] if unbatched else shape)


def max_pool2d(
    x: Tensor,
    /,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest element of each window; NaN where there is one. Padding is never the largest.

    Args:
        x: (N, C, H, W) or (C, H, W), real; N may be 0.
        kernel_size: the window, one size for both axes or (height, width).
        stride: its steps, likewise; the window's size by default.
        padding: how far windows reach out of x, likewise; at most half of the window.
        dilation: distance between a window's elements, likewise.
        ceil_mode: whether a last window that is not whole counts too, if it begins in x.

    Raises:
        ShapeError: the window does not fit, not even once.
        DtypeError: x is bool or complex.
    """
    return _pooled("max_pool2d", x, kernel_size, stride, padding, dilation, ceil_mode, {})


def avg_pool2d(
    x: Tensor,
    /,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window, for floating-point dtypes.

    Args and errors as in `max_pool2d`; `count_include_pad` says whether padding counts as zeros.
    The "webnn" device takes windows inside x only: browsers differ in what they count.
    """
    more = {"count_padding": bool(count_include_pad)}
    return _pooled("average_pool2d", x, kernel_size, stride, padding, 1, ceil_mode, more)


def convolved(
    images: Node, filters: Node, strides: Pair, padding: Padding, dilations: Pair, groups: int
) -> Node:
    """The convolution of (N, C, H, W) with (O, C / groups, height, width)."""
    whole = strides == (1, 1) and not any(padding) and groups == 1
    if filters.shape[2:] == (1, 1) and whole:
        return _as_product(images, filters)
    return operation(
        "conv2d",
        [images, filters],
        strides=strides,
        padding=padding,
        dilations=dilations,
        groups=groups,
    )


def _as_product(images: Node, filters: Node) -> Node:
    """A filter of one element: each position's channels times a matrix."""
    (batch, channels, height, width), outputs = images.shape, filters.shape[0]
    if filters.shape[1] != channels:
        raise ShapeError(
            f"conv2d: {images.shape} has {channels} channels, a filter {filters.shape} takes "
            f"{filters.shape[1]}"
        )
    matrix = operation("reshape", [filters], shape=(outputs, channels))
    columns = operation("reshape", [images], shape=(batch, channels, height * width))
    product = operation("matmul", [matrix, columns])
    return operation("reshape", [product], shape=(batch, outputs, height, width))


def _pooled(
    name: str,
    x: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool,
    more: dict[str, bool],
) -> Tensor:
    images, unbatched = _batched(name, _node(name, x), 4)
    window, dilations = _pair("kernel_size", kernel_size), _pair("dilation", dilation)
    strides = window if stride is None else _pair("stride", stride)
    height, width = _pair("padding", padding)
    around = (height, height, width, width)
    spans = reach(window, dilations)
    if min(*window, *strides, *dilations) < 1:
        raise ShapeError(f"{name}: window {window}, stride and dilation must be positive")
    if 2 * height > window[0] or 2 * width > window[1]:
        raise ShapeError(f"{name}: padding {padding} is more than half of the window {window}")
    sizes = rounded_sizes(name, images.shape, window, strides, around, dilations)
    if ceil_mode:
        begins, ends = (height, width), images.shape[2:]
        sizes = tuple(  # type: ignore[assignment]
            size
            + (
                (size - 1) * step + span < end + 2 * begin  # something is left over
                and size * step < end + begin  # and the next window begins before x ends
            )
            for size, step, span, begin, end in zip(
                sizes, strides, spans, begins, ends, strict=True
            )
        )
    result = operation(
        name,
        [images],
        window=window,
        strides=strides,
        padding=around,
        dilations=dilations,
        sizes=sizes,
        **more,
    )
    return _unbatched(Tensor(result), unbatched)


def _node(name: str, x: object) -> Node:
    if not isinstance(x, Tensor):
        raise DtypeError(f"{name} takes tensors, not {type(x).__name__}; see webtensor.asarray")
    return x._node


def _batched(name: str, node: Node, rank: int) -> tuple[Node, bool]:
    """`node` with an axis for the batch, and whether it had none."""
    if len(node.shape) == rank:
        return node, False
    if len(node.shape) != rank - 1:
        raise ShapeError(f"{name} takes {rank} axes, or {rank - 1} without N, not {node.shape}")
    return operation("reshape", [node], shape=(1, *node.shape)), True


def _unbatched(result: Tensor, unbatched: bool) -> Tensor:
    return functions.reshape(result, result.shape[1:]) if unbatched else result


def _with_bias(name: str, result: Node, bias: Tensor | None, unbatched: bool) -> Tensor:
    if bias is None:
        return _unbatched(Tensor(result), unbatched)
    if _node(name, bias).shape != result.shape[1:2]:
        raise ShapeError(f"{name}: bias has shape {bias.shape}, not {result.shape[1:2]}")
    per_channel = functions.reshape(bias, (*bias.shape, 1, 1))
    return _unbatched(functions.add(Tensor(result), per_channel), unbatched)


def _pair(name: str, sizes: Sizes) -> Pair:
    """One size for both axes, or one for each."""
    listed = sizes if isinstance(sizes, Sequence) else (sizes, sizes)
    pair = tuple(map(operator.index, listed))
    if len(pair) != 2:
        raise ShapeError(f"{name} takes one size or (height, width), not {sizes}")
    return pair[0], pair[1]


def _kernel(name: str, filters: Node) -> Pair:
    if len(filters.shape) != 4:
        raise ShapeError(
            f"{name}: the filter must be (O, C / groups, height, width), not {filters.shape}"
        )
    return filters.shape[2], filters.shape[3]


def _padding(name: str, padding: Sizes | str, strides: Pair, spans: Pair) -> Padding:
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":
        if strides != (1, 1):
            raise ShapeError(f"{name}: padding 'same' takes stride 1, not {strides}")
        height, width = spans[0] - 1, spans[1] - 1
        return height // 2, height - height // 2, width // 2, width - width // 2
    if isinstance(padding, str):
        raise ShapeError(f"{name}: padding is 'same', 'valid' or sizes, not {padding!r}")
    height, width = _pair("padding", padding)
    return height, height, width, width
