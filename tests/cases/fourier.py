"""Cases of discrete Fourier transforms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import webtensor as wt

from .case import Array, Case, random

Shape = tuple[int, ...]

# (shape, axis, length): one pass and several, all radices, transforms side by side, in vectors or
# not, cut and padded; 34, 38 and 1009 by convolution.
_WHOLE: tuple[tuple[Shape, int, int], ...] = (
    ((3, 1), 1, 1),
    ((5,), 0, 2),
    ((7, 12), 0, 7),
    ((2, 6, 5), 1, 6),
    ((32, 4), 0, 32),
    ((65, 16), 1, 16),
    ((3, 128), 1, 128),
    ((2, 1001), 1, 1001),
    ((2, 30), 1, 64),
    ((4, 12), 1, 48),
    ((2, 100), 1, 65),
    ((3, 34), 1, 34),
    ((2, 40), 1, 34),
    ((44, 8), 0, 17),
    ((20, 4), 0, 38),
    ((1009,), 0, 1009),
    ((2048,), 0, 2048),
    ((0, 8), 1, 8),
)
# (shape, axis, length) of the first halves of what is mirrored.
_HALVES: tuple[tuple[Shape, int, int], ...] = (
    ((3, 9), 1, 16),
    ((2, 9), 1, 17),
    ((2, 5), 1, 16),
    ((17, 4), 0, 32),
    ((2, 12), 1, 23),
    ((2, 1), 1, 1),
)


def _case(label: str, operands: tuple[Array, ...], axis: int, length: int, **more: Any) -> Case:
    inverse, hermitian = more.pop("inverse", False), more.pop("hermitian", False)
    options = {
        "axis": axis,
        "length": length,
        "inverse": inverse,
        "hermitian": hermitian,
        "scale": length**-0.5,
    }
    name = "irfft_pair" if hermitian else "ifft_pair" if inverse else "fft_pair"

    def apply(*parts: wt.Tensor) -> wt.Tensor:
        found = getattr(wt.fft, name)(*parts, n=length, axis=axis, norm="ortho")
        return wt.stack([found, wt.zeros_like(found)]) if hermitian else wt.stack(found)

    return Case("fourier", label, operands, apply, options, **more)


def _parts(shape: Shape, dtype: str = "float32") -> tuple[Array, Array]:
    return random(shape, dtype, -1, 1), random(shape, dtype, -1, 1.1)


def _complex(name: str, shape: Shape, function: Callable[..., Any], dtype: str, **of: Any) -> Case:
    real, imaginary = _parts(shape, "float64")
    values = (real + 1j * imaginary).astype(dtype) if dtype.startswith("c") else real
    options = {"axes": of["axes"], "sizes": of["sizes"], "norm": "ortho"}
    return Case(name, "random", (values,), lambda x: function(x, norm="ortho"), options)


def cases() -> Iterator[Case]:
    for number, (shape, axis, length) in enumerate(_WHOLE):
        label = "empty" if 0 in shape else "random"
        yield _case(label, _parts(shape), axis, length, inverse=number % 2 == 1)
    for shape, axis, length in _HALVES:
        yield _case("half", _parts(shape), axis, length, inverse=True, hermitian=True)
    yield _case("real", _parts((2, 24))[:1], 1, 24)
    yield _case("in float64", _parts((2, 17), "float64"), 1, 17)
    turned = tuple(one.copy() for one in _parts((32, 12)))
    yield _case("columns", turned, 1, 32, view=lambda x: x.T)
    yield _case("backward", _parts((3, 40)), 1, 20, view=lambda x: x[1:, ::-2])
    whole: dict[str, Any] = {"axes": (0, 1), "sizes": (6, 9)}
    for dtype in ("complex64", "complex128"):
        yield _complex("fftn", (6, 9), wt.fft.fftn, dtype, **whole)
        yield _complex("ifftn", (6, 9), wt.fft.ifftn, dtype, **whole)
        yield _complex("irfftn", (6, 5), wt.fft.irfftn, dtype, axes=(0, 1), sizes=(6, 8))
        yield _complex("hfft", (3, 5), wt.fft.hfft, dtype, axes=(1,), sizes=(8,))
    yield _complex("rfftn", (6, 9), wt.fft.rfftn, "float64", **whole)
    yield _complex("ihfft", (3, 8), wt.fft.ihfft, "float64", axes=(1,), sizes=(8,))
