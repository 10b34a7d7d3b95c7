"""Nodes: an immutable graph in single static assignment form, equal nodes being one node.

Shape and dtype are derived when a node is made, so a graph that exists is valid. A node that has
been computed keeps its result (`storage`) for as long as somebody holds the node.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from ..dtypes import DType
from ..errors import DeviceError
from ..operators import TABLE, Operator, Shape
from ..operators.declaration import Attributes

if TYPE_CHECKING:
    from ..backends.base import Storage

CONSTANT = "constant"
INPUT = "input"
TRANSFER = "transfer"


class Node:
    """A value of the graph.

    Attributes:
        kind: an operator's name, or "input", "constant" or "transfer".
        inputs: the operands.
        attributes: the operator's attributes, as sorted (name, value) pairs.
        device: the device that it was pinned to, None for the default device.
        data: an input's elements, in C order, until they are uploaded.
        storage: the elements on the device, once computed or uploaded.
    """

    __slots__ = (
        "__weakref__",
        "attributes",
        "data",
        "device",
        "dtype",
        "inputs",
        "key",
        "kind",
        "shape",
        "storage",
    )

    def __init__(
        self,
        kind: str,
        inputs: tuple[Node, ...],
        attributes: tuple[tuple[str, Any], ...],
        shape: Shape,
        dtype: DType,
        device: str | None,
    ) -> None:
        self.kind = kind
        self.inputs = inputs
        self.attributes = attributes
        self.shape = shape
        self.dtype = dtype
        self.device = device
        self.data: bytes | None = None
        self.storage: Storage | None = None
        self.key: Hashable = None

    def settle(self, storage: Storage) -> None:
        """Take the computed value; operands are let go, so that their memory can go too."""
        self.storage = storage
        self.data = None
        self.inputs = ()
        # The key names operands by identity, which is worth nothing once they may be gone.
        _interned.pop(self.key, None)

    @property
    def operator(self) -> Operator:
        """Its row: of the table, or the one that a custom operator's node carries."""
        found = TABLE.get(self.kind)
        return found if found is not None else self.options["operator"]

    @property
    def options(self) -> Attributes:
        return dict(self.attributes)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def is_leaf(self) -> bool:
        """Whether its value is given (input, transfer, or computed already), not computed."""
        return self.kind in (INPUT, TRANSFER) or self.storage is not None

    def __repr__(self) -> str:
        return f"<{self.kind} {self.dtype.name}{list(self.shape)}>"


_interned: WeakValueDictionary[Hashable, Node] = WeakValueDictionary()


def _intern(key: Hashable, make: Callable[[], Node]) -> Node:
    found = _interned.get(key)
    if found is None:
        found = _interned[key] = make()
        found.key = key
    return found


def operation(name: str, inputs: Sequence[Node], **attributes: Any) -> Node:
    """The node that applies operator `name` to `inputs`; a row that is not in the table comes as
    the attribute "operator".

    Raises:
        ShapeError, DtypeError: the operands do not fit (by the operator's own rule).
        DeviceError: the operands are pinned to different devices.
    """
    operands = tuple(inputs)
    pairs = tuple(sorted(attributes.items()))
    device = common_device(name, operands)

    def make() -> Node:
        row = TABLE.get(name) or attributes["operator"]
        shape, dtype = row.infer(*operands, **attributes)
        return Node(name, operands, pairs, shape, dtype, device)

    # Identity of operands is safe as a key: the node itself keeps them alive. The attributes'
    # repr tells 0.0 from -0.0 and keeps NaN equal to itself.
    return _intern((name, tuple(map(id, operands)), repr(pairs)), make)


def constant(value: bool | int | float | complex, dtype: DType) -> Node:
    """A scalar known when the graph is made; kernels have it in their source."""
    # The bit pattern as key: 0.0 and -0.0 differ, all NaN of one kind are one.
    number = complex(value)
    try:
        bits: Hashable = struct.pack("<dd", number.real, number.imag)
    except OverflowError:
        bits = value
    if dtype.kind in ("int", "uint", "bool"):
        bits = int(value.real)
    attributes = (("value", value),)
    return _intern(
        (CONSTANT, bits, dtype.name), lambda: Node(CONSTANT, (), attributes, (), dtype, None)
    )


def source(data: bytes, shape: Shape, dtype: DType, device: str | None) -> Node:
    """An input whose elements are `data`, in C order."""
    node = Node(INPUT, (), (), shape, dtype, device)
    node.data = data
    return node


def placeholder(shape: Shape, dtype: DType, device: str | None) -> Node:
    """An input whose elements are given later: an argument of a function that is captured."""
    return Node(INPUT, (), (), shape, dtype, device)


def settled(storage: Storage, shape: Shape, dtype: DType, device: str | None) -> Node:
    """A value that is on its device already."""
    node = Node(INPUT, (), (), shape, dtype, device)
    node.storage = storage
    return node


def transfer(node: Node, device: str) -> Node:
    """The same value on another device."""
    return _intern(
        (TRANSFER, id(node), device),
        lambda: Node(TRANSFER, (node,), (), node.shape, node.dtype, device),
    )


def common_device(name: str, operands: Iterable[Node]) -> str | None:
    """The device that operands are pinned to, None where none is.

    Raises:
        DeviceError: two different ones.
    """
    pinned = {operand.device for operand in operands if operand.device is not None}
    if len(pinned) > 1:
        raise DeviceError(
            f"{name}: operands are on {' and '.join(sorted(map(repr, pinned)))}; "
            f"move one with x.to_device(...)"
        )
    return pinned.pop() if pinned else None


def topological(outputs: Sequence[Node]) -> list[Node]:
    """All nodes that `outputs` need, operands first; leaves end the walk."""
    order: list[Node] = []
    seen: set[int] = set()
    stack = [(node, False) for node in reversed(outputs)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            if not node.is_leaf:
                stack.extend((operand, False) for operand in reversed(node.inputs))
    return order
