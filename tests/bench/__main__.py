"""`build.py bench`: measure in each browser, compare with the peers in one, print, write rows."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from tests.bench import comparison, comparison_table, matmuls, overhead, peers, startup
from tests.bench.contenders import Sites
from tests.bench.progress import tell
from tests.bench.rows import Row, write_json
from tests.support import browsers
from tests.support.blank import BlankPage
from tests.support.browsers import BrowserEntry
from tools.serve import serving

DIST = Path(__file__).parents[2] / "dist"
# Pyodide's page is of another origin than the operands.
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument(
        "--only", type=re.compile, default=re.compile(""), metavar="REGEXP",
        help="rows whose workload, contender and backend match, such as 'matmul 1024.*webgpu'",
    )  # fmt: skip
    parser.add_argument(
        "--browser", action="append", default=[], metavar="NAME", help="may be given several times"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows here, too")
    return parser.parse_args()


def main() -> int:
    """0 where everything ran and every result of ours is right."""
    chosen = options()
    entries = [
        one for one in browsers.present() if not chosen.browser or one.name in chosen.browser
    ]
    if not entries:
        tell(f"No such browser here: {', '.join(chosen.browser) or 'none was found'}")
        return 1
    rows: list[Row] = []
    problems: list[str] = []
    with sync_playwright() as playwright, serving(DIST) as site:
        _measure_each(playwright, entries, site, chosen.only, rows, problems)
        # The peers in one browser: the first one named, else the first one found.
        _compare(playwright, entries[0], site, chosen.only, rows, problems)
    if chosen.json:
        write_json(rows, chosen.json)
    for problem in problems:
        tell(problem)
    return 1 if problems or not rows else 0


def _measure_each(
    playwright: Playwright,
    entries: Sequence[BrowserEntry],
    site: str,
    only: re.Pattern[str],
    rows: list[Row],
    problems: list[str],
) -> None:
    """webtensor's own tables, over all browsers."""
    products: list[Row] = []
    starts: list[startup.Start] = []
    failed: list[str] = []
    for entry in entries:
        browser = browsers.launch(playwright, entry)
        products += matmuls.measure(browser, entry.name, site, only, failed)
        starts += startup.measure(browser, entry.name, site, only)
        browser.close()
    if products:
        print(f"\nMatrix products, warm, operands on the device\n\n{matmuls.as_table(products)}")
    if starts:
        print(f"\nStart-up of the page and of Python, milliseconds\n\n{startup.as_table(starts)}")
    rows += [*products, *startup.rows(starts)]
    problems += [
        f"WRONG: {row.workload} on {row.backend} in {row.browser}: error {row.rel_err}"
        for row in products
        if not matmuls.is_right(row)
    ]
    problems += [f"FAILED: {name}" for name in failed]


def _compare(
    playwright: Playwright,
    entry: BrowserEntry,
    site: str,
    only: re.Pattern[str],
    rows: list[Row],
    problems: list[str],
) -> None:
    """The comparison with the peers, and what Python and JavaScript cost, in one browser."""
    asked = comparison.wanted(only)
    contenders = list(dict.fromkeys(one for group in asked.values() for one in group))
    browser = browsers.launch(playwright, entry)
    spent: overhead.Overhead | None = None
    if overhead.wanted(only):
        tell(f"{entry.name}: {overhead.NAME}")
        with browser.new_context() as context:
            spent = overhead.measure(BlankPage(context.new_page(), site))
    found: list[comparison.Entry] = []
    if contenders:
        folder = peers.lay_out(peers=any(one.peer for one in contenders))
        with serving(folder, headers=ANY_ORIGIN) as bench:
            with comparison.opened(browser, contenders, Sites(site, bench)) as sessions:
                found = comparison.measure(sessions, asked, bench, entry.name)
    browser.close()
    if found:
        print(f"\nWith its peers in {entry.name}, warm, on the device, waiting for the queue\n")
        print(f"{comparison_table.as_table(found)}\n\n{comparison_table.summary(found)}")
    if spent:
        print(f"\n{spent.text()}")
        rows.append(spent.row(entry.name))
    rows += [one.row(entry.name) for one in found if one.median_ms]
    ours = [one for one in found if not one.contender.peer]
    problems += [f"FAILED: {one.work.name} by {one.contender.name}" for one in ours if one.failed]
    problems += [
        f"WRONG: {one.work.name} by {one.contender.name} in {entry.name}: error {one.error}"
        for one in ours
        if one.error is not None and not one.is_right
    ]


if __name__ == "__main__":
    sys.exit(main())
