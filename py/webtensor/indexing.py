"""Indexing by the Array API, with NumPy's rules where it leaves something open.

Integers, slices, ellipsis and newaxis are views. Masks and tensors of integers choose elements; the
axes that several of them make together stand where they stood, or first where they were apart.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .creation import full
from .errors import DtypeError, IndexingError
from .functions import permute_dims, reshape
from .graph.node import operation
from .index_tensors import as_index, coordinates_of, flat_index, over_axes, places_of
from .operators import Shape
from .tensor import Tensor


class Key(NamedTuple):
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


class Spans(NamedTuple):
    """Which elements a basic key chooses: along each axis, and the result's shape."""

    starts: Shape
    sizes: Shape
    steps: Shape
    shape: Shape


def getitem(x: Tensor, key: Any) -> Tensor:
    """`x[key]`, see `Tensor.__getitem__`."""
    keys = elements(x, key)
    mask = only_mask(x, keys)
    if mask is not None:
        return _masked(x, mask)
    parsed = parse(x, keys)
    part = view(x, parsed.basic)
    return _chosen(part, parsed) if parsed.indices else part


def elements(x: Tensor, key: Any) -> tuple[Any, ...]:
    """What stands in x[…], arrays, lists and bools as tensors where x is."""
    found = []
    for one in key if isinstance(key, tuple) else (key,):
        index = as_index(one, x._node.device)
        found.append(one if index is None else index)
    return tuple(found)


def only_mask(x: Tensor, keys: tuple[Any, ...]) -> Tensor | None:
    """The mask that is all of the key, None where it is something else."""
    mask = keys[0] if len(keys) == 1 else None
    if not isinstance(mask, Tensor) or mask.dtype.kind != "bool":
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


def parse(x: Tensor, keys: tuple[Any, ...]) -> Key:
    """The key of `elements`, all axes of x in it; masks become indices of their true elements.

    Raises:
        IndexingError: too many indices, one outside its axis, or a mask that does not fit.
        DtypeError: something that is no index.
    """
    keys, missing = _expanded(keys, len(x.shape))
    basic: list[Any] = []
    indices: list[Tensor] = []
    axes: list[int] = []
    # Where integers and tensors stand in the key: NumPy takes integers for tensors where it asks
    # what is between those, and an ellipsis for something even where it stands for no axis.
    places: list[int] = []
    place = axis = result = 0
    for one in keys:
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


def _expanded(keys: tuple[Any, ...], rank: int) -> tuple[tuple[Any, ...], int]:
    """The key with an ellipsis in it, given or at its end, and how many axes that stands for."""
    used = ellipses = 0
    for one in keys:
        if isinstance(one, Tensor):
            if one.dtype.kind not in ("bool", "int", "uint"):
                raise DtypeError(f"a tensor of dtype {one.dtype.name} is no index; use astype")
            if one.dtype.kind == "bool" and not one.shape:
                raise IndexingError("a mask without axes stands alone, not beside other indices")
            used += len(one.shape) if one.dtype.kind == "bool" else 1
        elif isinstance(one, slice) or hasattr(one, "__index__"):
            used += 1
        elif one is Ellipsis:
            ellipses += 1
        elif one is not None:
            raise DtypeError(
                f"an index is an integer, a slice, ..., None, or integers or a mask in a tensor, "
                f"an array or a list, not {type(one).__name__}"
            )
    if ellipses > 1:
        raise IndexingError("an index has at most one ellipsis (...)")
    if used > rank:
        raise IndexingError(f"too many indices: {used} for {rank} dimension(s)")
    return keys if ellipses else (*keys, Ellipsis), rank - used


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
