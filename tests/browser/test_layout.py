"""Phones, keyboards, screen readers, dark rooms: what the page owes to everyone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.app import App
from tests.support.browsers import BrowserEntry
from tests.support.page_log import PageLog

ACCESSIBILITY = Path(__file__).parents[1] / "support" / "accessibility.js"
DARK_FIREFOX = {"layout.css.prefers-color-scheme.content-override": 0, "ui.systemUsesDarkTheme": 1}


def audit(page: Page, name: str) -> list[str]:
    """The findings of one check in support/accessibility.js."""
    found: list[str] = page.evaluate(
        f"() => {{ {ACCESSIBILITY.read_text(encoding='utf-8')}; return {name}(document); }}"
    )
    return found


def show_everything(app: App) -> None:
    """Results, limits, an error in the cell: the parts that are not there from the start."""
    app.run("webgpu", "cpu", size=128)
    app.page.evaluate(
        "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
    )
    app.find("non-square").check()
    app.run_cell("import webtensor as wt\n# a comment\nx = 'text' * 2\nprint(x)\n1 / 0")
    expect(app.cell_output()).to_contain_text("ZeroDivisionError", timeout=60_000)
    app.find("wgsl").scroll_into_view_if_needed()
    expect(app.find("wgsl")).to_contain_text("@compute", timeout=20_000)


@pytest.fixture
def full_app(app: App) -> App:
    """The page with all its parts showing."""
    show_everything(app)
    return app


def test_no_part_is_wider_than_a_phone(full_app: App) -> None:
    page = full_app.page
    page.set_viewport_size({"width": 360, "height": 740})
    try:
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert audit(page, "overflowing") == []
        for name in ("run", "cancel", "share", "copy-device", "theme", "size-slider"):
            box = full_app.find(name).bounding_box()
            assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= 360), name
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})


def test_controls_have_names_and_headings_have_order(full_app: App) -> None:
    assert audit(full_app.page, "unnamedControls") == []
    assert audit(full_app.page, "structure") == []


def test_text_has_contrast_in_light_and_dark(full_app: App) -> None:
    """WCAG AA: 4.5 to 1, large text 3 to 1. The button sets the theme, in every browser alike."""
    page = full_app.page
    seen = set()
    for _ in range(3):
        full_app.find("theme").click()
        page.wait_for_timeout(400)  # colours may fade
        theme = page.evaluate("getComputedStyle(document.body).backgroundColor")
        if theme in seen:
            continue
        seen.add(theme)
        findings = audit(page, "lowContrast")
        assert findings == [], f"on {theme}:\n" + "\n".join(findings)
    assert len(seen) == 2, f"light and dark have backgrounds of their own: {seen}"


def test_dark_system_gives_a_dark_page(
    browser_entry: BrowserEntry,
    browser: Browser,
    launched: Callable[[BrowserEntry], Browser],
    open_context: Callable[..., tuple[BrowserContext, PageLog]],
    site: str,
) -> None:
    if browser_entry.engine == "firefox":
        context, log = open_context(launched(browser_entry.having(prefs=DARK_FIREFOX)))
    else:
        context, log = open_context(browser, color_scheme="dark")
    log.own(site)
    page = context.new_page()
    App(page, site).open()
    page.locator("html[data-live]").wait_for(state="attached")
    assert audit(page, "darkness") == ["dark"]
    assert audit(page, "lowContrast") == []


@pytest.mark.browsers("chromium", "shell")
def test_reduced_motion_is_respected(
    browser: Browser, open_context: Callable[..., tuple[BrowserContext, PageLog]], site: str
) -> None:
    context, log = open_context(browser, reduced_motion="reduce")
    log.own(site)
    page = context.new_page()
    app = App(page, site).open()
    moving = "() => document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.evaluate(moving) == 0
    app.ready()
    assert page.evaluate(moving) == 0


def test_benchmark_by_keyboard_alone(app: App) -> None:
    page = app.page
    app.choose("cpu", size=128)
    app.find("size-128").focus()
    page.keyboard.press("ArrowRight")
    assert "256" in app.text("size-value")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.id")
        reached.append(name)
        if name == "run":
            break
    assert reached[-1] == "run", reached
    assert audit(page, "focusIsVisible") == []
    page.keyboard.press("Enter")
    expect(app.rows()).to_have_count(1, timeout=30_000)
    assert "GFLOP/s" in app.finished()
    assert app.stored()[0]["m"] == 256


def test_every_control_is_reached_by_tab_and_shows_its_focus(app: App) -> None:
    page = app.page
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
    page.locator(".skip").focus()
    reached: list[str] = []
    hidden: list[str] = []
    for _ in range(120):
        name = page.evaluate(
            "document.activeElement.id || document.activeElement.textContent.trim()"
        )
        hidden += audit(page, "focusIsVisible")
        if name == "cell":
            page.keyboard.press("Escape")  # Tab indents in the editor until then
        reached.append(name)
        page.keyboard.press("Tab")
        if page.evaluate(
            "document.activeElement === document.body || document.activeElement.matches('.skip')"
        ):
            break
    for name in (
        "theme",
        "copy-device",
        "size-slider",
        "non-square",
        "backend-cpu",
        "run",
        "cell",
        "share",
    ):
        assert name in reached, f"{name} is not reached by Tab: {reached}"
    assert hidden == []


def test_cell_by_keyboard(app: App) -> None:
    page = app.page
    app.page.locator("#cell textarea").focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text("print('by', 'keys')")
    page.keyboard.press("Control+Enter")
    expect(app.cell_output()).to_contain_text("by keys", timeout=60_000)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert (
        page.evaluate("document.getElementById('cell').shadowRoot.activeElement?.tagName")
        != "TEXTAREA"
    )
