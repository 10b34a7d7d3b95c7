"""Convolutions as WGSL: how the data and the filter lie, tiles, and bands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ...dtypes import uint32
from ...graph.fuse import MAX_READS, Chain, Group
from ...graph.node import Node
from ...graph.views import View
from .bands import band_numbers
from .context import Context
from .elementwise import computed
from .kernel import WORKGROUP, Dispatch, Span, grid
from .layout import layout
from .source import whole
from .template import expand
from .variants import Tile

# Taps of one kernel column whose products are one sum; a higher filter takes several steps.
_MOST_TAPS = 7


def convolution(group: Group, context: Context) -> list[Dispatch]:
    """The dispatches of a group whose anchor is a convolution."""
    return _dispatches(group, context, context.adapter.convolution)


def transposed_convolution(group: Group, context: Context) -> list[Dispatch]:
    """The dispatches of a group whose anchor is a transposed convolution."""
    tile = context.adapter.convolution
    return _dispatches(group, context, Tile(1, tile.channels))


@dataclass(frozen=True)
class _Work:
    """What the invocations of one convolution do.

    Attributes:
        rows, channels: of the result, per invocation.
        row_blocks, channel_blocks: how many invocations share a column; a group's channels.
        count: invocations.
        cost: floating-point operations of all of them.
    """

    rows: int
    channels: int
    row_blocks: int
    channel_blocks: int
    count: int
    cost: float

    @classmethod
    def of(cls, anchor: Node, tile: Tile) -> _Work:
        batch, outputs, height, width = anchor.shape
        groups = anchor.options["groups"]
        channels, rows = _share(outputs // groups, tile.channels), _share(height, tile.rows)
        row_blocks, channel_blocks = -(-height // rows), -(-(outputs // groups) // channels)
        count = batch * groups * channel_blocks * row_blocks * width
        weight = anchor.inputs[1]
        # Each element of the filter meets every element of the result's channel, or of the data's.
        met = anchor if anchor.kind == "conv2d" else anchor.inputs[0]
        cost = 2.0 * met.size * weight.size / weight.shape[0]
        return cls(rows, channels, row_blocks, channel_blocks, count, cost)

    def is_whole(self, anchor: Node) -> bool:
        """Whether no invocation computes anything past the result."""
        outputs = anchor.shape[1] // anchor.options["groups"]
        return outputs % self.channels == 0 and anchor.shape[2] % self.rows == 0


def _share(size: int, most: int) -> int:
    """How many of `size` an invocation takes, so that the last one has hardly less to do."""
    return -(-size // -(-size // most))


def _dispatches(group: Group, context: Context, tile: Tile) -> list[Dispatch]:
    anchor = group.anchor
    assert anchor is not None
    work = _Work.of(anchor, tile)
    bands = max(math.ceil(work.cost / context.adapter.band_cost), 1)
    # A band is as many whole workgroups as the others, the last one perhaps less.
    band = -(-work.count // (bands * WORKGROUP)) * WORKGROUP
    bands = -(-work.count // band)
    epilogue = group.epilogue
    if bands == 1:
        return [_dispatch(group, epilogue, work, band, None, context)]
    before, numbers = band_numbers(context, bands)
    after = []
    if len({id(read.node) for read in group.reads.values()}) >= MAX_READS:
        detached = context.detached(group)
        after.append(computed(detached, id(group.output), context.native_half))
        epilogue = Chain(anchor, (), {})
    parts = (_dispatch(group, epilogue, work, band, one, context) for one in numbers)
    return [*before, *parts, *after]


def _dispatch(
    group: Group,
    epilogue: Chain,
    work: _Work,
    band: int,
    number: Span | None,
    context: Context,
) -> Dispatch:
    """The kernel for `band` invocations: those from the band's number times `band` on."""
    anchor, output = group.anchor, epilogue.output
    assert anchor is not None
    source = context.source()
    for place, (operand, chain) in enumerate(zip(anchor.inputs, group.prologues, strict=True)):
        read = chain.reads[id(operand)]
        source.plain(f"load_{place}", whole(read.node), read.node.dtype, False)
    source.chain("finish", epilogue, False, anchor)
    first = "0u" if number is None else f"{source.bind(number, uint32)}[0] * {band}u"
    workgroups, row = grid(min(band, work.count))
    values = {
        **_geometry(group, anchor),
        "whole_blocks": work.is_whole(anchor),
        "row_blocks": f"{work.row_blocks}u",
        "channel_blocks": f"{work.channel_blocks}u",
        "invocations": f"{work.count}u",
        "rows": work.rows,
        "channels": work.channels,
        "workgroup": WORKGROUP,
        "first": first,
        "row": f"{row}u",
    }
    kernel = expand("conv2d_place.wgsl", **values) + _kernel(anchor, work, values)
    return Dispatch(
        "+".join([anchor.kind, *(node.kind for node in epilogue.body)]),
        source.finished(kernel, output.dtype, output.size, False),
        workgroups,
        tuple(source.reads),
        Span(id(output), 0, output.nbytes),
        work.cost * min(band / work.count, 1.0),
    )


