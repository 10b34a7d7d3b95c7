"""What the specification's builder refuses, and the form that all its operators share."""

from __future__ import annotations

import functools
import inspect
import math
import operator
import struct
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar, cast

from ..dtypes import BY_NAME, DType
from ..errors import DtypeError, OptionError, ShapeError, WebTensorError
from ..functions import astype
from ..operands import number
from ..operators.shapes import integers
from ..tensor import Tensor

# The specification's data types, as its tables of tensor limits group them.
FLOAT = ("float32", "float16")
SIGNED = (*FLOAT, "int64", "int32", "int8")
SUMMED = (*FLOAT, "int32", "uint32", "int64", "uint64")
ANY = (*SUMMED, "int8", "uint8")
INDICES = ("int32", "uint32", "int64")
QUANTIZED = ("uint8", "int8", "uint32", "int32")
# WebNN's truth values are bytes; the library's own are taken, too.
TRUTH = ("uint8", "bool")
_MOST_UNSIGNED = 2**32
_MOST_TENSORS = 8192

F = TypeVar("F", bound=Callable[..., Any])


class Unary(Protocol):
    """A function of one tensor."""

    def __call__(self, x: Tensor, /, *, label: str = "") -> Tensor: ...


class Binary(Protocol):
    """A function of two tensors."""

    def __call__(self, a: Tensor, b: Tensor, /, *, label: str = "") -> Tensor: ...


def specified(method: str) -> Callable[[F], F]:
    """Give a function what all operators of the specification have: the option `label`, which
    errors name, and a docstring that names its source."""

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def labelled(*operands: Any, label: str = "", **options: Any) -> Any:
            if not label:
                return function(*operands, **options)
            try:
                return function(*operands, **options)
            except WebTensorError as error:
                error.args = (f"{label!r}: {error}", *error.args[1:])
                raise

        document = inspect.cleandoc(function.__doc__ or "")
        labelled.__doc__ = f"{document}\n\nSource: W3C Web Neural Network API, `{method}`."
        signature = inspect.signature(function)
        option = inspect.Parameter(
            "label", inspect.Parameter.KEYWORD_ONLY, default="", annotation="str"
        )
        labelled.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*signature.parameters.values(), option]
        )
        return cast(F, labelled)

    return decorate


def operand(name: str, x: object, dtypes: Sequence[str], least: int = 0, most: int = 99) -> Tensor:
    """`x`, a tensor of one of `dtypes`, of `least` to `most` axes.

    Raises:
        DtypeError, ShapeError: it is not.
    """
    if not isinstance(x, Tensor):
        raise DtypeError(
            f"{name} takes tensors, not {type(x).__name__}; make one with webtensor.asarray(...)"
        )
    if x.dtype.name not in dtypes:
        raise DtypeError(f"{name} takes {', '.join(dtypes)} here, not {x.dtype.name}; use astype")
    if not least <= len(x.shape) <= most:
        count = f"{least}" if least == most else f"at least {least}" if most == 99 else f"to {most}"
        raise ShapeError(f"{name} takes {count} axes here, not shape {x.shape}")
    return x


def optional(name: str, x: Tensor | None, like: Tensor, shape: Sequence[int]) -> None:
    """Raise where `x` is there and not of `like`'s dtype and of `shape`."""
    if x is None:
        return
    operand(name, x, (like.dtype.name,))
    if x.shape != tuple(shape):
        raise ShapeError(f"{name} takes shape {tuple(shape)} here, not {x.shape}")


def same_dtype(name: str, first: Tensor, *others: Tensor) -> None:
    """Raise DtypeError where dtypes differ: the specification promotes nothing."""
    for one in others:
        if one.dtype != first.dtype:
            raise DtypeError(
                f"{name} takes operands of one dtype, not {first.dtype.name} and {one.dtype.name}; "
                f"use astype"
            )


def unsigned(name: str, argument: str, value: Any, least: int = 0) -> int:
    """`value` as an integer that is not below `least`."""
    try:
        result = operator.index(value)
    except TypeError:
        raise DtypeError(f"{name}: {argument} is an integer, not {value!r:.60}") from None
    if not least <= result < _MOST_UNSIGNED:
        raise OptionError(f"{name}: {argument} is an integer from {least} on, not {result}")
    return result


def list_of(
    name: str, argument: str, values: Any, count: int | None = None, least: int = 0
) -> tuple[int, ...]:
    """`values` as integers that are not below `least`, `count` of them."""
    if isinstance(values, int):
        raise DtypeError(f"{name}: {argument} is a sequence of integers, not {values}")
    listed = integers(name, argument, values)
    if count is not None and len(listed) != count:
        raise OptionError(f"{name}: {argument} has {count} items, not {listed}")
    return tuple(unsigned(name, argument, one, least) for one in listed)


def tensor_count(name: str, count: int) -> None:
    """Raise OptionError where an operator has no such number of tensors."""
    if not 1 <= count <= _MOST_TENSORS:
        raise OptionError(f"{name} has from 1 to {_MOST_TENSORS} tensors, not {count}")


def axis_of(name: str, axis: Any, x: Tensor) -> int:
    """`axis`, one of x's, counted from the first."""
    place = unsigned(name, "axis", axis)
    if place >= len(x.shape):
        raise ShapeError(f"{name}: axis {place} is out of range for shape {x.shape}")
    return place


def axes_of(name: str, axes: Any, x: Tensor, default: Sequence[int]) -> tuple[int, ...]:
    """`axes`, distinct ones of x's, in the order given; `default` where there are none."""
    if axes is None:
        return tuple(default)
    listed = list_of(name, "axes", axes)
    if len(set(listed)) != len(listed) or any(one >= len(x.shape) for one in listed):
        raise ShapeError(f"{name}: axes {listed} are no distinct axes of shape {x.shape}")
    return listed


def choice(name: str, argument: str, value: object, choices: Sequence[str]) -> str:
    """`value`, one of `choices`."""
    if value not in choices:
        allowed = ", ".join(map(repr, choices))
        raise OptionError(f"{name}: {argument} is one of {allowed}, not {value!r}")
    return cast(str, value)


def converted(name: str, argument: str, value: float, dtype: DType) -> float:
    """A number as `dtype` holds it (specification, "Casting"): floats rounded, integers rounded
    to even and kept within the range."""
    wide = number(name, argument, value)
    if dtype.floating:
        code = "<e" if dtype.itemsize == 2 else "<f"
        try:
            packed = struct.pack(code, wide)
        except OverflowError:
            return math.copysign(math.inf, wide)
        rounded: tuple[float] = struct.unpack(code, packed)
        return rounded[0]
    bits = 8 * dtype.itemsize
    low = -(1 << bits - 1) if dtype.kind == "int" else 0
    high = low + (1 << bits) - 1
    if isinstance(value, int):
        return min(max(value, low), high)
    if math.isnan(wide):
        return 0
    return round(min(max(wide, low), high))


def named_dtype(name: str, argument: str, value: Any, allowed: Sequence[str]) -> str:
    """The name of the dtype `value`, one of `allowed`."""
    found = value if isinstance(value, str) else getattr(value, "name", repr(value))
    if found not in BY_NAME or found not in allowed:
        raise DtypeError(f"{name}: {argument} is one of {', '.join(allowed)}, not {found}")
    return cast(str, found)


def widened(x: Tensor) -> Tensor:
    """float16 as float32, in which operators that take several steps are computed."""
    return astype(x, "float32") if x.dtype.name == "float16" else x
