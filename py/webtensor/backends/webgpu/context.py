"""What the lowering of a group needs beside the group."""

from __future__ import annotations

from dataclasses import dataclass

from ...graph.fuse import Chain, Group, Read
from ...graph.views import View
from .kernel import Lowered
from .variants import Adapter


@dataclass(frozen=True)
class Context:
    """One lowering.

    Attributes:
        lowered: what it has yielded so far; temporaries go in here.
        adapter: the kernels' variants.
        binding_limit: the most bytes that a kernel may bind of one buffer.
        packed_dot: whether WGSL multiplies packed int8 here (`dot4I8Packed`).
    """

    lowered: Lowered
    adapter: Adapter
    binding_limit: int
    packed_dot: bool

    def detached(self, group: Group) -> Chain:
        """The group's epilogue as a chain of its own, which reads the anchor's value from a
        temporary; for anchors whose kernel cannot take the epilogue in."""
        anchor = group.anchor
        assert anchor is not None
        self.lowered.temporaries[id(anchor)] = anchor.nbytes
        reads = {**group.epilogue.reads, id(anchor): Read(anchor, View.of(anchor.shape))}
        return Chain(group.output, group.epilogue.body, reads)
