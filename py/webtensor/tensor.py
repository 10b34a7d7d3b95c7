"""The public Tensor: a node of the graph, with the Array API's methods on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import discovery, host
from .dtypes import DType
from .errors import DtypeError, OptionError, OutOfMemoryError, ShapeError
from .evaluate import as_viewed, base_of_element, evaluate, read, wait
from .graph.node import Node
from .lazy_numpy import np
from .scope import current as current_scope

if TYPE_CHECKING:
    from numpy.typing import NDArray

Scalar = bool | int | float | complex


class Tensor:
    """An n-dimensional array on a device, computed when it is read.

    Operators build a graph and run nothing; `await x.numpy()` (or `webtensor.eval`) compiles the
    graph once per structure, runs it and reads the values back. `x[key] = value` and `x += y` give
    this tensor another value; what was made of it before, views too, keeps the old one.

    NumPy's functions take tensors through `__array__`, which reads them; its ufuncs (`numpy.exp`)
    refuse them, so that no value leaves its device where webtensor has the same function.
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
            raise OptionError("a tensor becomes a NumPy array by a copy only; leave copy out")
        return np.asarray(self._wait(), dtype=dtype)

    def tolist(self) -> Any:
        """Nested lists of Python scalars (a scalar for a tensor without axes), synchronously.

        Raises:
            SynchronousReadError: this browser, or this caller, cannot wait synchronously.
        """
        return self._wait().tolist()

    def item(self) -> Scalar:
        """The only element as a Python scalar, synchronously.

        Raises:
            ShapeError: there are more, or none.
            SynchronousReadError: this browser, or this caller, cannot wait synchronously.
        """
        if self.size != 1:
            raise ShapeError(f"only a tensor of one element is a number, not shape {self.shape}")
        value: Scalar = self._wait().reshape(()).item()
        return value

    def _real(self, wanted: str) -> Any:
        """The only element, which is no complex number."""
        if self.dtype.kind == "complex":
            raise DtypeError(f"a tensor of dtype {self.dtype.name} is no {wanted}; see complex(x)")
        return self.item()

    def __float__(self) -> float:
        return float(self._real("float"))

    def __int__(self) -> int:
        return int(self._real("int"))

    def __bool__(self) -> bool:
        return bool(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in ("int", "uint") or self.shape:
            raise DtypeError(
                f"a tensor of dtype {self.dtype.name} and shape {self.shape} is no index; only an "
                f"integer without axes is one"
            )
        return int(self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a tensor without axes has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[number] for number in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        """Whether some element equals `value`, synchronously."""
        from . import functions

        return bool(functions.any(functions.equal(self, value)))

    def __copy__(self) -> Tensor:
        return Tensor(self._node)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return Tensor(self._node)

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle: the values, read synchronously, the dtype and the device that it is on."""
        from . import interchange

        return interchange.restored, interchange.parts(self)

    def __dlpack__(
        self,
        *,
        stream: None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """A DLPack capsule of the values in the CPU's memory, read synchronously.

        Args:
            stream: None, as for all memory of a CPU.
            max_version: the newest version of DLPack that the caller knows.
            dl_device: None or (1, 0), the CPU.
            copy: without one (False) only a tensor on "cpu" can be handed over. Its memory is
                shared then: who writes into it changes this tensor, and those that share its value.

        Raises:
            InterchangeError: which is a BufferError: another device, or a copy that is not allowed.
            SynchronousReadError: this browser, or this caller, cannot wait synchronously.
        """
        from . import interchange

        return interchange.capsule(self, stream, max_version, dl_device, copy)

    def __dlpack_device__(self) -> tuple[int, int]:
        """(1, 0), the CPU, wherever the tensor is: DLPack gets a copy there."""
        from . import interchange

        return interchange.CPU

    def __repr__(self) -> str:
        from . import display

        return display.described(self)

    def __format__(self, specification: str) -> str:
        """A number's format, as in f"{loss:.3f}", for a tensor without axes."""
        if self.shape or not specification:
            return format(repr(self), specification)
        return format(self.item(), specification)

    def __getitem__(self, key: Any, /) -> Tensor:
        """The elements that `key` chooses, as NumPy has it.

        Args:
            key: integers, slices with any step, `...` and None choose without a copy. Integers in
                tensors, NumPy arrays and lists choose elements, broadcast together; negative ones
                count from the end. A mask (bools, for the first axes or all of them) chooses where
                it is true; how often is read synchronously.

        Returns:
            The axes that several tensors of integers make stand where those stood; first, where
            something stood between them.

        Raises:
            IndexingError: too many indices; a mask that does not fit; an index outside its axis
                whose value is known to the program. One that was computed is clamped, as WebNN
                does: no device can raise.
            DtypeError: something that is no index.
            SynchronousReadError: a mask was computed, and this caller cannot wait.
        """
        from . import indexing

        return indexing.getitem(self, key)

    def __setitem__(self, key: Any, value: Any, /) -> None:
        """Give this tensor another value, with `value` where `key` chooses, in this tensor's dtype.

        Nothing else changes: what was made of this tensor before, views and copies too, keeps the
        old value. A part that integers and slices choose, and one number (or row) for all places
        of a mask, need no read.

        Args:
            key: as in `x[key]`; of places that are chosen twice the last value stays.
            value: a number, tensor, NumPy array or list that broadcasts to the shape of `x[key]`.

        Raises:
            IndexingError: as in `x[key]`.
            ShapeError: `value` does not broadcast.
            DtypeError: `value` is of a kind that this dtype does not hold, as a float into
                integers; convert it with `astype`.
            DeviceError: `value` is on another device.
            CaptureError: a function that is captured changes a tensor from around it.
        """
        from . import assignment

        assignment.setitem(self, key, value)

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
