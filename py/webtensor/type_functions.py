"""The Array API's data type functions: what dtypes hold, and how they promote.

https://data-apis.org/array-api/2025.12/API_specification/data_type_functions.html
"""

from __future__ import annotations

import builtins
import functools
from dataclasses import dataclass
from typing import Any

from .dtypes import ALL, DType, as_dtype, check_fits, float32, float64, promote, scalar_dtype
from .errors import DtypeError, OptionError
from .tensor import Tensor

__all__ = [
    "FloatInfo",
    "IntegerInfo",
    "can_cast",
    "finfo",
    "iinfo",
    "isdtype",
    "result_type",
]

_INTEGRAL = ("int", "uint")
#: The standard's names of kinds, with the kinds of `DType`; float16 is real floating here.
KINDS = {
    "bool": ("bool",),
    "signed integer": ("int",),
    "unsigned integer": ("uint",),
    "integral": _INTEGRAL,
    "real floating": ("float",),
    "complex floating": ("complex",),
    "numeric": (*_INTEGRAL, "float", "complex"),
}


@dataclass(frozen=True)
class FloatInfo:
    """Limits of a floating-point dtype.

    Attributes:
        bits: how many bits a real number takes.
        eps: the difference between 1 and the next larger number.
        max, min: the largest and the smallest finite number.
        smallest_normal: the smallest positive number of full precision.
        dtype: the real dtype.
    """

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType


@dataclass(frozen=True)
class IntegerInfo:
    """Limits of an integer dtype: its bits, the largest and the smallest number, the dtype."""

    bits: int
    max: int
    min: int
    dtype: DType


def _dtype_of(value: Any) -> DType:
    return value.dtype if isinstance(value, Tensor) else as_dtype(value)


def finfo(type: DType | Tensor, /) -> FloatInfo:
    """The limits of a floating-point dtype, or of a tensor's; of a complex one's parts.

    Raises:
        DtypeError: it is not floating-point.
    """
    dtype = _dtype_of(type)
    if dtype.kind == "complex":
        dtype = float32 if dtype.itemsize == 8 else float64
    if not dtype.floating:
        raise DtypeError(f"finfo takes floating-point dtypes, not {dtype.name}; see iinfo")
    fraction, largest_exponent = {2: (10, 15), 4: (23, 127), 8: (52, 1023)}[dtype.itemsize]
    eps = 2.0**-fraction
    largest = (2 - eps) * 2.0**largest_exponent
    smallest = 2.0 ** (1 - largest_exponent)
    return FloatInfo(8 * dtype.itemsize, eps, largest, -largest, smallest, dtype)


def iinfo(type: DType | Tensor, /) -> IntegerInfo:
    """The limits of an integer dtype, or of a tensor's.

    Raises:
        DtypeError: it is no integer dtype.
    """
    dtype = _dtype_of(type)
    if dtype.kind not in _INTEGRAL:
        raise DtypeError(f"iinfo takes integer dtypes, not {dtype.name}; see finfo")
    bits = 8 * dtype.itemsize
    if dtype.kind == "uint":
        return IntegerInfo(bits, 2**bits - 1, 0, dtype)
    return IntegerInfo(bits, 2 ** (bits - 1) - 1, -(2 ** (bits - 1)), dtype)


def isdtype(dtype: DType, kind: DType | str | tuple[DType | str, ...]) -> builtins.bool:
    """Whether `dtype` is of a kind, is the same as another dtype, or any of several such.

    Args:
        dtype: any dtype.
        kind: a dtype; "bool", "signed integer", "unsigned integer", "integral", "real floating"
            (float16 is), "complex floating" or "numeric"; or a tuple of these.

    Raises:
        OptionError: no such kind.
    """
    found = as_dtype(dtype)
    if isinstance(kind, tuple):
        return any(isdtype(found, one) for one in kind)
    if isinstance(kind, str):
        if kind not in KINDS:
            raise OptionError(f"isdtype: {kind!r} is none of {', '.join(map(repr, KINDS))}")
        return found.kind in KINDS[kind]
    return found == as_dtype(kind)


def can_cast(from_: DType | Tensor, to: DType, /) -> builtins.bool:
    """Whether `from_` (a tensor's dtype) becomes `to` by promotion, as the standard has it: within
    integers, or from floating-point to wider or complex ones."""
    source, wanted = _dtype_of(from_), as_dtype(to)
    families = [_INTEGRAL if one.kind in _INTEGRAL else ("float", "complex") for one in
        (source, wanted)]  # fmt: skip
    if source != wanted and ("bool" in (source.kind, wanted.kind) or families[0] != families[1]):
        return False
    try:
        return promote(source, wanted) == wanted
    except DtypeError:
        return False


def result_type(*arrays_and_dtypes: Any) -> DType:
    """The dtype of an operation on these tensors, dtypes and Python numbers.

    Raises:
        DtypeError: no tensor or dtype among them, or they do not promote.
    """
    numbers = [
        one for one in arrays_and_dtypes if type(one) in (builtins.bool, int, float, complex)
    ]
    dtypes = [_dtype_of(one) for one in arrays_and_dtypes if not any(one is n for n in numbers)]
    if not dtypes:
        raise DtypeError("result_type takes at least one tensor or dtype")
    result = functools.reduce(promote, dtypes)
    for number in numbers:
        check_fits(number, result)
        result = scalar_dtype(number, result)
    return result


def of_kind(kind: str | tuple[str, ...] | None) -> list[DType]:
    """The dtypes of a kind, as in `isdtype`; all where it is None.

    Raises:
        OptionError: no such kind.
    """
    return [one for one in ALL if kind is None or isdtype(one, kind)]
