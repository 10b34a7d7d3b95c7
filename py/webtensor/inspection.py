"""Looking into the machine: what a graph becomes, and the WGSL that runs."""

from __future__ import annotations

from . import discovery
from .backends.webgpu.backend import WebGPUBackend
from .backends.webgpu.matmul import plain_source
from .backends.webgpu.variants import HARDWARE
from .dtypes import float32
from .graph.fuse import Group, fuse
from .graph.node import CONSTANT, topological
from .graph.simplify import simplify
from .tensor import Tensor


def explain(*tensors: Tensor) -> str:
    """What computing `tensors` takes: the graph, its kernels, where they run, bytes moved.

    Runs nothing.
    """
    outputs = simplify([tensor._node for tensor in tensors])
    nodes = topological(outputs)
    computed = [node for node in nodes if not node.is_leaf and node.kind != CONSTANT]
    groups = fuse(outputs)
    lines = [
        f"{len(computed)} operator(s) in {len(groups)} kernel(s)"
        f" on {', '.join(sorted({tensor.device for tensor in tensors}))}"
    ]
    lines += [_line(number, group) for number, group in enumerate(groups, 1)]
    moved = sum(_bytes_moved(group) for group in groups)
    lines.append(f"{moved:,} bytes read and written by kernels")
    if not computed:
        lines.append("nothing to compute: the values are there")
    return "\n".join(lines)


def _line(number: int, group: Group) -> str:
    kinds = " → ".join(node.kind for node in group.body) or "copy"
    reads = ", ".join(
        f"{read.node.dtype.name}{list(read.view.shape)}"
        + ("" if read.view.contiguous else " strided")
        for read in group.reads.values()
    )
    output = group.output
    return f"  {number}. {kinds}: {reads} → {output.dtype.name}{list(output.shape)}"


def _bytes_moved(group: Group) -> int:
    return group.output.nbytes + sum(read.node.nbytes for read in group.reads.values())


def matmul_wgsl(m: int, n: int, k: int) -> str:
    """The WGSL that multiplies float32 matrices (m × k) and (k × n) on the present adapter.

    Without an adapter, the kernel for hardware GPUs.
    """
    found = discovery.present("webgpu")
    adapter = found.adapter if isinstance(found, WebGPUBackend) else HARDWARE
    return plain_source(m, n, k, float32, adapter.product(m, n))
