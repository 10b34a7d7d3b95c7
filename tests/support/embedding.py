"""Driving webtensor.js and <webtensor-cell> on a page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

#: Python's start, with a cold cache on a busy machine.
PATIENCE_MS = 60_000

#: Typed arrays and errors do not pass through Playwright as they are.
HELPERS = """
globalThis.plain = (value) => JSON.parse(JSON.stringify(value, (key, item) => {
  if (typeof item === "bigint") return `${item}n`;
  if (!ArrayBuffer.isView(item)) return item;
  return {type: item.constructor.name, values: Array.from(item, Number)};
}));
globalThis.attempt = async (python, options) => {
  try { return {value: plain(await webtensor.run(python, options))}; }
  catch (error) {
    const {name, message, traceback, line} = error;
    return {name, message, traceback, line, isError: error instanceof Error};
  }
};
globalThis.workersStarted = 0;
globalThis.Worker = class extends Worker {
  constructor(...parameters) { super(...parameters); workersStarted += 1; }
};
"""


def open_page(context: BrowserContext, address: str) -> Page:
    """A page with the helpers in it, and time enough for Python to start."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(HELPERS)
    page.goto(address)
    page.wait_for_function("globalThis.webtensor !== undefined")
    return page


def run(page: Page, python: str, options: str = "{}") -> Any:
    """`webtensor.run` with options in JavaScript: the value, with typed arrays spelled out."""
    answer = page.evaluate(f"(python) => attempt(python, {options})", python)
    assert "value" in answer, answer
    return answer["value"]


def failure(page: Page, python: str, options: str = "{}") -> dict[str, Any]:
    """What `webtensor.run` rejected with."""
    answer: dict[str, Any] = page.evaluate(f"(python) => attempt(python, {options})", python)
    assert answer.get("isError"), answer
    return answer


def add_cell(page: Page, identity: str, code: str, **attributes: str) -> Locator:
    """Append a cell and return it."""
    page.evaluate(
        """([identity, code, attributes]) => {
          const cell = document.createElement("webtensor-cell");
          for (const [name, value] of Object.entries(attributes)) cell.setAttribute(name, value);
          cell.id = identity;
          cell.code = code;
          document.body.append(cell);
        }""",
        [identity, code, attributes],
    )
    return page.locator(f"#{identity}")


def run_cell(cell: Locator) -> None:
    """Press Run and wait for the end."""
    cell.get_by_role("button", name="Run").click()
    expect(cell).not_to_have_attribute("busy", "", timeout=PATIENCE_MS)


def editor_of(cell: Locator) -> Locator:
    return cell.get_by_role("textbox")


def output_of(cell: Locator) -> Locator:
    return cell.get_by_role("log")
