"""The examples in docstrings run, on a GPU: some have WGSL of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from tests.support.examples import in_docstrings, run
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.scope import EndedNode

EXAMPLES = in_docstrings()


@pytest.fixture(autouse=True)
def _on_webgpu(webgpu: WebGPUBackend) -> Iterator[None]:
    wt.set_default_device("webgpu")
    yield
    wt.set_default_device(None)


def given() -> dict[str, Any]:
    """What examples take as given."""
    random = np.random.default_rng(0)
    square = {name: wt.asarray(random.normal(size=(4, 4)).astype("float32")) for name in "abvwx"}
    names = ("signal", "window")
    line = {name: wt.asarray(random.normal(size=8).astype("float32")) for name in names}
    return {"wt": wt, "np": np, "model": wt.nn.relu, **square, **line}


@pytest.mark.parametrize(("name", "code"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_example(name: str, code: str) -> None:
    names = given()
    before = set(map(id, names.values()))
    run(code, names, name)
    made = [one for one in names.values() if id(one) not in before and one is not None]
    assert made, "an example makes something"
    for one in made:
        # A scope's tensors end with it.
        if isinstance(one, wt.Tensor) and not isinstance(one._node, EndedNode):
            assert np.isfinite(asyncio.run(one.numpy())).all()


def test_examples_are_found() -> None:
    assert {"compiled.py:compile", "custom_kernel.py:Kernel", "profile.py:Profile"} <= dict(
        EXAMPLES
    ).keys()
