"""Bands of one kernel: each reads its number from a buffer, so that one pipeline serves all."""

from __future__ import annotations

from collections.abc import Hashable

from ...dtypes import uint32
from .context import Context
from .elementwise import element_kernel
from .kernel import Dispatch, Span

# WebGPU guarantees that a binding's offset may be any multiple of so many bytes.
_OFFSET_BYTES = 256


def band_numbers(context: Context, count: int) -> tuple[list[Dispatch], list[Span]]:
    """What binds the numbers 0 to `count` - 1, one each, and what has to run before."""
    value: Hashable = ("band numbers", count)
    size = count * _OFFSET_BYTES
    spans = [Span(value, number * _OFFSET_BYTES, 4) for number in range(count)]
    if value in context.lowered.temporaries:
        return [], spans
    context.lowered.temporaries[value] = size
    source = context.source()
    source.add(f"fn element(i: u32) -> u32 {{ return i / {_OFFSET_BYTES // 4}u; }}\n")
    span = Span(value, 0, size)
    return [element_kernel("band numbers", span, uint32, source, 1, False)], spans
