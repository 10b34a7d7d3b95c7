"""The page's compute, in PyScript's Pyodide worker "compute": thin over the package.

Every exported function takes one JSON text (its keyword arguments) and answers with one: its value
under "value", or {"error": {"type", "message"}}, or {"cancelled": true}. Progress goes to the page
as messages of the worker, JSON too: plain messages need no cross-origin isolation.
"""

import asyncio
import json
import math

import js

running = None


def tell(**message):
    js.postMessage(json.dumps(message))


def plain(value):
    """The value as JSON can say it: no NaN, no infinities, which JSON lacks."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def exported(function):
    """The function with JSON on both sides and every error as an answer."""

    async def answer(arguments="{}"):
        try:
            value = await function(**json.loads(arguments))
        except asyncio.CancelledError:
            return json.dumps({"cancelled": True})
        except Exception as error:
            kind, message = type(error).__name__, str(error)
            return json.dumps({"error": {"type": kind, "message": message or kind}})
        return json.dumps({"value": plain(value)})

    return answer


@exported
async def capabilities():
    """What the device panel shows, as JSON text, so that its order survives MicroPython's dicts."""
    import webtensor

    tell(stage="devices")
    await webtensor.init()
    return json.dumps(plain(webtensor.capabilities()))


@exported
async def warm():
    """Load numpy ahead of the first benchmark, while nobody waits for it."""
    import pyodide_js

    await pyodide_js.loadPackage("numpy")
    import numpy

    return numpy.__version__


@exported
async def estimate(m, n, k, device):
    """Seconds that this benchmark will take, as far as that is known."""
    from webtensor import benchmark

    return benchmark.estimate_seconds(m, n, k, device)


@exported
async def matmul(m, n, k, device):
    """Measure one product on one device; ends early when `cancel` is called."""
    global running
    from webtensor import benchmark

    running = asyncio.ensure_future(
        benchmark.matmul(m, n, k, device=device, progress=lambda progress: tell(progress=progress))
    )
    try:
        return await running
    finally:
        running = None


@exported
async def cancel():
    """Ask the running benchmark to stop between two bands of work; true where one was running."""
    return running is not None and running.cancel()


@exported
async def kernel(m, n, k):
    """The WGSL of the matmul kernel that runs for this shape here."""
    import webtensor

    return webtensor.matmul_wgsl(m, n, k)


__export__ = ["cancel", "capabilities", "estimate", "kernel", "matmul", "warm"]
