"""The small dist/ of `build --cdn`: Pyodide and numpy come from a CDN, with integrity.

The runtime comes from the CDN's copy of the very npm package whose integrity is locked, so the
digests made from that package hold there; the wheels come from Pyodide's folder on the same CDN.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tools.files import integrity, write_text
from tools.npm import ensure_package
from tools.paths import BUILD, ROOT
from tools.pyodide_wheels import cdn_folder, pyodide_version, settings

TEMPLATE = ROOT / "tools" / "pyodide_from_cdn.mjs"
RUNTIME_FILES = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)


@dataclass(frozen=True)
class Cdn:
    """Two folders' URLs, each with a slash at the end."""

    runtime: str
    packages: str


def public_cdn() -> Cdn:
    """Where everybody can get this version of Pyodide."""
    runtime: str = settings()["runtime"].format(version=pyodide_version())
    return Cdn(runtime, cdn_folder())


def own_cdn(url: str) -> Cdn:
    """A mirror that has the runtime and the wheels in one folder."""
    folder = url.rstrip("/") + "/"
    return Cdn(folder, folder)


def shim(python: Path, cdn: Cdn) -> Path:
    """The module that takes pyodide.mjs's place in dist/."""
    package = ensure_package("pyodide", python)
    digests = {name: integrity(package / name, "sha384") for name in RUNTIME_FILES}
    text = TEMPLATE.read_text(encoding="utf-8")
    for placeholder, value in (
        ("@runtime@", cdn.runtime),
        ("@packages@", cdn.packages),
        ("@version@", pyodide_version()),
        ('{ "@files@": "@integrity@" }', json.dumps(digests, indent=2)),
    ):
        text = text.replace(placeholder, value)
    target = BUILD / "cdn" / "pyodide.mjs"
    write_text(target, text)
    return target
