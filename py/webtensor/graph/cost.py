"""What a node takes, counted from its shapes: for devices that do not say what their kernels do."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..observe import Cost
from ..operators.custom import without_marks
from ..operators.linear_algebra import CPU_ONLY, KERNELS
from .node import CONSTANT, Node

_MOST_NAMES = 4


def operations(node: Node) -> float:
    """Arithmetic operations, about; a multiplication and an addition are two."""
    if node.is_leaf or node.kind == CONSTANT:
        return 0
    family = node.operator.family
    if family == "view":
        return 0
    if family == "contraction":
        return 2.0 * node.size * node.inputs[0].shape[-1]
    if family in (KERNELS, CPU_ONLY):
        # A factorisation goes through the matrix once for each of its columns, or rows.
        return 2.0 * node.inputs[0].size * min(node.inputs[0].shape[-2:], default=1)
    if "operations" in node.options:
        return float(node.options["operations"])
    return float(max(node.size, *(operand.size for operand in node.inputs)))


def nbytes(node: Node) -> int:
    """Bytes of the operands and the result; none where only strides change."""
    if node.operator.family == "view":
        return 0
    return node.nbytes + sum(operand.nbytes for operand in dict.fromkeys(node.inputs))


def cost_of(node: Node) -> Cost:
    """One operator by itself."""
    if node.kind == CONSTANT:
        return Cost(CONSTANT, 0, 0)
    return Cost(without_marks(node.kind), operations(node), nbytes(node))


def cost_of_whole(order: Iterable[Node], ends: Iterable[Node]) -> Cost:
    """All of a graph's nodes as one kernel, which reads and writes its `ends` only."""
    computed = [node for node in order if not node.is_leaf and node.kind != CONSTANT]
    names = [without_marks(node.kind) for node in computed]
    label = "+".join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        label += f"+… ({len(names)} operators)"
    return Cost(
        label,
        math.fsum(map(operations, computed)),
        sum(node.nbytes for node in dict.fromkeys(ends)),
    )
