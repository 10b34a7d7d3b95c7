"""Choosing kernel variants by measurement on the user's own adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from . import discovery, host, observe
from .backends.base import Executable, Graph, Storage
from .backends.webgpu.backend import WebGPUBackend
from .backends.webgpu.trial import problem
from .backends.webgpu.variants import PRODUCT_CLASSES, Adapter, Variant, candidates
from .benchmark import random_floats
from .dtypes import float32
from .errors import DeviceUnavailableError, KernelCompileError
from .evaluate import between_evaluations
from .graph.node import Node, operation, source

# (m, k, n) that stand for their class: on a software adapter, and on hardware.
_SIZES = {
    "large": ((384, 384, 384), (1024, 1024, 1024)),
    "flat": ((1, 1024, 1024), (1, 4096, 4096)),
    "narrow": ((1024, 256, 16), (8192, 1024, 16)),
}
_ROWS = ((512, 512), (4096, 1024))
_ROUNDS = 5
# What is so much slower than the best one in a first round is not measured again.
_HOPELESS = 2.0
_SAMPLE_SECONDS = 0.02


@dataclass
class _Contender:
    """One variant: its executable, and the seconds of each round."""

    variant: Variant | bool
    executable: Executable
    inputs: Sequence[Storage]
    node: Node
    runs: int = 1
    seconds: float = float("inf")


async def tune(
    *, device: str = "webgpu", progress: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Measure the kernel variants on this adapter and use the fastest from now on.

    The choice is kept for this adapter, driver and version, also for later visits. Without it, a
    table by adapter class decides. Takes some seconds on hardware, up to a minute on software.

    Args:
        device: "webgpu"; the other devices have no variants.
        progress: called with a line of text before each measurement.

    Returns:
        {place: {"chosen": variant, "milliseconds": {variant: time}}}.

    Raises:
        DeviceUnavailableError: there is no such device, or it has no variants.
    """
    backend = await discovery.backend(device)
    if not isinstance(backend, WebGPUBackend):
        raise DeviceUnavailableError(f"{device!r} has no kernel variants; tune 'webgpu'")
    adapter, report = backend.adapter, {}
    for name in (*PRODUCT_CLASSES, "shares_rows"):
        offered: list[Variant | bool] = [True, False]
        if name in PRODUCT_CLASSES:
            offered = list(candidates(name))
        contenders: list[_Contender] = []
        try:
            await _add_sound_ones(contenders, backend, name, offered, progress)
            await _measure(backend, contenders)
        finally:
            for one in contenders:
                one.executable.release()
        if not contenders:
            continue  # what is used now was found wrong too, or will be: it is tried before use
        best = min(contenders, key=lambda one: one.seconds)
        adapter = adapter.with_variant(name, best.variant)
        report[name] = {
            "chosen": str(best.variant),
            "milliseconds": {str(one.variant): 1e3 * one.seconds for one in contenders},
        }
    await between_evaluations(lambda: backend.tuned(adapter))
    return report


async def _add_sound_ones(
    found: list[_Contender],
    backend: WebGPUBackend,
    name: str,
    offered: Sequence[Variant | bool],
    progress: Callable[[str], None] | None,
) -> None:
    """Add to `found` those that compile and compute right, ready to run on the same operands."""
    software = backend.info().software
    node = await _product(*_SIZES[name][not software]) if name in _SIZES else None
    node = node or await _softmax(*_ROWS[not software])
    graph = Graph.of([node])
    inputs = [await backend.upload(leaf.data or b"", leaf) for leaf in graph.inputs]
    for number, variant in enumerate(offered, 1):
        if progress:
            progress(f"{name}: variant {number} of {len(offered)}")
        adapter: Adapter = backend.adapter.with_variant(name, variant)
        try:
            if await problem(backend, adapter, name):
                continue
            executable = await backend.build(graph, adapter)
        except KernelCompileError:
            continue
        found.append(_Contender(variant, executable, inputs, node))
        await host.pause()


async def _measure(backend: WebGPUBackend, contenders: list[_Contender]) -> None:
    """Rounds over all contenders in turn, so that whatever else goes on hits all alike."""
    for one in contenders:
        await _run(backend, one)  # compiles what drivers compile late
        spent = await _run(backend, one)
        one.runs = max(min(int(_SAMPLE_SECONDS / max(spent, 1e-4)), 50), 1)
    for number in range(_ROUNDS):
        best = min(one.seconds for one in contenders)
        for one in contenders:
            if number and one.seconds > _HOPELESS * best:
                continue
            one.seconds = min(one.seconds, await _run(backend, one) / one.runs)
        await host.pause()


async def _run(backend: WebGPUBackend, one: _Contender) -> float:
    with observe.unobserved():
        begin = perf_counter()
        for _ in range(one.runs):
            (result,) = await one.executable.run(one.inputs)
        await backend.synchronize(result, one.node)
        return perf_counter() - begin


async def _product(m: int, k: int, n: int) -> Node:
    a, b = await random_floats(m * k, 1), await random_floats(k * n, 2)
    return operation(
        "matmul", [source(a, (m, k), float32, "webgpu"), source(b, (k, n), float32, "webgpu")]
    )


async def _softmax(count: int, length: int) -> Node:
    x = source(await random_floats(count * length, 3), (count, length), float32, "webgpu")
    return operation("softmax", [x], axes=(1,))
