"""Views: how the elements of a value lie in the buffer that holds them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..operators import Shape


def contiguous_strides(shape: Shape) -> tuple[int, ...]:
    """Strides in elements of a C-ordered array."""
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


@dataclass(frozen=True)
class View:
    """A shape over a buffer: element (i, j, …) lies at offset + i·strides[0] + j·strides[1] + …"""

    shape: Shape
    strides: tuple[int, ...]
    offset: int = 0

    @classmethod
    def of(cls, shape: Shape) -> View:
        return cls(shape, contiguous_strides(shape))

    @property
    def contiguous(self) -> bool:
        """Whether elements lie in C order without gaps, from the buffer's first one on."""
        return self.dense and self.offset == 0

    @property
    def dense(self) -> bool:
        """Whether elements lie in C order without gaps (the stride of a size-1 axis is moot)."""
        wanted = contiguous_strides(self.shape)
        return math.prod(self.shape) == 0 or all(
            size == 1 or stride == want
            for size, stride, want in zip(self.shape, self.strides, wanted, strict=True)
        )

    def permuted(self, axes: tuple[int, ...]) -> View:
        return View(
            tuple(self.shape[axis] for axis in axes),
            tuple(self.strides[axis] for axis in axes),
            self.offset,
        )

    def sliced(self, starts: Shape, sizes: Shape, steps: Shape) -> View:
        """Every step-th element from start on, along each axis; steps may be negative."""
        moved = sum(start * stride for start, stride in zip(starts, self.strides, strict=True))
        strides = tuple(step * stride for step, stride in zip(steps, self.strides, strict=True))
        return View(sizes, strides, self.offset + moved)

    def expanded(self, shape: Shape) -> View:
        """Broadcast: new axes and axes of size 1 get stride 0."""
        new_axes = len(shape) - len(self.shape)
        strides = [0] * new_axes + [
            0 if size == 1 and wanted != 1 else stride
            for size, stride, wanted in zip(self.shape, self.strides, shape[new_axes:], strict=True)
        ]
        return View(shape, tuple(strides), self.offset)

    def reshaped(self, shape: Shape) -> View | None:
        """The view under another shape, or None where no strides describe it."""
        if self.dense:
            return View(shape, contiguous_strides(shape), self.offset)
        squeezed = [
            (size, stride)
            for size, stride in zip(self.shape, self.strides, strict=True)
            if size != 1
        ]
        kept = [size for size in shape if size != 1]
        if kept != [size for size, _ in squeezed]:
            return None
        remaining = iter(stride for _, stride in squeezed)
        strides = tuple(0 if size == 1 else next(remaining) for size in shape)
        return View(shape, strides, self.offset)
