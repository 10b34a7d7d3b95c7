"""From graph to values: simplify, place, compile (once per structure), run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any, TypeVar

from . import discovery, host
from .backends.base import Backend, Executable, Graph, Storage
from .errors import CaptureError, UnsupportedDtypeError, UnsupportedOperatorError
from .graph.node import CONSTANT, TRANSFER, Node
from .graph.simplify import simplify
from .host.driver import drive
from .lazy_numpy import np
from .operators import TABLE
from .operators.custom import without_marks

T = TypeVar("T")

# Bytes that are read in as much time as one of them.
_SMALL = 1 << 14
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


async def between_evaluations(change: Callable[[], None]) -> None:
    """Call `change` while nothing is evaluated: it may release compiled graphs."""
    async with _evaluating:
        change()


async def _evaluate(nodes: Sequence[Node]) -> None:
    pending = [node for node in dict.fromkeys(nodes) if node.storage is None]
    for name in dict.fromkeys(node.device for node in pending):
        backend = await _ready(name)
        await _evaluate_on(backend, [node for node in pending if node.device == name])


async def _ready(name: str | None) -> Backend:
    """The device `name`, with all that it needs."""
    backend = await discovery.backend(name)
    if backend.name == "cpu":
        await host.ensure_numpy()
    return backend


async def _evaluate_on(backend: Backend, nodes: Sequence[Node]) -> None:
    simplified = simplify(nodes)
    graph = Graph.of(simplified)
    check(graph, backend)
    for leaf in graph.inputs:
        await _place(leaf, backend)
    if any(not node.is_leaf for node in graph.order):
        executable = await _compiled(backend, graph)
        inputs = [leaf.storage for leaf in graph.inputs if leaf.storage is not None]
        results = await executable.run(inputs)
        for node, storage in zip(simplified, results, strict=True):
            node.settle(storage)
    for node, same in zip(nodes, simplified, strict=True):
        if node is not same and same.storage is not None:
            node.settle(same.storage)


async def _place(leaf: Node, backend: Backend) -> Storage:
    """Have a leaf's elements on `backend`."""
    if leaf.storage is None:
        await _fill(leaf, backend)
    elif leaf.storage.backend is not backend:
        await _move(leaf, backend)
    assert leaf.storage is not None, "it was settled just now"
    return leaf.storage


async def _fill(leaf: Node, backend: Backend) -> None:
    """Bring a leaf's elements to `backend`: from the program, or from another device."""
    if leaf.kind == TRANSFER:
        (origin,) = leaf.inputs
        await _evaluate([origin])
        data = await read(origin)
    else:
        if leaf.data is None:
            raise CaptureError(
                "webtensor.compile captures what a function does with tensors of this shape and "
                "dtype; their values are not known meanwhile. Inside such a function nothing can "
                "be read (float(x), x.tolist(), `if x > 0`) or moved with x.to_device(...), and "
                "its arguments cannot be used outside of it: compute with tensors, as in wt.where"
            )
        data = leaf.data
    leaf.settle(await backend.upload(bytes(data), leaf))


async def _move(leaf: Node, backend: Backend) -> None:
    """A leaf without a pinned device, computed when the default was another one."""
    data = await read(leaf)
    leaf.settle(await backend.upload(bytes(data), leaf))


async def compile_apart(
    outputs: Sequence[Node], device: str | None, placeholders: Collection[Node]
) -> tuple[Backend, Graph, Executable | None, dict[int, Storage]]:
    """Compile `outputs` for `compiled.py`, which owns what this makes.

    Returns:
        The backend, the simplified graph, its executable (None where nothing is computed), and the
        storages of the leaves that are no placeholders, by their ids.
    """
    async with _evaluating:
        backend = await _ready(device)
        graph = Graph.of(simplify(outputs))
        check(graph, backend)
        given = {id(node) for node in placeholders}
        bound = {
            id(leaf): await _place(leaf, backend) for leaf in graph.inputs if id(leaf) not in given
        }
        computes = any(not node.is_leaf for node in graph.order)
        return backend, graph, await backend.compile(graph) if computes else None, bound


async def place(nodes: Sequence[Node], device: str | None) -> None:
    """Compute `nodes` and have them on `device`.

    Raises:
        DeviceLostError: the only copy of one is gone. Also what `evaluate` raises.
    """
    await evaluate(nodes)
    async with _evaluating:
        backend = await _ready(device)
        for node in nodes:
            await _place(node, backend)


def wait(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result, synchronously.

    Raises:
        SynchronousReadError: it has to wait for something, and cannot do so here.
    """
    return host.run_sync(coroutine) if host.can_run_sync() else drive(coroutine)


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
            others = [name for name in ("webgpu", "cpu") if name != backend.name]
            raise UnsupportedOperatorError(
                f"{without_marks(node.kind)} cannot run on {backend.name!r}: {reason}. "
                f"Use {' or '.join(f'x.to_device({name!r})' for name in others)}"
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


def base_of_element(node: Node) -> Node | None:
    """The node of few bytes of which `node` is one element, None where it is none.

    Programs read element after element: that computes the whole once, where each element would be
    a graph, and a kernel, of its own.
    """
    base = node
    if node.size != 1:
        return None
    while base.storage is None and base.kind in TABLE and base.operator.family == "view":
        (base,) = base.inputs
        if base.nbytes > _SMALL:
            return None
    return None if base is node or base.kind == CONSTANT else base


def as_viewed(node: Node, data: bytes | memoryview) -> bytes:
    """The elements of `node`, a view of what has the elements `data`."""
    views = []
    while node.storage is None and node.kind in TABLE and node.operator.family == "view":
        views.append(node)
        (node,) = node.inputs
    array = np.frombuffer(data, dtype=node.dtype.name).reshape(node.shape)
    for view in reversed(views):
        array = view.operator.reference(array, **view.options)
    return np.ascontiguousarray(array).tobytes()


async def read(node: Node) -> bytes | memoryview:
    """The elements of a computed node, in C order."""
    storage = node.storage
    assert storage is not None, "read() is for computed nodes"
    return await storage.backend.read(storage, node)
