"""The wheels that Pyodide's lock file names: from its CDN, else out of a wheel that carries them.

Wherever a file comes from, it must have the sha256 in the lock file of the npm package, whose own
integrity is locked.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.console import say
from tools.download import UnreachableError, download, require_sha256
from tools.errors import ToolError
from tools.files import hash_file, new_file
from tools.npm import LOCK as NPM_LOCK
from tools.npm import ensure_package, read_lock
from tools.paths import LOCKS, cache_folder
from tools.pip import download_locked, lock_key

SETTINGS = LOCKS / "pyodide.json"
CARRIER_LOCK = LOCKS / "carrier.txt"
COVERAGE_LOCK = LOCKS / "coverage.txt"
#: Seconds to wait for the CDN: where it is away, the other source takes a second.
CDN_TIMEOUT = 5.0
#: Names another copy of the CDN's folder, for machines that have a mirror.
CDN_VARIABLE = "WEBTENSOR_PYODIDE_CDN"


@dataclass(frozen=True)
class Wheel:
    """One file of Pyodide's lock file."""

    name: str
    file_name: str
    sha256: str


def settings() -> dict[str, Any]:
    """Which packages are wanted and where they can come from."""
    found: dict[str, Any] = json.loads(SETTINGS.read_text(encoding="utf-8"))
    return found


def pyodide_version() -> str:
    """The locked version of Pyodide."""
    return read_lock(NPM_LOCK)["pyodide"]["version"]


def cdn_folder() -> str:
    """The URL of the folder with this version's files, with a slash at the end."""
    default: str = settings()["cdn"].format(version=pyodide_version())
    return os.environ.get(CDN_VARIABLE, default).rstrip("/") + "/"


def wanted_wheels(lock: dict[str, Any], names: list[str]) -> list[Wheel]:
    """The named packages and all that they depend on, in a stable order."""
    packages = lock["packages"]
    pending, seen = list(names), set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        if name not in packages:
            raise ToolError(f"Pyodide's lock file names no package {name!r}.")
        seen.add(name)
        pending.extend(packages[name]["depends"])
    return [
        Wheel(name, packages[name]["file_name"], packages[name]["sha256"]) for name in sorted(seen)
    ]


def ensure_wheels(python: Path) -> list[Path]:
    """Fetch and verify the wheels unless they are in the cache; returns their paths."""
    package = ensure_package("pyodide", python)
    lock = json.loads((package / "pyodide-lock.json").read_text(encoding="utf-8"))
    wheels = wanted_wheels(lock, settings()["packages"])
    folder = cache_folder() / "pyodide" / pyodide_version()
    paths = [folder / f"{wheel.sha256[:16]}" / wheel.file_name for wheel in wheels]
    missing = [
        (wheel, path)
        for wheel, path in zip(wheels, paths, strict=True)
        # Hashing what is there costs milliseconds and notices a damaged cache.
        if not (path.is_file() and hash_file(path) == wheel.sha256)
    ]
    if missing:
        say(f"Downloading Pyodide's {', '.join(wheel.name for wheel, _ in missing)}")
        try:
            for wheel, path in missing:
                download(cdn_folder() + wheel.file_name, path, wheel.sha256, timeout=CDN_TIMEOUT)
        except UnreachableError as error:
            say(f"  {error}\n  Taking them from {settings()['carrier']['name']} instead.")
            extract_from_carrier(python, missing)
    return paths


def extract_from_carrier(python: Path, wanted: list[tuple[Wheel, Path]]) -> None:
    """Download the carrier wheel, copy the verified files out of it and forget it: it is 106 MB."""
    carrier = settings()["carrier"]
    what = f"{carrier['name']} {carrier['version']}"
    parent = cache_folder() / "pyodide"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, suffix=".part") as scratch:
        folder = Path(scratch) / "wheel"
        # The carrier's Requires-Python excludes new Pythons; it is never installed, only read.
        download_locked(
            python, CARRIER_LOCK, folder, what, ["--no-deps", "--python-version", "3.12"]
        )
        archive = next(folder.glob("*.whl"))
        with zipfile.ZipFile(archive) as bundle:
            for wheel, path in wanted:
                member = carrier["folder"] + wheel.file_name
                try:
                    source = bundle.open(member)
                except KeyError:
                    raise ToolError(f"{what} holds no {wheel.file_name}.") from None
                with source, new_file(path) as temporary:
                    with temporary.open("wb") as target:
                        shutil.copyfileobj(source, target)
                    require_sha256(hash_file(temporary), wheel.sha256, wheel.file_name)


def ensure_coverage_wheel(python: Path) -> Path:
    """The pure-Python coverage wheel that the tests load into Pyodide."""
    folder = cache_folder() / "wheels" / f"coverage-{lock_key(COVERAGE_LOCK)}"
    options = ["--no-deps", "--platform", "any", "--implementation", "py", "--abi", "none"]
    download_locked(python, COVERAGE_LOCK, folder, "coverage for Pyodide", options)
    return next(folder.glob("*.whl"))
