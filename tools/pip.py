"""pip against locked lists with hashes: download once into the cache, then install from there."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from tools.console import say
from tools.errors import ToolError
from tools.files import new_folder
from tools.paths import cache_folder
from tools.processes import run_quietly

NETWORK_ADVICE = (
    "Check the network connection, the disk and the settings of pip and npm, then run the same"
    " command again; nothing half-written was kept."
)


def lock_key(lock: Path) -> str:
    """Names what a lock file yields here: its content, this Python, this platform."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"{digest}-{sys.implementation.cache_tag}-{platform}"


def download_locked(
    python: Path, lock: Path, folder: Path, what: str, options: Sequence[str] = ()
) -> Path:
    """Fill `folder` with the wheels that `lock` names, hashes checked, unless it is there."""
    if folder.is_dir():
        return folder
    say(f"Downloading {what}")
    with new_folder(folder) as temporary:
        # pip unpacks in TMPDIR before it moves files: inside the new folder all goes when it fails.
        scratch = temporary / ".pip"
        scratch.mkdir()
        run_quietly(
            [
                *(python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
                *("--no-cache-dir", "--only-binary=:all:", "--require-hashes", *options),
                *("--dest", temporary, "--requirement", lock),
            ],
            what,
            advice=NETWORK_ADVICE,
            environment={"TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)},
            watch=temporary,
        )
        shutil.rmtree(scratch)
    return folder


def install_locked(
    python: Path, lock: Path, wheels: Path, what: str, options: Sequence[str] = ()
) -> None:
    """Install what `lock` names from `wheels`, without the network, checking every hash."""
    command: list[str | Path] = [python, "-m", "pip", "install", "--quiet"]
    command += ["--disable-pip-version-check", "--no-index", "--find-links", wheels]
    command += ["--require-hashes", *options, "--requirement", lock]
    try:
        run_quietly(
            command,
            what,
            advice="The downloads were deleted from the cache: run the same command again.",
            environment={"PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull},
        )
    except ToolError:
        # A damaged cache must not stay in the way of the next try.
        shutil.rmtree(wheels, ignore_errors=True)
        raise


def cached_wheels(key: str) -> Path:
    """The cache's folder for the wheels of one lock file."""
    return cache_folder() / "wheels" / key
