"""Which browsers are used, and what is said about those that are not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools import browsers, shell_browser, testing
from tools.errors import ToolError


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the installed browsers; nothing can be installed."""
    names = {"chromium", "edge"}

    def locate(name: str) -> dict[str, Any] | None:
        return {"name": name, "engine": "chromium"} if name in names else None

    def install(name: str, python: Path) -> None:
        raise ToolError(f"{name} cannot be\n had")

    monkeypatch.setattr(browsers, "locate", locate)
    monkeypatch.setattr(browsers, "install", install)
    monkeypatch.setattr(browsers, "can_use_apt", lambda: False)
    monkeypatch.delenv("CI", raising=False)
    return names


def decoded(variables: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    present = [entry["name"] for entry in json.loads(variables["WEBTENSOR_BROWSERS"])]
    return present, json.loads(variables["WEBTENSOR_BROWSERS_MISSING"])


def test_all_that_are_found_are_used(machine: set[str]) -> None:
    present, missing = decoded(testing.choose_browsers(Path("python"), []))
    assert present == ["chromium", "edge"]
    # Optional browsers are not missed.
    assert missing == {"shell": "shell cannot be had", "firefox": "firefox cannot be had"}


def test_one_can_be_picked(machine: set[str]) -> None:
    present, missing = decoded(testing.choose_browsers(Path("python"), ["edge"]))
    assert present == ["edge"]
    assert set(missing.values()) == {"left out by --browser"}


def test_a_picked_one_must_be_there(machine: set[str]) -> None:
    with pytest.raises(ToolError, match="chrome: not installed"):
        testing.choose_browsers(Path("python"), ["chrome"])


def test_ci_needs_all_three(machine: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(ToolError, match="firefox: firefox cannot be had"):
        testing.choose_browsers(Path("python"), [])
    machine |= {"shell", "firefox"}
    present, missing = decoded(testing.choose_browsers(Path("python"), []))
    assert set(present) == {"chromium", "shell", "firefox", "edge"}
    assert missing == {}


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ToolError, match="No browser is called netscape"):
        testing.choose_browsers(Path("python"), ["netscape"])


def test_how_each_is_launched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(browsers, "installed", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(browsers, "is_root", lambda: True)
    chromium = browsers.locate("chromium")
    assert chromium is not None
    assert chromium["executable"] == "/usr/bin/chromium"
    assert chromium["args"] == ["--no-sandbox", "--enable-unsafe-webgpu"]
    monkeypatch.setattr(browsers, "is_root", lambda: False)
    edge = browsers.locate("edge")
    assert edge is not None
    assert edge["args"] == ["--enable-unsafe-webgpu"]
    firefox = browsers.locate("firefox")
    assert firefox is not None
    assert firefox["channel"] == "moz-firefox"
    assert firefox["prefs"]["dom.webgpu.enabled"] is True


def test_the_shell_brings_its_libraries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(shell_browser, "runs_here", lambda: True)
    monkeypatch.setattr(shell_browser, "SYSTEM_FONTS", tmp_path / "none")
    assert browsers.locate("shell") is None
    executable = shell_browser.executable()
    executable.parent.mkdir(parents=True)
    executable.touch()
    entry = browsers.locate("shell")
    assert entry is not None
    assert "--enable-features=WebMachineLearningNeuralNetwork" in entry["args"]
    assert entry["env"] == {
        "LD_LIBRARY_PATH": str(executable.parent / "lib"),
        "FONTCONFIG_FILE": str(executable.parent / "fonts.conf"),
    }


def test_playwrights_own_browsers_are_a_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(browsers, "installed", lambda name: None)
    monkeypatch.setattr(browsers, "playwrights_own", lambda engine: f"/cache/{engine}")
    chromium, firefox = browsers.locate("chromium"), browsers.locate("firefox")
    assert chromium is not None
    assert chromium["executable"] == "/cache/chromium"
    assert firefox is not None
    assert firefox["executable"] == "/cache/firefox"
    assert "channel" not in firefox
    assert browsers.locate("chrome") is None


@pytest.mark.parametrize(
    ("line", "closing"),
    [
        ("===== 12 passed, 1 skipped in 3.45s =====", True),
        ("\x1b[32m===== \x1b[1m12 passed\x1b[0m in 3.45s (0:01:02) =====\x1b[0m", True),
        ("===== devices that ran =====", False),
    ],
)
def test_the_closing_line_is_recognised(line: str, closing: bool) -> None:
    assert bool(testing.CLOSING_LINE.match(line)) is closing
