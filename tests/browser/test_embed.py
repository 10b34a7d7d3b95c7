"""webtensor.js: `webtensor.run` with what goes in, what comes out, errors, output and stopping."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.embedding import failure, open_page, run
from tests.support.page_log import PageLog

STATIC = Path(__file__).parents[2] / "static"
MAXIMUM_BYTES = 10_000


@pytest.fixture(scope="module")
def shared_page(browser: Browser, site: str) -> Iterator[Page]:
    """One page per browser, whose Python goes on from test to test."""
    context = browser.new_context()
    yield open_page(context, f"{site}app/examples/embed.html")
    context.close()


@pytest.fixture
def own_page(context: BrowserContext, site: str) -> Page:
    """A page of the test's own, for what would harm the shared one."""
    return open_page(context, f"{site}app/examples/embed.html")


def array(kind: str, values: list[float], shape: list[int], dtype: str) -> dict[str, Any]:
    """An array as `plain` spells it."""
    return {"data": {"type": kind, "values": values}, "shape": shape, "dtype": dtype}


def test_size() -> None:
    scripts = sorted(STATIC.glob("webtensor*.js"))
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in scripts}
    assert "webtensor.js" in sizes
    assert sum(sizes.values()) < MAXIMUM_BYTES, sizes


def test_arrays_go_in_and_come_out(shared_page: Page) -> None:
    inputs = (
        "{inputs: {a: {data: new Float32Array([1, 2, 3, 4]), shape: [2, 2]}, b: [[0.5], [1.5]]}}"
    )
    product = run(shared_page, "import webtensor as wt\nwt.asarray(a) @ wt.asarray(b)", inputs)
    assert product == array("Float32Array", [3.5, 7.5], [2, 1], "float32")


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("1", "1"),
        ("1.5", "1.5"),
        ("'text'", "'text'"),
        ("true", "True"),
        ("null", "None"),
        ("undefined", "None"),
        ("10n ** 20n", str(10**20)),
        ("[[1, 2.5], []]", "[[1, 2.5], []]"),
        ("{a: {b: [null]}}", "{'a': {'b': [None]}}"),
        ("new Float32Array([1, 2])", "('f', (2,), [1.0, 2.0])"),
        ("new Uint8Array([1, 2]).subarray(1)", "('B', (1,), [2])"),
        ("{data: new Int32Array(4), shape: [2, 2]}", "('i', (2, 2), [[0, 0], [0, 0]])"),
        ("{data: new Float64Array([1.5]), shape: []}", "1.5"),
        (
            "{data: new Uint16Array([0x3c00]), shape: [1], dtype: 'float16'}",
            "('e', (1,), [1.0])",
        ),
    ],
)
def test_what_inputs_become(shared_page: Page, given: str, seen: str) -> None:
    show = "repr((x.format, x.shape, x.tolist()) if isinstance(x, memoryview) else x)"
    assert run(shared_page, show, f"{{inputs: {{x: {given}}}}}") == seen


@pytest.mark.parametrize(
    ("python", "result"),
    [
        ("None", None),
        ("x = 1", None),
        ("(1, 2.5, 'text', True, None)", [1, 2.5, "text", True, None]),
        ("{'a': [{1: 2}]}", {"a": [{"1": 2}]}),
        ("2 ** 60", f"{2**60}n"),
        ("b'ab'", array("Uint8Array", [97, 98], [2], "uint8")),
        ("import numpy as np\nnp.float32(1.5)", 1.5),
        ("import numpy as np\nnp.array(3.0)", array("Float64Array", [3], [], "float64")),
        ("import numpy as np\nnp.zeros((0, 3))", array("Float64Array", [], [0, 3], "float64")),
        (
            "import numpy as np\nnp.arange(4, dtype='>i2').reshape(2, 2).T",
            array("Int16Array", [0, 2, 1, 3], [2, 2], "int16"),
        ),
        ("import numpy as np\n[np.array([True])]", [array("Uint8Array", [1], [1], "bool")]),
        ("import asyncio\nawait asyncio.sleep(0, 5)", 5),
    ],
)
def test_what_results_become(shared_page: Page, python: str, result: object) -> None:
    assert run(shared_page, python) == result


