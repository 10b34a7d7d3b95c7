"""Downloads: verified before they are kept, and nothing is left of one that fails."""

from __future__ import annotations

import errno
import hashlib
import socket
import threading
from pathlib import Path

import pytest

from tools import download as module
from tools.download import UnreachableError, download
from tools.errors import ToolError, explain_os_error
from tools.serve import serving

CONTENT = b"wheel" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "file.whl").write_bytes(CONTENT)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file.whl"


def left_over(target: Path) -> list[Path]:
    return list(target.parent.iterdir()) if target.parent.is_dir() else []


def test_a_file_is_fetched_once(source: Path, target: Path) -> None:
    with serving(source) as url:
        assert download(f"{url}file.whl", target, DIGEST) == target
    # The server is gone: what is there and right is not asked for again.
    assert download(f"{url}file.whl", target, DIGEST) == target
    assert target.read_bytes() == CONTENT
    assert left_over(target) == [target]


def test_a_damaged_file_is_fetched_again(source: Path, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"damaged")
    with serving(source) as url:
        download(f"{url}file.whl", target, DIGEST)
    assert target.read_bytes() == CONTENT


def test_a_wrong_hash_is_refused(source: Path, target: Path) -> None:
    with serving(source) as url, pytest.raises(ToolError, match="not the file that was locked"):
        download(f"{url}file.whl", target, "0" * 64)
    assert left_over(target) == []


def test_a_server_that_is_away(target: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/file.whl"
        with pytest.raises(UnreachableError, match="cannot be reached"):
            download(url, target, DIGEST)
    assert left_over(target) == []


def test_a_file_that_is_not_there(source: Path, target: Path) -> None:
    with serving(source) as url, pytest.raises(UnreachableError, match="404"):
        download(f"{url}other.whl", target, DIGEST)
    assert left_over(target) == []


def test_a_connection_that_breaks(target: Path) -> None:
    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nwheel")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/file.whl"
        with pytest.raises(UnreachableError):
            download(url, target, DIGEST)
        thread.join()
    assert left_over(target) == []


def test_a_full_disk(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, done: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(module.Progress, "update", fail)
    with serving(source) as url, pytest.raises(OSError, match="No space") as caught:
        download(f"{url}file.whl", target, DIGEST)
    assert left_over(target) == []
    assert "disk is full" in explain_os_error(caught.value)
    assert str(target) in explain_os_error(caught.value)
