"""Convolutions and pooling over two spatial axes: a row each.

Data is (N, C, H, W). Pairs (`strides`, `dilations`, `window`, …) are (height, width); `padding` is
(top, bottom, left, right). A convolution's filter is (O, C / groups, height, width), a transposed
one's (C, O / groups, height, width).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..dtypes import DType
from ..errors import ShapeError
from ..lazy_numpy import np
from .declaration import Attributes, Operand, Operator, Shape, Tolerance
from .shapes import same_dtype

Pair = tuple[int, int]
Padding = tuple[int, int, int, int]


def reach(kernel: Sequence[int], dilations: Sequence[int]) -> Pair:
    """How many positions a kernel spans."""
    height, width = (
        (size - 1) * dilation + 1 for size, dilation in zip(kernel, dilations, strict=True)
    )
    return height, width


def rounded_sizes(
    name: str, shape: Shape, kernel: Pair, strides: Pair, padding: Padding, dilations: Pair
) -> Pair:
    """Height and width of what a window makes of (…, H, W), whole windows only."""
    spans = reach(kernel, dilations)
    room = (shape[-2] + padding[0] + padding[1], shape[-1] + padding[2] + padding[3])
    if room[0] < spans[0] or room[1] < spans[1]:
        raise ShapeError(
            f"{name}: a window of {spans} does not fit {room}, which is shape {shape} with "
            f"padding {padding}"
        )
    height, width = (
        (most - span) // stride + 1 for most, span, stride in zip(room, spans, strides, strict=True)
    )
    return height, width


def has_partial_windows(shape: Shape, options: Attributes) -> bool:
    """Whether a pooling operator's windows reach out of (…, H, W)."""
    spans = reach(options["window"], options["dilations"])
    ends = (
        (size - 1) * stride + span
        for size, stride, span in zip(options["sizes"], options["strides"], spans, strict=True)
    )
    return any(options["padding"]) or any(map(int.__gt__, ends, shape[-2:]))


def _check_images(name: str, operand: Operand) -> None:
    if len(operand.shape) != 4:
        raise ShapeError(f"{name} takes (N, C, H, W), not shape {operand.shape}")
    if 0 in operand.shape[1:]:
        raise ShapeError(f"{name}: only N may be 0, not as in shape {operand.shape}")


def _check_filter(name: str, x: Operand, weight: Operand, groups: int, form: str) -> None:
    _check_images(name, x)
    if len(weight.shape) != 4 or 0 in weight.shape:
        raise ShapeError(f"{name}: the filter must be {form}, not shape {weight.shape}")
    if groups < 1 or x.shape[1] % groups or weight.shape[0] % groups:
        raise ShapeError(
            f"{name}: {groups} groups do not divide the channels of {x.shape} and the filter's "
            f"first axis of {weight.shape}"
        )


def _check_steps(name: str, strides: Pair, padding: Padding, dilations: Pair) -> None:
    if min(*strides, *dilations) < 1 or min(padding) < 0:
        raise ShapeError(
            f"{name}: strides {strides} and dilations {dilations} must be positive, padding "
            f"{padding} must not be negative"
        )


def _infer_conv2d(
    x: Operand,
    weight: Operand,
    *,
    strides: Pair,
    padding: Padding,
    dilations: Pair,
    groups: int,
) -> tuple[Shape, DType]:
    dtype = same_dtype("conv2d", [x, weight], _NUMBER)
    _check_filter("conv2d", x, weight, groups, "(O, C / groups, height, width)")
    _check_steps("conv2d", strides, padding, dilations)
    if x.shape[1] != weight.shape[1] * groups:
        raise ShapeError(
            f"conv2d: {x.shape} has {x.shape[1]} channels, a filter {weight.shape} with "
            f"{groups} groups takes {weight.shape[1] * groups}"
        )
    sizes = rounded_sizes("conv2d", x.shape, _pair(weight.shape), strides, padding, dilations)
    return (x.shape[0], weight.shape[0], *sizes), dtype


