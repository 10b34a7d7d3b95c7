"""What the Array API's inspection tells of this namespace: `__array_namespace_info__()`.

https://data-apis.org/array-api/2025.12/API_specification/inspection.html
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from . import discovery, host
from .dtypes import DType, complex64, float32, int32
from .errors import SynchronousReadError
from .evaluate import wait
from .type_functions import of_kind

__all__ = ["__array_api_version__", "__array_namespace_info__"]

#: The version of the standard that this namespace conforms to.
__array_api_version__ = "2025.12"

#: NumPy's limit, which "cpu" has.
_MOST_DIMENSIONS = 64
# Beyond the standard, which wants no others listed.
_OWN = ("float16",)


class NamespaceInfo:
    """Devices, dtypes and capabilities of webtensor (Array API, "Inspection")."""

    def capabilities(self) -> dict[str, bool | int | None]:
        """Whether results may have shapes that depend on values, and how many axes there are.

        Such shapes need a synchronous read, which a browser without JSPI has on "cpu" only.
        """
        waits = host.can_run_sync() or discovery.default_device() == "cpu"
        return {
            "boolean indexing": waits,
            "data-dependent shapes": waits,
            "max dimensions": _MOST_DIMENSIONS,
        }

    def default_device(self) -> str:
        """The device of tensors that name none."""
        return discovery.default_device()

    def default_dtypes(self, *, device: str | None = None) -> dict[str, DType]:
        """float32, complex64, int32 and, for indices, int32: on every device.

        Raises:
            DeviceUnavailableError: no device has that name.
        """
        discovery.check_device(device)
        return {
            "real floating": float32,
            "complex floating": complex64,
            "integral": int32,
            "indexing": int32,
        }

    def dtypes(
        self, *, device: str | None = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, DType]:
        """The standard's dtypes that a device has, by name.

        Args:
            device: default: the default device.
            kind: as in `isdtype`; default: all.

        Raises:
            DeviceUnavailableError: the device is not there.
            OptionError: no such kind.
            SynchronousReadError: the device was not asked for yet, and this browser cannot wait:
                await webtensor.init() first.
        """
        backend = (None if device is None else discovery.present(device)) or wait(
            discovery.backend(device)
        )
        return {
            one.name: one
            for one in of_kind(kind)
            if one.name not in _OWN and backend.lacks_dtype(one) is None
        }

    def devices(self) -> tuple[str, ...]:
        """The devices that are there, asking for them where that was not done yet and this browser
        can wait."""
        with suppress(SynchronousReadError):
            wait(discovery.ask_for_all())
        return tuple(one.name for one in discovery.devices() if one.available)


_info = NamespaceInfo()


def __array_namespace_info__() -> NamespaceInfo:
    """What this namespace has: `.capabilities()`, `.devices()`, `.default_device()`,
    `.dtypes(device=…, kind=…)`, `.default_dtypes(device=…)`."""
    return _info


def supports(api_version: Any) -> bool:
    """Whether `x.__array_namespace__(api_version=…)` is answered: versions up to ours."""
    return api_version is None or api_version in (
        "2021.12", "2022.12", "2023.12", "2024.12", __array_api_version__,
    )  # fmt: skip
