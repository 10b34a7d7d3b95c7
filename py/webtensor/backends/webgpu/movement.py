"""Operators that choose elements of their operands by place: an elementwise kernel whose elements
`fn moved` of the operator's own WGSL file finds, wide where four neighbours stay neighbours."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...graph.fuse import Group
from ...graph.node import Node
from ...graph.views import contiguous_strides
from .context import Context
from .elementwise import element_kernel
from .kernel import Dispatch
from .layout import type_name, value_type
from .source import Source, literal, whole
from .template import expand


@dataclass(frozen=True)
class Places:
    """How an operator finds elements.

    Attributes:
        wide: whether it finds four neighbours at once; numbers are then of vectors.
        constants: the numbers that its WGSL names.
        values: what its WGSL's template takes beside.
        narrow: operands that are loaded one element at a time all the same.
    """

    wide: bool
    constants: dict[str, int]
    values: dict[str, object]
    narrow: Sequence[int] = field(default=())


def movement(group: Group, context: Context) -> list[Dispatch]:
    """The kernel of one group whose anchor moves elements."""
    anchor = group.anchor
    assert anchor is not None
    places = _PLACES[anchor.kind](anchor)
    source = context.source()
    for number, chain in enumerate(group.prologues):
        source.chain(f"load_{number}", chain, places.wide and number not in places.narrow)
    return [moved(group, source, places)]


def moved(group: Group, source: Source, places: Places) -> Dispatch:
    """The kernel of one element each, over the operands' functions, which `source` has."""
    anchor, output = group.anchor, group.output
    assert anchor is not None
    source.needs(anchor.dtype, places.wide)
    source.add("".join(f"const {name} = {one}u;\n" for name, one in places.constants.items()))
    if "index" in places.values:
        source.add(expand("within.wgsl", **places.values))
    value = value_type(anchor.dtype, places.wide)
    source.add(expand(anchor.operator.wgsl, value=value, **places.values))
    source.chain("finish", group.epilogue, places.wide, anchor, stores=False)
    returned = value_type(output.dtype, places.wide)
    source.add(f"fn element(i: u32) -> {returned} {{ return finish(i, moved(i)); }}\n")
    label = "+".join(node.kind for node in group.body)
    cost = len(group.body)
    return element_kernel(label, whole(output), output.dtype, source, cost, places.wide)


