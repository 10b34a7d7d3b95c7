"""Elementwise groups, copies and fills as WGSL."""

from __future__ import annotations

import math
import struct
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from ...dtypes import DType
from ...graph.fuse import Group
from ...graph.node import CONSTANT, Node
from ...graph.views import View
from .kernel import WORKGROUP, Dispatch, Span, grid, index_expression
from .layout import array_type, functions, layout, load, load_four, value_type, wrapped
from .template import expand

NONFINITE = "var<private> nan_bits: u32 = 0x7fc00000u;\nvar<private> inf_bits: u32 = 0x7f800000u;\n"


@dataclass(frozen=True)
class _Operand:
    """A buffer that a kernel reads: `size` elements seen through `view`."""

    span: Span
    size: int
    dtype: DType
    view: View


@dataclass(frozen=True)
class _Result:
    """The buffer that a kernel writes, contiguously."""

    value: Hashable
    shape: tuple[int, ...]
    dtype: DType

    @classmethod
    def of(cls, node: Node) -> _Result:
        return cls(id(node), node.shape, node.dtype)

    @property
    def size(self) -> int:
        return math.prod(self.shape)


def elementwise(group: Group) -> Dispatch:
    """One kernel for the whole body of `group` (a copy where it is empty)."""
    result = _Result.of(group.output)
    operands = [
        _Operand(Span(id(one.node), 0, one.node.nbytes), one.node.size, one.node.dtype, one.view)
        for one in group.reads.values()
    ]
    wide = _all_wide(operands, result)
    lines = [
        f"    let x{number} = {_load(number, operand, result, wide)};"
        for number, operand in enumerate(operands)
    ]
    names = {key: f"x{number}" for number, key in enumerate(group.reads)}
    for number, node in enumerate(group.body):
        names[id(node)] = f"v{number}"
        values = [_operand(one, names, wide) for one in node.inputs]
        lines.append(f"    let v{number} = {_expression(node, values, wide)};")
    dtypes = {one.dtype for node in group.body for one in (node, *node.inputs)}
    label = "+".join(node.kind for node in group.body) or "copy"
    return _dispatch(label, result, wide, operands, lines, names[id(group.output)], dtypes)


def copy_of(node: Node, view: View, value: Hashable) -> Dispatch:
    """A kernel that writes `view` of `node` contiguously into `value`."""
    operand = _Operand(Span(id(node), 0, node.nbytes), node.size, node.dtype, view)
    result = _Result(value, view.shape, node.dtype)
    wide = _all_wide([operand], result)
    line = f"    let x0 = {_load(0, operand, result, wide)};"
    return _dispatch("copy", result, wide, [operand], [line], "x0", set())


def fill(output: Node, value: float) -> Dispatch:
    """Every element of `output` is `value`."""
    result = _Result.of(output)
    return _dispatch("fill", result, False, [], [], literal(value, output.dtype), set())


def _dispatch(
    label: str,
    result: _Result,
    wide: bool,
    operands: Sequence[_Operand],
    lines: Sequence[str],
    last: str,
    dtypes: set[DType],
) -> Dispatch:
    involved = sorted(
        {result.dtype, *dtypes, *(one.dtype for one in operands)}, key=lambda dtype: dtype.name
    )
    packed = layout(result.dtype).per_word == 4
    count = -(-result.size // 4) if wide or packed else result.size
    workgroups, row = grid(count)
    source = _declarations(operands, result, wide) + NONFINITE
    source += "".join(functions(dtype) for dtype in involved)
    source += "".join(dict.fromkeys(prelude(dtype, wide) for dtype in involved))
    source += expand(
        "elementwise.wgsl",
        value=value_type(result.dtype, wide),
        workgroup=WORKGROUP,
        row=f"{row}u",
        count=f"{count}u",
        body="\n".join(lines),
        last=last,
        stored=_stored(result, wide),
    )
    return Dispatch(
        label,
        source,
        workgroups,
        tuple(one.span for one in operands),
        Span(result.value, 0, result.size * result.dtype.itemsize),
        float(result.size * max(len(lines), 1)),
    )


def prelude(dtype: DType, wide: bool) -> str:
    """The helper functions of one dtype's arithmetic."""
    value = value_type(dtype, wide)
    condition = "vec4<bool>" if wide else "bool"
    if dtype.kind == "bool":
        return expand("prelude_bool.wgsl", value=value, condition=condition)
    if dtype.floating:
        bits = "vec4<u32>" if wide else "u32"
        return expand("prelude_f32.wgsl", value=value, condition=condition, bits=bits)
    scalar = layout(dtype).scalar
    return expand("prelude_integer.wgsl", value=value, condition=condition, type=scalar)


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
        rounded = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        rounded = math.copysign(math.inf, value)
    if math.isinf(rounded):
        return "bitcast<f32>(inf_bits)" if rounded > 0 else "-bitcast<f32>(inf_bits)"
    if rounded:
        return f"f32({rounded!r})"
    # Compilers that take floats for finite fold x / 0 and x * 0 away; this zero they cannot see.
    zero = "bitcast<f32>(select(0u, 1u, i > 4294967294u))"
    return zero if math.copysign(1, rounded) > 0 else f"-{zero}"


def _all_wide(operands: Sequence[_Operand], result: _Result) -> bool:
    """Whether four neighbours can be computed at once."""
    return result.size % 4 == 0 and all(
        (one.view.contiguous and one.view.shape == result.shape) or _is_scalar(one.view)
        for one in operands
    )


def _is_scalar(view: View) -> bool:
    return view.offset == 0 and not any(view.strides)


def _load(number: int, operand: _Operand, result: _Result, wide: bool) -> str:
    array = f"in{number}"
    if not wide:
        view = operand.view.expanded(result.shape)
        return load(array, index_expression(view, "i"), operand.dtype)
    if _is_scalar(operand.view):
        return f"{value_type(operand.dtype, wide)}({load(array, '0u', operand.dtype)})"
    return load_four(array, "i", operand.dtype)


def _operand(node: Node, names: dict[int, str], wide: bool) -> str:
    if node.kind == CONSTANT:
        return f"{value_type(node.dtype, wide)}({literal(node.options['value'], node.dtype)})"
    return names[id(node)]


def _expression(node: Node, values: Sequence[str], wide: bool) -> str:
    expression = node.operator.wgsl.format(
        *values,
        type=layout(node.inputs[0].dtype).scalar,
        target=value_type(node.dtype, wide),
    )
    return wrapped(expression, node.dtype, wide)


def _stored(result: _Result, wide: bool) -> str:
    """What the kernel's loop writes at place `i` of the result."""
    if layout(result.dtype).per_word == 1:
        return "element(i)"
    if wide:
        return f"pack_{result.dtype.name}(element(i))"
    # Lanes past the end repeat the last element: nobody reads them.
    lanes = ", ".join(f"element(min(4u * i + {lane}u, {result.size - 1}u))" for lane in range(4))
    return f"pack_{result.dtype.name}({value_type(result.dtype, True)}({lanes}))"


def _declarations(operands: Sequence[_Operand], result: _Result, wide: bool) -> str:
    lines = [
        f"@group(0) @binding({number}) var<storage, read> in{number}: "
        f"{array_type(one.size, one.dtype, wide and not _is_scalar(one.view))};"
        for number, one in enumerate(operands)
    ]
    lines.append(
        f"@group(0) @binding({len(operands)}) var<storage, read_write> result: "
        f"{array_type(result.size, result.dtype, wide)};"
    )
    return "\n".join(lines) + "\n"
