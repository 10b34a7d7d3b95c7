"""Which adapter and which backends a browser must have, and which it really used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.blank import BlankPage
from tests.support.browsers import REQUIRED, BrowserEntry
from tests.support.report import note

_ADAPTER = """async () => {
  const adapter = navigator.gpu ? await navigator.gpu.requestAdapter() : null;
  if (!adapter) return null;
  const {vendor, architecture, isFallbackAdapter} = adapter.info;
  const f16 = adapter.features.has("shader-f16"), subgroups = adapter.features.has("subgroups");
  return {vendor, architecture, software: isFallbackAdapter, f16, subgroups};
}"""
_WEBNN = """async () => {
  try { return Boolean(await navigator.ml?.createContext({deviceType: "cpu"})); }
  catch { return false; }
}"""


@dataclass(frozen=True)
class Expected:
    """What a browser has on the machines that run CI: software adapters, since they have no GPU."""

    architecture: str
    f16: bool
    subgroups: bool
    webnn: bool


SWIFTSHADER = Expected("swiftshader", f16=False, subgroups=True, webnn=False)
EXPECTED = {
    "chromium": SWIFTSHADER,
    "shell": Expected("swiftshader", f16=False, subgroups=True, webnn=True),
    # Firefox names no adapter. Mesa's llvmpipe is its only software one: f16, no subgroups.
    "firefox": Expected("", f16=True, subgroups=False, webnn=False),
}


def has_webnn(name: str) -> bool:
    """Whether the browser of this name runs WebNN in the tests."""
    return name in EXPECTED and EXPECTED[name].webnn


def backends(name: str) -> tuple[str, ...]:
    """The backends that tests run on in the browser of this name."""
    return ("webgpu", "webnn", "cpu") if has_webnn(name) else ("webgpu", "cpu")


def observe(blank: BlankPage, entry: BrowserEntry, *, strict: bool) -> dict[str, Any]:
    """Start webtensor and check its devices against the browser's own answers, and with `strict`
    against the table above. Puts what was found in the run's summary; returns the capabilities."""
    adapter = blank.page.evaluate(_ADAPTER)
    webnn = blank.page.evaluate(_WEBNN)
    found = blank.py("import webtensor as wt; await wt.init(); wt.capabilities()")
    gpu = found["webgpu"]
    assert gpu["available"] == (adapter is not None), gpu
    assert found["webnn"]["available"] == webnn, found["webnn"]
    assert found["cpu"]["available"], found["cpu"]
    if adapter:
        assert gpu["software"] == adapter["software"], (gpu, adapter)
        assert gpu["f16"] == adapter["f16"], (gpu, adapter)
        assert gpu["subgroups"] == adapter["subgroups"], (gpu, adapter)
        assert gpu["architecture"] == adapter["architecture"], (gpu, adapter)
    if strict and entry.name in REQUIRED:
        wanted = EXPECTED[entry.name]
        seen = Expected(adapter["architecture"], adapter["f16"], adapter["subgroups"], webnn)
        assert seen == wanted, f"{entry.name} ran on {seen}, this run needs {wanted}"
        assert adapter["software"], "the figures and tolerances of CI are for software adapters"
    note(f"{entry.name} {blank.page.context.browser.version}: {describe(found)}")
    return found


def describe(found: dict[str, Any]) -> str:
    """One line on the backends of a browser, software adapters labelled."""
    gpu = found["webgpu"]
    parts = [gpu.get(part) or "" for part in ("vendor", "architecture", "description")]
    adapter = " ".join(part for part in parts if part) or "adapter not named"
    if gpu["available"]:
        lines = [f"webgpu ({adapter}{', software' if gpu['software'] else ''})"]
    else:
        lines = [f"no webgpu: {gpu['reason']}"]
    if found["webnn"]["available"]:
        lines.append("webnn")
    else:
        lines.append(f"no webnn: {found['webnn']['reason']}")
    return "; ".join(["cpu", *lines])
