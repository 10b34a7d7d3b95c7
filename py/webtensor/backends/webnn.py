"""The WebNN device: a graph becomes one `MLGraph`."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from .. import observe
from ..dtypes import DType, float16
from ..errors import DeviceLostError, UnsupportedOperatorError
from ..graph.cost import cost_of_whole
from ..graph.node import CONSTANT, Node
from ..host import pause
from ..host.base import ML
from ..observe import WALL_CLOCK, Cost, Measurement
from ..operators import Shape
from ..operators.convolution import has_partial_windows
from .base import Backend, DeviceInfo, Executable, Graph, Storage

# dtype → MLOperandDataType; WebNN's truth values are bytes.
_TYPES = {
    "float32": "float32",
    "float16": "float16",
    "int32": "int32",
    "uint32": "uint32",
    "int8": "int8",
    "uint8": "uint8",
    "bool": "uint8",
}
# Nobody can interrupt a graph that was dispatched: a product beyond so many operations (about
# 100 ms on one core) is split into bands of rows, each a graph of its own.
_BAND_COST = 1e10
# One graph each; programs see shapes without end.
_MOST_FENCES = 64
_NOT_EMPTY = "WebNN has no tensors without elements"

# [method, operand numbers, positional arguments, options], see static/webnn.js.
Step = tuple[str, list[int], list[Any], dict[str, Any]]


@dataclass(frozen=True)
class _Value:
    """A tensor's description, which keeps no node alive."""

    shape: Shape
    dtype: DType

    @classmethod
    def of(cls, node: Node) -> _Value:
        return cls(node.shape, node.dtype)

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def data_type(self) -> str:
        return _TYPES[self.dtype.name]


def _reduction(node: Node) -> tuple[list[Any], dict[str, Any]]:
    options = node.options
    return [], {"axes": list(options["axes"]), "keepDimensions": options["keepdims"]}


def _spans(node: Node) -> list[int]:
    """WebNN's slice takes how far it reaches, not how many elements it yields."""
    options = node.options
    return [
        (size - 1) * step + 1 for size, step in zip(options["sizes"], options["steps"], strict=True)
    ]


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _named(node: Node) -> tuple[list[Any], dict[str, Any]]:
    """Attributes that WebNN has under the same names."""
    return [], node.options


def _number(value: Any) -> str:
    """A number as text, which JavaScript reads: JSON has no NaN and no infinities."""
    return repr(+value).replace("inf", "Infinity").replace("nan", "NaN")


def _extreme_index(node: Node) -> tuple[list[Any], dict[str, Any]]:
    options = node.options
    return [options["axis"]], {
        "keepDimensions": options["keepdims"],
        "outputDataType": _TYPES[node.dtype.name],
    }


def _pad(node: Node) -> tuple[list[Any], dict[str, Any]]:
    options = node.options
    sides = [list(options["before"]), list(options["after"])]
    constant = {"value": _number(options["value"])} if options["mode"] == "constant" else {}
    return sides, {"mode": options["mode"], **constant}


def _convolution(node: Node) -> tuple[list[Any], dict[str, Any]]:
    options = node.options
    described = {
        "padding": list(options["padding"]),
        "strides": list(options["strides"]),
        "dilations": list(options["dilations"]),
        "groups": options["groups"],
    }
    if "output_padding" in options:
        described["outputPadding"] = list(options["output_padding"])
    return [], described


def _pooling(node: Node) -> tuple[list[Any], dict[str, Any]]:
    options = node.options
    return [], {
        "windowDimensions": list(options["window"]),
        "padding": list(options["padding"]),
        "strides": list(options["strides"]),
        "dilations": list(options["dilations"]),
        "outputSizes": list(options["sizes"]),
    }


