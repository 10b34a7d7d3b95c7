"""The list of skips that are expected, each with its reason (tests/skips.txt)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LIST = Path(__file__).parents[1] / "skips.txt"


@dataclass(frozen=True)
class Skip:
    """A line of the list: test ids (only * is special, since ids hold brackets), the reason."""

    pattern: str
    reason: str

    def covers(self, test: str) -> bool:
        parts = (re.escape(part) for part in self.pattern.split("*"))
        return re.fullmatch(".*".join(parts), test) is not None


def parse(text: str) -> list[Skip]:
    """Read the list. Raises ValueError for a line that gives no reason."""
    listed = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pattern, separator, reason = (part.strip() for part in line.partition("|"))
        if not (pattern and separator and reason):
            raise ValueError(f"skips.txt:{number}: expected 'test id | reason', got {line!r}")
        listed.append(Skip(pattern, reason))
    return listed


@cache
def listed() -> list[Skip]:
    return parse(LIST.read_text(encoding="utf-8"))


def match(test: str) -> Skip | None:
    """The line that allows this test to be skipped, if there is one."""
    return next((skip for skip in listed() if skip.covers(test)), None)
