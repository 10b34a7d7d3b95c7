"""Tensors as indices: checked where their values are known, wrapped and clamped where not, and
made of masks."""

from __future__ import annotations

import array
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import host
from .creation import asarray
from .dtypes import DType, int32
from .errors import DtypeError, IndexingError, ShapeError, SynchronousReadError
from .evaluate import wait
from .functions import add, astype, broadcast_to, less, maximum, minimum, multiply, where
from .graph.node import INPUT, Node, source
from .lazy_numpy import np
from .operators import Shape
from .operators.shapes import broadcast
from .tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray


def index_node(name: str, indices: Tensor, shape: Shape, axis: int) -> Node:
    """Indices of one axis as a device takes them; those whose values are known are checked.

    Raises:
        IndexingError: an index outside the axis.
        DtypeError: indices that are not integers.
    """
    if indices.dtype.kind not in ("int", "uint"):
        raise DtypeError(f"{name}: indices are integers, not {indices.dtype.name}; use astype")
    node, length = indices._node, shape[axis]
    if not length and node.size:
        raise IndexingError(f"{name}: axis {axis} of shape {shape} has no element to take")
    if node.kind == INPUT and node.data is not None:
        known = memoryview(node.data).cast(node.dtype.code)  # type: ignore[call-overload]
        low, high = min(known, default=0), max(known, default=-1)
        if low < -length or high >= length:
            wrong = low if low < -length else high
            raise IndexingError(f"{name}: index {wrong} is outside axis {axis} of shape {shape}")
        if node.dtype.itemsize == 8:
            # Here and not on a device, which may not have NumPy's 64-bit integers.
            return source(array.array("i", known).tobytes(), node.shape, int32, node.device)
    elif _made_wide(node) and indices.device != "cpu":
        # The same for what was computed there and made int64, as portable programs do.
        return astype(Tensor(node.inputs[0]), int32)._node
    # WebNN takes no narrower ones.
    return node if node.dtype.itemsize >= 4 else astype(indices, int32)._node


def flat_index(name: str, indices: Sequence[Tensor], shape: Shape, axes: Sequence[int]) -> Tensor:
    """The place among all elements of the axes `axes` of `shape`, in C order, that indices of each
    of them mean.

    Indices broadcast. Negative ones count from the end; on a device others are clamped.

    Raises:
        IndexingError: they do not broadcast, or as in `index_node`.
        DtypeError: as in `index_node`.
    """
    nodes = [index_node(name, one, shape, axis) for axis, one in zip(axes, indices, strict=True)]
    lengths = [shape[axis] for axis in axes]
    common: Shape = ()
    try:
        for one in nodes:
            common = broadcast(name, common, one.shape)
    except ShapeError as error:
        raise IndexingError(str(error)) from None
    if len(nodes) == 1 or not math.prod(common):
        return broadcast_to(Tensor(nodes[0]), common)
    flat: Tensor | None = None
    for number, node in enumerate(nodes):
        place = multiply(within(Tensor(node), lengths[number]), math.prod(lengths[number + 1 :]))
        flat = place if flat is None else add(flat, place)
    assert flat is not None, "there is an index"
    return broadcast_to(flat, common)


def within(index: Tensor, length: int) -> Tensor:
    """Indices of an axis of `length` as int32 from 0 on: wrapped, then clamped."""
    if index.dtype.kind == "int":
        index = maximum(where(less(index, 0), add(index, length), index), 0)
    return astype(minimum(index, length - 1), int32)


def as_index(key: Any, device: str | None) -> Tensor | None:
    """What indexes like a tensor as one: a tensor, NumPy's array, a list or a bool; else None."""
    if isinstance(key, Tensor):
        return key
    if isinstance(key, bool) or getattr(getattr(key, "dtype", None), "name", "") == "bool":
        return asarray(key, dtype="bool", device=device)
    if isinstance(key, list):
        return asarray(key, device=device) if key else asarray(key, dtype=int32, device=device)
    return asarray(key, device=device) if getattr(key, "shape", ()) != () else None


def values_of(x: Tensor) -> NDArray[Any]:
    """The values of x, read synchronously where the program does not have them already.

    Raises:
        SynchronousReadError: this browser, or this caller, cannot wait.
        CaptureError: a function is being captured, and the values depend on its arguments.
    """
    node = x._node
    if node.kind != INPUT or node.data is None:
        try:
            return x._wait()
        except SynchronousReadError:
            raise SynchronousReadError(
                "how many elements this chooses depends on values that are not there yet, and "
                "cannot be waited for here; give them as an array (x[await mask.numpy()]), or use "
                "webtensor.where"
            ) from None
    wait(host.ensure_numpy())
    return np.frombuffer(node.data, dtype=node.dtype.name).reshape(node.shape)


def places_of(mask: Tensor) -> Tensor:
    """Where a mask is true, as numbers of its elements in C order: int32, one axis."""
    return from_values(np.flatnonzero(values_of(mask)), int32, mask._node.device)


def coordinates_of(x: Tensor) -> tuple[Tensor, ...]:
    """Where x is not zero: one tensor of indices per axis, in C order."""
    values = values_of(x)
    return tuple(from_values(one, int32, x._node.device) for one in np.nonzero(values))


def from_values(values: NDArray[Any], dtype: DType, device: str | None) -> Tensor:
    """A tensor of NumPy's values."""
    return Tensor(source(values.astype(dtype.name).tobytes(), values.shape, dtype, device))


def over_axes(mask: Tensor, x: Tensor, first: int = 0) -> None:
    """Raise IndexingError where a mask does not fit x's axes from `first` on; one without elements
    always fits, as NumPy's does."""
    axes = x.shape[first : first + len(mask.shape)]
    if len(axes) < len(mask.shape) or any(
        one not in (size, 0) for one, size in zip(mask.shape, axes, strict=True)
    ):
        raise IndexingError(f"a mask of shape {mask.shape} does not fit axes of shape {axes}")


def _made_wide(node: Node) -> bool:
    """Whether a 64-bit node is to be computed from another dtype."""
    return node.kind == "cast" and node.dtype.itemsize == 8 and not node.is_leaf