def test_half_precision_comes_back(shared_page: Page) -> None:
    python = "import numpy as np\nnp.asarray(x) * 2"
    kind = shared_page.evaluate("globalThis.Float16Array ? 'Float16Array' : 'Uint16Array'")
    if kind == "Float16Array":
        doubled = run(shared_page, python, "{inputs: {x: new Float16Array([1.5])}}")
        assert doubled == array(kind, [3], [1], "float16")
    else:
        bits = "{data: new Uint16Array([0x3e00]), shape: [1], dtype: 'float16'}"
        doubled = run(shared_page, python, f"{{inputs: {{x: {bits}}}}}")
        assert doubled == array(kind, [0x4200], [1], "float16")


def test_inputs_can_be_moved(shared_page: Page) -> None:
    left = shared_page.evaluate(
        """async () => {
          const kept = new Float32Array(8), moved = new Float32Array(8);
          const options = {inputs: {kept, moved}, transfer: [moved.buffer]};
          const total = await webtensor.run("len(kept) + len(moved)", options);
          return [total, kept.length, moved.length];
        }"""
    )
    assert left == [16, 8, 0]


def test_an_error_is_the_code_s_own(shared_page: Page) -> None:
    error = failure(shared_page, "import json\ndef parse():\n    return json.loads('{')\n\nparse()")
    assert (error["name"], error["line"]) == ("JSONDecodeError", 3)
    assert error["message"].startswith("Expecting property name")
    frames = [line for line in error["traceback"].splitlines() if line.startswith("  File")]
    assert len(frames) == 2, "only frames of the code itself"
    assert all("<run " in frame for frame in frames)
    assert "return json.loads('{')" in error["traceback"]


def test_a_syntax_error_has_its_line(shared_page: Page) -> None:
    error = failure(shared_page, "x = 1\ny = = 2")
    assert (error["name"], error["line"], error["message"]) == ("SyntaxError", 2, "invalid syntax")


def test_a_webtensor_error_says_what_to_do(shared_page: Page) -> None:
    error = failure(shared_page, "import webtensor as wt\nx = wt.asarray([[1.0, 2.0]])\nx @ x")
    assert (error["name"], error["line"]) == ("ShapeError", 3)
    assert "2" in error["message"]


def test_a_result_without_a_form_is_an_error(shared_page: Page) -> None:
    error = failure(shared_page, "object()")
    assert error["name"] == "TypeError"
    assert "no form in JavaScript" in error["message"]


def test_output_streams_while_runs_overlap(shared_page: Page) -> None:
    python = (
        "import asyncio, sys\n"
        "for step in range(3):\n"
        "    print(name, step)\n"
        "    await asyncio.sleep(0.05)\n"
        "print(name, 'ends', file=sys.stderr)"
    )
    pieces = shared_page.evaluate(
        """async (python) => {
          const pieces = [];
          const start = (name) => webtensor.run(python, {
            inputs: {name}, onOutput: (text, stream) => pieces.push([name, stream, text]),
          });
          await Promise.all([start("a"), start("b")]);
          return pieces;
        }""",
        python,
    )
    for name in "ab":
        own = [(stream, text) for owner, stream, text in pieces if owner == name]
        steps = [("stdout", f"{name} {step}\n") for step in range(3)]
        assert own == [*steps, ("stderr", f"{name} ends\n")]
    owners = [owner for owner, _, _ in pieces]
    assert owners != sorted(owners), "the runs overlapped"


def test_much_output_comes_in_few_pieces(shared_page: Page) -> None:
    pieces, characters = shared_page.evaluate(
        """async () => {
          const pieces = [];
          const onOutput = (text) => pieces.push(text);
          await webtensor.run("for i in range(20000): print(i)", {onOutput});
          return [pieces.length, pieces.join("").length];
        }"""
    )
    assert characters == sum(len(f"{i}\n") for i in range(20_000))
    assert pieces < 2000


def test_a_namespace_keeps_variables(shared_page: Page) -> None:
    assert run(shared_page, "kept = 5", "{namespace: 'keeps'}") is None
    assert run(shared_page, "kept + 1", "{namespace: 'keeps'}") == 6
    assert failure(shared_page, "kept")["name"] == "NameError"


