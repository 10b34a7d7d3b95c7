"""A WebGPU device under CPython, through wgpu-py."""

from __future__ import annotations

import asyncio

import pytest

import webtensor as wt
from webtensor import discovery
from webtensor.backends.webgpu.backend import WebGPUBackend


@pytest.fixture
def webgpu() -> WebGPUBackend:
    """The package's WebGPU device, which must be there: these tests are about it."""
    asyncio.run(wt.init())
    backend = discovery.present("webgpu")
    assert isinstance(backend, WebGPUBackend), wt.devices()[0].reason
    assert backend.info().adapter, "an adapter has a name"
    return backend
