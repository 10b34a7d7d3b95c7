"""Resizing beside dense matrices made by its definition in NumPy, and beside Pillow's results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import nn
from webtensor.errors import DtypeError, OptionError, ShapeError

_random = np.random.default_rng(37)
# What Pillow 13.0.0 makes of PICTURE, by filter and size: `Image.resize`.
ROWS, COLUMNS = np.mgrid[0:9, 0:12]
PICTURE = ((COLUMNS**2 * 37 + ROWS**3 * 11 + COLUMNS * ROWS * 53) % 256).astype(np.uint8)
PILLOW = {
    ("bilinear", (4, 5)): ("4c7d608f9fa8a677969f80859096587c879f8b65"),
    ("bilinear", (13, 7)): (
        "146b5c6028897b24617279709e994a758172a1b9af90c8731d79d5a38bcfa15a72a4a195cea7"
        "93839691bfd173aeadc06c887a9f91bf9048715b95819c644175656c8060445187509a9faf7c"
        "61777cb09dab83675eb7b890877668"
    ),
    ("bicubic", (4, 5)): ("437d5b8da2b1b16f9da47f809598507689a28a62"),
    ("bicubic", (13, 7)): (
        "0e6f5a63168b79185e74816e9d9942748571b1c0b192d775027ee5a18bdaac4d68a5a695d4ad"
        "9f7a9196c0d46ab3afc3698673a789d5963c6a529c76a45c3677666384593d4f8e3f9ba4ba7f"
        "607977b79fb386665bc1bc8d847166"
    ),
    ("lanczos", (4, 5)): "4081528ba6b5bb68a5a97e7a9b984a708ba28561",
}


def tensor(values: Any) -> wt.Tensor:
    return wt.asarray(np.asarray(values), device="cpu")


def value(x: wt.Tensor) -> Any:
    return asyncio.run(x.numpy())


def keys(distance: Any, a: float) -> Any:
    x = np.abs(distance)
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    return np.where(x < 1, near, np.where(x < 2, a * (x**3 - 5 * x**2 + 8 * x - 4), 0))


def centres(length: int, count: int, scale: float | None, corners: bool) -> Any:
    """Where in x, in units of elements whose first centre is 0, each result's centre lies."""
    if corners:
        return np.linspace(0, length - 1, count) if count > 1 else np.zeros(1)
    return (np.arange(count) + 0.5) * (1 / scale if scale else length / count) - 0.5


def matrix(
    mode: str, length: int, count: int, scale: float | None, corners: bool, antialias: bool
) -> Any:
    """(count, length): how much of each element is in each result."""
    at = centres(length, count, scale, corners)[:, None]
    places = np.arange(length)
    if antialias:
        apart = max(length / count, 1.0)
        weigh = (lambda x: keys(x, -0.5)) if mode == "bicubic" else lambda x: 1 - np.abs(x)
        found = np.maximum(weigh((places - at) / apart), -1 if mode == "bicubic" else 0)
        return found / found.sum(axis=1, keepdims=True)
    if mode != "bicubic":
        return np.maximum(1 - np.abs(np.clip(at, 0, length - 1) - places), 0)
    beyond = np.arange(-3, length + 3)
    weights = keys(at - beyond, -0.75)
    found = np.zeros((count, length))
    for place in beyond:  # the edge, repeated
        found[:, np.clip(place, 0, length - 1)] += weights[:, place + 3]
    return found


def resized(
    x: Any, sizes: Any, mode: str, scales: Any, corners: bool = False, antialias: bool = False
) -> Any:
    for axis, (size, scale) in enumerate(zip(sizes, scales, strict=True), 2):
        table = matrix(mode, x.shape[axis], size, scale, corners, antialias)
        x = np.moveaxis(np.moveaxis(x, axis, -1) @ table.T, -1, axis)
    return x


