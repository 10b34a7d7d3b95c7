"""Where devices tell what each kernel took, while somebody listens (`webtensor.profile`).

Nobody listens most of the time: a device asks `listening()` once per run and does nothing more.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

GPU_CLOCK = "gpu timestamps"
WALL_CLOCK = "wall clock"


@dataclass(frozen=True)
class Measurement:
    """One kernel that ran.

    Attributes:
        device: "webgpu", "webnn" or "cpu".
        label: what ran.
        clock: GPU_CLOCK, or WALL_CLOCK: from submitting it to knowing that it is done.
        begin: seconds, on `time.perf_counter`'s clock.
        seconds: how long it took.
        operations: arithmetic operations, about.
        nbytes: bytes read and written.
    """

    device: str
    label: str
    clock: str
    begin: float
    seconds: float
    operations: float
    nbytes: int


@dataclass(frozen=True)
class Cost:
    """What is known of a kernel before it runs; attributes as in `Measurement`."""

    label: str
    operations: float
    nbytes: int


Listener = Callable[[Measurement], None]
_listeners: list[Listener] = []


def listening() -> bool:
    """Whether somebody wants to know."""
    return bool(_listeners)


def tell(measurement: Measurement) -> None:
    """Tell everybody who listens."""
    for listener in tuple(_listeners):
        listener(measurement)


def start(listener: Listener) -> None:
    """Tell `listener` of everything from now on."""
    _listeners.append(listener)


def stop(listener: Listener) -> None:
    """Tell `listener` no more."""
    _listeners.remove(listener)


@contextlib.contextmanager
def unobserved() -> Iterator[None]:
    """Nobody is told of what runs meanwhile."""
    kept = _listeners[:]
    _listeners.clear()
    try:
        yield
    finally:
        _listeners[:0] = kept
