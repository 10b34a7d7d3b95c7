"""Run a coroutine to its end without an event loop, where it never really has to wait."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from ..errors import SynchronousReadError

T = TypeVar("T")


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result.

    A bare yield (`asyncio.sleep(0)`) is a courtesy to other tasks and is passed over; anything else
    needs an event loop.

    Raises:
        SynchronousReadError: the coroutine has to wait for something.
    """
    try:
        while True:
            if coroutine.send(None) is not None:
                raise SynchronousReadError(
                    "this value is not there yet and cannot be waited for synchronously here "
                    "(this browser or this caller cannot suspend Python); use `await x.numpy()`"
                )
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        coroutine.close()
