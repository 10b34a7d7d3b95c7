"""webtensor.js and the examples on other origins, under a strict policy, on broken hosts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.embedding import PATIENCE_MS, failure, open_page, run
from tests.support.page_log import PageLog

EXAMPLES = Path(__file__).parents[2] / "app" / "examples"
#: What static hosts such as GitHub Pages send.
SHARED = {"Access-Control-Allow-Origin": "*"}
STRICT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
    )
)

Serve = Callable[..., str]


@pytest.fixture
def library(serve: Serve, page_log: PageLog) -> str:
    """The site on an origin of its own, in a subfolder, for pages of other origins."""
    address = serve(prefix="/some/where/", headers=SHARED)
    page_log.own(address)
    return address


@pytest.fixture
def elsewhere(serve: Serve, page_log: PageLog, tmp_path: Path, library: str) -> str:
    """Another origin with copies of the examples that name the library by its whole address."""
    shutil.copytree(EXAMPLES, tmp_path / "copied")
    for page in (tmp_path / "copied").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace("../../", library), encoding="utf-8")
    address = serve(tmp_path)
    page_log.own(address)
    return f"{address}copied/"


GPU = """
import webtensor as wt
await wt.init()
x = wt.asarray([[1.0, 2.0]], device="webgpu")
[(x @ x.mT).device, float((await (x @ x.mT).numpy())[0, 0])]
"""


def multiply(page: Page) -> None:
    """What a visitor of embed.html does; then the same on the GPU, which these tests name."""
    page.get_by_role("button", name="Multiply").click()
    # Entries of 256 products of uniform numbers are 64 on average.
    product = page.locator("#product")
    expect(product).to_have_text(
        re.compile(r"256 × 256 float32, .* 6[345]\.\d\d on"), timeout=PATIENCE_MS
    )
    cell = page.locator("webtensor-cell")
    cell.get_by_role("button", name="Run").click()
    expect(cell.get_by_role("log")).to_contain_text("tensor([[", timeout=PATIENCE_MS)
    assert run(page, GPU) == ["webgpu", 5.0]


def test_the_plain_page_from_another_origin(context: BrowserContext, elsewhere: str) -> None:
    page = open_page(context, f"{elsewhere}embed.html")
    multiply(page)
    assert page.evaluate("workersStarted") == 1


def test_the_pyscript_page_from_another_origin(context: BrowserContext, elsewhere: str) -> None:
    page = context.new_page()
    page.goto(f"{elsewhere}pyscript.html")
    expect(page.locator("#state")).to_have_text("Ready", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#state")).to_have_text(re.compile("Done on "), timeout=PATIENCE_MS)
    expect(page.locator("#result")).to_contain_text("[[")


@pytest.mark.parametrize("example", ["embed", "pyscript"])
def test_a_strict_policy(
    context: BrowserContext, page_log: PageLog, serve: Serve, example: str
) -> None:
    site = serve(headers={"Content-Security-Policy": STRICT_POLICY})
    page_log.own(site)
    address = f"{site}app/examples/{example}.html"
    if example == "embed":
        multiply(open_page(context, address))
        return
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#state")).to_have_text("Ready", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#state")).to_have_text(re.compile("Done on "), timeout=PATIENCE_MS)


def test_a_host_that_lacks_files(
    context: BrowserContext, page_log: PageLog, serve: Serve, dist: Path, tmp_path: Path
) -> None:
    for folder in ("app/examples", "static"):
        shutil.copytree(dist / folder, tmp_path / folder)
    site = serve(tmp_path)
    page_log.own(site)
    page_log.allow(".")  # each browser has its own words for what is missing
    page = open_page(context, f"{site}app/examples/embed.html")
    for _ in range(2):
        error = failure(page, "1 + 1")
        assert error["name"] == "StartError"
        assert "build.json" in error["message"] or "pyodide.mjs" in error["message"]
    assert page.evaluate("workersStarted") == 2

    # Once the host is whole again, the next use works.
    shutil.copytree(dist, tmp_path, dirs_exist_ok=True)
    assert run(page, "1 + 1") == 2


def test_the_tag_twice_is_one_python(context: BrowserContext, library: str, elsewhere: str) -> None:
    page = open_page(context, f"{elsewhere}embed.html")
    same = page.evaluate(
        """async (address) => {
          const {default: another} = await import(address);
          return another === webtensor;
        }""",
        f"{library}static/webtensor.js?again",
    )
    assert same
