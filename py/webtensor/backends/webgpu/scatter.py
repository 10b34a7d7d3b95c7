"""Scattering as WGSL: which update each element takes, then the elements."""

from __future__ import annotations

from ...dtypes import uint32
from ...graph.fuse import Group
from ...graph.node import placeholder
from .context import Context
from .elementwise import element_kernel, fill
from .kernel import WORKGROUP, Dispatch, grid
from .layout import value_type
from .movement import along, index_values
from .source import whole
from .template import expand


def scatter(group: Group, context: Context) -> list[Dispatch]:
    """The dispatches of a group whose anchor places updates along an axis."""
    anchor = group.anchor
    assert anchor is not None
    data, indices, updates = anchor.inputs
    numbers = {**along(data, indices, anchor.options["axis"]), "UPDATES": updates.size}
    constants = "".join(f"const {name} = {one}u;\n" for name, one in numbers.items())
    marks = placeholder(anchor.shape, uint32, None)
    context.lowered.stand_ins.append(marks)
    context.lowered.temporaries[id(marks)] = marks.nbytes
    source = context.source()
    source.chain("indices", group.prologues[1], False)
    source.add(constants)
    source.add(expand("within.wgsl", **index_values(indices)))
    workgroups, row = grid(updates.size)
    kernel = expand("scatter_marks.wgsl", workgroup=WORKGROUP, row=f"{row}u")
    text = source.finished(kernel, uint32, marks.size, False, atomic=True)
    reads, cost = tuple(source.reads), float(updates.size)
    marking = Dispatch("scatter marks", text, workgroups, reads, whole(marks), cost)
    source = context.source()
    source.chain("data", group.prologues[0], False)
    source.chain("updates", group.prologues[2], False)
    source.plain("marks", whole(marks), uint32, False)
    source.needs(anchor.dtype, False)
    source.add(constants)
    source.add(expand(anchor.operator.wgsl, value=value_type(anchor.dtype, False)))
    source.chain("finish", group.epilogue, False, anchor, stores=False)
    output = group.output
    returned = value_type(output.dtype, False)
    source.add(f"fn element(i: u32) -> {returned} {{ return finish(i, moved(i)); }}\n")
    label = "+".join(node.kind for node in group.body)
    choosing = element_kernel(label, whole(output), output.dtype, source, len(group.body), False)
    return [fill(marks, 0), marking, choosing]
