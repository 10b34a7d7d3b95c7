"""Attention, with PyTorch's name and semantics (torch.nn.functional)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .dtypes import DType, as_dtype
from .errors import DtypeError, OptionError, ShapeError
from .functions import (
    add,
    astype,
    broadcast_to,
    matmul,
    matrix_transpose,
    multiply,
    not_equal,
    reshape,
    where,
)
from .graph.node import operation, source
from .normalization import softmax
from .operators.shapes import broadcast
from .tensor import Tensor

# The kernel keeps a query and its result in registers.
_LARGEST_SIZE = 256
_NAME = "scaled_dot_product_attention"


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(query · keyᵀ · scale + mask) · value (Vaswani et al., 2017), in one kernel.

    A query that sees no key (there are none, or the mask excludes all) gives zeros. What the mask
    or `is_causal` excludes has no influence, even where its value is NaN (where E or F is above 256
    and several kernels do the work, its value is multiplied by zero instead).

    Args:
        query: (…, H, L, E), floating-point; heads may be missing.
        key: (…, H, S, E), of the same dtype; with `enable_gqa` (…, G, S, E), H a multiple of G.
        value: (…, H, S, F), or (…, G, S, F). The axes before the heads broadcast.
        attn_mask: bool, true where a key takes part, or floating-point, added to the scores;
            broadcasts to (…, H, L, S).
        dropout_p: 0: there is no training here.
        is_causal: query i sees keys 0 to i only.
        scale: 1 / sqrt(E) by default.
        enable_gqa: whether H / G neighbouring heads may share keys and values.

    Returns:
        (…, H, L, F).

    Raises:
        ShapeError: the shapes do not fit.
        DtypeError: no floating-point dtype, or different ones.
        OptionError: `dropout_p` is not 0, or `is_causal` stands beside a mask.
    """
    if dropout_p:
        raise OptionError(f"{_NAME}: dropout_p is {dropout_p}; here is no training, so it is 0")
    if is_causal and attn_mask is not None:
        raise OptionError(f"{_NAME}: is_causal stands beside attn_mask; put both into the mask")
    tensors = [query, key, value, *([] if attn_mask is None else [attn_mask])]
    dtype = _dtype(tensors)
    if dtype.itemsize < 4:  # float16 has no room for sums: they are made in float32
        tensors = [one if one.dtype.kind == "bool" else astype(one, "float32") for one in tensors]
    elif attn_mask is not None and attn_mask.dtype.floating:
        tensors[3] = astype(attn_mask, dtype)
    fitted = _fitted(tensors, enable_gqa)
    size, keys = fitted[0].shape[-1], fitted[1].shape[-2]
    if not size:
        raise ShapeError(f"{_NAME}: queries of shape {query.shape} have no elements to compare")
    factor = 1 / math.sqrt(size) if scale is None else float(scale)
    if keys and max(size, fitted[2].shape[-1]) > _LARGEST_SIZE:
        result = _composed(fitted, is_causal, factor)
    else:
        nodes = [one._node for one in fitted]
        result = Tensor(operation("attention", nodes, scale=factor, causal=bool(is_causal)))
    if max(len(one.shape) for one in (query, key, value)) == 2:
        result = reshape(result, result.shape[1:])
    return astype(result, dtype)


def _dtype(tensors: Sequence[Tensor]) -> DType:
    """The dtype that queries, keys and values have in common."""
    for one in tensors:
        if not isinstance(one, Tensor):
            raise DtypeError(
                f"{_NAME} takes tensors, not {type(one).__name__}; see webtensor.asarray"
            )
    dtype = tensors[0].dtype
    if not dtype.floating or any(one.dtype != dtype for one in tensors[1:3]):
        found = ", ".join(one.dtype.name for one in tensors[:3])
        raise DtypeError(f"{_NAME} takes floating-point tensors of one dtype, not {found}")
    if not all(one.dtype.floating or one.dtype.kind == "bool" for one in tensors[3:]):
        raise DtypeError(f"{_NAME}: a mask is bool or floating-point, not {tensors[3].dtype.name}")
    return dtype


def _fitted(tensors: Sequence[Tensor], shares_heads: bool) -> list[Tensor]:
    """Queries (…, H, L, E), keys (…, G, S, E), values (…, G, S, F), mask (…, H, L, S), with the
    same axes before the heads, without a copy."""
    shapes = [one.shape for one in tensors[:3]]
    if min(map(len, shapes)) < 2:
        raise ShapeError(f"{_NAME}: operands have two axes at least; these are {shapes}")
    heads = [shape[-3] if len(shape) > 2 else 1 for shape in shapes]
    if shares_heads:
        batch = broadcast(_NAME, *(shape[:-3] for shape in shapes))
        batches = [(*batch, count) for count in heads]
    else:
        batches = [broadcast(_NAME, *(shape[:-2] or (1,) for shape in shapes))] * 3
    fitted = [
        broadcast_to(one, (*lead, *one.shape[-2:]))
        for one, lead in zip(tensors[:3], batches, strict=True)
    ]
    scores = (*batches[0], shapes[0][-2], shapes[1][-2])
    return fitted + [broadcast_to(one, scores) for one in tensors[3:]]


def _composed(tensors: Sequence[Tensor], causal: bool, scale: float) -> Tensor:
    """The same of other operators, for sizes that the kernel does not take."""
    query, key, value = tensors[:3]
    *batch, groups, keys, _ = key.shape
    length = query.shape[-2]
    shared = (*batch, groups, query.shape[-3] // groups)
    key, value = (reshape(one, (*batch, groups, 1, *one.shape[-2:])) for one in (key, value))
    product = matmul(reshape(query, (*shared, *query.shape[-2:])), matrix_transpose(key))
    scores = multiply(product, scale)
    masks = [reshape(one, (*shared, length, keys)) for one in tensors[3:]]
    if causal:
        masks.append(_triangle(length, keys, query._node.device))
    for mask in masks:
        excluding = mask.dtype.kind == "bool"
        scores = where(mask, scores, -math.inf) if excluding else add(scores, mask)
    weights = where(not_equal(scores, -math.inf), softmax(scores), 0.0)
    result = matmul(weights, value)
    return reshape(result, (*batch, -1, length, value.shape[-1]))


def _triangle(length: int, keys: int, device: str | None) -> Tensor:
    """Whether query i sees key j: (length, keys), bool."""
    rows = (min(row + 1, keys) for row in range(length))
    data = b"".join(b"\1" * count + b"\0" * (keys - count) for count in rows)
    return Tensor(source(data, (length, keys), as_dtype("bool"), device))
