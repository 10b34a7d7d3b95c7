"""A WebGPU device under CPython, through wgpu-py."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

import webtensor as wt
from webtensor import discovery
from webtensor.backends.webgpu.backend import WebGPUBackend

# SciPy looks once, when it is imported.
os.environ["SCIPY_ARRAY_API"] = "1"


@pytest.fixture(scope="session", autouse=True)
def _settings_of_these_tests_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Kernel variants are tried out anew, and the user's own settings are left alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("settings")))
        yield


@pytest.fixture
def webgpu() -> WebGPUBackend:
    """The package's WebGPU device, which must be there: these tests are about it."""
    asyncio.run(wt.init())
    backend = discovery.present("webgpu")
    assert isinstance(backend, WebGPUBackend), wt.devices()[0].reason
    assert backend.info().adapter, "an adapter has a name"
    return backend
