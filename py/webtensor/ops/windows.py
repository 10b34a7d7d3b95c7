"""The specification's operators over two spatial axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol, cast

from .. import functions
from ..convolution import convolved
from ..errors import OptionError, ShapeError
from ..graph.node import operation
from ..operands import named, number
from ..operators.convolution import Padding, Pair, reach, rounded_sizes
from ..tensor import Tensor
from .checks import (
    ANY,
    FLOAT,
    axes_of,
    choice,
    list_of,
    operand,
    optional,
    same_dtype,
    specified,
    unsigned,
)

__all__ = [
    "average_pool2d",
    "conv2d",
    "conv_transpose2d",
    "l2_pool2d",
    "max_pool2d",
    "resample2d",
]

_Integers = Sequence[int] | None
# Each layout as the order in which its axes are (N, C, H, W), or the filter's.
_INPUT_LAYOUTS = {"nchw": (0, 1, 2, 3), "nhwc": (0, 3, 1, 2)}
_OUTPUT_ORDERS = {"nchw": (0, 1, 2, 3), "nhwc": (0, 2, 3, 1)}
_FILTER_LAYOUTS = {
    "oihw": (0, 1, 2, 3),
    "hwio": (3, 2, 0, 1),
    "ohwi": (0, 3, 1, 2),
    "ihwo": (3, 0, 1, 2),
}
_TRANSPOSED_LAYOUTS = {"iohw": (0, 1, 2, 3), "hwoi": (3, 2, 0, 1), "ohwi": (3, 0, 1, 2)}


def _ordered(x: Tensor, order: tuple[int, ...]) -> Tensor:
    return x if order == (0, 1, 2, 3) else functions.permute_dims(x, order)


def _pair(name: str, argument: str, values: _Integers, default: Pair, least: int = 1) -> Pair:
    if values is None:
        return default
    first, second = list_of(name, argument, values, 2, least)
    return first, second


def _padding(name: str, values: _Integers) -> Padding:
    if values is None:
        return 0, 0, 0, 0
    top, bottom, left, right = list_of(name, "padding", values, 4)
    return top, bottom, left, right


def _finished(name: str, result: Tensor, bias: Tensor | None, layout: str) -> Tensor:
    optional(name, bias, result, result.shape[1:2])
    if bias is not None:
        result = functions.add(result, functions.reshape(bias, (bias.size, 1, 1)))
    return _ordered(result, _OUTPUT_ORDERS[layout])


@specified("conv2d")
def conv2d(
    x: Tensor,
    filter: Tensor,  # noqa: A002 (the specification's name)
    /,
    *,
    padding: _Integers = None,
    strides: _Integers = None,
    dilations: _Integers = None,
    groups: int = 1,
    input_layout: str = "nchw",
    filter_layout: str = "oihw",
    bias: Tensor | None = None,
) -> Tensor:
    """Slide filters over two axes (cross-correlation: the filter is not flipped).

    Args:
        x: (N, C, H, W), or (N, H, W, C) in the layout "nhwc"; float32 or float16.
        filter: (O, C / groups, height, width), in the order that its layout names; x's dtype.
        padding: zeros before and after the rows, before and after the columns; 0 by default.
        strides: steps of the window, down and to the right; 1 by default.
        dilations: distance between the filter's elements, likewise; 1 by default.
        groups: how many parts the channels are split into, each with its own filters.
        input_layout: "nchw" or "nhwc", the result's too.
        filter_layout: "oihw", "hwio", "ohwi" or "ihwo".
        bias: (O,), of x's dtype, added to each output channel.

    Returns:
        floor((H + padding - dilation · (height - 1) - 1) / stride) + 1 rows, columns likewise.

    Raises:
        ShapeError: shapes or groups do not fit, or the filter does not.
        OptionError: other numbers or names.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "conv2d"
    operand(name, x, FLOAT, 4, 4)
    same_dtype(name, x, operand(name, filter, FLOAT, 4, 4))
    layout = choice(name, "input_layout", input_layout, tuple(_INPUT_LAYOUTS))
    order = _FILTER_LAYOUTS[choice(name, "filter_layout", filter_layout, tuple(_FILTER_LAYOUTS))]
    result = convolved(
        _ordered(x, _INPUT_LAYOUTS[layout])._node,
        _ordered(filter, order)._node,
        _pair(name, "strides", strides, (1, 1)),
        _padding(name, padding),
        _pair(name, "dilations", dilations, (1, 1)),
        unsigned(name, "groups", groups, 1),
    )
    return _finished(name, Tensor(result), bias, layout)


