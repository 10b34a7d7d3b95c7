"""Pooling, rearranged images and embeddings beside loops in NumPy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import nn
from webtensor.errors import DtypeError, OptionError, ShapeError

_random = np.random.default_rng(31)
IMAGES = _random.uniform(-2, 2, (2, 4, 12, 13))
LINES = _random.uniform(-2, 2, (2, 4, 17))


def tensor(values: Any) -> wt.Tensor:
    return wt.asarray(np.asarray(values), device="cpu")


def value(x: wt.Tensor) -> Any:
    return asyncio.run(x.numpy())


def close(found: wt.Tensor, expected: Any) -> None:
    np.testing.assert_allclose(value(found), expected, rtol=1e-12, atol=1e-14, strict=True)


def spans(length: int, count: int) -> list[slice]:
    """The windows of adaptive pooling, as PyTorch defines them."""
    return [
        slice(int(np.floor(one * length / count)), int(np.ceil((one + 1) * length / count)))
        for one in range(count)
    ]


def adaptive(x: Any, sizes: tuple[int, int], reduce: Callable[..., Any]) -> Any:
    rows = [
        [reduce(x[..., down, beside], axis=(-2, -1)) for beside in spans(x.shape[-1], sizes[1])]
        for down in spans(x.shape[-2], sizes[0])
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


@pytest.mark.parametrize("size", [1, (4, 13), (5, 3), (None, 4), (24, 7)])
def test_adaptive(size: Any) -> None:
    listed = size if isinstance(size, tuple) else (size, size)
    sizes = (listed[0] or 12, listed[1])
    for x in (IMAGES, IMAGES[0]):
        close(nn.adaptive_avg_pool2d(tensor(x), size), adaptive(x, sizes, np.mean))
        close(nn.adaptive_max_pool2d(tensor(x), size), adaptive(x, sizes, np.max))


def test_adaptive_over_one_axis_with_values_that_are_not_finite() -> None:
    x = LINES.copy()
    x[0, 0, 3], x[0, 1, 16], x[1, 2, 7], x[1, 3, 0] = np.inf, -np.inf, np.nan, np.inf
    rows = x[:, :, None, :]
    for count in (2, 5, 17, 23):
        expected = adaptive(rows, (1, count), np.mean)[:, :, 0]
        close(nn.adaptive_avg_pool1d(tensor(x), count), expected)
        expected = adaptive(rows, (1, count), np.max)[:, :, 0]
        close(nn.adaptive_max_pool1d(tensor(x), count), expected)
    half = nn.adaptive_avg_pool1d(tensor(LINES.astype(np.float16) + 60000), 3)
    assert half.dtype == wt.float16
    assert np.isfinite(value(half)).all()


@pytest.mark.parametrize(
    ("size", "step", "around", "ceil"), [(3, 3, 0, False), (4, 3, 2, True), (5, 1, 1, False)]
)
def test_over_one_axis(size: int, step: int, around: int, ceil: bool) -> None:
    """As over images of one row, which tests/cases compares with loops."""
    rows = tensor(LINES[:, :, None])
    window = {"stride": (1, step), "padding": (0, around), "ceil_mode": ceil}
    own = {"stride": step, "padding": around, "ceil_mode": ceil}
    for line, image in ((nn.max_pool1d, nn.max_pool2d), (nn.avg_pool1d, nn.avg_pool2d)):
        expected = value(image(rows, (1, size), **window))[:, :, 0]
        close(line(tensor(LINES), size, **own), expected)
        close(line(tensor(LINES[1]), size, **own), expected[1])


def test_by_norm() -> None:
    parts = LINES[..., :15].reshape(2, 4, 5, 3)
    close(nn.lp_pool1d(tensor(LINES), 2, 3), np.sqrt((parts**2).sum(-1)))
    even = np.abs(parts).sum(-1)
    close(nn.lp_pool1d(tensor(np.abs(LINES)), 1.0, 3), even)
    blocks = np.abs(IMAGES[..., :12]).reshape(2, 4, 6, 2, 4, 3)
    close(nn.lp_pool2d(tensor(np.abs(IMAGES)), 3.0, (2, 3)), np.cbrt((blocks**3).sum((3, 5))))


def test_transposed_convolution_over_one_axis() -> None:
    weight, bias = _random.uniform(-1, 1, (4, 3, 3)), _random.uniform(-1, 1, 6)
    expected = np.zeros((2, 6, 2 * 16 + 3))
    for group in range(2):
        for tap in range(3):
            spread = np.einsum(
                "ncl,co->nol", LINES[:, group * 2 : group * 2 + 2],
                weight[group * 2 : group * 2 + 2, :, tap],
            )  # fmt: skip
            expected[:, group * 3 : group * 3 + 3, tap : tap + 33 : 2] += spread
    expected = np.pad(expected, ((0, 0), (0, 0), (0, 1)))[:, :, 1:-1] + bias[:, None]
    found = nn.conv_transpose1d(
        tensor(LINES), tensor(weight), tensor(bias), 2, padding=1, output_padding=1, groups=2
    )
    close(found, expected)
    alone = nn.conv_transpose1d(tensor(LINES[1]), tensor(weight), tensor(bias), 2, 1, 1, 2)
    close(alone, expected[1])


def test_channels_and_positions() -> None:
    x = _random.uniform(-1, 1, (2, 12, 3, 5))
    shuffled = np.zeros((2, 3, 6, 10))
    for channel, down, beside in np.ndindex(3, 2, 2):
        shuffled[:, channel, down::2, beside::2] = x[:, channel * 4 + down * 2 + beside]
    close(nn.pixel_shuffle(tensor(x), 2), shuffled)
    close(nn.pixel_shuffle(tensor(x[1]), 2), shuffled[1])
    close(nn.pixel_unshuffle(tensor(shuffled), 2), x)
    order = [group * 4 + place for place in range(4) for group in range(3)]
    close(nn.channel_shuffle(tensor(x), 3), x[:, order])


@pytest.mark.parametrize(
    ("size", "apart", "around", "step"),
    [((2, 2), (1, 1), (0, 0), (1, 1)), ((2, 3), (2, 1), (0, 1), (3, 2)),
     ((3, 2), (1, 3), (2, 0), (1, 4))],
)  # fmt: skip
def test_windows_as_columns(size: Any, apart: Any, around: Any, step: Any) -> None:
    padded = np.pad(IMAGES, ((0, 0), (0, 0), (around[0],) * 2, (around[1],) * 2))
    high, wide = (
        (padded.shape[2 + axis] - apart[axis] * (size[axis] - 1) - 1) // step[axis] + 1
        for axis in (0, 1)
    )

    def part(row: int, column: int) -> tuple[Any, ...]:
        down, beside = row * apart[0], column * apart[1]
        return (
            ...,
            slice(down, down + (high - 1) * step[0] + 1, step[0]),
            slice(beside, beside + (wide - 1) * step[1] + 1, step[1]),
        )

    taps = list(np.ndindex(*size))
    columns = np.stack([padded[part(*tap)] for tap in taps], axis=2)
    columns = columns.reshape(2, 4 * len(taps), high * wide)
    options = {"dilation": apart, "padding": around, "stride": step}
    close(nn.unfold(tensor(IMAGES), size, **options), columns)
    close(nn.unfold(tensor(IMAGES[1]), size, **options), columns[1])
    columns = _random.uniform(-1, 1, columns.shape)
    columns[0, 0, 0], columns[1, -1, -1] = np.inf, np.nan
    images = np.zeros(padded.shape)
    for number, tap in enumerate(taps):
        images[part(*tap)] += columns.reshape(2, 4, len(taps), high, wide)[:, :, number]
    images = images[:, :, around[0] : around[0] + 12, around[1] : around[1] + 13]
    close(nn.fold(tensor(columns), (12, 13), size, **options), images)
    close(nn.fold(tensor(columns[0]), (12, 13), size, **options), images[0])


def test_embeddings() -> None:
    table, places = _random.uniform(-1, 1, (7, 5)), _random.integers(0, 7, (3, 4))
    close(nn.embedding(tensor(places), tensor(table), padding_idx=-1), table[places])
    for p in (2.0, 1.0):
        norm = np.linalg.norm(table, p, axis=1, keepdims=True)
        expected = (table * np.where(norm > 0.9, 0.9 / (norm + 1e-7), 1))[places]
        close(nn.embedding(tensor(places), tensor(table), max_norm=0.9, norm_type=p), expected)
    places[0, 0] = 6
    expected = np.eye(7, dtype=np.int32)[places]
    close(nn.one_hot(tensor(places)), expected)
    close(nn.one_hot(tensor(places), 9), np.pad(expected, ((0, 0), (0, 0), (0, 2))))


def test_bilinear() -> None:
    x, y = _random.uniform(-1, 1, (2, 3, 5)), _random.uniform(-1, 1, (2, 3, 4))
    weight, bias = _random.uniform(-1, 1, (6, 5, 4)), _random.uniform(-1, 1, 6)
    expected = np.einsum("...i,oij,...j->...o", x, weight, y) + bias
    found = nn.bilinear(tensor(x), tensor(y), tensor(weight), tensor(bias))
    np.testing.assert_allclose(value(found), expected, rtol=1e-10)


X, LINE, PLACES = tensor(IMAGES), tensor(LINES), tensor([[1, 2]])


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda: nn.max_pool1d(X, 2), ShapeError, "3 axes"),
        (lambda: nn.max_pool1d(LINE, 18), ShapeError, "does not fit"),
        (lambda: nn.max_pool1d(LINE > 0, 2), DtypeError, "bool"),
        (lambda: nn.lp_pool1d(LINE, 0, 2), OptionError, "norm_type"),
        (lambda: nn.adaptive_avg_pool2d(LINE[0], 2), ShapeError, "4 axes"),
        (lambda: nn.adaptive_max_pool2d(X, (1, 2, 3)), ShapeError, "(1, 2, 3)"),
        (lambda: nn.adaptive_max_pool1d(LINE[..., :0], 2), ShapeError, "windows"),
        (lambda: nn.adaptive_avg_pool1d(wt.astype(LINE, "int32"), 2), DtypeError, "int32"),
        (lambda: nn.conv_transpose1d(LINE, X), ShapeError, "length"),
        (lambda: nn.pixel_shuffle(X, 3), ShapeError, "9 channels"),
        (lambda: nn.pixel_shuffle(X, 0), OptionError, "positive"),
        (lambda: nn.pixel_unshuffle(X, 2), ShapeError, "multiples of 2"),
        (lambda: nn.channel_shuffle(X, 3), ShapeError, "3 channels"),
        (lambda: nn.unfold(LINE[0], 2), ShapeError, "4 axes"),
        (lambda: nn.unfold(X, 14), ShapeError, "does not fit"),
        (lambda: nn.unfold(X, 2, stride=0), OptionError, "stride 0"),
        (lambda: nn.fold(LINE, 5, 2), ShapeError, "16 windows"),
        (lambda: nn.embedding(PLACES, LINE), ShapeError, "matrix"),
        (lambda: nn.embedding(PLACES, LINE[0], padding_idx=4), ShapeError, "padding_idx 4"),
        (lambda: nn.one_hot(LINE), DtypeError, "float64"),
        (lambda: nn.one_hot(PLACES, -2), OptionError, "-2"),
        (lambda: nn.one_hot(PLACES[:0]), OptionError, "say how many"),
        (lambda: nn.bilinear(LINE, LINE, LINE), ShapeError, "fit"),
    ],
)
def test_what_is_refused(call: Callable[[], Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert told in str(raised.value)
