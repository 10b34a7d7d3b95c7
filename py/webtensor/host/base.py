"""What the host gives to the layers above: a GPU, a WebNN context, time, waiting.

Two hosts implement it: `browser` (Pyodide's JavaScript FFI) and `native` (CPython with wgpu-py).
Only this package imports `js`, `pyodide` or `wgpu`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

# A dispatch of a plan, as JSON has it: (cost, pipeline, x, y, z, slot, offset, size, …). Offsets
# and sizes are bytes, cost is in operations, a slot is an index into a run's buffers.
Command = tuple[Any, ...]


class GPU(Protocol):
    """A WebGPU device: buffers, pipelines, plans and runs are known by number."""

    description: dict[str, Any]

    @property
    def lost(self) -> str:
        """Why the device is gone, "" while it is there."""

    async def create_buffers(self, sizes: Sequence[int]) -> list[int]:
        """New buffers (contents undefined), all or none; raises OutOfMemoryError."""

    def destroy_buffers(self, buffers: Sequence[int]) -> None: ...
    def write(self, buffer: int, data: bytes | memoryview) -> None: ...
    async def read(self, buffer: int, size: int) -> bytes | memoryview:
        """The first `size` bytes.

        Raises:
            DeviceLostError: the device is gone.
            DeviceError: it refused this, or a command before it.
        """

    async def create_pipelines(self, kernels: Sequence[tuple[str, int]]) -> list[int]:
        """Pipelines of (WGSL source, buffers read); the buffer written is bound after those.

        Raises:
            KernelCompileError: with line, column and source line.
        """

    def release_pipeline(self, pipeline: int) -> None:
        """Forget a pipeline; plans recorded with it go on working."""

    def record(self, commands: Sequence[Command]) -> int:
        """Keep a command list; the number runs it."""

    def release(self, plan: int) -> None: ...
    def run(
        self, plan: int, buffers: Sequence[int], numbers: Sequence[tuple[int, float]] = ()
    ) -> int:
        """Submit a plan over `buffers`, after writing float32 `numbers` as (buffer, value).

        Returns:
            0; or the number of a run that `step` carries on, since there is more of it, or work
            before it, than should be submitted without waiting; or -1 where `lost` or `take_error`
            have something to tell.
        """

    async def step(self, run: int) -> bool:
        """Submit a run's next batch and wait for it; whether more is left."""

    def abandon(self, run: int) -> None: ...
    def begin_timed(self, plan: int, buffers: Sequence[int]) -> int:
        """A run of which `step_timed` submits everything."""

    async def step_timed(self, run: int, timestamps: bool) -> list[tuple[float, float]]:
        """Submit a run's next dispatches, each in a pass of its own, and wait for them.

        Returns:
            For each, in milliseconds: when it began, counted from the first one, and how long it
            took, by the GPU's clock ("timestamp-query") where `timestamps`, else by the wall
            clock from its submission on. Nothing where nothing was left.

        Raises:
            DeviceLostError: in a browser, where the device went meanwhile.
        """

    async def synchronize(self) -> None:
        """Wait until all submitted work is done; `take_error` then knows what was refused."""

    def take_error(self) -> str:
        """The first error that nothing caught, "" where there was none."""

    async def loss_known(self) -> str:
        """`lost`, after waiting (where a browser tells it late) until it is certain."""

    def destroy(self) -> None:
        """Give the device back; `lost` then says so."""


class ML(Protocol):
    """WebNN contexts and graphs, known by number."""

    description: dict[str, Any]

    @property
    def lost(self) -> str: ...
    async def create_tensors(self, descriptions: Sequence[tuple[str, Sequence[int]]]) -> list[int]:
        """New tensors of (WebNN data type, shape), all or none; raises OutOfMemoryError."""

    def destroy_tensors(self, tensors: Sequence[int]) -> None: ...
    def write(self, tensor: int, data: bytes | memoryview) -> None: ...
    async def read(self, tensor: int) -> bytes | memoryview: ...
    async def build(self, graph: str) -> int:
        """Compile a graph written as JSON (see static/webnn.js).

        Raises:
            UnsupportedOperatorError: the browser's builder refuses it.
        """

    def run(self, graph: int, inputs: Sequence[int], outputs: Sequence[int]) -> None: ...
    def release(self, graphs: Sequence[int]) -> None: ...
    def destroy(self) -> None: ...
