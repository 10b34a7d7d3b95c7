"""Pooling as WGSL."""

from __future__ import annotations

import math

from ...graph.fuse import Group
from .context import Context
from .convolution import placed, sizes, unsigned
from .kernel import WORKGROUP, Dispatch, Span, grid
from .layout import layout, type_name, value_type
from .source import literal, whole
from .template import expand

# How a window's elements are taken together; sums begin with 0, the largest below everything.
_JOINED = {
    "average_pool2d": "total + x",
    "l2_pool2d": "total + x * x",
    "max_pool2d": "maximum_{type}(total, x)",
}


def pooling(group: Group, context: Context) -> list[Dispatch]:
    """The dispatch of a group whose anchor is a pooling operator."""
    anchor, output = group.anchor, group.output
    assert anchor is not None
    (x,), (chain,), options, dtype = anchor.inputs, group.prologues, anchor.options, anchor.dtype
    read = chain.reads[id(x)]
    average = anchor.kind == "average_pool2d"
    source = context.source()
    source.plain("load_0", whole(read.node), x.dtype, False)
    source.chain("finish", group.epilogue, False, anchor)
    scalar = value_type(dtype, False)
    largest = anchor.kind == "max_pool2d"
    joined = _JOINED[anchor.kind].format(type=type_name(dtype, False))
    source.add(f"fn combine(total: {scalar}, x: {scalar}) -> {scalar} {{ return {joined}; }}\n")
    least = -math.inf if dtype.floating else -(2**31) * (dtype.kind == "int")
    # Whether padding counts: windows are counted by where they are in x, or in x with padding.
    top, bottom, left, right = options["padding"] if options.get("count_padding") else (0,) * 4
    height, width = x.shape[2:]
    numbers = {
        **sizes(anchor),
        **placed(read.view),
        "channels": x.shape[1],
        "window_height": options["window"][0],
        "window_width": options["window"][1],
        "rows_counted": height + top + bottom,
        "columns_counted": width + left + right,
        "uncounted_rows": options["padding"][0] - top,
        "uncounted_columns": options["padding"][2] - left,
    }
    workgroups, row = grid(anchor.size)
    kernel = expand(
        "pool2d.wgsl",
        **unsigned(numbers),
        type=layout(dtype).scalar,
        workgroup=WORKGROUP,
        row=f"{row}u",
        count=f"{anchor.size}u",
        initial=literal(least, dtype) if largest else f"{scalar}()",
        average=average,
        rooted=anchor.kind == "l2_pool2d",
    )
    return [
        Dispatch(
            "+".join([anchor.kind, *(node.kind for node in group.epilogue.body)]),
            source.finished(kernel, output.dtype, output.size, False),
            workgroups,
            tuple(source.reads),
            Span(id(output), 0, output.nbytes),
            float(anchor.size * math.prod(options["window"])),
        )
    ]
