"""Data types by the Array API standard, and how they promote.

The defaults are float32 and int32, on every device. Which types a device has is the backend's
business (`Backend.lacks_dtype`); the CPU has all of NumPy's below.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import DtypeError


@dataclass(frozen=True, slots=True)
class DType:
    """An element type.

    Attributes:
        name: the Array API name, which is NumPy's too.
        kind: "bool", "int", "uint", "float" or "complex".
        itemsize: bytes per element.
        code: the buffer protocol's format character ("" where there is none).
    """

    name: str
    kind: str
    itemsize: int
    code: str

    def __repr__(self) -> str:
        return f"webtensor.{self.name}"

    @property
    def floating(self) -> bool:
        return self.kind == "float"


bool_ = DType("bool", "bool", 1, "?")
int8 = DType("int8", "int", 1, "b")
int16 = DType("int16", "int", 2, "h")
int32 = DType("int32", "int", 4, "i")
int64 = DType("int64", "int", 8, "q")
uint8 = DType("uint8", "uint", 1, "B")
uint16 = DType("uint16", "uint", 2, "H")
uint32 = DType("uint32", "uint", 4, "I")
uint64 = DType("uint64", "uint", 8, "Q")
float16 = DType("float16", "float", 2, "e")
float32 = DType("float32", "float", 4, "f")
float64 = DType("float64", "float", 8, "d")
complex64 = DType("complex64", "complex", 8, "")
complex128 = DType("complex128", "complex", 16, "")

ALL = (
    bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64,
    float16, float32, float64, complex64, complex128,
)  # fmt: skip
BY_NAME = {dtype.name: dtype for dtype in ALL}
_KIND_ORDER = ("bool", "uint", "int", "float", "complex")
_SCALAR_KIND = {bool: "bool", int: "int", float: "float", complex: "complex"}
_DEFAULT = {"bool": bool_, "int": int32, "float": float32, "complex": complex64}


def as_dtype(value: object) -> DType:
    """The DType that `value` names: a DType, a name, or anything with a NumPy-like `name`.

    Raises:
        DtypeError: nothing of that name exists.
    """
    if isinstance(value, DType):
        return value
    if isinstance(value, type) and value in _SCALAR_KIND:
        return _DEFAULT[_SCALAR_KIND[value]]
    name = (
        value if isinstance(value, str) else getattr(value, "name", getattr(value, "__name__", ""))
    )
    if name in BY_NAME:
        return BY_NAME[name]
    raise DtypeError(f"{value!r} is no dtype; use one of {', '.join(BY_NAME)}")


def default_dtype(scalar_type: type) -> DType:
    """The dtype that a Python scalar of this type gets."""
    return _DEFAULT[_SCALAR_KIND[scalar_type]]


def scalar_dtype(value: bool | int | float | complex, partner: DType) -> DType:
    """The dtype that a Python scalar takes beside an array of dtype `partner`.

    A scalar never widens the array within its kind (Array API, "mixing arrays with scalars"). What
    the standard leaves open: a float makes integers float32, a complex number makes floats complex.

    Raises:
        DtypeError: the array's dtype cannot hold the scalar's kind.
    """
    kind = next(kind for one, kind in _SCALAR_KIND.items() if isinstance(value, one))
    array_kind = "int" if partner.kind == "uint" else partner.kind
    if _KIND_ORDER.index(kind) <= _KIND_ORDER.index(array_kind) and not (
        kind == "bool" and partner.kind != "bool"
    ):
        return partner
    if kind == "float" and partner.kind in ("int", "uint"):
        return float32
    if kind == "complex" and partner.kind == "float":
        return complex128 if partner.itemsize == 8 else complex64
    raise DtypeError(
        f"the Python scalar {value!r} does not fit beside {partner.name}; "
        f"convert the tensor first with x.astype(...)"
    )


def check_fits(value: object, dtype: DType) -> None:
    """Raise DtypeError where a Python number is outside the range of `dtype`."""
    if dtype.kind in ("int", "uint") and isinstance(value, int):
        bits = 8 * dtype.itemsize
        low, high = (0, 2**bits) if dtype.kind == "uint" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        fits = low <= value < high
    else:
        fits = not isinstance(value, int) or abs(value) < 2**1023
    if not fits:
        raise DtypeError(
            f"the Python number {value!r:.40} does not fit {dtype.name}; convert the tensor to a "
            f"wider dtype first, with x.astype(...)"
        )


def promote(left: DType, right: DType) -> DType:
    """The dtype of an operation on `left` and `right`, by the standard's table.

    Where the standard leaves it open (an integer beside a float) the float decides, as PyTorch's
    does; bool beside a number is an error, as in the standard.

    Raises:
        DtypeError: the two do not promote.
    """
    if left == right:
        return left
    if "bool" in (left.kind, right.kind):
        raise DtypeError(f"{left.name} and {right.name} do not promote; convert one with astype")
    low, high = sorted((left, right), key=lambda d: (_KIND_ORDER.index(d.kind), d.itemsize))
    if low.kind == high.kind:
        return high
    if high.kind == "complex":
        return complex128 if low.itemsize == 8 and low.kind == "float" else high
    if high.kind == "float":
        return high
    # An unsigned beside a signed integer: the signed type that holds both.
    if low.itemsize < high.itemsize:
        return high
    if low.itemsize == 8:
        raise DtypeError(f"{left.name} and {right.name} have no common integer type; use astype")
    return {2: int16, 4: int32, 8: int64}[2 * low.itemsize]
