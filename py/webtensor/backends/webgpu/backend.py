"""The WebGPU device behind the backend contract."""

from __future__ import annotations

import json
import warnings
from collections.abc import Hashable, Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from ... import host, observe
from ...dtypes import DType
from ...errors import DeviceError, DeviceLostError, KernelCompileError
from ...graph.fuse import fuse
from ...graph.node import Node
from ...graph.plan import plan_temporaries
from ...host.base import GPU, Command
from ...observe import Cost
from ...operators.linear_algebra import CPU_ONLY
from ..base import Backend, DeviceInfo, Executable, Graph, Storage
from .context import Context
from .custom import create_pipelines
from .kernel import Dispatch, Lowered, Span
from .layout import LAYOUTS, is_half
from .lower import lower, variants_of
from .pool import Pool
from .timing import cost_of, run_timed
from .trial import half_problem, problem
from .variants import HARDWARE, SAFE, SOFTWARE, SWIFTSHADER, Adapter

_MOST_PIPELINES = 1024
# WebGPU has no buffers of no bytes; a tensor without elements gets the least.
_LEAST_BYTES = 4


class WebGPUBackend(Backend):
    """Tensors in GPU buffers, graphs as recorded plans."""

    name = "webgpu"

    def __init__(self, gpu: GPU, adapter: Adapter | None = None) -> None:
        super().__init__()
        self.gpu = gpu
        self._details = _details(gpu.description)
        limits = self._details["limits"]
        self.software = bool(self._details["software"])
        self.adapter = adapter or _first_run(self._details)
        #: What each variant that was found wrong did; safe ones run in their place.
        self.demoted: dict[str, str] = {}
        self._sound: set[str] = set()
        self.native_half = bool(self._details["f16"])
        self.binding_limit = int(limits["maxStorageBufferBindingSize"])
        self.pool = Pool(gpu, int(limits["maxBufferSize"]))
        self._pipelines: dict[str, int] = {}
        self._constants: WeakValueDictionary[Hashable, Storage] = WeakValueDictionary()
        self.timestamps: bool | None = None  # whether the GPU's clock is right, once it was tried

    @property
    def lost(self) -> str:
        return self.gpu.lost

    def info(self) -> DeviceInfo:
        details = {**self._details, "demoted": self.demoted, "variants": self.adapter.as_json()}
        software = " (software: runs on the CPU)" if details["software"] else ""
        return DeviceInfo(
            "webgpu", True, f"ready{software}", _adapter_name(details), details["software"], details
        )

    def lacks_dtype(self, dtype: DType) -> str | None:
        if dtype.name in LAYOUTS:
            return None
        return f"its kernels compute in {', '.join(LAYOUTS)}"

    def lacks_operator(self, node: Node) -> str | None:
        if node.operator.family == CPU_ONLY:
            return "it goes through its matrices in steps that no kernel does in parallel"
        computed_whole = node.operator.family in (
            "reduction", "rows", "contraction", "convolution", "transposed_convolution", "pooling",
            "scan",
        )  # fmt: skip
        half = is_half(node.dtype)
        narrow = node.dtype.itemsize < 4 and not half
        if (half and node.kind == "attention") or (computed_whole and narrow):
            return f"its {node.kind} kernel computes in 32 bits; convert {node.dtype.name} first"
        return None

    async def upload(self, data: bytes, node: Node) -> Storage:
        self.check()
        (buffer,) = await self.pool.allocate([max(len(data), _LEAST_BYTES)])
        storage = Storage(self, buffer, len(data))
        if data:
            self.gpu.write(buffer, data)
        return storage

    async def read(self, storage: Storage, node: Node) -> bytes | memoryview:
        self.check()
        data = await self.gpu.read(storage.handle, storage.nbytes) if storage.nbytes else b""
        self.check()
        return data

    def free(self, storage: Storage) -> None:
        self.pool.release([storage.handle])

    async def synchronize(self, storage: Storage, node: Node) -> None:
        await self.gpu.synchronize()
        await self.check_commands()

    def trim(self) -> None:
        self.pool.trim()

    def memory(self) -> dict[str, int]:
        return {"live": self.pool.live, "pooled": self.pool.pooled, "peak": self.pool.peak}

    async def compile(self, graph: Graph) -> Executable:
        for name in variants_of(fuse(graph.outputs), self.adapter):
            await self._try_out(name)
        if self.native_half and any(is_half(node.dtype) for node in graph.order):
            await self._try_out_half()
        return await self.build(graph, self.adapter)

    async def _try_out_half(self) -> None:
        """Before the first use of the adapter's type f16: where it alters values, float16 is kept
        two to a word."""
        key = "native_half"
        if key in self._sound:
            return
        found = await half_problem(self, self.adapter)
        if found:
            self.native_half = False
            self.demoted[key] = found
            warnings.warn(
                f"this GPU's f16 is not sound ({found}); float16 is kept in 32-bit words instead",
                RuntimeWarning,
                stacklevel=2,
            )
            return
        self._sound.add(key)
        host.remember(self._trust_key(), json.dumps(sorted(self._sound)))

    async def _try_out(self, name: str) -> None:
        """Before a variant's first use: where it computes wrong, a safe one takes its place."""
        variant = getattr(self.adapter, name)
        key = f"{name}={variant}"
        if key in self._sound:
            return
        try:
            found = await problem(self, self.adapter, name)
        except KernelCompileError as error:
            found = str(error)
        if found:
            safe = self.adapter.with_variant(name, SAFE[name])
            # Where not even the simplest kernel compiles, its own error tells most.
            still = await problem(self, safe, name)
            if still:
                raise DeviceError(
                    f"this GPU's driver computes wrong even with the simplest kernel ({still}); "
                    f"use device='cpu', and please report it with webtensor.capabilities()"
                )
            self.adapter = safe
            self.demoted[key] = found
            warnings.warn(
                f"this GPU computes wrong with {key} ({found}); a slower kernel is used instead",
                RuntimeWarning,
                stacklevel=2,
            )
        self._sound.add(f"{name}={getattr(self.adapter, name)}")
        host.remember(self._trust_key(), json.dumps(sorted(self._sound)))

    def _trust_key(self) -> str:
        from ... import __version__

        return f"sound {__version__} {self.identity}"

    @property
    def identity(self) -> str:
        """What tells this adapter and driver from others, for what is remembered of it."""
        details = self._details
        return f"{_adapter_name(details)} {details.get('driver', '')} {len(details['features'])}"

    @property
    def configuration(self) -> Adapter:
        return self.adapter

    async def prepare(self) -> None:
        """Recall what is known of this adapter from earlier visits."""
        sound = await host.recall(self._trust_key())
        tuned = await host.recall(self._tuning_key())
        # What is spoilt is as good as nothing: it is found out and measured anew.
        with suppress(ValueError):
            listed = json.loads(sound or "[]")
            self._sound.update(one for one in _listed(listed) if isinstance(one, str))
        with suppress(ValueError):
            self.adapter = Adapter.from_json(json.loads(tuned)) if tuned else self.adapter

    def tuned(self, adapter: Adapter) -> None:
        """Run with `adapter` from now on, on later visits too."""
        self.adapter = adapter
        for executable in self.executables.values():
            executable.release()
        self.executables.clear()
        host.remember(self._tuning_key(), json.dumps(adapter.as_json()))

    def _tuning_key(self) -> str:
        from ... import __version__

        return f"variants {__version__} {self.identity}"

    async def build(self, graph: Graph, adapter: Adapter) -> Executable:
        """`compile` with the variants of `adapter`, without trying them out first."""
        self.check()
        groups = fuse(graph.outputs)
        if any(group.family == "fourier" for group in groups):
            await host.ensure_numpy()  # their tables are made with it
        self.pool.check(group.output.nbytes for group in groups)
        packed_dot = self._details["packed_dot"]
        context = Context(Lowered(), adapter, self.binding_limit, packed_dot, self.native_half)
        lowered = lower(groups, graph.outputs, context)
        await self._compile_kernels(lowered.dispatches)
        outputs = tuple(dict.fromkeys(graph.outputs))
        temporaries = plan_temporaries(
            [(one.write.value, [read.value for read in one.reads]) for one in lowered.dispatches],
            lowered.temporaries,
        )
        slots: dict[Hashable, int] = {}
        for node in (*graph.inputs, *(one for one in outputs if not one.is_leaf)):
            slots[id(node)] = len(slots)
        first = len(slots)
        slots.update({value: first + slot for value, slot in temporaries.slot.items()})
        first += len(temporaries.sizes)
        slots.update({value: first + slot for slot, value in enumerate(lowered.constants)})
        return _Plan(
            self,
            [self._command(dispatch, slots) for dispatch in lowered.dispatches],
            [one.nbytes for one in outputs if not one.is_leaf],
            temporaries.sizes,
            sum(lowered.temporaries.values()),
            [await self._constant(*one) for one in lowered.constants.items()],
            [slots[id(one)] for one in graph.outputs],
            [cost_of(dispatch) for dispatch in lowered.dispatches],
        )

    async def _constant(self, name: Hashable, data: bytes) -> Storage:
        """The constant of this name on the device; plans that need the same one share it."""
        held = self._constants.get(name)
        if held is None:
            (buffer,) = await self.pool.allocate([len(data)])
            held = self._constants[name] = Storage(self, buffer, len(data))
            self.gpu.write(buffer, data)
        return held

    async def _compile_kernels(self, dispatches: Sequence[Dispatch]) -> None:
        new = {
            one.source: len(one.reads) for one in dispatches if one.source not in self._pipelines
        }
        if new:
            made = await create_pipelines(self.gpu, list(new.items()))
            self._pipelines.update(zip(new, made, strict=True))
        # Recorded plans keep the pipelines that they use.
        kept = {one.source for one in dispatches}
        for source in list(self._pipelines)[: max(len(self._pipelines) - _MOST_PIPELINES, 0)]:
            if source not in kept:
                self.gpu.release_pipeline(self._pipelines.pop(source))

    def _command(self, dispatch: Dispatch, slots: dict[Hashable, int]) -> Command:
        spans: list[int] = []
        for span in (*dispatch.reads, dispatch.write):
            spans += [slots[span.value], span.offset, _bound_bytes(span)]
        pipeline = self._pipelines[dispatch.source]
        return (dispatch.cost, pipeline, *dispatch.workgroups, *spans)

    def check(self) -> None:
        if self.gpu.lost:
            raise DeviceLostError(
                f"the GPU device was lost ({self.gpu.lost}) and with it this tensor, whose only "
                f"copy was there; make it again from its data, the device is asked for anew"
            )

    async def check_commands(self) -> None:
        """Raise DeviceLostError where the device is gone, DeviceError where it refused a command
        since the last time."""
        error = self.gpu.take_error()
        if error and not await self.gpu.loss_known():
            raise DeviceError(f"WebGPU refused a command that webtensor made, a bug: {error}")
        self.check()


