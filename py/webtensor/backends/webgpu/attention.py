"""Attention as WGSL: one kernel, with online softmax, in bands of tiles where it is large."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...dtypes import uint32
from ...graph.fuse import MAX_READS, Chain, Group
from ...graph.node import Node
from ...graph.views import View
from .bands import band_numbers
from .context import Context
from .elementwise import computed, copied, fill
from .kernel import Dispatch, Span, index_expression, workgroup_grid
from .layout import load
from .source import Source, literal, whole
from .template import expand
from .variants import Adapter

# WebGPU guarantees this much workgroup memory.
_WORKGROUP_BYTES = 16384
# Where invocations share tiles: queries to a workgroup, and the most keys in a tile.
_SHARED_ROWS = 64
_SHARED_KEYS = 32
_MANY_KEYS = 8192
# Where they do not: the most queries that one computes, and vectors of queries and results that it
# holds (the kernel has a line for each); from how many tiles on workgroups are whole ones.
_MOST_ROWS = 8
_MOST_VECTORS = 256
_MANY_TILES = 64


@dataclass(frozen=True)
class _Operand:
    """Queries, keys or values as the kernel reads them.

    Attributes:
        heads: where each head begins, in elements: a view over the batch axes and the heads.
        stride: from one position to the next.
        size: of one position.
        elements: of the whole buffer.
    """

    span: Span
    heads: View
    stride: int
    size: int
    elements: int

    @property
    def wide(self) -> bool:
        """Whether four neighbours are a vector of the buffer."""
        steps = (*self.heads.strides, self.heads.offset, self.stride, self.size, self.elements)
        return not any(step % 4 for step in steps)

    @property
    def vectors(self) -> int:
        return -(-self.size // 4)


@dataclass(frozen=True)
class _Attention:
    """One attention.

    Attributes:
        operands: queries, keys and values.
        mask: the mask's node and how it lies under (…, heads, queries, keys), or None.
        length, keys, heads: queries and keys per head, and heads in all.
        scale, causal: the operator's attributes.
    """

    operands: tuple[_Operand, _Operand, _Operand]
    mask: tuple[Node, View] | None
    length: int
    keys: int
    heads: int
    scale: float
    causal: bool

    @property
    def cost(self) -> float:
        """Operations of a query."""
        query, _, value = self.operands
        return 2.0 * self.keys * (query.size + value.size + 4)


@dataclass(frozen=True)
class _Shape:
    """How the kernel divides its work.

    Attributes:
        shared: whether a workgroup's invocations share tiles of keys and values.
        rows: queries of an invocation.
        keys: keys that are taken in together.
        workgroup: invocations of a workgroup.
        step: the most vectors of a position in a round of the inner loop.
    """

    shared: bool
    rows: int
    keys: int
    workgroup: int
    step: int

    @property
    def tile(self) -> int:
        """Queries that `wgsl/attention_*.wgsl` counts as one."""
        return self.workgroup if self.shared else self.rows


def attention(group: Group, context: Context) -> list[Dispatch]:
    """The dispatches of a group whose anchor is attention."""
    anchor = group.anchor
    assert anchor is not None
    query, key = anchor.inputs[:2]
    if key.shape[-2] == 0:
        return _with_epilogue([fill(anchor, 0)], group, context)
    dispatches: list[Dispatch] = []
    first, second, third = (
        _operand(chain, node, query.shape[:-2], context, dispatches)
        for chain, node in zip(group.prologues[:3], anchor.inputs[:3], strict=True)
    )
    mask = None
    if len(anchor.inputs) == 4:
        read = group.prologues[3].reads[id(anchor.inputs[3])]
        mask = (read.node, read.view)
    whole_attention = _Attention(
        (first, second, third),
        mask,
        query.shape[-2],
        key.shape[-2],
        math.prod(query.shape[:-2]),
        anchor.options["scale"],
        anchor.options["causal"],
    )
    shape = _shape(whole_attention, context.adapter)
    tiles = whole_attention.heads * -(-whole_attention.length // shape.tile)
    band = max(int(context.adapter.band_cost / (whole_attention.cost * shape.tile)), 1)
    if band >= tiles:
        source = context.source()
        return [
            *dispatches,
            _dispatch(whole_attention, shape, group.epilogue, anchor, None, tiles, source),
        ]
    count = -(-tiles // band)
    before, numbers = band_numbers(context, count)
    dispatches += before
    takes_epilogue = len(group.reads) < MAX_READS
    epilogue = group.epilogue if takes_epilogue else Chain(anchor, (), {})
    for number in numbers:
        source = context.source()
        dispatches.append(_dispatch(whole_attention, shape, epilogue, anchor, number, band, source))
    return dispatches if takes_epilogue else _with_epilogue(dispatches, group, context)


def _with_epilogue(dispatches: list[Dispatch], group: Group, context: Context) -> list[Dispatch]:
    """`dispatches`, which compute the anchor, and what makes the group's output from it."""
    if not group.epilogue.body:
        return dispatches
    return [*dispatches, computed(context.detached(group), id(group.output))]


