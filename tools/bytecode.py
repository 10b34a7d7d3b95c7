"""Bytecode made ahead of time: Pyodide then starts in half the time and imports numpy in a quarter.

Pyodide ships its standard library and numpy as sources, which each visitor's browser would compile
at every start. The modules that a start needs are compiled here once, by Pyodide itself under Node;
the rest stays as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.console import say
from tools.files import hash_file, new_folder, write_text
from tools.npm import ensure_package, node_command
from tools.paths import BUILD, ROOT, cache_folder
from tools.processes import run_quietly
from tools.pyodide_wheels import pyodide_version

SCRIPTS = (ROOT / "tools" / "bytecode.mjs", ROOT / "tools" / "bytecode_in_pyodide.py")
STANDARD_LIBRARY, LOCK = "python_stdlib.zip", "pyodide-lock.json"
#: Only what these load is compiled: in a download bytecode takes twice the room of its source.
IMPORTS = (
    *("csv", "datetime", "decimal", "fractions", "html", "html.parser", "itertools", "json"),
    *("math", "numbers", "pprint", "random", "statistics", "string", "textwrap", "time", "timeit"),
    *("traceback", "unittest", "urllib.parse", "urllib.request", "uuid", "numpy", "numpy.fft"),
    *("numpy.linalg", "numpy.ma", "numpy.polynomial", "numpy.random", "numpy.testing"),
)
#: Type stubs, headers and static libraries: of no use in a browser.
DROPPED = (".pyi", ".h", ".a", ".pxd")
PYTHON_TAG = "cp314"
SITE_PACKAGES = "/lib/python3.14/site-packages/"
LIBRARY_ARCHIVE = "/lib/python314.zip/"


def key_of(*parts: str | Path) -> str:
    """A digest over texts and files' contents."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update((hash_file(part) if isinstance(part, Path) else part).encode() + b"\0")
    return digest.hexdigest()[:16]


def run_job(
    python: Path,
    standard_library: Path,
    folder: Path,
    imports: Sequence[str],
    packages: list[Path],
    archives: list[dict[str, Any]],
) -> None:
    """Let Pyodide compile archives inside `folder`."""
    job = {"imports": imports, "packages": [str(path) for path in packages], "archives": archives}
    pyodide = ensure_package("pyodide", python)
    run_quietly(
        [node_command(python), SCRIPTS[0], pyodide, standard_library, folder, json.dumps(job)],
        "Compiling Python modules",
    )


def compiled_distribution(python: Path, wheels: list[Path]) -> dict[str, Path]:
    """The standard library, numpy's wheel and their lock file: name → path in the cache.

    The lock file has numpy's new hash, and only the packages that the site serves: each start
    parses it.
    """
    pyodide = ensure_package("pyodide", python)
    numpy = next(path for path in wheels if path.name.startswith("numpy-"))
    original = pyodide / STANDARD_LIBRARY
    key = key_of(*SCRIPTS, original, numpy, *IMPORTS, *DROPPED)
    folder = cache_folder() / "pyodide" / f"{pyodide_version()}-compiled-{key}"
    if not folder.is_dir():
        say("Compiling the standard library and numpy to bytecode")
        with new_folder(folder) as temporary:
            sources = temporary / "sources"
            sources.mkdir()
            for path in (original, numpy):
                shutil.copyfile(path, sources / path.name)
            archives = [
                {"source": f"sources/{path.name}", "target": path.name, "prefix": prefix}
                | {"dropped": DROPPED, "sources": False}
                for path, prefix in ((original, LIBRARY_ARCHIVE), (numpy, SITE_PACKAGES))
            ]
            run_job(python, original, temporary, IMPORTS, [numpy], archives)
            shutil.rmtree(sources)
            lock = json.loads((pyodide / LOCK).read_text(encoding="utf-8"))
            names = {path.name for path in wheels}
            served = lock["packages"].items()
            lock["packages"] = {name: one for name, one in served if one["file_name"] in names}
            lock["packages"]["numpy"]["sha256"] = hash_file(temporary / numpy.name)
            write_text(temporary / LOCK, json.dumps(lock, separators=(",", ":"), sort_keys=True))
    return {name: folder / name for name in (STANDARD_LIBRARY, numpy.name, LOCK)}


def compiled_wheel(python: Path, wheel: Path, standard_library: Path) -> Path:
    """The package's wheel with bytecode beside its sources, tagged for Pyodide's Python only.

    The site's own pages load this one; the plain wheel is for everybody else.
    """
    folder = BUILD / "site-wheel" / key_of(*SCRIPTS, wheel)
    target = folder / wheel.name.replace("-py3-", f"-{PYTHON_TAG}-")
    if not target.is_file():
        say("Compiling webtensor to bytecode")
        shutil.rmtree(folder.parent, ignore_errors=True)
        with new_folder(folder) as temporary:
            source = temporary / wheel.name
            shutil.copyfile(wheel, source)
            names = {"source": source.name, "target": target.name, "prefix": SITE_PACKAGES}
            archive = {**names, "dropped": (), "sources": True}
            run_job(python, standard_library, temporary, [], [], [archive])
            source.unlink()
    return target
