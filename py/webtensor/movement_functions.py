"""Joining, splitting, indexing and rearranging tensors, by the Array API's names."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from functools import reduce

from .creation import asarray, full
from .dtypes import check_fits, int32, promote, scalar_dtype
from .errors import DtypeError, ShapeError
from .functions import (
    add,
    astype,
    broadcast_to,
    multiply,
    permute_dims,
    reshape,
)
from .graph.node import operation
from .index_tensors import index_node, within
from .operands import same
from .operators.shapes import normalize_axes
from .tensor import Scalar, Tensor

__all__ = [
    "concat",
    "expand_dims",
    "flip",
    "moveaxis",
    "repeat",
    "roll",
    "split",
    "squeeze",
    "stack",
    "take",
    "take_along_axis",
    "tile",
    "unstack",
]

# So many operands leave room for an epilogue's among the bindings that WebGPU guarantees.
_MOST_JOINED = 6
_PAD_MODES = {"constant": "constant", "reflect": "reflection", "replicate": "edge"}


def _check(name: str, x: object) -> Tensor:
    if not isinstance(x, Tensor):
        raise DtypeError(
            f"{name} takes tensors, not {type(x).__name__}; make one with webtensor.asarray(...)"
        )
    return x


def _axis(name: str, axis: int, rank: int) -> int:
    return normalize_axes(name, axis, rank)[0]


def concat(arrays: Sequence[Tensor], /, *, axis: int | None = 0) -> Tensor:
    """`arrays` behind one another along `axis`; None flattens them before.

    Args:
        arrays: tensors whose shapes differ along `axis` only; their dtypes promote.
        axis: from -rank to rank - 1.

    Raises:
        ShapeError: shapes that differ elsewhere, no arrays, or no such axis.
        DtypeError: dtypes that do not promote.
    """
    listed = [_check("concat", one) for one in arrays]
    if not listed:
        raise ShapeError("concat takes at least one tensor")
    if axis is None:
        listed, axis = [reshape(one, (-1 if one.size else 0,)) for one in listed], 0
    place = _axis("concat", axis, len(listed[0].shape))
    dtype = reduce(promote, (one.dtype for one in listed))
    nodes = [astype(one, dtype)._node for one in listed]
    # Checks all shapes, those without elements too, which no kernel needs to see.
    whole = operation("concat", nodes, axis=place)
    kept = [node for node in nodes if node.size]
    if len(kept) == len(nodes) <= _MOST_JOINED:
        return Tensor(whole)
    while len(kept) > _MOST_JOINED:
        parts = [kept[at : at + _MOST_JOINED] for at in range(0, len(kept), _MOST_JOINED)]
        kept = [operation("concat", part, axis=place) for part in parts]
    if not kept:
        return Tensor(whole)
    return Tensor(kept[0] if len(kept) == 1 else operation("concat", kept, axis=place))


def stack(arrays: Sequence[Tensor], /, *, axis: int = 0) -> Tensor:
    """`arrays`, all of one shape, behind one another along a new axis; errors as in `concat`."""
    listed = [_check("stack", one) for one in arrays]
    if len({one.shape for one in listed}) != 1:
        shapes = " and ".join(str(one.shape) for one in listed) or "none"
        raise ShapeError(f"stack takes tensors of one shape, not {shapes}")
    place = _axis("stack", axis, len(listed[0].shape) + 1)
    return concat([expand_dims(one, axis=place) for one in listed], axis=place)


def split(x: Tensor, sizes_or_sections: int | Sequence[int], /, *, axis: int = 0) -> list[Tensor]:
    """Parts of x along `axis`, without a copy.

    Args:
        x: at least one axis.
        sizes_or_sections: the size of each part, or how many equal parts there are (as WebNN's
            `split`).
        axis: from -rank to rank - 1.

    Raises:
        ShapeError: the parts do not make up the axis.
    """
    place = _axis("split", axis, len(_check("split", x).shape))
    length = x.shape[place]
    if isinstance(sizes_or_sections, Sequence):
        sizes = tuple(map(operator.index, sizes_or_sections))
        if sum(sizes) != length or min(sizes, default=0) < 0:
            raise ShapeError(f"split: sizes {sizes} do not make up axis {axis} of shape {x.shape}")
    else:
        sections = operator.index(sizes_or_sections)
        if sections < 1 or length % sections:
            raise ShapeError(f"split: axis {axis} of shape {x.shape} has no {sections} equal parts")
        sizes = (length // sections,) * sections
    parts, begin = [], 0
    for size in sizes:
        parts.append(_part(x, place, begin, begin + size))
        begin += size
    return parts


def _part(x: Tensor, axis: int, begin: int, end: int | None) -> Tensor:
    return x[(*(slice(None),) * axis, slice(begin, end))]


def unstack(x: Tensor, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts of x at each place on `axis`, without that axis and without a copy."""
    place = _axis("unstack", axis, len(_check("unstack", x).shape))
    keys = (slice(None),) * place
    return tuple(x[(*keys, number)] for number in range(x.shape[place]))