def _infer_conv_transpose2d(
    x: Operand,
    weight: Operand,
    *,
    strides: Pair,
    padding: Padding,
    output_padding: Pair,
    dilations: Pair,
    groups: int,
) -> tuple[Shape, DType]:
    name = "conv_transpose2d"
    dtype = same_dtype(name, [x, weight], _NUMBER)
    _check_filter(name, x, weight, groups, "(C, O / groups, height, width)")
    _check_steps(name, strides, padding, dilations)
    if x.shape[1] != weight.shape[0]:
        raise ShapeError(
            f"{name}: {x.shape} has {x.shape[1]} channels, a filter {weight.shape} takes "
            f"{weight.shape[0]}"
        )
    for axis in range(2):
        if not 0 <= output_padding[axis] < max(strides[axis], dilations[axis]):
            raise ShapeError(
                f"{name}: output_padding {output_padding} must be smaller than the stride "
                f"{strides} or the dilation {dilations}"
            )
    spans = reach(_pair(weight.shape), dilations)
    height, width = (
        (x.shape[2 + axis] - 1) * strides[axis]
        - padding[2 * axis]
        - padding[2 * axis + 1]
        + spans[axis]
        + output_padding[axis]
        for axis in range(2)
    )
    if min(height, width) < 1:
        raise ShapeError(
            f"{name}: padding {padding} leaves nothing of {x.shape} with filter {weight.shape}"
        )
    return (x.shape[0], weight.shape[1] * groups, height, width), dtype


def _infer_pool(name: str, kinds: tuple[str, ...]) -> Callable[..., tuple[Shape, DType]]:
    def infer(
        x: Operand,
        *,
        window: Pair,
        strides: Pair,
        padding: Padding,
        dilations: Pair,
        sizes: Pair,
        **_: Any,
    ) -> tuple[Shape, DType]:
        dtype = same_dtype(name, [x], kinds)
        _check_images(name, x)
        _check_steps(name, strides, padding, dilations)
        if min(window) < 1:
            raise ShapeError(f"{name}: a window of {window} has no elements")
        whole = rounded_sizes(name, x.shape, window, strides, padding, dilations)
        if any(size - fit not in (0, 1) for size, fit in zip(sizes, whole, strict=True)):
            raise ShapeError(f"{name}: {x.shape} gives {whole}, or one more each, not {sizes}")
        return (*x.shape[:2], *sizes), dtype

    return infer


def _pair(shape: Shape) -> Pair:
    return shape[-2], shape[-1]


def _taps(kernel: Pair) -> Iterator[Pair]:
    return ((row, column) for row in range(kernel[0]) for column in range(kernel[1]))


def _padded(x: Any, padding: Padding, value: Any) -> Any:
    top, bottom, left, right = padding
    widths = ((0, 0), (0, 0), (top, bottom), (left, right))
    return np.pad(x, widths, constant_values=value)


def _at_tap(x: Any, tap: Pair, sizes: Pair, strides: Pair, dilations: Pair) -> Any:
    """What each window has at one position, (N, C, *sizes)."""
    rows, columns = (
        slice(at * dilation, at * dilation + (size - 1) * stride + 1, stride)
        for at, size, stride, dilation in zip(tap, sizes, strides, dilations, strict=True)
    )
    return x[:, :, rows, columns]


