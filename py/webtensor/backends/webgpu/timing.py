"""Running a plan with a clock on every dispatch, for profiles."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from ...host.base import GPU
from ...observe import GPU_CLOCK, WALL_CLOCK, Cost, Measurement, tell
from ...operators.custom import without_marks
from .kernel import Dispatch

if TYPE_CHECKING:
    from .backend import WebGPUBackend

# A kernel that only takes time: 64 invocations a workgroup, each 2 × 4096 operations.
_PROBE = """
@group(0) @binding(0) var<storage, read_write> sink: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
    var value = f32(lane + group.x + group.y);
    for (var round = 0u; round < 4096u; round++) {
        value = value * 1.0001 + 0.5;
    }
    sink[lane] = value;
}
"""
_PROBE_BYTES = 256
_PROBE_SECONDS = 0.008
_PROBE_GROWTH = 4
_TRIES = 3
_FEWEST_WORKGROUPS, _MOST_WORKGROUPS = 16, 1 << 20
_MOST_PER_ROW = 1 << 15
# A clock that is right shows most of what the wall clock does, and never more.
_LEAST_SHARE, _MOST_SHARE = 0.25, 1.1


def cost_of(dispatch: Dispatch) -> Cost:
    """What a plan keeps of a dispatch for profiles."""
    nbytes = dispatch.write.size + sum(span.size for span in dict.fromkeys(dispatch.reads))
    return Cost(without_marks(dispatch.label), dispatch.cost, nbytes)


async def run_timed(
    backend: WebGPUBackend,
    plan: int,
    costs: Sequence[Cost],
    buffers: Sequence[int],
    numbers: Sequence[tuple[int, float]],
) -> None:
    """Run a recorded plan, after writing `numbers` as (buffer, value), and tell what each dispatch
    took: by the GPU's clock where it has a usable one, else by the wall clock, one by one."""
    gpu = backend.gpu
    if backend.timestamps is None:
        offered = bool(backend.info().details["timestamps"])
        backend.timestamps = offered and await _clock_is_right(gpu)
    clock = GPU_CLOCK if backend.timestamps else WALL_CLOCK
    if not backend.timestamps:
        await gpu.synchronize()  # what was queued before must not count
    for buffer, value in numbers:
        gpu.write(buffer, struct.pack("<f", value))
    remaining = iter(costs)
    run = gpu.begin_timed(plan, buffers)
    try:
        while True:
            begin = perf_counter()
            times = await gpu.step_timed(run, backend.timestamps)
            if not times:
                break
            for (offset, elapsed), cost in zip(times, remaining, strict=False):
                tell(
                    Measurement(
                        backend.name,
                        cost.label,
                        clock,
                        begin + offset / 1e3,
                        elapsed / 1e3,
                        cost.operations,
                        cost.nbytes,
                    )
                )
    finally:
        gpu.abandon(run)


async def _clock_is_right(gpu: GPU) -> bool:
    """Whether the GPU's timestamps tell what a kernel takes, tried on one of some milliseconds.

    Some drivers have the feature and give zeros, or ticks that are no nanoseconds.
    """
    (buffer,) = await gpu.create_buffers([_PROBE_BYTES])
    (pipeline,) = await gpu.create_pipelines([(_PROBE, 0)])
    try:
        workgroups = _FEWEST_WORKGROUPS
        await _probe(gpu, pipeline, buffer, workgroups)  # drivers compile at the first dispatch
        tries = _TRIES
        while tries:
            seconds, told = await _probe(gpu, pipeline, buffer, workgroups)
            if seconds < _PROBE_SECONDS and workgroups < _MOST_WORKGROUPS:
                workgroups *= _PROBE_GROWTH
            elif _LEAST_SHARE * seconds <= told <= _MOST_SHARE * seconds:
                return True
            else:
                tries -= 1
        return False
    finally:
        gpu.release_pipeline(pipeline)
        gpu.destroy_buffers([buffer])


async def _probe(gpu: GPU, pipeline: int, buffer: int, workgroups: int) -> tuple[float, float]:
    """Seconds by the wall clock and by the GPU's."""
    x = min(workgroups, _MOST_PER_ROW)
    plan = gpu.record([(1, pipeline, x, workgroups // x, 1, 0, 0, _PROBE_BYTES)])
    run = gpu.begin_timed(plan, [buffer])
    try:
        begin = perf_counter()
        ((_, told),) = await gpu.step_timed(run, True)
        return perf_counter() - begin, told / 1e3
    finally:
        gpu.abandon(run)
        gpu.release(plan)
