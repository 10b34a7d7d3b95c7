"""Groups of the graph become dispatches."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...graph.fuse import Group, Read
from ...graph.node import Node
from ...graph.views import View
from .elementwise import copy_of, elementwise, fill
from .kernel import Lowered, Span
from .matmul import Product, Variant, matmul
from .reduction import reduction


def lower(
    groups: Sequence[Group], outputs: Sequence[Node], variant: Variant, binding_limit: int
) -> Lowered:
    """All dispatches of `groups`, in order."""
    lowered = Lowered()
    wanted = {id(node) for node in outputs}
    for group in groups:
        if id(group.output) not in wanted:
            lowered.temporaries[id(group.output)] = group.output.nbytes
        if group.output.size == 0:
            continue
        if group.family == "reduction":
            lowered.dispatches += reduction(group, lowered)
        elif group.family == "contraction":
            _contraction(group, lowered, variant, binding_limit)
        else:
            lowered.dispatches.append(elementwise(group))
    return lowered


def _contraction(group: Group, lowered: Lowered, variant: Variant, binding_limit: int) -> None:
    node = group.body[-1]
    left, right = (group.reads[id(operand)] for operand in node.inputs)
    if left.view.shape[-1] == 0:
        lowered.dispatches.append(fill(group.output, 0))
        return
    a, a_view = _with_contiguous_matrices(left, lowered)
    b, b_view = _with_contiguous_matrices(right, lowered)
    (m, k), n = a_view.shape[-2:], b_view.shape[-1]
    batch = group.output.shape[:-2]
    if math.prod(b_view.shape[:-2]) == 1 and a_view.contiguous:
        # One B for all of A's matrices: they are one matrix of more rows.
        m, batch = m * math.prod(batch), ()
        a_view = View.of((m, k))
        b_view = View.of((k, n))
    product = Product(m, n, k, _batch(a_view, batch), _batch(b_view, batch), group.output.dtype)
    lowered.dispatches += matmul(product, (a, b), id(group.output), variant, binding_limit)


def _batch(view: View, batch: tuple[int, ...]) -> View:
    """The batch axes alone, broadcast to `batch`."""
    return View(view.shape[:-2], view.strides[:-2]).expanded(batch)


def _with_contiguous_matrices(read: Read, lowered: Lowered) -> tuple[Span, View]:
    """The operand as it is where its matrices lie in C order, else a copy of it."""
    matrices = View(read.view.shape[-2:], read.view.strides[-2:], read.view.offset)
    # Kernels read rows of a multiple of four elements as vectors: matrices must begin at one.
    rows_are_vectors = read.view.shape[-1] % 4 == 0
    if matrices.contiguous and not (
        rows_are_vectors and any(s % 4 for s in read.view.strides[:-2])
    ):
        return Span(id(read.node), 0, read.node.nbytes), read.view
    value = ("contiguous", id(read.node), read.view)
    nbytes = math.prod(read.view.shape) * read.node.dtype.itemsize
    if value not in lowered.temporaries:
        lowered.temporaries[value] = nbytes
        lowered.dispatches.append(copy_of(read.node, read.view, value))
    return Span(value, 0, nbytes), View.of(read.view.shape)
