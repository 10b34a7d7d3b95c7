"""`build.py conformance --browser`: the suite by Pyodide's own pytest, in dist/blank.html.

Synchronous reads need JSPI there, as they do in any program. The report is pytest-json-report's,
of all the modules of tests together.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import json
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.support import browsers
from tests.support.blank import BlankPage
from tools.console import say
from tools.serve import serving

DIST = Path(__file__).parents[2] / "dist"
#: What pytest consists of: pure Python, and therefore the same in Pyodide.
PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
LIMIT_SECONDS = 3600.0

INSTALL = """
import os, shutil, sys
shutil.unpack_archive("/suite.zip", "/suite")
sys.path[:0] = ["/suite/packages"]
os.chdir("/suite/suite")
import webtensor as wt
await wt.init()
(found,) = [one for one in wt.devices() if one.name == device]
if not found.available:
    raise RuntimeError(found.reason)
[found.adapter, list(wt.__array_namespace_info__().dtypes(device=device))]
"""
RUN = """
import gc, os, sys
import pytest
os.environ.update(variables)
sys.dont_write_bytecode = True
code = int(pytest.main(arguments))
gc.collect()
code
"""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.conformance", description=__doc__)
    parser.add_argument("--browser", required=True, metavar="NAME")
    parser.add_argument("--plan", required=True, type=Path, help="what tools/conformance.py wrote")
    return parser.parse_args()


def packed(suite: Path, packages: Path) -> bytes:
    """A zip file of the suite and all that it imports."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for folder, name in ((suite, "suite"), (packages, "packages")):
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.suffix != ".pyc":
                    bundle.write(path, f"{name}/{path.relative_to(folder)}")
        for distribution in PYTEST:
            for file in importlib.metadata.files(distribution) or ():
                # Scripts lie outside.
                if ".." not in file.parts and file.suffix != ".pyc":
                    bundle.write(str(file.locate()), f"packages/{file}")
        # Empty folders are looked for, too.
        for path in sorted(suite.rglob("API_specification")):
            bundle.writestr(f"suite/{path.relative_to(suite)}/", "")
    return buffer.getvalue()


def modules(suite: Path, arguments: Sequence[str]) -> Iterator[list[str]]:
    """pytest's arguments for each file of tests that they name, all files where they name none."""
    named = [one for one in arguments if one.startswith("array_api_tests")]
    others = [one for one in arguments if one not in named]
    if named in ([], ["array_api_tests"]):
        named = [
            f"array_api_tests/{path.name}"
            for path in sorted((suite / "array_api_tests").glob("test_*.py"))
        ]
    for one in named:
        yield [*others, one]


def main() -> int:
    """0 where the suite ran, whatever its tests say; the report is where the plan wants it."""
    chosen = options()
    plan: dict[str, Any] = json.loads(chosen.plan.read_text(encoding="utf-8"))
    suite, device = Path(plan["suite"]), plan["device"]
    tests: list[Any] = []
    with sync_playwright() as playwright, serving(DIST) as site:
        browser = browsers.launch(playwright, browsers.named(chosen.browser))
        page = BlankPage(browser.new_page(), site)
        page.write_file("/suite.zip", packed(suite, Path(plan["packages"])))
        for there, here in plan["files"].items():
            page.write_file(there, Path(here).read_bytes())
        adapter, dtypes = page.py(INSTALL, device=device)
        variables = {
            **plan["variables"],
            "ARRAY_API_TESTS_SKIP_DTYPES": ",".join(
                one for one in plan["dtypes"] if one not in dtypes
            ),
        }
        for arguments in modules(suite, plan["arguments"]):
            page.py(RUN, limit=LIMIT_SECONDS, arguments=arguments, variables=variables)
            found = json.loads(page.read_file("/report.json"))
            tests += found["tests"]
            say(f"{arguments[-1]}: {found['summary']}")
        version = browser.version
        browser.close()
    report = {"adapter": f"{adapter}, {chosen.browser} {version}", "tests": tests}
    Path(plan["report"]).write_text(json.dumps(report), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
