"""Measuring a matrix product on one device, honestly: each part apart, checked against float64.

The page and `build.py bench` both use this. It drives the graph and a backend directly, so that
compiling, running and reading can be timed apart.
"""

from __future__ import annotations

import math
import random
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter
from typing import Any

from . import discovery, host
from .backends.base import Backend, Executable, Graph, Storage
from .dtypes import float32
from .errors import ShapeError
from .evaluate import check
from .graph.node import Node, operation, source
from .lazy_numpy import np

Progress = Callable[[dict[str, Any]], None]

MAX_SIZE = 1 << 14
_FULL_CHECK = 512  # sizes up to this are checked in full, larger ones in random rows
_ROWS_CHECKED = 64
_TOLERANCE = 1e-5  # times the square root of k
_SAMPLE_SECONDS = 0.05  # a sample queues as many runs as fill this: clocks and fences are coarse
_LONGEST_QUEUE = 4096  # runs in one sample
_TOTAL_SECONDS = 2.5
_FEWEST, _MOST = 3, 30
# Of random words: the bits that stay (sign and fraction), and those that are set (exponent 0).
_FLOATS_OF_RANDOM_BITS = 0x807FFFFF, 0x3F800000
_FLOATS_AT_ONCE = 1 << 19
# What NumPy in WebAssembly reaches with contiguous panels on a 2-core machine: only to warn by.
_TYPICAL_CPU_RATE = 5e9


