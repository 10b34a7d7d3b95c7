"""Who is measured. A contender is a small declaration: which backends it has in a browser, and a
function that opens its page and returns what measures a workload there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tests.bench.workloads import Matmul
from tests.support.blank import BlankPage

if TYPE_CHECKING:
    from playwright.sync_api import Page


@dataclass(frozen=True)
class Measurement:
    """What one workload took on one backend; the fields are those of a row."""

    adapter: str
    software: bool
    median_ms: float
    p95_ms: float
    cold_ms: float
    rel_err: float


class Session(Protocol):
    """A contender that is ready in a page."""

    def backends(self) -> tuple[str, ...]:
        """The backends that are there in this browser."""

    def measure(self, workload: Matmul, backend: str) -> Measurement:
        """Run a workload, warm and with its operands on the device."""


@dataclass(frozen=True)
class Contender:
    """A library under its name; `open` is given a fresh page and the site's address."""

    name: str
    open: Callable[[Page, str], Session]


class WebTensorSession:
    """webtensor in the blank page, through its own benchmark module."""

    def __init__(self, page: Page, site: str) -> None:
        self._blank = BlankPage(page, site)

    def backends(self) -> tuple[str, ...]:
        names: list[str] = self._blank.py(
            "import webtensor as wt; await wt.init(); [d.name for d in wt.devices() if d.available]"
        )
        return tuple(names)

    def measure(self, workload: Matmul, backend: str) -> Measurement:
        found = self._blank.py(
            "from webtensor import benchmark\nawait benchmark.matmul(m, n, k, device=device)",
            m=workload.m,
            n=workload.n,
            k=workload.k,
            device=backend,
        )
        return Measurement(
            adapter=found["adapter"],
            software=bool(found["software"]),
            median_ms=found["median_ms"],
            p95_ms=found["p95_ms"],
            cold_ms=found["cold_ms"],
            rel_err=found["rel_err"],
        )


CONTENDERS = (Contender("webtensor", WebTensorSession),)
