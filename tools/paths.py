"""Where things lie: in the checkout, and in the cache that all checkouts of one user share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "tools" / "locks"
DIST = ROOT / "dist"
BUILD = ROOT / "build"
PACKAGES = BUILD / "packages"
ENVIRONMENT = ROOT / ".venv"


def cache_folder() -> Path:
    """The per-user folder for downloads; every entry in it is named by version and hash."""
    configured = os.environ.get("XDG_CACHE_HOME")
    if configured:
        return Path(configured) / "webtensor"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "webtensor"
    local = os.environ.get("LOCALAPPDATA")
    if sys.platform == "win32" and local:
        return Path(local) / "webtensor" / "cache"
    return Path.home() / ".cache" / "webtensor"


def shown(path: Path) -> str:
    """A path as a person wants to read it: relative to the checkout where it lies inside."""
    try:
        return str(path.relative_to(ROOT))
    except ValueError:
        return str(path)
