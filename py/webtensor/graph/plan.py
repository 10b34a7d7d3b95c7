"""Last pass: liveness. Which temporaries of a plan can share one buffer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TemporaryPlan:
    """Where temporaries lie.

    Attributes:
        slot: the slot of each temporary.
        sizes: bytes of each slot.
    """

    slot: dict[Hashable, int]
    sizes: tuple[int, ...]

    @property
    def peak_bytes(self) -> int:
        return sum(self.sizes)


def plan_temporaries(
    steps: Sequence[tuple[Hashable, Sequence[Hashable]]], sizes: Mapping[Hashable, int]
) -> TemporaryPlan:
    """Give every temporary a slot, so that two that are alive together never share one.

    Args:
        steps: (value written, values read) of each step in order; values that are not in `sizes`
            (inputs, outputs) are not temporaries and are left alone.
        sizes: bytes of each temporary.
    """
    last_use = {
        value: number
        for number, (written, read) in enumerate(steps)
        for value in (*read, written)
        if value in sizes
    }
    slot: dict[Hashable, int] = {}
    slot_sizes: list[int] = []
    free: list[int] = []
    for number, (written, read) in enumerate(steps):
        if written in sizes and written not in slot:
            slot[written] = _take(free, slot_sizes, sizes[written])
        free.extend(slot[value] for value in {written, *read} & last_use.keys()
                    if last_use[value] == number)  # fmt: skip
    return TemporaryPlan(slot, tuple(slot_sizes))


def _take(free: list[int], slot_sizes: list[int], size: int) -> int:
    """The free slot that fits best (the largest one, grown, where none is big enough)."""
    if not free:
        slot_sizes.append(size)
        return len(slot_sizes) - 1
    fitting = [one for one in free if slot_sizes[one] >= size]
    best = min(fitting or free, key=lambda one: slot_sizes[one] if fitting else -slot_sizes[one])
    free.remove(best)
    slot_sizes[best] = max(slot_sizes[best], size)
    return best
