"""What a benchmark gives: rows, a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One measurement. Times are milliseconds; None stands for what this row does not have.

    `cold_ms` is the first run, compiling included. `rel_err` is the largest error against float64
    over the largest magnitude; `adapter` says so where it is software.
    """

    workload: str
    contender: str
    backend: str
    browser: str
    adapter: str
    median_ms: float | None
    p95_ms: float | None
    cold_ms: float | None
    rel_err: float | None


def write_json(rows: Sequence[Row], file: Path) -> None:
    """Write all rows as one JSON list."""
    text = json.dumps([dataclasses.asdict(row) for row in rows], indent=2, ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")


def milliseconds(value: float | None) -> str:
    """Three significant figures, never a power of ten."""
    if value is None:
        return ""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(heading: Sequence[str], lines: Sequence[Sequence[str]], words: int) -> str:
    """Columns in line: the first `words` of them to the left, figures to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(heading, *lines, strict=True)]
    ruler = ["-" * width for width in widths]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < words else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (heading, ruler, *lines)
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


def median(values: Sequence[float]) -> float:
    return percentile(values, 0.5)


def geometric_mean(values: Sequence[float]) -> float:
    """The mean for ratios: that of 2 and 1/2 is 1. NaN where there are none."""
    if not values:
        return math.nan
    return math.exp(sum(math.log(value) for value in values) / len(values))
