"""The benchmark's timing on clocks that tick up to a millisecond, as browsers' do."""

from __future__ import annotations

import asyncio
import math

import pytest

from webtensor import benchmark


class SlowAtFirst:
    """A run takes 50 ms the first time and 70 µs ever after, on a clock of whole milliseconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return math.floor(self.now * 1e3) / 1e3

    async def run(self, times: int) -> None:
        self.now += times * 70e-6 if self.now else 0.05


def test_a_slow_first_run_leaves_no_time_at_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    work = SlowAtFirst()
    monkeypatch.setattr(benchmark, "perf_counter", work.clock)
    times = asyncio.run(benchmark._warm(work, None, benchmark._Narrator(None)))
    assert sorted(times)[len(times) // 2] == pytest.approx(0.07, rel=0.5)
