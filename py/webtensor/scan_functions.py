"""Running totals, by the Array API's names."""

from __future__ import annotations

from typing import Any

from .creation import full
from .dtypes import DType, as_dtype, int32, uint32
from .errors import ShapeError
from .functions import astype
from .graph.node import operation
from .movement_functions import concat
from .operands import node_of
from .operators.shapes import normalize_axes
from .tensor import Tensor

__all__ = [
    "cumulative_prod",
    "cumulative_sum",
]


def cumulative_sum(
    x: Tensor,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Tensor:
    """The sums of the elements up to each one along `axis`.

    Floats are added up in parts, so that the error grows far slower than with one sum after the
    other; NaN and infinities act on what comes after them only. Integers wrap around.

    Args:
        x: at least one axis; numbers.
        axis: from -rank to rank - 1; may be left out where x has one axis only.
        dtype: what x is converted to before; default: x's, but int32 or uint32 for narrower
            integers.
        include_initial: whether the sum of no elements, 0, comes first.

    Returns:
        x's shape, with one element more along `axis` where `include_initial`.

    Raises:
        ShapeError: no such axis, or none where x has several.
        DtypeError: bool without a `dtype`.
    """
    return _running("cumulative_sum", x, axis, dtype, 0 if include_initial else None)


def cumulative_prod(
    x: Tensor,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Tensor:
    """The products of the elements up to each one along `axis`; as `cumulative_sum`.

    On "webgpu" a product of floats that left the dtype's range returns when later factors bring it
    back, since exponents are kept apart.
    """
    return _running("cumulative_prod", x, axis, dtype, 1 if include_initial else None)


def _running(name: str, x: Tensor, axis: int | None, dtype: Any, initial: int | None) -> Tensor:
    node = node_of(name, x)
    rank = len(node.shape)
    if not rank or (axis is None and rank > 1):
        raise ShapeError(f"{name} needs an axis to go along, for shape {node.shape}")
    (place,) = normalize_axes(name, 0 if axis is None else axis, rank)
    wanted = _widened(node.dtype) if dtype is None else as_dtype(dtype)
    terms = astype(astype(x, wanted), _widened(wanted))
    options = {"axis": place, "exclusive": False, "reversed": False}
    totals = astype(Tensor(operation(name, [terms._node], **options)), wanted)
    if initial is None:
        return totals
    shape = (*node.shape[:place], 1, *node.shape[place + 1 :])
    return concat([full(shape, initial, dtype=wanted, device=node.device), totals], axis=place)


def _widened(dtype: DType) -> DType:
    """What sums of narrow integers are made in, by the standard."""
    if dtype.kind in ("int", "uint") and dtype.itemsize < 4:
        return uint32 if dtype.kind == "uint" else int32
    return dtype
