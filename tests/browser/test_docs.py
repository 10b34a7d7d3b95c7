"""The API reference in a browser: readable on a phone, under a strict policy, by day and night."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.support.page_log import PageLog

from .test_hosting import STRICT_POLICY

OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def test_reference(serve: Callable[..., str], page: Page, page_log: PageLog) -> None:
    address = serve(headers=STRICT_POLICY, prefix="/some/folder/")
    page_log.own(address)
    page.goto(f"{address}docs/webtensor.html")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert not page.evaluate(OVERFLOWS), width
    page.set_viewport_size({"width": 1280, "height": 740})
    assert page.evaluate(BACKGROUND) in ("rgb(255, 254, 251)", "rgb(19, 21, 25)")
    page.locator("nav").get_by_role("link", name="linalg", exact=True).first.click()
    page.get_by_text("X for which x1 · X = x2").wait_for()
    page.locator("nav").get_by_role("link", name="webtensor’s page").click()
    page.wait_for_url(f"{address}index.html")
