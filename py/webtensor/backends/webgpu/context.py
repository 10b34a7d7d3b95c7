"""What the lowering of a group needs beside the group."""

from __future__ import annotations

from dataclasses import dataclass

from ...graph.fuse import Chain, Group, Read
from ...graph.node import Node
from ...graph.views import View
from .kernel import Lowered
from .layout import is_packed
from .source import Source
from .variants import Adapter


@dataclass(frozen=True)
class Context:
    """One lowering.

    Attributes:
        lowered: what it has yielded so far; temporaries go in here.
        adapter: the kernels' variants.
        binding_limit: the most bytes that a kernel may bind of one buffer.
        packed_dot: whether WGSL multiplies packed int8 here (`dot4I8Packed`).
        native_half: whether kernels may use the type f16.
    """

    lowered: Lowered
    adapter: Adapter
    binding_limit: int
    packed_dot: bool
    native_half: bool

    def source(self) -> Source:
        """A kernel to be written for this adapter."""
        return Source(self.native_half)

    def shares_words(self, group: Group) -> bool:
        """Whether elements of the group's output share words, so that its kernel can store
        vectors of four but no single element."""
        return is_packed(group.output.dtype, self.native_half)

    def detached(self, group: Group, value: Node | None = None) -> Chain:
        """The group's epilogue as a chain of its own, which reads the anchor's value from a
        temporary (`value`, where it is not the anchor itself); for anchors whose kernel cannot
        take the epilogue in."""
        anchor = group.anchor
        assert anchor is not None
        value = value or anchor
        self.lowered.temporaries[id(value)] = value.nbytes
        reads = {**group.epilogue.reads, id(anchor): Read(value, View.of(anchor.shape))}
        return Chain(group.output, group.epilogue.body, reads)
