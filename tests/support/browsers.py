"""The browsers that tests and benchmarks run in, and how each is launched.

`build.py` finds them and passes them on as JSON in WEBTENSOR_BROWSERS, the ones it could not find
with the reason in WEBTENSOR_BROWSERS_MISSING. Without the first, `tools.browsers.find` looks
without downloading anything, so that a bare `pytest` works too.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

REQUIRED = ("chromium", "shell", "firefox")
WEBGPU_ARGUMENTS = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")
WEBNN_ARGUMENTS = ("--enable-features=WebMachineLearningNeuralNetwork",)


@dataclass(frozen=True)
class BrowserEntry:
    """One browser: its name here, Playwright's engine, and what its launch needs."""

    name: str
    engine: str
    executable: str | None = None
    channel: str | None = None
    args: tuple[str, ...] = ()
    prefs: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)

    def without(self, *unwanted: str) -> BrowserEntry:
        """The same browser launched without these arguments."""
        return replace(self, args=tuple(one for one in self.args if one not in unwanted))

    def having(self, *wanted: str, prefs: dict[str, Any] | None = None) -> BrowserEntry:
        """The same browser launched with further arguments and preferences."""
        return replace(self, args=self.args + wanted, prefs={**self.prefs, **(prefs or {})})


def _entry(fields: dict[str, Any]) -> BrowserEntry:
    return BrowserEntry(
        name=fields["name"],
        engine=fields["engine"],
        executable=fields.get("executable"),
        channel=fields.get("channel"),
        args=tuple(fields.get("args") or ()),
        prefs=fields.get("prefs") or {},
        env=fields.get("env") or {},
    )


@cache
def _found() -> tuple[tuple[BrowserEntry, ...], dict[str, str]]:
    named = os.environ.get("WEBTENSOR_BROWSERS")
    if named:
        listed: list[dict[str, Any]] = json.loads(named)
        absent: dict[str, str] = json.loads(os.environ.get("WEBTENSOR_BROWSERS_MISSING") or "{}")
    else:
        from tools import browsers as tool

        listed, absent = tool.find()
    present = tuple(_entry(fields) for fields in listed)
    names = {entry.name for entry in present}
    for name in REQUIRED:
        if name not in names:
            absent.setdefault(name, "not found")
    return present, absent


def present() -> tuple[BrowserEntry, ...]:
    """The browsers to use, in the order in which they were found."""
    return _found()[0]


def missing() -> dict[str, str]:
    """Browsers that a full run needs and that are not here, each with the reason."""
    return _found()[1]


def named(name: str) -> BrowserEntry:
    return next(entry for entry in present() if entry.name == name)


def launch(playwright: Playwright, entry: BrowserEntry) -> Browser:
    """Start a browser headless."""
    options: dict[str, Any] = {"args": list(entry.args), "headless": True}
    if entry.executable:
        options["executable_path"] = entry.executable
    if entry.channel:
        options["channel"] = entry.channel
    if entry.prefs:
        options["firefox_user_prefs"] = entry.prefs
    # Without a language the shell's navigator.language is no valid tag, on which Intl throws.
    options["env"] = {**os.environ, "LANG": "en_US.UTF-8", **entry.env}
    browser: Browser = getattr(playwright, entry.engine).launch(**options)
    return browser
