"""Profiles of the CPU device, which is always there; the table, the picture, the trace."""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import webtensor as wt
from webtensor import errors, observe
from webtensor.observe import GPU_CLOCK, WALL_CLOCK, Measurement


def random(*shape: int) -> wt.Tensor:
    values = np.random.default_rng(shape).normal(size=shape).astype(np.float32)
    return wt.asarray(values, device="cpu")


def told(*measurements: Measurement) -> wt.Profile:
    with wt.profile() as p:
        for one in measurements:
            observe.tell(one)
    return p


def gpu(label: str, milliseconds: float, operations: float = 0, nbytes: int = 0) -> Measurement:
    return Measurement("webgpu", label, GPU_CLOCK, 1.0, milliseconds / 1e3, operations, nbytes)


def test_every_operator_is_measured() -> None:
    x, y = random(64, 96), random(96, 32)
    with wt.profile() as p:
        result = np.asarray(wt.sum(wt.tanh(x @ y), axis=1))
    assert result.shape == (64,)
    rows = {row.label: row for row in p.kernels}
    assert set(rows) == {"matmul", "tanh", "sum"}
    assert rows["matmul"].operations == 2 * 64 * 96 * 32
    assert rows["matmul"].nbytes == 4 * (64 * 96 + 96 * 32 + 64 * 32)
    assert rows["sum"].operations == 64 * 32
    for row in rows.values():
        assert (row.device, row.calls, row.source) == ("cpu", 1, WALL_CLOCK)
        assert row.total_ms == row.mean_ms > 0
        assert row.bytes_per_second == pytest.approx(row.nbytes / row.mean_ms * 1e3)
        assert row.flops_per_second == pytest.approx(row.operations / row.mean_ms * 1e3)
        assert row.share is None
    assert p.total_ms == pytest.approx(sum(row.total_ms for row in rows.values()))


def test_nothing_is_measured_outside() -> None:
    p = wt.profile()
    random(3).tolist()
    with p:
        pass
    (random(3) + 1).tolist()
    assert p.kernels == []
    assert not observe.listening()
    assert "nothing ran" in str(p)
    ElementTree.fromstring(p.svg())
    assert json.loads(p.chrome_trace())["traceEvents"]


def test_profiles_nest_and_the_outer_one_sees_all() -> None:
    with wt.profile() as outer:
        (random(3) + 1).tolist()
        with wt.profile() as inner:
            (random(3) * 2).tolist()
        wt.exp(random(3)).tolist()
    assert {row.label for row in inner.kernels} == {"multiply"}
    assert {row.label for row in outer.kernels} == {"add", "multiply", "exp"}


def test_a_profile_opens_once_at_a_time_and_ends_with_an_error() -> None:
    p = wt.profile()
    with p:
        with pytest.raises(errors.ProfileError, match="open already"):
            with p:
                pass
        (random(3) + 1).tolist()
    with pytest.raises(errors.ShapeError), p:
        (random(3) + 2).tolist() and random(3) + random(4)
    assert not observe.listening()
    assert sum(row.calls for row in p.kernels) == 2


def test_asynchronous_code_works_inside() -> None:
    async def work() -> wt.Profile:
        with wt.profile() as p:
            await asyncio.gather(*((random(8) + number).numpy() for number in range(4)))
        return p

    (row,) = asyncio.run(work()).kernels
    assert (row.label, row.calls) == ("add", 4)


def test_calls_of_one_size_are_one_row_and_the_longest_comes_first() -> None:
    p = told(gpu("a", 1, 1000, 40), gpu("b", 5, 1000, 40), gpu("a", 3, 1000, 40), gpu("a", 9, 9, 9))
    assert [(row.label, row.calls, round(row.total_ms, 9)) for row in p.kernels] == [
        ("a", 1, 9.0),
        ("b", 1, 5.0),
        ("a", 2, 4.0),
    ]
    assert p.kernels[2].mean_ms == pytest.approx(2)
    assert p.kernels[2].warm_ms == pytest.approx(3), "the first call may compile"
    assert p.kernels[2].flops_per_second == pytest.approx(1000 / 3e-3)


def test_a_clock_that_saw_no_time_pass_gives_no_rate() -> None:
    p = told(gpu("quick", 0, 1000, 40))
    assert math.isnan(p.kernels[0].flops_per_second)
    assert math.isnan(p.kernels[0].bytes_per_second)
    assert "nan" not in str(p)
    assert "nan" not in p.svg()


