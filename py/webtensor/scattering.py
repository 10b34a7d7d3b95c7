"""WebNN's gatherND and scatterND: elements, or parts, at places that rows of indices lead to.

https://www.w3.org/TR/webnn/#api-mlgraphbuilder-gathernd
"""

from __future__ import annotations

from .graph.node import operation
from .operands import node_of
from .tensor import Tensor


def gather_nd(x: Tensor, indices: Tensor, /) -> Tensor:
    """The parts of x to which the rows of `indices` lead.

    Args:
        x: at least one axis.
        indices: integers of shape (…, K); each row of K is a place on the first K axes of x.
            Negative ones count from the end, others outside an axis are clamped to it.

    Returns:
        The shape of `indices` without its last axis, then x's axes from number K on.

    Raises:
        ShapeError: K is not from 1 to x's number of axes, or an axis has no elements.
        DtypeError: indices that are not integers.
    """
    nodes = [node_of("gather_nd", one) for one in (x, indices)]
    return Tensor(operation("gather_nd", nodes))


def scatter_nd(
    x: Tensor, indices: Tensor, updates: Tensor, /, *, last_wins: bool = False
) -> Tensor:
    """x with `updates` in place of the parts to which the rows of `indices` lead.

    Args:
        x, indices: as in `gather_nd`.
        updates: of x's dtype and the shape of `gather_nd(x, indices)`.
        last_wins: whether of several updates for one place the last one must be taken, which
            "webnn" refuses: its specification leaves open what happens. The others do so always.

    Returns:
        The shape of x.

    Raises:
        ShapeError, DtypeError: as in `gather_nd`, or updates that do not fit.
    """
    nodes = [node_of("scatter_nd", one) for one in (x, indices, updates)]
    whole = operation("scatter_nd", nodes, last_wins=last_wins)
    # No kernel needs to see updates without elements.
    return Tensor(whole if updates.size else nodes[0])