def _kernel(anchor: Node, work: _Work, values: dict[str, Any]) -> str:
    if anchor.kind != "conv2d":
        return expand("conv2d_transposed.wgsl", **values)
    height = anchor.inputs[1].shape[2]
    taps = max(most for most in range(1, _MOST_TAPS + 1) if height % most == 0)
    stride, dilation = anchor.options["strides"][0], anchor.options["dilations"][0]
    rows_in = (work.rows - 1) * stride + (taps - 1) * dilation + 1
    padded = any(anchor.options["padding"])
    return expand("conv2d.wgsl", **values, taps=taps, rows_in=rows_in, padded=padded)


def _geometry(group: Group, anchor: Node) -> dict[str, Any]:
    """The numbers of a convolution: sizes, options, and how its operands lie."""
    x, weight = anchor.inputs
    options = anchor.options
    groups = options["groups"]
    outputs = anchor.shape[1]
    data, filters = (
        chain.reads[id(operand)].view
        for operand, chain in zip(anchor.inputs, group.prologues, strict=True)
    )
    # A filter's first axis is that of the output channels, a transposed one's of the input's.
    out, into = (0, 1) if anchor.kind == "conv2d" else (1, 0)
    numbers = {
        "channels_in": x.shape[1] // groups,
        "channels_out": outputs // groups,
        "channels_out_all": outputs,
        "groups": groups,
        "kernel_height": weight.shape[2],
        "kernel_width": weight.shape[3],
        **placed(data),
        "w_offset": filters.offset,
        "w_group": weight.shape[0] // groups * filters.strides[0],
        "w_out": filters.strides[out],
        "w_in": filters.strides[into],
        "w_row": filters.strides[2],
        "w_column": filters.strides[3],
        **sizes(anchor),
    }
    return {"type": layout(anchor.dtype).scalar, **unsigned(numbers)}


def sizes(anchor: Node) -> dict[str, int]:
    """What windows over two axes have in common."""
    options, data = anchor.options, anchor.inputs[0]
    return {
        "width_in": data.shape[3],
        "height_in": data.shape[2],
        "width_out": anchor.shape[3],
        "height_out": anchor.shape[2],
        "stride_y": options["strides"][0],
        "stride_x": options["strides"][1],
        "dilation_y": options["dilations"][0],
        "dilation_x": options["dilations"][1],
        "top": options["padding"][0],
        "left": options["padding"][2],
    }


def placed(view: View) -> dict[str, int]:
    """How the elements of (N, C, H, W) lie."""
    names = ("x_batch", "x_channel", "x_row", "x_column")
    return {"x_offset": view.offset, **dict(zip(names, view.strides, strict=True))}


def unsigned(numbers: dict[str, int]) -> dict[str, str]:
    """In WGSL; backward strides are what they are modulo 2³², in which u32 computes."""
    return {name: f"{number % 2**32}u" for name, number in numbers.items()}
