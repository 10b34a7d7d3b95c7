"""Second pass: group nodes into kernels.

A group is one kernel to be: at most one operator that is not elementwise (its anchor: a reduction,
a matrix product, …), with the elementwise nodes before it computed as its operands are loaded
(prologues) and those after it as its result is stored (epilogue). Views join the group that reads
them, as strides. A value that several groups use, or that no strides can describe, is computed
into a buffer of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .node import CONSTANT, Node, topological
from .views import View

# WebGPU guarantees eight storage buffers to a kernel; one of them is the result.
MAX_READS = 7
# Longer chains gain nothing more and make compile time grow.
MAX_BODY = 128
# Kernels of anchors store single elements; bytes take a kernel that computes neighbours together.
_NARROWEST_STORED = 2
# What may be computed while an operand is loaded, in operations per element, by the anchor's
# family: a reduction loads each element once, the others several times. Others load as it is.
_PROLOGUE_COST = {
    "reduction": 1000, "extreme_index": 1000, "movement": 32, "scatter": 32, "fourier": 32,
    "rows": 8, "contraction": 4,
}  # fmt: skip
_EPILOGUE = -1


@dataclass(frozen=True)
class Read:
    """A buffer that a group reads: the node that fills it, seen through a view."""

    node: Node
    view: View


@dataclass(frozen=True)
class Chain:
    """Elementwise nodes computed together, element by element, at one index in C order.

    Attributes:
        output: the node whose elements the chain yields.
        body: nodes computed on the way, operands first, `output` last; a reshape in it passes on
            the value that has the same index. Empty where `output` is read (or is the anchor).
        reads: what each operand from outside is, by the operand's id.
    """

    output: Node
    body: tuple[Node, ...]
    reads: dict[int, Read]


@dataclass(frozen=True)
class Group:
    """One kernel.

    Attributes:
        anchor: the node that is not elementwise, None in a group of elementwise nodes or a copy.
        prologues: what computes each operand of the anchor.
        epilogue: what computes the group's output, from the anchor where there is one.
    """

    anchor: Node | None
    prologues: tuple[Chain, ...]
    epilogue: Chain

    @property
    def output(self) -> Node:
        """The node whose value the kernel stores, contiguous."""
        return self.epilogue.output

    @property
    def body(self) -> tuple[Node, ...]:
        """All nodes that the kernel computes, operands first (empty for a copy)."""
        before = [node for chain in self.prologues for node in chain.body]
        anchors = [self.anchor] if self.anchor else []
        return (*before, *anchors, *self.epilogue.body)

    @property
    def reads(self) -> dict[int, Read]:
        """What each operand from outside is, by the operand's id."""
        chains = (*self.prologues, self.epilogue)
        return {key: read for chain in chains for key, read in chain.reads.items()}

    @property
    def family(self) -> str:
        """The anchor's family, else "elementwise"."""
        return self.anchor.operator.family if self.anchor else "elementwise"


@dataclass
class _Draft:
    """A group that is being made, from its output backwards.

    Attributes:
        side: where each node of the group stands: _EPILOGUE, or the number of the anchor's operand.
        outside: the operands that no node of the group computes (so far), and where they are used.
        cost: operations per element on each side.
    """

    output: Node
    anchor: Node | None = None
    side: dict[int, int] = field(default_factory=dict)
    outside: set[tuple[int, int]] = field(default_factory=set)
    cost: Counter[int] = field(default_factory=Counter)


def view_of(node: Node) -> Read:
    """Walk through views down to the node that has the elements."""
    chain: list[Node] = []
    while _is_view(node):
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
    drafts = _draft(order, outputs)
    return [_group(drafts[id(node)]) for node in order if id(node) in drafts]


def _is_computed(node: Node) -> bool:
    return not node.is_leaf and node.kind != CONSTANT


def _is_view(node: Node) -> bool:
    return _is_computed(node) and node.operator.family == "view"


def _is_elementwise(node: Node) -> bool:
    return _is_computed(node) and node.operator.family == "elementwise"


def _buffers_under(node: Node) -> Iterator[Node]:
    """The nodes that must have buffers so that `node`, a view, can be read."""
    while _is_view(node):
        node = view_of(node).node
        yield node


def _passes_on(node: Node) -> bool:
    """Whether `node` is a reshape of what a kernel computes: index i has the same element."""
    if node.kind != "reshape" or not _is_computed(node):
        return False
    below = node.inputs[0]
    return _is_computed(below) and (not _is_view(below) or _passes_on(below))


