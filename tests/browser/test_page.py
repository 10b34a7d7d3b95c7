"""The page as people use it: benchmark, results, export, playground. One page per browser."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.app import App
from tests.support.devices import backends


def download_of(app: App, button: str) -> str:
    """What a download button saves. Firefox reports no downloads of blob: addresses to Playwright,
    so the text is taken where it is made."""
    app.page.evaluate(
        """() => {
          const original = URL.createObjectURL;
          window.saved = new Promise((resolve) => {
            URL.createObjectURL = (blob) => {
              URL.createObjectURL = original;
              resolve(blob.text());
              return original.call(URL, blob);
            };
          });
        }"""
    )
    app.find(button).click()
    text: str = app.page.evaluate("() => window.saved")
    return text


def test_badges_say_which_backends_are_live(app: App, browser_name: str) -> None:
    live = set(backends(browser_name))
    assert app.badges() == {name: name in live for name in ("webgpu", "webnn", "cpu")}
    assert app.find("no-webgpu").is_hidden()
    assert app.find("error").is_hidden()
    # The adapters here are software, and the page must say so.
    assert "software" in app.text("badge-webgpu").lower()


def test_device_panel_and_its_json(app: App, browser_name: str) -> None:
    panel = app.text("device-panel").lower()
    for word in ("software", "subgroups", "f16", "timestamps", "packed dot", "jspi", "isolated"):
        assert word in panel, word
    app.page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    app.find("copy-device").click()
    expect(app.find("copy-device-status")).to_contain_text("Copied")
    report: dict[str, Any] = json.loads(app.page.evaluate("window.copied"))
    assert report["runtime"]["worker"] is True
    assert report["runtime"]["engine"] == ("Gecko" if browser_name == "firefox" else "Blink")
    assert report["webgpu"]["limits"]["maxBufferSize"] > 0
    assert report["webnn"]["available"] == (browser_name == "shell")


@pytest.mark.parametrize("backend", ["webgpu", "cpu"])
def test_benchmark_runs_and_is_right(app: App, backend: str) -> None:
    check_benchmark(app, backend)


@pytest.mark.browsers("shell")
def test_benchmark_runs_and_is_right_on_webnn(app: App) -> None:
    check_benchmark(app, "webnn")


def check_benchmark(app: App, backend: str) -> None:
    said = app.run(backend, size=256)
    assert "GFLOP/s" in said, said
    assert app.find("run-error").is_hidden()
    expect(app.rows()).to_have_count(1)
    row = app.rows().first
    assert row.get_attribute("data-device") == backend
    assert "✓" in row.inner_text()
    (kept,) = app.stored()
    assert kept["device"] == backend
    assert kept["ok"] is True
    assert 0 <= kept["rel_err"] <= kept["tolerance"]
    assert (kept["m"], kept["n"], kept["k"]) == (256, 256, 256)
    assert kept["rows_checked"] == 256
    for name in ("cold_ms", "median_ms", "p95_ms", "gflops"):
        assert kept[name] > 0, name
    # Firefox's clock has steps of a millisecond, and the cpu backend moves nothing.
    for name in ("upload_ms", "readback_ms"):
        assert kept[name] >= 0, name
    assert kept["gflops"] == pytest.approx(2 * 256**3 / kept["median_ms"] / 1e6, rel=1e-3)
    if backend == "webgpu":
        assert "software" in row.inner_text()


def test_all_backends_shapes_and_speed_up(app: App, browser_name: str) -> None:
    present = backends(browser_name)
    app.choose(*present)
    app.find("non-square").check()
    for name, value in (("m", 65), ("k", 130), ("n", 257)):
        app.type_number(f"dim-{name}", value)
    app.press_run()
    app.finished()
    app.find("non-square").uncheck()
    rows = app.stored()
    assert {row["device"] for row in rows} == set(present)
    assert all(row["ok"] for row in rows)
    assert {(row["m"], row["k"], row["n"]) for row in rows} == {(65, 130, 257)}
    cpu = app.page.locator("#results-body tr[data-device=cpu]").inner_text()
    assert re.search(r"\b1\.0+×", cpu), "the cpu backend is its own baseline"
    expect(app.page.locator("#latest-bars li")).to_have_count(len(present))


def test_run_over_all_sizes_draws_the_chart(app: App) -> None:
    app.choose("webgpu", size=256)
    app.press_run("run-sizes")
    assert "2 of 2" in app.finished()
    assert [row["m"] for row in app.stored()] == [256, 128]
    expect(app.page.locator("#chart canvas")).to_have_count(1)


def test_export_json_and_csv(app: App) -> None:
    app.run("cpu", size=128)
    rows = json.loads(download_of(app, "export-json"))
    assert rows == app.stored()
    (line,) = csv.DictReader(io.StringIO(download_of(app, "export-csv")))
    assert line["device"] == "cpu"
    assert float(line["median_ms"]) == pytest.approx(rows[0]["median_ms"])
    app.find("clear-results").click()
    expect(app.rows()).to_have_count(0)
    assert app.stored() == []
    assert app.find("export-json").is_disabled()


def test_results_are_kept_across_a_reload(app: App) -> None:
    app.run("webgpu", size=128)
    (before,) = app.stored()
    shown = app.rows().first.inner_text()
    app.page.reload()
    expect(app.rows()).to_have_count(1)
    assert app.rows().first.inner_text() == shown
    assert app.stored() == [before]
    app.ready()


@pytest.mark.parametrize("backend", ["webgpu", "cpu"])
def test_cancel_ends_a_run_within_bands_and_the_next_run_works(app: App, backend: str) -> None:
    """At this size one product takes seconds on the machines that run CI, a band 250 ms at most."""
    app.start(backend, size=2048)
    status = app.find("run-status")
    expect(status).to_contain_text(re.compile("choice|Compiling|Warm"), timeout=30_000)
    if app.find("long-run").is_visible():
        app.find("long-run-go").click()
    expect(status).to_contain_text(re.compile("Compiling|Warm"), timeout=30_000)
    begun = app.page.evaluate("performance.now()")
    app.find("cancel").click()
    said = app.finished()
    took = app.page.evaluate("performance.now()") - begun
    assert "Cancelled" in said, said
    # A band, the way through the worker, and a machine that does something else besides.
    assert took < 2000, f"cancelling took {took:.0f} ms"
    assert app.stored() == []
    assert "GFLOP/s" in app.run(backend, size=128)


def test_long_cpu_run_is_announced_first(app: App) -> None:
    app.start("cpu", size=4096)
    expect(app.find("long-run")).to_be_visible(timeout=20_000)
    assert re.search(r"\d+ (s|min)", app.text("long-run-text")), app.text("long-run-text")
    app.find("long-run-stop").click()
    assert "Cancelled" in app.finished()
    assert app.stored() == []


def test_slider_and_buttons_agree(app: App) -> None:
    app.find("size-512").check(force=True)
    assert "512" in app.text("size-value")
    app.find("size-slider").focus()
    app.page.keyboard.press("ArrowRight")
    assert "640" in app.text("size-value")
    assert app.page.locator("#sizes input:checked").count() == 0
    app.page.keyboard.press("Home")
    assert "128" in app.text("size-value")
    assert app.find("size-128").is_checked()
    app.page.keyboard.press("End")
    assert "4096" in app.text("size-value")


def test_impossible_number_that_is_out_of_sight_does_not_block_a_run(app: App) -> None:
    app.find("non-square").check()
    app.type_number("dim-k", 99999999)
    app.find("non-square").uncheck()
    assert "GFLOP/s" in app.run("cpu", size=128)


def test_kernel_source_is_shown(app: App) -> None:
    app.find("wgsl").scroll_into_view_if_needed()
    expect(app.find("wgsl")).to_contain_text("@compute", timeout=20_000)
    assert "workgroup" in app.text("wgsl")


def test_playground_runs_python_and_shows_errors_with_their_line(app: App) -> None:
    app.run_cell(
        "import webtensor as wt\nx = wt.asarray([[1.0, 2.0]])\n"
        "print((await (x @ x.mT).numpy()).tolist())"
    )
    expect(app.cell_output()).to_contain_text("[[5.0]]", timeout=60_000)
    app.run_cell("a = 1\nb = 0\na / b")
    expect(app.cell_output()).to_contain_text("ZeroDivisionError", timeout=20_000)
    expect(app.cell_output()).to_contain_text("line 3")


def test_playground_stops_python_that_does_not_yield(app: App) -> None:
    app.run_cell("print('begun')\nwhile True:\n    pass")
    expect(app.cell_output()).to_contain_text("begun", timeout=60_000)
    app.page.locator("#cell button.stop").click()
    app.run_cell("print(6 * 7)")
    expect(app.cell_output()).to_contain_text("42", timeout=60_000)


def test_examples_fill_the_playground_and_run(app: App) -> None:
    names = app.page.locator("#examples button")
    assert names.count() >= 4
    for index in range(names.count()):
        names.nth(index).click()
        app.page.locator("#cell button.run").click()
        app.wait_for_cell()
        output = app.cell_output()
        assert output.locator(".error").count() == 0, output.inner_text()
        assert output.inner_text().strip(), names.nth(index).inner_text()


def test_shared_link_carries_the_code(app: App) -> None:
    code = "print('from a link: ×', 1 + 1)"
    app.page.evaluate("(code) => { document.getElementById('cell').code = code; }", code)
    app.page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    app.find("share").click()
    expect(app.find("share-status")).not_to_be_empty()
    link = app.page.evaluate("window.copied")
    assert link.startswith(app.site)
    other = app.page.context.new_page()
    other.goto(link)
    expect(other.locator("#shared-note")).to_be_visible(timeout=30_000)
    assert other.evaluate("document.getElementById('cell').code") == code
    # Closing it while Python loads would leave failed requests in the log.
    App(other, app.site).ready()
    other.close()


def test_out_of_memory_in_the_playground_leaves_the_page_usable(
    app: App, browser_name: str
) -> None:
    app.run_cell(
        "import numpy as np, webtensor as wt\n"
        "x = wt.asarray(np.ones((16384, 1), np.float32), device='webgpu')\n"
        "y = await wt.matmul(x, x.mT).numpy()\n"
        "print('room for', y.nbytes)"
    )
    app.wait_for_cell()
    if browser_name != "firefox":
        expect(app.cell_output()).to_contain_text("OutOfMemoryError")
        expect(app.cell_output()).to_contain_text("line 3")
    assert "GFLOP/s" in app.run("webgpu", size=128)


def test_theme_button_goes_through_all_themes(app: App) -> None:
    button = app.find("theme")
    seen = []
    for _ in range(3):
        button.click()
        seen.append(app.page.evaluate("document.documentElement.dataset.theme ?? 'system'"))
    assert sorted(seen) == ["dark", "light", "system"]
