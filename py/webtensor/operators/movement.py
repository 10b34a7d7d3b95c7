"""Operators whose elements are elements of their operands, chosen by place: a row each.

`wgsl` names the kernel's part that finds them: `fn moved(i: u32)`, over `load_0`, `load_1`….
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..dtypes import DType
from ..errors import DtypeError, ShapeError
from ..lazy_numpy import np
from .declaration import Operand, Operator, Shape, Tolerance
from .shapes import same_dtype

_ANY = ("bool", "int", "uint", "float", "complex")


def _infer_concat(*operands: Operand, axis: int) -> tuple[Shape, DType]:
    dtype = same_dtype("concat", operands, _ANY)
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
    """As WebNN does: negative indices count from the end, others are clamped."""
    length = data.shape[axis]
    counted = np.where(indices < 0, indices.astype(np.int64) + length, indices)
    return np.take(data, np.clip(counted, 0, max(length - 1, 0)).astype(np.int64), axis=axis)


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


def _row(
    name: str,
    infer: Callable[..., tuple[Shape, DType]],
    reference: Callable[..., Any],
    webnn: str,
) -> Operator:
    return Operator(
        name,
        "movement",
        infer,
        reference,
        Tolerance.units(0),
        wgsl=f"{name}.wgsl",
        webnn=webnn,
        kinds=_ANY,
    )


OPERATORS = (
    _row(
        "concat",
        _infer_concat,
        lambda *operands, axis: np.concatenate(operands, axis=axis),
        "concat",
    ),
    _row("gather", _infer_gather, _gather, "gather"),
    _row("pad", _infer_pad, _pad, "pad"),
)
