"""The page's logic, on MicroPython in the page itself; app/compute.py computes, in a worker."""

import asyncio

import js

import snippets
import theme
from chart import chart
from controls import controls
from devices import devices
from dom import spawn
from kernel import kernel
from playground import playground
from results import results
from runs import runs
from startup import startup
from worker_link import ComputeError, link, reason

RELOAD = (
    "Reload the page; a download may have been cut off. If that does not help, update the browser, "
    "or look whether an extension or a policy blocks WebAssembly or workers."
)


#: Numpy is loaded so long after the start, unless a run has begun: that one loads it when it must.
IDLE_SECONDS = 1.5


def message(report):
    """One message of the worker: a step of the start, or progress of a run."""
    if "stage" in report:
        startup.reach(report["stage"])
    elif "progress" in report:
        runs.progress(report["progress"])


async def start_compute():
    try:
        await link.connect()
        devices.update(await link.call("capabilities"))
    except ComputeError as error:
        title = "Python started, but webtensor could not"
        startup.fail(title, f"{error.kind}: {error.message}", RELOAD)
        return
    except Exception as error:  # whatever kept the worker from starting comes as JavaScript's error
        startup.fail("Python could not start", reason(error), RELOAD)
        return
    runs.allow()
    kernel.allow()
    startup.ready()
    await warm()


async def warm():
    """Checking a result needs numpy: load it while nobody waits for anything."""
    await asyncio.sleep(IDLE_SECONDS)
    if runs.busy:
        return
    try:
        await link.call("warm")
    except ComputeError as error:  # the run that needs it says so
        js.console.debug(f"numpy is not loaded: {error}")


def main():
    js.document.documentElement.dataset.live = ""
    js.performance.mark("webtensor:page-live")
    link.on_message = message
    startup.reach("download")
    spawn(start_compute())
    spawn(startup.tell_when_slow())
    theme.start()
    chart.start()
    results.start()
    controls.start()
    devices.start()
    runs.start()
    kernel.start()
    playground.start()
    snippets.start()


try:
    main()
except Exception as failure:
    startup.fail("The page's own code failed", reason(failure), RELOAD)
    raise
