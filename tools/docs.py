"""dist/docs/: the API reference, made from the docstrings by pdoc, which is no part of .venv."""

from __future__ import annotations

import os
from pathlib import Path

from tools.console import say
from tools.files import hash_file, new_folder
from tools.packages import sources_key
from tools.paths import BUILD, LOCKS, ROOT, cache_folder
from tools.pip import cached_wheels, download_locked, install_locked, lock_key
from tools.processes import run_quietly

LOCK = LOCKS / "docs.txt"
#: The script and the templates.
GENERATOR = ROOT / "tools" / "reference"
REFERENCE = BUILD / "docs"
#: Written last: a folder without it was not finished.
STAMP = "key"


def ensure_generator(python: Path) -> Path:
    """pdoc and what it needs, as a folder for PYTHONPATH in the user's cache."""
    key = lock_key(LOCK)
    folder = cache_folder() / "docs" / key
    if not folder.is_dir():
        wheels = download_locked(python, LOCK, cached_wheels(key), "the documentation generator")
        with new_folder(folder) as temporary:
            options = ("--target", str(temporary))
            install_locked(python, LOCK, wheels, "Installing the generator", options)
    return folder


def reference_key() -> str:
    """A digest over the package's sources, the generator's script, templates and versions."""
    files = [LOCK, *sorted(path for path in GENERATOR.iterdir() if path.is_file())]
    return " ".join([sources_key(), *map(hash_file, files)])


def reference_files(python: Path) -> dict[str, Path]:
    """The reference, made anew where something changed: name in dist/ → source."""
    key = reference_key()
    stamp = REFERENCE / STAMP
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != key:
        make_reference(python, key)
    pages = (path for path in sorted(REFERENCE.rglob("*")) if path.is_file() and path != stamp)
    return {f"docs/{path.relative_to(REFERENCE).as_posix()}": path for path in pages}


def make_reference(python: Path, key: str) -> None:
    """Write all pages into build/docs."""
    say("Writing the API reference")
    packages = ensure_generator(python)
    stamp = REFERENCE / STAMP
    stamp.unlink(missing_ok=True)
    for old in sorted(REFERENCE.rglob("*.*")):
        if old.is_file():
            old.unlink()
    REFERENCE.mkdir(parents=True, exist_ok=True)
    run_quietly(
        [python, GENERATOR / "generate.py", REFERENCE],
        "Writing the API reference",
        environment={
            "PYTHONPATH": os.pathsep.join([str(packages), str(ROOT / "py")]),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=BUILD,
    )
    stamp.write_text(key, encoding="utf-8")
