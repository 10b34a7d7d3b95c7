"""Text that travels with the package: WGSL kernels and the small JavaScript modules.

A wheel holds them inside the package (`webtensor/wgsl`, `webtensor/js`); a source checkout has them
at its root (`wgsl`, `static`).
"""

from __future__ import annotations

import functools
from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT_FOLDER = {"wgsl": "wgsl", "js": "static"}


@functools.cache
def text(folder: str, name: str) -> str:
    """The file `name` of `folder` ("wgsl" or "js")."""
    packaged = _PACKAGE / folder / name
    path = packaged if packaged.exists() else _PACKAGE.parents[1] / _CHECKOUT_FOLDER[folder] / name
    return path.read_text(encoding="utf-8")