# How attributes become positional arguments and options; operators without any are not listed.
_ARGUMENTS: dict[str, Callable[[Node], tuple[list[Any], dict[str, Any]]]] = {
    "elu": _named,
    "leaky_relu": _named,
    "linear": _named,
    "hard_sigmoid": _named,
    "sum": _reduction,
    "prod": _reduction,
    "max": _reduction,
    "min": _reduction,
    "conv2d": _convolution,
    "conv_transpose2d": _convolution,
    "max_pool2d": _pooling,
    "average_pool2d": _pooling,
    "l2_pool2d": _pooling,
    "cast": lambda node: ([_TYPES[node.dtype.name]], {}),
    "reshape": lambda node: ([list(node.shape)], {}),
    "broadcast_to": lambda node: ([list(node.shape)], {}),
    "slice": lambda node: (
        [list(node.options["starts"]), _spans(node)],
        {"strides": list(node.options["steps"])},
    ),
    "softmax": lambda node: ([node.options["axes"][0]], {}),
    "layer_normalization": lambda node: (
        [],
        {"axes": list(node.options["axes"]), "epsilon": node.options["epsilon"]},
    ),
    "argmax": _extreme_index,
    "argmin": _extreme_index,
    "cumulative_sum": lambda node: (
        [node.options["axis"]],
        {"exclusive": node.options["exclusive"], "reversed": node.options["reversed"]},
    ),
    "concat": lambda node: ([node.options["axis"]], {}),
    "gather": lambda node: ([], {"axis": node.options["axis"]}),
    "gather_elements": lambda node: ([], {"axis": node.options["axis"]}),
    "scatter_elements": lambda node: ([], {"axis": node.options["axis"]}),
    "resample2d": lambda node: (
        [],
        {name: _listed(value) for name, value in node.options.items()},
    ),
    "pad": _pad,
    "scatter_nd": lambda node: ([], {}),
    "permute_dims": lambda node: ([], {"permutation": list(node.options["axes"])}),
}