async def matmul(
    m: int,
    n: int,
    k: int,
    *,
    device: str = "webgpu",
    repeats: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure C (m × n) = A (m × k) · B (k × n) in float32, operands on the device.

    Args:
        repeats: samples of the warm time; default: as many as fit in about 2.5 s, 3 to 30.
        seed: of the random operands.
        progress: called with {"stage", "done", "total", "text"}.

    Returns:
        Milliseconds: "upload_ms" (both operands), "cold_ms" (compile and first run), "median_ms"
        and "p95_ms" over "times_ms" (warm runs, on the device), "readback_ms"; "gflops" at the
        median; "rel_err": the largest error over the largest magnitude of the float64 reference,
        in "rows_checked" rows; "tolerance", "ok".

    Raises:
        ShapeError: a size below 1 or above 16384.
        WebTensorError: the device is missing or fails.
        asyncio.CancelledError: the task was cancelled; it stops between two bands of work.
    """
    if not all(1 <= size <= MAX_SIZE for size in (m, n, k)):
        raise ShapeError(f"sizes are whole numbers from 1 to {MAX_SIZE}, not {m} × {k} × {n}")
    say = _Narrator(progress)
    say("upload", 0, 1, "Getting the device ready")
    backend = await discovery.backend(device)
    if device == "cpu":
        await host.ensure_numpy()
    say(
        "upload", 0, 1, f"Making and uploading {_bytes_text(4 * (m * k + k * n))} of random numbers"
    )
    a, b = await random_floats(m * k, seed), await random_floats(k * n, seed + 1)
    left, right = source(a, (m, k), float32, device), source(b, (k, n), float32, device)
    work = _Work(backend, operation("matmul", [left, right]), (left, right))
    upload_ms = await _timed(lambda: work.upload(a, b))
    say("cold", 0, 1, "Compiling and running once")
    cold_ms = await _timed(work.first_run)
    times = await _warm(work, repeats, say)
    say("readback", 0, 1, "Reading the result back")
    begin = perf_counter()
    data = await backend.read(work.result, work.node)
    readback_ms = _milliseconds(begin)
    error, rows = await _verify(a, b, data, (m, n, k), seed, say)
    ordered = sorted(times)
    median = ordered[len(ordered) // 2]
    tolerance = _TOLERANCE * math.sqrt(k)
    info = backend.info()
    return {
        "workload": f"matmul {m}×{k}×{n}",
        "m": m,
        "n": n,
        "k": k,
        "device": device,
        "adapter": info.adapter,
        "software": info.software,
        "upload_ms": upload_ms,
        "cold_ms": cold_ms,
        "median_ms": median,
        "p95_ms": ordered[min(math.ceil(0.95 * len(ordered)) - 1, len(ordered) - 1)],
        "repeats": len(times),
        "readback_ms": readback_ms,
        "gflops": 2 * m * n * k / median / 1e6,
        "rel_err": error,
        "tolerance": tolerance,
        "rows_checked": rows,
        "ok": error <= tolerance,
        "times_ms": times,
    }


def estimate_seconds(m: int, n: int, k: int, device: str) -> float | None:
    """About how long `matmul` takes on the CPU; None where a device is too fast to warn of."""
    if device != "cpu":
        return None
    backend = discovery.present("cpu")
    rate = getattr(backend, "rate", 0.0) or _TYPICAL_CPU_RATE
    one_run = 2 * m * n * k / rate
    runs = 1 + min(max(_TOTAL_SECONDS / one_run, 1), _MOST)
    return one_run * runs


class _Work:
    """One compiled product on its device, run again and again over the same operands."""

    def __init__(self, backend: Backend, node: Node, inputs: tuple[Node, Node]) -> None:
        self._backend = backend
        self._inputs = inputs
        self._executable: Executable | None = None
        self.node = node
        self.storages: list[Storage] = []

    async def upload(self, *data: bytes) -> None:
        for node, elements in zip(self._inputs, data, strict=True):
            self.storages.append(await self._backend.upload(elements, node))
        await self._backend.synchronize(self.storages[-1], self._inputs[-1])

    async def first_run(self) -> None:
        graph = Graph.of([self.node])
        check(graph, self._backend)
        # Not from the cache of executables: cold means cold, also the second time.
        self._executable = await self._backend.compile(graph)
        order = {
            id(node): storage for node, storage in zip(self._inputs, self.storages, strict=True)
        }
        self.storages = [order[id(node)] for node in graph.inputs]
        await self.run(1)

    async def run(self, times: int) -> None:
        """Queue `times` runs and wait for the last."""
        assert self._executable is not None, "first_run() comes first"
        for _ in range(times):
            (self.result,) = await self._executable.run(self.storages)
        await self._backend.synchronize(self.result, self.node)


class _Narrator:
    """Progress in words, where somebody listens."""

    def __init__(self, listener: Progress | None) -> None:
        self._listener = listener

    def __call__(self, stage: str, done: int, total: int, text: str) -> None:
        if self._listener is not None:
            self._listener({"stage": stage, "done": done, "total": total, "text": text})


async def _warm(work: _Work, repeats: int | None, say: _Narrator) -> list[float]:
    """Milliseconds per run, a value per sample."""
    say("warm", 0, _FEWEST, "Warm run, to see how many are enough")
    runs, spent = 1, await _timed(lambda: work.run(1))
    while spent < _SAMPLE_SECONDS * 1e3 / 2 and runs < _LONGEST_QUEUE:
        # Step by step: browsers' clocks tick up to a millisecond, so that nothing may seem to cost
        # nothing, and a million runs to fit.
        wanted = int(_SAMPLE_SECONDS * 1e3 / max(spent, 1e-3) * runs)
        runs = min(max(wanted, 2 * runs), 8 * runs, _LONGEST_QUEUE)
        spent = await _timed(partial(work.run, runs))
    one = max(spent / runs, 1e-6)
    fitting = int(_TOTAL_SECONDS * 1e3 / (one * runs))
    if one > _TOTAL_SECONDS * 1e3 and repeats is None:
        return [one]  # one run takes so long that its noise is small beside it
    count = repeats or min(max(fitting, _FEWEST), _MOST)
    while True:
        times = []
        for number in range(count):
            say("warm", number, count, f"Warm run {number + 1} of {count}")
            await host.pause()
            times.append(await _timed(partial(work.run, runs)) / runs)
        if runs * sorted(times)[count // 2] > _SAMPLE_SECONDS * 1e3 / 4 or runs >= _LONGEST_QUEUE:
            return times
        # Too short for a coarse clock: the run that told how many are enough was a slow one.
        runs = min(8 * runs, _LONGEST_QUEUE)


async def _verify(
    a: bytes,
    b: bytes,
    c: bytes | memoryview,
    sizes: tuple[int, int, int],
    seed: int,
    say: _Narrator,
) -> tuple[float, int]:
    """(largest error relative to the largest magnitude, rows compared) against float64."""
    m, n, k = sizes
    await host.ensure_numpy()
    rows = list(range(m))
    if max(sizes) > _FULL_CHECK:
        rows = sorted(random.Random(seed).sample(rows, min(_ROWS_CHECKED, m)))
    say("verify", 0, len(rows), f"Comparing {len(rows)} rows with float64")
    await host.pause()
    left = np.frombuffer(a, np.float32).reshape(m, k)[rows].astype(np.float64)
    right = np.frombuffer(b, np.float32).reshape(k, n)
    result = np.frombuffer(c, np.float32).reshape(m, n)[rows]
    largest = error = 0.0
    # Columns in panels, transposed: contiguous along k, and short enough to be cancelled between.
    width = max(int(2e7 / (2 * len(rows) * k)), 16)
    for first in range(0, n, width):
        panel = np.ascontiguousarray(right[:, first : first + width].T, dtype=np.float64)
        reference = np.einsum("ik,jk->ij", left, panel)
        difference = np.abs(result[:, first : first + width] - reference)
        # max() of Python would pass over NaN; NumPy's does not.
        error = float(np.maximum(error, difference.max()))
        largest = max(largest, float(np.abs(reference).max()))
        await host.pause()
    return (error / largest if largest else error), len(rows)


async def random_floats(count: int, seed: int) -> bytes:
    """`count` float32 in ±[1, 2), uniform in their bits: no NumPy needed, no zeros among them."""
    generator = random.Random(seed)
    parts = []
    for first in range(0, count, _FLOATS_AT_ONCE):
        size = min(_FLOATS_AT_ONCE, count - first)
        pattern, exponent = (
            int.from_bytes(word.to_bytes(4, "little") * size, "little")
            for word in _FLOATS_OF_RANDOM_BITS
        )
        bits = generator.getrandbits(32 * size) & pattern | exponent
        parts.append(bits.to_bytes(4 * size, "little"))
        await host.pause()
    return b"".join(parts)


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    begin = perf_counter()
    await work()
    return _milliseconds(begin)


def _milliseconds(begin: float) -> float:
    return (perf_counter() - begin) * 1e3


def _bytes_text(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
