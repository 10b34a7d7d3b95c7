"""Scattering: which update is the last one for each place is found first, by an atomic maximum, so
that the result does not depend on the order in which invocations run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ...dtypes import uint32
from ...graph.fuse import Group
from ...graph.node import Node, placeholder
from .context import Context
from .elementwise import fill
from .kernel import WORKGROUP, Dispatch, Span, grid
from .movement import Places, along, index_values, moved
from .source import whole
from .template import expand


@dataclass(frozen=True)
class _Updates:
    """Where updates go.

    Attributes:
        places: of the result, which have a winner each.
        count: of the updates.
        constants: of the kernels.
        depth: indices of each update.
        inner: elements at each place, one after the other.
    """

    places: int
    count: int
    constants: dict[str, int]
    depth: int = 1
    inner: int = 1


def scatter(group: Group, context: Context) -> list[Dispatch]:
    """Winners of no place, of every place, and the result."""
    anchor = group.anchor
    assert anchor is not None
    updates = _UPDATES[anchor.kind](anchor)
    numbers = placeholder((updates.places,), uint32, None)
    context.lowered.stand_ins.append(numbers)
    context.lowered.temporaries[id(numbers)] = numbers.nbytes
    winners = whole(numbers)
    dispatches = [fill(numbers, 0)]
    if updates.count:
        dispatches.append(_found(group, context, updates, winners))

    source = context.source()
    wide = updates.inner % 4 == 0
    source.chain("load_0", group.prologues[0], wide)
    source.chain("load_2", group.prologues[2], wide)
    source.plain("winner", winners, uint32, False)
    constants = updates.constants | ({"INNER": updates.inner // 4} if wide else {})
    dispatches.append(moved(group, source, Places(wide, constants, {})))
    return dispatches


def _found(group: Group, context: Context, updates: _Updates, winners: Span) -> Dispatch:
    """The kernel that finds the winners."""
    anchor = group.anchor
    assert anchor is not None
    source = context.source()
    source.chain("load_1", group.prologues[1], False)
    source.add("".join(f"const {name} = {one}u;\n" for name, one in updates.constants.items()))
    source.add(expand("within.wgsl", **index_values(anchor.inputs[1])))
    source.add(expand(f"{anchor.kind}_places.wgsl", depth=updates.depth))
    workgroups, row = grid(updates.count)
    kernel = expand(
        "scatter_winners.wgsl", workgroup=WORKGROUP, row=f"{row}u", count=f"{updates.count}u"
    )
    text = source.finished(kernel, uint32, updates.places, False, atomic=True)
    reads, cost = tuple(source.reads), float(updates.count)
    return Dispatch("winners", text, workgroups, reads, winners, cost)


def _scatter_nd(anchor: Node) -> _Updates:
    data, indices, _ = anchor.inputs
    depth = indices.shape[-1]
    lengths = {f"LENGTH_{k}": data.shape[k] for k in range(depth)}
    inner = math.prod(data.shape[depth:])
    return _Updates(
        places=math.prod(data.shape[:depth]),
        count=math.prod(indices.shape[:-1]),
        constants=lengths | {"DEPTH": depth, "INNER": inner},
        depth=depth,
        inner=inner,
    )


def _scatter_elements(anchor: Node) -> _Updates:
    data, indices, updates = anchor.inputs
    return _Updates(data.size, updates.size, along(data, indices, anchor.options["axis"]))


_UPDATES: dict[str, Callable[[Node], _Updates]] = {
    "scatter_elements": _scatter_elements,
    "scatter_nd": _scatter_nd,
}
