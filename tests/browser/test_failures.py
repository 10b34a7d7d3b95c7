"""What goes wrong on a device: lost, out of memory, shaders refused, reads that cannot wait."""

from __future__ import annotations

import pytest

from tests.support.blank import BlankPage

STILL_WORKS = """
import numpy as np, webtensor as wt
await wt.init()
x = np.arange(12, dtype=np.float32).reshape(3, 4)
y = wt.asarray(x, device="webgpu") @ wt.asarray(x.T, device="webgpu")
assert y.device == "webgpu", y.device
bool((await y.numpy() == x @ x.T).all())
"""

LOSE_DURING_RUN = """
import asyncio, js, numpy as np, webtensor as wt
from webtensor import benchmark
await wt.init()
kept = wt.asarray(np.ones((4, 4), np.float32), device="webgpu")
await wt.eval(kept) if hasattr(wt, "eval") else await (kept + 0).numpy()
begun = asyncio.Event()

def progress(report):
    if report["stage"] == "warm":
        begun.set()

run = asyncio.create_task(
    benchmark.matmul(512, 512, 512, device="webgpu", repeats=200, progress=progress)
)
waiting = asyncio.create_task(begun.wait())
await asyncio.wait([run, waiting], return_when=asyncio.FIRST_COMPLETED)
js.webtensorReplay.device.destroy()
try:
    outcome = repr(await asyncio.wait_for(run, 60))
except wt.errors.WebTensorError as error:
    outcome = [type(error).__name__, str(error)]
outcome
"""

OUT_OF_MEMORY = """
import numpy as np, webtensor as wt
await wt.init()
column = wt.asarray(np.ones((16384, 1), np.float32), device="webgpu")
row = wt.asarray(np.ones((1, 16384), np.float32), device="webgpu")
try:
    result = await (column @ row).numpy()
    outcome = ["no error", str(result.shape)]
except wt.errors.WebTensorError as error:
    outcome = [type(error).__name__, str(error)]
outcome
"""

CANCEL_ALLOCATIONS = """
import asyncio, js, numpy as np, webtensor as wt
await wt.init()

def held():
    if device == "webgpu":
        return js.webtensorReplay.buffers.size
    return js.webtensorNetworks.tensors.size

def before_the_answer():
    return asyncio.create_task(wt.eval(wt.asarray(np.ones((50, 100), np.float32), device=device)))

await before_the_answer()
wt.empty_cache()
before, cancelled = held(), 0
for number in range(12):
    task = before_the_answer()
    for _ in range(number % 4 + 1):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        cancelled += 1
await asyncio.sleep(0.5)
del task
wt.empty_cache()
[cancelled, held() - before]
"""

# The line that is wrong has to be one of the kernel's own: that is what a message can show.
BREAK_SHADERS = (
    "GPUDevice.prototype",
    "createShaderModule",
    """function (options) {
      return original.call(this, {...options, code: options.code.replace("fn main(", "fn main((")});
    }""",
)

COMPILE_ERROR = """
import numpy as np, webtensor as wt
await wt.init()
try:
    x = wt.asarray(np.ones((5, 7), np.float32), device="webgpu")
    outcome = ["no error", str((await (x @ x.mT).numpy()).shape), 0, 0, ""]
except wt.errors.KernelCompileError as error:
    outcome = [type(error).__name__, str(error), error.line, error.column, error.source_line]
outcome
"""

SYNCHRONOUS_READ_IN_HANDLER = """
import asyncio, js, webtensor as wt
from pyodide.ffi import create_once_callable
await wt.init()
tensor = wt.asarray([[1.0, 2.0]], device=device) * 2
await tensor.numpy()
fresh = tensor + 1
done = asyncio.get_running_loop().create_future()

def handler():
    try:
        done.set_result(["no error", str(fresh.tolist())])
    except BaseException as error:
        done.set_result([type(error).__name__, str(error)])

js.setTimeout(create_once_callable(handler), 0)
await done
"""


def test_device_lost_during_a_run_is_an_error_and_the_next_run_works(
    fresh_blank: BlankPage,
) -> None:
    kind, message = fresh_blank.py(LOSE_DURING_RUN)
    assert kind == "DeviceLostError", message
    assert "lost" in message.lower()
    assert fresh_blank.py(STILL_WORKS), "a new device is asked for"


def test_tensor_whose_only_copy_was_lost_says_so(fresh_blank: BlankPage) -> None:
    kind = fresh_blank.py(
        """
        import js, numpy as np, webtensor as wt
        await wt.init()
        x = wt.asarray(np.ones((4, 4), np.float32), device="webgpu") @ wt.asarray(
            np.ones((4, 4), np.float32), device="webgpu")
        await wt.eval(x)
        js.webtensorReplay.device.destroy()
        try:
            outcome = repr(await x.numpy())
        except wt.errors.WebTensorError as error:
            outcome = type(error).__name__
        outcome
        """
    )
    assert kind == "DeviceLostError"
    assert fresh_blank.py(STILL_WORKS)


