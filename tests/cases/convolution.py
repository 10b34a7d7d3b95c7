"""Cases of convolutions and pooling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import webtensor as wt

from .case import INF, NAN, Array, Case, random

Shape = tuple[int, ...]
Options = dict[str, Any]

# (data, filter, options of wt.nn.conv2d)
_CONVOLUTIONS: tuple[tuple[Shape, Shape, Options], ...] = (
    ((1, 1, 1, 1), (1, 1, 1, 1), {"padding": 1}),
    ((1, 3, 7, 5), (4, 3, 3, 3), {}),
    ((2, 5, 13, 11), (7, 5, 3, 3), {"padding": 1}),
    ((1, 8, 17, 19), (16, 8, 3, 3), {"padding": (1, 2), "stride": 2}),
    ((1, 4, 16, 12), (12, 4, 5, 5), {"padding": 2}),
    ((1, 3, 29, 23), (10, 3, 7, 7), {"padding": 3, "stride": (2, 3)}),
    ((1, 6, 14, 15), (9, 6, 3, 3), {"padding": 2, "dilation": 2}),
    ((2, 3, 12, 9), (5, 3, 2, 4), {"padding": "same"}),
    ((1, 8, 9, 9), (6, 4, 3, 3), {"padding": 1, "groups": 2}),
    ((2, 13, 11, 10), (13, 1, 3, 3), {"padding": 1, "groups": 13}),
    ((1, 5, 9, 8), (15, 1, 3, 3), {"padding": 1, "groups": 5, "stride": 2}),
    ((1, 2, 33, 35), (3, 2, 11, 13), {"padding": 6}),
    ((1, 2, 40, 36), (3, 2, 8, 8), {"stride": 8}),
    ((1, 70, 6, 6), (66, 70, 3, 3), {"padding": 1}),
    ((1, 4, 5, 7), (6, 4, 1, 1), {"stride": 2}),
    ((2, 12, 7, 5), (9, 4, 1, 1), {"groups": 3, "padding": 1}),
    ((1, 3, 4, 4), (2, 3, 4, 4), {}),
    ((1, 2, 3, 200), (2, 2, 3, 3), {"padding": 1}),
    ((0, 3, 7, 5), (4, 3, 3, 3), {}),
)
_TRANSPOSED: tuple[tuple[Shape, Shape, Options], ...] = (
    ((1, 1, 1, 1), (1, 1, 1, 1), {}),
    ((2, 3, 5, 7), (3, 4, 3, 3), {}),
    ((1, 5, 6, 5), (5, 7, 4, 4), {"stride": 2, "padding": 1}),
    ((1, 4, 7, 5), (4, 6, 3, 3), {"stride": (3, 2), "padding": 1, "output_padding": (2, 1)}),
    ((1, 6, 5, 9), (6, 2, 3, 3), {"groups": 2, "stride": 2}),
    ((2, 7, 9, 4), (7, 1, 3, 2), {"groups": 7, "padding": (1, 0)}),
    ((1, 3, 6, 6), (3, 2, 3, 3), {"dilation": 2, "stride": 3, "padding": 1}),
    ((1, 33, 12, 13), (33, 18, 2, 2), {"stride": 2}),
    ((0, 3, 5, 7), (3, 4, 3, 3), {}),
)
# (data, options of wt.nn.max_pool2d)
_POOLS: tuple[tuple[Shape, Options], ...] = (
    ((1, 1, 1, 1), {"kernel_size": 1}),
    ((2, 3, 8, 10), {"kernel_size": 2}),
    ((1, 5, 13, 11), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ((1, 4, 9, 17), {"kernel_size": (2, 5), "stride": (1, 3), "padding": (1, 2)}),
    ((1, 3, 10, 12), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    ((1, 3, 6, 7), {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True}),
    ((1, 2, 15, 14), {"kernel_size": 7}),
    ((0, 3, 8, 10), {"kernel_size": 2}),
)


def _pair(sizes: int | tuple[int, int]) -> tuple[int, int]:
    return sizes if isinstance(sizes, tuple) else (sizes, sizes)


def _around(sizes: int | tuple[int, int]) -> tuple[int, int, int, int]:
    height, width = _pair(sizes)
    return height, height, width, width


def _conv2d(
    label: str, operands: tuple[Array, Array], options: Options, view: Any = lambda x: x
) -> Case:
    padding = options.get("padding", 0)
    if padding == "same":
        height, width = (size - 1 for size in operands[1].shape[2:])
        around = (height // 2, height - height // 2, width // 2, width - width // 2)
    else:
        around = _around(padding)
    attributes = {
        "strides": _pair(options.get("stride", 1)),
        "padding": around,
        "dilations": _pair(options.get("dilation", 1)),
        "groups": options.get("groups", 1),
    }
    return Case(
        "conv2d", label, operands, lambda x, w: wt.nn.conv2d(x, w, **options), attributes, view
    )


def _transposed(label: str, operands: tuple[Array, Array], options: Options) -> Case:
    attributes = {
        "strides": _pair(options.get("stride", 1)),
        "padding": _around(options.get("padding", 0)),
        "output_padding": _pair(options.get("output_padding", 0)),
        "dilations": _pair(options.get("dilation", 1)),
        "groups": options.get("groups", 1),
    }
    return Case(
        "conv_transpose2d",
        label,
        operands,
        lambda x, w: wt.nn.conv_transpose2d(x, w, **options),
        attributes,
    )


def _pool(name: str, label: str, values: Array, options: Options, view: Any = lambda x: x) -> Case:
    window = _pair(options["kernel_size"])
    function: Callable[..., wt.Tensor] = wt.nn.max_pool2d
    attributes = {
        "window": window,
        "strides": _pair(options.get("stride", window)),
        "padding": _around(options.get("padding", 0)),
        "dilations": _pair(options.get("dilation", 1)),
    }
    if name == "average_pool2d":
        function = wt.nn.avg_pool2d
        attributes["count_padding"] = options.get("count_include_pad", True)
    x = view(values)
    rows, columns = function(wt.asarray(np.zeros(x.shape, x.dtype)), **options).shape[2:]
    attributes["sizes"] = (rows, columns)
    return Case(name, label, (values,), lambda x: function(x, **options), attributes, view)


def _operands(data: Shape, weight: Shape, dtype: str = "float32") -> tuple[Array, Array]:
    # Positive operands: an error in ULP means nothing where sums cancel.
    return random(data, dtype, 0.1, 1.1), random(weight, dtype, 0.1, 1.2)


def _special(shape: Shape) -> Array:
    values = random(shape, "float32", 0.1, 1.1)
    values[0, 0, 0, 0], values[0, -1, 3, 4], values[0, 0, -1, -1] = NAN, INF, -INF
    return values


def cases() -> Iterator[Case]:
    for data, weight, options in _CONVOLUTIONS:
        label = "empty" if 0 in data else "random"
        for dtype in ("float32", "float64", "int32") if data == (1, 3, 7, 5) else ("float32",):
            yield _conv2d(label, _operands(data, weight, dtype), options)
    filters = random((3, 2, 3, 3), "float32", 0.1, 1.2)
    yield _conv2d("special", (_special((1, 2, 7, 9)), filters), {"padding": 1})
    yield _conv2d("special, 1x1", (_special((1, 2, 7, 9)), filters[:, :, :1, :1]), {})
    turned = (random((2, 4, 11, 9), "float32", 0.1, 1.1), random((5, 4, 3, 2), "float32", 0.1, 1.2))
    yield _conv2d("transposed", turned, {"padding": 1}, lambda x: x.mT)
    sliced = _operands((2, 6, 12, 15), (5, 6, 5, 5))
    yield _conv2d("backward", sliced, {"padding": 2}, lambda x: x[:, 1:4, 1:, ::-2])
    for data, weight, options in _TRANSPOSED:
        beyond = options.keys() & {"groups", "dilation", "output_padding"}
        label = "grouped, dilated or extended" if beyond else "random"
        yield _transposed(label, _operands(data, weight), options)
    yield _transposed("special", (_special((1, 2, 7, 9)), filters.transpose(1, 0, 2, 3)), {})
    for name in ("max_pool2d", "average_pool2d"):
        for data, options in _POOLS:
            positive = name == "average_pool2d"
            values = random(data, "float32", 0.1 if positive else -5.0, 5.0)
            partial = positive and options.keys() & {"padding", "ceil_mode"}
            yield _pool(name, "partial windows" if partial else "random", values, options)
        yield _pool(name, "special", _special((1, 2, 7, 9)), {"kernel_size": 3, "stride": 2})
        turned_data = random((2, 3, 11, 9), "float32", 0.1, 1.1)
        yield _pool(name, "transposed", turned_data, {"kernel_size": 3}, lambda x: x.mT)
    integers = random((1, 3, 9, 8), "int32", -50, 50)
    yield _pool("max_pool2d", "random", integers, {"kernel_size": 3, "padding": 1})
    dilated = {"kernel_size": 3, "dilation": 2, "padding": 1, "stride": 1}
    yield _pool("max_pool2d", "dilated", random((1, 3, 9, 8), "float32", -5, 5), dilated)
    uncounted = {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}
    for data in ((1, 3, 10, 12), (2, 5, 13, 11)):
        for ceil in (False, True):
            values, options = random(data, "float32", 0.1, 1.1), {**uncounted, "ceil_mode": ceil}
            yield _pool("average_pool2d", "partial windows", values, options)
