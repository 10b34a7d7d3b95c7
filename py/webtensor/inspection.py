"""Looking into the machine: what a graph becomes, and the WGSL that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from . import discovery, picture
from .backends.webgpu.backend import WebGPUBackend
from .backends.webgpu.matmul import plain_source
from .backends.webgpu.variants import HARDWARE
from .dtypes import float32
from .graph.fuse import fuse
from .graph.node import CONSTANT, TRANSFER, Node, topological
from .graph.simplify import simplify
from .graph.views import View
from .operands import node_of
from .operators.custom import without_marks
from .tensor import Tensor

_LINE_LENGTH = 40
_MOST_LINES = 8


@dataclass(frozen=True)
class Value:
    """A tensor on the way.

    Attributes:
        number: its own.
        text: dtype and shape, and whether it is read with strides.
        nbytes: of its elements.
    """

    number: int
    text: str
    nbytes: int


@dataclass(frozen=True)
class Step:
    """One kernel, one operator, or one graph: what a device runs at once.

    Attributes:
        operators: names, in the order in which they run ("copy" where only the layout changes).
        reads, writes: the values that it takes and makes.
    """

    operators: tuple[str, ...]
    reads: tuple[Value, ...]
    writes: tuple[Value, ...]

    @property
    def nbytes(self) -> int:
        """Bytes read and written."""
        return sum(value.nbytes for value in (*self.reads, *self.writes))


@dataclass(frozen=True)
class Part:
    """What one device does in a row.

    Attributes:
        device: "webgpu", "webnn" or "cpu".
        head: one line about it.
        steps: in the order in which they run.
        arrivals: values that come from another device: (there, here).
    """

    device: str
    head: str
    steps: tuple[Step, ...]
    arrivals: tuple[tuple[Value, Value], ...]


class Explanation(str):
    """What computing some tensors takes: a text, with a picture of the same (`svg()`).

    Attributes:
        parts: what each device does, in order.
        givens: the values that are there already, or that the program gave.
        wanted: the numbers of the values that were asked for.
    """

    __slots__ = ("givens", "parts", "wanted")
    parts: tuple[Part, ...]
    givens: tuple[Value, ...]
    wanted: frozenset[int]

    def __new__(
        cls, parts: Sequence[Part], givens: Sequence[Value], wanted: Iterable[int]
    ) -> Explanation:
        made = super().__new__(cls, "\n".join(_lines(parts)))
        made.parts = tuple(parts)
        made.givens = tuple(givens)
        made.wanted = frozenset(wanted)
        return made

    def __repr__(self) -> str:
        return str(self)

    def svg(self) -> str:
        """The graph of kernels as a picture, in the colours of their devices."""
        return picture.graph(_boxes(self), "What is computed, and where")

    def _repr_svg_(self) -> str:
        return self.svg()


def explain(*tensors: Tensor) -> Explanation:
    """What computing `tensors` takes: the graph, its kernels, where they run, bytes moved.

    Runs nothing. The result is text (print it), and `.svg()` is a picture.
    """
    plan = _Explainer()
    nodes = [node_of("explain", tensor) for tensor in tensors]
    for device in dict.fromkeys(map(_device_of, nodes)):
        plan.add(device, [node for node in nodes if _device_of(node) == device])
    return Explanation(plan.parts, list(plan.givens.values()), map(plan.number, nodes))


def _device_of(node: Node) -> str:
    return node.device or discovery.default_device()


def _is_computed(node: Node) -> bool:
    return not node.is_leaf and node.kind != CONSTANT


@dataclass
class _Explainer:
    """Follows evaluation: what another device has to compute first comes first."""

    parts: list[Part] = field(default_factory=list)
    givens: dict[int, Value] = field(default_factory=dict)
    _numbers: dict[int, int] = field(default_factory=dict)
    _kept: list[Node] = field(default_factory=list)  # their ids are keys
    _known: set[int] = field(default_factory=set)

    def number(self, node: Node) -> int:
        """A number of `node`'s own."""
        if id(node) not in self._numbers:
            self._kept.append(node)
            self._numbers[id(node)] = len(self._kept)
        return self._numbers[id(node)]

    def value(self, node: Node, view: View | None = None) -> Value:
        """`node` as a value, seen through `view`."""
        shape = node.shape if view is None else view.shape
        strided = "" if view is None or view.contiguous else " strided"
        text = f"{node.dtype.name}{list(shape)}{strided}"
        return Value(self.number(node), text, node.nbytes)

    def add(self, device: str, nodes: Sequence[Node]) -> None:
        """The part of `device` that computes `nodes`, after those that it waits for."""
        outputs = simplify(nodes)
        for node, simplified in zip(nodes, outputs, strict=True):
            number = self.number(simplified)
            self._kept.append(node)
            self._numbers[id(node)] = number
        order = topological(outputs)
        arrivals = []
        for leaf in (node for node in order if node.is_leaf):
            if leaf.kind == TRANSFER and leaf.storage is None:
                (origin,) = leaf.inputs
                if id(origin) not in self._known:
                    self._known.add(id(origin))
                    self.add(_device_of(origin), [origin])
                arrivals.append((self.value(origin), self.value(leaf)))
            else:
                self.givens[self.number(leaf)] = self.value(leaf)
        steps = tuple(_STEPS[device](self, outputs))
        head = _head(device, sum(map(_is_computed, order)), len(steps))
        self.parts.append(Part(device, head, steps, tuple(arrivals)))

    def kernels(self, outputs: Sequence[Node]) -> Iterable[Step]:
        """WebGPU's: a step for each group that fusion makes."""
        for group in fuse(outputs):
            yield Step(
                tuple(without_marks(node.kind) for node in group.body) or ("copy",),
                tuple(self.value(one.node, one.view) for one in group.reads.values()),
                (self.value(group.output),),
            )

    def operators(self, outputs: Sequence[Node]) -> Iterable[Step]:
        """The CPU's: a step for each operator."""
        for node in filter(_is_computed, topological(outputs)):
            yield Step(
                (without_marks(node.kind),),
                tuple(self.value(one) for one in node.inputs if one.kind != CONSTANT),
                (self.value(node),),
            )

    def whole(self, outputs: Sequence[Node]) -> Iterable[Step]:
        """WebNN's: everything is one graph."""
        order = topological(outputs)
        computed = tuple(without_marks(node.kind) for node in filter(_is_computed, order))
        if computed:
            results = dict.fromkeys(node for node in outputs if not node.is_leaf)
            leaves = [node for node in order if node.is_leaf]
            yield Step(computed, tuple(map(self.value, leaves)), tuple(map(self.value, results)))