@pytest.mark.browsers("chromium", "shell")
def test_out_of_memory_for_real(fresh_blank: BlankPage) -> None:
    """A result of 2^30 bytes: within the limits of the adapter, and more than Chromium gives."""
    kind, message = fresh_blank.py(OUT_OF_MEMORY)
    assert kind == "OutOfMemoryError", message
    assert "GiB" in message or "1073741824" in message or "bytes" in message, message
    assert fresh_blank.py(STILL_WORKS)


@pytest.mark.browsers("firefox")
def test_result_over_the_binding_limit_is_refused_or_right(fresh_blank: BlankPage) -> None:
    """Firefox binds 128 MiB at most: 2^30 bytes are split or refused with words, never wrong."""
    kind, message = fresh_blank.py(OUT_OF_MEMORY)
    assert (kind, message) == ("no error", "(16384, 16384)") or kind in (
        "OutOfMemoryError",
        "UnsupportedOperatorError",
    ), message
    assert fresh_blank.py(STILL_WORKS)


def test_wgsl_error_names_line_column_and_source(fresh_blank: BlankPage) -> None:
    fresh_blank.patch(*BREAK_SHADERS)
    kind, message, line, column, source_line = fresh_blank.py(COMPILE_ERROR)
    assert kind == "KernelCompileError", message
    assert line > 0
    assert column > 0
    assert "fn main(" in source_line
    assert source_line in message
    assert f"line {line}" in message
    fresh_blank.mend()
    assert fresh_blank.py(STILL_WORKS), "the failure was not kept"


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
def test_synchronous_reads_where_python_can_wait(blank: BlankPage, device: str) -> None:
    values = blank.py(
        """
        import numpy as np, webtensor as wt
        await wt.init()
        x = wt.asarray([[1.0, 2.0], [3.0, 4.0]], device=device)
        y = x @ x
        [np.asarray(y).tolist(), (y + 1).tolist(), float(wt.sum(y * 2)), y.device]
        """,
        device=device,
    )
    assert values == [[[7.0, 10.0], [15.0, 22.0]], [[8.0, 11.0], [16.0, 23.0]], 108.0, device]


def test_synchronous_read_in_an_event_handler_says_to_await(blank: BlankPage) -> None:
    kind, message = blank.py(SYNCHRONOUS_READ_IN_HANDLER, device="webgpu")
    assert kind == "SynchronousReadError", message
    assert "await" in message


@pytest.mark.browsers("shell")
def test_webnn_context_lost_is_an_error_and_a_new_one_works(fresh_blank: BlankPage) -> None:
    kind, message, value = fresh_blank.py(
        """
        import asyncio, js, numpy as np, webtensor as wt
        await wt.init()
        x = wt.asarray(np.ones((8, 8), np.float32), device="webnn")
        y = x @ x
        await wt.eval(y)
        js.webtensorNetworks.context.destroy()
        await asyncio.sleep(0.05)
        try:
            outcome = ["no error", repr(await y.numpy())]
        except wt.errors.WebTensorError as error:
            outcome = [type(error).__name__, str(error)]
        again = wt.asarray(np.full((8, 8), 2, np.float32), device="webnn")
        [*outcome, float((await (again @ again).numpy())[0, 0])]
        """
    )
    assert kind == "DeviceLostError", message
    assert "WebNN" in message
    assert value == 32.0


def check_cancelled_allocations(blank: BlankPage, device: str) -> None:
    cancelled, kept = blank.py(CANCEL_ALLOCATIONS, device=device)
    assert cancelled
    assert kept == 0


def test_cancelled_allocations_leave_nothing(blank: BlankPage) -> None:
    check_cancelled_allocations(blank, "webgpu")


@pytest.mark.browsers("shell")
def test_cancelled_allocations_leave_nothing_in_webnn(blank: BlankPage) -> None:
    check_cancelled_allocations(blank, "webnn")


@pytest.mark.browsers("shell")
def test_waiting_for_webnn_keeps_few_graphs(blank: BlankPage) -> None:
    graphs = blank.py(
        """
        import js, numpy as np, webtensor as wt
        from webtensor import discovery
        await wt.init()
        webnn = discovery.present("webnn")
        before = js.webtensorNetworks.graphs.size
        for length in range(1, 151):
            x = wt.asarray(np.ones(length, np.float32), device="webnn")
            await wt.eval(x)
            await webnn.synchronize(x._node.storage, x._node)
        js.webtensorNetworks.graphs.size - before
        """
    )
    assert graphs <= 64