def _listed(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def _bound_bytes(span: Span) -> int:
    """Whole words: the last one of a packed dtype may be shared with nobody."""
    return max(-(-span.size // 4) * 4, _LEAST_BYTES)


class _Plan(Executable):
    """A recorded plan. Slots are the inputs, the outputs, the temporaries, then the constants."""

    takes_numbers = True

    def __init__(
        self,
        backend: WebGPUBackend,
        commands: Sequence[Command],
        output_sizes: Sequence[int],
        temporary_sizes: Sequence[int],
        temporary_bytes: int,
        constants: Sequence[Storage],
        result_slots: Sequence[int],
        costs: Sequence[Cost],
    ) -> None:
        self._backend = backend
        self._number = backend.gpu.record(commands)
        self._output_sizes = output_sizes
        self._sizes = [max(size, _LEAST_BYTES) for size in (*output_sizes, *temporary_sizes)]
        self._constants = constants
        self._result_slots = result_slots
        self.temporary_bytes = temporary_bytes
        self.planned_bytes = sum(temporary_sizes)
        self._costs = costs

    def release(self) -> None:
        self._constants = ()
        self._backend.gpu.release(self._number)

    async def run(self, inputs: Sequence[Storage | float]) -> list[Storage]:
        backend = self._backend
        numbers = [one for one in inputs if not isinstance(one, Storage)]
        buffers = await backend.pool.allocate(self._sizes + [_LEAST_BYTES] * len(numbers))
        results = [
            Storage(backend, buffer, size)
            for buffer, size in zip(buffers, self._output_sizes, strict=False)
        ]
        temporaries = buffers[len(results) :]
        try:
            holders = iter(buffers[len(self._sizes) :])
            slots = [one.handle if isinstance(one, Storage) else next(holders) for one in inputs]
            written = list(zip(buffers[len(self._sizes) :], numbers, strict=True))
            constants = [one.handle for one in self._constants]
            await self._submit(slots + buffers[: len(self._sizes)] + constants, written)
        finally:
            # The last one first: the next run then finds each where this one found it, and with it
            # the bind groups that were made for them.
            backend.pool.release(temporaries[::-1])
        everything = [*inputs, *results]
        # Numbers are no results: who passes them sees to it.
        return [everything[slot] for slot in self._result_slots]  # type: ignore[misc]

    async def _submit(self, buffers: Sequence[int], numbers: Sequence[tuple[int, float]]) -> None:
        gpu = self._backend.gpu
        if observe.listening():
            await run_timed(self._backend, self._number, self._costs, buffers, numbers)
            await self._backend.check_commands()
            return
        run = gpu.run(self._number, buffers, numbers)
        if run == 0:
            return
        try:
            while run > 0 and await gpu.step(run):
                self._backend.check()
        finally:
            if run > 0:
                gpu.abandon(run)
        await self._backend.check_commands()


def _details(description: dict[str, Any]) -> dict[str, Any]:
    features = set(description["features"])
    name = f"{description['vendor']} {description['device']} {description['description']}".lower()
    known_software = any(
        word in name for word in ("swiftshader", "llvmpipe", "lavapipe", "basic render")
    )
    return {
        **description,
        "software": bool(description["software"] or known_software),
        "f16": "shader-f16" in features,
        "subgroups": "subgroups" in features,
        "timestamps": "timestamp-query" in features,
        "packed_dot": "packed_4x8_integer_dot_product" in description["wgsl_features"],
    }


def _first_run(details: dict[str, Any]) -> Adapter:
    """The variants of an adapter that nobody has measured."""
    if not details["software"]:
        return HARDWARE
    return SWIFTSHADER if "swiftshader" in _adapter_name(details).lower() else SOFTWARE


def _adapter_name(details: dict[str, Any]) -> str:
    parts = (details["vendor"], details["architecture"], details["device"], details["description"])
    return " ".join(dict.fromkeys(part for part in parts if part)) or "unnamed adapter"
