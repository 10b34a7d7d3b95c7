"""The CPU device: NumPy, operator by operator. It has every operator and every dtype.

NumPy in Pyodide has no BLAS: products of float32 run in assembled kernels there (`wasm/`), others
in bands of rows over a transposed copy of B, since NumPy's loop wants both operands contiguous
along K (ten times faster at 1024³), and a page wants to breathe.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from .. import observe
from ..dtypes import DType, float16
from ..errors import OutOfMemoryError
from ..graph.cost import cost_of
from ..graph.node import CONSTANT, Node
from ..host import pause
from ..lazy_numpy import np
from ..observe import WALL_CLOCK, Cost, Measurement
from ..operators.custom import has_reference
from .base import Backend, DeviceInfo, Executable, Graph, Storage
from .wasm import products

_BAND_SECONDS = 0.05
_PANEL_BYTES = 1 << 20
_FIRST_BAND_COST = 2e7
_WORTH_PACKING = 2e5  # operations of a product from which kernels beat NumPy's loop
_TOO_BIG = re.compile("array is too big|Maximum allowed dimension exceeded")
_CLOCK_SECONDS = 0.004  # browsers' clocks tick up to a millisecond: shorter times tell no rate


class CPUBackend(Backend):
    """Tensors as NumPy arrays."""

    name = "cpu"

    def __init__(self, blas: bool) -> None:
        super().__init__()
        self._blas = blas
        # Arrays that are views of one another share memory: storages by the array that owns it.
        self._holders: dict[int, int] = {}
        self._live = 0
        self._peak = 0
        self._products: products.Products | None = None
        self.rate = 0.0  # operations per second that banded products reached

    def info(self) -> DeviceInfo:
        how = "NumPy with BLAS"
        if not self._blas:
            kernels = "float32 products in SIMD kernels" if products.supported() else "without BLAS"
            how = f"NumPy compiled to WebAssembly, {kernels}"
        return DeviceInfo("cpu", True, "ready", how, False, {})

    def lacks_dtype(self, dtype: DType) -> str | None:
        return None

    def lacks_operator(self, node: Node) -> str | None:
        if has_reference(node.operator):
            return None
        return "it is a custom kernel in WGSL without a NumPy reference (give one: reference=…)"

    async def compile(self, graph: Graph) -> Executable:
        multiplies = any(not node.is_leaf and node.kind == "matmul" for node in graph.order)
        if multiplies and self._products is None and not self._blas and products.supported():
            self._products = await products.Products.ready()
        return _Steps(self, graph)

    async def upload(self, data: bytes, node: Node) -> Storage:
        return self.hold(np.frombuffer(data, dtype=node.dtype.name).reshape(node.shape))

    def hold(self, array: Any) -> Storage:
        """A storage over `array`."""
        owner = _owner(array)
        holders = self._holders.get(id(owner), 0)
        self._holders[id(owner)] = holders + 1
        if not holders:
            self._live += owner.nbytes
            self._peak = max(self._peak, self._live)
        return Storage(self, array, math.prod(array.shape) * array.itemsize)

    async def read(self, storage: Storage, node: Node) -> bytes | memoryview:
        with _memory_errors():
            array = np.ascontiguousarray(storage.handle)
        return array.reshape(-1).data.cast("B") if array.size else b""

    def free(self, storage: Storage) -> None:
        owner = _owner(storage.handle)
        self._holders[id(owner)] -= 1
        if not self._holders[id(owner)]:
            del self._holders[id(owner)]
            self._live -= owner.nbytes

    async def synchronize(self, storage: Storage, node: Node) -> None:
        """Work is done when `run` returns."""

    def memory(self) -> dict[str, int]:
        return {"live": self._live, "pooled": 0, "peak": self._peak}

    def trim(self) -> None:
        """Nothing is kept for reuse here."""

    async def matmul(self, left: Any, right: Any) -> Any:
        """`left @ right`, in bands where NumPy has no BLAS and the product is a large one."""
        if left.dtype == np.float16:
            wide = await self.matmul(left.astype(np.float32), right.astype(np.float32))
            return wide.astype(np.float16)
        cost = 2 * math.prod(left.shape) * right.shape[-1]
        if self._products is not None and left.dtype == np.float32 and cost > _WORTH_PACKING:
            return await self._products.matmul(left, right, pause)
        if self._blas or left.ndim != 2 or right.ndim != 2 or 0 in (*left.shape, *right.shape):
            return np.matmul(left, right)
        return await self._banded(left, right)

    async def _banded(self, left: Any, right: Any) -> Any:
        (m, k), n = left.shape, right.shape[1]
        left = np.ascontiguousarray(left)
        result = np.empty((m, n), dtype=left.dtype)
        columns = max(_PANEL_BYTES // (k * left.itemsize), 16)
        first_cost = _FIRST_BAND_COST
        for first_column in range(0, n, columns):
            panel = np.ascontiguousarray(right[:, first_column : first_column + columns].T)
            width = panel.shape[0]
            row = 0
            while row < m:
                cost = self.rate * _BAND_SECONDS or first_cost
                rows = min(max(int(cost / (2 * k * width)), 1), m - row)
                begin = perf_counter()
                # einsum's dot product of contiguous rows is vectorised where matmul's loop is not.
                result[row : row + rows, first_column : first_column + width] = np.einsum(
                    "ik,jk->ij", left[row : row + rows], panel
                )
                elapsed = perf_counter() - begin
                if elapsed >= _CLOCK_SECONDS:
                    self.rate = 2 * rows * k * width / elapsed
                else:
                    first_cost *= 2  # of use as long as there is no rate
                row += rows
                await pause()
        return result


class _Steps(Executable):
    """The graph's operators, one after the other."""

    def __init__(self, backend: CPUBackend, graph: Graph) -> None:
        self._backend = backend
        numbers = {id(node): number for number, node in enumerate(graph.inputs)}
        self._steps: list[tuple[str, Any, tuple[int, ...], dict[str, Any]]] = []
        self._costs = [cost_of(node) for node in graph.order if not node.is_leaf]
        for node in graph.order:
            if node.is_leaf:
                continue
            numbers[id(node)] = len(numbers)
            if node.kind == CONSTANT:
                # A function of nothing: NumPy is there when the graph runs, not yet now.
                value, name = node.options["value"], node.dtype.name
                self._steps.append((node.kind, _scalar(value, name), (), {}))
                continue
            operands = tuple(numbers[id(operand)] for operand in node.inputs)
            self._steps.append((node.kind, _reference(node), operands, node.options))
        self._outputs = [numbers[id(node)] for node in graph.outputs]
        first = len(graph.inputs)
        last_use = {
            operand: first + step
            for step, (_, _, operands, _) in enumerate(self._steps)
            for operand in operands
        }
        # What is needed no more after each step, by the number of the value that it makes.
        self._done: dict[int, list[int]] = {}
        for operand, step in last_use.items():
            if operand >= first and operand not in self._outputs:
                self._done.setdefault(step, []).append(operand)

    def release(self) -> None:
        """Nothing is kept on a device."""

    def _tell(self, cost: Cost, begin: float) -> None:
        elapsed = perf_counter() - begin
        observe.tell(
            Measurement("cpu", cost.label, WALL_CLOCK, begin, elapsed, cost.operations, cost.nbytes)
        )

    async def run(self, inputs: Sequence[Storage | float]) -> list[Storage]:
        storages = [one for one in inputs if isinstance(one, Storage)]
        values = [storage.handle for storage in storages]
        with np.errstate(all="ignore"), _memory_errors():
            for step, (kind, function, operands, options) in enumerate(self._steps):
                begin = perf_counter()
                arrays = [values[number] for number in operands]
                if kind == "matmul":
                    values.append(await self._backend.matmul(*arrays))
                else:
                    values.append(np.asarray(function(*arrays, **options)))
                if observe.listening() and kind != CONSTANT:
                    self._tell(self._costs[step], begin)
                for number in self._done.get(len(values) - 1, ()):
                    values[number] = None
        return [
            storages[number] if number < len(storages) else self._backend.hold(values[number])
            for number in self._outputs
        ]


def _owner(array: Any) -> Any:
    """The array whose memory `array` shows, itself where it is no view."""
    while isinstance(array.base, type(array)):
        array = array.base
    return array


@contextmanager
def _memory_errors() -> Iterator[None]:
    """NumPy's refusal as the package's."""
    try:
        yield
    except OutOfMemoryError:
        raise
    except (MemoryError, ValueError) as error:
        # More bytes than an address can count are a ValueError to NumPy.
        if isinstance(error, ValueError) and not _TOO_BIG.search(str(error)):
            raise
        raise OutOfMemoryError(
            f"there is no room for this result: {error}. Delete tensors that you no longer need"
        ) from None


def _reference(node: Node) -> Any:
    """The operator's reference; float16 is computed in float32 and rounded once."""
    reference = node.operator.reference
    half = all(one.dtype == float16 for one in (node, *node.inputs))
    if not half or node.operator.family == "view":
        return reference

    def in_float32(*arrays: Any, **options: Any) -> Any:
        return reference(*(one.astype(np.float32) for one in arrays), **options).astype(np.float16)

    return in_float32


def _scalar(value: Any, name: str) -> Any:
    return lambda: np.asarray(value, dtype=name)