def expand_dims(x: Tensor, /, axis: int | Sequence[int]) -> Tensor:
    """x with new axes of size 1 at the places `axis` of the result, without a copy.

    Raises:
        ShapeError: a place that the result does not have, or twice the same.
    """
    count = len(axis) if isinstance(axis, Sequence) else 1
    rank = len(_check("expand_dims", x).shape) + count
    new = normalize_axes("expand_dims", axis, rank)
    sizes = iter(x.shape)
    return reshape(x, tuple(1 if number in new else next(sizes) for number in range(rank)))


def squeeze(x: Tensor, /, axis: int | Sequence[int]) -> Tensor:
    """x without the axes `axis`, each of size 1, without a copy; ShapeError for other sizes."""
    gone = normalize_axes("squeeze", axis, len(_check("squeeze", x).shape))
    if any(x.shape[one] != 1 for one in gone):
        raise ShapeError(f"squeeze: axes {gone} of shape {x.shape} are not all of size 1")
    return reshape(x, tuple(size for number, size in enumerate(x.shape) if number not in gone))


def flip(x: Tensor, /, *, axis: int | Sequence[int] | None = None) -> Tensor:
    """x backward along `axis` (all axes by default), without a copy."""
    turned = normalize_axes("flip", axis, len(_check("flip", x).shape))
    if not x.shape:
        return same(x)
    return x[tuple(slice(None, None, -1 if one in turned else 1) for one in range(len(x.shape)))]


def roll(
    x: Tensor, /, shift: int | Sequence[int], *, axis: int | Sequence[int] | None = None
) -> Tensor:
    """x with elements moved by `shift` places along `axis`, those past the end to the begin.

    Without an axis the flattened elements are moved.

    Raises:
        ShapeError: as many shifts as axes are needed (one may be for all of them).
    """
    _check("roll", x)
    if axis is None:
        if isinstance(shift, Sequence):
            raise ShapeError("roll: several shifts need several axes")
        return reshape(roll(reshape(x, (x.size,)), shift, axis=0), x.shape)
    axes = tuple(axis) if isinstance(axis, Sequence) else (axis,)
    shifts = tuple(shift) if isinstance(shift, Sequence) else (shift,) * len(axes)
    x = same(x)
    if len(shifts) != len(axes):
        raise ShapeError(f"roll: {len(shifts)} shifts for {len(axes)} axes")
    for one, by in zip(axes, shifts, strict=True):
        place = _axis("roll", one, len(x.shape))
        first = -by % max(x.shape[place], 1)
        if first:
            parts = [_part(x, place, first, None), _part(x, place, 0, first)]
            x = concat(parts, axis=place)
    return x


def moveaxis(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int], /) -> Tensor:
    """x with the axes `source` at the places `destination`, the others in order, without a copy.

    Raises:
        ShapeError: an axis that is not there, or named twice, or more of one than of the other.
    """
    rank = len(_check("moveaxis", x).shape)
    moved, places = (
        [_axis("moveaxis", one, rank) for one in (axes if isinstance(axes, Sequence) else (axes,))]
        for axes in (source, destination)
    )
    if len(moved) != len(places) or len(set(moved)) < len(moved) or len(set(places)) < len(places):
        raise ShapeError(f"moveaxis: axes {source} cannot be put at {destination}")
    order = [one for one in range(rank) if one not in moved]
    for place, one in sorted(zip(places, moved, strict=True)):
        order.insert(place, one)
    return permute_dims(x, order)


