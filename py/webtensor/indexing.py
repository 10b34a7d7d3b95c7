"""Indexing by the Array API: integers, slices, ellipsis and newaxis, which are views, and one
tensor of integers beside slices, which is `take`."""

from __future__ import annotations

from typing import Any

from .creation import asarray
from .errors import ShapeError
from .functions import reshape
from .graph.node import operation
from .movement_functions import take
from .tensor import Tensor


def getitem(x: Tensor, key: Any) -> Tensor:
    """`x[key]`, without a copy but for a tensor of indices.

    Raises:
        ShapeError: too many indices, or one outside its axis.
        TypeError: a key that is no integer, slice, ellipsis, None or tensor of integers; two
            tensors; a tensor and an integer, whose meaning NumPy makes depend on what is between.
    """
    keys = _expanded(key if isinstance(key, tuple) else (key,), len(x.shape))
    for place, one in enumerate(keys):
        if _is_array(one):
            others = [*keys[:place], slice(None), *keys[place + 1 :]]
            if not all(other is None or isinstance(other, slice) for other in others):
                raise TypeError(
                    "a tensor as index stands beside slices only; index in two steps, or see take"
                )
            indices = one if isinstance(one, Tensor) else asarray(one, device=x._node.device)
            return take(getitem(x, tuple(others)), indices, axis=place)
    starts, sizes, steps = [], [], []
    shape: list[int] = []
    axis = 0
    for one in keys:
        if one is None:
            shape.append(1)
            continue
        length = x.shape[axis]
        if isinstance(one, slice):
            start, stop, step = one.indices(length)
            size = len(range(start, stop, step))
            shape.append(size)
        else:
            start, size, step = _position(one, axis, length), 1, 1
        # A view of no elements begins nowhere in particular: at 0, forward.
        starts.append(start if size else 0)
        steps.append(step if size > 1 else 1)
        sizes.append(size)
        axis += 1
    node = x._node
    if sizes:
        node = operation(
            "slice", [node], starts=tuple(starts), sizes=tuple(sizes), steps=tuple(steps)
        )
    return reshape(Tensor(node), tuple(shape))


def _expanded(keys: tuple[Any, ...], rank: int) -> list[Any]:
    """Keys for every axis: the ellipsis, given or implied at the end, becomes full slices."""
    for one in keys:
        is_integer = hasattr(one, "__index__") and not isinstance(one, bool)
        if _is_array(one):
            if not str(one.dtype.name).lstrip("u").startswith("int"):
                raise TypeError(f"a tensor of dtype {one.dtype.name} is no index; see where")
        elif not (one is None or one is Ellipsis or isinstance(one, slice) or is_integer):
            raise TypeError(
                f"an index is an integer, a slice, ..., None or a tensor of integers, not "
                f"{type(one).__name__}"
            )
    places = [number for number, one in enumerate(keys) if one is Ellipsis]
    if len(places) > 1:
        raise ShapeError("an index has at most one ellipsis (...)")
    used = sum(one is not None and one is not Ellipsis for one in keys)
    if used > rank:
        raise ShapeError(f"too many indices: {used} for {rank} dimension(s)")
    place = places[0] if places else len(keys)
    return [*keys[:place], *[slice(None)] * (rank - used), *keys[place + 1 :]]


def _is_array(key: Any) -> bool:
    """Whether it is a tensor or a NumPy array; NumPy's scalars are integers like others."""
    return isinstance(key, Tensor) or getattr(key, "shape", ()) != ()


def _position(key: Any, axis: int, length: int) -> int:
    position = key.__index__()
    if not -length <= position < length:
        raise ShapeError(f"index {position} is out of range for axis {axis} of size {length}")
    return int(position % length)
