"""<webtensor-cell>: running, errors, stopping, keyboard, names for screen readers, and widths."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.embedding import PATIENCE_MS, add_cell, editor_of, open_page, output_of, run_cell


@pytest.fixture(scope="module")
def shared_page(browser: Browser, site: str) -> Iterator[Page]:
    """One page per browser, whose Python goes on from test to test."""
    context = browser.new_context()
    yield open_page(context, f"{site}app/examples/embed.html")
    context.close()


@pytest.fixture(autouse=True)
def no_other_cells(request: pytest.FixtureRequest) -> None:
    """Each test adds its own cells."""
    if "shared_page" in request.fixturenames:
        page: Page = request.getfixturevalue("shared_page")
        page.evaluate(
            "document.querySelectorAll('webtensor-cell').forEach((cell) => cell.remove())"
        )


def test_the_text_of_the_page_is_the_code(context: BrowserContext, site: str) -> None:
    page = open_page(context, f"{site}app/examples/embed.html")
    code = page.locator("webtensor-cell").evaluate("(cell) => cell.code")
    assert code.startswith("import webtensor as wt\n\nx = ")
    assert code.endswith("\ny")
    assert page.evaluate("workersStarted") == 0


def test_output_and_the_value_are_shown(shared_page: Page) -> None:
    cell = add_cell(shared_page, "cell", "print('first')\n[1, 'two']")
    events = cell.evaluate(
        """(cell) => {
          globalThis.events = [];
          for (const type of ["run", "done", "error"]) {
            const note = ({detail}) => events.push([type, detail.code ?? detail.text]);
            cell.addEventListener(type, note);
          }
          return events.length;
        }"""
    )
    assert events == 0
    run_cell(cell)
    expect(output_of(cell)).to_have_text("first\n[1, 'two']")
    expect(cell.get_by_role("status")).to_contain_text("Done in ")
    assert shared_page.evaluate("events") == [
        ["run", "print('first')\n[1, 'two']"],
        ["done", "[1, 'two']"],
    ]


def test_a_tensor_shows_its_values(shared_page: Page) -> None:
    code = "import webtensor as wt\nx = wt.asarray([[1.0, 2.0], [3.0, 4.0]])\nx @ x.mT"
    cell = add_cell(shared_page, "cell", code)
    run_cell(cell)
    expect(output_of(cell)).to_contain_text("[ 5., 11.]")
    expect(output_of(cell)).to_contain_text("dtype=float32")


def test_an_error_marks_its_line(shared_page: Page) -> None:
    cell = add_cell(shared_page, "cell", "def half(x):\n    return x / 0\n\nhalf(1)")
    run_cell(cell)
    expect(output_of(cell)).to_contain_text("ZeroDivisionError on line 2")
    expect(cell.get_by_role("status")).to_have_text("Error on line 2")
    expect(cell.locator(".line.wrong")).to_have_text("    return x / 0", use_inner_text=False)
    expect(editor_of(cell)).to_have_attribute("aria-invalid", "true")
    cell.get_by_text("Traceback", exact=True).click()
    expect(output_of(cell)).to_contain_text("in half")

    editor_of(cell).press("x")
    expect(cell.locator(".line.wrong")).to_have_count(0)


def test_stop_and_run_again(shared_page: Page) -> None:
    cell = add_cell(shared_page, "cell", "print('begins')\nwhile True: pass")
    keeper = add_cell(shared_page, "keeper", "kept = 1", namespace="notes")
    run_cell(keeper)
    cell.get_by_role("button", name="Run").click()
    expect(output_of(cell)).to_have_text("begins", timeout=PATIENCE_MS)
    cell.get_by_role("button", name="Stop").click()
    expect(cell.get_by_role("status")).to_have_text("Stopped", timeout=PATIENCE_MS)
    expect(keeper.get_by_role("status")).to_contain_text("variables of earlier runs are gone")

    cell.evaluate("(cell) => { cell.code = '1 + 1'; }")
    run_cell(cell)
    expect(output_of(cell)).to_have_text("2")


def test_cells_share_one_worker_and_only_named_variables(
    context: BrowserContext, site: str
) -> None:
    page = open_page(context, f"{site}app/examples/embed.html")
    first = add_cell(page, "first", "value = 41", namespace="shared")
    second = add_cell(page, "second", "value + 1", namespace="shared")
    third = add_cell(page, "third", "value")
    for cell in (first, second, third):
        run_cell(cell)
    expect(output_of(first)).to_be_empty()
    expect(output_of(second)).to_have_text("42")
    expect(output_of(third)).to_contain_text("NameError on line 1")
    assert page.evaluate("workersStarted") == 1


def test_keyboard(shared_page: Page) -> None:
    cell = add_cell(shared_page, "cell", "")
    editor = editor_of(cell)
    editor.focus()
    keyboard = shared_page.keyboard
    keyboard.type("for i in range(2):\nprint(i)\n")
    keyboard.press("Tab")
    keyboard.type("print('x')")
    assert cell.evaluate("(cell) => cell.code") == (
        "for i in range(2):\n    print(i)\n        print('x')"
    )
    keyboard.press("ControlOrMeta+z")
    assert "print('x')" not in cell.evaluate("(cell) => cell.code"), "undo works"

    cell.evaluate("(cell) => { cell.code = '6 * 7'; }")
    keyboard.press("Control+Enter")
    expect(output_of(cell)).to_have_text("42", timeout=PATIENCE_MS)

    keyboard.press("Escape")
    keyboard.press("Tab")
    expect(cell.get_by_role("button", name="Run")).to_be_focused()
    assert cell.evaluate("(cell) => cell.code") == "6 * 7"


def test_names_for_screen_readers(shared_page: Page) -> None:
    cell = add_cell(shared_page, "cell", "1", label="First steps")
    editor = cell.get_by_role("textbox", name="First steps")
    expect(editor).to_have_accessible_description(re.compile("Escape, then Tab, leaves"))
    expect(output_of(cell)).to_have_attribute("role", "log")
    stop = cell.get_by_role("button", name="Stop")
    expect(stop).to_have_attribute("aria-disabled", "true")


@pytest.mark.parametrize("width", [360, 1600])
def test_widths(shared_page: Page, width: int) -> None:
    shared_page.set_viewport_size({"width": width, "height": 700})
    long = f"'{'long ' * 60}'"
    cell = add_cell(shared_page, "cell", f"x = {long}\nprint({long.replace(' ', '')})\nlen(x)")
    run_cell(cell)
    assert shared_page.evaluate("document.documentElement.scrollWidth") <= width
    text, area = cell.evaluate(
        """({shadowRoot}) => [".text", "textarea"].map((part) => {
          const {x, y, width, height} = shadowRoot.querySelector(part).getBoundingClientRect();
          return [x, y, width, height];
        })"""
    )
    assert text == area, "the coloured text lies exactly under the editor"
    inner = cell.evaluate("({shadowRoot}) => shadowRoot.querySelector('textarea').scrollWidth")
    assert inner <= area[2] + 1, "nothing scrolls inside the editor"
    editor_of(cell).focus()
    shared_page.keyboard.press("ControlOrMeta+Home")
    shared_page.keyboard.press("End")
    # Fails by its timeout unless the caret is brought into view.
    scroller = "document.querySelector('#cell').shadowRoot.querySelector('.scroller')"
    shared_page.wait_for_function(f"{scroller}.scrollLeft > 0")
