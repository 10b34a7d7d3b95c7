"""Cases of products with integer weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import webtensor as wt

from .case import Array, Case, random

# (m, k, n, bits, groups)
_LINEAR = (
    (1, 32, 5, 8, 1),
    (7, 64, 33, 8, 4),
    (1, 136, 67, 4, 1),
    (13, 96, 20, 4, 3),
    (33, 256, 64, 4, 8),
    (65, 128, 132, 8, 2),
)
_INTEGER = ((1, 4, 1), (7, 36, 5), (33, 64, 40), (70, 132, 67), (5, 7, 3), (0, 8, 3))


def _stored(shape: tuple[int, ...], bits: int, seed: int) -> Array:
    generator = np.random.default_rng([*shape, bits, seed])
    if bits == 4:
        return generator.integers(0, 256, (*shape[:-1], shape[-1] // 2)).astype(np.uint8)
    return generator.integers(-128, 128, shape).astype(np.int8)


def _linear(bits: int) -> Any:
    def apply(x: wt.Tensor, *parts: wt.Tensor) -> wt.Tensor:
        zero = parts[2] if len(parts) > 2 else None
        return wt.nn.linear_quantized(x, wt.nn.QuantizedWeight(parts[0], parts[1], zero, bits))

    return apply


def cases() -> Iterator[Case]:
    for m, k, n, bits, groups in _LINEAR:
        # Above every weight's zero point, so that nothing cancels and ULP mean something.
        x = random((m, k), "float32", 0.1, 1.1)
        scale = random((n, groups), "float32", 0.01, 0.02)
        weight = _stored((n, k), bits, 1)
        positive = weight // 2 + 63 if bits == 8 else weight | 0x88
        name, options = "linear_quantized", {"bits": bits}
        yield Case(name, "random", (x, positive, scale), _linear(bits), options)
        zero = np.full((n, groups), 1 if bits == 4 else -128).astype(weight.dtype)
        yield Case(name, "zero point", (x, weight, scale, zero), _linear(bits), options)
    for m, k, n in _INTEGER:
        pair = (_stored((m, k), 8, 2), _stored((n, k), 8, 3))
        yield Case("matmul_integer", "random", pair, lambda a, b: wt.matmul_integer(a, b.mT))
    turned = (_stored((36, 12), 8, 4), _stored((36, 20), 8, 5))
    yield Case(
        "matmul_integer",
        "copied",
        turned,
        lambda a, b: wt.matmul_integer(a, b.mT),
        view=lambda x: x.T,
    )