def _draft(order: Sequence[Node], outputs: Sequence[Node]) -> dict[int, _Draft]:
    """Groups by the id of their output: a node joins the group that has all of its users."""
    users: dict[int, list[Node]] = {id(node): [] for node in order}
    for node in order:
        if _is_computed(node):
            for operand in dict.fromkeys(node.inputs):
                users[id(operand)].append(node)
    alone = {id(node) for node in outputs}
    drafts: dict[int, _Draft] = {}
    of: dict[int, _Draft] = {}
    for node in reversed(order):
        if not _is_computed(node):
            continue
        draft = None if id(node) in alone else _joined(node, users[id(node)], of)
        # A reshape that is asked for is stored by the kernel below it, unless others read that too.
        asked_for = id(node) in alone and not users[id(node)]
        if _is_view(node) and not (_passes_on(node) and (draft or asked_for)):
            alone.update(map(id, _buffers_under(node)))
        if draft is None and (id(node) in alone or not _is_view(node)):
            draft = drafts[id(node)] = _Draft(node)
            _enter(draft, node, _EPILOGUE)
        if draft:
            of[id(node)] = draft
    return drafts


def _joined(node: Node, users: Sequence[Node], of: dict[int, _Draft]) -> _Draft | None:
    """The group that `node` has joined; None where it needs one of its own."""
    draft = of.get(id(users[0]))
    if draft is None or any(of.get(id(user)) is not draft for user in users):
        return None
    sides = {side for user in users for side in _sides(node, user, draft)}
    if len(sides) != 1 or not all(_same_index(node, user, draft) for user in users):
        return None
    (side,) = sides
    if not _may_join(node, side, draft):
        return None
    outside = _outside_with(draft, node, side)
    if len(outside) > MAX_READS or len(draft.side) >= MAX_BODY:
        return None
    _enter(draft, node, side)
    return draft


def _sides(node: Node, user: Node, draft: _Draft) -> set[int]:
    """On which sides of `draft`'s anchor `user`, a member, takes `node`."""
    if user is draft.anchor:
        return {number for number, operand in enumerate(user.inputs) if operand is node}
    return {draft.side[id(user)]}


def _same_index(node: Node, user: Node, draft: _Draft) -> bool:
    """Whether `user` takes element i of `node` for its own element i."""
    if _is_view(user):
        return user.kind == "reshape"
    return user is draft.anchor or user.shape == node.shape


def _may_join(node: Node, side: int, draft: _Draft) -> bool:
    if _is_view(node):
        return _passes_on(node)
    if side == _EPILOGUE:
        return _is_elementwise(node) or (
            draft.anchor is None
            and node.operator.fuses
            and draft.output.dtype.itemsize >= _NARROWEST_STORED
        )
    assert draft.anchor is not None, "a prologue stands before an anchor"
    budget = _PROLOGUE_COST.get(draft.anchor.operator.family, 0)
    return _is_elementwise(node) and draft.cost[side] + node.operator.cost <= budget


def _is_anchor(node: Node) -> bool:
    return not _is_elementwise(node) and not _is_view(node)


def _outside_with(draft: _Draft, node: Node, side: int) -> set[tuple[int, int]]:
    """The operands from outside that `draft` has with `node` in it."""
    operands = {
        (number if _is_anchor(node) else side, id(operand))
        for number, operand in enumerate(node.inputs)
        if operand.kind != CONSTANT
    }
    return draft.outside - {(side, id(node))} | operands


def _enter(draft: _Draft, node: Node, side: int) -> None:
    """Make `node` a member of `draft`."""
    draft.outside = _outside_with(draft, node, side)
    draft.side[id(node)] = side
    if _is_anchor(node):
        draft.anchor = node
    elif _is_elementwise(node):
        draft.cost[side] += node.operator.cost


def _group(draft: _Draft) -> Group:
    anchor = draft.anchor
    prologues = tuple(_chain(one, draft) for one in anchor.inputs) if anchor else ()
    return Group(anchor, prologues, _chain(draft.output, draft))


def _chain(output: Node, draft: _Draft) -> Chain:
    """What `draft` computes between its anchor (or buffers) and `output`, operands first."""
    body: list[Node] = []
    reads: dict[int, Read] = {}
    seen: set[int] = set()
    stack = [(output, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            body.append(node)
            continue
        if id(node) in seen or node is draft.anchor or node.kind == CONSTANT:
            continue
        seen.add(id(node))
        inside = id(node) in draft.side
        if inside and _is_view(node):
            inside = id(node.inputs[0]) in draft.side
        if inside:
            stack.append((node, True))
            stack.extend((operand, False) for operand in reversed(node.inputs))
        else:
            reads[id(node)] = view_of(node)
    return Chain(output, tuple(body), reads)
