"""Making tensors from Python's and NumPy's values."""

from __future__ import annotations

import array
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from . import discovery
from .dtypes import DType, as_dtype, check_fits, default_dtype, float32
from .errors import DtypeError, ShapeError
from .functions import astype, broadcast_to
from .functions import to_device as _to_device
from .graph.node import source
from .lazy_numpy import np
from .operands import as_operand, same
from .operators.shapes import integers
from .tensor import Tensor

__all__ = [
    "asarray",
    "full",
    "ones",
    "zeros",
]

_KINDS = (bool, int, float, complex)


def asarray(
    obj: Any, /, *, dtype: Any = None, device: str | None = None, copy: bool | None = None
) -> Tensor:
    """A tensor of the values of `obj`.

    Args:
        obj: a Python scalar, nested sequences of them or of tensors of one shape and dtype, a
            NumPy array, any buffer, or a tensor.
        dtype: default: the dtype of `obj`; int32, float32, bool or complex64 for Python's numbers.
        device: "webgpu", "webnn" or "cpu"; default: the default device, when it is needed.
        copy: True gives a tensor that assignments to `obj` do not change; False raises where a
            copy is needed, as it is of all but tensors; None copies where it is needed.

    Raises:
        ValueError: `copy` is False and a copy is needed.
        ShapeError: nested sequences of unequal lengths.
        DtypeError: values that fit no dtype, or not the one given.
        DeviceUnavailableError: no device has that name.
    """
    wanted = None if dtype is None else as_dtype(dtype)
    discovery.check_device(device)
    if isinstance(obj, Tensor):
        moved = device is not None and device != obj.device
        converted = moved or wanted not in (None, obj.dtype)
        if copy is False and converted:
            raise ValueError("asarray: another dtype or device needs a copy; leave copy=False out")
        if not converted:
            return same(obj) if copy else obj
        result = obj if wanted is None else astype(obj, wanted)
        return result if device is None else _to_device(result, device)
    if copy is False:
        raise ValueError("asarray: only tensors need no copy; leave copy=False out")
    if isinstance(obj, list | tuple) and _holds_tensors(obj):
        from .movement_functions import stack

        return asarray(stack([asarray(one) for one in obj]), dtype=dtype, device=device)
    data, shape, found = _elements(obj, wanted)
    tensor = Tensor(source(data, shape, found, device))
    return tensor if wanted is None or wanted == found else astype(tensor, wanted)


def full(
    shape: int | Sequence[int], fill_value: Any, *, dtype: Any = None, device: str | None = None
) -> Tensor:
    """A tensor of `shape` with every element `fill_value` (held once, however large)."""
    sizes = integers("full", "shape", shape)
    if any(size < 0 for size in sizes):
        raise ShapeError(f"full: {sizes} is no shape; sizes are not negative")
    return broadcast_to(asarray(fill_value, dtype=dtype, device=device), sizes)


def zeros(shape: int | Sequence[int], *, dtype: Any = None, device: str | None = None) -> Tensor:
    """A tensor of zeros; dtype float32 by default."""
    return full(shape, 0, dtype=dtype or float32, device=device)


def ones(shape: int | Sequence[int], *, dtype: Any = None, device: str | None = None) -> Tensor:
    """A tensor of ones; dtype float32 by default."""
    return full(shape, 1, dtype=dtype or float32, device=device)


def _holds_tensors(obj: Any) -> bool:
    """Whether the first element of nested sequences is a tensor."""
    while isinstance(obj, list | tuple) and obj:
        obj = obj[0]
    return isinstance(obj, Tensor)


