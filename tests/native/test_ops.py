"""`webtensor.ops` on wgpu-py's device: what its cases do not tell."""

from __future__ import annotations

import asyncio

import numpy as np

import webtensor as wt
from webtensor.backends.webgpu.backend import WebGPUBackend


def _kernels_of_a_network(webgpu: WebGPUBackend, steps: int) -> int:
    """How many pipelines a network over so many steps takes."""
    generator = np.random.default_rng(steps)
    operands = [
        wt.asarray(generator.uniform(-1, 1, shape).astype(np.float32), device="webgpu")
        for shape in ((steps, 2, 3), (2, 20, 3), (2, 20, 5))
    ]
    webgpu._pipelines.clear()
    webgpu.executables.clear()
    both = wt.ops.lstm(*operands, steps, 5, direction="both", return_sequence=True)
    asyncio.run(wt.eval(*both))
    return len(webgpu._pipelines)


def test_all_steps_run_the_same_kernels(webgpu: WebGPUBackend) -> None:
    short, long = (_kernels_of_a_network(webgpu, steps) for steps in (3, 12))
    # More steps take more kernels to join what they give, no others.
    assert long <= short + 2


def test_updates_of_one_element_are_decided_by_their_order(webgpu: WebGPUBackend) -> None:
    """Ten thousand of them race for each of three elements."""
    places = np.random.default_rng(5).integers(-3, 3, (10_000, 5)).astype(np.int32)
    updates = np.arange(50_000, dtype=np.float32).reshape(10_000, 5)
    x, at, new = (
        wt.asarray(one, device="webgpu") for one in (np.zeros((3, 5), np.float32), places, updates)
    )
    found = asyncio.run(wt.ops.scatter_elements(x, at, new).numpy())
    for column in range(5):
        for place in range(3):
            last = np.flatnonzero(places[:, column] % 3 == place)[-1]
            assert found[place, column] == updates[last, column]
