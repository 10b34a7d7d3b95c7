"""What is measured: products of the sizes that models and people ask for."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Errors of a product grow with the square root of the length of its sums.
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Matmul:
    """C (m × n) = A (m × k) · B (k × n) in float32, operands on the device."""

    m: int
    k: int
    n: int

    @property
    def name(self) -> str:
        return f"matmul {self.m}×{self.k}×{self.n}"

    @property
    def tolerance(self) -> float:
        """The largest relative error that counts as right."""
        return TOLERANCE * math.sqrt(self.k)

    def gflops(self, milliseconds: float) -> float:
        return 2 * self.m * self.n * self.k / milliseconds / 1e6


# 128×384×1536 and 1024×768×3072 are the feed-forward layers of MiniLM and of BERT-base.
MATMULS = (
    *(Matmul(size, size, size) for size in (256, 512, 1024, 2048)),
    Matmul(128, 384, 1536),
    Matmul(1024, 768, 3072),
)
