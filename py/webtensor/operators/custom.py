"""Operators that a program brings itself, as `webtensor.Kernel` makes them.

They are rows as all others, but not in the table: a node carries its row as the attribute
"operator", so a row lives as long as something uses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from ..dtypes import DType, as_dtype
from ..errors import KernelArgumentError, UnsupportedOperatorError
from ..lazy_numpy import np
from .declaration import Operand, Operator, Shape, Tolerance
from .shapes import broadcast, same_dtype

FAMILY = "custom"  # of kernels that a program wrote as a whole
_ANY = ("bool", "int", "uint", "float", "complex")
# Names are unique: two kernels may be called the same and do different things.
_MARK = re.compile(r"_k[0-9a-f]{16}")
_TOLERANCE = Tolerance.units(0)
_COST = 8  # of an elementwise one: as a transcendental function's, since nobody knows


@dataclass(frozen=True, eq=False)
class CustomOperator(Operator):
    """A row made at run time.

    Attributes:
        arguments: elementwise: the names that the body uses.
        body: elementwise: a WGSL expression over them, or statements with `return`.
        result: elementwise: the result's dtype, None for the operands'.
    """

    arguments: tuple[str, ...] = ()
    body: str = ""
    result: DType | None = None


_rows: WeakValueDictionary[str, CustomOperator] = WeakValueDictionary()


def without_marks(text: str) -> str:
    """`text` with custom operators called as their program calls them."""
    return _MARK.sub("", text)


def row(name: str) -> CustomOperator | None:
    """The elementwise row of that unique name, for as long as a node or kernel uses it."""
    return _rows.get(name)


def _unique(name: str, *parts: object) -> str:
    import hashlib  # takes a while, which a start without custom kernels need not spend

    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    return f"{name}_k{digest}"


def no_reference(*arrays: Any, **attributes: Any) -> Any:
    """Stands where a program gave no NumPy reference; backends ask `has_reference` first."""
    raise UnsupportedOperatorError("this kernel has no NumPy reference; give one with reference=…")


def has_reference(operator: Operator) -> bool:
    return operator.reference is not no_reference


def elementwise(
    name: str,
    arguments: tuple[str, ...],
    body: str,
    result: DType | None,
    reference: Callable[..., Any] | None,
) -> CustomOperator:
    """The row of an elementwise operator; the same one for the same declaration."""
    unique = _unique(name, arguments, body, result and result.name, reference and id(reference))
    found = _rows.get(unique)
    if found is not None:
        return found

    def infer(*operands: Operand, operator: Operator) -> tuple[Shape, DType]:
        shape = broadcast(name, *(operand.shape for operand in operands))
        return shape, result or same_dtype(name, operands, _ANY)

    def compute(*arrays: Any, operator: Operator) -> Any:
        assert reference is not None
        shape = np.broadcast_shapes(*(one.shape for one in arrays))
        return _as_declared(
            name, reference(*arrays), shape, (result and result.name) or arrays[0].dtype
        )

    values = ", ".join(f"{{{number}}}" for number in range(len(arguments)))
    made = CustomOperator(
        unique,
        "elementwise",
        infer,
        compute if reference else no_reference,
        _TOLERANCE,
        cost=_COST,
        wgsl=f"{unique}_{{type}}({values})",
        kinds=_ANY,
        arguments=arguments,
        body=body,
        result=result,
    )
    _rows[unique] = made
    return made


def whole(name: str, reference: Callable[..., Any] | None) -> CustomOperator:
    """The row of a kernel whose WGSL, sizes and workgroups are attributes of its nodes."""

    def infer(*operands: Operand, shape: Shape, dtype: str, **rest: Any) -> tuple[Shape, DType]:
        return shape, as_dtype(dtype)

    def compute(*arrays: Any, shape: Shape, dtype: str, **rest: Any) -> Any:
        assert reference is not None
        return _as_declared(name, reference(*arrays), shape, dtype)

    unique = _unique(name, id(reference))
    return CustomOperator(
        unique,
        FAMILY,
        infer,
        compute if reference else no_reference,
        _TOLERANCE,
        kinds=_ANY,
        fuses=False,
    )


def _as_declared(name: str, values: Any, shape: Shape, dtype: Any) -> Any:
    array = np.asarray(values)
    if array.shape != tuple(shape):
        raise KernelArgumentError(
            f"{name}: its reference gave shape {array.shape}, its kernel gives {tuple(shape)}"
        )
    return array.astype(dtype, copy=False)
