"""How dtypes lie in GPU buffers, and in which WGSL type they are computed.

WGSL has no 8-bit types: int8, uint8 and bool share words, four to each, and are computed in 32
bits, wrapped around after every operation as NumPy's are.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...dtypes import DType
from .template import expand


@dataclass(frozen=True)
class Layout:
    """One dtype's.

    Attributes:
        scalar: the WGSL type of arithmetic.
        per_word: elements in 32 bits.
    """

    scalar: str
    per_word: int


LAYOUTS = {
    "float32": Layout("f32", 1),
    "int32": Layout("i32", 1),
    "uint32": Layout("u32", 1),
    "int8": Layout("i32", 4),
    "uint8": Layout("u32", 4),
    "bool": Layout("bool", 4),
}


def layout(dtype: DType) -> Layout:
    return LAYOUTS[dtype.name]


def value_type(dtype: DType, wide: bool) -> str:
    """The WGSL type of one element of `dtype`, or of four."""
    scalar = layout(dtype).scalar
    return f"vec4<{scalar}>" if wide else scalar


def type_name(dtype: DType, wide: bool) -> str:
    """What the names of the helper functions for this type end with."""
    return layout(dtype).scalar + ("x4" if wide else "")


def array_type(size: int, dtype: DType, wide: bool = False) -> str:
    """A sized array: compilers leave out bounds checks that its length proves."""
    per_word = layout(dtype).per_word
    if per_word > 1:
        return f"array<u32, {-(-size // per_word)}>"
    return f"array<{value_type(dtype, wide)}, {size // (4 if wide else 1)}>"


def load(array: str, index: str, dtype: DType) -> str:
    """WGSL for element `index` of a buffer."""
    if layout(dtype).per_word == 1:
        return f"{array}[{index}]"
    return f"unpack_{dtype.name}({array}[({index}) / 4u], ({index}) % 4u)"


def load_four(array: str, index: str, dtype: DType) -> str:
    """WGSL for elements 4·`index` to 4·`index` + 3."""
    if layout(dtype).per_word == 1:
        return f"{array}[{index}]"
    return f"unpack_four_{dtype.name}({array}[{index}])"


def wrapped(expression: str, dtype: DType, wide: bool) -> str:
    """An operation's value as its dtype holds it."""
    if layout(dtype).per_word == 1 or dtype.kind == "bool":
        return expression
    return f"wrap_{'four_' if wide else ''}{dtype.name}({expression})"


def functions(dtype: DType) -> str:
    """The WGSL functions that packed dtypes need."""
    if layout(dtype).per_word == 1:
        return ""
    return expand(
        "packed.wgsl",
        name=dtype.name,
        scalar=layout(dtype).scalar,
        bool=dtype.kind == "bool",
        signed=dtype.kind == "int",
        unsigned=dtype.kind == "uint",
    )
