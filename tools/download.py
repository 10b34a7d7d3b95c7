"""Downloads over HTTP into the cache: verified, then renamed into place."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from pathlib import Path

from tools.console import Progress
from tools.errors import ToolError
from tools.files import CHUNK, hash_file, new_file


class UnreachableError(ToolError):
    """The server did not answer: another source may."""


def download(url: str, target: Path, sha256: str, *, timeout: float = 20.0) -> Path:
    """Fetch `url` to `target` unless it is there; the content must have that sha256.

    Raises UnreachableError when there is no answer, ToolError when the content is another one.
    """
    if target.is_file() and hash_file(target) == sha256:
        return target
    request = urllib.request.Request(url, headers={"User-Agent": "webtensor-build"})
    digest = hashlib.sha256()
    with new_file(target) as temporary:
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                length = response.headers.get("Content-Length")
                progress = Progress(target.name, int(length) if length else None)
                done = 0
                with temporary.open("wb") as stream:
                    while chunk := response.read(CHUNK):
                        stream.write(chunk)
                        digest.update(chunk)
                        done += len(chunk)
                        progress.update(done)
                progress.close()
                if length and done != int(length):
                    raise UnreachableError(
                        f"{url}: the connection broke after {done} of {length} bytes."
                    )
        except (
            urllib.error.URLError,
            http.client.HTTPException,
            TimeoutError,
            ConnectionError,
        ) as error:
            answered = isinstance(error, urllib.error.HTTPError)
            reason = error if answered else getattr(error, "reason", error)
            raise UnreachableError(f"{url} cannot be reached: {reason}") from error
        require_sha256(digest.hexdigest(), sha256, url)
    return target


def require_sha256(found: str, wanted: str, name: str) -> None:
    """Raise ToolError unless both digests are the same."""
    if found != wanted:
        raise ToolError(
            f"{name} is not the file that was locked: its sha256 is {found}, the lock says"
            f" {wanted}. Nothing was kept. Try again; if it stays so, do not trust that source."
        )
