"""The page stays free while Python computes: a 20 ms timer on it keeps ticking."""

from __future__ import annotations

from typing import Any

from tests.support.app import App
from tests.support.devices import backends

INTERVAL_MS = 20
LARGEST_GAP_MS = 200
TRIES = 3

START_PROBE = """(interval) => {
  const ticks = [];
  const probe = { timer: setInterval(() => ticks.push(performance.now()), interval), ticks };
  window.probe = probe;
}"""
END_PROBE = """() => {
  const { timer, ticks } = window.probe;
  clearInterval(timer);
  const gaps = ticks.slice(1).map((time, index) => time - ticks[index]);
  return { ticks: ticks.length, spent: ticks.at(-1) - ticks[0], largest: Math.max(...gaps) };
}"""


def during(app: App, *chosen: str, size: int) -> dict[str, Any]:
    """The probe's findings from before the click to the end of the run."""
    app.page.evaluate(START_PROBE, INTERVAL_MS)
    app.page.wait_for_timeout(100)
    said = app.run(*chosen, size=size)
    app.page.wait_for_timeout(100)
    found: dict[str, Any] = app.page.evaluate(END_PROBE)
    assert "Done" in said, said
    return found


def least_gap(app: App, *chosen: str, size: int) -> float:
    """The best of a few tries: a page that is blocked is so each time, while a machine whose cores
    have other work leaves a gap now and then. The software adapters here use every core."""
    gaps: list[float] = []
    while len(gaps) < TRIES and (not gaps or min(gaps) > LARGEST_GAP_MS):
        found = during(app, *chosen, size=size)
        assert found["spent"] > 300, "the run was too short to tell anything"
        gaps.append(found["largest"])
    return min(gaps)


def test_timer_keeps_ticking_while_benchmarks_run(app: App, browser_name: str) -> None:
    assert least_gap(app, *backends(browser_name), size=512) <= LARGEST_GAP_MS
    assert least_gap(app, "webgpu", size=1024) <= LARGEST_GAP_MS


def test_timer_keeps_ticking_while_the_playground_runs(app: App) -> None:
    app.run_cell("print('warm')")
    app.cell_output().get_by_text("warm").wait_for(timeout=60_000)
    gaps: list[float] = []
    while len(gaps) < TRIES and (not gaps or min(gaps) > LARGEST_GAP_MS):
        app.page.evaluate(START_PROBE, INTERVAL_MS)
        app.run_cell(
            "import numpy as np\nx = np.ones((1024, 1024), np.float32)\n"
            "for _ in range(3):\n    x = np.sort(x * 0.5 + 1, axis=0)\nprint('sorted')"
        )
        app.cell_output().get_by_text("sorted").wait_for(timeout=60_000)
        gaps.append(app.page.evaluate(END_PROBE)["largest"])
    assert min(gaps) <= LARGEST_GAP_MS, gaps
