"""Python inside a browser: dist/blank.html driven from a test or a benchmark."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

RUNNER = Path(__file__).with_name("in_browser.py")
LIMIT_SECONDS = 240.0

_START = """async (source) => {
  await window.ready;
  window.runFromTest = window.pyodide.runPython(source);
}"""

# The race only helps where Python waits; a test that never yields is for the run's own time limit.
_RUN = """async ([code, inputs, limit]) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limit} s`)), limit * 1000);
  });
  const reply = (async () => JSON.parse(await window.runFromTest(code, inputs)))();
  try { return await Promise.race([reply, late]); } finally { clearTimeout(timer); }
}"""

# What a function given as text makes of the original takes its place; without one it is removed.
_PATCH = """([path, name, replacement]) => {
  const owner = path.split(".").reduce((object, key) => object[key], window);
  const before = Object.getOwnPropertyDescriptor(owner, name);
  (window.undoPatches ??= []).push(() => Object.defineProperty(owner, name, before));
  if (replacement === null) delete owner[name];
  else owner[name] = (0, eval)(`(original) => ${replacement}`)(owner[name]);
}"""

_MEND = "() => { for (const undo of (window.undoPatches ?? []).splice(0).reverse()) undo(); }"

_FORGET = """
import sys
for name in [name for name in sys.modules if name.split(".")[0] == "webtensor"]:
    del sys.modules[name]
"""

_WRITE = """([path, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  window.pyodide.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  window.pyodide.FS.writeFile(path, bytes);
}"""

_READ = """(path) => {
  const bytes = window.pyodide.FS.readFile(path);
  let text = "";
  for (let start = 0; start < bytes.length; start += 32768)
    text += String.fromCharCode(...bytes.subarray(start, start + 32768));
  return btoa(text);
}"""


class RemoteError(Exception):
    """An exception that Python raised inside the browser; `kind` is its class's name."""

    def __init__(self, kind: str, message: str, traceback: str) -> None:
        super().__init__(f"{kind}: {message}\n{traceback}")
        self.kind = kind
        self.message = message
        self.traceback = traceback


class BlankPage:
    """A page on blank.html whose Python runs what it is given."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.crashed = False
        page.on("crash", self._note_crash)
        page.goto(f"{site}blank.html")
        page.evaluate(_START, RUNNER.read_text(encoding="utf-8"))

    def _note_crash(self, page: Page) -> None:
        self.crashed = True

    def py(self, code: str, *, limit: float = LIMIT_SECONDS, **inputs: Any) -> Any:
        """Run code, which may await, in a namespace of its own that holds the inputs.

        Returns the value of the last expression, by way of JSON. Raises RemoteError for what
        Python raised.
        """
        reply = self.page.evaluate(_RUN, [code, json.dumps(inputs), limit])
        if "error" in reply:
            raise RemoteError(**reply["error"])
        return reply["value"]

    def patch(self, owner: str, name: str, replacement: str | None) -> None:
        """Replace a property of a JavaScript object by a JavaScript expression, in which `original`
        is what was there; None removes it. `mend` brings everything back."""
        self.page.evaluate(_PATCH, [owner, name, replacement])

    def mend(self) -> None:
        """Undo every patch."""
        self.page.evaluate(_MEND)

    def forget_package(self) -> None:
        """Make the next `import webtensor` start anew, with no device asked for."""
        self.py(_FORGET)

    def write_file(self, path: str, content: bytes) -> None:
        """Put a file, and the folders it needs, into Python's file system."""
        self.page.evaluate(_WRITE, [path, base64.b64encode(content).decode("ascii")])

    def read_file(self, path: str) -> bytes:
        """Bring a file out of Python's file system."""
        return base64.b64decode(self.page.evaluate(_READ, path))
