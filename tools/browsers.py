"""The browsers for tests and benchmarks: found where they are, installed where that is possible.

Each is described by a dictionary that Playwright's launch can be made from: `name`, `engine`
(Playwright's), and `executable`, `channel`, `args`, `prefs`, `env`. The tests get them as JSON in
WEBTENSOR_BROWSERS, what is missing with its reason in WEBTENSOR_BROWSERS_MISSING.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools import shell_browser
from tools.console import say, warn
from tools.environment import environment_python
from tools.errors import ToolError
from tools.processes import run_quietly

Entry = dict[str, Any]

#: What a complete run needs, and what is used besides where it is installed.
REQUIRED = ("chromium", "shell", "firefox")
OPTIONAL = ("chrome", "edge")
NAMES = (*REQUIRED, *OPTIONAL)

WEBGPU = "--enable-unsafe-webgpu"
SHELL_ARGUMENTS = (
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=WebMachineLearningNeuralNetwork",
)
FIREFOX_PREFERENCES = {"dom.webgpu.enabled": True, "gfx.webgpu.ignore-blocklist": True}
#: Playwright drives an installed, unpatched Firefox under this channel, over WebDriver BiDi.
FIREFOX_CHANNEL = "moz-firefox"

#: Debian's packages; the Vulkan driver serves Firefox and wgpu-py on machines without a GPU.
DEBIAN_PACKAGES = {
    "chromium": ("chromium",),
    "firefox": ("firefox-esr", "mesa-vulkan-drivers"),
}
VULKAN_DRIVERS = Path("/usr/share/vulkan/icd.d")

#: Commands, then absolute paths, under which each browser is installed on Linux, macOS and Windows.
PLACES = {
    "chromium": (
        "chromium",
        "chromium-browser",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
    "firefox": (
        "firefox-esr",
        "firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        "%ProgramFiles%/Mozilla Firefox/firefox.exe",
    ),
    "chrome": (
        "google-chrome",
        "google-chrome-stable",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "%ProgramFiles%/Google/Chrome/Application/chrome.exe",
    ),
    "edge": (
        "microsoft-edge",
        "microsoft-edge-stable",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        "%ProgramFiles(x86)%/Microsoft/Edge/Application/msedge.exe",
    ),
}
OWN_BROWSER_SCRIPT = """\
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(getattr(playwright, sys.argv[1]).executable_path)
"""


def is_root() -> bool:
    """Whether this process may install system packages; Chromium's sandbox does not work then."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def installed(name: str) -> str | None:
    """The path of an installed browser."""
    for place in PLACES[name]:
        path = shutil.which(os.path.expandvars(place))
        if path:
            return path
    return None


def playwrights_own(engine: str) -> str | None:
    """The path of the browser that Playwright itself has downloaded, where it has."""
    command = [str(environment_python()), "-c", OWN_BROWSER_SCRIPT, engine]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    path = answer.stdout.strip()
    return path if answer.returncode == 0 and os.path.exists(path) else None


def chromium_entry(name: str, executable: str, arguments: Iterable[str] = ()) -> Entry:
    """A browser with Chromium's engine."""
    sandbox = ["--no-sandbox"] if is_root() else []
    args = [*sandbox, WEBGPU, *arguments]
    return {"name": name, "engine": "chromium", "executable": executable, "args": args}


def locate(name: str) -> Entry | None:
    """How to launch the browser, or None where it is not on this machine."""
    if name == "shell":
        if not (shell_browser.runs_here() and shell_browser.executable().is_file()):
            return None
        entry = chromium_entry(name, str(shell_browser.executable()), SHELL_ARGUMENTS)
        return entry | {"env": shell_browser.environment()}
    path = installed(name)
    if name == "firefox":
        entry = {"name": name, "engine": "firefox", "prefs": FIREFOX_PREFERENCES}
        if path:
            return entry | {"executable": path, "channel": FIREFOX_CHANNEL}
        own = playwrights_own("firefox")
        return entry | {"executable": own} if own else None
    if path is None and name == "chromium":
        path = playwrights_own("chromium")
    return chromium_entry(name, path) if path else None


def find(names: Iterable[str] = NAMES) -> tuple[list[Entry], dict[str, str]]:
    """The browsers on this machine, and the missing ones with the reason; installs nothing."""
    present, missing = [], {}
    for name in names:
        entry = locate(name)
        if entry:
            present.append(entry)
        elif name in REQUIRED:
            missing[name] = why_missing(name)
    return present, missing


def why_missing(name: str) -> str:
    """What a person can do about a browser that is not there."""
    if name == "shell" and not shell_browser.runs_here():
        return "the npm package's Chromium is for Linux on x86-64"
    return "not installed; `python3 build.py setup --browsers` says why"


def check_names(names: Iterable[str]) -> None:
    """Raise ToolError for a name that is no browser's."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise ToolError(f"No browser is called {', '.join(unknown)}; there are {', '.join(NAMES)}.")


def ensure(python: Path, names: Iterable[str] = NAMES) -> tuple[list[Entry], dict[str, str]]:
    """Install what is missing, where that is possible, then `find`."""
    names = tuple(names)
    reasons: dict[str, str] = {}
    absent = [name for name in names if name in REQUIRED and locate(name) is None]
    if "firefox" in names and sys.platform == "linux" and not has_vulkan_driver():
        # Firefox is there, but without a driver it has no WebGPU.
        absent += ["firefox"] if "firefox" not in absent else []
    if can_use_apt() and (
        packages := [p for name in absent for p in DEBIAN_PACKAGES.get(name, ())]
    ):
        try:
            install_with_apt(packages)
        except ToolError as error:
            warn(f"  {error}")
    for name in absent:
        try:
            install(name, python)
        except ToolError as error:
            reasons[name] = " ".join(str(error).split())
    present, missing = find(names)
    return present, {name: reasons.get(name, reason) for name, reason in missing.items()}


def install(name: str, python: Path) -> None:
    """Install one browser unless it has come by now."""
    if locate(name) is not None:
        return
    if name == "shell":
        if shell_browser.runs_here():
            shell_browser.ensure(python)
        return
    say(f"Downloading Playwright's {name}")
    run_quietly([python, "-m", "playwright", "install", name], f"Playwright's {name}")


def has_vulkan_driver() -> bool:
    """Whether any Vulkan driver is registered."""
    return VULKAN_DRIVERS.is_dir() and any(VULKAN_DRIVERS.glob("*.json"))


def can_use_apt() -> bool:
    """Whether Debian's packages can be installed: others' apt has other names, or only snaps."""
    release = Path("/etc/os-release")
    if not (is_root() and shutil.which("apt-get") and release.is_file()):
        return False
    return "ID=debian" in release.read_text(encoding="utf-8").splitlines()


def install_with_apt(packages: list[str]) -> None:
    """Install Debian packages, with fresh lists: old ones name files that are gone."""
    say(f"Installing {', '.join(packages)} with apt")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    archives = Path("/var/cache/apt/archives")
    run_quietly(["apt-get", "update", "--quiet"], "apt's lists", environment=quiet)
    run_quietly(
        ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *packages],
        "Debian packages",
        environment=quiet,
        watch=archives,
    )


def variables(present: list[Entry], missing: dict[str, str]) -> dict[str, str]:
    """The environment that tells tests and benchmarks which browsers to use."""
    return {
        "WEBTENSOR_BROWSERS": json.dumps(present),
        "WEBTENSOR_BROWSERS_MISSING": json.dumps(missing),
    }
