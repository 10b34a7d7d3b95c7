"""What is measured: operations of the sizes that models and people ask for, each with its float64
reference and with what it costs at least."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Shape = tuple[int, ...]
Reference = Callable[..., Any]

# Errors of a sum grow with the square root of its length.
TOLERANCE = 1e-5
FLOAT_BYTES = 4
LAYER_NORM_EPSILON = 1e-5
CHAIN_LENGTH = 100


@dataclass(frozen=True)
class Workload:
    """One operation on float32 operands that lie on the device.

    Attributes:
        operation: the name by which contenders know what to do.
        shapes: of the operands.
        output: the result's shape.
        reference: the result in float64, from operands in float64.
        flops: floating-point operations of one run; 0 where only bytes count.
        tolerance: the largest error, relative to the largest magnitude, that counts as right.
        attributes: what else the operation needs.
    """

    name: str
    operation: str
    shapes: tuple[Shape, ...]
    output: Shape
    reference: Reference
    flops: int = 0
    tolerance: float = TOLERANCE
    attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def moved(self) -> int:
        """Bytes that one run reads and writes at least: each operand and the result once."""
        return FLOAT_BYTES * sum(map(math.prod, (*self.shapes, self.output)))

    def rate(self, milliseconds: float) -> str:
        """What a run of this time reaches, in GFLOP/s, or in GB/s where only bytes count."""
        if self.flops:
            return f"{self.flops / milliseconds / 1e6:.2f} GFLOP/s"
        return f"{self.moved / milliseconds / 1e6:.2f} GB/s"

    def operands(self) -> list[np.ndarray[Any, Any]]:
        """Random float32 operands, the same for every contender and at every run."""
        generator = np.random.default_rng(zlib.crc32(self.name.encode()))
        return [generator.standard_normal(shape, np.float32) for shape in self.shapes]

    def copied(self) -> Workload:
        """Its first operand copied: under the same name, so the operand is the same."""
        return replace(self, operation="copy", shapes=self.shapes[:1], reference=np.copy, flops=0)

    def expected(self) -> np.ndarray[Any, Any]:
        """The float64 reference of `operands`."""
        return np.asarray(self.reference(*(one.astype(np.float64) for one in self.operands())))


def relative_error(found: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> float:
    """The largest error over the largest magnitude of the reference; NaN stays NaN."""
    if found.size != expected.size:
        return math.nan
    difference = np.abs(found.reshape(expected.shape).astype(np.float64) - expected)
    return float(difference.max() / np.abs(expected).max())


def matmul(m: int, k: int, n: int, batch: Shape = ()) -> Workload:
    """C (m × n) = A (m × k) · B (k × n), `batch` times."""
    sizes = "×".join(map(str, (*batch, m, k, n)))
    return Workload(
        name=f"matmul {sizes}",
        operation="matmul",
        shapes=((*batch, m, k), (*batch, k, n)),
        output=(*batch, m, n),
        reference=np.matmul,
        flops=2 * math.prod(batch) * m * n * k,
        tolerance=TOLERANCE * math.sqrt(k),
    )


def _softmax(x: Any) -> Any:
    weights = np.exp(x - x.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def _layer_norm(x: Any, weight: Any, bias: Any) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred**2).mean(-1, keepdims=True)
    return centred / np.sqrt(variance + LAYER_NORM_EPSILON) * weight + bias


def _gelu(x: Any) -> Any:
    return x * np.vectorize(math.erf)(x / math.sqrt(2)) / 2 + x / 2


def _add_chain(x: Any, step: Any) -> Any:
    return x + CHAIN_LENGTH * step


def _fused_chain(x: Any, y: Any) -> Any:
    return np.maximum(np.sqrt(x * x + y * y) * y - x, y) * 0.5 + x


def _conv2d(x: Any, weight: Any) -> Any:
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, weight.shape[2:], axis=(2, 3))
    return np.einsum("ncyxij,ocij->noyx", windows, weight, optimize=True)


def _attention(query: Any, key: Any, value: Any) -> Any:
    scores = query @ key.swapaxes(-1, -2) / math.sqrt(query.shape[-1])
    return _softmax(scores) @ value


def _fft(real: Any, imaginary: Any) -> Any:
    found = np.fft.fft(real + 1j * imaginary)
    return np.stack([found.real, found.imag])


def fft(lines: int, length: int) -> Workload:
    """Discrete Fourier transforms of so many lines, real parts and imaginary ones apart."""
    return Workload(
        name=f"fft {lines}×{length}" if lines > 1 else f"fft {length}",
        operation="fft",
        shapes=((lines, length),) * 2,
        output=(2, lines, length),
        reference=_fft,
        flops=round(5 * lines * length * math.log2(length)),
        tolerance=1e-6 * math.log2(length),
    )


SQUARE = (1024, 1024)
CHAINED = (256, 256)
HEADS = (12, 128, 64)

# 128×384×1536 and 1024×768×3072 are the feed-forward layers of MiniLM and of BERT-base.
MATMULS = (
    *(matmul(size, size, size) for size in (256, 512, 1024, 2048)),
    matmul(128, 384, 1536),
    matmul(1024, 768, 3072),
)
COMPARED = (
    *MATMULS,
    matmul(128, 64, 128, batch=(12,)),
    Workload("softmax 1024×1024", "softmax", (SQUARE,), SQUARE, _softmax),
    Workload(
        "layer norm 1024×1024", "layer_norm", (SQUARE, (1024,), (1024,)), SQUARE, _layer_norm,
        attributes={"epsilon": LAYER_NORM_EPSILON},
    ),
    Workload("gelu 1024×1024", "gelu", (SQUARE,), SQUARE, _gelu),
    Workload("add 1024×1024", "add", (SQUARE, SQUARE), SQUARE, np.add),
    Workload("9 operators 1024×1024", "fused_chain", (SQUARE, SQUARE), SQUARE, _fused_chain),
    # The same operand each time: what can fuse the chain needs two bindings, and may not fold it.
    Workload(
        "100 adds 256×256", "add_chain", (CHAINED, CHAINED), CHAINED, _add_chain,
        flops=CHAIN_LENGTH * math.prod(CHAINED), tolerance=10 * TOLERANCE,
        attributes={"length": CHAIN_LENGTH},
    ),
    Workload(
        "conv2d 3×3 64→64 56×56", "conv2d", ((1, 64, 56, 56), (64, 64, 3, 3)), (1, 64, 56, 56),
        _conv2d, flops=2 * 64 * 64 * 9 * 56 * 56, tolerance=TOLERANCE * math.sqrt(64 * 9),
    ),
    Workload(
        "attention 12×128×64", "attention", (HEADS, HEADS, HEADS), HEADS, _attention,
        flops=4 * 12 * 128 * 128 * 64, tolerance=TOLERANCE * math.sqrt(128),
    ),
    fft(1, 1 << 16),
    fft(1024, 1024),
)  # fmt: skip
# Bound by bytes: a copy of their first operand tells what the adapter's memory gives meanwhile.
CHAINS = ("add", "gelu", "fused_chain")
