"""Which devices there are, which is the default, and how to get one back that was lost."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from . import host
from .backends.base import Backend, DeviceInfo
from .backends.cpu import CPUBackend
from .backends.webgpu.backend import WebGPUBackend
from .backends.webnn import WebNNBackend
from .errors import DeviceUnavailableError

NAMES = ("webgpu", "webnn", "cpu")
ENVIRONMENT_VARIABLE = "WEBTENSOR_DEVICE"
_NOT_ASKED = "not asked for yet: await webtensor.init()"

_backends: dict[str, Backend] = {}
_missing: dict[str, str] = dict.fromkeys(NAMES, _NOT_ASKED)
_chosen: str | None = None
_asking: asyncio.Lock | None = None


def _check_name(name: str) -> str:
    if name not in NAMES:
        listed = ", ".join(map(repr, NAMES))
        raise DeviceUnavailableError(f"{name!r} is no device; devices are {listed}")
    return name


async def _open(name: str) -> Backend | str:
    if name == "webgpu":
        gpu = await host.open_gpu()
        if isinstance(gpu, str):
            return gpu
        backend = WebGPUBackend(gpu)
        await backend.prepare()
        return backend
    if name == "webnn":
        ml = await host.open_ml()
        return ml if isinstance(ml, str) else WebNNBackend(ml)
    return CPUBackend(blas=sys.platform != "emscripten")


def present(name: str) -> Backend | None:
    """The device `name` where it was asked for, is there and was not lost."""
    backend = _backends.get(name)
    return None if backend is None or backend.lost else backend


def _lock() -> asyncio.Lock:
    global _asking
    if _asking is None:
        _asking = asyncio.Lock()
    return _asking


async def init() -> None:
    """Ask for every device that is not there yet. A missing one is no error: `devices()` says why.

    A first read does this by itself; call it to learn early what there is, or to ask once more.
    """
    for name in NAMES:
        await _ask(name, again=True)


async def ask_for_all() -> None:
    """Ask for every device that was not asked for yet."""
    for name in NAMES:
        await _ask(name)


async def _ask(name: str, again: bool = False) -> None:
    refused = _missing.get(name, _NOT_ASKED) != _NOT_ASKED
    if present(name) or (refused and not again):
        return
    async with _lock():
        if present(name):
            return
        opened = await _open(name)
        if isinstance(opened, str):
            _backends.pop(name, None)
            _missing[name] = opened
        else:
            _backends[name] = opened
            _missing.pop(name, None)


async def backend(name: str | None) -> Backend:
    """The device `name`, or the default one; a lost device is asked for again.

    Raises:
        DeviceUnavailableError: it is not there.
    """
    name = await _default_name() if name is None else _check_name(name)
    await _ask(name)
    found = present(name)
    if found is None:
        raise DeviceUnavailableError(
            f"{name!r} is not available: {_missing.get(name, 'it was lost')}. "
            f"Use another device: x.to_device('cpu') runs everywhere"
        )
    return found


async def _default_name() -> str:
    name = _configured()
    if name is None:
        await _ask("webgpu")
        name = _hardware_or_cpu()
    return name


def _configured() -> str | None:
    if _chosen is not None:
        return _chosen
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    return _check_name(named) if named else None


def _hardware_or_cpu() -> str:
    gpu = present("webgpu")
    return "webgpu" if gpu is not None and not gpu.software else "cpu"


def known(name: str | None) -> Backend | None:
    """The device `name`, or the default one, without asking anybody: it may have been lost since.

    None where it was never there.
    """
    name = name or _configured()
    if name is None:
        gpu = _backends.get("webgpu")
        name = "webgpu" if gpu is not None and not gpu.software else "cpu"
    return _backends.get(name)


def default_device() -> str:
    """The device of tensors that name none.

    `set_default_device` or the environment variable WEBTENSOR_DEVICE decide; else it is "webgpu"
    where `init()` found a hardware adapter, and "cpu" where not (never "webnn").
    """
    return _configured() or _hardware_or_cpu()


def set_default_device(name: str | None) -> None:
    """Choose the default device; None goes back to the automatic choice.

    Raises:
        DeviceUnavailableError: no device has that name.
    """
    global _chosen
    _chosen = None if name is None else _check_name(name)


def check_device(name: str | None) -> str | None:
    """`name`, if a device can be called that.

    Raises:
        DeviceUnavailableError: none can.
    """
    return None if name is None else _check_name(name)


def devices() -> list[DeviceInfo]:
    """All three devices: what each is, or why it is not there. Asks for none: see `init`."""
    result = []
    for name in NAMES:
        found = present(name)
        if found is not None:
            result.append(found.info())
        else:
            lost = _backends[name].lost if name in _backends else ""
            reason = f"lost: {lost}" if lost else _missing[name]
            result.append(DeviceInfo(name, False, reason))
    return result


def memory() -> dict[str, dict[str, int]]:
    """Bytes per device: "live" in tensors, "pooled" for reuse, "peak" (most live at once)."""
    return {name: found.memory() for name in NAMES if (found := present(name)) is not None}


def empty_cache() -> None:
    """Give the memory that is kept for reuse ("pooled" in `memory()`) back to the devices.

    Not needed for getting more: an allocation that fails does so by itself.
    """
    for name in NAMES:
        found = present(name)
        if found is not None:
            found.trim()


def capabilities() -> dict[str, Any]:
    """All that a bug report needs, as JSON-able values; complete after `await init()`."""
    from . import __version__

    result: dict[str, Any] = {
        "version": __version__,
        "default_device": default_device(),
        "runtime": host.runtime(),
    }
    for info in devices():
        result[info.name] = {
            "available": info.available,
            "reason": info.reason,
            "adapter": info.adapter,
            "software": info.software,
            **info.details,
        }
    result["webnn"].pop("limits", None)
    numpy = sys.modules.get("numpy")
    result["cpu"]["numpy"] = numpy.__version__ if numpy else None
    return result
