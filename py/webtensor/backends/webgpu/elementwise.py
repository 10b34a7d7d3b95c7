"""Elementwise groups, copies and fills as WGSL."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from ...dtypes import DType, float32
from ...graph.fuse import Chain, Group, Read
from ...graph.node import Node
from ...graph.views import View
from .context import Context
from .kernel import Dispatch, Span, grid, reach
from .layout import is_half, is_packed, layout, stored, value_type
from .source import Source, literal, whole
from .template import expand
from .variants import HARDWARE, Elements

# Elements after which a binding may begin, whatever their size (WebGPU guarantees 256 bytes).
_ALIGNMENT = 256
_SINGLE = HARDWARE.elements
# Where no operator is dear, and so few operations are in all, starting an invocation counts.
_DEAR = 8
_MOST_CHEAP = 32


def elementwise(group: Group, context: Context) -> list[Dispatch]:
    """One kernel for the whole body of `group` (a copy where it is empty); several where a kernel
    cannot bind that much of a buffer."""
    chain, limit = group.epilogue, context.binding_limit
    largest = max(chain.output.nbytes, *(read.node.nbytes for read in chain.reads.values()), 0)
    if largest <= limit:
        elements = context.adapter.elements
        return [computed(chain, id(chain.output), context.native_half, elements)]
    itemsize = max(
        chain.output.dtype.itemsize, *(one.node.dtype.itemsize for one in chain.reads.values()), 1
    )
    # Half of what can be bound: a part may begin and end within rows, and bindings begin aligned.
    count = max(limit // itemsize // 2 // _ALIGNMENT, 1) * _ALIGNMENT
    return [
        _computed_part(chain, first, min(count, chain.output.size - first), context.native_half)
        for first in range(0, chain.output.size, count)
    ]


def computed(
    chain: Chain, value: Hashable, native_half: bool = False, elements: Elements = _SINGLE
) -> Dispatch:
    """A kernel that writes what `chain` yields contiguously into `value`."""
    source, output = Source(native_half), chain.output
    wide = _is_wide(output.size)
    source.chain("element", chain, wide)
    write = Span(value, 0, output.nbytes)
    costs = [node.operator.cost for node in chain.body]
    if not wide or max(costs, default=0) >= _DEAR or sum(costs) > _MOST_CHEAP:
        elements = replace(elements, vectors=1)
    return element_kernel(
        _label(chain), write, output.dtype, source, len(chain.body), wide, elements
    )


def copied(chain: Chain, context: Context, dispatches: list[Dispatch]) -> Span:
    """What `chain` yields in a temporary, contiguous: made once for all kernels that want it."""
    value, nbytes = ("contiguous", id(chain.output)), chain.output.nbytes
    if value not in context.lowered.temporaries:
        context.lowered.temporaries[value] = nbytes
        dispatches.append(computed(chain, value, context.native_half))
    return Span(value, 0, nbytes)


def in_words(
    group: Group, context: Context, lowering: Callable[[Group, Context], list[Dispatch]]
) -> list[Dispatch]:
    """What `lowering` makes of a group whose kernel stores single elements, where those of its
    output share words: the anchor's value goes through a temporary, float16 as float32."""
    anchor = group.anchor
    assert anchor is not None
    value = anchor
    if is_half(anchor.dtype):
        value = Node(
            anchor.kind, anchor.inputs, anchor.attributes, anchor.shape, float32, anchor.device
        )
        context.lowered.stand_ins.append(value)
    alone = Group(value, group.prologues, Chain(value, (), {}))
    epilogue = context.detached(group, value)
    dispatches = lowering(alone, context)
    return [*dispatches, computed(epilogue, id(group.output), context.native_half)]


def _computed_part(chain: Chain, first: int, count: int, native_half: bool) -> Dispatch:
    """`count` elements of what `chain` yields, from number `first` on."""
    source, output = Source(native_half), chain.output
    wide = _is_wide(count)

    def part(read: Read, view: View) -> tuple[Span, int]:
        itemsize = read.node.dtype.itemsize
        low, high = reach(view, first, count)
        low -= low % _ALIGNMENT
        return Span(id(read.node), low * itemsize, (high + 1 - low) * itemsize), low

    source.chain("element", chain, wide, part=part, first=first // 4 if wide else first)
    itemsize = output.dtype.itemsize
    write = Span(id(output), first * itemsize, count * itemsize)
    return element_kernel(_label(chain), write, output.dtype, source, len(chain.body), wide)


def _label(chain: Chain) -> str:
    return "+".join(node.kind for node in chain.body) or "copy"


def fill(output: Node, value: float, native_half: bool = False) -> Dispatch:
    """Every element of `output` is `value`."""
    source, wide = Source(native_half), _is_wide(output.size)
    returned = value_type(output.dtype, wide)
    number = literal(value, output.dtype)
    source.add(f"fn element(i: u32) -> {returned} {{ return {returned}({number}); }}\n")
    return element_kernel("fill", whole(output), output.dtype, source, 1, wide)


def _is_wide(size: int) -> bool:
    """Whether four neighbours are computed at once."""
    return size % 4 == 0


def element_kernel(
    label: str,
    write: Span,
    dtype: DType,
    source: Source,
    cost: int,
    wide: bool,
    elements: Elements = _SINGLE,
) -> Dispatch:
    """The kernel that writes `element(i)` of `source` everywhere (`wide`: four neighbours)."""
    size = write.size // dtype.itemsize
    packed = is_packed(dtype, source.native_half)
    together = 4 if wide else layout(dtype).per_word if packed else 1
    count = -(-size // together)
    each = elements.vectors if count % elements.vectors == 0 else 1
    invocations = count // each
    workgroups, row = grid(invocations, elements.workgroup)
    kernel = expand(
        "elementwise.wgsl",
        workgroup=elements.workgroup,
        each=each,
        row=f"{row}u",
        invocations=f"{invocations}u",
        stored=_stored(dtype, wide, source.native_half),
    )
    text = source.finished(kernel, dtype, size, wide)
    work = float(size * max(cost, 1))
    return Dispatch(label, text, workgroups, tuple(source.reads), write, work)


def _stored(dtype: DType, wide: bool, native_half: bool) -> str:
    """What the kernel writes at place `i` of the result."""
    if wide or not is_packed(dtype, native_half):
        return stored("element(i)", dtype, wide, native_half)
    # Lanes past the end hold anything that WGSL lets them read there: nobody looks. An index that
    # was clamped would tell compilers that it is small, see `literal`.
    per_word = layout(dtype).per_word
    lanes = (f"element({per_word}u * i + {lane}u)" for lane in range(per_word))
    return f"pack_{dtype.name}({', '.join(lanes)})"
