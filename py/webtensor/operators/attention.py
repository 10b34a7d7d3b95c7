"""Scaled dot-product attention: one operator, which WebGPU computes in one kernel.

Queries (…, H, L, E), keys (…, G, S, E), values (…, G, S, F), H a multiple of G: H / G neighbouring
heads share keys and values. A mask has the shape (…, H, L, S).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..dtypes import DType
from ..errors import DtypeError, ShapeError
from ..lazy_numpy import np
from .declaration import Attributes, Operand, Operator, Shape, Tolerance
from .shapes import same_dtype


def _infer(
    query: Operand, key: Operand, value: Operand, mask: Operand | None = None, **_: Any
) -> tuple[Shape, DType]:
    dtype = same_dtype("attention", [query, key, value], ("float",))
    shapes = (query.shape, key.shape, value.shape)
    *batch, heads, length, size = query.shape
    *key_batch, groups, keys, key_size = key.shape
    if (
        batch != key_batch
        or size != key_size
        or value.shape[:-1] != key.shape[:-1]
        or (heads % groups if groups else heads)
    ):
        raise ShapeError(
            f"attention: queries, keys and values of {shapes} do not fit; they are (…, H, L, E), "
            f"(…, G, S, E), (…, G, S, F) with H a multiple of G"
        )
    if mask is not None and mask.shape != (*batch, heads, length, keys):
        raise ShapeError(
            f"attention: the mask's shape {mask.shape} is not {(*batch, heads, length, keys)}"
        )
    if mask is not None and mask.dtype != dtype and mask.dtype.kind != "bool":
        raise DtypeError(f"attention: a mask is bool or {dtype.name}, not {mask.dtype.name}")
    return (*query.shape[:-1], value.shape[-1]), dtype


def _attention(
    query: Any, key: Any, value: Any, mask: Any = None, *, scale: float, causal: bool
) -> Any:
    if not key.shape[-2] or not query.size:
        return np.zeros((*query.shape[:-1], value.shape[-1]), query.dtype)
    shared = query.shape[-3] // key.shape[-3]
    key, value = np.repeat(key, shared, axis=-3), np.repeat(value, shared, axis=-3)
    scores = query @ np.swapaxes(key, -1, -2) * query.dtype.type(scale)
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:]) > 0, scores, -np.inf)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf) if mask.dtype == bool else scores + mask
    seen = scores != -np.inf
    top = np.max(scores, axis=-1, keepdims=True)
    weights = np.where(seen, np.exp(scores - np.where(top == -np.inf, 0, top)), 0)
    total = np.sum(weights, axis=-1, keepdims=True)
    weights = (weights / np.where(total == 0, 1, total)).astype(query.dtype)
    # A value that is not finite reaches only the queries that see it.
    strange = ~np.isfinite(value).all(axis=-1, keepdims=True)
    result = weights @ np.where(strange, 0, value)
    for position in np.unique(np.nonzero(strange)[-2]):
        here = slice(position, position + 1)
        product = weights[..., here] * np.where(strange, value, 0)[..., here, :]
        result = result + np.where(seen[..., here], product, 0)
    return result.astype(query.dtype)


def _units(shapes: Sequence[Shape], attributes: Attributes) -> float:
    """The sum of its parts': the scores' product, scale and mask, softmax, the second product."""
    keys, size = shapes[1][-2:]
    return 2 * size + 2 + (3 * keys + 3) + 2 * keys


OPERATORS = (
    Operator(
        "attention",
        "attention",
        _infer,
        _attention,
        # Values of both signs cancel: what is left has any relative error.
        Tolerance(_units, 1e-6, "sum of W3C's for matmul, mul, add, softmax and matmul"),
        kinds=("float",),
    ),
)