@pytest.mark.parametrize(
    ("mode", "shape"),
    [("linear", (2, 3, 7)), ("bilinear", (2, 1, 7, 9)), ("bicubic", (1, 3, 7, 9)),
     ("trilinear", (1, 2, 4, 5, 3))],
)  # fmt: skip
@pytest.mark.parametrize("corners", [False, True])
def test_weighted(mode: Any, shape: tuple[int, ...], corners: bool) -> None:
    x = _random.uniform(-1, 1, shape)
    for sizes in ((3, 13, 1), (8, 4, 6)):
        wanted = sizes[: len(shape) - 2]
        found = nn.interpolate(tensor(x), wanted, mode=mode, align_corners=corners)
        expected = resized(x, wanted, mode, [None] * len(wanted), corners)
        np.testing.assert_allclose(value(found), expected, rtol=1e-10, atol=1e-12, strict=True)
    scales = (1.7, 0.6, 2.0)[: len(wanted)]
    sizes = tuple(int(size * scale) for size, scale in zip(shape[2:], scales, strict=True))
    for recompute, known in ((False, scales), (True, [None] * len(scales))):
        found = nn.interpolate(
            tensor(x), scale_factor=scales, mode=mode, align_corners=corners,
            recompute_scale_factor=recompute,
        )  # fmt: skip
        expected = resized(x, sizes, mode, known, corners)
        np.testing.assert_allclose(value(found), expected, rtol=1e-10, atol=1e-12, strict=True)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_antialiased(mode: Any) -> None:
    x = _random.uniform(-1, 1, (1, 2, 23, 31))
    for size in ((10, 11), (40, 9), (1, 31)):
        found = nn.interpolate(tensor(x), size, mode=mode, antialias=True)
        expected = resized(x, size, mode, (None, None), antialias=True)
        np.testing.assert_allclose(value(found), expected, rtol=1e-10, atol=1e-12, strict=True)


@pytest.mark.parametrize(("mode", "size"), PILLOW)
def test_bytes_are_pillows_to_the_bit(mode: Any, size: tuple[int, int]) -> None:
    found = nn.interpolate(tensor(PICTURE[None, None]), size, mode=mode, antialias=True)
    assert found.dtype == wt.uint8
    assert value(found).tobytes().hex() == PILLOW[mode, size]
    # Floats are not rounded between the axes, nor kept within 0 and 255.
    floats = nn.interpolate(
        tensor(PICTURE[None, None].astype(np.float32)), size, mode=mode, antialias=True
    )
    rounded = np.clip(np.round(value(floats)), 0, 255)
    assert np.abs(rounded - value(found).astype(np.int32)).max() <= (1 if mode == "bilinear" else 5)


def test_bytes_without_antialiasing() -> None:
    for mode in ("bilinear", "bicubic"):
        found = nn.interpolate(tensor(PICTURE[None, None]), (5, 31), mode=mode)  # type: ignore[arg-type]
        expected = PICTURE[None, None].astype(np.float64)
        for axis, size in ((3, 31), (2, 5)):
            table = matrix(mode, expected.shape[axis], size, None, False, False)
            expected = np.moveaxis(np.moveaxis(expected, axis, -1) @ table.T, -1, axis)
            expected = np.clip(np.floor(expected + 0.5), 0, 255)
        np.testing.assert_array_equal(value(found), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.bool_])
