"""The public Tensor: a node of the graph, with the Array API's methods on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import discovery, host
from .dtypes import DType
from .errors import OptionError, OutOfMemoryError, SynchronousReadError, WebTensorError
from .evaluate import as_viewed, base_of_element, evaluate, read, wait
from .graph.node import Node
from .lazy_numpy import np
from .scope import EndedNode
from .scope import current as current_scope

if TYPE_CHECKING:
    from numpy.typing import NDArray

Scalar = bool | int | float | complex


class Tensor:
    """An n-dimensional array on a device, computed when it is read.

    Operators build a graph and run nothing; `await x.numpy()` (or `webtensor.eval`) compiles the
    graph once per structure, runs it and reads the values back. Values never change; operators in
    place (`x += 1`) give this tensor another value, and leave those made from it before alone.
    """

    __slots__ = ("__weakref__", "_node")
    __array_ufunc__ = None  # NumPy arrays on the left leave binary operators to us

    def __init__(self, node: Node) -> None:
        self._node = node
        scope = current_scope.get()
        if scope is not None:
            scope.adopt(self)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._node.shape

    @property
    def dtype(self) -> DType:
        return self._node.dtype

    @property
    def ndim(self) -> int:
        return len(self._node.shape)

    @property
    def size(self) -> int:
        return self._node.size

    @property
    def nbytes(self) -> int:
        return self._node.nbytes

    @property
    def device(self) -> str:
        """The device that it lives on; where it names none, the default device as of now."""
        return self._node.device or discovery.default_device()

    @property
    def mT(self) -> Tensor:
        """The last two axes swapped, without a copy; ShapeError below two dimensions."""
        from . import functions

        return functions.matrix_transpose(self)

    @property
    def T(self) -> Tensor:
        """A matrix's transpose; ShapeError for other than two dimensions."""
        from . import functions

        return functions.transpose(self)

    async def numpy(self) -> NDArray[Any]:
        """The values as a NumPy array of the same shape and dtype, C-ordered and writable.

        Raises:
            DeviceLostError, OutOfMemoryError, UnsupportedDtypeError, UnsupportedOperatorError,
            KernelCompileError: the graph could not run, see `webtensor.errors`.
        """
        await host.ensure_numpy()
        data = await self._bytes()
        values = np.frombuffer(data, dtype=self.dtype.name).reshape(self.shape)
        try:
            return values.copy()
        except MemoryError:
            raise OutOfMemoryError(
                f"there is no room for the {self.nbytes:,} bytes of this tensor; read a slice of it"
            ) from None

    async def _bytes(self) -> bytes | memoryview:
        viewed = base_of_element(self._node)
        if viewed is not None:
            await evaluate([viewed])
            return as_viewed(self._node, await read(viewed))
        await evaluate([self._node])
        return await read(self._node)

    def _wait(self) -> NDArray[Any]:
        """`numpy()` synchronously, where that is possible."""
        return wait(self.numpy())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("a tensor on a device becomes a NumPy array by a copy only")
        return np.asarray(self._wait(), dtype=dtype)

    def tolist(self) -> Any:
        """Nested lists of Python scalars (a scalar for a tensor without axes), synchronously.

        Raises:
            SynchronousReadError: this browser, or this caller, cannot wait synchronously.
        """
        return self._wait().tolist()

    def item(self) -> Scalar:
        """The only element as a Python scalar; ValueError where there are more or none."""
        if self.size != 1:
            raise ValueError(f"item() takes a tensor of one element, not one of shape {self.shape}")
        value: Scalar = self._wait().reshape(()).item()
        return value

    def __float__(self) -> float:
        return float(self.item())  # type: ignore[arg-type]

    def __int__(self) -> int:
        return int(self.item())  # type: ignore[arg-type]

    def __bool__(self) -> bool:
        return bool(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in ("int", "uint"):
            raise TypeError(f"a tensor of dtype {self.dtype.name} is no index")
        return int(self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a tensor without axes has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[number] for number in range(len(self)))

    def __repr__(self) -> str:
        if isinstance(self._node, EndedNode):
            return f"Tensor({self._node!r})"
        where = self._node.device or "default device"
        head = f"Tensor(shape={self.shape}, dtype={self.dtype.name}, device={where!r}"
        if self._node.storage is None:
            return f"{head}, not computed yet)"
        try:
            values = np.array2string(self._wait(), separator=", ", threshold=60, edgeitems=2)
        except SynchronousReadError:
            return f"{head}; await x.numpy() shows its values)"
        except WebTensorError as error:
            return f"{head}; its values cannot be read: {error})"
        return f"{head},\n{values})"

    def __getitem__(self, key: Any, /) -> Tensor:
        """Integers, slices with any step, `...` and None, without a copy (see `indexing`)."""
        from . import indexing

        return indexing.getitem(self, key)

    def to_device(self, device: str, /, *, stream: None = None) -> Tensor:
        """The same values on `device` ("webgpu", "webnn" or "cpu"), copied when they are needed.

        Raises:
            DeviceUnavailableError: no device has that name.
        """
        from . import functions

        return functions.to_device(self, device)

    def astype(self, dtype: Any, /, *, copy: bool = True, device: str | None = None) -> Tensor:
        """`webtensor.astype` of this tensor."""
        from . import functions

        return functions.astype(self, dtype, copy=copy, device=device)

    def reshape(self, *shape: Any) -> Tensor:
        """The same elements, in C order, under another shape; one size may be -1."""
        from . import functions

        return functions.reshape(self, shape[0] if len(shape) == 1 else shape)

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        """The namespace of the Array API that this tensor belongs to: `webtensor`.

        Raises:
            OptionError: `api_version` names a version that webtensor does not have.
        """
        import webtensor

        from . import namespace_info

        if not namespace_info.supports(api_version):
            raise OptionError(
                f"webtensor has the Array API up to {namespace_info.__array_api_version__}, not "
                f"{api_version!r}"
            )
        return webtensor
