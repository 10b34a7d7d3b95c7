"""Where dist/ must work: in a subfolder, under a strict policy, without the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.support.app import App
from tests.support.blank import BlankPage
from tests.support.page_log import PageLog
from tools.serve import serving

# 'unsafe-eval' is for Pyodide and PyScript; PyScript makes its worker from a blob of its own code;
# everything else comes from the page's own origin.
STRICT_POLICY = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'; "
        "worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'"
    )
}
KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const names = await caches.keys();
  const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return kept.flat().length;
}"""


def use_page(page: Page, address: str) -> None:
    """The page starts, computes on both backends and runs the playground."""
    app = App(page, address).open().ready()
    assert "GFLOP/s" in app.run("webgpu", size=128), app.text("run-error")
    assert "GFLOP/s" in app.run("cpu", size=128), app.text("run-error")
    assert all(row["ok"] for row in app.stored())
    app.run_cell("import webtensor as wt\nprint((await (wt.asarray([1.0]) + 41).numpy()).tolist())")
    app.cell_output().get_by_text("[42.0]").wait_for(timeout=60_000)


def test_site_works_in_a_subfolder_and_asks_for_nothing_elsewhere(
    serve: Callable[..., str], page: Page, page_log: PageLog
) -> None:
    address = serve(prefix="/some/sub/folder/")
    page_log.own(address)
    use_page(page, address)
    outside = [url for url in page_log.requests if not url.startswith((address, "blob:", "data:"))]
    assert outside == []


def test_site_works_under_a_strict_policy(
    serve: Callable[..., str], page: Page, page_log: PageLog
) -> None:
    address = serve(headers=STRICT_POLICY)
    page_log.own(address)
    use_page(page, address)


def test_site_needs_no_network_after_its_first_load(
    dist: Path, page: Page, page_log: PageLog
) -> None:
    with serving(dist) as address:
        page_log.own(address)
        App(page, address).open().ready()
        page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=30_000)
        assert page.evaluate(KEPT) > 20
    # The server is gone now.
    page_log.allow("ERR_CONNECTION_REFUSED|NS_ERROR_|Failed to fetch|request failed|Failed to load")
    use_page(page, address)


def test_blank_page_works_in_a_subfolder(
    serve: Callable[..., str], page: Page, page_log: PageLog
) -> None:
    address = serve(prefix="/deep/er/")
    page_log.own(address)
    blank = BlankPage(page, address)
    assert blank.py(
        "import webtensor as wt; await wt.init(); (await (wt.asarray([1.0, 2.0]) * 2).numpy())"
    ) == [2.0, 4.0]