def _concat(anchor: Node) -> Places:
    axis = anchor.options["axis"]
    lines = [math.prod(operand.shape[axis:]) for operand in anchor.inputs]
    wide = not any(line % 4 for line in lines)
    lines = [line // 4 for line in lines] if wide else lines
    constants = {"LINE": sum(lines)}
    for number, line in enumerate(lines):
        constants[f"LINE_{number}"] = line
        constants[f"BEGIN_{number}"] = sum(lines[:number])
    return Places(wide, constants, {"others": len(lines) - 1})


def _gather(anchor: Node) -> Places:
    axis = anchor.options["axis"]
    data, indices = anchor.inputs
    inner = math.prod(data.shape[axis + 1 :])
    wide = inner % 4 == 0
    constants = {
        "LENGTH": data.shape[axis],
        "COUNT": indices.size,
        "INNER": inner // 4 if wide else inner,
    }
    return Places(wide, constants, index_values(indices), narrow=(1,))


def _gather_elements(anchor: Node) -> Places:
    axis = anchor.options["axis"]
    data, indices = anchor.inputs
    return Places(False, along(data, indices, axis), index_values(indices))


def along(data: Node, indices: Node, axis: int) -> dict[str, int]:
    """The numbers of an operator that finds places along `axis` of `data` in `indices`."""
    return {
        "LENGTH": data.shape[axis],
        "COUNT": indices.shape[axis],
        "INNER": math.prod(data.shape[axis + 1 :]),
    }


def _resample2d(anchor: Node) -> Places:
    (operand,) = anchor.inputs
    (first, to_0), (second, to_1) = sorted(
        zip(anchor.options["axes"], anchor.options["sizes"], strict=True)
    )
    shape = operand.shape
    inner = math.prod(shape[second + 1 :])
    wide = inner % 4 == 0
    constants = {
        "FROM_0": shape[first],
        "TO_0": to_0,
        "BETWEEN": math.prod(shape[first + 1 : second]),
        "FROM_1": shape[second],
        "TO_1": to_1,
        "INNER": inner // 4 if wide else inner,
    }
    values = {
        "linear": anchor.options["mode"] == "linear",
        "integer": not anchor.dtype.floating,
        "real": "vec4f" if wide else "f32",
    }
    return Places(wide, constants, values)


def index_values(indices: Node) -> dict[str, object]:
    """What `within.wgsl` takes for indices of this dtype."""
    return {"index": type_name(indices.dtype, False), "signed": indices.dtype.kind == "int"}


def _gather_nd(anchor: Node) -> Places:
    data, indices = anchor.inputs
    depth = indices.shape[-1]
    inner = math.prod(data.shape[depth:])
    wide = inner % 4 == 0
    constants = {"DEPTH": depth, "INNER": inner // 4 if wide else inner}
    constants.update({f"LENGTH_{k}": data.shape[k] for k in range(depth)})
    return Places(wide, constants, {"depth": depth, **index_values(indices)}, narrow=(1,))


def _assign(anchor: Node) -> Places:
    options = anchor.options
    # (length, size, step, places of the axes that are joined to it, number in `starts`)
    axes: list[tuple[int, int, int, int, int]] = []
    spans = zip(anchor.shape, options["sizes"], options["steps"], strict=True)
    for axis, (length, size, step) in enumerate(spans):
        if axes and size == length and axes[-1][2] == 1:
            whole, part, _, joined, number = axes[-1]
            axes[-1] = (whole * length, part * length, 1, joined * length, number)
        else:
            axes.append((length, size, step, 1, axis))
    axes = axes or [(1, 1, 1, 1, 0)]
    length, size, step, joined, _ = axes[-1]
    wide = step == 1 and not any(one % 4 for one in (length, size, joined * options["grain"]))
    strides = contiguous_strides(tuple(size for _, size, _, _, _ in axes))
    constants = {}
    for number, ((length, size, step, joined, axis), stride) in enumerate(
        zip(reversed(axes), reversed(strides), strict=True)
    ):
        per = 4 if wide and number == 0 else 1
        constants[f"WHOLE_{number}"] = length // per
        constants[f"SIZE_{number}"] = size // per
        constants[f"STEP_{number}"] = step
        constants[f"STRIDE_{number}"] = stride // 4 if wide and number else stride
        constants[f"AXIS_{number}"] = axis
        constants[f"JOINED_{number}"] = joined
        constants[f"PER_{number}"] = per
    return Places(wide, constants, {"axes": len(axes)}, narrow=(2,))


def _pad(anchor: Node) -> Places:
    options = anchor.options
    (operand,) = anchor.inputs
    axes = _joined(operand.shape, options["before"], options["after"])
    mode = options["mode"]
    # The last axis in vectors: where nothing is added there, or whole vectors of a constant.
    kept = mode == "constant" or not any(axes[-1][1:])
    wide = kept and not any(number % 4 for number in axes[-1])
    strides = contiguous_strides(tuple(size for size, _, _ in axes))
    constants = {}
    for number, ((size, before, after), stride) in enumerate(
        zip(reversed(axes), reversed(strides), strict=True)
    ):
        per = 4 if wide and number == 0 else 1
        constants[f"SIZE_{number}"] = size // per
        constants[f"BEFORE_{number}"] = before // per
        constants[f"WHOLE_{number}"] = (before + size + after) // per
        constants[f"STRIDE_{number}"] = stride // 4 if wide and number else stride
    values = {
        "axes": len(axes),
        "constant": mode == "constant",
        "edge": mode == "edge",
        "fill": literal(options["value"], anchor.dtype),
    }
    return Places(wide, constants, values)


def _joined(
    shape: Sequence[int], before: Sequence[int], after: Sequence[int]
) -> list[tuple[int, int, int]]:
    """(size, added before, added after) per axis; neighbours to which nothing is added are one."""
    axes: list[tuple[int, int, int]] = []
    for one in zip(shape, before, after, strict=True):
        if axes and not any((*one[1:], *axes[-1][1:])):
            axes[-1] = (axes[-1][0] * one[0], 0, 0)
        else:
            axes.append(one)
    return axes or [(1, 0, 0)]


_PLACES: dict[str, Callable[[Node], Places]] = {
    "assign": _assign,
    "concat": _concat,
    "gather": _gather,
    "gather_nd": _gather_nd,
    "gather_elements": _gather_elements,
    "resample2d": _resample2d,
    "pad": _pad,
}