def test_the_table_is_aligned_and_says_whose_clock_it_was() -> None:
    p = told(gpu("matmul", 2, 4e9, 10**6), gpu("x" * 90, 1.5), gpu("sum", 0.123, 1e6, 10**6))
    with p:
        (random(3) + 1).tolist()
    lines = str(p).splitlines()
    assert lines[0].split()[:3] == ["kernel", "device", "calls"]
    assert lines[0].split()[-4:] == ["GFLOP/s", "GB/s", "roofline", "by"]
    assert lines[2].split()[:7] == [
        *("matmul", "webgpu", "1", "2.000", "2.0000", "2.0000", "2000.00")
    ]
    column = lines[0].index("by")
    assert [line[column:] for line in lines[2:6]] == [GPU_CLOCK] * 3 + [WALL_CLOCK]
    assert "…" in lines[3]
    assert "4 kernel(s)" in lines[6]
    assert lines[7].startswith(GPU_CLOCK)
    assert lines[8].startswith(WALL_CLOCK)


def test_a_clock_in_coarse_steps_is_told_of() -> None:
    assert "gpu timestamps: steps of 0.1 ms" in str(told(gpu("a", 0.1), gpu("b", 0.3), gpu("c", 0)))
    assert "steps" not in str(told(gpu("a", 0.10321), gpu("b", 0.3)))
    wall = [Measurement("cpu", "a", WALL_CLOCK, 0, seconds, 1, 1) for seconds in (2e-3, 3e-3)]
    assert "wall clock: steps of 1 ms" in str(told(*wall))


def test_the_picture_has_a_bar_for_each_kernel() -> None:
    p = told(gpu("a<b>&", 4, 1e6, 100), gpu("c", 1), gpu("d", 2))
    root = ElementTree.fromstring(p.svg())
    name = "{http://www.w3.org/2000/svg}"
    shown = [one.text or "" for one in root.iter(f"{name}text")]
    assert shown[0] == "7.000 ms in 3 kernel(s)"
    assert f"webgpu, by {GPU_CLOCK}" in shown
    assert [text for text in shown if text in ("a<b>&", "d", "c")] == ["a<b>&", "d", "c"]
    bars = [one for one in root.iter(f"{name}rect") if one.attrib["height"] == "16.0"]
    widths = [float(one.attrib["width"]) for one in bars]
    assert widths == pytest.approx([240, 120, 60])
    many = told(*(gpu(f"kernel {number}", 1 + number) for number in range(40)))
    assert "16 more" in many.svg()
    assert p._repr_svg_() == p.svg()


def events(p: wt.Profile) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(p.chrome_trace())["traceEvents"]
    return found


def test_the_trace_is_what_perfetto_reads() -> None:
    p = told(
        Measurement("webgpu", 'a "quoted" – name', GPU_CLOCK, 10.5, 0.002, 7, 8),
        Measurement("cpu", "b", WALL_CLOCK, 10.25, 0.125, 9, 10),
    )
    named = [one for one in events(p) if one["ph"] == "M"]
    assert [one["args"]["name"] for one in named] == [
        "webtensor",
        "webgpu (gpu timestamps)",
        "cpu (wall clock)",
    ]
    first, second = (one for one in events(p) if one["ph"] == "X")
    assert first["name"] == 'a "quoted" – name'
    assert first["ts"] == pytest.approx(250000)
    assert first["dur"] == pytest.approx(2000)
    assert second["ts"] == 0
    assert first["tid"] != second["tid"]
    assert first["pid"] == second["pid"]
    assert first["args"] == {"operations": 7, "bytes": 8, "time by": GPU_CLOCK}


def test_the_roofline_is_measured_once_and_gives_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    with wt.profile() as p:
        np.asarray(random(300, 300) @ random(300, 300))
    best = asyncio.run(p.roofline())
    assert set(best) == {"cpu"}
    assert best["cpu"].operations_per_second > 1e7
    assert best["cpu"].bytes_per_second > 1e7
    assert asyncio.run(wt.roofline("cpu")) is best["cpu"]
    (row,) = p.kernels
    assert row.share == pytest.approx(
        max(
            row.operations / best["cpu"].operations_per_second,
            row.nbytes / best["cpu"].bytes_per_second,
        )
        / (row.mean_ms / 1e3)
    )
    assert f"{row.share:.0%}" in str(p)
    assert "of roofline" in p.svg()
    assert len(p.measurements) == 1, "measuring the roofline is not part of the profile"


def test_a_custom_kernel_goes_by_its_name() -> None:
    cube = wt.Kernel.elementwise("x * x * x", name="cube", reference=lambda x: x**3)
    with wt.profile() as p:
        cube(random(5)).tolist()
    assert [row.label for row in p.kernels] == ["cube"]
