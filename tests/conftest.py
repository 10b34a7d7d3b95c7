"""What every tier shares: the skip policy, the order of the tiers, the summary of what really ran.

A skip is listed with its reason in skips.txt or, where CI is set, the run fails. The summary names
each browser that is missing and each adapter and backend that ran, so that a green run cannot hide
that a device was never there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import browsers, skips
from tests.support.report import FACTS, reset_facts

TIERS = ("plain", "native", "browser")
TESTS = Path(__file__).parent

_observed: dict[str, None] = {}
_unlisted: list[str] = []
_browser_tier_collected = False


def in_ci() -> bool:
    """Whether this run must be complete: every browser, no skip without a listed reason."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browsers(*names): run in these browsers only")
    reset_facts()


def _tier(item: pytest.Item) -> int:
    try:
        return TIERS.index(item.path.relative_to(TESTS).parts[0])
    except ValueError:
        return len(TIERS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tiers first. Playwright's loop runs on this thread from the first browser test on, and
    asyncio.run in a native test would find it there."""
    global _browser_tier_collected
    items.sort(key=_tier)
    _browser_tier_collected = any(_tier(item) == TIERS.index("browser") for item in items)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Facts travel on the report: it is what reaches the controller when workers run the tests."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    report.webtensor_facts = list(FACTS)


def _note_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if skips.match(report.nodeid) is None:
        _unlisted.append(f"{report.nodeid}: {reason}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for fact in getattr(report, "webtensor_facts", ()):
        _observed[fact] = None
    _note_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _note_skip(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    incomplete = _unlisted or (_browser_tier_collected and browsers.missing())
    if incomplete and in_ci() and session.exitstatus in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    write = terminalreporter.write_line
    absent = browsers.missing() if _browser_tier_collected else {}
    if _observed or absent:
        terminalreporter.section("devices that ran")
    for fact in sorted(_observed):
        write(fact)
    for name, reason in absent.items():
        write(f"{name}: MISSING: {reason}", red=in_ci(), yellow=not in_ci())
    if _unlisted:
        terminalreporter.section("skips that tests/skips.txt does not list")
        for line in _unlisted:
            write(line, red=in_ci(), yellow=not in_ci())
