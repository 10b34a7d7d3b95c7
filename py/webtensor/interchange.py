"""Tensors in other libraries' hands: DLPack, NumPy, pickle. All through the CPU's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import discovery
from .backends.cpu import CPUBackend
from .creation import asarray
from .dtypes import as_dtype
from .errors import InterchangeError
from .evaluate import evaluate, wait
from .functions import to_device
from .graph.node import Node, source
from .lazy_numpy import np
from .operands import node_of
from .operators import Shape
from .tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "asnumpy",
    "from_dlpack",
]

CPU = (1, 0)  # kDLCPU of dlpack.h, number 0


def asnumpy(x: Tensor, /) -> NDArray[Any]:
    """The values of x as a NumPy array of its own, of the same shape and dtype, synchronously.

    Raises:
        SynchronousReadError: this browser, or this caller, cannot wait; use `await x.numpy()`.
        Also what `Tensor.numpy` raises.
    """
    node_of("asnumpy", x)
    return x._wait()


def from_dlpack(x: Any, /, *, device: str | None = None, copy: bool | None = None) -> Tensor:
    """A tensor of the values of an array of another library, or of a tensor.

    Args:
        x: has `__dlpack__` and `__dlpack_device__`, and memory that the CPU can read.
        device: "webgpu", "webnn" or "cpu"; default: a tensor's own, else the default device.
        copy: False shares the value of a tensor that stays on its device. What another library may
            change cannot be shared: tensors own their values.

    Raises:
        InterchangeError: which is a BufferError: not to be had without a copy, or not from there.
        DeviceUnavailableError: no device has that name.
        DtypeError: an element type that tensors do not have.
    """
    discovery.check_device(device)
    if isinstance(x, Tensor):
        if device is None or device == x.device:
            return Tensor(x._node)
        if copy is False:
            raise InterchangeError(
                f"from_dlpack: a tensor on {x.device!r} is on {device!r} by a copy only"
            )
        return to_device(x, device)
    if copy is False:
        raise InterchangeError(
            f"from_dlpack: the values of a {type(x).__name__} are copied always; leave copy out"
        )
    elsewhere: dict[str, Any] = {} if x.__dlpack_device__()[0] == CPU[0] else {"device": "cpu"}
    try:
        values = np.from_dlpack(x, **elsewhere)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        raise InterchangeError(f"from_dlpack: NumPy cannot read this: {error}") from None
    return asarray(values, device=device)


def capsule(
    x: Tensor,
    stream: object,
    max_version: tuple[int, int] | None,
    dl_device: tuple[int, int] | None,
    copy: bool | None,
) -> Any:
    """What `Tensor.__dlpack__` gives: NumPy's capsule of the values."""
    if dl_device is not None and tuple(map(int, dl_device)) != CPU:
        raise InterchangeError(
            f"__dlpack__ hands tensors over in the CPU's memory, {CPU}, not on {dl_device}"
        )
    if stream is not None:
        raise InterchangeError("__dlpack__: the CPU's memory has no streams; leave stream out")
    values = wait(_shared(x._node)) if copy is False else x._wait()
    # NumPy before 2.1 knows of no versions, and who asks it then does not either.
    versions: dict[str, Any] = {} if max_version is None else {"max_version": max_version}
    return values.__dlpack__(**versions)


async def _shared(node: Node) -> NDArray[Any]:
    """The array that holds the values of a tensor on the CPU."""
    await evaluate([node])
    storage = node.storage
    assert storage is not None, "it was computed just now"
    if not isinstance(storage.backend, CPUBackend):
        raise InterchangeError(
            f"__dlpack__: the values are on {storage.backend.name!r} and reach the CPU by a copy "
            f"only; leave copy out"
        )
    if not storage.handle.flags.writeable:
        # Older versions of DLPack cannot say so: the tensor itself moves into memory that can.
        node.storage = storage = storage.backend.hold(np.array(storage.handle))
    values: NDArray[Any] = storage.handle
    return values


def parts(x: Tensor) -> tuple[bytes, Shape, str, str | None]:
    """What `restored` makes x of."""
    return asnumpy(x).tobytes(), x.shape, x.dtype.name, x._node.device


def restored(data: bytes, shape: Shape, dtype: str, device: str | None) -> Tensor:
    """A tensor that was pickled."""
    return Tensor(source(data, shape, as_dtype(dtype), device))
