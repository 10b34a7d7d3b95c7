"""`wt.fft` by the standard, against NumPy; what each function refuses, and how."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor.errors import DtypeError, OptionError, ShapeError, UnsupportedDtypeError

ONE_AXIS = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
SEVERAL = ("fftn", "ifftn", "rfftn", "irfftn")
OF_REAL = ("rfft", "rfftn", "ihfft")


def _values(name: str, dtype: str) -> Any:
    generator = np.random.default_rng(7)
    x = generator.standard_normal((5, 6, 7))
    return x.astype(dtype) if name in OF_REAL else (x + 1j * x[::-1]).astype(_complex(dtype))


def _complex(dtype: str) -> str:
    return {"float32": "complex64", "float64": "complex128"}[dtype]


def _check(found: wt.Tensor, expected: Any) -> None:
    values = asyncio.run(found.numpy())
    assert (values.shape, values.dtype) == (expected.shape, expected.dtype)
    assert (found.shape, found.dtype.name) == (expected.shape, expected.dtype.name)
    exact = 1e-14 if expected.dtype.name in ("float64", "complex128") else 1e-6
    assert np.linalg.norm(values - expected) <= exact * np.linalg.norm(expected), found.shape


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ONE_AXIS)
def test_one_axis(name: str, dtype: str, norm: str) -> None:
    x = _values(name, dtype)
    on_cpu = wt.asarray(x, device="cpu")
    parts = [wt.asarray(np.ascontiguousarray(one), device="cpu") for one in (x.real, x.imag)]
    parts = parts[:1] if name in OF_REAL else parts
    for n, axis in ((None, -1), (4, 0), (9, 1), (1, -2)):
        expected = getattr(np.fft, name)(x, n, axis, norm)
        _check(getattr(wt.fft, name)(on_cpu, n=n, axis=axis, norm=norm), expected)
        _check_pair(f"{name}_pair", parts, expected, n=n, axis=axis, norm=norm)


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
@pytest.mark.parametrize("name", SEVERAL)
def test_several_axes(name: str, norm: str) -> None:
    x = _values(name, "float64")
    on_cpu = wt.asarray(x, device="cpu")
    parts = [wt.asarray(np.ascontiguousarray(one), device="cpu") for one in (x.real, x.imag)]
    parts = parts[:1] if name in OF_REAL else parts
    for s, axes in ((None, None), (None, (2, 0)), ((3, 8), (-1, 1)), ((4, 5, 6), (0, 1, 2))):
        expected = getattr(np.fft, name)(x, s, axes, norm)
        _check(getattr(wt.fft, name)(on_cpu, s=s, axes=axes, norm=norm), expected)
        _check_pair(f"{name}_pair", parts, expected, s=s, axes=axes, norm=norm)


def _check_pair(name: str, parts: list[wt.Tensor], expected: Any, **options: Any) -> None:
    found = getattr(wt.fft, name)(*parts, **options)
    if isinstance(found, wt.Tensor):
        _check(found, expected)
        return
    assert isinstance(found, tuple)
    _check(found[0], np.ascontiguousarray(expected.real))
    values = asyncio.run(found[1].numpy())
    assert np.allclose(values, expected.imag, atol=2e-6 * np.abs(expected).max())


def test_an_axis_without_elements_is_padded() -> None:
    x = np.zeros((3, 0, 2))
    on_cpu = wt.asarray(x, device="cpu")
    _check(wt.fft.fft(on_cpu, n=4, axis=1), np.fft.fft(x, 4, 1))
    _check_pair("fft_pair", [on_cpu], np.fft.fft(x, 4, 1), n=4, axis=1)
    pair = wt.fft.rfft_pair(wt.zeros((3, 0, 2), device="webgpu"), n=4, axis=1)
    assert [(one.shape, one.device) for one in pair] == [((3, 3, 2), "webgpu")] * 2


def test_real_signals_have_transforms_too() -> None:
    x = np.random.default_rng(1).standard_normal(12)
    _check(wt.fft.fft(wt.asarray(x, device="cpu")), np.fft.fft(x))


@pytest.mark.parametrize("count", [1, 2, 7, 8])
def test_frequencies(count: int) -> None:
    for name in ("fftfreq", "rfftfreq"):
        ours, numpys = getattr(wt.fft, name), getattr(np.fft, name)
        _check(ours(count, d=0.1, device="cpu"), numpys(count, 0.1).astype("float32"))
        _check(ours(count, dtype=wt.float64, device="cpu"), numpys(count))
    assert wt.fft.fftfreq(3, device="cpu").device == "cpu"


def test_shifts() -> None:
    x = np.arange(105).reshape(3, 5, 7)
    on_cpu = wt.asarray(x, device="cpu")
    for axes in (None, 1, (0, -1)):
        for name in ("fftshift", "ifftshift"):
            found = asyncio.run(getattr(wt.fft, name)(on_cpu, axes=axes).numpy())
            assert np.array_equal(found, getattr(np.fft, name)(x, axes))


def test_complex_values_of_a_gpu_name_the_way_out() -> None:
    real = wt.zeros((4,), device="webgpu")
    for name in OF_REAL:
        with pytest.raises(UnsupportedDtypeError, match=rf"complex64.*webtensor\.fft\.{name}_pair"):
            getattr(wt.fft, name)(real)
    values = wt.asarray(np.zeros(4, np.complex64), device="webgpu")
    for name in ("fft", "irfft", "hfft", "ifftn"):
        with pytest.raises(UnsupportedDtypeError, match=r"to_device\('cpu'\)"):
            getattr(wt.fft, name)(values)


def test_what_does_not_fit_says_why() -> None:
    x = wt.zeros((3, 4), device="cpu")
    for function in (wt.fft.fft, wt.fft.fft_pair, wt.fft.rfft, wt.fft.irfft_pair):
        with pytest.raises(OptionError, match="norm is one of"):
            function(x, norm="Ortho")
        with pytest.raises(ShapeError, match="axis 2"):
            function(x, axis=2)
        with pytest.raises(ShapeError, match="below 1"):
            function(x, n=0)
        with pytest.raises(DtypeError, match="int32"):
            function(wt.zeros((3, 4), dtype="int32", device="cpu"))
        with pytest.raises(DtypeError, match="takes tensors"):
            function([1.0, 2.0])  # type: ignore[arg-type]
        with pytest.raises(DtypeError, match="integer"):
            function(x, n=2.5)  # type: ignore[arg-type]
        with pytest.raises(DtypeError, match="are integers"):
            function(x, axis=(0, 1))  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="below 1"):
        wt.fft.irfft(wt.zeros((3, 1), device="cpu"))
    with pytest.raises(DtypeError, match="complex64"):
        wt.fft.rfft(wt.asarray([1j, 2], device="cpu"))
    for several in (wt.fft.fftn, wt.fft.rfftn_pair):
        with pytest.raises(OptionError, match="axes must be given"):
            several(x, s=(2, 2))
        with pytest.raises(ShapeError, match="1 lengths"):
            several(x, s=(2,), axes=(0, 1))
        with pytest.raises(ShapeError, match="twice"):
            several(x, axes=(1, -1))
        with pytest.raises(ShapeError, match="at least one axis"):
            several(x, axes=())
        with pytest.raises(ShapeError, match="at least one axis"):
            several(wt.zeros((), device="cpu"))
    with pytest.raises(ShapeError, match="real parts of shape"):
        wt.fft.fft_pair(x, wt.zeros((3, 5), device="cpu"))
    with pytest.raises(ShapeError, match="below 1"):
        wt.fft.fft_pair(wt.zeros((3, 0), device="cpu"))
    with pytest.raises(ShapeError, match="below 1"):
        wt.fft.fftfreq(0)
    with pytest.raises(DtypeError, match="int32"):
        wt.fft.rfftfreq(4, dtype="int32")