def test_nearest(dtype: Any) -> None:
    x = _random.integers(0, 9, (1, 2, 6, 10)).astype(dtype)
    rows, columns = np.arange(9), np.arange(25)
    found = nn.interpolate(tensor(x), (9, 25))
    np.testing.assert_array_equal(value(found), x[:, :, rows * 6 // 9][..., columns * 10 // 25])
    found = nn.interpolate(tensor(x), (9, 25), mode="nearest-exact")
    rows, columns = (2 * rows + 1) * 6 // 18, (2 * columns + 1) * 10 // 50
    np.testing.assert_array_equal(value(found), x[:, :, rows][..., columns])
    found = nn.interpolate(tensor(x), scale_factor=0.3)
    np.testing.assert_array_equal(value(found), x[:, :, :1][..., [0, 3, 6]])
    line = nn.interpolate(tensor(x[:, :, 0]), scale_factor=2.0)
    np.testing.assert_array_equal(value(line), np.repeat(x[:, :, 0], 2, axis=-1))


def test_areas_are_means() -> None:
    x = _random.uniform(-1, 1, (1, 2, 4, 6, 9))
    found = nn.interpolate(tensor(x), (2, 2, 3), mode="area")
    expected = x.reshape(1, 2, 2, 2, 2, 3, 3, 3).mean((3, 5, 7))
    np.testing.assert_allclose(value(found), expected, rtol=1e-12)
    found = nn.interpolate(tensor(x[0]), scale_factor=(0.75, 1.0), mode="area")
    expected = nn.adaptive_avg_pool2d(tensor(x[0]), (4, 9))
    np.testing.assert_array_equal(value(found), value(expected))


def test_values_that_are_not_finite_stay_where_they_are() -> None:
    x = np.zeros((1, 1, 1, 16), np.float16)
    x[..., 3], x[..., 12] = np.inf, np.nan
    found = value(nn.interpolate(tensor(x), (1, 5), mode="bilinear", antialias=True))
    assert found.dtype == np.float16
    known = matrix("bilinear", 16, 5, None, False, True)
    np.testing.assert_array_equal(np.isnan(found[0, 0, 0]), known[:, 12] > 0)
    np.testing.assert_array_equal(np.isinf(found[0, 0, 0]), (known[:, 3] > 0) & (known[:, 12] == 0))
    assert value(nn.interpolate(tensor(x[:0]), 3)).shape == (0, 1, 3, 3)


X = tensor(_random.uniform(0, 1, (1, 2, 7, 9)))


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda: nn.interpolate(X, 3, mode="cubic"), OptionError, "'cubic'"),  # type: ignore[arg-type]
        (lambda: nn.interpolate(X, 3, mode="lanczos"), OptionError, "antialias=True"),
        (
            lambda: nn.interpolate(X, 3, mode="lanczos", align_corners=True, antialias=True),
            OptionError,
            "align_corners",
        ),
        (lambda: nn.interpolate(X), OptionError, "either"),
        (lambda: nn.interpolate(X, 3, 2.0), OptionError, "either"),
        (lambda: nn.interpolate(X, 3, mode="linear"), ShapeError, "3 axes"),
        (lambda: nn.interpolate(X[0, 0], 3), ShapeError, "(7, 9)"),
        (lambda: nn.interpolate(X, 3, align_corners=False), OptionError, "align_corners"),
        (lambda: nn.interpolate(X, 3, antialias=True), OptionError, "antialias"),
        (lambda: nn.interpolate(X, (1, 2, 3)), ShapeError, "(1, 2, 3)"),
        (lambda: nn.interpolate(X, 0), ShapeError, "(0, 0)"),
        (lambda: nn.interpolate(X[:, :, :0], 2), ShapeError, "(1, 2, 0, 9)"),
        (lambda: nn.interpolate(X, scale_factor=0.1), ShapeError, "(0, 0)"),
        (lambda: nn.interpolate(X, scale_factor=(2.0,)), ShapeError, "(2.0,)"),
        (lambda: nn.interpolate(X, scale_factor=-1.0), OptionError, "-1.0"),
        (lambda: nn.interpolate(X, 3, recompute_scale_factor=True), OptionError, "scale_factor"),
        (lambda: nn.interpolate(wt.astype(X, "int32"), 3, mode="bilinear"), DtypeError, "int32"),
        (lambda: nn.interpolate(tensor(PICTURE[None, None]), 3, mode="area"), DtypeError, "uint8"),
    ],
)
def test_what_is_refused(call: Callable[[], Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert told in str(raised.value)
