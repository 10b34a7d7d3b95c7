"""Files and folders are there in full or not at all."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tools.errors import ToolError
from tools.files import (
    copy_if_changed,
    integrity,
    locked,
    new_file,
    new_folder,
    unpack_tar,
    write_text,
)
from tools.paths import ROOT, cache_folder
from tools.processes import run_quietly


def test_a_new_file_appears_only_in_full(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file"
    with new_file(target) as temporary:
        temporary.write_text("content")
        assert not target.exists()
    assert target.read_text() == "content"
    assert list(target.parent.iterdir()) == [target]


def fail_half_written(target: Path) -> None:
    with new_file(target) as temporary:
        temporary.write_text("new, hal")
        raise ValueError("half-written")


def fail_half_filled(target: Path) -> None:
    with new_folder(target) as temporary:
        (temporary / "file").write_text("content")
        raise ValueError("half-filled")


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(ValueError, match="half"):
        fail_half_written(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_fails_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    with pytest.raises(ValueError, match="half"):
        fail_half_filled(target)
    assert list(tmp_path.iterdir()) == []


def test_the_faster_of_two_processes_wins(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    with new_folder(target) as temporary:
        (temporary / "file").write_text("slow")
        target.mkdir()
        (target / "file").write_text("fast")
    assert (target / "file").read_text() == "fast"
    assert list(tmp_path.iterdir()) == [target]


def test_unchanged_files_are_not_written(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("content")
    assert copy_if_changed(source, target)
    assert not copy_if_changed(source, target)
    source.write_text("other content")
    assert copy_if_changed(source, target)
    assert write_text(target, "text")
    assert not write_text(target, "text")


def archive(path: Path, name: str) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"text"))
    return path


def test_an_archive_is_unpacked_without_its_prefix(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tgz", "package/dist/file.js")
    unpack_tar(packed, tmp_path / "out", "package/")
    assert (tmp_path / "out" / "dist" / "file.js").read_text() == "text"


def test_an_archive_cannot_write_elsewhere(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tgz", "package/../../elsewhere")
    with pytest.raises(ToolError, match="outside"):
        unpack_tar(packed, tmp_path / "out", "package/")
    assert not (tmp_path / "elsewhere").exists()


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    packed = tmp_path / "a.tgz"
    packed.write_bytes(b"no archive")
    with pytest.raises(ToolError, match=r"a\.tgz cannot be unpacked"):
        unpack_tar(packed, tmp_path / "out")


def test_integrity_is_written_as_npm_does(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    assert integrity(empty, "sha256") == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_a_lock_keeps_others_waiting(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    script = (
        "import sys, pathlib; from tools.files import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): print('inside', flush=True)"
    )
    with locked(path):
        other = subprocess.Popen(
            [sys.executable, "-c", script, path], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(timeout=0.5)
    assert other.communicate(timeout=20)[0] == "inside\n"


def test_a_failed_command_says_its_last_words() -> None:
    script = "import sys; print('noise'); sys.exit('the registry is away')"
    with pytest.raises(ToolError) as caught:
        run_quietly([sys.executable, "-c", script], "Fetching", advice="Try later.")
    assert str(caught.value) == (
        "Fetching: failed (exit code 1).\n    the registry is away\nTry later."
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full."),
        ("npm error errno: 'ENOSPC'", "the disk is full."),
        ("npm error code: 'ECONNREFUSED'", "the package registry cannot be reached"),
        ("Could not find a version (from versions: none)", "the package registry cannot be"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "a file is not the one that was locked."),
        ("something else", "failed (exit code 3)."),
    ],
)
def test_known_causes_are_told_in_words(said: str, words: str) -> None:
    script = f"import sys; print({said!r}, file=sys.stderr); sys.exit(3)"
    with pytest.raises(ToolError, match=re.escape(f"Fetching: {words}")):
        run_quietly([sys.executable, "-c", script], "Fetching")


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(ToolError, match="cannot be started"):
        run_quietly(["no-such-command-anywhere"], "Fetching")


def test_the_cache_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "webtensor"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert os.fspath(cache_folder()).startswith(os.path.expanduser("~"))
