"""The text of one kernel, put together from bindings, preludes and functions.

Chains of elementwise nodes become functions of an index in C order: scalar ones yield element i,
wide ones yield the four elements from 4·i on.
"""

from __future__ import annotations

import functools
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

from ...dtypes import DType, float32
from ...graph.fuse import Chain, Read
from ...graph.node import CONSTANT, Node
from ...graph.views import View
from .kernel import Span, collapse, index_expression
from .layout import (
    array_type,
    functions,
    is_half,
    load,
    load_four,
    stored,
    stored_type,
    type_name,
    value_type,
    wrapped,
)
from .prune import reached
from .template import expand

_NONFINITE = """\
var<private> nan_bits: u32 = 0x7fc00000u;
var<private> inf_bits: u32 = 0x7f800000u;
"""


# What is bound of a read's buffer, and the element that it begins with, of those that the view
# (broadcast to where it is used) counts.
Part = Callable[[Read, View], tuple[Span, int]]

_FLOAT_PRELUDE = ("prelude", "trigonometric", "special")


class Source:
    """A kernel's WGSL while it is written; buffers are bound in the order in which they come.

    Attributes:
        native_half: whether the adapter has the type f16, in which float16 can be bound.
        reads: what the kernel reads.
    """

    def __init__(self, native_half: bool = False) -> None:
        self.native_half = native_half
        self.reads: list[Span] = []
        self._declarations: list[str] = []
        self._functions: list[str] = []
        self._preludes: dict[tuple[DType, bool], None] = {}

    def bind(self, span: Span, dtype: DType, wide: bool = False) -> str:
        """The name of a buffer that the kernel reads, an array of `dtype` (`wide`: of vectors)."""
        number = len(self.reads)
        self.reads.append(span)
        self._declare("read", f"in{number}", span.size // dtype.itemsize, dtype, wide)
        return f"in{number}"

    def _declare(self, access: str, name: str, size: int, dtype: DType, wide: bool) -> None:
        self.needs(dtype, wide)
        self._declarations.append(
            f"@group(0) @binding({len(self._declarations)}) var<storage, {access}> {name}: "
            f"{array_type(size, dtype, wide, self.native_half)};"
        )

    def needs(self, dtype: DType, wide: bool) -> None:
        """Have the helper functions of this dtype's arithmetic."""
        self._preludes[dtype, wide] = None

    def add(self, text: str) -> None:
        """A function."""
        self._functions.append(text)

    def finished(
        self, kernel: str, dtype: DType, size: int, wide: bool, atomic: bool = False
    ) -> str:
        """The whole text; `kernel` writes the array `result` of `size` elements (`atomic` ones)."""
        self._declare("read_write", "result", size, dtype, wide)
        if atomic:
            element = stored_type(dtype, wide, self.native_half)
            declaration = self._declarations[-1]
            self._declarations[-1] = declaration.replace(f"<{element},", f"<atomic<{element}>,")
        involved = sorted(self._preludes, key=lambda one: (one[0].name, one[1]))
        has_half = self.native_half and any(is_half(one) for one, _ in involved)
        own = [*self._declarations, _NONFINITE, *self._functions, kernel]
        libraries = [functions(one) for one, _ in involved] + [_prelude(*one) for one in involved]
        text = reached("\n".join(own), dict.fromkeys(libraries))
        # Directives stand before everything else.
        return f"enable f16;\n{text}" if has_half else text

    def plain(self, name: str, span: Span, dtype: DType, wide: bool) -> None:
        """Add `fn name(i: u32) -> …`, which yields element (or vector) i of a buffer."""
        buffer = self.bind(span, dtype, wide)
        value = (load_four if wide else load)(buffer, "i", dtype, self.native_half)
        self.add(f"fn {name}(i: u32) -> {value_type(dtype, wide)} {{ return {value}; }}\n")

    def identity(self, name: str, dtype: DType) -> None:
        """Add `fn name(i: u32, value: …) -> …`, which yields the value as it is."""
        kind = value_type(dtype, False)
        self.add(f"fn {name}(i: u32, value: {kind}) -> {kind} {{ return value; }}\n")

    def chain(
        self,
        name: str,
        chain: Chain,
        wide: bool,
        anchor: Node | None = None,
        part: Part | None = None,
        first: int = 0,
        stores: bool = True,
    ) -> None:
        """Add `fn name(i: u32) -> …`, which yields `chain`'s output at i + `first`.

        Where there is an anchor the function's second parameter is its value there, not yet
        rounded to its dtype, and the function yields what is to be stored (or, where it does not
        `stores`, the value). `part` tells what of a read's buffer is bound, where it is not all of
        it.
        """
        writer = _ChainWriter(self, wide, part or _all_of, first)
        parameters = "i: u32"
        if anchor is not None:
            parameters += f", value: {value_type(anchor.dtype, wide)}"
            writer.take_anchor(anchor)
        for node in chain.body:
            writer.compute(node, chain)
        last = writer.name(chain.output, chain.output.shape, chain)
        lines = "".join(f"    {line}\n" for line in writer.lines)
        dtype = chain.output.dtype
        returned = value_type(dtype, wide)
        if anchor is not None and stores:
            returned = stored_type(dtype, wide, self.native_half)
            last = stored(last, dtype, wide, self.native_half)
        self.add(f"fn {name}({parameters}) -> {returned} {{\n{lines}    return {last};\n}}\n")


class _ChainWriter:
    """The statements of one chain's function."""

    def __init__(self, source: Source, wide: bool, part: Part, first: int) -> None:
        self._source = source
        self._wide = wide
        self._part = part
        self._index = f"(i + {first}u)" if first else "i"
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self._loaded: dict[tuple[int, tuple[int, ...]], str] = {}

    def take_anchor(self, anchor: Node) -> None:
        """Have the anchor's value, which is the function's parameter."""
        self._source.needs(anchor.dtype, self._wide)
        self._let(anchor, wrapped("value", anchor.dtype, self._wide))

    def _let(self, node: Node, value: str) -> None:
        self.names[id(node)] = f"v{len(self.lines)}"
        self.lines.append(f"let {self.names[id(node)]} = {value};")

    def compute(self, node: Node, chain: Chain) -> None:
        if node.operator.family == "view":
            (below,) = node.inputs
            self.names[id(node)] = self.name(below, below.shape, chain)
            return
        values = [self.name(one, node.shape, chain) for one in node.inputs]
        for one in (node, *node.inputs):
            self._source.needs(one.dtype, self._wide)
        self._let(node, expression(node, values, self._wide))

    def name(self, node: Node, shape: tuple[int, ...], chain: Chain) -> str:
        """The variable that has `node`, broadcast to `shape`."""
        if node.kind == CONSTANT:
            value = literal(node.options["value"], node.dtype)
            return f"{value_type(node.dtype, self._wide)}({value})"
        if id(node) in self.names:
            return self.names[id(node)]
        key = (id(node), shape)
        if key not in self._loaded:
            self._loaded[key] = name = f"v{len(self.lines)}"
            value = self._load(chain.reads[id(node)], shape)
            if chain.reads[id(node)].node.dtype != node.dtype:
                # What is read holds the node's value as it was before it was rounded.
                self._source.needs(node.dtype, self._wide)
                value = wrapped(value, node.dtype, self._wide)
            self.lines.append(f"let {name} = {value};")
        return self._loaded[key]

    def _load(self, read: Read, shape: tuple[int, ...]) -> str:
        view, dtype = read.view.expanded(shape), read.node.dtype
        span, base = self._part(read, view)
        view = View(view.shape, view.strides, view.offset - base)
        elements = span.size // dtype.itemsize
        vectors = vectorised(view, elements) if self._wide else None
        native = self._source.native_half
        name = self._source.bind(span, dtype, vectors is not None)
        index = self._index
        if not self._wide:
            return load(name, index_expression(view, index), dtype, native)
        if vectors is not None:
            return load_four(name, index_expression(vectors, index), dtype, native)
        four = value_type(dtype, True)
        repeated = _repeated(view)
        if repeated is not None:
            return f"{four}({load(name, index_expression(repeated, index), dtype, native)})"
        lanes = (index_expression(view, f"(4u * {index} + {lane}u)") for lane in range(4))
        return f"{four}({', '.join(load(name, lane, dtype, native) for lane in lanes)})"


def _all_of(read: Read, view: View) -> tuple[Span, int]:
    return whole(read.node), 0


def whole(node: Node) -> Span:
    """All of a node's elements."""
    return Span(id(node), 0, node.nbytes)


def vectorised(view: View, elements: int) -> View | None:
    """`view` counted in vectors of four, None where four neighbours are no vector of the buffer."""
    if elements % 4 or view.offset % 4:
        return None
    axes = collapse(view)
    if not axes or axes[-1][0] % 4 or axes[-1][1] != 1:
        return None
    if any(stride % 4 for _, stride in axes[:-1]):
        return None
    shape = (*(size for size, _ in axes[:-1]), axes[-1][0] // 4)
    return View(shape, (*(stride // 4 for _, stride in axes[:-1]), 1), view.offset // 4)


def _repeated(view: View) -> View | None:
    """`view` with one element for four neighbours, None where they are not the same element."""
    axes = collapse(view)
    if axes and (axes[-1][0] % 4 or axes[-1][1] != 0):
        return None
    if not axes:
        return view
    shape = (*(size for size, _ in axes[:-1]), axes[-1][0] // 4)
    return View(shape, tuple(stride for _, stride in axes), view.offset)


def expression(node: Node, values: Sequence[str], wide: bool) -> str:
    """An elementwise node over WGSL expressions of its operands."""
    attributes = {
        name: literal(value, float32 if node.dtype.floating else node.dtype)
        for name, value in node.attributes
        if isinstance(value, bool | int | float)
    }
    text = node.operator.wgsl.format(
        *values,
        type=type_name(node.inputs[0].dtype, wide),
        target=value_type(node.dtype, wide),
        **attributes,
    )
    return wrapped(text, node.dtype, wide)


@functools.cache
def _prelude(dtype: DType, wide: bool) -> str:
    """The helper functions of one dtype's arithmetic."""
    common = {
        "value": value_type(dtype, wide),
        "condition": "vec4<bool>" if wide else "bool",
        "type": type_name(dtype, wide),
        "bits": "vec4<u32>" if wide else "u32",
    }
    if dtype.kind == "bool":
        return expand("prelude_bool.wgsl", **common)
    if dtype.floating:
        return "\n".join(expand(f"{name}_f32.wgsl", **common) for name in _FLOAT_PRELUDE)
    return expand("prelude_integer.wgsl", **common)


def literal(value: Any, dtype: DType) -> str:
    """A scalar in WGSL; numbers that WGSL cannot write come from their bits at run time."""
    if dtype.kind == "bool":
        return "true" if value else "false"
    if dtype.kind == "uint":
        return f"{int(value) % 2 ** (8 * dtype.itemsize)}u"
    if dtype.kind == "int":
        return f"bitcast<i32>({int(value) & 0xFFFFFFFF}u)"
    if math.isnan(value):
        return "bitcast<f32>(nan_bits)"
    try:
        code = "<e" if is_half(dtype) else "<f"
        rounded = struct.unpack(code, struct.pack(code, value))[0]
    except OverflowError:
        rounded = math.copysign(math.inf, value)
    if math.isinf(rounded):
        return "bitcast<f32>(inf_bits)" if rounded > 0 else "-bitcast<f32>(inf_bits)"
    # Compilers that take floats for finite fold x / 0 and x * 0 away, and turn (x * a) * b into
    # x * (a * b), which may overflow; bits that only seem to depend on something they cannot see.
    (bits,) = struct.unpack("<I", struct.pack("<f", rounded))
    return f"bitcast<f32>({bits}u | select(0u, 1u, i > 4294967294u))"
