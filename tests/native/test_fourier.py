"""Fourier transforms on wgpu-py's device: how exact they are, and what of them is kept."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.fourier import convolution_length, radices
from webtensor.backends.webgpu.variants import HARDWARE, SOFTWARE
from webtensor.graph.fuse import MAX_READS


@pytest.fixture(params=[HARDWARE, SOFTWARE], ids=["hardware", "software"])
def webgpu_as(request: pytest.FixtureRequest, webgpu: WebGPUBackend) -> Iterator[WebGPUBackend]:
    """The device with the variants of each class of adapters."""
    usual = webgpu.adapter
    webgpu.adapter = request.param
    webgpu.executables.clear()
    yield webgpu
    webgpu.adapter = usual
    webgpu.executables.clear()


def _random(shape: tuple[int, ...]) -> tuple[Any, Any]:
    generator = np.random.default_rng(shape)
    real, imaginary = (generator.standard_normal(shape, np.float32) for _ in range(2))
    return real, imaginary


def _read(pair: tuple[wt.Tensor, wt.Tensor]) -> Any:
    async def both() -> Any:
        await wt.eval(*pair)
        values = np.zeros(pair[0].shape, np.complex128)
        values.real, values.imag = await pair[0].numpy(), await pair[1].numpy()
        return values

    return asyncio.run(both())


def _error(found: Any, expected: Any) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


@pytest.mark.parametrize("shape", [(1 << 16,), (37, 1024), (1009,), (65537,), (3, 30030)], ids=str)
def test_errors_are_those_of_rounding(shape: tuple[int, ...], webgpu_as: WebGPUBackend) -> None:
    real, imaginary = _random(shape)
    x, y = (wt.asarray(one, device="webgpu") for one in (real, imaginary))
    values = real.astype(np.float64) + 1j * imaginary
    # A tenth of what is asked of them; sines that the shader computes do not pass.
    allowed = 1e-7 * np.log2(shape[-1])
    pair = wt.fft.fft_pair(x, y)
    assert _error(_read(pair), np.fft.fft(values)) < allowed
    assert _error(_read(wt.fft.ifft_pair(*pair)), values) < 2 * allowed


def test_transforms_of_several_axes(webgpu: WebGPUBackend) -> None:
    real, imaginary = _random((6, 40, 36))
    x, y = (wt.asarray(one, device="webgpu") for one in (real, imaginary))
    values = real.astype(np.float64) + 1j * imaginary
    assert _error(_read(wt.fft.fftn_pair(x, y)), np.fft.fftn(values)) < 1e-6
    found = wt.fft.ifftn_pair(x, y, s=(17, 64), axes=(2, 0), norm="forward")
    expected = np.fft.ifftn(values, (17, 64), (2, 0), "forward")
    assert _error(_read(found), expected) < 1e-6
    halves = wt.fft.rfftn_pair(x)
    assert _error(_read(halves), np.fft.rfftn(real.astype(np.float64))) < 1e-6
    back = asyncio.run(wt.fft.irfftn_pair(*halves).numpy())
    assert back.shape == real.shape
    assert _error(back, real) < 1e-6


def test_halves(webgpu: WebGPUBackend) -> None:
    real, imaginary = _random((3, 11))
    x, y = (wt.asarray(one, device="webgpu") for one in (real, imaginary))
    values = real.astype(np.float64) + 1j * imaginary
    for n in (None, 21, 8):
        found = asyncio.run(wt.fft.hfft_pair(x, y, n=n).numpy())
        assert _error(found, np.fft.hfft(values, n)) < 1e-6
        assert _error(_read(wt.fft.ihfft_pair(x, n=n)), np.fft.ihfft(real, n)) < 1e-6


def test_lines_that_are_not_finite_spoil_no_others(webgpu: WebGPUBackend) -> None:
    for length in (64, 38):
        real, imaginary = _random((5, length))
        exact = np.fft.fft(real.astype(np.float64) + 1j * imaginary)
        real[1, 3], imaginary[3, 0] = np.nan, np.inf
        found = _read(
            wt.fft.fft_pair(*(wt.asarray(one, device="webgpu") for one in (real, imaginary)))
        )
        assert not np.isfinite(found[[1, 3]]).any()
        assert _error(found[[0, 2, 4]], exact[[0, 2, 4]]) < 1e-6


def test_the_operand_is_computed_as_it_is_loaded(webgpu: WebGPUBackend) -> None:
    real, window = _random((4, 128))
    x, w = (wt.asarray(one, device="webgpu") for one in (real, window))
    pair = wt.fft.fft_pair(x * w)
    assert "multiply → fourier" in str(wt.explain(pair[0]))
    assert _error(_read(pair), np.fft.fft(real.astype(np.float64) * window)) < 1e-6


def test_operands_of_many_buffers(webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    # As many as a kernel may bind everywhere (this device takes more); the chirp of a prime length
    # would be one more.
    create, reads = webgpu.gpu.create_pipelines, []

    def counted(kernels: Any) -> Any:
        reads.extend(count for _, count in kernels)
        return create(kernels)

    monkeypatch.setattr(webgpu.gpu, "create_pipelines", counted)
    for length in (16, 17):
        values = [_random((3, length + number))[0][:, :length] for number in range(7)]
        tensors = [wt.asarray(np.ascontiguousarray(one), device="webgpu") for one in values]
        pair = wt.fft.fft_pair(sum(tensors[1:4], tensors[0]), sum(tensors[5:], tensors[4]))
        real, imaginary = np.sum(values[:4], axis=0), np.sum(values[4:], axis=0)
        assert _error(_read(pair), np.fft.fft(real + 1j * imaginary)) < 1e-6
    assert max(reads) == MAX_READS


def test_tables_are_shared_and_go_with_the_last_graph(webgpu: WebGPUBackend) -> None:
    webgpu.executables.clear()
    gc.collect()
    before = webgpu.memory()["live"]
    x = wt.asarray(_random((2, 512))[0], device="webgpu")
    _read(wt.fft.fft_pair(x))
    held = len(webgpu._constants)
    assert held > 0
    _read(wt.fft.ifft_pair(x * 2.0))
    assert len(webgpu._constants) == held
    assert webgpu.memory()["live"] > before
    for executable in webgpu.executables.values():
        executable.release()
    webgpu.executables.clear()
    del x
    gc.collect()
    assert webgpu.memory()["live"] == before
    assert not webgpu._constants


def test_a_compiled_function_transforms(webgpu: WebGPUBackend) -> None:
    step = wt.compile(lambda x: wt.fft.irfft_pair(*(2.0 * one for one in wt.fft.rfft_pair(x))))
    for seed in (8, 9):
        real = np.random.default_rng(seed).standard_normal((3, 90), np.float32)

        async def doubled(values: Any) -> Any:
            return await (await step(wt.asarray(values, device="webgpu"))).numpy()

        assert _error(asyncio.run(doubled(real)), 2 * real) < 1e-6


def test_passes_are_few_and_make_up_the_length() -> None:
    assert radices(1 << 16, 4) == [16, 16, 16, 16]
    assert radices(1024, 4) == [16, 8, 8]
    assert radices(360, 3) == [8, 3, 3, 5]
    assert radices(1, 4) == [1]
    assert radices(34, 4) is None
    for length in (17, 1009, 65537):
        size = convolution_length(length, 3)
        assert 2 * length - 1 <= size < 4 * length
        assert np.prod(radices(size, 3) or [0]) == size
