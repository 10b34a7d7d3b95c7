"""The one contract between the graph and what runs it.

A backend must not know: the public Tensor, other backends, pages, promises, or how a browser is
spoken to (that is the host's). It gets whole graphs, since WebNN compiles whole graphs, and it
alone decides how a graph becomes kernels. The graph must not know buffers, pipelines or strides of
a device.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..dtypes import DType
from ..graph.node import INPUT, Node, topological


class Storage:
    """Elements of one tensor on one device, in C order; freed with its last reference."""

    __slots__ = ("__weakref__", "backend", "handle", "nbytes")

    def __init__(self, backend: Backend, handle: Any, nbytes: int) -> None:
        self.backend = backend
        self.handle = handle
        self.nbytes = nbytes

    def __del__(self) -> None:
        self.backend.free(self)


@dataclass(frozen=True)
class DeviceInfo:
    """One device, there or not.

    Attributes:
        name: "webgpu", "webnn" or "cpu".
        available: whether tensors can live there.
        reason: why it is not there, or what it is.
        adapter: the adapter's own name ("" where there is none).
        software: whether a GPU adapter runs on the CPU.
        details: what `capabilities()` tells of it.
    """

    name: str
    available: bool
    reason: str
    adapter: str = ""
    software: bool = False
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """What a backend compiles: nodes in an order in which they can run, leaves first met first.

    Attributes:
        order: all nodes, operands first.
        inputs: the leaves among them, in the order in which `Executable.run` takes their storages.
        outputs: the nodes whose values are asked for.
    """

    order: tuple[Node, ...]
    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]

    @classmethod
    def of(cls, outputs: Sequence[Node]) -> Graph:
        order = tuple(topological(outputs))
        return cls(order, tuple(node for node in order if node.is_leaf), tuple(outputs))

    def key(self) -> Hashable:
        """Equal for graphs that one executable serves: same structure, shapes, dtypes."""
        numbers = {id(node): number for number, node in enumerate(self.order)}
        return (
            tuple(
                (
                    INPUT if node.is_leaf else node.kind,
                    () if node.is_leaf else tuple(numbers[id(one)] for one in node.inputs),
                    # repr tells 0.0 from -0.0 and keeps NaN equal to itself.
                    repr(node.attributes),
                    node.shape,
                    node.dtype.name,
                )
                for node in self.order
            ),
            tuple(numbers[id(node)] for node in self.outputs),
        )


class Executable(ABC):
    """A compiled graph. It holds no node, so it keeps no tensor alive.

    Attributes:
        takes_numbers: whether `run` takes Python floats too, as float32 inputs of one element.
        temporary_bytes: what all temporaries of a run take together.
        planned_bytes: what they take as they share memory, those alive together apart.
    """

    takes_numbers = False
    temporary_bytes = 0
    planned_bytes = 0

    @abstractmethod
    async def run(self, inputs: Sequence[Storage | float]) -> list[Storage]:
        """The outputs' storages. Work is submitted in bands; cancelling stops between two.

        An input that is an output too keeps its storage.
        """

    @abstractmethod
    def release(self) -> None:
        """Give back what the device keeps for it."""


class Backend(ABC):
    """One device.

    Attributes:
        executables: compiled graphs by `Graph.key()`, kept by the evaluator.
        software: whether a GPU adapter runs on the CPU.
    """

    name: str
    software = False

    def __init__(self) -> None:
        self.executables: dict[Hashable, Executable] = {}

    @abstractmethod
    def info(self) -> DeviceInfo:
        """What it is."""

    @abstractmethod
    def lacks_dtype(self, dtype: DType) -> str | None:
        """Why `dtype` cannot be held here, None where it can."""

    @abstractmethod
    def lacks_operator(self, node: Node) -> str | None:
        """Why `node` cannot be computed here, None where it can."""

    @abstractmethod
    async def compile(self, graph: Graph) -> Executable:
        """Make `graph` runnable.

        Raises:
            KernelCompileError: a generated kernel does not compile.
        """

    @abstractmethod
    async def upload(self, data: bytes, node: Node) -> Storage:
        """Hold `data`, the elements of `node`.

        Raises:
            OutOfMemoryError: no room.
        """

    @abstractmethod
    async def read(self, storage: Storage, node: Node) -> bytes | memoryview:
        """The elements, in C order.

        Raises:
            DeviceLostError: they are gone.
        """

    @abstractmethod
    def free(self, storage: Storage) -> None:
        """Take back a storage; never raises, the device may be gone."""

    @abstractmethod
    async def synchronize(self, storage: Storage, node: Node) -> None:
        """Wait until the work that writes `storage`, the value of `node`, is done."""

    @abstractmethod
    def memory(self) -> dict[str, int]:
        """Bytes: "live" (tensors), "pooled" (kept for reuse), "peak" (most live at once)."""

    @property
    def configuration(self) -> object:
        """What compiled graphs depend on besides the graph; another object once it has changed."""
        return None

    @abstractmethod
    def trim(self) -> None:
        """Give back what `memory()` counts as pooled."""

    @property
    def lost(self) -> str:
        """Why the device is gone, "" while it is there."""
        return ""