class WebNNBackend(Backend):
    """Tensors as MLTensors, graphs as MLGraphs."""

    name = "webnn"

    def __init__(self, ml: ML) -> None:
        super().__init__()
        self.ml = ml
        self._limits: dict[str, Any] = ml.description["limits"]
        self._fences: dict[_Value, int] = {}
        self._live = 0
        self._peak = 0

    @property
    def lost(self) -> str:
        return self.ml.lost

    def info(self) -> DeviceInfo:
        description = self.ml.description
        adapter = f"WebNN {description['requested']} (as requested)"
        return DeviceInfo("webnn", True, "ready", adapter, False, description)

    def lacks_dtype(self, dtype: DType) -> str | None:
        offered = self._limits.get("input", {}).get("dataTypes", _TYPES.values())
        if _TYPES.get(dtype.name) in offered:
            return None
        return f"its graphs take {', '.join(_TYPES)} here"

    def lacks_operator(self, node: Node) -> str | None:
        method = node.operator.webnn
        limits = self._limits.get(method)
        if limits is None:
            return f"this browser's WebNN has no {method or 'such operator'}"
        if any(0 in one.shape for one in (*node.inputs, node)):
            return _NOT_EMPTY
        if node.kind == "average_pool2d" and has_partial_windows(
            node.inputs[0].shape, node.options
        ):
            return "its averagePool2d is used for windows inside the data only: browsers differ"
        if node.kind == "scatter_nd" and node.options["last_wins"]:
            return "WebNN leaves open which of several values for one place it takes; see where"
        if node.kind == "slice" and min(node.options["steps"], default=1) < 1:
            return "WebNN's slice goes forward only"
        # An operator's limits are listed per operand, the first under "input" or "a".
        accepted = (limits.get("input") or limits.get("a") or {}).get("dataTypes")
        if accepted is not None and _TYPES[node.inputs[0].dtype.name] not in accepted:
            return f"this browser's WebNN {method} does not take {node.inputs[0].dtype.name}"
        return None

    async def upload(self, data: bytes, node: Node) -> Storage:
        (storage,) = await self.create([_Value.of(node)])
        self.ml.write(storage.handle, data)
        return storage

    async def create(self, values: Sequence[_Value]) -> list[Storage]:
        """New tensors, their contents undefined."""
        self.check()
        if any(0 in value.shape for value in values):
            raise UnsupportedOperatorError(f"{_NOT_EMPTY}; use device='webgpu' or device='cpu'")
        tensors = await self.ml.create_tensors([(one.data_type, one.shape) for one in values])
        self._live += sum(value.nbytes for value in values)
        self._peak = max(self._peak, self._live)
        return [
            Storage(self, tensor, value.nbytes)
            for tensor, value in zip(tensors, values, strict=True)
        ]

    async def read(self, storage: Storage, node: Node) -> bytes | memoryview:
        self.check()
        return await self.ml.read(storage.handle)

    def free(self, storage: Storage) -> None:
        self._live -= storage.nbytes
        self.ml.destroy_tensors([storage.handle])

    async def synchronize(self, storage: Storage, node: Node) -> None:
        await self.fence(storage, _Value.of(node))

    async def fence(self, storage: Storage, value: _Value) -> None:
        """Wait until `storage` is written. WebNN has no fence: a read waits for what it depends on,
        so one element of it is copied out by a graph of one slice and read."""
        ones = [1] * len(value.shape)
        if value not in self._fences:
            zeros = [0] * len(value.shape)
            self._fences[value] = await self.ml.build(
                _graph([value], [("slice", [0], [zeros, ones], {})], [1])
            )
            if len(self._fences) > _MOST_FENCES:
                self.ml.release([self._fences.pop(next(iter(self._fences)))])
        (element,) = await self.create([_Value(tuple(ones), value.dtype)])
        self.ml.run(self._fences[value], [storage.handle], [element.handle])
        await self.ml.read(element.handle)

    def memory(self) -> dict[str, int]:
        return {"live": self._live, "pooled": 0, "peak": self._peak}

    def trim(self) -> None:
        """Nothing is kept for reuse here."""

    def check(self) -> None:
        """Raise DeviceLostError where the context is gone."""
        if self.ml.lost:
            raise DeviceLostError(
                f"the WebNN context was lost ({self.ml.lost}) and with it this tensor, whose only "
                f"copy was there; make it again from its data, the context is asked for anew"
            )

    async def compile(self, graph: Graph) -> Executable:
        self.check()
        if _is_large_product(graph):
            return await _BandedProduct.build(self, graph)
        steps, numbers = _steps(graph)
        inputs = [_Value.of(node) for node in graph.inputs]
        computed = [node for node in dict.fromkeys(graph.outputs) if not node.is_leaf]
        number = await self.ml.build(_graph(inputs, steps, [numbers[id(one)] for one in computed]))
        everything = [*graph.inputs, *computed]
        order = [everything.index(one) for one in graph.outputs]
        cost = cost_of_whole(graph.order, (*graph.inputs, *computed))
        return _Whole(self, number, [_Value.of(one) for one in computed], order, cost)


def _tell(cost: Cost, begin: float) -> None:
    """A whole graph is all that WebNN lets one time."""
    elapsed = perf_counter() - begin
    observe.tell(
        Measurement("webnn", cost.label, WALL_CLOCK, begin, elapsed, cost.operations, cost.nbytes)
    )


def _graph(inputs: Sequence[_Value], steps: Sequence[Step], outputs: Sequence[int]) -> str:
    described = [(value.data_type, value.shape) for value in inputs]
    return json.dumps({"inputs": described, "steps": steps, "outputs": outputs})


def _steps(graph: Graph) -> tuple[list[Step], dict[int, int]]:
    """The builder's calls, and the operand number of every node."""
    numbers = {id(node): number for number, node in enumerate(graph.inputs)}
    steps: list[Step] = []
    for node in graph.order:
        if node.is_leaf:
            continue
        numbers[id(node)] = len(numbers)
        if node.kind == CONSTANT:
            value = _literal(node)
            steps.append(("constant", [], [_TYPES[node.dtype.name], value], {}))
            continue
        describe = _ARGUMENTS.get(node.kind)
        arguments, options = describe(node) if describe else ([], {})
        operands = [numbers[id(operand)] for operand in node.inputs]
        steps.append((node.operator.webnn, operands, arguments, options))
    return steps, numbers


