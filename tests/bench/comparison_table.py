"""The comparison as people read it: a block per workload, then how webtensor stands over all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from tests.bench.comparison import ROUNDS, Entry
from tests.bench.contenders import CEILING, COPY, WEBTENSOR
from tests.bench.rows import geometric_mean, milliseconds, table

HEADING = (
    "workload", "contender", "median ms", "p95 ms", "cold ms", "speed", "rel. error",
    "× best peer", "of ceiling",
)  # fmt: skip
NO_FIGURE = "—"


def as_table(entries: Sequence[Entry]) -> str:
    """A line per contender; a ratio above 1 is faster than the best peer."""
    lines = []
    for work, group in groupby(entries, key=lambda entry: entry.work.name):
        members = list(group)
        best = best_peer(members)
        ceiling = _time_of(members, CEILING.name)
        for number, entry in enumerate(members):
            lines.append((work if number == 0 else "", *_cells(entry, best, ceiling)))
    return table(HEADING, lines, words=2)


def _cells(entry: Entry, best: float | None, ceiling: float | None) -> tuple[str, ...]:
    name = entry.contender.name
    time = entry.median_ms
    if time is None:
        # The reason may be long: it goes below the table.
        return (name, NO_FIGURE, "", "", "", "", "", "")
    row = entry.row("")
    mark = "✓" if entry.is_right else "✗"
    return (
        name,
        milliseconds(time),
        milliseconds(row.p95_ms),
        milliseconds(row.cold_ms),
        entry.work.rate(time),
        f"{entry.error:.1e} {mark}" if entry.error is not None else "",
        f"{best / time:.2f}" if best and name != COPY.name else "",
        f"{ceiling / time:.0%}" if ceiling and name not in (CEILING.name, COPY.name) else "",
    )


def best_peer(entries: Iterable[Entry]) -> float | None:
    """The shortest time of the peers whose results are right."""
    times = [e.median_ms for e in entries if e.contender.peer and e.median_ms and e.is_right]
    return min(times, default=None)


def _time_of(entries: Iterable[Entry], name: str) -> float | None:
    for entry in entries:
        if entry.contender.name == name and entry.is_right:
            return entry.median_ms
    return None


def ratios(entries: Sequence[Entry]) -> dict[str, float]:
    """By workload: the best peer's time over webtensor's. Wrong results do not count."""
    found = {}
    for work, group in groupby(entries, key=lambda entry: entry.work.name):
        members = list(group)
        best, own = best_peer(members), _time_of(members, WEBTENSOR.name)
        if best and own:
            found[work] = best / own
    return found


def summary(entries: Sequence[Entry]) -> str:
    """The adapter, the mean over all workloads, those that miss, and what could not run."""
    by_workload = ratios(entries)
    adapters = dict.fromkeys(entry.adapter for entry in entries if entry.adapter)
    lines = [f"Adapter: {', '.join(adapters)}"]
    if by_workload:
        mean = geometric_mean(list(by_workload.values()))
        lines.append(
            f"webtensor is {mean:.2f}× as fast as the best peer"
            f" (geometric mean of {len(by_workload)} workloads)"
        )
        slower = [f"{name} ({ratio:.2f}×)" for name, ratio in by_workload.items() if ratio < 1]
        lines.append(f"Slower than the best peer: {', '.join(slower) or 'none'}")
    lines += _shares(entries)
    few = [e for e in entries if 0 < len(e.times) < ROUNDS]
    lines += [
        f"Measured only {len(entry.times)} times, being slow: {entry.work.name},"
        f" {entry.contender.name}"
        for entry in few
    ]
    lines += [
        f"{NO_FIGURE} {entry.work.name}, {entry.contender.name}: {entry.reason}"
        for entry in entries
        if entry.reason
    ]
    return "\n".join(lines)


def _shares(entries: Sequence[Entry]) -> list[str]:
    """webtensor against the hand-written kernels, and against the bandwidth of a copy."""
    own = [e for e in entries if e.contender == WEBTENSOR and e.median_ms and e.is_right]
    ceilings = {e.work: e.median_ms for e in entries if e.contender == CEILING and e.is_right}
    shares = [ceilings[e.work] / e.median_ms for e in own if ceilings.get(e.work)]
    lines = []
    if shares:
        lines.append(
            f"webtensor reaches {geometric_mean(shares):.0%} of the hand-written kernels' speed"
            f" (geometric mean of {len(shares)} workloads)"
        )
    copies = {e.work.name: e for e in entries if e.contender == COPY and e.is_right}
    for entry in own:
        if entry.work.name in copies:
            copied = _bandwidth(copies[entry.work.name])
            lines.append(
                f"  {entry.work.name}: {_bandwidth(entry) / copied:.0%} of the bandwidth of a copy"
                f" ({copied:.2f} GB/s meanwhile)"
            )
    return lines


def _bandwidth(entry: Entry) -> float:
    return entry.work.moved / (entry.median_ms or math.nan) / 1e6
