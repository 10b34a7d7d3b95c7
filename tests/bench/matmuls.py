"""The matmul table: every contender on every backend of every browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.bench.contenders import CONTENDERS, Measurement
from tests.bench.progress import tell
from tests.bench.rows import Row, milliseconds, table
from tests.bench.workloads import MATMULS, Matmul
from tests.support.blank import RemoteError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HEADING = (
    "workload", "contender", "backend", "browser and adapter", "median ms", "p95 ms", "cold ms",
    "GFLOP/s", "rel. error",
)  # fmt: skip


def measure(
    browser: Browser, name: str, site: str, only: re.Pattern[str], failed: list[str]
) -> list[Row]:
    """All rows of one browser; a contender's page serves all of its workloads. What raised is
    named in `failed`."""
    rows = []
    for contender in CONTENDERS:
        wanted = [w for w in MATMULS if _may_match(only, w, contender.name)]
        if not wanted:
            continue
        context = browser.new_context()
        session = contender.open(context.new_page(), site)
        for backend in session.backends():
            for workload in wanted:
                if not only.search(f"{workload.name} {contender.name} {backend}"):
                    continue
                tell(f"{name}: {contender.name}, {backend}, {workload.name}")
                try:
                    found = session.measure(workload, backend)
                except RemoteError as error:
                    # The others are still worth having; the run as a whole counts as failed.
                    tell(f"FAILED: {error.kind}: {error.message}")
                    failed.append(f"{workload.name} on {backend} in {name}")
                    continue
                rows.append(_row(workload, contender.name, backend, name, found))
        context.close()
    return rows


def _may_match(only: re.Pattern[str], workload: Matmul, contender: str) -> bool:
    """Whether any backend's row could be wanted, before it is known which backends there are."""
    backends = ("webgpu", "webnn", "cpu")
    return any(only.search(f"{workload.name} {contender} {backend}") for backend in backends)


def _row(workload: Matmul, contender: str, backend: str, browser: str, found: Measurement) -> Row:
    adapter = found.adapter or "not named"
    if found.software and "software" not in adapter.lower():
        adapter += " (software)"
    return Row(
        workload=workload.name,
        contender=contender,
        backend=backend,
        browser=browser,
        adapter=adapter,
        median_ms=found.median_ms,
        p95_ms=found.p95_ms,
        cold_ms=found.cold_ms,
        rel_err=found.rel_err,
    )


def is_right(row: Row) -> bool:
    """Whether the row's error is within the tolerance of its workload; NaN is not."""
    workload = _workload(row)
    return row.rel_err is not None and row.rel_err <= workload.tolerance


def _workload(row: Row) -> Matmul:
    return next(workload for workload in MATMULS if workload.name == row.workload)


def as_table(rows: Sequence[Row]) -> str:
    """For people: GFLOP/s beside the times, ✓ or ✗ beside the error."""
    lines = []
    for row in rows:
        speed = _workload(row).gflops(row.median_ms) if row.median_ms else 0.0
        lines.append(
            (
                row.workload,
                row.contender,
                row.backend,
                f"{row.browser}: {row.adapter}",
                milliseconds(row.median_ms),
                milliseconds(row.p95_ms),
                milliseconds(row.cold_ms),
                f"{speed:.2f}",
                f"{row.rel_err:.1e} {'✓' if is_right(row) else '✗'}",
            )
        )
    return table(HEADING, lines, words=4)