def _literal(constant: Node) -> str:
    """A constant as text; float16 as the number that its bits are."""
    value = constant.options["value"]
    if constant.dtype != float16:
        return _number(value)
    try:
        bits = struct.pack("<e", value)
    except OverflowError:
        bits = struct.pack("<e", math.copysign(math.inf, value))
    return str(int.from_bytes(bits, "little"))


class _Whole(Executable):
    """One dispatch."""

    def __init__(
        self,
        backend: WebNNBackend,
        number: int,
        computed: Sequence[_Value],
        order: Sequence[int],
        cost: Cost,
    ) -> None:
        self._backend = backend
        self._number = number
        self._computed = computed
        self._order = order
        self._cost = cost

    def release(self) -> None:
        self._backend.ml.release([self._number])

    async def run(self, inputs: Sequence[Storage | float]) -> list[Storage]:
        storages = [one for one in inputs if isinstance(one, Storage)]
        results = await self._backend.create(self._computed)
        begin = perf_counter()
        self._backend.ml.run(
            self._number, [one.handle for one in storages], [one.handle for one in results]
        )
        if observe.listening():
            await self._backend.fence(results[0], self._computed[0])
            _tell(self._cost, begin)
        everything = [*storages, *results]
        return [everything[number] for number in self._order]


def _is_large_product(graph: Graph) -> bool:
    computed = [node for node in graph.order if not node.is_leaf]
    if len(computed) != 1 or computed[0].kind != "matmul" or len(graph.inputs) != 2:
        return False
    (m, n), k = computed[0].shape[-2:], computed[0].inputs[0].shape[-1]
    return len(computed[0].shape) == 2 and 2 * m * n * k > _BAND_COST and m > 1


class _BandedProduct(Executable):
    """A product as one graph per band of A's rows, and one that joins the bands."""

    def __init__(
        self,
        backend: WebNNBackend,
        bands: Sequence[tuple[int, _Value]],
        joining: int,
        result: _Value,
        cost: Cost,
    ) -> None:
        self._backend = backend
        self._bands = bands
        self._joining = joining
        self._result = result
        self._cost = cost

    @classmethod
    async def build(cls, backend: WebNNBackend, graph: Graph) -> _BandedProduct:
        (node,) = graph.outputs
        inputs = [_Value.of(one) for one in graph.inputs]
        left, right = (graph.inputs.index(operand) for operand in node.inputs)
        (m, n), k = node.shape, node.inputs[0].shape[1]
        rows = max(int(_BAND_COST / (2 * n * k)), 1)
        bands = []
        for first in range(0, m, rows):
            height = min(rows, m - first)
            steps: list[Step] = [
                ("slice", [left], [[first, 0], [height, k]], {}),
                ("matmul", [2, right], [], {}),
            ]
            number = await backend.ml.build(_graph(inputs, steps, [3]))
            bands.append((number, _Value((height, n), node.dtype)))
        join: list[Step] = [("concat", list(range(len(bands))), [0], {})]
        joining = await backend.ml.build(_graph([one for _, one in bands], join, [len(bands)]))
        cost = cost_of_whole(graph.order, (*graph.inputs, node))
        return cls(backend, bands, joining, _Value.of(node), cost)

    def release(self) -> None:
        self._backend.ml.release([self._joining, *(number for number, _ in self._bands)])

    async def run(self, inputs: Sequence[Storage | float]) -> list[Storage]:
        backend = self._backend
        handles = [one.handle for one in inputs if isinstance(one, Storage)]
        parts = await backend.create([value for _, value in self._bands])
        begin = perf_counter()
        for (number, value), part in zip(self._bands, parts, strict=True):
            backend.ml.run(number, handles, [part.handle])
            await backend.fence(part, value)
            await pause()
        (result,) = await backend.create([self._result])
        backend.ml.run(self._joining, [part.handle for part in parts], [result.handle])
        if observe.listening():
            await backend.fence(result, self._result)
            _tell(self._cost, begin)
        return [result]
