"""The matmul table: webtensor on every backend of every browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.bench.contenders import WEBTENSOR, adapter_name
from tests.bench.progress import tell
from tests.bench.rows import Row, milliseconds, table
from tests.bench.workloads import MATMULS, Workload
from tests.support.blank import BlankPage, RemoteError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HEADING = (
    "workload", "contender", "backend", "browser and adapter", "median ms", "p95 ms", "cold ms",
    "speed", "rel. error",
)  # fmt: skip


BACKENDS = "import webtensor as wt; await wt.init(); [d.name for d in wt.devices() if d.available]"
MEASURE = "from webtensor import benchmark\nawait benchmark.matmul(m, n, k, device=device)"


def measure(
    browser: Browser, name: str, site: str, only: re.Pattern[str], failed: list[str]
) -> list[Row]:
    """All rows of one browser, from one page. What raised is named in `failed`."""
    wanted = [work for work in MATMULS if _may_match(only, work)]
    if not wanted:
        return []
    rows = []
    context = browser.new_context()
    blank = BlankPage(context.new_page(), site)
    for backend in blank.py(BACKENDS):
        for work in wanted:
            if not only.search(f"{work.name} {WEBTENSOR.name} {backend}"):
                continue
            tell(f"{name}: {WEBTENSOR.name}, {backend}, {work.name}")
            (m, k), (_, n) = work.shapes
            try:
                found = blank.py(MEASURE, m=m, n=n, k=k, device=backend)
            except RemoteError as error:
                # The others are still worth having; the run as a whole counts as failed.
                tell(f"FAILED: {error.kind}: {error.message}")
                failed.append(f"{work.name} on {backend} in {name}")
                continue
            rows.append(_row(work, backend, name, found))
    context.close()
    return rows


def _may_match(only: re.Pattern[str], work: Workload) -> bool:
    """Whether any backend's row could be wanted, before it is known which backends there are."""
    backends = ("webgpu", "webnn", "cpu")
    return any(only.search(f"{work.name} {WEBTENSOR.name} {backend}") for backend in backends)


def _row(work: Workload, backend: str, browser: str, found: dict[str, Any]) -> Row:
    return Row(
        workload=work.name,
        contender=WEBTENSOR.name,
        backend=backend,
        browser=browser,
        adapter=adapter_name({"text": found["adapter"], "software": found["software"]}),
        median_ms=found["median_ms"],
        p95_ms=found["p95_ms"],
        cold_ms=found["cold_ms"],
        rel_err=found["rel_err"],
    )


def is_right(row: Row) -> bool:
    """Whether the row's error is within the tolerance of its workload; NaN is not."""
    workload = _workload(row)
    return row.rel_err is not None and row.rel_err <= workload.tolerance


def _workload(row: Row) -> Workload:
    return next(workload for workload in MATMULS if workload.name == row.workload)


def as_table(rows: Sequence[Row]) -> str:
    """For people: speed beside the times, ✓ or ✗ beside the error."""
    lines = []
    for row in rows:
        lines.append(
            (
                row.workload,
                row.contender,
                row.backend,
                f"{row.browser}: {row.adapter}",
                milliseconds(row.median_ms),
                milliseconds(row.p95_ms),
                milliseconds(row.cold_ms),
                _workload(row).rate(row.median_ms) if row.median_ms else "",
                f"{row.rel_err:.1e} {'✓' if is_right(row) else '✗'}",
            )
        )
    return table(HEADING, lines, words=4)
