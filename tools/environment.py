"""The checkout's virtual environment: locked versions, installed from the cache."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tools.console import say
from tools.errors import ToolError
from tools.paths import ENVIRONMENT, LOCKS, shown
from tools.pip import cached_wheels, download_locked, install_locked, lock_key
from tools.processes import run_quietly

LOCK = LOCKS / "requirements.txt"
#: Written last: an environment without it is one whose installation did not end.
STAMP = "webtensor.lock"


def environment_python(folder: Path = ENVIRONMENT) -> Path:
    """The interpreter of a virtual environment."""
    if os.name == "nt":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def ensure_environment(folder: Path = ENVIRONMENT, lock: Path = LOCK) -> Path:
    """Make the virtual environment unless it is there for this lock; returns its interpreter."""
    python = environment_python(folder)
    key = lock_key(lock)
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == key and python.exists():
        return python
    say(f"Making the Python environment in {shown(folder)}")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        # Inside another virtual environment the base interpreter is the one that lasts.
        base = getattr(sys, "_base_executable", None) or sys.executable
        run_quietly(
            [base, "-m", "venv", folder],
            "The virtual environment",
            advice="On Debian and Ubuntu: apt install python3-venv, then run this again.",
        )
        if not python.exists():
            raise ToolError(f"The virtual environment has no interpreter at {python}.")
        wheels = download_locked(python, lock, cached_wheels(key), "Python packages")
        install_locked(python, lock, wheels, "Installing Python packages")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    stamp.write_text(key, encoding="utf-8")
    return python
