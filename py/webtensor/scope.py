"""Scopes: tensors that are freed together, at a place that the program names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast
from weakref import WeakValueDictionary

from .errors import DtypeError, ScopeEndedError
from .nesting import map_leaves

if TYPE_CHECKING:
    from .graph.node import Node
    from .tensor import Tensor

T = TypeVar("T")


class EndedNode:
    """What a freed tensor has in place of its node: every use of it says what happened."""

    __slots__ = ("_description",)

    def __init__(self, node: Node) -> None:
        self._description = f"{node.dtype.name}{list(node.shape)}"

    def __getattr__(self, name: str) -> NoReturn:
        raise ScopeEndedError(
            f"this tensor ({self._description}) was freed when its scope ended; "
            f"keep it with `scope.keep(x)` before the end, or make it outside"
        )

    def __repr__(self) -> str:
        return f"{self._description}, freed: its scope ended"


class Scope:
    """What `with webtensor.scope() as scope:` gives."""

    def __init__(self, outer: Scope | None) -> None:
        self._outer = outer
        self._ended = False
        # Weak, so that tensors that nobody holds any more go at once; by identity, since tensors
        # compare elementwise.
        self._tensors: WeakValueDictionary[int, Tensor] = WeakValueDictionary()

    def keep(self, value: T, /) -> T:
        """Let `value` live on after this scope; it then belongs to the scope around it, if any.

        Args:
            value: a tensor, or lists, tuples and dicts of tensors.

        Returns:
            `value` itself.

        Raises:
            DtypeError: something else than a tensor is in it.
            ScopeEndedError: a tensor of it was freed already.
        """
        map_leaves(self._keep, value)
        return value

    def _keep(self, tensor: Any) -> None:
        from .tensor import Tensor

        if not isinstance(tensor, Tensor):
            raise DtypeError(f"scope.keep takes tensors, not {type(tensor).__name__}")
        _ = tensor.shape  # one that is freed already says so here
        if self._tensors.pop(id(tensor), None) is not None and self._outer is not None:
            self._outer.adopt(tensor)

    def adopt(self, tensor: Tensor) -> None:
        """Make `tensor` one of this scope's; of the next open one around it, once it has ended."""
        if not self._ended:
            self._tensors[id(tensor)] = tensor
        elif self._outer is not None:
            self._outer.adopt(tensor)

    def may_change(self, tensor: Tensor) -> bool:
        """Whether the value of `tensor` may change while this scope is the innermost open one."""
        made_here = self._tensors.get(id(tensor)) is tensor
        return made_here or self._outer is None or self._outer.may_change(tensor)

    @property
    def captures(self) -> bool:
        """Whether a function is being captured here."""
        return self._outer is not None and self._outer.captures

    def end(self) -> None:
        """Free what was not kept."""
        self._ended = True
        # A node may be shared with tensors outside, and a kept tensor that is not computed yet
        # needs its operands: so tensors only let go of their nodes, whose last holder frees them.
        for tensor in list(self._tensors.values()):
            tensor._node = cast("Node", EndedNode(tensor._node))
        self._tensors.clear()


class Capture(Scope):
    """The tensors that a function makes while it is captured: those alone may it change."""

    def __init__(self) -> None:
        super().__init__(None)

    @property
    def captures(self) -> bool:
        return True

    def may_change(self, tensor: Tensor) -> bool:
        return self._tensors.get(id(tensor)) is tensor


current: ContextVar[Scope | None] = ContextVar("webtensor_scope", default=None)


@contextmanager
def scope() -> Iterator[Scope]:
    """Free the tensors that are made inside when the block ends, also while variables hold them.

        with wt.scope() as scope:
            hidden = wt.nn.relu(x @ w)
            y = scope.keep(hidden @ v)

    Their memory goes back to the device's pool at once, however the block ends; what needs them
    later (a kept tensor that is not computed yet) keeps exactly that alive until it is computed.
    Tensors made outside are left alone. Scopes nest: what an inner one keeps belongs to the outer
    one. Concurrent tasks do not mix: a scope takes the tensors of the task that opened it, and of
    tasks started inside.

    A freed tensor raises ScopeEndedError wherever it is used.
    """
    opened = Scope(current.get())
    token = current.set(opened)
    try:
        yield opened
    finally:
        current.reset(token)
        opened.end()
