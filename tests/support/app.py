"""The page, driven as a person drives it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from playwright.sync_api import TimeoutError as LimitReached

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

START_LIMIT_MS = 40_000
RUN_LIMIT_MS = 60_000
BEGIN_LIMIT_MS = 5_000
STORED = "webtensor.results.1"

_WATCH_FORM = """() => {
  const form = document.getElementById("benchmark-form");
  window.runBegun = false;
  const observer = new MutationObserver(() => {
    if (form.ariaBusy !== "true") return;
    window.runBegun = true;
    observer.disconnect();
  });
  observer.observe(form, { attributeFilter: ["aria-busy"] });
}"""


class App:
    """A page on index.html."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site

    def open(self) -> App:
        self.page.goto(self.site)
        return self

    def ready(self) -> App:
        """Wait until Python and the devices are there."""
        self.page.locator("html:is([data-state=ready], [data-state=error])").wait_for(
            state="attached", timeout=START_LIMIT_MS
        )
        assert self.state() == "ready", self.text("error")
        return self

    def state(self) -> str:
        return self.page.locator("html").get_attribute("data-state") or ""

    def find(self, name: str) -> Locator:
        return self.page.locator(f"#{name}")

    def text(self, name: str) -> str:
        return self.find(name).inner_text()

    def badges(self) -> dict[str, bool]:
        """Which backends the badges call live."""
        return {
            name: self.find(f"badge-{name}").get_attribute("data-live") == "yes"
            for name in ("webgpu", "webnn", "cpu")
        }

    def type_number(self, name: str, value: int) -> None:
        """Replace a number. Playwright's own `fill` appends to it in Firefox over BiDi."""
        self.find(name).focus()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(str(value))

    def choose(self, *backends: str, size: int = 128) -> None:
        """Tick exactly these backends and press the size's button."""
        for name in ("webgpu", "webnn", "cpu"):
            box = self.find(f"backend-{name}")
            if box.is_enabled():
                box.set_checked(name in backends)
        self.find(f"size-{size}").check(force=True)

    def press_run(self, button: str = "run") -> None:
        """Press Run and wait until it has begun. How long it goes on does not matter: a run that
        fails at once is seen too."""
        self.page.evaluate(_WATCH_FORM)
        self.find(button).click()
        self.page.wait_for_function("() => window.runBegun", timeout=BEGIN_LIMIT_MS)

    def start(self, *backends: str, size: int = 128) -> None:
        self.choose(*backends, size=size)
        self.press_run()

    def finished(self) -> str:
        """Wait for the end of a run; what the page says about it, an error's text at its end."""
        end = "() => document.getElementById('benchmark-form').ariaBusy === 'false'"
        try:
            self.page.wait_for_function(end, timeout=RUN_LIMIT_MS)
        except LimitReached as error:
            raise AssertionError(f"still running: {self.text('run-status')}") from error
        status = self.text("run-status")
        error = self.find("run-error")
        return f"{status} {error.inner_text()}" if error.is_visible() else status

    def run(self, *backends: str, size: int = 128) -> str:
        """Run the benchmark; what the page says at its end."""
        self.start(*backends, size=size)
        return self.finished()

    def stored(self) -> list[dict[str, Any]]:
        """The results that the page keeps, newest first."""
        kept = self.page.evaluate("(key) => localStorage.getItem(key)", STORED)
        rows: list[dict[str, Any]] = json.loads(kept or "[]")
        return rows

    def rows(self) -> Locator:
        return self.page.locator("#results-body tr")

    def reset(self) -> None:
        """No results, and the form as it is at first."""
        if self.find("non-square").is_checked():
            self.find("non-square").uncheck()
        if self.find("clear-results").is_enabled():
            self.find("clear-results").click()

    def run_cell(self, code: str) -> None:
        """Type code into the playground and run it."""
        self.page.evaluate("(code) => { document.getElementById('cell').code = code; }", code)
        self.page.locator("#cell button.run").click()

    def wait_for_cell(self) -> None:
        """Wait for the end of the cell's run, which may have come already."""
        self.page.wait_for_function(
            "() => !document.getElementById('cell').hasAttribute('busy')", timeout=RUN_LIMIT_MS
        )

    def cell_output(self) -> Locator:
        return self.page.locator("#cell .output")
