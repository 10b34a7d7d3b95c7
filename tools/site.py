"""dist/: the static site, from the checkout and the verified downloads; relative URLs only."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from tools.bytecode import STANDARD_LIBRARY, compiled_distribution, compiled_wheel
from tools.cdn import RUNTIME_FILES, Cdn, shim
from tools.console import say
from tools.docs import reference_files
from tools.environment import ensure_environment
from tools.files import copy_if_changed, hash_file, write_text
from tools.npm import ensure_package
from tools.packages import build_packages, package_version
from tools.paths import DIST, ROOT, shown
from tools.pyodide_wheels import ensure_wheels, pyodide_version

#: Where each file of an npm package goes: package, glob inside it, folder in dist/.
NPM_FILES = (
    ("@pyscript/core", "dist/*.js", "pyscript"),
    ("@pyscript/core", "dist/*.css", "pyscript"),
    ("@pyscript/core", "LICENSE", "pyscript"),
    ("@micropython/micropython-webassembly-pyscript", "micropython.mjs", "micropython"),
    ("@micropython/micropython-webassembly-pyscript", "micropython.wasm", "micropython"),
    ("uplot", "dist/uPlot.esm.js", "vendor"),
    ("uplot", "dist/uPlot.min.css", "vendor"),
    ("uplot", "LICENSE", "vendor"),
)
#: Served, but not fetched ahead for offline use: what PyScript loads for editors, terminals,
#: archives (the small modules that look out for those are loaded on every page); the reference.
RARELY_USED = re.compile(r"^docs/|pyscript/(codemirror|xterm|zip-)|/LICENSE$")
#: Written after the hash is known, so not part of it.
HASHED_LATER = ("build.json", "sw.js")


def own_files() -> dict[str, Path]:
    """The checkout's own files: name in dist/ → source."""
    files = {"index.html": ROOT / "index.html", "blank.html": ROOT / "static" / "blank.html"}
    for folder in ("app", "static"):
        for source in sorted((ROOT / folder).rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                files[source.relative_to(ROOT).as_posix()] = source
    # These two live at dist's root: a worker's scope is its own folder.
    del files["static/blank.html"], files["static/sw.js"]
    return files


def npm_files(python: Path) -> dict[str, Path]:
    """What npm packages contribute: name in dist/ → source."""
    files: dict[str, Path] = {}
    for package, pattern, folder in NPM_FILES:
        for source in sorted(ensure_package(package, python).glob(pattern)):
            files[f"{folder}/{source.name}"] = source
    return files


def content_hash(folder: Path, names: list[str]) -> str:
    """A digest over names and contents."""
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(f"{name}\0{hash_file(folder / name)}\n".encode())
    return digest.hexdigest()[:20]


def remove_others(folder: Path, wanted: set[str]) -> int:
    """Delete what an earlier build left; returns how many files."""
    removed = 0
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
            removed += 1
    return removed


def service_worker(build_hash: str, files: list[str], cdn: Cdn | None) -> str:
    """static/sw.js with this build's hash, the files to keep for offline use, and other hosts."""
    template = (ROOT / "static" / "sw.js").read_text(encoding="utf-8")
    kept = [name for name in files if not RARELY_USED.search(name)]
    # A visit to the folder itself asks for "./", not for index.html.
    names = json.dumps(["./", *sorted(kept)])
    hosts = json.dumps([cdn.runtime, cdn.packages] if cdn else [])
    text = template.replace("@build-hash@", build_hash)
    return text.replace('["@files@"]', names).replace('["@hosts@"]', hosts)


def pyodide_files(python: Path, wheels: list[Path], cdn: Cdn | None) -> dict[str, Path]:
    """Pyodide's folder in dist/: all of it, or the module that loads it from a CDN."""
    if cdn:
        return {"pyodide/pyodide.mjs": shim(python, cdn)}
    package = ensure_package("pyodide", python)
    files = {f"pyodide/{name}": package / name for name in RUNTIME_FILES}
    files |= {f"pyodide/{path.name}": path for path in wheels}
    # These take the place of files above.
    compiled = compiled_distribution(python, wheels)
    return files | {f"pyodide/{name}": path for name, path in compiled.items()}


def build_site(cdn: Cdn | None = None) -> Path:
    """Bring dist/ up to date, doing only what has changed; returns its folder."""
    python = ensure_environment()
    wheel = build_packages(python)
    wheels = ensure_wheels(python)
    library = compiled_distribution(python, wheels)[STANDARD_LIBRARY]
    # The plain wheel is for other people's pages and environments, the other one for our own pages.
    site_wheel = compiled_wheel(python, wheel, library)
    files = own_files() | npm_files(python) | pyodide_files(python, wheels, cdn)
    files |= {f"packages/{path.name}": path for path in (wheel, site_wheel)}
    files |= reference_files(python)

    changed = sum(copy_if_changed(source, DIST / name) for name, source in sorted(files.items()))
    changed += remove_others(DIST, {*files, *HASHED_LATER})
    build_hash = content_hash(DIST, list(files))
    numpy = next(path.name for path in wheels if path.name.startswith("numpy-"))
    description = {
        "version": package_version(),
        "hash": build_hash,
        "wheel": f"packages/{site_wheel.name}",
        "numpy": f"{cdn.packages if cdn else 'pyodide/'}{numpy}",
        "pyodide": pyodide_version(),
    }
    write_text(DIST / "build.json", json.dumps(description, indent=2) + "\n")
    write_text(DIST / "sw.js", service_worker(build_hash, [*files, "build.json"], cdn))
    state = f"{changed} files changed" if changed else "up to date"
    say(f"{shown(DIST)}: {state}, build {build_hash}")
    return DIST
