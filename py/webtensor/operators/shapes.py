"""Shape rules that several operators share; each raises ShapeError with the shapes in it."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

from ..dtypes import DType
from ..errors import AxisError, DtypeError, ShapeError
from .declaration import Operand, Shape


def integers(name: str, argument: str, value: Any) -> tuple[int, ...]:
    """`value`, an integer or a sequence of them, as Python's; `argument` is what `name` calls it.

    Raises:
        DtypeError: it is something else.
    """
    try:
        return (operator.index(value),)
    except TypeError:
        pass
    try:
        return tuple(map(operator.index, value))
    except TypeError:
        raise DtypeError(
            f"{name}: {argument} is an integer or a sequence of them, not {value!r:.60}"
        ) from None


def broadcast(name: str, *shapes: Shape) -> Shape:
    """The shape that `shapes` broadcast to (Array API, "Broadcasting")."""
    rank = max(map(len, shapes))
    result = [1] * rank
    for shape in shapes:
        for axis, size in enumerate(shape, rank - len(shape)):
            if size != 1 and result[axis] not in (1, size):
                listed = " and ".join(map(str, shapes))
                raise ShapeError(
                    f"{name}: shapes {listed} do not broadcast: axis {axis - rank} has "
                    f"{result[axis]} and {size}; sizes must be equal or 1"
                )
            if size != 1:
                result[axis] = size
    return tuple(result)


def normalize_axes(name: str, axes: int | Sequence[int] | None, rank: int) -> tuple[int, ...]:
    """`axes` as sorted, non-negative, distinct integers; None means all of them."""
    if axes is None:
        return tuple(range(rank))
    listed = integers(name, "axis", axes)
    for axis in listed:
        if not -rank <= axis < rank:
            raise AxisError(f"{name}: axis {axis} is out of range for {rank} dimension(s)")
    result = tuple(sorted(axis % rank for axis in listed))
    if len(set(result)) != len(result):
        raise ShapeError(f"{name}: axes {listed} name one axis twice")
    return result


def reduced(shape: Shape, axes: Sequence[int], keepdims: bool) -> Shape:
    """`shape` without `axes`, or with size 1 there."""
    if keepdims:
        return tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def matmul(left: Shape, right: Shape) -> Shape:
    """(…, M, K) times (…, K, N) gives (…, M, N), the leading axes broadcast."""
    if left[-1] != right[-2]:
        raise ShapeError(
            f"matmul: shapes {left} and {right} do not fit: the last axis of the first ({left[-1]})"
            f" must equal the last but one of the second ({right[-2]})"
        )
    return (*broadcast("matmul", left[:-2], right[:-2]), left[-2], right[-1])


def resolve_reshape(shape: Shape, wanted: Sequence[int]) -> Shape:
    """`wanted` with a -1 filled in so that it holds as many elements as `shape`."""
    result = integers("reshape", "shape", wanted)
    if result.count(-1) > 1 or any(size < -1 for size in result):
        raise ShapeError(f"reshape: {result} is no shape; at most one size may be -1")
    count = math.prod(shape)
    if -1 in result:
        known = math.prod(size for size in result if size != -1)
        if known == 0 or count % known:
            raise ShapeError(f"reshape: {shape} does not fill {result}: {count} elements")
        result = tuple(count // known if size == -1 else size for size in result)
    if math.prod(result) != count:
        raise ShapeError(f"reshape: {shape} has {count} elements, {result} has {math.prod(result)}")
    return result


def same_dtype(name: str, operands: Sequence[Operand], kinds: Sequence[str]) -> DType:
    """The operands' common dtype, of a kind in `kinds` (callers have promoted already)."""
    dtype = operands[0].dtype
    if any(operand.dtype != dtype for operand in operands):
        found = ", ".join(operand.dtype.name for operand in operands)
        raise DtypeError(f"{name}: operands have different dtypes: {found}")
    if dtype.kind not in kinds:
        raise DtypeError(f"{name} does not take {dtype.name}; it takes {', '.join(kinds)} dtypes")
    return dtype
