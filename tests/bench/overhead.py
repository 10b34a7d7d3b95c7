"""What Python and JavaScript cost per kernel, apart from what the device does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.bench.contenders import WEBTENSOR, PythonSession
from tests.bench.rows import Row, median, percentile
from tests.support.blank import BlankPage

NAME = "overhead of 100 kernels"

# Counts the calls of the methods of what webtensor's JavaScript gives to Python. Python keeps some
# of them, so they are replaced before it gets the object.
COUNT_CALLS = """() => {
  const counted = (globalThis.webtensorCalls = { calls: 0, inside: false });
  const count = (owner) => {
    const methods = Object.getPrototypeOf(owner);
    for (const name of Object.getOwnPropertyNames(methods)) {
      const original = methods[name];
      if (name === "constructor" || typeof original !== "function") continue;
      owner[name] = (...operands) => {
        // What one method calls of another is no crossing.
        const { inside } = counted;
        if (!inside) counted.calls += 1;
        counted.inside = true;
        try { return original.apply(owner, operands); } finally { counted.inside = inside; }
      };
    }
    return owner;
  };
  let module;
  Object.defineProperty(globalThis.webtensorModules ??= {}, "replay", {
    get: () => module,
    set: (given) => {
      const { open } = given;
      module = {
        ...given,
        open: async (...operands) => {
          const opened = await open(...operands);
          return typeof opened === "string" ? opened : count(opened);
        },
      };
    },
  });
}"""


@dataclass(frozen=True)
class Overhead:
    """Milliseconds from a step's call until all of it is submitted, with the device idle before.

    Attributes:
        kernels: in one step.
        calls: from Python to JavaScript, in one step.
        compiled: whether the step was captured by `compile`, or evaluated as expressions.
    """

    kernels: int
    calls: float
    compiled: bool
    adapter: str
    cold_ms: float
    times: tuple[float, ...]

    def text(self) -> str:
        per_kernel = median(self.times) / self.kernels * 1e3
        how = "compiled" if self.compiled else "not compiled: this webtensor has no compile()"
        return (
            f"Python and JavaScript per kernel: {per_kernel:.1f} µs"
            f" ({self.kernels} products of 4×4 in one step, {how});"
            f" calls from Python to JavaScript per step: {self.calls:g}"
        )

    def row(self, browser: str) -> Row:
        return Row(
            workload=NAME,
            contender=WEBTENSOR.name,
            backend="webgpu",
            browser=browser,
            adapter=self.adapter,
            median_ms=median(self.times),
            p95_ms=percentile(self.times, 0.95),
            cold_ms=self.cold_ms,
            rel_err=None,
        )


def wanted(only: re.Pattern[str]) -> bool:
    """Whether somebody asked for it."""
    return bool(only.search(f"{NAME} {WEBTENSOR.name} webgpu"))


def measure(blank: BlankPage) -> Overhead:
    """In a page in which webtensor has not been started."""
    blank.page.evaluate(COUNT_CALLS)
    session = PythonSession(blank)
    found = session.overhead()
    return Overhead(adapter=session.adapter, **{**found, "times": tuple(found["times"])})
