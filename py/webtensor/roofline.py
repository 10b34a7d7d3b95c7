"""What a device reaches at best, measured with the package's own kernels: copying and multiplying.

A kernel that moves `b` bytes and does `f` operations cannot take less than the longer of
b / bytes_per_second and f / operations_per_second: the roofline model (Williams, Waterman and
Patterson, "Roofline", 2009).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from weakref import WeakKeyDictionary

from . import discovery, host, observe
from .backends.base import Backend, Graph, Storage
from .benchmark import random_floats
from .dtypes import float32
from .errors import OutOfMemoryError
from .graph.node import Node, operation, source

_ROW = 1 << 20
_MOST_ROWS = 32  # of float32: 128 MiB, the largest binding that WebGPU guarantees
_SMALLEST_PRODUCT, _LARGEST_PRODUCT = 256, 4096
# One run is long enough when it takes this; shorter ones on a larger operand tell more.
_RUN_SECONDS = 0.006
# A sample queues as many runs as fill this: clocks and fences are coarse.
_SAMPLE_SECONDS = 0.01
_MOST_RUNS = 256
_FEWEST_SAMPLES = 3
_TOTAL_SECONDS = 0.05
_CLOCK_SECONDS = 1e-4  # browsers' clocks tick so, or slower


_Apply = Callable[[Node], tuple[str, list[Node]]]


@dataclass(frozen=True)
class Roofline:
    """What a device reached.

    Attributes:
        device: "webgpu", "webnn" or "cpu".
        operations_per_second: of float32 multiplications and additions, in a matrix product.
        bytes_per_second: read and written together, in a copy with a change of sign.
    """

    device: str
    operations_per_second: float
    bytes_per_second: float

    def seconds(self, operations: float, nbytes: float) -> float:
        """The least that so much work takes."""
        return max(operations / self.operations_per_second, nbytes / self.bytes_per_second)


_measured: WeakKeyDictionary[Backend, Roofline] = WeakKeyDictionary()


async def roofline(device: str) -> Roofline:
    """The roofline of `device`, measured at the first call in some tenths of a second.

    Raises:
        DeviceUnavailableError: it is not there.
    """
    backend = await discovery.backend(device)
    if backend not in _measured:
        if backend.name == "cpu":
            await host.ensure_numpy()
        with observe.unobserved():
            _measured[backend] = Roofline(
                backend.name, await _product_rate(backend), await _copy_rate(backend)
            )
    return _measured[backend]


async def _copy_rate(backend: Backend) -> float:
    best, rows = 0.0, 2
    while True:
        try:
            node, seconds = await _time(backend, (rows, _ROW), lambda one: ("negative", [one]))
        except OutOfMemoryError:
            if not best:
                raise
            return best
        best = max(best, 2 * node.nbytes / seconds)
        if seconds > _RUN_SECONDS or rows >= _MOST_ROWS:
            return best
        rows *= 2


async def _product_rate(backend: Backend) -> float:
    best, size = 0.0, _SMALLEST_PRODUCT
    while True:
        _, seconds = await _time(backend, (size, size), lambda one: ("matmul", [one, one]))
        best = max(best, 2 * size**3 / seconds)
        if seconds > _RUN_SECONDS or size >= _LARGEST_PRODUCT:
            return best
        size *= 2


async def _time(backend: Backend, shape: tuple[int, int], apply: _Apply) -> tuple[Node, float]:
    """The node that `apply` names, over an operand of `shape`, and the seconds of its best run."""
    operand = await _operand(backend, shape)
    name, inputs = apply(source(b"", shape, float32, backend.name))
    node = operation(name, inputs)
    executable = await backend.compile(Graph.of([node]))
    try:
        (result,) = await executable.run([operand])  # warm
        await backend.synchronize(result, node)
        runs, spent, samples = 1, 0.0, 0
        best = math.inf
        while spent < _TOTAL_SECONDS or samples < _FEWEST_SAMPLES:
            begin = perf_counter()
            for _ in range(runs):
                (result,) = await executable.run([operand])
            await backend.synchronize(result, node)
            elapsed = max(perf_counter() - begin, _CLOCK_SECONDS)
            best = min(best, elapsed / runs)
            spent += elapsed
            samples += 1
            if elapsed < _SAMPLE_SECONDS and runs < _MOST_RUNS:
                runs, samples = 2 * runs, 0
        return node, best
    finally:
        executable.release()


async def _operand(backend: Backend, shape: tuple[int, int]) -> Storage:
    """Numbers of `shape`, made on the device from a row and a column."""
    data = [await random_floats(size, seed) for seed, size in enumerate(shape)]
    column = source(data[0], (shape[0], 1), float32, backend.name)
    row = source(data[1], (1, shape[1]), float32, backend.name)
    node = operation("add", [column, row])
    uploaded = [
        await backend.upload(elements, one)
        for elements, one in zip(data, (column, row), strict=True)
    ]
    executable = await backend.compile(Graph.of([node]))
    try:
        (result,) = await executable.run(uploaded)
        await backend.synchronize(result, node)
        return result
    finally:
        executable.release()
