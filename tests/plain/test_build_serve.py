"""The server: types, caching, prefixes, headers, ports."""

from __future__ import annotations

import http.client
import socket
import urllib.error
import urllib.request
from http.client import HTTPMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools.errors import ToolError
from tools.serve import DEFAULT_PORT, Site, open_server, serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "sub").mkdir(parents=True)
    (site / "index.html").write_text("start")
    (site / "sub" / "index.html").write_text("sub")
    (tmp_path / "secret.txt").write_text("secret")
    return site


def get(url: str, **headers: str) -> tuple[int, bytes, HTTPMessage]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.wasm", "application/wasm"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.whl", "application/zip"),
        ("a.unknown", "application/octet-stream"),
    ],
)
def test_types_do_not_depend_on_the_machine(folder: Path, name: str, kind: str) -> None:
    (folder / name).write_bytes(b"content")
    with serving(folder) as url:
        status, body, headers = get(f"{url}{name}")
    assert (status, body, headers["Content-Type"]) == (200, b"content", kind)


def test_folders_have_an_index(folder: Path) -> None:
    with serving(folder) as url:
        assert get(url)[1] == b"start"
        assert get(f"{url}?code=1")[1] == b"start"
        assert get(f"{url}sub/")[1] == b"sub"
        assert get(f"{url}sub")[1] == b"sub"
        assert get(f"{url}nothing")[0] == 404


def test_a_second_request_costs_no_body(folder: Path) -> None:
    with serving(folder) as url:
        tag = get(url)[2]["ETag"]
        assert get(url, **{"If-None-Match": tag})[:2] == (304, b"")
        (folder / "index.html").write_text("changed")
        assert get(url, **{"If-None-Match": tag})[:2] == (200, b"changed")


def test_head_has_the_headers_only(folder: Path) -> None:
    with serving(folder) as url:
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request, timeout=10) as response:
            assert response.headers["Content-Length"] == "5"
            assert response.read() == b""


def test_without_caching_a_service_worker_removes_itself(folder: Path) -> None:
    (folder / "sw.js").write_text("keeps things")
    with serving(folder, cached=False) as url:
        _, _, headers = get(url)
        assert headers["Cache-Control"] == "no-store"
        assert headers["ETag"] is None
        assert b"unregister" in get(f"{url}sw.js")[1]
    with serving(folder) as url:
        assert get(f"{url}sw.js")[1] == b"keeps things"


def test_a_site_in_a_subfolder(folder: Path) -> None:
    with serving(folder, prefix="/some/where/") as url:
        assert url.endswith("/some/where/")
        assert get(url)[1] == b"start"
        assert get(f"{url}../index.html")[0] == 404


def ask(connection: http.client.HTTPConnection) -> bytes:
    connection.request("GET", "/")
    return connection.getresponse().read()


def test_a_server_that_ends_hangs_up(folder: Path) -> None:
    with serving(folder) as url:
        address = urlsplit(url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
        assert ask(connection) == b"start"
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        ask(connection)
    connection.close()
    # Its port is free again at once.
    with serving(folder, port=int(address.port or 0)) as again:
        assert again == url


def test_further_headers(folder: Path) -> None:
    with serving(folder, headers={"Content-Security-Policy": "default-src 'self'"}) as url:
        assert get(url)[2]["Content-Security-Policy"] == "default-src 'self'"
        assert get(f"{url}nothing")[2]["Content-Security-Policy"] == "default-src 'self'"


@pytest.mark.parametrize("path", ["../secret.txt", "%2e%2e/secret.txt", "sub/../../secret.txt"])
def test_nothing_outside_the_folder(folder: Path, path: str) -> None:
    with serving(folder) as url:
        host, port = url.removeprefix("http://").rstrip("/").split(":")
        # By hand: an HTTP client would tidy the path before it asks.
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"GET /{path} HTTP/1.0\r\n\r\n".encode())
            answer = connection.makefile("rb").read()
    assert b" 404 " in answer.splitlines()[0]
    assert b"secret" not in answer


def test_a_port_in_use_is_named(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ToolError, match=f"Port {port} is in use"):
            open_server(Site(folder), port)


def test_the_default_port_gives_way(folder: Path) -> None:
    first = open_server(Site(folder), None)
    second = open_server(Site(folder), None)
    assert DEFAULT_PORT <= first.server_port < second.server_port
    first.server_close()
    second.server_close()
