"""The benchmark's own machinery in a browser: webtensor and the hand-written kernels, no peers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.bench import comparison, overhead, peers
from tests.bench.contenders import (
    CEILING,
    COPY,
    WEBTENSOR,
    NotThereError,
    PageSession,
    PythonSession,
    Sites,
)
from tests.bench.workloads import COMPARED, Workload, matmul
from tests.support.blank import BlankPage
from tools.serve import serving

pytestmark = pytest.mark.browsers("chromium")

SMALL = matmul(64, 64, 64)
ADD = next(work for work in COMPARED if work.operation == "add")


@pytest.fixture
def bench() -> Iterator[str]:
    with serving(peers.lay_out(peers=False), headers={"Access-Control-Allow-Origin": "*"}) as url:
        yield url


def test_comparing(browser: Browser, browser_name: str, blank: BlankPage, bench: str) -> None:
    asked = {SMALL: [WEBTENSOR, CEILING], ADD: [WEBTENSOR, CEILING, COPY]}
    with comparison.opened(browser, [CEILING, COPY], Sites(blank.site, bench)) as sessions:
        both = {WEBTENSOR: PythonSession(blank), **sessions}
        entries = comparison.measure(both, asked, bench, browser_name)
    assert [entry.contender for entry in entries] == [*asked[SMALL], *asked[ADD]]
    for entry in entries:
        assert entry.reason == ""
        assert entry.is_right, entry
        assert len(entry.times) >= comparison.FEWEST_ROUNDS
        assert min(entry.times) > 0
        assert entry.cold_ms
        assert "software" in entry.adapter, "CI has no GPU"


def test_what_fails_has_its_reason(browser: Browser, bench: str) -> None:
    unknown = Workload("nothing", "nothing", ((4,),), (4,), lambda x: x)
    with comparison.opened(browser, [CEILING], Sites("", bench)) as sessions:
        (entry,) = comparison.measure(sessions, {unknown: [CEILING]}, bench, "browser")
        assert "not a function" in entry.reason
        assert entry.failed
        assert entry.median_ms is None
        (entry,) = comparison.measure(sessions, {SMALL: [CEILING]}, bench, "browser")
        assert entry.is_right, "a failure spoils nothing that comes after it"


def test_a_page_that_does_not_start_says_why(browser: Browser, bench: str) -> None:
    with browser.new_context() as context, pytest.raises(NotThereError, match="missing"):
        PageSession(context.new_page(), f"{bench}contender.html?contender=missing", limit=2.0)


def test_the_overhead_is_counted(browser: Browser, browser_name: str, site: str) -> None:
    # A page of its own: counting replaces methods before webtensor starts.
    with browser.new_context() as context:
        found = overhead.measure(BlankPage(context.new_page(), site))
    assert found.calls >= 1, "each step must cross the border"
    assert found.kernels == 100
    assert "µs" in found.text()
    assert found.row(browser_name).median_ms