def _elements(obj: Any, wanted: DType | None) -> tuple[bytes, tuple[int, ...], DType]:
    """(elements in C order, shape, dtype) of anything but a tensor."""
    if hasattr(obj, "__array__") or hasattr(obj, "__array_interface__"):
        return _from_numpy(np.asarray(obj), wanted)
    if isinstance(obj, list | tuple | bool | int | float | complex):
        return _from_python(obj, wanted)
    try:
        view = memoryview(obj)
    except TypeError:
        raise DtypeError(
            f"asarray takes numbers, nested lists, NumPy arrays and buffers, not "
            f"{type(obj).__name__}"
        ) from None
    if view.format in ("l", "L"):  # C's long, which the standard's dtypes name by their size
        code = {("l", 8): "q", ("l", 4): "i", ("L", 8): "Q", ("L", 4): "I"}[
            view.format, view.itemsize
        ]
    else:
        code = view.format
    found = next((one for one in _BY_CODE if one.code == code), None)
    if found is None:
        raise DtypeError(f"a buffer of format {view.format!r} has no dtype here")
    return view.tobytes(), tuple(view.shape or ()), found


def _from_numpy(values: Any, wanted: DType | None) -> tuple[bytes, tuple[int, ...], DType]:
    # Converted here, not on the device, which may not have the array's dtype.
    dtype = wanted or as_dtype(values.dtype)
    return values.astype(dtype.name).tobytes(), values.shape, dtype


def _from_python(obj: Any, wanted: DType | None) -> tuple[bytes, tuple[int, ...], DType]:
    shape = _shape(obj)
    flat = list(_flatten(obj, shape))
    kinds = {type(value) for value in flat}
    unknown = kinds - set(_KINDS)
    if unknown:
        names = ", ".join(sorted(kind.__name__ for kind in unknown))
        raise DtypeError(f"asarray takes bool, int, float and complex numbers, found {names}")
    widest = max(kinds, key=_KINDS.index, default=float)
    if wanted is not None and wanted.kind in ("int", "uint") and widest is float:
        flat = [_whole(value) for value in flat]
        widest = int
    dtype = wanted if wanted is not None and _holds(wanted, widest) else default_dtype(widest)
    return _pack(flat, dtype), shape, dtype


def _whole(value: float) -> int:
    try:
        return int(value)
    except (OverflowError, ValueError):
        raise DtypeError(f"{value} has no integer value; give a floating-point dtype") from None


def _holds(dtype: DType, kind: type) -> bool:
    """Whether Python numbers of type `kind` can be written as `dtype` directly."""
    order = ("bool", "uint", "int", "float", "complex")
    return order.index(dtype.kind) >= order.index(
        {bool: "bool", int: "uint", float: "float", complex: "complex"}[kind]
    )


def _pack(flat: list[Any], dtype: DType) -> bytes:
    if dtype.kind != "complex":
        for value in flat:
            check_fits(value, dtype)
    else:
        code = "f" if dtype.itemsize == 8 else "d"
        parts = [part for value in map(complex, flat) for part in (value.real, value.imag)]
        return array.array(code, parts).tobytes()
    try:
        if dtype.code in ("e", "?"):
            return struct.pack(f"<{len(flat)}{dtype.code}", *flat)
        return array.array(dtype.code, flat).tobytes()
    except (OverflowError, struct.error):
        raise DtypeError(
            f"a value does not fit {dtype.name}; give a wider dtype, as in dtype='int64'"
        ) from None


def _shape(obj: Any) -> tuple[int, ...]:
    """The shape of nested sequences, from the first element at each depth."""
    sizes = []
    while isinstance(obj, list | tuple):
        sizes.append(len(obj))
        if not obj:
            break
        obj = obj[0]
    return tuple(sizes)


def _flatten(obj: Any, shape: tuple[int, ...]) -> Iterator[Any]:
    if isinstance(obj, list | tuple) != bool(shape) or (shape and len(obj) != shape[0]):
        found = f"a sequence of {len(obj)}" if isinstance(obj, list | tuple) else repr(obj)
        wanted = f"a sequence of {shape[0]}" if shape else "a number"
        raise ShapeError(f"asarray: nested sequences are not regular: found {found}, not {wanted}")
    if not shape:
        yield as_operand(obj)
        return
    for one in obj:
        yield from _flatten(one, shape[1:])


_BY_CODE = tuple(dtype for dtype in map(as_dtype, ("bool", "int8", "int16", "int32", "int64",
    "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")))  # fmt: skip
