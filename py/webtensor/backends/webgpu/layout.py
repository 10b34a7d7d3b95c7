"""How dtypes lie in GPU buffers, and in which WGSL type they are computed.

WGSL has no integers of 8 or 16 bits: int8, uint8 and bool share words, four to each, int16 and
uint16 two; they are computed in 32 bits, wrapped around after every operation as NumPy's are.
float16 is computed in f32 and rounded after every operation, as NumPy's is, so that all adapters
give the same bits; two share a word where a kernel is not told that the adapter has the type f16.
Its bytes are the same either way.
"""

from __future__ import annotations

import functools
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
    "float16": Layout("f32", 2),
    "int32": Layout("i32", 1),
    "uint32": Layout("u32", 1),
    "int16": Layout("i32", 2),
    "uint16": Layout("u32", 2),
    "int8": Layout("i32", 4),
    "uint8": Layout("u32", 4),
    "bool": Layout("bool", 4),
}


def layout(dtype: DType) -> Layout:
    return LAYOUTS[dtype.name]


def is_half(dtype: DType) -> bool:
    """Whether `dtype` is the one that adapters may have natively or not."""
    return dtype.floating and dtype.itemsize == 2


def is_packed(dtype: DType, native_half: bool) -> bool:
    """Whether elements share words, so that none can be stored alone."""
    return layout(dtype).per_word > 1 and not (native_half and is_half(dtype))


def value_type(dtype: DType, wide: bool) -> str:
    """The WGSL type of one element of `dtype`, or of four."""
    scalar = layout(dtype).scalar
    return f"vec4<{scalar}>" if wide else scalar


def type_name(dtype: DType, wide: bool) -> str:
    """What the names of the helper functions for this type end with."""
    return layout(dtype).scalar + ("x4" if wide else "")


def stored_type(dtype: DType, wide: bool, native_half: bool) -> str:
    """The WGSL type in which a buffer has one element, or four: what the array is of."""
    per_word = layout(dtype).per_word
    if not is_packed(dtype, native_half):
        scalar = "f16" if per_word > 1 else layout(dtype).scalar
        return f"vec4<{scalar}>" if wide else scalar
    return "vec2<u32>" if wide and per_word == 2 else "u32"


def array_type(size: int, dtype: DType, wide: bool = False, native_half: bool = False) -> str:
    """A sized array: compilers leave out bounds checks that its length proves."""
    together = 4 if wide else layout(dtype).per_word if is_packed(dtype, native_half) else 1
    return f"array<{stored_type(dtype, wide, native_half)}, {-(-size // together)}>"


def load(array: str, index: str, dtype: DType, native_half: bool = False) -> str:
    """WGSL for element `index` of a buffer that is bound as single elements (or words)."""
    per_word = layout(dtype).per_word
    if is_packed(dtype, native_half):
        place = f"{array}[({index}) / {per_word}u]"
        return f"unpack_{dtype.name}({place}, ({index}) % {per_word}u)"
    return f"{array}[{index}]" if per_word == 1 else f"f32({array}[{index}])"


def load_four(array: str, index: str, dtype: DType, native_half: bool = False) -> str:
    """WGSL for elements 4·`index` to 4·`index` + 3 of a buffer that is bound as vectors."""
    if is_packed(dtype, native_half):
        return f"unpack_four_{dtype.name}({array}[{index}])"
    return f"{array}[{index}]" if layout(dtype).per_word == 1 else f"vec4<f32>({array}[{index}])"


def stored(expression: str, dtype: DType, wide: bool, native_half: bool) -> str:
    """A value (of `value_type`) as the buffer has it (of `stored_type`)."""
    if is_packed(dtype, native_half):
        assert wide, "elements that share words are stored together"
        return f"pack_four_{dtype.name}({expression})"
    if layout(dtype).per_word == 1:
        return expression
    return f"{stored_type(dtype, wide, native_half)}({expression})"


def wrapped(expression: str, dtype: DType, wide: bool) -> str:
    """An operation's value as its dtype holds it."""
    if layout(dtype).per_word == 1 or dtype.kind == "bool":
        return expression
    return f"wrap_{'four_' if wide else ''}{dtype.name}({expression})"


@functools.cache
def functions(dtype: DType) -> str:
    """The WGSL functions that dtypes narrower than a word need."""
    if layout(dtype).per_word == 1:
        return ""
    if is_half(dtype):
        one = expand("half_values.wgsl", four="", value="f32", bits="u32")
        four = expand("half_values.wgsl", four="four_", value="vec4<f32>", bits="vec4<u32>")
        return one + four + expand("half_words.wgsl")
    bits = 8 * dtype.itemsize
    return expand(
        "packed.wgsl",
        name=dtype.name,
        bits=bits,
        unused=32 - bits,
        mask=2**bits - 1,
        pairs=dtype.itemsize == 2,
        scalar=layout(dtype).scalar,
        bool=dtype.kind == "bool",
        signed=dtype.kind == "int",
        unsigned=dtype.kind == "uint",
    )
