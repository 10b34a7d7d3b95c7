"""Operators whose elements are elements of their operands, chosen by place: a row each.

`wgsl` names the kernel's part that finds them: `fn moved(i: u32)`, over `load_0`, `load_1`….
"""

from __future__ import annotations

from typing import Any

from ..dtypes import DType
from ..errors import DtypeError, ShapeError
from ..lazy_numpy import np
from .declaration import Operand, Shape
from .elements import ANY, row, within
from .shapes import same_dtype


def _infer_concat(*operands: Operand, axis: int) -> tuple[Shape, DType]:
    dtype = same_dtype("concat", operands, ANY)
    first = operands[0].shape
    for one in operands:
        if len(one.shape) != len(first) or any(
            size != other
            for number, (size, other) in enumerate(zip(one.shape, first, strict=True))
            if number != axis
        ):
            listed = " and ".join(str(operand.shape) for operand in operands)
            raise ShapeError(f"concat: shapes {listed} differ outside axis {axis}")
    return (*first[:axis], sum(one.shape[axis] for one in operands), *first[axis + 1 :]), dtype


def _infer_gather(data: Operand, indices: Operand, *, axis: int) -> tuple[Shape, DType]:
    if indices.dtype.kind not in ("int", "uint"):
        raise DtypeError(f"gather: indices are integers, not {indices.dtype.name}")
    if not data.shape[axis] and 0 not in indices.shape:
        raise ShapeError(f"gather: axis {axis} of shape {data.shape} has no element to take")
    return (*data.shape[:axis], *indices.shape, *data.shape[axis + 1 :]), data.dtype


def _gather(data: Any, indices: Any, *, axis: int) -> Any:
    return np.take(data, within(indices, data.shape[axis]), axis=axis)


def _infer_gather_nd(data: Operand, indices: Operand) -> tuple[Shape, DType]:
    depth = _depth("gather_nd", data, indices)
    return (*indices.shape[:-1], *data.shape[depth:]), data.dtype


def _depth(name: str, data: Operand, indices: Operand) -> int:
    """How many axes of `data` the rows of `indices` lead through."""
    if indices.dtype.kind not in ("int", "uint"):
        raise DtypeError(f"{name}: indices are integers, not {indices.dtype.name}")
    depth = indices.shape[-1] if indices.shape else 0
    if not 1 <= depth <= len(data.shape):
        raise ShapeError(
            f"{name}: the last axis of indices of shape {indices.shape} has 1 to "
            f"{len(data.shape)} places, one for each of the first axes of shape {data.shape}"
        )
    if 0 in data.shape[:depth] and 0 not in indices.shape:
        raise ShapeError(f"{name}: shape {data.shape} has no element to choose")
    return depth


def _places(data: Any, indices: Any) -> tuple[Any, ...]:
    return tuple(within(indices[..., k], data.shape[k]) for k in range(indices.shape[-1]))


def _infer_scatter_nd(
    data: Operand, indices: Operand, updates: Operand, *, last_wins: bool
) -> tuple[Shape, DType]:
    dtype = same_dtype("scatter_nd", [data, updates], ANY)
    wanted = (*indices.shape[:-1], *data.shape[_depth("scatter_nd", data, indices) :])
    if updates.shape != wanted:
        raise ShapeError(f"scatter_nd: updates are of shape {wanted}, not {updates.shape}")
    return data.shape, dtype


def _scatter_nd(data: Any, indices: Any, updates: Any, *, last_wins: bool = True) -> Any:
    """The last of several updates for one place stays, also where nobody insists on it."""
    result, places = data.copy(), _places(data, indices)
    if places[0].size:
        order = np.ravel_multi_index(places, data.shape[: len(places)]).reshape(-1)
        last = order.size - 1 - np.unique(order[::-1], return_index=True)[1]
        rest = data.shape[len(places) :]
        at = tuple(place.reshape(-1)[last] for place in places)
        result[at] = updates.reshape(order.size, *rest)[last]
    return result


def _infer_assign(
    operand: Operand, value: Operand, starts: Operand, *, sizes: Shape, steps: Shape, grain: int
) -> tuple[Shape, DType]:
    dtype = same_dtype("assign", [operand, value], ANY)
    if value.shape not in ((), sizes):
        raise ShapeError(f"assign: a value of shape {value.shape} for a part of shape {sizes}")
    return operand.shape, dtype


def _assign(x: Any, value: Any, starts: Any, *, sizes: Shape, steps: Shape, grain: int) -> Any:
    """`starts` is an operand, so that one kernel serves all places; `grain` divides it on the axis
    before those that are assigned as a whole."""
    result = x.copy()
    spans = zip(starts.tolist(), sizes, steps, strict=True)
    result[tuple(slice(at, at + size * step, step) for at, size, step in spans)] = value
    return result


def _infer_pad(
    operand: Operand, *, before: Shape, after: Shape, mode: str, value: float
) -> tuple[Shape, DType]:
    for axis, (size, *widths) in enumerate(zip(operand.shape, before, after, strict=True)):
        least = {"constant": 0, "edge": 1, "reflection": max(widths) + 1}[mode]
        if any(widths) and size < least:
            raise ShapeError(
                f"pad: {mode} of shape {operand.shape} by {tuple(widths)} along axis {axis} "
                f"needs at least {least} elements there"
            )
    shape = tuple(map(sum, zip(operand.shape, before, after, strict=True)))
    return shape, operand.dtype


def _pad(x: Any, *, before: Shape, after: Shape, mode: str, value: float) -> Any:
    widths = list(zip(before, after, strict=True))
    if mode == "constant":
        return np.pad(x, widths, constant_values=x.dtype.type(value))
    return np.pad(x, widths, mode="edge" if mode == "edge" else "reflect")


OPERATORS = (
    row(
        "concat",
        _infer_concat,
        lambda *operands, axis: np.concatenate(operands, axis=axis),
        "concat",
    ),
    row("assign", _infer_assign, _assign),
    row("gather", _infer_gather, _gather, "gather"),
    row(
        "gather_nd",
        _infer_gather_nd,
        lambda data, indices: data[_places(data, indices)],
        "gatherND",
    ),
    row("scatter_nd", _infer_scatter_nd, _scatter_nd, "scatterND", "scatter"),
    row("pad", _infer_pad, _pad, "pad"),
)
