"""Facts for the run's summary: which browser, adapter and backends really ran."""

from __future__ import annotations

FACTS: dict[str, None] = {}


def note(fact: str) -> None:
    """Put one line in the summary, once."""
    FACTS[fact] = None


def reset_facts() -> None:
    FACTS.clear()
