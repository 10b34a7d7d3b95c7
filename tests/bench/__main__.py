"""`build.py bench`: measure matmul and start-up in each browser, print tables, write rows."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench import matmuls, startup
from tests.bench.progress import tell
from tests.bench.rows import Row, write_json
from tests.support import browsers
from tools.serve import serving

DIST = Path(__file__).parents[2] / "dist"


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
    """0 where everything ran and every result is right."""
    chosen = options()
    products: list[Row] = []
    starts: list[startup.Start] = []
    failed: list[str] = []
    entries = [
        one for one in browsers.present() if not chosen.browser or one.name in chosen.browser
    ]
    if not entries:
        tell(f"No such browser here: {', '.join(chosen.browser) or 'none was found'}")
        return 1
    with sync_playwright() as playwright, serving(DIST) as site:
        for entry in entries:
            browser = browsers.launch(playwright, entry)
            products += matmuls.measure(browser, entry.name, site, chosen.only, failed)
            starts += startup.measure(browser, entry.name, site, chosen.only)
            browser.close()
    if products:
        print(f"\nMatrix products, warm, operands on the device\n\n{matmuls.as_table(products)}")
    if starts:
        print(f"\nStart-up of the page and of Python, milliseconds\n\n{startup.as_table(starts)}")
    if chosen.json:
        write_json([*products, *startup.rows(starts)], chosen.json)
    wrong = [row for row in products if not matmuls.is_right(row)]
    for row in wrong:
        tell(f"WRONG: {row.workload} on {row.backend} in {row.browser}: error {row.rel_err}")
    for name in failed:
        tell(f"FAILED: {name}")
    return 1 if wrong or failed or not (products or starts) else 0


if __name__ == "__main__":
    sys.exit(main())