@specified("convTranspose2d")
def conv_transpose2d(
    x: Tensor,
    filter: Tensor,  # noqa: A002 (the specification's name)
    /,
    *,
    padding: _Integers = None,
    strides: _Integers = None,
    dilations: _Integers = None,
    output_padding: _Integers = None,
    output_sizes: _Integers = None,
    groups: int = 1,
    input_layout: str = "nchw",
    filter_layout: str = "iohw",
    bias: Tensor | None = None,
) -> Tensor:
    """The gradient of `conv2d` by its input: each element of x spreads over a window.

    Args:
        x: (N, C, H, W), or (N, H, W, C) in the layout "nhwc"; float32 or float16.
        filter: (C, O / groups, height, width), in the order that its layout names; x's dtype.
        padding: how much is cut off before and after the rows, before and after the columns.
        strides: distance between the windows of neighbours, down and to the right; 1 by default.
        dilations: distance between the filter's elements, likewise; 1 by default.
        output_padding: rows and columns added at the end, fewer than the strides; 0 by default.
        output_sizes: height and width of the result, in place of `output_padding`.
        groups: how many parts the channels are split into, each with its own filters.
        input_layout: "nchw" or "nhwc", the result's too.
        filter_layout: "iohw", "hwoi" or "ohwi".
        bias: (O,), of x's dtype, added to each output channel.

    Returns:
        (H - 1) · stride - padding + dilation · (height - 1) + output_padding + 1 rows, columns
        likewise.

    Raises:
        ShapeError: shapes or groups do not fit, or `output_sizes` cannot be reached.
        OptionError: other numbers or names.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "conv_transpose2d"
    operand(name, x, FLOAT, 4, 4)
    same_dtype(name, x, operand(name, filter, FLOAT, 4, 4))
    layout = choice(name, "input_layout", input_layout, tuple(_INPUT_LAYOUTS))
    form = choice(name, "filter_layout", filter_layout, tuple(_TRANSPOSED_LAYOUTS))
    images = _ordered(x, _INPUT_LAYOUTS[layout])
    filters = _ordered(filter, _TRANSPOSED_LAYOUTS[form])
    steps = _pair(name, "strides", strides, (1, 1))
    cut = _padding(name, padding)
    apart = _pair(name, "dilations", dilations, (1, 1))
    added = _pair(name, "output_padding", output_padding, (0, 0), 0)
    if output_sizes is not None:
        wanted = _pair(name, "output_sizes", output_sizes, (1, 1))
        spans = reach(filters.shape[2:], apart)
        least = [
            (images.shape[2 + axis] - 1) * steps[axis]
            + spans[axis]
            - cut[2 * axis]
            - cut[2 * axis + 1]
            for axis in range(2)
        ]
        added = wanted[0] - least[0], wanted[1] - least[1]
    if not all(0 <= more < step for more, step in zip(added, steps, strict=True)):
        raise ShapeError(
            f"{name}: rows and columns added at the end are fewer than the strides {steps}; "
            f"{output_sizes or output_padding} would add {added}"
        )
    result = operation(
        name,
        [images._node, filters._node],
        strides=steps,
        padding=cut,
        output_padding=added,
        dilations=apart,
        groups=unsigned(name, "groups", groups, 1),
    )
    return _finished(name, Tensor(result), bias, layout)


class Pooling(Protocol):
    """A pooling operator."""

    def __call__(
        self,
        x: Tensor,
        /,
        *,
        window_dimensions: _Integers = None,
        padding: _Integers = None,
        strides: _Integers = None,
        dilations: _Integers = None,
        layout: str = "nchw",
        output_shape_rounding: str = "floor",
        output_sizes: _Integers = None,
        label: str = "",
    ) -> Tensor: ...


def _pooling(name: str, method: str, dtypes: tuple[str, ...], text: str, **more: Any) -> Pooling:
    def pooled(
        x: Tensor,
        /,
        *,
        window_dimensions: _Integers = None,
        padding: _Integers = None,
        strides: _Integers = None,
        dilations: _Integers = None,
        layout: str = "nchw",
        output_shape_rounding: str = "floor",
        output_sizes: _Integers = None,
    ) -> Tensor:
        operand(name, x, dtypes, 4, 4)
        form = choice(name, "layout", layout, tuple(_INPUT_LAYOUTS))
        # Kernels compare in 32 bits.
        images = functions.astype(x, "int32") if x.dtype.itemsize == 1 else x
        images = _ordered(images, _INPUT_LAYOUTS[form])
        height, width = images.shape[2:]
        window = _pair(name, "window_dimensions", window_dimensions, (height, width))
        steps = _pair(name, "strides", strides, (1, 1))
        around = _padding(name, padding)
        apart = _pair(name, "dilations", dilations, (1, 1))
        rounding = choice(name, "output_shape_rounding", output_shape_rounding, ("floor", "ceil"))
        floors = rounded_sizes(name, images.shape, window, steps, around, apart)
        ceilings = _ceilings(images.shape, window, steps, around, apart)
        sizes = floors if rounding == "floor" else ceilings
        if output_sizes is not None:
            sizes = _pair(name, "output_sizes", output_sizes, sizes)
            if sizes not in (floors, ceilings):
                raise ShapeError(f"{name}: output_sizes are {floors} or {ceilings}, not {sizes}")
        node = operation(
            name,
            [images._node],
            window=window,
            strides=steps,
            padding=around,
            dilations=apart,
            sizes=sizes,
            **more,
        )
        return functions.astype(_ordered(Tensor(node), _OUTPUT_ORDERS[form]), x.dtype)

    listed = "any of the specification's dtypes" if dtypes == ANY else ", ".join(dtypes)
    document = f"""{text} of each window; padding takes no part in it.

