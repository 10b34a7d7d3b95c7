"""The browser as host: everything goes through Pyodide's FFI to two small JavaScript modules."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import platform
import re
from collections.abc import Callable, Coroutine, Sequence
from time import perf_counter
from typing import Any, TypeVar

import js
import pyodide.ffi
import pyodide_js
from pyodide.code import run_js

from .. import resources
from ..errors import (
    DeviceError,
    DeviceLostError,
    KernelCompileError,
    OutOfMemoryError,
    UnsupportedOperatorError,
    WebTensorError,
)
from .base import Command

T = TypeVar("T")
_TIMERS_WAIT_SECONDS = 0.1
_last_timer = 0.0


async def _module(name: str) -> Any:
    """The JavaScript module `name`: the one that the page imported, else the wheel's copy.

    Pages import `static/<name>.js` themselves, which is faster and needs no permission of a
    Content-Security-Policy; a Python that was started by others (a console, JupyterLite) imports
    the wheel's copy from a blob.
    """
    modules = getattr(js, "webtensorModules", None)
    if modules is None or getattr(modules, name, None) is None:
        parts = pyodide.ffi.to_js([resources.text("js", f"{name}.js")])
        blob = js.Blob.new(parts, _object(type="text/javascript"))
        url = js.URL.createObjectURL(blob)
        try:
            await run_js("(url) => import(url)")(url)
        finally:
            js.URL.revokeObjectURL(url)
    return getattr(js.webtensorModules, name)


def _object(**entries: Any) -> Any:
    return pyodide.ffi.to_js(entries, dict_converter=js.Object.fromEntries)


def _bytes_of(data: bytes | memoryview) -> Any:
    """A JavaScript Uint8Array copy of `data`."""
    return pyodide.ffi.to_js(memoryview(data).cast("B"))


async def _numbers(making: Any, kind: str, destroy: Callable[[Sequence[int]], None]) -> list[int]:
    """The numbers, called `kind`, in the answer that `making` gives.

    A caller that is cancelled meanwhile leaves nothing: what is made then is destroyed.

    Raises:
        OutOfMemoryError: the answer is an error.
    """
    # Shielded, since the device goes on making it; its answer alone says what there is.
    try:
        answer = json.loads(await asyncio.shield(making))
    except asyncio.CancelledError:

        def discard(made: asyncio.Future[str]) -> None:
            if made.exception() is None:
                destroy(json.loads(made.result()).get(kind, []))

        making.add_done_callback(discard)
        raise
    if "error" in answer:
        raise OutOfMemoryError(answer["error"])
    return list(answer[kind])


class BrowserGPU:
    """`GPU` over static/replay.js."""

    def __init__(self, replay: Any) -> None:
        self._replay = replay
        self._run = replay.run  # each look-up of it is a crossing of its own
        self.description: dict[str, Any] = json.loads(replay.describe())

    @property
    def lost(self) -> str:
        return str(self._replay.lost)

    async def create_buffers(self, sizes: Sequence[int]) -> list[int]:
        making = self._replay.createBuffers(pyodide.ffi.to_js(list(sizes)))
        return await _numbers(making, "buffers", self.destroy_buffers)

    def destroy_buffers(self, buffers: Sequence[int]) -> None:
        self._replay.destroyBuffers(pyodide.ffi.to_js(list(buffers)))

    def write(self, buffer: int, data: bytes | memoryview) -> None:
        self._replay.write(buffer, _bytes_of(data))

    async def read(self, buffer: int, size: int) -> bytes:
        try:
            view = await self._replay.read(buffer, size)
            return bytes(view.to_bytes())
        except pyodide.ffi.JsException as error:
            kind: type[WebTensorError] = DeviceLostError if self.lost else DeviceError
            if str(error).startswith("RangeError"):
                kind = OutOfMemoryError
            raise kind(f"the GPU device failed during a read: {error}") from None
        except MemoryError:
            raise OutOfMemoryError(
                f"Python has no room for the {size:,} bytes of this tensor; read a slice of it"
            ) from None

    async def create_pipelines(self, kernels: Sequence[tuple[str, int]]) -> list[int]:
        answer = json.loads(await self._replay.createPipelines(json.dumps(kernels)))
        if "error" in answer:
            raise KernelCompileError(
                answer["error"], answer["source"], answer["line"], answer["column"]
            )
        return list(answer["pipelines"])

    def release_pipeline(self, pipeline: int) -> None:
        self._replay.releasePipeline(pipeline)

    def record(self, commands: Sequence[Command]) -> int:
        return int(self._replay.record(json.dumps(commands)))

    def release(self, plan: int) -> None:
        self._replay.release(plan)

    def run(
        self, plan: int, buffers: Sequence[int], numbers: Sequence[tuple[int, float]] = ()
    ) -> int:
        flat = (part for number in numbers for part in number)
        return int(self._run(plan, len(numbers), *flat, *buffers))

    async def step(self, run: int) -> bool:
        return bool(await self._replay.step(run))

    def begin_timed(self, plan: int, buffers: Sequence[int]) -> int:
        return int(self._replay.beginTimed(plan, *buffers))

    async def step_timed(self, run: int, timestamps: bool) -> list[tuple[float, float]]:
        try:
            answer = json.loads(await self._replay.stepTimed(run, timestamps))
        except pyodide.ffi.JsException as error:
            kind = DeviceLostError if self.lost else DeviceError
            raise kind(f"the GPU device failed while it was timed: {error}") from None
        return [(begin, elapsed) for begin, elapsed in answer]

    def abandon(self, run: int) -> None:
        self._replay.abandon(run)

    async def synchronize(self) -> None:
        await self._replay.synchronize()

    def take_error(self) -> str:
        return str(self._replay.takeError())

    async def loss_known(self) -> str:
        return str(await self._replay.lossKnown())

    def destroy(self) -> None:
        self._replay.destroy()


class BrowserML:
    """`ML` over static/webnn.js."""

    def __init__(self, networks: Any) -> None:
        self._networks = networks
        self.description: dict[str, Any] = json.loads(networks.describe())

    @property
    def lost(self) -> str:
        return str(self._networks.lost)

    async def create_tensors(self, descriptions: Sequence[tuple[str, Sequence[int]]]) -> list[int]:
        making = self._networks.createTensors(json.dumps(descriptions))
        return await _numbers(making, "tensors", self.destroy_tensors)

    def destroy_tensors(self, tensors: Sequence[int]) -> None:
        self._networks.destroyTensors(pyodide.ffi.to_js(list(tensors)))

    def write(self, tensor: int, data: bytes | memoryview) -> None:
        self._networks.write(tensor, _bytes_of(data))

    async def read(self, tensor: int) -> bytes:
        try:
            view = await self._networks.read(tensor)
        except pyodide.ffi.JsException as error:
            raise DeviceLostError(f"the WebNN context failed during a read: {error}") from None
        return bytes(view.to_bytes())

    async def build(self, graph: str) -> int:
        answer = json.loads(await self._networks.build(graph))
        if "error" in answer:
            raise UnsupportedOperatorError(
                f"this browser's WebNN refused the graph: {answer['error']}. "
                f"Use x.to_device('webgpu') or x.to_device('cpu')"
            )
        return int(answer["graph"])

    def run(self, graph: int, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        self._networks.run(graph, *inputs, *outputs)

    def release(self, graphs: Sequence[int]) -> None:
        self._networks.release(*graphs)

    def destroy(self) -> None:
        self._networks.destroy()


async def open_gpu() -> BrowserGPU | str:
    """The browser's GPU, or why there is none."""
    try:
        opened = await (await _module("replay")).open("high-performance")
    except pyodide.ffi.JsException as error:
        return f"the browser refused its GPU: {error}"
    return opened if isinstance(opened, str) else BrowserGPU(opened)