def tile(x: Tensor, repetitions: Sequence[int], /) -> Tensor:
    """x repeated as a whole, `repetitions` times along each axis (the last ones where there are
    fewer of either); a copy."""
    times = tuple(map(operator.index, repetitions))
    rank = max(len(times), len(_check("tile", x).shape))
    times = (1,) * (rank - len(times)) + times
    if min(times, default=0) < 0:
        raise ShapeError(f"tile: {times} repetitions; they are not negative")
    shape = (1,) * (rank - len(x.shape)) + x.shape
    apart = reshape(x, tuple(one for size in shape for one in (1, size)))
    wanted = [one for pair in zip(times, shape, strict=True) for one in pair]
    whole = tuple(many * size for many, size in zip(times, shape, strict=True))
    return reshape(broadcast_to(apart, wanted), whole)


def repeat(x: Tensor, repeats: int | Tensor, /, *, axis: int | None = None) -> Tensor:
    """x with each element `repeats` times, along `axis` (of the flattened tensor without one).

    Args:
        x: any shape.
        repeats: one number for all, or a tensor of integers: one, or as many as the axis has. A
            tensor is read at once, since the result's shape depends on it.
        axis: from -rank to rank - 1.

    Raises:
        DtypeError: `repeats` are no integers.
        ShapeError: no such axis, negative repeats, or not as many as the axis has.
        SynchronousReadError: `repeats` is a tensor, and this browser cannot wait.
    """
    if axis is None:
        x, axis = reshape(_check("repeat", x), (x.size,)), 0
    place = _axis("repeat", axis, len(_check("repeat", x).shape))
    if isinstance(repeats, Tensor) and repeats.size != 1:
        return _repeated_each(x, repeats, place)
    many = operator.index(reshape(repeats, ()) if isinstance(repeats, Tensor) else repeats)
    if many < 0:
        raise ShapeError(f"repeat: {many} repeats; they are not negative")
    before, length, after = x.shape[:place], x.shape[place], x.shape[place + 1 :]
    apart = broadcast_to(expand_dims(x, axis=place + 1), (*before, length, many, *after))
    return reshape(apart, (*before, length * many, *after))


def _repeated_each(x: Tensor, repeats: Tensor, axis: int) -> Tensor:
    """Part number i along `axis` repeats[i] times."""
    if repeats.dtype.kind not in ("int", "uint"):
        raise DtypeError(f"repeat: repeats are integers, not {repeats.dtype.name}; use astype")
    if repeats.shape != (x.shape[axis],):
        raise ShapeError(f"repeat: repeats of shape {repeats.shape} for axis {axis} of {x.shape}")
    counts = repeats.tolist()
    if min(counts, default=0) < 0:
        raise ShapeError("repeat: some repeats are negative")
    places = [number for number, many in enumerate(counts) for _ in range(many)]
    if not places:
        return full(
            (*x.shape[:axis], 0, *x.shape[axis + 1 :]), 0, dtype=x.dtype, device=x._node.device
        )
    return take(x, places, axis=axis)


def take(x: Tensor, indices: Tensor | Sequence[int], /, *, axis: int | None = None) -> Tensor:
    """The parts of x at `indices` along `axis`.

    Args:
        x: at least one axis.
        indices: integers of any shape; negative ones count from the end. One that is outside the
            axis raises where its value is known to the program (`asarray` of data that was not
            used yet, or a sequence); on a device it is clamped to the axis, as WebNN does.
        axis: may be left out where x has one axis only.

    Returns:
        x's shape with `axis` replaced by the shape of `indices`.

    Raises:
        ShapeError: no such axis; IndexingError, which is one: an index outside it.
        DtypeError: indices that are not integers.
    """
    rank = len(_check("take", x).shape)
    if axis is None and rank != 1:
        raise ShapeError(f"take needs an axis for shape {x.shape}")
    place = _axis("take", axis or 0, rank)
    if not isinstance(indices, Tensor):
        indices = asarray(indices, dtype=None if len(indices) else int32, device=x._node.device)
    index = index_node("take", indices, x.shape, place)
    return Tensor(operation("gather", [x._node, index], axis=place))


