"""A small static server on 127.0.0.1: for `build.py serve` and, in a thread, for the tests."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tools.console import say
from tools.errors import ToolError
from tools.files import CHUNK

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
#: How many ports after the default one are tried when none was asked for.
PORTS_TRIED = 20

#: Python's own table depends on the machine's; a wrong type stops modules and streaming compiles.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".wgsl": "text/plain; charset=utf-8",
    ".whl": "application/zip",
    ".zip": "application/zip",
}

#: Served as sw.js with --no-cache: replaces an installed worker and removes all that it kept.
REMOVING_WORKER = b"""\
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith("webtensor ")) await caches.delete(name);
  }
  await self.registration.unregister();
})()));
"""


@dataclass(frozen=True)
class Site:
    """What is served: a folder, under which path, with which further headers."""

    folder: Path
    prefix: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    cached: bool = True


class SiteServer(ThreadingHTTPServer):
    """One site on one port; requests in threads that end with the process."""

    daemon_threads = True
    # Elsewhere it lets a server start again at once; on Windows two would silently share the port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, site: Site, port: int) -> None:
        self.site = site
        self.connections: dict[int, socket.socket] = {}
        super().__init__((HOST, port), SiteHandler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection, and remember it while it lasts."""
        connection, address = super().get_request()
        self.connections[id(connection)] = connection
        return connection, address

    def close_request(self, request: Any) -> None:
        """Close a connection."""
        self.connections.pop(id(request), None)
        super().close_request(request)

    def server_close(self) -> None:
        """Stop listening, and hang up: open connections would go on being served."""
        super().server_close()
        for connection in list(self.connections.values()):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        """The site's address, with a slash at the end."""
        return f"http://{HOST}:{self.server_port}{self.site.prefix}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Browsers drop connections all the time: nothing that a person needs to read."""


class SiteHandler(BaseHTTPRequestHandler):
    """GET and HEAD of files, with entity tags."""

    protocol_version = "HTTP/1.1"
    server: SiteServer

    def do_GET(self) -> None:
        """Answer with the file."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer with the file's headers."""
        self._answer(body=False)

    def log_message(self, *arguments: object) -> None:
        """Requests are not logged: the browser's own tools show them."""

    def _answer(self, *, body: bool) -> None:
        site = self.server.site
        path = unquote(urlsplit(self.path).path)
        if not path.startswith(site.prefix):
            return self._text(HTTPStatus.NOT_FOUND, b"Nothing is served at this path.\n", body=body)
        name = path[len(site.prefix) :]
        if name == "sw.js" and not site.cached:
            return self._text(HTTPStatus.OK, REMOVING_WORKER, CONTENT_TYPES[".js"], body=body)
        file = (site.folder / name).resolve()
        if not file.is_relative_to(site.folder.resolve()):
            return self._text(HTTPStatus.NOT_FOUND, b"No such file.\n", body=body)
        if file.is_dir() and name and not name.endswith("/"):
            return self._redirect(f"{urlsplit(self.path).path}/")
        if file.is_dir():
            file /= "index.html"
        try:
            return self._file(file, body=body)
        except OSError:
            return self._text(HTTPStatus.NOT_FOUND, b"No such file.\n", body=body)

    def _file(self, file: Path, *, body: bool) -> None:
        with file.open("rb") as stream:
            status = file.stat()
            tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
            if self.server.site.cached and self.headers.get("If-None-Match") == tag:
                self.send_response(HTTPStatus.NOT_MODIFIED)
                self._common_headers(tag)
                self.end_headers()
                return
            kind = CONTENT_TYPES.get(file.suffix, "application/octet-stream")
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(status.st_size))
            self._common_headers(tag)
            self.end_headers()
            if body:
                while chunk := stream.read(CHUNK):
                    self.wfile.write(chunk)

    def _text(
        self, status: HTTPStatus, text: bytes, kind: str = CONTENT_TYPES[".txt"], *, body: bool
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self._common_headers(None)
        self.end_headers()
        if body:
            self.wfile.write(text)

    def _redirect(self, location: str) -> None:
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _common_headers(self, tag: str | None) -> None:
        site = self.server.site
        if site.cached and tag:
            # Kept, but asked for again each time: an edit shows on the next reload.
            self.send_header("Cache-Control", "no-cache")
            self.send_header("ETag", tag)
        else:
            self.send_header("Cache-Control", "no-store")
        for name, value in site.headers.items():
            self.send_header(name, value)


def open_server(site: Site, port: int | None) -> SiteServer:
    """Bind a server to the port (0: any free one), else to the first free one from the default."""
    wanted = [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED)
    for candidate in wanted:
        try:
            return SiteServer(site, candidate)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    if port is not None:
        raise ToolError(
            f"Port {port} is in use or not allowed. Name another with --port, or leave --port out."
        )
    raise ToolError(f"Ports {wanted[0]} to {wanted[-1]} are all in use. Name one with --port.")


@contextlib.contextmanager
def serving(
    folder: Path,
    *,
    port: int = 0,
    headers: Mapping[str, str] | None = None,
    prefix: str = "/",
    cached: bool = True,
) -> Iterator[str]:
    """Serve a folder in a thread while the block runs; yields its URL, with a slash at the end.

    `headers` go with every answer (a Content-Security-Policy, say); `prefix` is the path that the
    folder appears under, such as "/some/sub/folder/".
    """
    server = open_server(Site(folder, prefix, headers or {}, cached), port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def serve_until_stopped(folder: Path, *, port: int | None, cached: bool, show: bool) -> None:
    """Serve a folder until Ctrl-C; `show` opens it in the person's own browser."""
    server = open_server(Site(folder, cached=cached), port)
    say(f"Serving on {server.url} (Ctrl-C stops)")
    if show:
        webbrowser.open(server.url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("\nStopped")
    finally:
        server.server_close()
