"""Random graphs: what the passes make of them on WebGPU equals the CPU's operator by operator."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import webtensor as wt
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.variants import HARDWARE, SOFTWARE
from webtensor.graph.fuse import fuse
from webtensor.graph.simplify import simplify

BANDED = replace(SOFTWARE, band_cost=300.0)
Step = Callable[[random.Random, list[wt.Tensor]], wt.Tensor]


def _tame(x: wt.Tensor) -> wt.Tensor:
    """Near enough to zero that no later operator overflows."""
    return wt.tanh(x) * 2


def _unary(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    function = chance.choice([wt.tanh, wt.abs, wt.negative, wt.nn.sigmoid, wt.nn.relu, wt.exp])
    return function(_tame(chance.choice(known)))


def _binary(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    x = chance.choice(known)
    alike = [one for one in known if one.shape == x.shape]
    y = chance.choice([*alike, 0.5, -1.5])
    return chance.choice([wt.add, wt.subtract, wt.multiply, wt.maximum])(x, y)


def _broadcast(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    x = chance.choice(known)
    axis = chance.randrange(len(x.shape))
    return wt.add(x, wt.sum(x, axis=axis, keepdims=True) * 0.1)


def _reduce(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    x = chance.choice(known)
    axis = chance.randrange(len(x.shape))
    function = chance.choice([wt.sum, wt.max, wt.min, wt.mean])
    return function(_tame(x), axis=axis, keepdims=True)


def _rows(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    x = chance.choice(known)
    if chance.random() < 0.5:
        return wt.nn.softmax(x, axis=chance.randrange(len(x.shape)))
    return wt.nn.layer_norm(x, x.shape[-1], eps=0.5)


def _product(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    x = _tame(chance.choice([one for one in known if len(one.shape) > 1]))
    y = chance.choice([one for one in known if one.shape == x.shape] or [x])
    return wt.matmul(x, y.mT) * 0.1 if chance.random() < 0.5 else wt.matmul(x.mT, y) * 0.1


def _view(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    x = chance.choice(known)
    kind = chance.randrange(4)
    if kind == 0 and len(x.shape) > 1:
        return x.mT
    if kind == 1:
        return x.reshape(-1)
    if kind == 2 and x.size % 4 == 0:
        return x.reshape(4, -1)
    return x[..., :: chance.choice([-1, 1, 2])]


def _move(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    x = chance.choice(known)
    axis, kind = chance.randrange(len(x.shape)), chance.randrange(5)
    if kind == 0:
        return wt.roll(x, chance.randrange(9), axis=axis)
    if kind == 1:
        alike = [one for one in known if one.shape == x.shape]
        both = wt.concat([x, chance.choice(alike)], axis=axis)
        return wt.split(both, 2, axis=axis)[chance.randrange(2)]
    if kind == 2:
        return wt.take(x, [chance.randrange(x.shape[axis]) for _ in range(4)], axis=axis)
    if kind == 3:
        return wt.take(x, wt.argmax(x, axis=axis, keepdims=True).reshape(-1)[:1], axis=0)
    return wt.nn.pad(x, (chance.randrange(5), 4), value=0.25)


def _masked(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    """Through narrow integers and truth values; of given numbers, which no rounding moves."""
    leaf = known[chance.randrange(3)]
    narrow = wt.astype(leaf * 50, chance.choice(["int8", "int16", "int32"]))
    other = chance.choice([one for one in known if one.shape == leaf.shape])
    return wt.where(wt.less(narrow, 7), other, wt.astype(narrow, leaf.dtype) * 0.02)


def _reshaped(chance: random.Random, known: list[wt.Tensor]) -> wt.Tensor:
    """A reshape between an anchor and what follows."""
    anchor = chance.choice([_reduce, _rows, _product])(chance, known)
    return wt.exp(_tame(anchor.reshape(chance.choice([(-1,), (1, -1), (-1, 1)])))) - 1


STEPS: tuple[Step, ...] = (
    _unary, _unary, _binary, _binary, _binary, _broadcast, _reduce, _rows, _product, _view, _move,
    _masked, _reshaped,
)  # fmt: skip


def build(seed: int, device: str) -> list[wt.Tensor]:
    """Two outputs of a random graph; equal for equal seeds."""
    chance = random.Random(seed)
    shape = chance.choice([(4, 8), (5, 7), (3, 4, 16), (1, 12), (2, 3, 5), (33, 20)])
    generator = np.random.default_rng(seed)
    known = [
        wt.asarray(generator.uniform(-1, 1, shape).astype(np.float32), device=device)
        for _ in range(3)
    ]
    for _ in range(14):
        made = chance.choice(STEPS)(chance, known)
        if made.size and len(made.shape) > 0:
            known.append(made)
    return [known[-1], chance.choice(known[3:])]


@pytest.mark.parametrize(
    "adapter", [SOFTWARE, HARDWARE, BANDED], ids=["software", "hardware", "banded"]
)
@pytest.mark.parametrize("seed", range(60))
def test_graph(seed: int, adapter: object, webgpu: WebGPUBackend) -> None:
    async def values(device: str) -> list[np.ndarray]:
        tensors = build(seed, device)
        await wt.eval(*tensors)
        return [await one.numpy() for one in tensors]

    usual, webgpu.adapter = webgpu.adapter, adapter  # type: ignore[assignment]
    webgpu.executables.clear()
    try:
        found, expected = asyncio.run(values("webgpu")), asyncio.run(values("cpu"))
    finally:
        webgpu.adapter = usual
        webgpu.executables.clear()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-4)


def test_the_graphs_are_worth_it() -> None:
    """They have anchors with prologues and epilogues, not lone operators."""
    grouped = [
        group
        for seed in range(60)
        for group in fuse(simplify([one._node for one in build(seed, "webgpu")]))
    ]
    anchored = [group for group in grouped if group.anchor]
    assert sum(any(chain.body for chain in group.prologues) for group in anchored) > 10
    assert sum(bool(group.epilogue.body) for group in anchored) > 20