async def open_ml() -> BrowserML | str:
    """The browser's WebNN, or why there is none."""
    try:
        opened = await (await _module("webnn")).open()
    except pyodide.ffi.JsException as error:
        return f"the browser refused a WebNN context: {error}"
    return opened if isinstance(opened, str) else BrowserML(opened)


def remember(key: str, text: str) -> None:
    """Keep `text` for later visits, where the browser lets this origin keep anything."""
    js.webtensorModules.replay.remember(key, text)


async def recall(key: str) -> str | None:
    """What was kept under `key`, None where nothing was."""
    return str(await js.webtensorModules.replay.recall(key)) or None


def takes_wasm(code: bytes) -> bool:
    """Whether this engine has all that a WebAssembly module needs."""
    return bool(js.WebAssembly.validate(_bytes_of(code)))


async def instantiate_wasm(code: bytes) -> Any:
    """A WebAssembly module's functions, as attributes; its memory is Python's own."""
    imports = _object(env=_object(memory=pyodide_js._module.memory))
    made = await js.WebAssembly.instantiate(_bytes_of(code), imports)
    return made.instance.exports


def can_run_sync() -> bool:
    """Whether `run_sync` can wait here (JSPI, and a caller that can be suspended)."""
    return bool(pyodide.ffi.can_run_sync())


def run_sync(coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait for `coroutine`; only where `can_run_sync()`."""
    result: T = pyodide.ffi.run_sync(coroutine)
    return result


async def pause() -> None:
    """Let the event loop run: messages arrive, a cancelled task stops here."""
    # Pyodide makes a sleep below 4 ms a message to itself, and a row of those starves timers: now
    # and then it has to be a real one.
    global _last_timer
    due = perf_counter() - _last_timer > _TIMERS_WAIT_SECONDS
    await asyncio.sleep(0.005 if due else 0)
    if due:
        _last_timer = perf_counter()


async def ensure_numpy() -> None:
    """Fetch and install NumPy where it is not yet."""
    if importlib.util.find_spec("numpy") is None:
        await pyodide_js.loadPackage("numpy")


def _browser(user_agent: str) -> tuple[str, str]:
    """Browser and engine, read from the user agent (for reports only, never for decisions)."""
    for pattern, engine in (
        (r"(Firefox/[\d.]+)", "Gecko"),
        (r"(Edg/[\d.]+)", "Blink"),
        (r"((?:HeadlessChrome|Chrome|Chromium)/[\d.]+)", "Blink"),
        (r"(Version/[\d.]+) .*Safari", "WebKit"),
    ):
        match = re.search(pattern, user_agent)
        if match:
            return match[1].replace("/", " ").replace("Version", "Safari"), engine
    return "unknown", "unknown"


def runtime() -> dict[str, Any]:
    """Interpreter and browser, for `capabilities()`."""
    user_agent = str(js.navigator.userAgent)
    browser, engine = _browser(user_agent)
    return {
        "python": platform.python_version(),
        "pyodide": str(pyodide_js.version),
        "host": "browser",
        "browser": browser,
        "engine": engine,
        "user_agent": user_agent,
        "worker": not hasattr(js, "document"),
        "cross_origin_isolated": bool(getattr(js, "crossOriginIsolated", False)),
        "jspi": hasattr(js.WebAssembly, "Suspending"),
    }
