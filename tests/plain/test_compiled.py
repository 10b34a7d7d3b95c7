"""`webtensor.compile` on the CPU device: what is captured when, and what it refuses."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from tests.cases import capture
from webtensor import errors
from webtensor.compiled import Compiled

RANDOM = np.random.default_rng(7)


def tensor(*shape: int, dtype: str = "float32") -> wt.Tensor:
    return wt.asarray(RANDOM.normal(size=shape).astype(dtype), device="cpu")


def counted(function: Callable[..., Any]) -> tuple[Compiled, list[int]]:
    """`function` compiled, and a list that grows with each capture."""
    captures: list[int] = []

    def counting(*args: Any, **kwargs: Any) -> Any:
        captures.append(1)
        return function(*args, **kwargs)

    return wt.compile(counting), captures


def data(value: wt.Tensor) -> bytes:
    return np.asarray(value).tobytes()


def test_every_case_is_the_same_to_the_bit() -> None:
    assert asyncio.run(capture.differences("cpu")) == []


def test_the_comparison_of_captures_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def compile_wrongly(function: Callable[..., wt.Tensor]) -> Compiled:
        calls.append(1)
        return Compiled(lambda *operands: function(*operands) + 1)

    monkeypatch.setattr(wt, "compile", compile_wrongly)
    found = asyncio.run(capture.differences("cpu", "multiply random float32 67"))
    assert len(found) == len(calls) > 0, found


def test_a_call_captures_once_for_each_signature() -> None:
    step, captures = counted(lambda x, y: wt.tanh(x) @ y)
    for _ in range(3):
        for rows in (2, 3):
            x, y = tensor(rows, 5), tensor(5, 4)
            assert data(step.run(x, y)) == data(wt.tanh(x) @ y)
    assert len(captures) == 2
    x64, y64 = tensor(2, 5, dtype="float64"), tensor(5, 4, dtype="float64")
    assert data(step.run(x64, y64)) == data(wt.tanh(x64) @ y64)
    assert len(captures) == 3


def test_nested_arguments_and_results() -> None:
    def function(pair: Any, *, named: Any, shift: Any = None) -> Any:
        x, (y, scale) = pair
        z = x * scale + named["y"][0]
        return {"sum": z + y, "parts": (z, [x, None, y]), "shift": z if shift is None else z + 1}

    step, captures = counted(function)
    for scale in (0.5, -3.0):
        x, y, w = tensor(3), tensor(3), tensor(1)
        found = step.run([x, (y, scale)], named={"y": [w]})
        z = x * scale + w
        assert data(found["sum"]) == data(z + y)
        assert type(found["parts"]) is tuple
        assert data(found["parts"][0]) == data(z)
        assert found["parts"][1][1] is None
        assert data(found["parts"][1][0]) == data(x)
        assert data(found["parts"][1][2]) == data(y)
    assert len(captures) == 1
    step.run([x, (y, 1.0)], named={"y": [w]}, shift=True)
    step.run([x, (y, 1.0)], named={"y": [w]}, shift=1)
    assert len(captures) == 3, "True and 1 are different structures"


def test_ways_of_calling_are_apart() -> None:
    step, captures = counted(lambda *parts, **named: [*parts, *named.values()])
    x, y = tensor(2), tensor(2)
    assert [data(one) for one in step.run(x, a=y)] == [data(x), data(y)]
    assert [data(one["a"]) for one in step.run({"a": y}, {"a": x})] == [data(y), data(x)]
    found = step.run(x, {"a": y})
    assert [data(found[0]), data(found[1]["a"])] == [data(x), data(y)]
    assert [data(one) for one in step.run(b=x, a=y)] == [data(x), data(y)]
    assert [data(one) for one in step.run(a=x, b=y)] == [data(x), data(y)]
    assert [type(one) for one in step.run([x, y])] == [list]
    assert [type(one) for one in step.run((x, y))] == [tuple]
    assert [data(one) for one in step.run(x, y)] == [data(x), data(y)]
    assert len(captures) == 8


def test_floats_are_values_and_all_else_is_structure() -> None:
    step, captures = counted(lambda x, rate, axis: wt.sum(x * rate, axis=axis))
    x = tensor(4, 6)
    for rate in (0.1, 0.2, float("nan"), float("inf"), np.float64(0.3), np.float32(0.7), -0.0):
        for axis in (0, np.int64(1)):
            found = np.asarray(step.run(x, rate, axis))
            expected = np.asarray(wt.sum(x * float(rate), axis=int(axis)))
            assert found.tobytes() == expected.tobytes()
    assert len(captures) == 2


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_take_the_dtype_of_the_tensors(dtype: str) -> None:
    step = wt.compile(lambda x, rate: x * rate)
    x = tensor(9, dtype=dtype)
    found = step.run(x, 0.1)
    assert found.dtype.name == dtype
    assert data(found) == data(x * 0.1)
    assert wt.compile(lambda rate: rate + rate).run(0.1).dtype == wt.float32
    assert wt.compile(lambda x, rate: x * rate).run(x.astype("int32"), 0.5).dtype == wt.float32


def test_weights_are_bound_when_they_are_captured() -> None:
    holder = {"w": tensor(3, 3)}
    step = wt.compile(lambda x: x @ holder["w"])
    x, first = tensor(2, 3), holder["w"]
    expected = data(x @ first)
    assert data(step.run(x)) == expected
    holder["w"] = tensor(3, 3)
    del first
    assert data(step.run(x)) == expected
    other = tensor(4, 3)
    assert data(step.run(other)) == data(other @ holder["w"]), "captured later, bound later"


def test_results_of_earlier_calls_stay() -> None:
    step = wt.compile(lambda x: x * 2 + 1)
    x = tensor(5)
    results = [x]
    for _ in range(4):
        results.append(step.run(results[-1]))
    values = np.asarray(x)
    for result in results:
        assert np.asarray(result).tobytes() == values.tobytes()
        values = values * np.float32(2) + np.float32(1)


def test_arguments_that_are_returned_and_ones_that_are_not_used() -> None:
    x, y = tensor(3), tensor(4)
    same, number = wt.compile(lambda a, b, c: (a, c)).run(x, y, 2.5)
    assert data(same) == data(x)
    assert number.tolist() == 2.5
    again, twice, more = wt.compile(lambda a, b: (a, a, a + 1)).run(x, y)
    assert data(again) == data(twice) == data(x)
    assert data(more) == data(x + 1)
    closed = wt.compile(lambda a: y).run(x)
    assert data(closed) == data(y)


def test_lazy_arguments_are_computed_first() -> None:
    step, captures = counted(lambda x: x - 1)
    x = tensor(3)
    assert data(step.run(wt.exp(x) + 2)) == data((wt.exp(x) + 2) - 1)
    assert data(step.run(x)) == data(x - 1)
    assert len(captures) == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda x: x * float(wt.sum(x)),
        lambda x: x if wt.sum(x) > 0 else -x,
        lambda x: wt.asarray(np.asarray(x)),
        lambda x: x + x.tolist()[0],
        lambda x: x.to_device("cpu").to_device("webgpu").to_device("cpu") + 1,
        lambda x: [wt.compile(lambda y: y + 1).run(x)],
    ],
    ids=["float", "if", "numpy", "tolist", "to_device", "nested"],
)
def test_a_value_read_during_a_capture_is_an_error(read: Callable[[wt.Tensor], Any]) -> None:
    step = wt.compile(read)
    x = wt.asarray([1.0, 2.0])
    for _ in range(2):
        with pytest.raises(errors.CaptureError, match="not known"):
            step.run(x)
    assert wt.compile(lambda y: y + 1).run(x).tolist() == [2.0, 3.0]


def test_a_stand_in_that_got_out_says_what_it_is() -> None:
    caught = []

    def leaking(x: wt.Tensor) -> wt.Tensor:
        caught.append(x + 1)
        return x

    wt.compile(leaking).run(tensor(2))
    with pytest.raises(errors.CaptureError, match="outside of it"):
        caught[0].tolist()


def test_what_cannot_be_captured() -> None:
    async def asynchronous(x: wt.Tensor) -> wt.Tensor:
        return x

    x = tensor(2)
    with pytest.raises(errors.CaptureError, match="async def"):
        wt.compile(asynchronous).run(x)
    with pytest.raises(errors.CaptureError, match="not int"):
        wt.compile(lambda x: [x, 3]).run(x)
    with pytest.raises(errors.CaptureError, match="not list"):
        wt.compile([x])  # type: ignore[arg-type]
    with pytest.raises(errors.DtypeError, match="asarray"):
        wt.compile(lambda x, y: x).run(x, np.ones(3))
    with pytest.raises(errors.ShapeError, match="3"):
        wt.compile(lambda x, y: x + y).run(x, tensor(3))
    with pytest.raises(errors.DeviceError, match="one device"):
        wt.compile(lambda x, y: (x + 1, y + 1)).run(x, x.to_device("webnn"))
    with pytest.raises(errors.DeviceError, match="operands are on"):
        wt.compile(lambda x, y: x + y).run(x, x.to_device("webnn"))
    with pytest.raises(errors.DeviceUnavailableError, match="webnn"):
        wt.compile(lambda x: x + 1).run(x.to_device("webnn"))
    with pytest.raises(TypeError, match="missing"):
        wt.compile(lambda x, y: x).run(x)


def test_old_variants_go() -> None:
    step, captures = counted(lambda x, power: x**power)
    x = tensor(2)
    for power in range(17):
        step.run(x, power)
    assert len(captures) == 17
    step.run(x, 16)
    step.run(x, 1)
    assert len(captures) == 17
    step.run(x, 0)
    assert len(captures) == 18


def test_nothing_is_kept_alive_by_a_call() -> None:
    step = wt.compile(lambda x, y: x @ y + 1)
    kept = tensor(64, 64)
    step.run(kept, kept)
    gc.collect()
    gc.disable()
    try:
        before = wt.memory()["cpu"]["live"]
        for _ in range(3):
            result = step.run(kept, tensor(64, 64))
            assert result.shape == (64, 64)
        del result
        assert wt.memory()["cpu"]["live"] == before
    finally:
        gc.enable()


def test_it_is_a_decorator_and_concurrent_calls_capture_once() -> None:
    captures = []

    @wt.compile
    def step(x: wt.Tensor) -> wt.Tensor:
        """Doubles."""
        captures.append(1)
        return x * 2

    async def together() -> list[wt.Tensor]:
        return list(await asyncio.gather(*(step(wt.exp(one)) for one in tensors)))

    tensors = [tensor(3) for _ in range(5)]
    for found, x in zip(asyncio.run(together()), tensors, strict=True):
        assert data(found) == data(wt.exp(x) * 2)
    assert len(captures) == 1
    assert step.__name__ == "step"
    assert step.__doc__ == "Doubles."
    assert data(step.__wrapped__(tensors[0])) == data(tensors[0] * 2)


def test_another_default_device_is_another_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    step, captures = counted(lambda x: x + 1)
    x = wt.asarray([1.0, 2.0])
    wt.set_default_device("cpu")
    try:
        assert step.run(x).tolist() == [2.0, 3.0]
        wt.set_default_device("webnn")
        with pytest.raises(errors.DeviceUnavailableError):
            step.run(x)
        wt.set_default_device("cpu")
        assert step.run(x).tolist() == [2.0, 3.0]
    finally:
        wt.set_default_device(None)
    assert len(captures) == 1
