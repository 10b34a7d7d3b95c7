"""Scattering: which update is the last one for each place is found first, by an atomic maximum, so
that the result does not depend on the order in which invocations run."""

from __future__ import annotations

import math

from ...dtypes import uint32
from ...graph.fuse import Group
from .context import Context
from .elementwise import element_kernel
from .kernel import WORKGROUP, Dispatch, Span, grid
from .movement import Places, index_values, moved
from .template import expand


def scatter(group: Group, context: Context) -> list[Dispatch]:
    """Winners of no place, of every place, and the result."""
    anchor = group.anchor
    assert anchor is not None
    data, indices, _ = anchor.inputs
    depth = indices.shape[-1]
    inner = math.prod(data.shape[depth:])
    value, places = ("winners", id(anchor)), math.prod(data.shape[:depth])
    winners = Span(value, 0, places * uint32.itemsize)
    context.lowered.temporaries[value] = winners.size

    nobody = context.source()
    wide = places % 4 == 0
    kind = "vec4<u32>" if wide else "u32"
    nobody.add(f"fn element(i: u32) -> {kind} {{ return {kind}(0u); }}\n")
    dispatches = [element_kernel("fill", winners, uint32, nobody, 1, wide)]

    rows = math.prod(indices.shape[:-1])
    if rows:
        source = context.source()
        source.chain("load_1", group.prologues[1], False)
        lengths = {f"LENGTH_{k}": data.shape[k] for k in range(depth)}
        source.add("".join(f"const {k} = {n}u;\n" for k, n in (lengths | {"DEPTH": depth}).items()))
        source.add(expand("within.wgsl", **index_values(indices)))
        workgroups, row = grid(rows)
        kernel = expand(
            "scatter_winners.wgsl",
            workgroup=WORKGROUP,
            row=f"{row}u",
            count=f"{rows}u",
            depth=depth,
        )
        text = source.finished(kernel, uint32, places, False, atomic=True)
        reads = tuple(source.reads)
        dispatches.append(Dispatch("winners", text, workgroups, reads, winners, float(rows)))

    source = context.source()
    wide = inner % 4 == 0
    source.chain("load_0", group.prologues[0], wide)
    source.chain("load_2", group.prologues[2], wide)
    source.plain("winner", winners, uint32, False)
    constants = {"INNER": inner // 4 if wide else inner}
    dispatches.append(moved(group, source, Places(wide, constants, {})))
    return dispatches
