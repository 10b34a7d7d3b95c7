"""Cases of `webtensor.ops` over two spatial axes, and of quantization."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.operators import TABLE, Tolerance

from .case import INF, NAN, Array, Case, random
from .ops import BEYOND_LITERT, composed

Options = dict[str, Any]
_NO_PADDING = (0, 0, 0, 0)
_NEAR = Tolerance.units(64)
_FILTERS = {"oihw": (0, 1, 2, 3), "hwio": (2, 3, 1, 0), "ohwi": (0, 2, 3, 1), "ihwo": (1, 2, 3, 0)}
_TRANSPOSED = {"iohw": (0, 1, 2, 3), "hwoi": (2, 3, 1, 0), "ohwi": (1, 2, 3, 0)}


def _in_layout(layout: str, function: Callable[..., Array]) -> Callable[..., Array]:
    """A reference of (N, C, H, W) for images that may have the channels last."""
    if layout == "nchw":
        return function
    return lambda x, *others: np.moveaxis(function(np.moveaxis(x, 3, 1), *others), 1, 3)


def _image(shape: tuple[int, int, int, int], dtype: str, layout: str) -> Array:
    image = random(shape, dtype, 0.1, 1.1)
    return image if layout == "nchw" else np.ascontiguousarray(np.moveaxis(image, 1, 3))


def _convolutions() -> Iterator[Case]:
    convolved, spread = TABLE["conv2d"].reference, TABLE["conv_transpose2d"].reference
    padding, dilations = (2, 0, 1, 3), (1, 2)
    weight = random((6, 2, 3, 2), "float32", 0.1, 1.2)
    for (name, order), layout in zip(_FILTERS.items(), ("nchw", "nhwc") * 2, strict=True):
        given: Options = {
            "padding": padding, "strides": [2, 1], "dilations": dilations, "groups": 2,
            "input_layout": layout, "filter_layout": name,
        }  # fmt: skip
        for dtype in ("float32", "float16") if name == "hwio" else ("float32",):
            yield composed(
                "conv2d",
                (
                    _image((2, 4, 9, 11), dtype, layout),
                    weight.transpose(order).astype(dtype),
                    weight[:, 0, 0, 0].astype(dtype),
                ),
                lambda x, w, b, given=given: wt.ops.conv2d(x, w, bias=b, **given),
                _in_layout(
                    layout,
                    lambda x, w, b, order=order: (
                        convolved(
                            x,
                            np.transpose(w, np.argsort(order)),
                            strides=(2, 1),
                            padding=padding,
                            dilations=dilations,
                            groups=2,
                        )
                        + b[:, None, None]
                    ),
                ),
                _NEAR,
                f"{layout} {name}",
            )
    ones = random((5, 3, 1, 1), "float32", 0.1, 1.2)
    plain: Options = {"strides": (1, 1), "padding": _NO_PADDING, "dilations": (1, 1), "groups": 1}
    yield composed(
        "conv2d",
        (_image((1, 3, 5, 7), "float32", "nchw"), ones),
        wt.ops.conv2d,
        lambda x, w: convolved(x, w, **plain),
        _NEAR,
    )
    for (name, order), layout in zip(_TRANSPOSED.items(), ("nchw", "nhwc", "nchw"), strict=True):
        # (9 - 1) · 2 + 3 - 2 rows without, one more with: the same twice.
        for more in ({"output_padding": [1, 0]}, {"output_sizes": [18, 9]}):
            given = {
                "padding": padding, "strides": [2, 1], "dilations": dilations, "groups": 2,
                "input_layout": layout, "filter_layout": name, **more,
            }  # fmt: skip
            yield composed(
                "conv_transpose2d",
                (
                    _image((2, 6, 9, 11), "float32", layout),
                    weight.transpose(order),
                    weight[0, :, 0, 0].repeat(2),
                ),
                lambda x, w, b, given=given: wt.ops.conv_transpose2d(x, w, bias=b, **given),
                _in_layout(
                    layout,
                    lambda x, w, b, order=order: (
                        spread(
                            x,
                            np.transpose(w, np.argsort(order)),
                            strides=(2, 1),
                            padding=padding,
                            output_padding=(1, 0),
                            dilations=dilations,
                            groups=2,
                        )
                        + b[:, None, None]
                    ),
                ),
                _NEAR,
                "grouped, dilated or extended",
            )


# (options of the function, those of the reference) for images of 9 × 11.
_POOLS: tuple[tuple[Options, Options], ...] = (
    ({}, {"window": (9, 11), "sizes": (1, 1)}),
    ({"window_dimensions": [3, 2]}, {"window": (3, 2), "sizes": (7, 10)}),
    (
        {"window_dimensions": [3, 2], "strides": [2, 3], "padding": [1, 0, 1, 1]},
        {"window": (3, 2), "strides": (2, 3), "padding": (1, 0, 1, 1), "sizes": (4, 4)},
    ),
    (
        {"window_dimensions": [4, 3], "strides": [2, 2], "output_shape_rounding": "ceil"},
        {"window": (4, 3), "strides": (2, 2), "sizes": (4, 5)},
    ),
    (
        {
            "window_dimensions": [4, 2], "strides": [2, 2], "padding": [0, 1, 1, 0],
            "output_sizes": [4, 6],
        },
        {"window": (4, 2), "strides": (2, 2), "padding": (0, 1, 1, 0), "sizes": (4, 6)},
    ),
    (
        {"window_dimensions": [3, 2], "dilations": [2, 3]},
        {"window": (3, 2), "dilations": (2, 3), "sizes": (5, 8)},
    ),
)  # fmt: skip


def _pool_label(name: str, options: Options) -> str:
    """What LiteRT lacks is told by it."""
    if "dilations" in options:
        return "dilated"
    # Windows that are not whole, or leave something over, go with the same padding.
    partial = options["window"] == (4, 3) or "padding" in options
    return "partial windows" if partial and name == "average_pool2d" else "random"


def _pools() -> Iterator[Case]:
    for name in ("average_pool2d", "max_pool2d", "l2_pool2d"):
        function = getattr(wt.ops, name)
        for number, (given, options) in enumerate(_POOLS):
            layout = "nhwc" if number % 2 else "nchw"
            full = {"strides": (1, 1), "padding": _NO_PADDING, "dilations": (1, 1), **options}
            if name == "average_pool2d":
                full["count_padding"] = False
            for dtype in ("float32", "float16") if number == 2 else ("float32",):
                yield composed(
                    name,
                    (_image((2, 3, 9, 11), dtype, layout),),
                    lambda x, function=function, given=given, layout=layout: function(
                        x, layout=layout, **given
                    ),
                    _in_layout(
                        layout,
                        lambda x, name=name, full=full: TABLE[name].reference(x, **full),
                    ),
                    Tolerance.units(14 if name != "max_pool2d" else 0),
                    _pool_label(name, options),
                )
    options = {
        "window": (3, 3), "strides": (2, 2), "padding": _NO_PADDING, "dilations": (1, 1),
        "sizes": (4, 5),
    }  # fmt: skip
    values = random((2, 3, 9, 11), "float32", -5, 5)
    special = values.copy()
    special[0, 0, 0, 0], special[0, 1, 3, 4], special[1, 2, 8, 10] = NAN, INF, -INF
    for label, data in (("random", values), ("special", special), ("empty", values[:0])):
        yield Case("l2_pool2d", label, (data,), _l2(3, 2), options)
    turned = random((2, 3, 11, 9), "float32", -5, 5)
    yield Case("l2_pool2d", "transposed", (turned,), _l2(3, 2), options, view=lambda x: x.mT)
    for dtype in ("int8", "uint32"):
        yield composed(
            "max_pool2d",
            (random((2, 3, 9, 11), dtype, 0, 0),),
            lambda x: wt.ops.max_pool2d(x, window_dimensions=[3, 3], strides=[2, 2]),
            lambda x: TABLE["max_pool2d"].reference(x, **options),
            label=BEYOND_LITERT,
        )


def _l2(window: int, stride: int) -> Callable[[wt.Tensor], wt.Tensor]:
    return lambda x: wt.ops.l2_pool2d(x, window_dimensions=[window] * 2, strides=[stride] * 2)


def _resamples() -> Iterator[Case]:
    plans: tuple[tuple[tuple[int, ...], Options, tuple[int, int], tuple[int, int]], ...] = (
        ((1, 2, 3, 5), {"scales": [2.0, 1.5]}, (2, 3), (6, 7)),
        ((1, 2, 7, 9), {"sizes": [3, 4]}, (2, 3), (3, 4)),
        ((2, 5, 7, 3), {"sizes": [13, 4], "axes": [2, 1]}, (2, 1), (13, 4)),
        ((2, 5, 7, 8), {"sizes": [9, 3], "axes": [1, 2]}, (1, 2), (9, 3)),
        ((5, 7, 2, 3), {"scales": [0.5, 2.0], "axes": [0, 1]}, (0, 1), (2, 14)),
        ((1, 3, 67, 31), {"sizes": [129, 257]}, (2, 3), (129, 257)),
        ((1, 1, 1, 4), {"sizes": [3, 4]}, (2, 3), (3, 4)),
    )
    for mode in ("nearest-neighbor", "linear"):
        for shape, given, axes, sizes in plans:
            label = "large" if max(sizes) > 64 else "random"
            yield _resample(label, random(shape, "float32", 0.5, 5), mode, given, axes, sizes)
        for dtype in ("int8", "uint8"):
            shape, given, axes, sizes = plans[0]
            yield _resample("random", random(shape, dtype, 0, 0), mode, given, axes, sizes)
        turned = random((2, 3, 9, 7), "float32", 0.5, 5)
        for view, made in ((lambda x: x.mT, (4, 11)), (lambda x: x[:, 1:, ::-2, 1:], (4, 11))):
            yield _resample(
                "backward" if view(turned).shape[1] == 2 else "transposed",
                turned, mode, {"sizes": made}, (2, 3), made, view=view,
            )  # fmt: skip
        special = random((1, 1, 4, 5), "float32", -5, 5)
        special[0, 0, 1, 1], special[0, 0, 2, 3], special[0, 0, 3, 4] = NAN, INF, -INF
        yield _resample("special", special, mode, {"sizes": [7, 5]}, (2, 3), (7, 5))
        yield _resample("empty", turned[:0], mode, {"sizes": [7, 5]}, (2, 3), (7, 5))


def _resample(
    label: str,
    values: Array,
    mode: str,
    given: Options,
    axes: tuple[int, int],
    sizes: tuple[int, int],
    **more: Any,
) -> Case:
    return Case(
        "resample2d",
        label,
        (values,),
        lambda x: wt.ops.resample2d(x, mode=mode, **given),
        {"axes": axes, "sizes": sizes, "mode": mode},
        **more,
    )


# (shape, shape of the scale): the whole tensor's, an axis's, blocks, each element's, a scalar's.
_BLOCKS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((5, 7, 11), (1, 1, 1)),
    ((5, 7, 11), (1, 7, 1)),
    ((6, 8), (2, 4)),
    ((4, 67), (4, 67)),
    ((), ()),
)


def _repeated(parameter: Array, shape: tuple[int, ...]) -> Array:
    for axis, size in enumerate(shape):
        parameter = np.repeat(parameter, size // parameter.shape[axis], axis=axis)
    return parameter


def _dequantized(x: Array, scale: Array, zero: Array) -> Array:
    return (x.astype(float) - _repeated(zero.astype(float), x.shape)) * _repeated(scale, x.shape)


def _quantized(x: Array, scale: Array, zero: Array) -> Array:
    limits = np.iinfo(zero.dtype)
    steps = np.rint(x / _repeated(scale, x.shape)) + _repeated(zero.astype(float), x.shape)
    return np.clip(steps, limits.min, limits.max).astype(zero.dtype)


def _label(dtype: str) -> str:
    return "random" if dtype.endswith("t8") else BEYOND_LITERT


def _quantizations() -> Iterator[Case]:
    for number, (shape, blocks) in enumerate(_BLOCKS):
        dtype = ("int8", "uint8", "int32", "uint32", "int8")[number]
        for precision in ("float32", "float16") if number == 2 else ("float32",):
            steps = random(shape, dtype, 0, 0)
            zero = random((*blocks, 2), dtype, 0, 0)[..., 0] // 4
            # Powers of two, so that quotients near the middle between integers do not matter.
            scale = 2.0 ** np.random.default_rng(number).integers(-3, 3, blocks)
            scale = np.asarray(scale, precision)
            yield composed(
                "dequantize_linear",
                (steps, scale, zero),
                wt.ops.dequantize_linear,
                _dequantized,
                Tolerance.units(1),
                _label(dtype),
            )
            values = random(shape, precision, -60, 60)
            yield composed(
                "quantize_linear",
                (values, scale, zero),
                wt.ops.quantize_linear,
                _quantized,
                label=_label(dtype),
            )
    one = np.ones((1,), np.float32)
    far = np.array([2**31 - 1, -(2**31), 2**30 + 1, 7], np.int32)
    for zero in (2**30, -(2**30), -1):
        zeros = np.array([zero], np.int32)
        yield composed(
            "dequantize_linear",
            (far, one, zeros),
            wt.ops.dequantize_linear,
            _dequantized,
            Tolerance.units(1),
            BEYOND_LITERT,
        )
        floats = np.array([3e9, -3e9, 1e38, -1e38, INF, -INF, 2**30, 0.5, 1.5], np.float32)
        yield composed(
            "quantize_linear",
            (floats, one, zeros),
            wt.ops.quantize_linear,
            _quantized,
            label=BEYOND_LITERT,
        )
    floats = np.array([3e9, 5e9, -3e9, INF, -INF, 1e30, 2.5], np.float32)
    yield composed(
        "quantize_linear",
        (floats, one, np.array([2**31], np.uint32)),
        wt.ops.quantize_linear,
        _quantized,
        label=BEYOND_LITERT,
    )


def cases() -> Iterator[Case]:
    for family in (_convolutions, _pools, _resamples, _quantizations):
        yield from family()
