"""Buffers kept for reuse, by size class, so that a steady state allocates nothing."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ...errors import OutOfMemoryError
from ...host.base import GPU

_SMALLEST = 256
_STEPS_PER_DOUBLING = 4
# More than this, and more than is live, is not kept for reuse.
_MOST_POOLED = 256 << 20


@lru_cache(4096)
def size_class(size: int) -> int:
    """`size` rounded up: four classes per power of two, so at most a quarter is unused."""
    if size <= _SMALLEST:
        return _SMALLEST
    step = (1 << (size - 1).bit_length()) // (2 * _STEPS_PER_DOUBLING)
    return -(-size // step) * step


class Pool:
    """Buffers of one device, by number. A freed buffer may be used again at once: the queue runs
    in order, so whatever still reads it runs before whatever writes it next."""

    def __init__(self, gpu: GPU, max_buffer_size: int) -> None:
        self._gpu = gpu
        self._max = max_buffer_size
        # By class: the buffers, and when each was freed. The one freed last is the last, and the
        # first to be used again.
        self._free: dict[int, dict[int, int]] = defaultdict(dict)
        self._released = 0
        self._shrinking = False
        self._size: dict[int, int] = {}
        self.live = 0
        self.pooled = 0
        self.peak = 0

    async def allocate(self, sizes: Sequence[int]) -> list[int]:
        """A buffer for each size, all or none.

        Raises:
            OutOfMemoryError: also after everything pooled was given back.
        """
        self.check(sizes)
        classes = [min(size_class(size), self._max) for size in sizes]
        # Python's collector may free tensors anywhere in here: a buffer is taken in one go.
        buffers: list[int | None] = [
            self._free[one].popitem()[0] if self._free[one] else None for one in classes
        ]
        missing = [one for one, buffer in zip(classes, buffers, strict=True) if buffer is None]
        taken = [buffer for buffer in buffers if buffer is not None]
        for buffer in taken:
            self._count(self._size[buffer], pooled=False)
        try:
            made = iter(await self._create(missing) if missing else ())
        except BaseException:
            self.release(taken)
            raise
        return [next(made) if buffer is None else buffer for buffer in buffers]

    def check(self, sizes: Iterable[int]) -> None:
        """Raise OutOfMemoryError for a size that no buffer of this device can have."""
        largest = max(sizes, default=0)
        if largest > self._max:
            raise OutOfMemoryError(
                f"a tensor of {largest:,} bytes is larger than this device's largest buffer "
                f"({self._max:,} bytes); use a smaller one, or device='cpu'"
            )

    async def _create(self, sizes: Sequence[int]) -> list[int]:
        try:
            made = await self._gpu.create_buffers(sizes)
        except OutOfMemoryError as first:
            gc.collect()  # tensors in cycles, as the traceback of a failed task makes them
            self.trim()
            try:
                made = await self._gpu.create_buffers(sizes)
            except OutOfMemoryError:
                raise OutOfMemoryError(
                    f"the device has no room for {sum(sizes):,} bytes ({self.live:,} bytes are "
                    f"live): {str(first).strip().splitlines()[0]}. "
                    f"Delete tensors that you no longer need, or use device='cpu'"
                ) from None
        for buffer, size in zip(made, sizes, strict=True):
            self._size[buffer] = size
            self.live += size
        self.peak = max(self.peak, self.live)
        return made

    def _count(self, size: int, pooled: bool) -> None:
        sign = -1 if pooled else 1
        self.live += sign * size
        self.pooled -= sign * size
        self.peak = max(self.peak, self.live)

    def release(self, buffers: Sequence[int]) -> None:
        """Keep buffers for the next tensors of their class, up to a limit; the oldest go."""
        for buffer in buffers:
            size = self._size[buffer]
            self._released += 1
            self._free[size][buffer] = self._released
            self._count(size, pooled=True)
        self._shrink(_MOST_POOLED, self.live)

    def trim(self) -> None:
        """Give everything pooled back to the device."""
        self._shrink(0, 0)

    def _shrink(self, limit: int, live: int) -> None:
        """Give back what was freed longest ago until no more than either is pooled."""
        if self._shrinking or self.pooled <= max(limit, live):
            return
        self._shrinking = True
        gone = []
        while self.pooled > max(limit, live):
            used = [free for free in self._free.values() if free]
            if not used:  # all that is left is being taken
                break
            free = min(used, key=lambda one: next(iter(one.values())))
            buffer = next(iter(free))
            del free[buffer]
            self.pooled -= self._size.pop(buffer)
            gone.append(buffer)
        self._shrinking = False
        self._gpu.destroy_buffers(gone)