def test_synchronous_reads_overlap(shared_page: Page) -> None:
    python = (
        "import asyncio\nfrom pyodide.ffi import run_sync\n"
        "[run_sync(asyncio.sleep(0.01 * wait, wait)) for _ in range(3)]"
    )
    waits = "[3, 1, 2].map((wait) => webtensor.run(python, {inputs: {wait}}))"
    results = shared_page.evaluate(f"(python) => Promise.all({waits})", python)
    assert results == [[3] * 3, [1] * 3, [2] * 3]


STOP_AFTER = """async ([python, milliseconds, options]) => {
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(), milliseconds);
  const began = performance.now();
  const answer = await attempt(python, {...options, signal: stopping.signal});
  return {...answer, took: performance.now() - began};
}"""


def test_stopping_code_that_waits_keeps_python(shared_page: Page) -> None:
    run(shared_page, "kept = 7", "{namespace: 'waits'}")
    waiting = "import asyncio\nawait asyncio.sleep(60)"
    stopped = shared_page.evaluate(STOP_AFTER, [waiting, 50, {"namespace": "waits"}])
    assert stopped["name"] == "AbortError"
    assert run(shared_page, "kept", "{namespace: 'waits'}") == 7


def test_stopping_a_busy_loop_restarts_python(own_page: Page, page_log: PageLog) -> None:
    page_log.allow("uncaught: undefined")  # what Firefox says when a busy worker is ended
    own_page.evaluate("() => webtensor.ready")
    own_page.evaluate(
        """() => {
          globalThis.reasons = [];
          webtensor.addEventListener("restart", (event) => reasons.push(event.detail.reason));
          globalThis.other = attempt("import asyncio\\nawait asyncio.sleep(60)");
        }"""
    )
    stopped = own_page.evaluate(STOP_AFTER, ["while True: pass", 100, {}])
    assert stopped["name"] == "AbortError"
    assert stopped["took"] < 5000
    other = own_page.evaluate("() => other")
    assert other["name"] == "RestartError"
    assert len(own_page.evaluate("reasons")) == 1
    assert run(own_page, "1 + 1") == 2
    assert own_page.evaluate("workersStarted") == 2


def test_stopping_before_python_is_there(own_page: Page) -> None:
    stopped = own_page.evaluate(STOP_AFTER, ["1", 0, {}])
    assert stopped["name"] == "AbortError"
    assert run(own_page, "1 + 1") == 2
    assert own_page.evaluate("workersStarted") == 1


def test_python_starts_at_its_first_use(own_page: Page) -> None:
    assert own_page.evaluate("workersStarted") == 0
    own_page.evaluate(
        """() => {
          globalThis.stages = [];
          webtensor.addEventListener("progress", (event) => stages.push(event.detail.stage));
        }"""
    )
    versions = own_page.evaluate("async () => webtensor.ready")
    build = own_page.evaluate("async () => (await fetch('../../build.json')).json()")
    assert versions["webtensor"] == build["version"]
    assert versions["pyodide"] == build["pyodide"]
    assert own_page.evaluate("stages") == ["loading", "starting", "ready"]


def test_stop_ends_everything(own_page: Page) -> None:
    own_page.evaluate("() => webtensor.ready")
    ended = own_page.evaluate(
        """() => {
          const waiting = attempt("import asyncio\\nawait asyncio.sleep(60)");
          webtensor.stop("Enough.");
          return waiting;
        }"""
    )
    assert (ended["name"], ended["message"]) == ("RestartError", "Enough.")
    assert run(own_page, "1 + 1") == 2


def test_python_that_broke_down_is_replaced(own_page: Page, page_log: PageLog) -> None:
    page_log.allow("fatal error|out of bounds|console error: (Error|Runtime)|uncaught")
    error = failure(own_page, "import ctypes\nctypes.string_at(0xfffffff0, 8)")
    assert error["name"] == "RestartError"
    assert "broke down" in error["message"]
    assert run(own_page, "1 + 1") == 2
