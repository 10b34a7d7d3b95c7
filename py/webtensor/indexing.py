"""Indexing by the Array API, with NumPy's rules where it leaves something open.

Integers, slices, ellipsis and newaxis are views. Masks and tensors of integers choose elements; the
axes that several of them make together stand where they stood, or first where they were apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .creation import full
from .errors import DtypeError, IndexingError
from .functions import permute_dims, reshape
from .graph.node import operation
from .index_tensors import as_index, coordinates_of, flat_index, over_axes, places_of
from .operators import Shape
from .tensor import Tensor


@dataclass(frozen=True)
class Key:
    """What stands in x[…].

    Attributes:
        basic: integers, slices and None, one for each axis of x and each new axis; axes that
            tensors index are whole.
        indices: the tensors of integers.
        axes: which axes of x[basic] they index.
        apart: whether something else stands between them, so that their axes come first.
    """

    basic: tuple[Any, ...]
    indices: tuple[Tensor, ...]
    axes: tuple[int, ...]
    apart: bool


@dataclass(frozen=True)
class Spans:
    """Which elements a basic key chooses: along each axis, and the result's shape."""

    starts: Shape
    sizes: Shape
    steps: Shape
    shape: Shape


def getitem(x: Tensor, key: Any) -> Tensor:
    """`x[key]`, see `Tensor.__getitem__`."""
    mask = only_mask(x, key)
    if mask is not None:
        return _masked(x, mask)
    parsed = parse(x, key)
    part = view(x, parsed.basic)
    return _chosen(part, parsed) if parsed.indices else part


def only_mask(x: Tensor, key: Any) -> Tensor | None:
    """The mask that is the whole of `key`, None where it is something else."""
    if isinstance(key, tuple) and len(key) == 1:
        key = key[0]
    mask = None if isinstance(key, tuple) else as_index(key, x._node.device)
    if mask is None or mask.dtype.kind != "bool":
        return None
    over_axes(mask, x)
    return mask


def _masked(x: Tensor, mask: Tensor) -> Tensor:
    rest = x.shape[len(mask.shape) :]
    if not mask.size:
        return full((0, *rest), 0, dtype=x.dtype, device=x._node.device)
    flat = reshape(x, (math.prod(mask.shape), *rest))
    return Tensor(operation("gather", [flat._node, places_of(mask)._node], axis=0))


def _chosen(part: Tensor, key: Key) -> Tensor:
    """The elements of `part`, x[basic], at the key's tensors of integers."""
    first, count = (0 if key.apart else key.axes[0]), len(key.axes)
    index = flat_index("index", key.indices, part.shape, key.axes)
    if key.apart:
        part = permute_dims(part, in_front(key.axes, len(part.shape)))
    end = first + count
    length = math.prod(part.shape[first:end])
    joined = reshape(part, (*part.shape[:first], length, *part.shape[end:]))
    return Tensor(operation("gather", [joined._node, index._node], axis=first))


def in_front(axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """The order of `rank` axes with `axes` before the others."""
    return (*axes, *(one for one in range(rank) if one not in axes))


def parse(x: Tensor, key: Any) -> Key:
    """The key with all axes of x in it; masks become the indices of their true elements.

    Raises:
        IndexingError: too many indices, one outside its axis, or a mask that does not fit.
        DtypeError: something that is no index.
    """
    elements, missing = _elements(key if isinstance(key, tuple) else (key,), x)
    basic: list[Any] = []
    indices: list[Tensor] = []
    axes: list[int] = []
    # Where integers and tensors stand in the key: NumPy takes integers for tensors where it asks
    # what is between those, and an ellipsis for something even where it stands for no axis.
    places: list[int] = []
    place = axis = result = 0
    for one in elements:
        if isinstance(one, Tensor):
            masked = one.dtype.kind == "bool"
            if masked:
                over_axes(one, x, axis)
            for index in coordinates_of(one) if masked else (one,):
                places.append(place)
                basic.append(slice(None))
                indices.append(index)
                axes.append(result)
                place, axis, result = place + 1, axis + 1, result + 1
        elif one is Ellipsis:
            basic += [slice(None)] * missing
            place, axis, result = place + 1, axis + missing, result + missing
        elif one is None or isinstance(one, slice):
            basic.append(one)
            place, axis, result = place + 1, axis + (one is not None), result + 1
        else:
            places.append(place)
            basic.append(_position(one, axis, x.shape[axis]))
            place, axis = place + 1, axis + 1
    apart = bool(places) and places[-1] - places[0] >= len(places)
    return Key(tuple(basic), tuple(indices), tuple(axes), apart)


def _elements(keys: tuple[Any, ...], x: Tensor) -> tuple[list[Any], int]:
    """The key's elements, an ellipsis always among them, and how many axes that stands for."""
    found: list[Any] = []
    used = 0
    for one in keys:
        index = as_index(one, x._node.device)
        if index is not None:
            one = index
            if index.dtype.kind not in ("bool", "int", "uint"):
                raise DtypeError(f"a tensor of dtype {index.dtype.name} is no index; use astype")
            if index.dtype.kind == "bool" and not index.shape:
                raise IndexingError("a mask without axes stands alone, not beside other indices")
            used += len(index.shape) if index.dtype.kind == "bool" else 1
        elif isinstance(one, slice) or hasattr(one, "__index__"):
            used += 1
        elif one is not None and one is not Ellipsis:
            raise DtypeError(
                f"an index is an integer, a slice, ..., None, or integers or a mask in a tensor, "
                f"an array or a list, not {type(one).__name__}"
            )
        found.append(one)
    ellipses = sum(one is Ellipsis for one in found)
    if ellipses > 1:
        raise IndexingError("an index has at most one ellipsis (...)")
    rank = len(x.shape)
    if used > rank:
        raise IndexingError(f"too many indices: {used} for {rank} dimension(s)")
    return found if ellipses else [*found, Ellipsis], rank - used


def _position(key: Any, axis: int, length: int) -> int:
    position = key.__index__()
    if not -length <= position < length:
        raise IndexingError(f"index {position} is out of range for axis {axis} of size {length}")
    return int(position % length)


def spans(x: Tensor, basic: tuple[Any, ...]) -> Spans:
    """What a key of integers from 0 on, slices and None chooses of x."""
    starts, sizes, steps = [], [], []
    shape: list[int] = []
    lengths = iter(x.shape)
    for one in basic:
        if one is None:
            shape.append(1)
            continue
        length = next(lengths)
        if isinstance(one, slice):
            start, stop, step = one.indices(length)
            size = len(range(start, stop, step))
            shape.append(size)
        else:
            start, size, step = one, 1, 1
        # A view of no elements begins nowhere in particular: at 0, forward.
        starts.append(start if size else 0)
        steps.append(step if size > 1 else 1)
        sizes.append(size)
    return Spans(tuple(starts), tuple(sizes), tuple(steps), tuple(shape))


def view(x: Tensor, basic: tuple[Any, ...]) -> Tensor:
    """x[basic], without a copy."""
    chosen = spans(x, basic)
    node = x._node
    if chosen.sizes:
        node = operation(
            "slice", [node], starts=chosen.starts, sizes=chosen.sizes, steps=chosen.steps
        )
    return reshape(Tensor(node), chosen.shape)
