"""CPython as host: WebGPU through wgpu-py, no WebNN. The twin of static/replay.js in Python."""

from __future__ import annotations

import array
import asyncio
import json
import os
import platform
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from ..errors import DeviceLostError, DeviceUnavailableError, KernelCompileError, OutOfMemoryError
from .base import Command
from .driver import drive
from .wgsl_errors import parse_compile_error

T = TypeVar("T")

_COPY_ALIGNMENT = 4
_BIND_GROUP_SETS_PER_PLAN = 8
_TIMED_AT_ONCE = 1024  # a query set holds 4096 timestamps, two for each dispatch
_WANTED_FEATURES = ("shader-f16", "subgroup", "timestamp-query")
_WANTED_LIMITS = (
    "max-buffer-size",
    "max-storage-buffer-binding-size",
    "max-compute-workgroup-storage-size",
    "max-compute-invocations-per-workgroup",
    "max-compute-workgroup-size-x",
)


@dataclass
class _Plan:
    commands: Sequence[Command]
    pipelines: Sequence[tuple[Any, Any]]
    bind_groups: dict[tuple[int, ...], list[Any]]


@dataclass
class _TimedRun:
    plan: _Plan
    groups: Sequence[Any]
    next: int = 0


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)


class NativeGPU:
    """`GPU` over wgpu-py."""

    def __init__(self, wgpu: Any, adapter: Any, device: Any) -> None:
        self._wgpu = wgpu
        self._device = device
        self._buffers: dict[int, Any] = {}
        self._next_buffer = 1
        self._pipelines: dict[int, tuple[Any, Any]] = {}
        self._next_pipeline = 1
        self._plans: dict[int, _Plan] = {}
        self._next_plan = 1
        self._timed: dict[int, _TimedRun] = {}
        self._next_timed = 1
        self._layouts: dict[int, tuple[Any, Any]] = {}
        self._lost = ""
        usage = wgpu.BufferUsage
        self._fence = device.create_buffer(size=4, usage=usage.COPY_SRC | usage.COPY_DST)
        info = adapter.info
        features = sorted(device.features)
        self.description: dict[str, Any] = {
            "vendor": info["vendor"],
            "architecture": info["architecture"],
            "device": info["device"],
            "description": info["description"],
            "driver": info["description"],
            "limits": {_camel(name): value for name, value in device.limits.items()},
            "software": info["adapter_type"] == "CPU",
            "features": ["subgroups" if name == "subgroup" else name for name in features],
            "wgsl_features": sorted(wgpu.gpu.wgsl_language_features),
        }

    @property
    def lost(self) -> str:
        return self._lost

    async def create_buffers(self, sizes: Sequence[int]) -> list[int]:
        usage = self._wgpu.BufferUsage
        made: list[Any] = []
        try:
            for size in sizes:
                made.append(
                    self._device.create_buffer(
                        size=size, usage=usage.STORAGE | usage.COPY_SRC | usage.COPY_DST
                    )
                )
        except (self._wgpu.GPUError, RuntimeError) as error:
            for buffer in made:
                buffer.destroy()
            raise OutOfMemoryError(str(error)) from None
        first = self._next_buffer
        self._next_buffer += len(made)
        numbers = list(range(first, self._next_buffer))
        self._buffers.update(zip(numbers, made, strict=True))
        return numbers

    def destroy_buffers(self, buffers: Sequence[int]) -> None:
        gone = set(buffers)
        for number in gone:
            self._buffers.pop(number).destroy()
        for plan in self._plans.values():
            for key in [key for key in plan.bind_groups if gone.intersection(key)]:
                del plan.bind_groups[key]

    def write(self, buffer: int, data: bytes | memoryview) -> None:
        view = memoryview(data).cast("B")
        padding = -len(view) % _COPY_ALIGNMENT
        payload = bytes(view) + bytes(padding) if padding else view
        self._device.queue.write_buffer(self._buffers[buffer], 0, payload)

    async def read(self, buffer: int, size: int) -> memoryview:
        if self._lost:
            raise DeviceLostError(f"the GPU device is gone: {self._lost}")
        padded = -(-size // _COPY_ALIGNMENT) * _COPY_ALIGNMENT
        data: memoryview = self._device.queue.read_buffer(self._buffers[buffer], 0, padded)
        return data[:size]

    def _layout(self, reads: int) -> tuple[Any, Any]:
        if reads not in self._layouts:
            entries = [
                {
                    "binding": binding,
                    "visibility": self._wgpu.ShaderStage.COMPUTE,
                    "buffer": {"type": "read-only-storage" if binding < reads else "storage"},
                }
                for binding in range(reads + 1)
            ]
            group = self._device.create_bind_group_layout(entries=entries)
            layout = self._device.create_pipeline_layout(bind_group_layouts=[group])
            self._layouts[reads] = (group, layout)
        return self._layouts[reads]

    async def create_pipelines(self, kernels: Sequence[tuple[str, int]]) -> list[int]:
        made = [self._compile(source, reads) for source, reads in kernels]
        first = self._next_pipeline
        self._next_pipeline += len(made)
        numbers = list(range(first, self._next_pipeline))
        self._pipelines.update(zip(numbers, made, strict=True))
        return numbers

    def release_pipeline(self, pipeline: int) -> None:
        del self._pipelines[pipeline]

    def _compile(self, source: str, reads: int) -> tuple[Any, Any]:
        group, layout = self._layout(reads)
        try:
            module = self._device.create_shader_module(code=source)
            pipeline = self._device.create_compute_pipeline(
                layout=layout, compute={"module": module, "entry_point": "main"}
            )
        except self._wgpu.GPUError as error:
            message, line, column = parse_compile_error(str(error))
            raise KernelCompileError(message, source, line, column) from None
        return pipeline, group

    def record(self, commands: Sequence[Command]) -> int:
        pipelines = [self._pipelines[command[1]] for command in commands]
        self._plans[self._next_plan] = _Plan(commands, pipelines, {})
        self._next_plan += 1
        return self._next_plan - 1

    def release(self, plan: int) -> None:
        self._plans.pop(plan, None)

    def _bind_groups(self, plan: _Plan, buffers: tuple[int, ...]) -> list[Any]:
        if buffers not in plan.bind_groups:
            if len(plan.bind_groups) >= _BIND_GROUP_SETS_PER_PLAN:
                del plan.bind_groups[next(iter(plan.bind_groups))]
            plan.bind_groups[buffers] = [
                self._bind_group(command, pipeline, buffers)
                for command, pipeline in zip(plan.commands, plan.pipelines, strict=True)
            ]
        return plan.bind_groups[buffers]

    def _bind_group(
        self, command: Command, pipeline: tuple[Any, Any], buffers: tuple[int, ...]
    ) -> Any:
        _, group = pipeline
        operands = command[5:]
        entries = [
            {
                "binding": binding,
                "resource": {
                    "buffer": self._buffers[buffers[slot]],
                    "offset": offset,
                    "size": size,
                },
            }
            for binding, (slot, offset, size) in enumerate(
                zip(operands[::3], operands[1::3], operands[2::3], strict=True)
            )
        ]
        return self._device.create_bind_group(layout=group, entries=entries)

    def run(
        self, plan: int, buffers: Sequence[int], numbers: Sequence[tuple[int, float]] = ()
    ) -> int:
        if self._lost:
            return -1
        for buffer, value in numbers:
            self._device.queue.write_buffer(self._buffers[buffer], 0, array.array("f", [value]))
        recorded = self._plans[plan]
        groups = self._bind_groups(recorded, tuple(buffers))
        encoder = self._device.create_command_encoder()
        compute = encoder.begin_compute_pass()
        for command, (pipeline, _), group in zip(
            recorded.commands, recorded.pipelines, groups, strict=True
        ):
            compute.set_pipeline(pipeline)
            compute.set_bind_group(0, group)
            compute.dispatch_workgroups(*command[2:5])
        compute.end()
        self._device.queue.submit([encoder.finish()])
        return 0

    async def step(self, run: int) -> bool:
        # A desktop process has no page to keep free: `run` submits everything.
        raise DeviceLostError(f"there is no run {run} to carry on")

    def begin_timed(self, plan: int, buffers: Sequence[int]) -> int:
        numbers = tuple(buffers)
        recorded = self._plans[plan]
        self._timed[self._next_timed] = _TimedRun(recorded, self._bind_groups(recorded, numbers))
        self._next_timed += 1
        return self._next_timed - 1

    async def step_timed(self, run: int, timestamps: bool) -> list[tuple[float, float]]:
        timed = self._timed[run]
        first = timed.next
        most = _TIMED_AT_ONCE if timestamps else 1
        timed.next = min(first + most, len(timed.plan.commands))
        if first == timed.next or self._lost:
            return []
        if timestamps:
            return self._by_timestamps(timed, range(first, timed.next))
        begin = perf_counter()
        encoder = self._device.create_command_encoder()
        self._encode(encoder.begin_compute_pass(), timed, first)
        self._device.queue.submit([encoder.finish()])
        await self.synchronize()
        return [(0.0, (perf_counter() - begin) * 1e3)]

    def _by_timestamps(self, timed: _TimedRun, numbers: range) -> list[tuple[float, float]]:
        usage = self._wgpu.BufferUsage
        count = 2 * len(numbers)
        queries = self._device.create_query_set(type="timestamp", count=count)
        resolved = self._device.create_buffer(
            size=8 * count, usage=usage.QUERY_RESOLVE | usage.COPY_SRC
        )
        encoder = self._device.create_command_encoder()
        for at, number in enumerate(numbers):
            writes = {
                "query_set": queries,
                "beginning_of_pass_write_index": 2 * at,
                "end_of_pass_write_index": 2 * at + 1,
            }
            self._encode(encoder.begin_compute_pass(timestamp_writes=writes), timed, number)
        encoder.resolve_query_set(queries, 0, count, resolved, 0)
        self._device.queue.submit([encoder.finish()])
        ticks = memoryview(self._device.queue.read_buffer(resolved)).cast("Q").tolist()
        resolved.destroy()
        return [
            ((begin - ticks[0]) / 1e6, max(end - begin, 0) / 1e6)
            for begin, end in zip(ticks[::2], ticks[1::2], strict=True)
        ]

    def _encode(self, compute: Any, timed: _TimedRun, number: int) -> None:
        """One dispatch as a whole pass."""
        pipeline, _ = timed.plan.pipelines[number]
        compute.set_pipeline(pipeline)
        compute.set_bind_group(0, timed.groups[number])
        compute.dispatch_workgroups(*timed.plan.commands[number][2:5])
        compute.end()

    def abandon(self, run: int) -> None:
        self._timed.pop(run, None)

    async def synchronize(self) -> None:
        # wgpu-py 0.32 cannot wait for submitted work by itself (its callback does not fit the
        # library it ships); a read of four bytes waits for all that the queue has before it.
        if not self._lost:
            self._device.queue.read_buffer(self._fence)

    def take_error(self) -> str:
        return ""

    async def loss_known(self) -> str:
        return self._lost

    def destroy(self) -> None:
        self._lost = "destroyed"
        self._device.destroy()


async def open_gpu() -> NativeGPU | str:
    """wgpu-py's GPU, or why there is none."""
    try:
        import wgpu
    except ImportError:
        return "wgpu-py is not installed: pip install webtensor[native]"
    try:
        adapter: Any = wgpu.gpu.request_adapter_sync(power_preference="high-performance")
    except RuntimeError as error:
        return f"no GPU driver answers: {error}"
    if adapter is None:
        return "no GPU driver answers (a software one: Debian's mesa-vulkan-drivers)"
    device = adapter.request_device_sync(
        required_features=[name for name in _WANTED_FEATURES if name in adapter.features],
        required_limits={name: adapter.limits[name] for name in _WANTED_LIMITS},
    )
    return NativeGPU(wgpu, adapter, device)


async def open_ml() -> str:
    """CPython has no WebNN."""
    return "WebNN is a browser interface; CPython has none"


def takes_wasm(code: bytes) -> bool:
    """Never: CPython has no WebAssembly engine."""
    return False


async def instantiate_wasm(code: bytes) -> Any:
    """Nobody asks for this where `takes_wasm` says no."""
    raise DeviceUnavailableError("CPython has no WebAssembly engine; NumPy's own kernels run there")


def can_run_sync() -> bool:
    """Always: no coroutine here really waits."""
    return True


def run_sync(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result; also inside a running event loop."""
    return drive(coroutine)


async def pause() -> None:
    """Let other tasks run, where an event loop runs."""
    await asyncio.sleep(0)


async def ensure_numpy() -> None:
    """A dependency of the package: it is installed."""


def _settings() -> Path:
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "webtensor" / "settings.json"


def _kept(file: Path) -> dict[str, Any]:
    """What `file` has; nothing where it is not there, or spoilt."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def remember(key: str, text: str) -> None:
    """Keep `text` for later processes, where the user's cache folder can be written."""
    file = _settings()
    kept = _kept(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Written whole under another name first: other processes never see half of it.
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({**kept, key: text}), encoding="utf-8")
        draft.replace(file)
    except OSError:
        return


async def recall(key: str) -> str | None:
    """What was kept under `key`, None where nothing was."""
    found = _kept(_settings()).get(key)
    return found if isinstance(found, str) else None


def runtime() -> dict[str, Any]:
    """Interpreter, for `capabilities()`."""
    return {
        "python": platform.python_version(),
        "pyodide": None,
        "host": "native",
        "browser": None,
        "engine": None,
        "user_agent": None,
        "worker": False,
        "cross_origin_isolated": False,
        "jspi": False,
    }
