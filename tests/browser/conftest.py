"""Fixtures over the browsers that are here: one browser at a time, its Python started once."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.support import browsers, coverage_data
from tests.support.app import App
from tests.support.blank import BlankPage
from tests.support.browsers import BrowserEntry
from tests.support.devices import observe
from tests.support.page_log import PageLog
from tools.serve import serving

DIST = Path(__file__).parents[2] / "dist"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run in every browser that is here, or in those that the test's mark names."""
    if "browser_name" not in metafunc.fixturenames:
        return
    names = [entry.name for entry in browsers.present()]
    for mark in metafunc.definition.iter_markers("browsers"):
        names = [name for name in names if name in mark.args]
    metafunc.parametrize("browser_name", names, scope="session")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser_entry(browser_name: str) -> BrowserEntry:
    return browsers.named(browser_name)


@pytest.fixture(scope="session")
def browser(playwright: Playwright, browser_entry: BrowserEntry) -> Iterator[Browser]:
    started = browsers.launch(playwright, browser_entry)
    yield started
    started.close()


@pytest.fixture
def launched(playwright: Playwright) -> Iterator[Callable[[BrowserEntry], Browser]]:
    """Starts further browsers, with other arguments or preferences, for one test."""
    with contextlib.ExitStack() as running:

        def start(entry: BrowserEntry) -> Browser:
            started = browsers.launch(playwright, entry)
            running.callback(started.close)
            return started

        yield start


@pytest.fixture(scope="session")
def dist() -> Path:
    if not (DIST / "index.html").is_file():
        pytest.fail("dist/ is not built: run python3 build.py build")
    return DIST


@pytest.fixture(scope="session")
def site(dist: Path) -> Iterator[str]:
    """The built site's URL, with a slash at the end."""
    with serving(dist) as url:
        yield url


@pytest.fixture
def serve(dist: Path) -> Iterator[Callable[..., str]]:
    """Serves dist/ another way for one test: further headers, another prefix."""
    with contextlib.ExitStack() as running:
        yield lambda folder=dist, **options: running.enter_context(serving(folder, **options))


@pytest.fixture
def changed_site(dist: Path, tmp_path: Path, serve: Callable[..., str]) -> Callable[..., str]:
    """Serves dist/ with JavaScript put before some of its files, or without some: what no init
    script or route can do, since those do not reach workers in every browser."""

    def change(*, before: dict[str, str] | None = None, missing: tuple[str, ...] = ()) -> str:
        copy = tmp_path / "dist"
        shutil.copytree(dist, copy)
        for name, source in (before or {}).items():
            file = copy / name
            file.write_text(f"{source}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
        for name in missing:
            (copy / name).unlink()
        return serve(copy)

    return change


@pytest.fixture
def open_context() -> Iterator[Callable[..., tuple[BrowserContext, PageLog]]]:
    """Opens contexts in any browser; each one's log is judged when the test ends."""
    opened: list[tuple[BrowserContext, PageLog]] = []

    def open_one(browser: Browser, **options: Any) -> tuple[BrowserContext, PageLog]:
        context = browser.new_context(**options)
        log = PageLog(context)
        opened.append((context, log))
        return context, log

    yield open_one
    complaints = [line for _, log in opened for line in log.unexpected()]
    for context, _ in opened:
        context.close()
    if complaints:
        pytest.fail("the page said what the test did not expect:\n" + "\n".join(complaints))


@pytest.fixture
def context_options() -> dict[str, Any]:
    """Overridden by parametrisation where a test needs another viewport or colour scheme."""
    return {}


@pytest.fixture
def logged_context(
    browser: Browser,
    open_context: Callable[..., tuple[BrowserContext, PageLog]],
    context_options: dict[str, Any],
    site: str,
) -> tuple[BrowserContext, PageLog]:
    context, log = open_context(browser, **context_options)
    log.own(site)
    return context, log


@pytest.fixture
def context(logged_context: tuple[BrowserContext, PageLog]) -> BrowserContext:
    """A context of its own for each test: nothing stored, nothing cached."""
    return logged_context[0]


@pytest.fixture
def page_log(logged_context: tuple[BrowserContext, PageLog]) -> PageLog:
    return logged_context[1]


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A fresh page. Unexpected errors, warnings and requests fail the test when it ends."""
    return context.new_page()


@pytest.fixture(scope="session")
def open_blank(
    browser: Browser, browser_entry: BrowserEntry, site: str
) -> Iterator[Callable[[], BlankPage]]:
    """The browser's blank page, opened at the first call, and anew where a test crashed it."""
    opened: list[BlankPage] = []
    wheel = coverage_data.wheel()

    def current() -> BlankPage:
        if not opened or opened[-1].crashed:
            blank = BlankPage(browser.new_context().new_page(), site)
            opened.append(blank)
            if wheel:
                coverage_data.start(blank, wheel)
            observe(blank, browser_entry, strict=bool(os.environ.get("CI")))
        return opened[-1]

    yield current
    for blank in opened:
        if wheel and not blank.crashed:
            coverage_data.finish(blank, browser_entry.name)
        blank.page.context.close()


@pytest.fixture
def blank(open_blank: Callable[[], BlankPage]) -> BlankPage:
    """One page per browser with Python ready; `blank.py(code)` runs code there and returns a value.

    The devices it finds are compared with what this browser must have, so that no test can pass on
    another backend than it names.
    """
    return open_blank()


@pytest.fixture
def fresh_blank(blank: BlankPage) -> Iterator[BlankPage]:
    """The shared page with webtensor not imported yet: for states of devices and for failures.

    A new page would be cleaner and take seconds each; this way such tests count for coverage too.
    """
    blank.forget_package()
    yield blank
    blank.mend()
    blank.forget_package()


@pytest.fixture(scope="session")
def shared_app(browser: Browser, site: str) -> Iterator[tuple[App, PageLog]]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    log = PageLog(context)
    log.own(site)
    yield App(context.new_page(), site).open().ready(), log
    context.close()


@pytest.fixture
def app(shared_app: tuple[App, PageLog]) -> Iterator[App]:
    """The ready page, without results; its log is judged after each test."""
    app, log = shared_app
    app.reset()
    yield app
    unexpected = log.unexpected()
    log.forget()
    assert not unexpected, "\n".join(unexpected)


@pytest.fixture(scope="session")
def dist_numpy(dist: Path) -> str:
    """The path of numpy's wheel within dist/."""
    built = json.loads((dist / "build.json").read_text(encoding="utf-8"))
    return str(built["numpy"])
