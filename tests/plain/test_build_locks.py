"""All that is fetched is pinned by version and hash, and refused when it is something else."""

from __future__ import annotations

import io
import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tools import npm, pip, pyodide_wheels
from tools.errors import ToolError
from tools.files import integrity
from tools.npm import ensure_package, package_folder, read_lock
from tools.paths import LOCKS
from tools.pyodide_wheels import wanted_wheels

REQUIREMENTS = sorted(LOCKS.glob("*.txt"))


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_hashes(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==[\w.]+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("path", sorted(LOCKS.iterdir()), ids=lambda path: path.name)
def test_locks_name_no_registry(path: Path) -> None:
    addresses = re.findall(r"https?://([^/\"]+)", path.read_text(encoding="utf-8"))
    assert set(addresses) <= {"cdn.jsdelivr.net"}
    assert "index-url" not in path.read_text(encoding="utf-8")


def test_the_versions_that_the_tests_rest_on() -> None:
    requirements = (LOCKS / "requirements.txt").read_text(encoding="utf-8")
    assert "playwright==1.62.0 " in requirements
    assert "wgpu==0.32.0 " in requirements
    assert read_lock()["pyodide"]["version"] == "314.0.3"
    coverage = re.findall(r"^coverage==(\S+)", requirements, re.MULTILINE)
    browser_coverage = (LOCKS / "coverage.txt").read_text(encoding="utf-8")
    assert browser_coverage.startswith(f"coverage=={coverage[0]} ")


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"version": "^1.0.0", "integrity": "sha512-" + "a" * 86 + "=="}, "exact version"),
        ({"version": "1.0.0", "integrity": "sha1-abc"}, "sha512"),
        ({"version": "1.0.0"}, "sha512"),
    ],
)
def test_a_loose_lock_is_refused(tmp_path: Path, entry: dict[str, str], complaint: str) -> None:
    lock = tmp_path / "npm.json"
    lock.write_text(json.dumps({"package": entry}))
    with pytest.raises(ToolError, match=complaint):
        read_lock(lock)


def test_a_lock_that_is_not_json(tmp_path: Path) -> None:
    lock = tmp_path / "npm.json"
    lock.write_text("{")
    with pytest.raises(ToolError, match="not JSON"):
        read_lock(lock)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An npm of our own, that packs what lies in a folder; the cache is empty."""
    folder = tmp_path / "registry"
    folder.mkdir()
    with tarfile.open(folder / "thing-1.0.0.tgz", "w:gz") as tar:
        entry = tarfile.TarInfo("package/index.js")
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"text"))
    script = tmp_path / "npm.py"
    script.write_text(
        "import pathlib, shutil, sys\n"
        "assert '--ignore-scripts' in sys.argv\n"
        "target = sys.argv[sys.argv.index('--pack-destination') + 1]\n"
        f"sources = list(pathlib.Path({str(folder)!r}).glob('*.tgz'))\n"
        "if not sources: sys.exit('npm error network: registry is away')\n"
        "for source in sources: shutil.copy(source, target)\n"
    )
    monkeypatch.setattr(npm, "npm_command", lambda python: [sys.executable, str(script)])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def thing_lock(tmp_path: Path, digest: str) -> Path:
    lock = tmp_path / "npm.json"
    lock.write_text(json.dumps({"thing": {"version": "1.0.0", "integrity": digest}}))
    return lock


def cached(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_package_is_fetched_once(tmp_path: Path, registry: Path) -> None:
    archive = registry / "thing-1.0.0.tgz"
    lock = thing_lock(tmp_path, integrity(archive))
    folder = ensure_package("thing", Path(sys.executable), lock)
    assert (folder / "index.js").read_text() == "text"
    assert folder == package_folder("thing", read_lock(lock)["thing"])
    archive.unlink()
    assert ensure_package("thing", Path(sys.executable), lock) == folder
    assert cached(tmp_path) == [folder / "index.js"]


def test_a_package_with_another_hash_is_refused(tmp_path: Path, registry: Path) -> None:
    lock = thing_lock(tmp_path, "sha512-" + "a" * 86 + "==")
    with pytest.raises(ToolError, match="not the package that was locked"):
        ensure_package("thing", Path(sys.executable), lock)
    assert cached(tmp_path) == []


def test_a_registry_that_is_away(tmp_path: Path, registry: Path) -> None:
    lock = thing_lock(tmp_path, integrity(registry / "thing-1.0.0.tgz"))
    (registry / "thing-1.0.0.tgz").unlink()
    with pytest.raises(ToolError, match="registry is away"):
        ensure_package("thing", Path(sys.executable), lock)
    assert cached(tmp_path) == []


def test_pip_downloads_in_full_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[Any], what: str, **options: Any) -> str:
        assert "--require-hashes" in command
        (options["watch"] / "half.whl").write_text("half")
        raise ToolError("the index is away")

    monkeypatch.setattr(pip, "run_quietly", fail)
    lock = LOCKS / "requirements.txt"
    with pytest.raises(ToolError, match="away"):
        pip.download_locked(Path(sys.executable), lock, tmp_path / "wheels" / "key", "wheels")
    assert list((tmp_path / "wheels").iterdir()) == []


def test_a_failed_installation_forgets_its_wheels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> str:
        raise ToolError("hashes do not match")

    monkeypatch.setattr(pip, "run_quietly", fail)
    (tmp_path / "wheels").mkdir()
    with pytest.raises(ToolError, match="hashes"):
        pip.install_locked(Path(sys.executable), tmp_path, tmp_path / "wheels", "Installing")
    assert not (tmp_path / "wheels").exists()


PACKAGES = {
    "a": {"file_name": "a.whl", "sha256": "1", "depends": ["b"]},
    "b": {"file_name": "b.whl", "sha256": "2", "depends": ["a"]},
    "c": {"file_name": "c.whl", "sha256": "3", "depends": []},
}


def test_wheels_come_with_what_they_need() -> None:
    found = wanted_wheels({"packages": PACKAGES}, ["a"])
    assert [wheel.file_name for wheel in found] == ["a.whl", "b.whl"]


def test_a_wheel_that_the_lock_does_not_name() -> None:
    with pytest.raises(ToolError, match="no package 'd'"):
        wanted_wheels({"packages": PACKAGES}, ["d"])


def test_the_cdn_can_be_a_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBTENSOR_PYODIDE_CDN", raising=False)
    assert pyodide_wheels.cdn_folder().endswith("/v314.0.3/full/")
    monkeypatch.setenv("WEBTENSOR_PYODIDE_CDN", "http://127.0.0.1:1/mirror")
    assert pyodide_wheels.cdn_folder() == "http://127.0.0.1:1/mirror/"