def _operand(
    chain: Chain, node: Node, batch: tuple[int, ...], context: Context, dispatches: list[Dispatch]
) -> _Operand:
    """How the kernel sees an operand; one whose positions are not contiguous is copied first."""
    read = chain.reads[id(node)]
    view, span, elements = read.view, whole(read.node), read.node.size
    if node.shape[-1] != 1 and view.strides[-1] != 1:
        span = copied(chain, context, dispatches)
        view, elements = View.of(node.shape), node.size
    return _Operand(span, _heads(view, batch), view.strides[-2], node.shape[-1], elements)


def _heads(view: View, batch: tuple[int, ...]) -> View:
    """Where heads begin, several of the batch's sharing one where `view` has fewer."""
    shape, strides = view.shape[:-2], view.strides[:-2]
    if shape == batch:
        return View(shape, strides, view.offset)
    shared = batch[-1] // shape[-1]
    return View((*shape, shared), (*strides, 0), view.offset)


def _shape(attention: _Attention, adapter: Adapter) -> _Shape:
    """How much an invocation does: what it loads serves many queries, but registers are few."""
    # Rounds of the inner loops, of which some adapters allow no more in all.
    step = 4 if attention.keys < _MANY_KEYS else 16
    if adapter.shares_rows:
        return _Shape(True, 1, 4, _SHARED_ROWS, step)
    query, _, value = attention.operands
    rows, keys = 2, 4
    if adapter.unrolls:
        vectors = query.vectors + value.vectors
        rows, keys, step = max(min(_MOST_ROWS, _MOST_VECTORS // vectors), 1), 2, 64
    rows = min(rows, attention.length)
    tiles = attention.heads * -(-attention.length // rows)
    return _Shape(False, rows, keys, 16 if tiles >= _MANY_TILES else 4, step)


def _dispatch(
    attention: _Attention,
    shape: _Shape,
    epilogue: Chain,
    anchor: Node,
    place: Span | None,
    band: int,
    source: Source,
) -> Dispatch:
    source.needs(anchor.dtype, wide=False)
    if shape.shared:
        workgroups, row = workgroup_grid(band)
    else:
        workgroups, row = workgroup_grid(-(-band // shape.workgroup))
        row *= shape.workgroup
    first_tile = "0u"
    if place is not None:
        first_tile = f"{source.bind(place, uint32)}[0] * BAND"
    text = _text(attention, shape, epilogue, anchor, first_tile, row, band, source)
    dtype = epilogue.output.dtype
    size = attention.operands[0].size
    label = f"attention {attention.heads}×{attention.length}×{attention.keys}×{size}"
    return Dispatch(
        "+".join([label, *(node.kind for node in epilogue.body)]),
        text,
        workgroups,
        tuple(source.reads),
        Span(id(epilogue.output), 0, anchor.size * dtype.itemsize),
        attention.cost * min(band * shape.tile, attention.heads * attention.length),
    )


def _text(
    attention: _Attention,
    shape: _Shape,
    epilogue: Chain,
    anchor: Node,
    first_tile: str,
    row: int,
    band: int,
    source: Source,
) -> str:
    query, key, value = attention.operands
    offsets = []
    for name, operand in (("query", query), ("key", key), ("value", value)):
        buffer = source.bind(operand.span, anchor.dtype, operand.wide)
        source.add(
            expand(
                "attention_operand.wgsl",
                operand=name,
                buffer=buffer,
                size=f"{operand.size}u",
                wide=operand.wide,
                whole=operand.size % 4 == 0,
            )
        )
        offsets.append(_offset(name, operand.heads))
    settings: dict[str, object] = {"masks": attention.mask is not None, "adds": False}
    if attention.mask is not None:
        node, view = attention.mask
        buffer = source.bind(whole(node), node.dtype)
        source.needs(node.dtype, wide=False)
        offsets.append(_offset("mask", View(view.shape[:-2], view.strides[:-2], view.offset)))
        settings["adds"] = node.dtype.floating
        settings["mask_element"] = load(buffer, "at", node.dtype, source.native_half)
        settings["mask_row_stride"], settings["mask_key_stride"] = map(_stride, view.strides[-2:])
    vectors = value.size % 4 == 0
    source.chain("finish", epilogue, vectors, anchor)
    settings |= {
        "guarded": attention.mask is not None or attention.causal,
        "causal": attention.causal,
        "rows": shape.rows,
        "tiled": shape.shared,
        **_loop("query", query.vectors, shape),
        **_loop("value", value.vectors, shape),
        "vectors": vectors,
        "row": f"{row}u",
        "workgroup": shape.workgroup,
        "first_tile": first_tile,
    }
    scores = expand(
        "attention_scores.wgsl",
        length=f"{attention.length}u",
        key_count=f"{attention.keys}u",
        tile=f"{shape.tile}u",
        heads=f"{attention.heads}u",
        band=f"{band}u",
        query_stride=_stride(query.stride),
        key_stride=_stride(key.stride),
        value_stride=_stride(value.stride),
        value_size=f"{value.size}u",
        offsets="\n".join(offsets),
        scale=literal(attention.scale, anchor.dtype),
        **settings,
    )
    tile_keys = _SHARED_KEYS
    while 16 * tile_keys * (query.vectors + value.vectors) > _WORKGROUP_BYTES:
        tile_keys //= 2
    kernel = expand(
        "attention_tiled.wgsl" if shape.shared else "attention_direct.wgsl",
        block=expand("attention_block.wgsl", keys=shape.keys, **settings),
        single=expand("attention_block.wgsl", keys=1, **settings),
        keys=shape.keys,
        tile_keys=tile_keys,
        rest=attention.keys % shape.keys != 0 or (attention.causal and 4 * shape.tile % shape.keys),
        **settings,
    )
    return source.finished(scores + kernel, epilogue.output.dtype, anchor.size, vectors)


def _loop(name: str, vectors: int, shape: _Shape) -> dict[str, object]:
    """How the kernel goes through the vectors of a position: so many at a time."""
    step = max(one for one in range(1, min(vectors, shape.step) + 1) if vectors % one == 0)
    return {f"{name}_vectors": vectors, f"{name}_step": step, f"{name}_rolled": step < vectors}


def _offset(name: str, heads: View) -> str:
    return f"fn {name}_offset(head: u32) -> u32 {{ return {index_expression(heads, 'head')}; }}"


def _stride(stride: int) -> str:
    """A stride in u32's arithmetic, in which backward ones wrap around."""
    return f"{stride % 2**32}u"
