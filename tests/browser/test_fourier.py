"""Fourier transforms in browsers, against NumPy in float64 beside them."""

from __future__ import annotations

import math

from tests.support.blank import BlankPage

ERRORS = """
import numpy as np
import webtensor as wt
await wt.init()
errors = []
for shape in shapes:
    generator = np.random.default_rng(shape)
    real, imag = (generator.standard_normal(shape, np.float32) for _ in range(2))
    x, y = (wt.asarray(one, device="webgpu") for one in (real, imag))
    pair = wt.fft.fft_pair(x, y)
    await wt.eval(*pair)
    found = (await pair[0].numpy()).astype(np.float64) + 1j * await pair[1].numpy()
    expected = np.fft.fft(real.astype(np.float64) + 1j * imag)
    errors.append(float(np.linalg.norm(found - expected) / np.linalg.norm(expected)))
errors
"""
# Powers of two, rows, primes, all radices.
SHAPES = [[1 << 16], [64, 1024], [1009], [65537], [2, 30030]]


def test_errors_are_those_of_rounding(blank: BlankPage) -> None:
    errors = blank.py(ERRORS, shapes=SHAPES)
    for shape, error in zip(SHAPES, errors, strict=True):
        # A tenth of what is asked of them; sines that the shader computes do not pass.
        assert error < 1e-7 * math.log2(shape[-1]), (shape, error)
