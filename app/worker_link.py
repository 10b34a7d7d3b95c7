"""The way to app/compute.py in its worker: calls there, progress back."""

import asyncio
import json

import js
from pyscript import workers

from dom import by_id, on

#: Hundredths of a second that PyScript may take to make the worker, after the page is live.
WORKER_TRIES = 2000


class ComputeError(Exception):
    """What the worker's Python raised: its type's name and its message."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind
        self.message = message


def reason(error):
    """What an exception says. JavaScript's errors come as (proxy, name, message)."""
    return f"{error.args[1]}: {error.args[2]}" if len(error.args) == 3 else str(error)


class CancelledRunError(Exception):
    """The call ended early because it was asked to."""


class Link:
    """Calls into the worker. `on_message` is given each progress message, a dict."""

    def __init__(self):
        self.on_message = None
        self.exports = None

    async def _listen(self):
        """Follow the worker's messages from as early as PyScript has made it."""
        script = by_id("compute")
        for _ in range(WORKER_TRIES):
            if hasattr(script, "xworker"):
                on(script.xworker, "message", self._receive)
                return
            await asyncio.sleep(0.01)
        raise RuntimeError("PyScript has made no worker.")

    def _receive(self, event):
        text = event.data
        if isinstance(text, str) and text.startswith("{") and self.on_message:
            self.on_message(json.loads(text))

    async def connect(self):
        """Wait until the worker's functions can be called; raises what kept it from starting."""
        await self._listen()
        self.exports = await workers["compute"]
        js.performance.mark("webtensor:python-ready")

    async def call(self, name, **arguments):
        """The value of a function of app/compute.py."""
        answer = json.loads(await getattr(self.exports, name)(json.dumps(arguments)))
        if "error" in answer:
            raise ComputeError(answer["error"]["type"], answer["error"]["message"])
        if "cancelled" in answer:
            raise CancelledRunError()
        return answer["value"]


link = Link()
