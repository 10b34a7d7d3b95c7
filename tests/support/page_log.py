"""What a page said and asked for while a test ran; anything unexpected fails the test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# Messages of others that no test can avoid, each with its reason.
EXPECTED = (
    # PyScript says so once for each worker where the page is not cross-origin isolated, on purpose.
    r"SharedArrayBuffer",
    # What Firefox reports over BiDi for a worker that is terminated in the middle of its work; the
    # page itself sees no error event and no rejection then.
    r"^uncaught: undefined$",
    # Chromium does not hand what was preloaded past a service worker to a page; all of it works.
    r"preload(ed)? .*(service worker resource mismatch|not used within a few seconds)",
)
LEVELS = ("error", "warning", "assert")


class PageLog:
    """Console errors and warnings, uncaught errors, failed requests, requests to other origins."""

    def __init__(self, context: BrowserContext) -> None:
        self.entries: list[str] = []
        self.requests: list[str] = []
        self.origins: set[str] = set()
        self._allowed = [re.compile(pattern) for pattern in EXPECTED]
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def allow(self, pattern: str) -> None:
        """Expect messages that match this regular expression."""
        self._allowed.append(re.compile(pattern))

    def own(self, address: str) -> None:
        """Requests to this address's origin are expected."""
        self.origins.add(_origin(address))

    def forget(self) -> None:
        """Start anew, for a page that serves several tests."""
        self.entries.clear()
        self.requests.clear()

    def unexpected(self) -> list[str]:
        """What was logged and not allowed, with every request that left the site's own origin."""
        foreign = [
            f"request to another origin: {address}"
            for address in self.requests
            if urlsplit(address).scheme in ("http", "https")
            and _origin(address) not in self.origins
        ]
        return [
            entry
            for entry in self.entries + foreign
            if not any(pattern.search(entry) for pattern in self._allowed)
        ]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in LEVELS:
            where = message.location.get("url", "")
            self.entries.append(f"console {message.type}: {message.text} ({where})")

    def _error(self, error: WebError) -> None:
        self.entries.append(f"uncaught: {error.error}")

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _failed(self, request: Request) -> None:
        self.entries.append(f"request failed: {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.entries.append(f"status {response.status}: {response.url}")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
