"""Second pass: group nodes into kernels.

A group is one kernel to be: an elementwise chain, a reduction, a contraction, or a copy that makes
a view contiguous. Views join the group that reads them, as strides. A value that several groups
use, or that no strides can describe, is computed into a buffer of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .node import CONSTANT, Node, topological
from .views import View

# WebGPU guarantees eight storage buffers to a kernel; one of them is the result.
MAX_READS = 7
# Longer chains gain nothing more and make compile time, and depth, grow.
MAX_DEPTH = 32


@dataclass(frozen=True)
class Read:
    """A buffer that a group reads: the node that fills it, seen through a view."""

    node: Node
    view: View


@dataclass(frozen=True)
class Group:
    """One kernel.

    Attributes:
        output: the node whose value the kernel stores, contiguous.
        body: nodes computed on the way, operands first, the output last (empty for a copy).
        reads: what each operand outside the body is, by the operand's id.
    """

    output: Node
    body: tuple[Node, ...]
    reads: dict[int, Read]

    @property
    def family(self) -> str:
        return self.output.operator.family


def _computed(node: Node, family: str) -> bool:
    return not node.is_leaf and node.kind != CONSTANT and node.operator.family == family


def view_of(node: Node) -> Read:
    """Walk through views down to the node that has the elements."""
    chain: list[Node] = []
    while _computed(node, "view"):
        chain.append(node)
        node = node.inputs[0]
    view = View.of(node.shape)
    for step in reversed(chain):
        if step.kind == "permute_dims":
            view = view.permuted(step.options["axes"])
        elif step.kind == "broadcast_to":
            view = view.expanded(step.shape)
        elif step.kind == "slice":
            view = view.sliced(**step.options)
        else:
            reshaped = view.reshaped(step.shape)
            if reshaped is None:
                # No strides describe it: what it reshapes must be in a buffer of its own.
                node, reshaped = step.inputs[0], View.of(step.shape)
            view = reshaped
    return Read(node, view)


def fuse(outputs: Sequence[Node]) -> list[Group]:
    """The groups that compute `outputs`, in an order in which they can run."""
    order = topological(outputs)
    buffers = _buffers(order, outputs)
    return [_group(node, buffers) for node in order if id(node) in buffers and not node.is_leaf]


def _buffers(order: Sequence[Node], outputs: Sequence[Node]) -> set[int]:
    """The ids of the nodes that get a buffer of their own."""
    uses = Counter(id(one) for node in order if not node.is_leaf for one in node.inputs)
    buffers: set[int] = set()

    def needs_buffer(node: Node) -> None:
        buffers.add(id(node))
        while _computed(node, "view"):
            node = view_of(node).node
            buffers.add(id(node))

    for node in outputs:
        needs_buffer(node)
    reads: dict[int, int] = {}
    depth: dict[int, int] = {}
    for node in order:
        if node.is_leaf or node.kind == CONSTANT or _computed(node, "view"):
            continue
        reads[id(node)] = depth[id(node)] = 0
        for operand in dict.fromkeys(node.inputs):
            if operand.kind == CONSTANT:
                continue
            joins = (
                _computed(operand, "elementwise")
                and _computed(node, "elementwise")
                and operand.shape == node.shape
                and id(operand) not in buffers
                and uses[id(operand)] == node.inputs.count(operand)
                and reads[id(node)] + reads[id(operand)] + len(node.inputs) - 1 <= MAX_READS
                and depth[id(operand)] < MAX_DEPTH
            )
            if joins:
                reads[id(node)] += reads[id(operand)]
                depth[id(node)] = max(depth[id(node)], depth[id(operand)] + 1)
                continue
            reads[id(node)] += 1
            if _computed(operand, "view"):
                needs_buffer(view_of(operand).node)
            else:
                buffers.add(id(operand))
    return buffers


def _group(output: Node, buffers: set[int]) -> Group:
    if _computed(output, "view"):
        return Group(output, (), {id(output): view_of(output)})
    body: list[Node] = []
    reads: dict[int, Read] = {}
    _collect(output, buffers, body, reads)
    return Group(output, tuple(body), reads)


def _collect(node: Node, buffers: set[int], body: list[Node], reads: dict[int, Read]) -> None:
    """Add `node`, and what is computed inside its kernel, to `body`; the rest to `reads`.

    Not a closure: one that calls itself is a cycle, and would keep tensors until Python collects.
    """
    for operand in node.inputs:
        if operand.kind == CONSTANT or id(operand) in reads or operand in body:
            continue
        if id(operand) in buffers or _computed(operand, "view"):
            reads[id(operand)] = view_of(operand)
        else:
            _collect(operand, buffers, body, reads)
    body.append(node)
