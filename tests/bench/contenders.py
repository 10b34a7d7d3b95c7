"""Who is measured. A contender is a small declaration: its name and what opens its page."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from playwright.sync_api import Error as PlaywrightError

from tests.bench.workloads import Workload
from tests.support.blank import BlankPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIMIT_SECONDS = 600.0
START_SECONDS = 60.0
IN_BROWSER = Path(__file__).with_name("webtensor_in_browser.py")
NUMPY_IN_BROWSER = Path(__file__).with_name("numpy_in_browser.py")
FOLDER = "/home/pyodide/bench"


class NotThereError(Exception):
    """A contender has no such operation; says why."""


@dataclass(frozen=True)
class Sites:
    """Where pages are served: webtensor's dist/, and the benchmark's own folder."""

    webtensor: str
    bench: str


class Session(Protocol):
    """A contender that is ready in a page; see pages/protocol.js."""

    adapter: str

    def prepare(self, work: Workload, told: Mapping[str, object]) -> float:
        """Upload the operands, then compile and run once: milliseconds of the latter.

        Raises NotThereError where it lacks the operation, any other error where it fails.
        """

    def repeat(self, calls: int) -> float:
        """Queue so many runs and wait for them: milliseconds of all."""

    def result(self) -> bytes:
        """The last result, float32 in the reference's order."""

    def release(self) -> None:
        """Free what the workload holds."""


@dataclass(frozen=True)
class Contender:
    """A library under its name; `open` is given a fresh page, `takes` an operation's name."""

    name: str
    open: Callable[[Page, Sites], Session]
    peer: bool = False
    takes: Callable[[str], bool] = lambda operation: True


def adapter_name(found: Mapping[str, Any]) -> str:
    """How an adapter is written in rows: software labelled."""
    name = found["text"] or "not named"
    if found["software"] and "software" not in name.lower():
        name += " (software)"
    return name


class PageSession:
    """A contender in JavaScript, in a page of its own; `anew` loads it again for each workload."""

    def __init__(
        self, page: Page, address: str, *, anew: bool = False, limit: float = START_SECONDS
    ) -> None:
        self._page = page
        self._address = address
        self._anew = anew
        self._limit = limit
        self._complaints: list[str] = []
        page.on("pageerror", lambda error: self._complaints.append(str(error)))
        self._load()
        self.adapter = adapter_name(page.evaluate("contender.adapter"))

    def _load(self) -> None:
        self._page.goto(self._address)
        try:
            self._page.wait_for_function("window.contender", timeout=self._limit * 1e3)
        except PlaywrightError as error:
            raise NotThereError("; ".join(self._complaints) or str(error)) from error

    def prepare(self, work: Workload, told: Mapping[str, object]) -> float:
        if self._anew:
            self._load()
        return float(self._page.evaluate("(work) => contender.prepare(work)", told))

    def repeat(self, calls: int) -> float:
        return float(self._page.evaluate("(calls) => contender.repeat(calls)", calls))

    def result(self) -> bytes:
        return base64.b64decode(self._page.evaluate("contender.result()"))

    def release(self) -> None:
        self._page.evaluate("contender.release()")


class PythonSession:
    """A library in the blank page's Python, through a module of ours."""

    def __init__(self, blank: BlankPage, module: Path = IN_BROWSER) -> None:
        self._blank = blank
        self._name = module.stem
        self._blank.write_file(f"{FOLDER}/{module.name}", module.read_bytes())
        self._blank.py("import sys; sys.path.append(folder)", folder=FOLDER)
        self.adapter = adapter_name(self._call("adapter()"))

    def _call(self, call: str, **inputs: Any) -> Any:
        return self._blank.py(
            f"import {self._name} as bench\nawait bench.{call}", limit=LIMIT_SECONDS, **inputs
        )

    def prepare(self, work: Workload, told: Mapping[str, object]) -> float:
        lacking = self._blank.py(
            f"import {self._name} as bench\nbench.lacks(operation)", operation=work.operation
        )
        if lacking:
            raise NotThereError(f"{', '.join(lacking)} not there yet")
        return float(self._call("prepare(work)", work=told))

    def repeat(self, calls: int) -> float:
        return float(self._call("repeat(calls)", calls=calls))

    def result(self) -> bytes:
        return base64.b64decode(self._call("result()"))

    def release(self) -> None:
        self._blank.py(f"import {self._name} as bench\nbench.release()")

    def overhead(self) -> dict[str, float]:
        """What a step of many kernels costs in Python and JavaScript; see the module in Pyodide."""
        found: dict[str, float] = self._call("overhead()")
        return found


def _page(module: str, *, anew: bool = False) -> Callable[[Page, Sites], Session]:
    return lambda page, sites: PageSession(
        page, f"{sites.bench}contender.html?contender={module}", anew=anew
    )


def _all_but_transforms(operation: str) -> bool:
    """Those of ONNX Runtime and TensorFlow.js take n² steps: minutes on a software adapter."""
    return operation != "fft"


WEBTENSOR = Contender(
    "webtensor", lambda page, sites: PythonSession(BlankPage(page, sites.webtensor))
)
CEILING = Contender("hand-written", _page("ceiling"), takes=_all_but_transforms)
# No contender: what the others' bytes are held against.
COPY = Contender("a copy", _page("ceiling"))
PEERS = (
    # Its captured graphs of one page spoil each other: sessions after the first fail.
    Contender(
        "onnxruntime-web 1.30",
        _page("onnxruntime", anew=True),
        peer=True,
        takes=_all_but_transforms,
    ),
    Contender("TensorFlow.js 4.22", _page("tensorflow"), peer=True, takes=_all_but_transforms),
    Contender("jax-js 0.1.25", _page("jax"), peer=True),
)
# No peer, having no GPU, but what a program would use otherwise.
NUMPY = Contender(
    "NumPy in Pyodide",
    lambda page, sites: PythonSession(BlankPage(page, sites.webtensor), NUMPY_IN_BROWSER),
    takes=lambda operation: operation == "fft",
)
CONTENDERS = (WEBTENSOR, *PEERS, NUMPY, CEILING)
