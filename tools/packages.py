"""The package's wheel and sdist, built by hatchling: the same bytes for the same sources."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from pathlib import Path

from tools.console import say
from tools.errors import ToolError
from tools.paths import BUILD, PACKAGES, ROOT, shown
from tools.processes import run_quietly

#: What goes into the packages: a change in any of these builds them anew.
SOURCES = (
    "py",
    "wgsl",
    "static/replay.js",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
)
#: Bytes that the wheel may have: it is part of every page's start.
WHEEL_LIMIT = 500_000
#: Zip files know no earlier day; a fixed time makes the packages reproducible.
EPOCH = "315532800"


def package_version() -> str:
    """The version in the package's own __init__.py."""
    text = (ROOT / "py" / "webtensor" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if not found:
        raise ToolError('py/webtensor/__init__.py has no line `__version__ = "…"`.')
    return found[1]


def source_files() -> list[Path]:
    """All files that the packages are made of, sorted."""
    files: list[Path] = []
    for name in SOURCES:
        path = ROOT / name
        files += [path] if path.is_file() else path.rglob("*")
    return sorted(file for file in files if file.is_file() and "__pycache__" not in file.parts)


def sources_key() -> str:
    """A digest over names and contents of the sources."""
    digest = hashlib.sha256()
    for file in source_files():
        content = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def build_packages(python: Path) -> Path:
    """Build both into build/packages unless the sources are unchanged; returns the wheel."""
    stamp = BUILD / "packages.key"
    key = sources_key()
    version = package_version()
    wheel = PACKAGES / f"webtensor-{version}-py3-none-any.whl"
    sdist = PACKAGES / f"webtensor-{version}.tar.gz"
    if stamp.is_file() and stamp.read_text() == key and wheel.is_file() and sdist.is_file():
        return wheel
    say("Building the wheel and the sdist")
    PACKAGES.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    for old in PACKAGES.iterdir():
        old.unlink()
    run_quietly(
        [python, "-m", "hatchling", "build", "--directory", PACKAGES],
        "Building the packages",
        # Without the safe path this checkout's build.py would hide the module `build`.
        environment={"SOURCE_DATE_EPOCH": EPOCH, "PYTHONSAFEPATH": "1"},
        cwd=ROOT,
    )
    check_wheel(wheel)
    run_quietly(
        [python, "-m", "twine", "check", "--strict", wheel, sdist],
        "Checking the packages",
        environment={"PYTHONSAFEPATH": "1"},
        cwd=BUILD,
    )
    stamp.write_text(key)
    return wheel


def check_wheel(wheel: Path) -> None:
    """Raise ToolError when the wheel is too large or lacks its data."""
    size = os.path.getsize(wheel)
    if size > WHEEL_LIMIT:
        raise ToolError(f"{shown(wheel)} has {size} bytes, more than {WHEEL_LIMIT}.")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for needed in ("webtensor/js/replay.js", "webtensor/wgsl/"):
        if not any(name.startswith(needed) for name in names):
            raise ToolError(f"{shown(wheel)} lacks {needed}.")
