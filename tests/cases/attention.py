"""Cases of scaled dot-product attention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import webtensor as wt

from .case import INF, NAN, Array, Case, random

# (batch and heads, L, S, E, F): one key, one query, primes, past one tile, shared heads later.
_SIZES: tuple[tuple[tuple[int, ...], int, int, int, int], ...] = (
    ((1, 1), 1, 1, 1, 1),
    ((2, 3), 5, 7, 8, 8),
    ((1, 2), 67, 70, 7, 33),
    ((12,), 1, 131, 32, 32),
    ((1, 2), 9, 18, 64, 64),
    ((1, 1), 3, 37, 80, 96),
    ((1, 1), 2, 5, 256, 4),
    ((2, 2), 3, 0, 4, 4),
)


def _operands(
    batch: tuple[int, ...], length: int, keys: int, size: int, value_size: int, groups: int = 0
) -> tuple[Array, Array, Array]:
    shared = (*batch[:-1], groups or batch[-1])
    return (
        random((*batch, length, size), "float32", -1, 1),
        random((*shared, keys, size), "float32", -1, 1.1),
        random((*shared, keys, value_size), "float32", 0.1, 1.2),
    )


def _case(
    label: str,
    operands: tuple[Array, ...],
    causal: bool = False,
    scale: float | None = None,
    **more: Any,
) -> Case:
    def apply(query: Any, key: Any, value: Any, mask: Any = None) -> Any:
        return wt.nn.scaled_dot_product_attention(
            query, key, value, mask, is_causal=causal, scale=scale, enable_gqa=True
        )

    view = more.get("view", lambda x: x)
    factor = view(operands[0]).shape[-1] ** -0.5 if scale is None else scale
    return Case("attention", label, operands, apply, {"scale": factor, "causal": causal}, **more)


def cases() -> Iterator[Case]:
    for sizes in _SIZES:
        yield _case("random", _operands(*sizes))
    yield _case("random", tuple(one.astype(np.float64) for one in _operands((2,), 3, 5, 4, 4)))
    for length, keys in ((19, 19), (5, 70), (70, 5)):
        yield _case("causal", _operands((2,), length, keys, 8, 8), causal=True)
    for groups in (2, 1):
        yield _case("grouped", _operands((2, 4), 5, 11, 8, 4, groups))
    yield _case("six to one", _operands((6,), 5, 11, 8, 4, 1))
    yield _case("scores of 80", _operands((2,), 9, 40, 16, 16), scale=40.0)
    yield _case("negative scale", _operands((2,), 9, 13, 4, 4), scale=-0.5)
    turned = tuple(one.copy() for one in _operands((2, 5), 3, 3, 8, 8))
    yield _case("heads behind positions", turned, view=lambda x: x.swapaxes(1, 2)
                if isinstance(x, np.ndarray) else wt.permute_dims(x, (0, 2, 1, 3)))  # fmt: skip
    square = tuple(one.copy() for one in _operands((2,), 8, 8, 8, 8))
    yield _case("columns", square, view=lambda x: x.swapaxes(1, 2)
                if isinstance(x, np.ndarray) else x.mT)  # fmt: skip
    operands = _operands((2,), 9, 13, 8, 8)
    chosen = np.random.default_rng(3).random((2, 9, 13)) < 0.5
    chosen[1, 4] = False  # a query that sees nothing
    added = np.where(chosen, random((2, 9, 13), "float32", -2, 2), np.float32(-INF))
    yield _case("bool mask", (*operands, chosen))
    yield _case("added mask", (*operands, added.astype(np.float32)))
    key, value = operands[1].copy(), operands[2].copy()
    key[0, 6, 2], value[1, 7, 3] = NAN, NAN
    yield _case("special", (operands[0], key, value), causal=True)
    yield _case("special", (operands[0], key, value))
    yield _case("special masked", (operands[0], key, value, chosen))
