"""How long the page takes from navigation to ready and from click to result, and where it goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.progress import tell
from tests.bench.rows import Row, median, milliseconds, percentile, table
from tests.support.blank import BlankPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPEATS = 3
LIMIT_MS = 60_000
CONTENDER = "webtensor"
# A little after "ready" the page installs its service worker, which a second visit profits from.
INSTALLED = "() => navigator.serviceWorker.controller !== null"

PAGE_PROBE = Path(__file__).with_name("page_probe.js").read_text(encoding="utf-8")
PYTHON_PROBE = Path(__file__).with_name("python_probe.js").read_text(encoding="utf-8")

# What Python does by itself before a first product; each part's milliseconds.
PYTHON_PARTS = """
import time
parts = {}
last = time.perf_counter()

def part(name):
    global last
    now = time.perf_counter()
    parts[name] = (now - last) * 1e3
    last = now

import webtensor as wt
part("import webtensor")
await wt.init()
part("ask for devices")
import pyodide_js
await pyodide_js.loadPackage("numpy")
import numpy
part("import numpy")
device = next(info.name for info in wt.devices() if info.available)
x = wt.asarray(numpy.ones((256, 256), numpy.float32), device=device)
y = x @ x
await y.numpy()
part("first product, 256×256×256, read back")
{"backend": y.device, **parts}
"""


@dataclass(frozen=True)
class Start:
    """One part of a start, over all repeats, in milliseconds."""

    workload: str
    backend: str
    browser: str
    cache: str
    times: tuple[float, ...]


def measure(browser: Browser, name: str, site: str, only: re.Pattern[str]) -> list[Start]:
    """The parts of a start with a cold cache and with a warm one."""
    collected: dict[tuple[str, str, str], list[float]] = {}
    for kind, visit in (("page", _visit_page), ("python", _visit_blank)):
        if not only.search(f"start-up {kind} {CONTENDER}"):
            continue
        for number in range(REPEATS):
            tell(f"{name}: start-up of the {kind}, {number + 1} of {REPEATS}")
            for cache, parts in _cold_and_warm(browser, site, visit):
                for part, backend, value in parts:
                    collected.setdefault((f"start-up {kind}: {part}", backend, cache), []).append(
                        value
                    )
    return [
        Start(workload, backend, name, cache, tuple(times))
        for (workload, backend, cache), times in collected.items()
    ]


Parts = list[tuple[str, str, float]]


def _cold_and_warm(
    browser: Browser, site: str, visit: Callable[[Page, str], Parts]
) -> Iterator[tuple[str, Parts]]:
    """A first visit with nothing stored, then one in the same context."""
    context = browser.new_context()
    for cache in ("cold", "warm"):
        page = context.new_page()
        yield cache, visit(page, site)
        page.close()
    context.close()


def _visit_page(page: Page, site: str) -> Parts:
    """The real page: the probe presses Run as soon as it may."""
    page.add_init_script(PAGE_PROBE)
    page.goto(site, wait_until="commit")
    page.wait_for_function("() => window.probe?.done", timeout=LIMIT_MS)
    seen: dict[str, float] = page.evaluate("() => window.probe.times")
    page.wait_for_function(INSTALLED, timeout=LIMIT_MS)
    backend = page.evaluate("() => window.probe.backend")
    parts: Parts = []
    names = [("page live", "live"), ("Python starts", "start"), ("webtensor installs", "install")]
    names += [("devices asked for", "devices"), ("ready", "ready")]
    for text, key in names:
        if key in seen:
            parts.append((f"navigation → {text}", "", seen[key]))
    parts.append(("navigation → first product", backend, seen["product"]))
    parts.append(("click → first product", backend, seen["product"] - seen["ready"]))
    parts.append(("click → measured result shown", backend, seen["result"] - seen["ready"]))
    return parts


def _visit_blank(page: Page, site: str) -> Parts:
    """The blank page: Python on the main thread, where its parts can be told apart."""
    page.add_init_script(PYTHON_PROBE)
    blank = BlankPage(page, site)
    seen: dict[str, float] = page.evaluate("() => window.probe.finish()")
    parts: Parts = [(text, "", seen[key]) for key, text in PROBED.items() if key in seen]
    inside: dict[str, Any] = blank.py(PYTHON_PARTS)
    backend = str(inside.pop("backend"))
    for text, value in inside.items():
        parts.append((text, backend if "product" in text else "", value))
    return parts


# What python_probe.js reports, in the order in which it happens; download and compile overlap.
PROBED = {
    "downloads": "navigation → last byte of Python, numpy and webtensor",
    "compile": "of that, WebAssembly compiled from its request on",
    "start": "from then on, Python starts and unpacks packages",
    "ready": "navigation → Python ready",
}


def rows(starts: Sequence[Start]) -> list[Row]:
    """As rows like the others: warm visits give median and p95, cold ones `cold_ms`."""
    made = []
    for warm in (one for one in starts if one.cache == "warm"):
        cold = next(
            one.times
            for one in starts
            if (one.workload, one.browser, one.cache) == (warm.workload, warm.browser, "cold")
        )
        made.append(
            Row(
                workload=warm.workload,
                contender=CONTENDER,
                backend=warm.backend,
                browser=warm.browser,
                adapter="",
                median_ms=median(warm.times),
                p95_ms=percentile(warm.times, 0.95),
                cold_ms=median(cold),
                rel_err=None,
            )
        )
    return made


def as_table(starts: Sequence[Start]) -> str:
    """For people: a line per part, cold beside warm."""
    return table(
        ("part", "backend", "browser", "cold cache", "warm cache", "warm p95"),
        [
            (
                row.workload.removeprefix("start-up "),
                row.backend,
                row.browser,
                milliseconds(row.cold_ms),
                milliseconds(row.median_ms),
                milliseconds(row.p95_ms),
            )
            for row in rows(starts)
        ],
        words=3,
    )
