"""First pass: rewrite a graph into an equal one with less in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .node import Node, operation, topological

_JOINED = ("reshape", "broadcast_to", "permute_dims")


def simplify(outputs: Sequence[Node]) -> list[Node]:
    """Equal outputs, without views and casts that change nothing, and with chains of views joined.

    A leaf stays the leaf that it is, so that its elements are found.
    """
    rewritten: dict[int, Node] = {}
    for node in topological(outputs):
        if node.is_leaf or not node.inputs:
            rewritten[id(node)] = node
        else:
            inputs = [rewritten[id(operand)] for operand in node.inputs]
            rewritten[id(node)] = _rewrite(node, inputs)
    return [rewritten[id(node)] for node in outputs]


def _rewrite(node: Node, inputs: Sequence[Node]) -> Node:
    """`node` applied to `inputs`, in its simplest form."""
    base = inputs[0]
    options: dict[str, Any] = node.options
    while base.kind == node.kind and not base.is_leaf and node.kind in _JOINED:
        if node.kind == "permute_dims":
            options = {"axes": tuple(base.options["axes"][axis] for axis in options["axes"])}
        base = base.inputs[0]
    if _changes_nothing(node, base, options):
        return base
    operands = [base, *inputs[1:]]
    if all(new is old for new, old in zip(operands, node.inputs, strict=True)):
        return node
    return operation(node.kind, operands, **options)


def _changes_nothing(node: Node, base: Node, options: dict[str, Any]) -> bool:
    if node.kind in ("reshape", "broadcast_to"):
        return node.shape == base.shape
    if node.kind == "slice":
        return node.shape == base.shape and all(step == 1 for step in options["steps"])
    if node.kind == "cast":
        return node.dtype == base.dtype
    return node.kind == "permute_dims" and options["axes"] == tuple(range(len(base.shape)))
