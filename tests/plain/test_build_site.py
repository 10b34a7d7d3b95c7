"""What goes into dist/, its hash, and the files made from templates."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tools import packages, site
from tools.cdn import Cdn, own_cdn, public_cdn
from tools.errors import ToolError
from tools.paths import ROOT


def test_the_sites_own_files() -> None:
    files = site.own_files()
    assert {"index.html", "blank.html", "static/blank.js", "static/replay.js"} <= set(files)
    # These two are at the root only: a service worker's scope is its own folder.
    assert not {"static/blank.html", "static/sw.js"} & set(files)
    assert all(source.is_file() for source in files.values())


def test_the_hash_follows_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    first = site.content_hash(tmp_path, ["a", "b"])
    assert site.content_hash(tmp_path, ["b", "a"]) == first
    (tmp_path / "b").write_text("3")
    assert site.content_hash(tmp_path, ["a", "b"]) != first
    assert site.content_hash(tmp_path, ["a"]) != first


def test_files_of_an_earlier_build_go(tmp_path: Path) -> None:
    (tmp_path / "old" / "deep").mkdir(parents=True)
    (tmp_path / "old" / "deep" / "file").touch()
    (tmp_path / "kept").touch()
    assert site.remove_others(tmp_path, {"kept"}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_the_service_worker_knows_its_build() -> None:
    files = ["index.html", "pyscript/core.js", "pyscript/xterm-1.js", "vendor/LICENSE"]
    text = site.service_worker("0123abc", files, None)
    assert 'const BUILD = "0123abc";' in text
    assert 'const FILES = ["./", "index.html", "pyscript/core.js"];' in text
    assert "const HOSTS = [];" in text
    assert "@" not in re.sub(r"//.*", "", text)


def test_the_service_worker_keeps_a_cdns_files_too() -> None:
    text = site.service_worker("0123abc", [], Cdn("https://a.example/", "https://b.example/"))
    assert 'const HOSTS = ["https://a.example/", "https://b.example/"];' in text


def test_cdns() -> None:
    assert public_cdn().runtime.endswith("/pyodide@314.0.3/")
    assert public_cdn().packages.endswith("/v314.0.3/full/")
    assert own_cdn("http://a.example/x") == Cdn("http://a.example/x/", "http://a.example/x/")


def test_blank_page_has_no_inline_script() -> None:
    text = (ROOT / "static" / "blank.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    assert scripts == [""]
    assert not re.search(r"\son\w+=|style=", text)
    assert not re.search(r"(src|href)=\"(/|https?:)", text)


def test_the_version_is_the_packages_own() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", packages.package_version())


def test_a_wheel_that_is_too_large(tmp_path: Path) -> None:
    wheel = tmp_path / "a.whl"
    wheel.write_bytes(b"0" * (packages.WHEEL_LIMIT + 1))
    with pytest.raises(ToolError, match="more than"):
        packages.check_wheel(wheel)


def test_settings_are_plain() -> None:
    settings = json.loads((ROOT / "tools" / "locks" / "pyodide.json").read_text(encoding="utf-8"))
    assert settings["packages"] == ["numpy", "micropip", "packaging"]
