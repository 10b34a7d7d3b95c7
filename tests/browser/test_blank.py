"""dist/blank.html: Python with numpy and webtensor installed, and nothing touched."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.blank import BlankPage

# Notes whether a script that runs before all others' end finds `ready`, and who asks for a device.
WATCH = """
window.asked = [];
for (const [owner, name] of [[window.GPU, "requestAdapter"], [window.ML, "createContext"]]) {
  const original = owner?.prototype[name];
  if (original) owner.prototype[name] = function (...options) {
    window.asked.push(name);
    return original.apply(this, options);
  };
}
"""
# A script right after blank.js, as a page of somebody's own would have it.
EARLY = """<!doctype html><link rel="icon" href="data:,">
<script src="static/blank.js"></script>
<script>window.early = window.ready instanceof Promise;</script>"""


def test_ready_is_there_from_the_first_script_on_and_touches_no_device(
    page: Page, site: str
) -> None:
    page.add_init_script(WATCH)
    page.route(
        f"{site}blank.html", lambda route: route.fulfill(content_type="text/html", body=EARLY)
    )
    blank = BlankPage(page, site)
    assert page.evaluate("window.early")
    assert page.evaluate("async () => (await window.ready) === window.pyodide")
    assert blank.py(
        """
        import importlib.util, sys
        installed = [importlib.util.find_spec(name) is not None for name in ("numpy", "webtensor")]
        [installed, "numpy" in sys.modules, "webtensor" in sys.modules]
        """
    ) == [[True, True], False, False]
    assert page.evaluate("window.asked") == []
    blank.py("import webtensor")
    assert page.evaluate("window.asked") == [], "importing asks for no device"
    assert not blank.py("import sys; 'numpy' in sys.modules"), "importing does not need numpy"
    blank.py("import webtensor as wt; await wt.init()")
    assert "requestAdapter" in page.evaluate("window.asked")


def test_python_is_told_apart_from_the_page(blank: BlankPage) -> None:
    """The helper that all package tests use reports values, errors and nothing else."""
    assert blank.py("import numpy as np; {'a': np.float32(0.5), 'b': np.arange(3)}") == {
        "a": 0.5,
        "b": [0, 1, 2],
    }