_STEPS: dict[str, Callable[[_Explainer, Sequence[Node]], Iterable[Step]]] = {
    "webgpu": _Explainer.kernels,
    "webnn": _Explainer.whole,
    "cpu": _Explainer.operators,
}
_UNITS = {"webgpu": "kernels", "webnn": "graphs", "cpu": "operators"}


def _head(device: str, operators: int, steps: int) -> str:
    if device == "cpu":
        return f"{operators} operator(s), one after the other, on cpu"
    what = "kernel(s)" if device == "webgpu" else "graph(s)"
    return f"{operators} operator(s) in {steps} {what} on {device}"


def _lines(parts: Sequence[Part]) -> Iterable[str]:
    for part in parts:
        for _, value in part.arrivals:
            yield f"{value.text} is copied to {part.device}: {value.nbytes:,} bytes"
        yield part.head
        for number, step in enumerate(part.steps, 1):
            reads = ", ".join(value.text for value in step.reads)
            writes = ", ".join(value.text for value in step.writes)
            yield f"  {number}. {' → '.join(step.operators)}: {reads} → {writes}"
        moved = sum(step.nbytes for step in part.steps)
        yield f"{moved:,} bytes read and written by {_UNITS[part.device]}"
        if not part.steps:
            yield "nothing to compute: the values are there"


def _boxes(explanation: Explanation) -> list[picture.Box]:
    """The boxes of its picture: values that are given, copies between devices, steps."""
    boxes: list[picture.Box] = []
    makers: dict[int, int] = {}  # the box that each value leaves
    givens = {value.number: value for value in explanation.givens}

    def put(
        lines: Sequence[str], reads: Sequence[Value], writes: Sequence[Value], colour: str
    ) -> None:
        for value in reads:
            if value.number not in makers:
                put(("input",), (), (givens[value.number],), picture.NEUTRAL)
        makers.update((value.number, len(boxes)) for value in writes)
        label = ", ".join(f"{value.text} · {value.nbytes:,} bytes" for value in writes)
        sources = tuple(makers[value.number] for value in reads)
        heavy = not explanation.wanted.isdisjoint(value.number for value in writes)
        boxes.append(picture.Box(tuple(lines), label, colour, sources, heavy))

    for part in explanation.parts:
        for there, here in part.arrivals:
            put((f"copy to {part.device}",), (there,), (here,), picture.NEUTRAL)
        for number, step in enumerate(part.steps, 1):
            arrows = [*step.operators[:1], *(f"→ {name}" for name in step.operators[1:])]
            strided = dict.fromkeys(one.text for one in step.reads if "strided" in one.text)
            put(
                (
                    f"{part.device} {number}",
                    *picture.wrapped(arrows, " ", _LINE_LENGTH, _MOST_LINES),
                    *(f"reads {text}" for text in strided),
                ),
                step.reads,
                step.writes,
                picture.COLOURS[part.device],
            )
    for number in sorted(explanation.wanted - makers.keys()):
        put(("input",), (), (givens[number],), picture.NEUTRAL)
    return boxes


def matmul_wgsl(m: int, n: int, k: int) -> str:
    """The WGSL that multiplies float32 matrices (m × k) and (k × n) on the present adapter.

    Without an adapter, the kernel for hardware GPUs.
    """
    found = discovery.present("webgpu")
    adapter = found.adapter if isinstance(found, WebGPUBackend) else HARDWARE
    return plain_source(m, n, k, float32, adapter.product(m, n))