Args:
    x: (N, C, H, W), or (N, H, W, C) in the layout "nhwc"; {listed}.
    window_dimensions: height and width of the window; those of x by default.
    padding: how far windows reach out of x before and after the rows, before and after the
        columns; 0 by default.
    strides: steps of the window, down and to the right; 1 by default.
    dilations: distance between a window's elements, likewise; 1 by default.
    layout: "nchw" or "nhwc", the result's too.
    output_shape_rounding: "floor" for whole windows only, "ceil" for partial ones, too.
    output_sizes: rows and columns of the result, as one of the roundings gives them.

Returns:
    (H + padding - dilation · (height - 1) - 1) / stride, rounded, + 1 rows, columns likewise.

Raises:
    ShapeError: the window does not fit, not even once, or other `output_sizes`.
    OptionError: other numbers or names.
    DtypeError: another dtype, or no tensor."""
    return cast(Pooling, specified(method)(named(pooled, name, document)))


def _ceilings(
    shape: tuple[int, ...], window: Pair, strides: Pair, padding: Padding, dilations: Pair
) -> Pair:
    """As `rounded_sizes`, but with a last window that is not whole."""
    spans = reach(window, dilations)
    height, width = (
        -(-(shape[2 + axis] + padding[2 * axis] + padding[2 * axis + 1] - spans[axis])
          // strides[axis]) + 1
        for axis in range(2)
    )  # fmt: skip
    return height, width


average_pool2d = _pooling("average_pool2d", "averagePool2d", FLOAT, "The mean", count_padding=False)
l2_pool2d = _pooling("l2_pool2d", "l2Pool2d", FLOAT, "The square root of the sum of squares")
max_pool2d = _pooling("max_pool2d", "maxPool2d", ANY, "The largest element (NaN wins)")


@specified("resample2d")
def resample2d(
    x: Tensor,
    /,
    *,
    mode: str = "nearest-neighbor",
    scales: Sequence[float] | None = None,
    sizes: _Integers = None,
    axes: _Integers = None,
) -> Tensor:
    """More or fewer elements along two axes; corners are not aligned.

    Args:
        x: four axes; float32, float16, uint8 or int8.
        mode: "nearest-neighbor" (of two the one before) or "linear" (integers round to even).
        scales: by how much sizes are multiplied, then rounded down; 1 by default.
        sizes: what they become, in place of `scales`.
        axes: which two axes; (2, 3) by default.

    Raises:
        ShapeError: axes that x does not have, or no elements.
        OptionError: scales or sizes that are not positive, another number of them, another mode.
        DtypeError: another dtype, or no tensor.
    """
    name = "resample2d"
    operand(name, x, (*FLOAT, "uint8", "int8"), 4, 4)
    choice(name, "mode", mode, ("nearest-neighbor", "linear"))
    factors = [number(name, "scales", one) for one in ((1, 1) if scales is None else scales)]
    if len(factors) != 2 or not all(0 < one < math.inf for one in factors):
        raise OptionError(f"{name}: scales are two positive numbers, not {scales}")
    over = axes_of(name, axes, x, (2, 3))
    if len(over) != 2:
        raise OptionError(f"{name} takes two axes, not {over}")
    if sizes is None:
        made = tuple(
            int(x.shape[axis] * factor) for axis, factor in zip(over, factors, strict=True)
        )
        if min(made) < 1 and x.size:
            raise ShapeError(f"{name}: nothing is left of shape {x.shape} by scales {scales}")
    else:
        made = list_of(name, "sizes", sizes, 2, 1)
    return Tensor(operation(name, [x._node], axes=over, sizes=made, mode=mode))
