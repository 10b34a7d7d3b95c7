"""From graph to values: simplify, place, compile (once per structure), run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from . import discovery, host
from .backends.base import Backend, Executable, Graph
from .errors import UnsupportedDtypeError, UnsupportedOperatorError
from .graph.node import CONSTANT, TRANSFER, Node
from .graph.simplify import simplify

# Graphs differ in shapes without end in some programs: the oldest executables go.
_MOST_EXECUTABLES = 512


_evaluating = asyncio.Lock()


async def evaluate(nodes: Sequence[Node]) -> None:
    """Compute `nodes`; afterwards each has its storage.

    One evaluation runs at a time: a graph must not change under another one that shares nodes.

    Raises:
        DeviceUnavailableError, UnsupportedDtypeError, UnsupportedOperatorError: a graph cannot run
            where it is placed.
        DeviceLostError, OutOfMemoryError, KernelCompileError: running it failed; nothing of it is
            kept, everything computed before is.
    """
    async with _evaluating:
        await _evaluate(nodes)


async def _evaluate(nodes: Sequence[Node]) -> None:
    pending = [node for node in dict.fromkeys(nodes) if node.storage is None]
    for name in dict.fromkeys(node.device for node in pending):
        backend = await discovery.backend(name)
        if backend.name == "cpu":
            await host.ensure_numpy()
        await _evaluate_on(backend, [node for node in pending if node.device == name])


async def _evaluate_on(backend: Backend, nodes: Sequence[Node]) -> None:
    simplified = simplify(nodes)
    graph = Graph.of(simplified)
    check(graph, backend)
    for leaf in graph.inputs:
        if leaf.storage is None:
            await _fill(leaf, backend)
        elif leaf.storage.backend is not backend:
            await _move(leaf, backend)
    if any(not node.is_leaf for node in graph.order):
        executable = await _compiled(backend, graph)
        inputs = [leaf.storage for leaf in graph.inputs if leaf.storage is not None]
        results = await executable.run(inputs)
        for node, storage in zip(simplified, results, strict=True):
            node.settle(storage)
    for node, same in zip(nodes, simplified, strict=True):
        if node is not same and same.storage is not None:
            node.settle(same.storage)


async def _fill(leaf: Node, backend: Backend) -> None:
    """Bring a leaf's elements to `backend`: from the program, or from another device."""
    if leaf.kind == TRANSFER:
        (origin,) = leaf.inputs
        await _evaluate([origin])
        data = await read(origin)
    else:
        assert leaf.data is not None, "an input has data or a storage"
        data = leaf.data
    leaf.settle(await backend.upload(bytes(data), leaf))


async def _move(leaf: Node, backend: Backend) -> None:
    """A leaf without a pinned device, computed when the default was another one."""
    data = await read(leaf)
    leaf.settle(await backend.upload(bytes(data), leaf))


def check(graph: Graph, backend: Backend) -> None:
    """An explicit device is strict: raise where `backend` lacks a part of `graph`."""
    for node in graph.order:
        reason = backend.lacks_dtype(node.dtype)
        if reason is not None:
            raise UnsupportedDtypeError(
                f"{node.dtype.name} is not available on {backend.name!r}: {reason}. "
                f"Convert with x.astype(webtensor.float32), or use device='cpu'"
            )
        if node.is_leaf or node.kind == CONSTANT:
            continue
        reason = backend.lacks_operator(node)
        if reason is not None:
            raise UnsupportedOperatorError(
                f"{node.kind} cannot run on {backend.name!r}: {reason}. "
                f"Use x.to_device('webgpu') or x.to_device('cpu')"
            )


async def _compiled(backend: Backend, graph: Graph) -> Executable:
    """The executable for `graph`, made at its first use."""
    key = graph.key()
    known = backend.executables
    # The most recently used one is last, so that the oldest goes first.
    executable = known.pop(key, None)
    if executable is None:
        if len(known) >= _MOST_EXECUTABLES:
            known.pop(next(iter(known))).release()
        executable = await backend.compile(graph)
    known[key] = executable
    return executable


async def read(node: Node) -> bytes | memoryview:
    """The elements of a computed node, in C order."""
    storage = node.storage
    assert storage is not None, "read() is for computed nodes"
    return await storage.backend.read(storage, node)
