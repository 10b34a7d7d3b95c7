"""Every state of the page: backends missing, downloads missing, devices that fail in a run."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.app import App
from tests.support.browsers import WEBGPU_ARGUMENTS, WEBNN_ARGUMENTS, BrowserEntry
from tests.support.page_log import PageLog

# The module that starts Python in the page's compute worker.
WORKER = "app/python.mjs"

REFUSE_ADAPTER = "globalThis.GPU && (GPU.prototype.requestAdapter = async () => null);"
REMOVE_GPU = "delete globalThis.WorkerNavigator?.prototype.gpu;"
# The page tells the worker by broadcast when to lose its device or to break its shaders.
CONTROL = """
const control = new BroadcastChannel("test");
let broken = false;
control.onmessage = ({ data }) => {
  if (data === "lose") globalThis.webtensorReplay.device.destroy();
  else broken = data === "break";
};
if (globalThis.GPUDevice) {
  const original = GPUDevice.prototype.createShaderModule;
  GPUDevice.prototype.createShaderModule = function ({ code, ...rest }) {
    const shown = broken ? code.replace("fn main(", "fn main((") : code;
    return original.call(this, { ...rest, code: shown });
  };
}
"""


def tell_worker(page: Page, message: str) -> None:
    page.evaluate("(text) => { new BroadcastChannel('test').postMessage(text); }", message)


def check_without_webgpu(app: App, *, webnn: bool) -> None:
    """The notice says why and what to do, and the page computes with what is left."""
    assert app.badges() == {"webgpu": False, "webnn": webnn, "cpu": True}
    expect(app.find("no-webgpu")).to_be_visible()
    assert app.text("no-webgpu-reason").strip()
    assert app.page.locator("#no-webgpu-advice li").count() > 0
    assert ("WebNN" in app.text("no-webgpu-still")) == webnn
    assert app.find("backend-webgpu").is_disabled()
    for backend in ("webnn", "cpu") if webnn else ("cpu",):
        assert "GFLOP/s" in app.run(backend, size=128)
        assert app.stored()[0]["device"] == backend


@pytest.mark.browsers("shell")
@pytest.mark.parametrize("webgpu", [True, False])
@pytest.mark.parametrize("webnn", [True, False])
def test_page_for_each_pair_of_flags(
    webgpu: bool,
    webnn: bool,
    browser_entry: BrowserEntry,
    launched: Callable[[BrowserEntry], Browser],
    open_context: Callable[..., tuple[BrowserContext, PageLog]],
    site: str,
) -> None:
    entry = browser_entry.without(*(() if webgpu else WEBGPU_ARGUMENTS))
    entry = entry.without(*(() if webnn else WEBNN_ARGUMENTS))
    context, log = open_context(launched(entry))
    log.own(site)
    if not webgpu:
        log.allow("No available adapters")
    app = App(context.new_page(), site).open().ready()
    if not webgpu:
        check_without_webgpu(app, webnn=webnn)
        return
    assert app.badges() == {"webgpu": True, "webnn": webnn, "cpu": True}
    assert app.find("no-webgpu").is_hidden()
    assert app.find("backend-webnn").is_enabled() == webnn
    assert "GFLOP/s" in app.run("webgpu", size=128)


@pytest.mark.parametrize(
    "script", [REMOVE_GPU, REFUSE_ADAPTER], ids=["no navigator.gpu", "adapter refused"]
)
def test_page_without_webgpu(
    script: str,
    changed_site: Callable[..., str],
    page: Page,
    page_log: PageLog,
    browser_name: str,
) -> None:
    address = changed_site(before={WORKER: script})
    page_log.own(address)
    app = App(page, address).open().ready()
    check_without_webgpu(app, webnn=browser_name == "shell")
    name = "Firefox" if browser_name == "firefox" else "Chrome"
    assert name in app.text("no-webgpu-advice"), "the advice is for this browser"


def test_failures_during_a_run_are_told_and_the_page_stays_usable(
    changed_site: Callable[..., str], page: Page, page_log: PageLog
) -> None:
    """A shader that does not compile and a lost device, one after the other on one page."""
    address = changed_site(before={WORKER: CONTROL})
    page_log.own(address)
    page_log.allow("shader module|Shader '' parsing error")  # Firefox says it in the console too
    app = App(page, address).open().ready()

    tell_worker(page, "break")
    app.run("webgpu", size=128)
    expect(app.find("run-error")).to_be_visible()
    assert "compile" in app.text("run-error-title").lower()
    detail = app.text("run-error-detail")
    assert "KernelCompileError" in detail
    assert "fn main(" in detail, "the message shows the source line"
    assert re.search(r"line \d+", detail)
    assert app.text("run-error-advice").strip()
    assert "GFLOP/s" in app.run("cpu", size=128), "the other backends go on working"
    assert app.find("run-error").is_hidden(), "the message goes with the next run"
    tell_worker(page, "mend")
    assert "GFLOP/s" in app.run("webgpu", size=128), "the failure was not kept"

    app.start("webgpu", size=1024)
    expect(app.find("run-status")).to_contain_text("Warm run", timeout=30_000)
    tell_worker(page, "lose")
    app.finished()
    expect(app.find("run-error")).to_be_visible()
    assert "lost" in app.text("run-error-title").lower()
    assert "DeviceLostError" in app.text("run-error-detail")
    assert app.text("run-error-advice").strip()
    assert "GFLOP/s" in app.run("webgpu", size=128), "a new device is asked for"
    assert app.find("run-error").is_hidden()


@pytest.mark.parametrize(
    "missing",
    [
        "pyodide/pyodide.asm.wasm",
        "build.json",
        "micropython/micropython.wasm",
        "pyscript/core.js",
        "app/compute.py",
    ],
)
def test_missing_download_is_told_with_what_to_do(
    missing: str, changed_site: Callable[..., str], page: Page, page_log: PageLog
) -> None:
    address = changed_site(missing=(missing,))
    page_log.own(address)
    page_log.allow(".")  # what the browser and PyScript say about it is theirs
    app = App(page, address).open()
    page.locator("html[data-state=error]").wait_for(state="attached", timeout=40_000)
    expect(app.find("error")).to_be_visible()
    assert app.text("error-title").strip()
    assert app.text("error-detail").strip()
    assert "reload" in app.text("error-advice").lower()
    assert app.find("run").is_disabled()


def test_missing_numpy_fails_the_run_and_not_the_page(
    changed_site: Callable[..., str], dist_numpy: str, page: Page, page_log: PageLog
) -> None:
    address = changed_site(missing=(dist_numpy,))
    page_log.own(address)
    page_log.allow("numpy|404|Failed to fetch|NetworkError")
    app = App(page, address).open().ready()
    app.run("cpu", size=128)
    expect(app.find("run-error")).to_be_visible()
    assert "numpy" in app.text("run-error-detail").lower()
    assert app.find("run").is_enabled()


def test_loading_shows_its_steps(page: Page, site: str) -> None:
    app = App(page, site)
    page.goto(site, wait_until="commit")
    expect(app.find("state")).to_contain_text("Loading")
    expect(app.find("startup-progress")).to_be_visible()
    assert app.find("run").is_disabled()
    app.ready()
    for step in ("page", "download", "start", "install", "devices"):
        assert app.find(f"step-{step}").get_attribute("data-step") == "done", step
    expect(app.find("state")).to_contain_text("Ready")


# Halves the piece at each refusal, until not a character more goes in.
FILL_STORAGE = """() => {
  for (let size = 2 ** 22; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (let count = 0; ; count++) localStorage.setItem(`${size} ${count}`, "x".repeat(size));
    } catch { /* full for pieces of this size */ }
  }
}"""


def test_full_storage_keeps_the_page_usable(page: Page, site: str) -> None:
    app = App(page, site).open().ready()
    page.evaluate(FILL_STORAGE)
    said = app.run("webgpu", size=128)
    assert "GFLOP/s" in said
    assert "not kept" in said
    expect(app.rows()).to_have_count(1)