def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """The elements of x whose place on `axis` is in `indices`, their other places being their own.

    Args:
        x: at least one axis, below 2³¹ elements.
        indices: integers, of as many axes as x; sizes of the other axes broadcast with x's. Values
            as in `take`.

    Returns:
        The shape of `indices`, broadcast.

    Raises:
        ShapeError: other shapes; IndexingError, which is one: an index outside the axis.
        DtypeError: indices that are not integers.
    """
    rank = len(_check("take_along_axis", x).shape)
    place = _axis("take_along_axis", axis, rank)
    if len(_check("take_along_axis", indices).shape) != rank or any(
        one != size and 1 not in (one, size)
        for number, (one, size) in enumerate(zip(indices.shape, x.shape, strict=True))
        if number != place
    ):
        raise ShapeError(
            f"take_along_axis: indices of shape {indices.shape} do not fit {x.shape} along {axis}"
        )
    node, length = index_node("take_along_axis", indices, x.shape, place), x.shape[place]
    wanted = tuple(
        one if number == place else max(one, size) if one and size else 0
        for number, (one, size) in enumerate(zip(indices.shape, x.shape, strict=True))
    )
    if not math.prod(wanted):
        return full(wanted, 0, dtype=x.dtype, device=x._node.device)
    flat = multiply(within(Tensor(node), length), math.prod(x.shape[place + 1 :]))
    for number, size in enumerate(x.shape):
        if number != place and size > 1:
            step = math.prod(x.shape[number + 1 :])
            steps = asarray([step * one for one in range(size)], device=x._node.device)
            flat = add(flat, reshape(steps, (size, *(1,) * (rank - number - 1))))
    elements = reshape(x, (x.size,))
    return Tensor(operation("gather", [elements._node, broadcast_to(flat, wanted)._node], axis=0))


def pad(x: Tensor, pad: Sequence[int], mode: str = "constant", value: Scalar = 0) -> Tensor:
    """More elements around x (torch.nn.functional.pad).

    Args:
        x: any shape.
        pad: how many before and after, in pairs, the last axis first; negative ones cut off.
        mode: "constant", "reflect" (mirrored at the edge, which is not repeated) or "replicate".
        value: what "constant" adds.

    Raises:
        ShapeError: more pairs than axes, or fewer elements than the mode needs.
        DtypeError: a value that x's dtype cannot hold.
    """
    widths, rank = tuple(map(operator.index, pad)), len(_check("pad", x).shape)
    if mode not in _PAD_MODES:
        raise ShapeError(f"pad: mode {mode!r} is none of {', '.join(map(repr, _PAD_MODES))}")
    if len(widths) % 2 or len(widths) > 2 * rank:
        raise ShapeError(f"pad: {widths} are no pairs for up to {rank} axes, the last one first")
    missing = (0,) * (rank - len(widths) // 2)
    before, after = ((*missing, *widths[first::2][::-1]) for first in (0, 1))
    if any(
        max(-left, 0) + max(-right, 0) > size
        for size, left, right in zip(x.shape, before, after, strict=True)
    ):
        raise ShapeError(f"pad: {widths} cut more off than shape {x.shape} has")
    if min(widths, default=0) < 0:
        spans = zip(x.shape, before, after, strict=True)
        x = x[tuple(slice(max(-left, 0), n + min(right, 0)) for n, left, right in spans)]
    before, after = (tuple(max(one, 0) for one in side) for side in (before, after))
    if not any((*before, *after)):
        return same(x)
    if x.dtype.kind != "bool" and scalar_dtype(value, x.dtype) != x.dtype:
        raise DtypeError(f"pad: {value!r} is no {x.dtype.name}")
    check_fits(value, x.dtype)
    options = {"before": before, "after": after, "mode": _PAD_MODES[mode], "value": value}
    node = operation("pad", [x._node], **options)
    if x.size or not node.size:
        return Tensor(node)
    return full(node.shape, value, dtype=x.dtype, device=x._node.device)