def _conv2d(
    x: Any, weight: Any, *, strides: Pair, padding: Padding, dilations: Pair, groups: int
) -> Any:
    kernel = _pair(weight.shape)
    sizes = rounded_sizes("conv2d", x.shape, kernel, strides, padding, dilations)
    padded = _padded(x, padding, 0)
    batch, outputs = x.shape[0], weight.shape[0]
    per_group = (groups, weight.shape[1])
    # (groups, O / groups, C / groups, …) by (N, groups, C / groups, positions)
    filters = weight.reshape(groups, outputs // groups, weight.shape[1], *kernel)
    result = np.zeros((batch, groups, outputs // groups, math.prod(sizes)), x.dtype)
    for row, column in _taps(kernel):
        seen = _at_tap(padded, (row, column), sizes, strides, dilations)
        result += filters[..., row, column] @ seen.reshape(batch, *per_group, math.prod(sizes))
    return result.reshape(batch, outputs, *sizes)


def _conv_transpose2d(
    x: Any,
    weight: Any,
    *,
    strides: Pair,
    padding: Padding,
    output_padding: Pair,
    dilations: Pair,
    groups: int,
) -> Any:
    kernel = _pair(weight.shape)
    batch, channels, *sizes = x.shape
    outputs = weight.shape[1] * groups
    whole = [
        (size - 1) * stride + span + more
        for size, stride, span, more in zip(
            sizes, strides, reach(kernel, dilations), output_padding, strict=True
        )
    ]
    result = np.zeros((batch, outputs, *whole), x.dtype)
    filters = np.swapaxes(weight.reshape(groups, channels // groups, -1, *kernel), 1, 2)
    grouped = x.reshape(batch, groups, channels // groups, math.prod(sizes))
    for row, column in _taps(kernel):
        reached = _at_tap(result, (row, column), _pair(x.shape), strides, dilations)
        reached += (filters[..., row, column] @ grouped).reshape(batch, outputs, *sizes)
    top, bottom, left, right = padding
    return result[:, :, top : whole[0] - bottom, left : whole[1] - right]


def _windows(
    x: Any,
    value: Any,
    window: Pair,
    strides: Pair,
    padding: Padding,
    dilations: Pair,
    sizes: Pair,
) -> Iterator[Any]:
    """What all windows have at each of their positions; `value` outside of x."""
    top, bottom, left, right = padding
    # A last window that is not whole reaches beyond the padding.
    spans = reach(window, dilations)
    bottom, right = (
        max(before, (size - 1) * stride + span - first - axis)
        for before, size, stride, span, first, axis in zip(
            (bottom, right), sizes, strides, spans, (top, left), x.shape[2:], strict=True
        )
    )
    padded = _padded(x, (top, bottom, left, right), value)
    return (_at_tap(padded, tap, sizes, strides, dilations) for tap in _taps(window))


def _max_pool2d(x: Any, **options: Any) -> Any:
    least = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    first, *others = _windows(x, least, **options)
    for other in others:
        first = np.maximum(first, other)
    return first


def _average_pool2d(x: Any, *, count_padding: bool, **options: Any) -> Any:
    total = sum(_windows(x, 0, **options))
    counted = np.ones((1, 1, *x.shape[2:]), x.dtype)
    if count_padding:
        counted = _padded(counted, options["padding"], 1)
        options = {**options, "padding": (0, 0, 0, 0)}
    return total / sum(_windows(counted, 0, **options))


def _l2_pool2d(x: Any, **options: Any) -> Any:
    return np.sqrt(sum(seen * seen for seen in _windows(x, 0, **options)))


def _window_terms(shapes: Sequence[Shape], attributes: Attributes) -> float:
    return math.prod(attributes["window"]) + 2


def _terms(shapes: Sequence[Shape], attributes: Attributes) -> float:
    """2 · height · width · C / groups."""
    channels: int = shapes[0][1] // attributes["groups"]
    return 2 * shapes[1][2] * shapes[1][3] * channels


_NUMBER = ("int", "uint", "float", "complex")
_REAL = ("int", "uint", "float")

OPERATORS = (
    Operator("conv2d", "convolution", _infer_conv2d, _conv2d, Tolerance(_terms), webnn="conv2d"),
    Operator(
        "conv_transpose2d",
        "transposed_convolution",
        _infer_conv_transpose2d,
        _conv_transpose2d,
        Tolerance(_terms),
        webnn="convTranspose2d",
    ),
    Operator(
        "max_pool2d",
        "pooling",
        _infer_pool("max_pool2d", _REAL),
        _max_pool2d,
        Tolerance.units(0),
        webnn="maxPool2d",
        kinds=_REAL,
    ),
    Operator(
        "average_pool2d",
        "pooling",
        _infer_pool("average_pool2d", ("float",)),
        _average_pool2d,
        Tolerance(_window_terms),
        webnn="averagePool2d",
        kinds=("float",),
    ),
    Operator(
        "l2_pool2d",
        "pooling",
        _infer_pool("l2_pool2d", ("float",)),
        _l2_pool2d,
        Tolerance(_window_terms),
        webnn="l2Pool2d",
        kinds=("float",),
    ),
)
