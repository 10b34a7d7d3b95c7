"""The Array API's namespace: inspection, types, creation, and operators in place."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import errors
from webtensor.backends.webgpu.layout import LAYOUTS
from webtensor.dtypes import ALL

INFO = wt.__array_namespace_info__()


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBTENSOR_DEVICE", "cpu")


def test_the_namespace_describes_itself() -> None:
    x = wt.asarray([1.0])
    assert wt.__array_api_version__ == "2025.12"
    assert x.__array_namespace__() is wt
    assert x.__array_namespace__(api_version="2022.12") is wt
    with pytest.raises(errors.OptionError, match=r"2025\.12"):
        x.__array_namespace__(api_version="2031.12")
    assert INFO.capabilities() == {
        "boolean indexing": True,
        "data-dependent shapes": True,
        "max dimensions": 64,
    }
    assert wt.ones((1,) * 64).shape == tuple(np.asarray(wt.ones((1,) * 64)).shape)
    assert INFO.default_device() == "cpu"
    assert INFO.default_dtypes() == {
        "real floating": wt.asarray(1.0).dtype,
        "complex floating": wt.asarray(1j).dtype,
        "integral": wt.asarray(1).dtype,
        "indexing": wt.argmax(x).dtype,
    }
    with pytest.raises(errors.DeviceUnavailableError):
        INFO.default_dtypes(device="tpu")
    assert (wt.e, wt.pi, wt.inf) == (math.e, math.pi, math.inf)
    assert math.isnan(wt.nan)
    assert wt.newaxis is None


def test_dtypes_of_devices() -> None:
    assert INFO.dtypes() == INFO.dtypes(device="cpu")
    assert set(INFO.dtypes()) == {one.name for one in ALL} - {"float16"}
    assert set(INFO.dtypes(kind="integral")) == {
        f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
    }
    assert set(INFO.dtypes(kind=("bool", "complex floating"))) == {
        "bool", "complex64", "complex128",
    }  # fmt: skip
    assert "cpu" in INFO.devices()
    if "webgpu" in INFO.devices():
        assert set(INFO.dtypes(device="webgpu")) == set(LAYOUTS) - {"float16"}
    with pytest.raises(errors.OptionError, match="numeric"):
        INFO.dtypes(kind="whole")


@pytest.mark.parametrize("dtype", [one for one in ALL if one.kind in ("float", "complex")])
def test_limits_of_floats(dtype: wt.DType) -> None:
    ours, theirs = wt.finfo(wt.zeros((2,), dtype=dtype)), np.finfo(dtype.name)
    assert ours == wt.finfo(dtype)
    assert (ours.bits, ours.dtype.name) == (theirs.bits, theirs.dtype.name)
    for name in ("eps", "max", "min", "smallest_normal"):
        assert getattr(ours, name) == float(getattr(theirs, name))
        assert type(getattr(ours, name)) is float


@pytest.mark.parametrize("dtype", [one for one in ALL if one.kind in ("int", "uint")])
def test_limits_of_integers(dtype: wt.DType) -> None:
    ours, theirs = wt.iinfo(dtype), np.iinfo(dtype.name)
    assert (ours.bits, ours.max, ours.min) == (theirs.bits, theirs.max, theirs.min)
    assert ours.dtype == dtype
    with pytest.raises(errors.DtypeError, match="iinfo"):
        wt.finfo(dtype)


def test_kinds() -> None:
    for dtype in ALL:
        assert wt.isdtype(dtype, dtype)
        for kind in ("bool", "integral", "real floating", "complex floating", "numeric"):
            assert wt.isdtype(dtype, kind) == np.isdtype(np.dtype(dtype.name), kind)
    assert wt.isdtype(wt.int8, ("bool", wt.int8))
    assert not wt.isdtype(wt.int8, ("bool", "unsigned integer", wt.int16))
    with pytest.raises(errors.OptionError, match="signed integer"):
        wt.isdtype(wt.int8, "int")
    with pytest.raises(errors.DtypeError, match="finfo"):
        wt.iinfo(wt.float32)


def test_promotion() -> None:
    assert wt.result_type(wt.int8, wt.uint8, wt.zeros((1,), dtype=wt.int32)) == wt.int32
    assert wt.result_type(wt.uint32, wt.int8) == wt.int64
    assert wt.result_type(wt.float32, 2, 1.5) == wt.float32
    assert wt.result_type(1j, wt.float64) == wt.complex128
    assert wt.result_type(wt.complex64, wt.float64) == wt.complex128
    assert (wt.asarray([1.0]) * 2j).dtype == wt.complex64
    for wrong in ((1, 2.0), (wt.bool, wt.int8), (wt.uint64, wt.int8), (wt.int8, 300)):
        with pytest.raises(errors.DtypeError):
            wt.result_type(*wrong)
    for source in ALL:
        for target in ALL:
            if "float16" in (source.name, target.name):
                continue
            same_family = source.kind == target.kind or {source.kind, target.kind} in (
                {"int", "uint"}, {"float", "complex"},
            )  # fmt: skip
            expected = same_family and np.can_cast(source.name, target.name)
            assert wt.can_cast(source, target) == expected, (source, target)
    assert wt.can_cast(wt.zeros((2,), dtype=wt.int8), wt.int16)


def test_copies() -> None:
    x = wt.asarray([1.0, 2.0])
    assert wt.asarray(x, copy=False) is x
    assert wt.asarray(x) is x
    assert wt.astype(x, wt.float32, copy=False) is x
    apart = (wt.asarray(x, copy=True), wt.astype(x, wt.float32), +x, wt.to_device(x, "cpu"))
    for call in (
        lambda: wt.asarray(x, copy=False, dtype=wt.float64),
        lambda: wt.asarray([1.0], copy=False),
        lambda: wt.asarray(np.float32([1]), copy=False),
    ):
        with pytest.raises(ValueError, match="copy"):
            call()
    x += 1
    assert x.tolist() == [2.0, 3.0]
    assert [one.tolist() for one in apart] == [[1.0, 2.0]] * len(apart)


@pytest.mark.parametrize(
    "values",
    [
        [[2**63 - 1, -(2**63)], [0, 1]],
        [[0.1, 1e300], [math.inf, -0.0]],
        [1 + 2j, complex(0.0, -math.inf)],
        [2**64 - 1],
    ],
)
def test_nested_lists_of_wide_dtypes(values: list[Any]) -> None:
    narrow = {int: "int64", float: "float64", complex: "complex128"}
    dtype = (
        "uint64" if values == [2**64 - 1] else narrow[type(np.asarray(values).ravel()[0].item())]
    )
    found = np.asarray(wt.asarray(values, dtype=dtype))
    assert found.dtype.name == dtype
    assert found.tobytes() == np.asarray(values, dtype=dtype).tobytes()


def test_creation() -> None:
    assert wt.asarray([wt.asarray([1, 2]), wt.asarray([3, 4])]).tolist() == [[1, 2], [3, 4]]
    assert wt.linspace(0, 1j, 3).tolist() == [0j, 0.5j, 1j]
    assert wt.linspace(0, 1, 2, dtype=wt.complex128).dtype == wt.complex128
    assert wt.eye(2, 3, k=2**40).tolist() == [[0.0] * 3] * 2
    assert wt.eye(2, k=-1).tolist() == [[0.0, 0.0], [1.0, 0.0]]
    moved = wt.astype(wt.asarray([1, 0]), wt.bool, device="cpu")
    assert (moved.device, moved.tolist()) == ("cpu", [True, False])
    with pytest.raises(errors.DtypeError, match=r"real\(x\)"):
        wt.astype(wt.asarray([1j]), wt.float32)
    with pytest.raises(errors.DtypeError, match="does not fit"):
        wt.full((2,), 300, dtype=wt.int8)


@pytest.mark.parametrize(
    "operate",
    [
        lambda x: x.__iadd__(2),
        lambda x: x.__isub__(2),
        lambda x: x.__imul__(3),
        lambda x: x.__ifloordiv__(2),
        lambda x: x.__imod__(3),
        lambda x: x.__ipow__(2),
        lambda x: x.__iand__(6),
        lambda x: x.__ior__(6),
        lambda x: x.__ixor__(6),
        lambda x: x.__ilshift__(1),
        lambda x: x.__irshift__(1),
    ],
)
def test_operators_in_place(operate: Callable[[Any], Any]) -> None:
    values = np.arange(12, dtype=np.int32).reshape(3, 4)
    x = wt.asarray(values.copy())
    before, part = x + 0, x[1]
    assert operate(x) is x
    operate(values)
    assert np.array_equal(np.asarray(x), values)
    assert np.array_equal(np.asarray(before), np.arange(12).reshape(3, 4))
    assert part.tolist() == [4, 5, 6, 7]


def test_operators_in_place_keep_shape_and_dtype() -> None:
    x, y = wt.asarray([4.0, 6.0]), wt.asarray([1, 2])
    x /= 2
    x @= wt.eye(2)
    assert x.tolist() == [2.0, 3.0]
    with pytest.raises(errors.ShapeError, match=r"\(3, 2\)"):
        x += wt.ones((3, 2))
    with pytest.raises(errors.DtypeError, match="x = x"):
        y += 0.5
    with pytest.raises(TypeError):
        x += "a"
    assert (x.tolist(), y.tolist()) == ([2.0, 3.0], [1, 2])


@pytest.mark.parametrize("dtype", ["int8", "int16", "int64", "uint8", "uint64"])
def test_integers_wrap_around(dtype: str) -> None:
    ends = np.iinfo(dtype)
    values = np.array([ends.min, ends.max, ends.max // 2, 3], dtype=dtype)
    x = wt.asarray(values)
    for function in (lambda x: x + x, lambda x: x * x, lambda x: x - x[::-1], lambda x: -x):
        assert np.array_equal(np.asarray(function(x)), function(values))
    assert wt.sum(x, dtype=dtype).tolist() == np.sum(values, dtype=dtype)
    assert wt.prod(x, dtype=dtype).tolist() == np.prod(values, dtype=dtype)


def test_dtypes_of_sums() -> None:
    for dtype, wanted in (("int8", "int32"), ("uint16", "uint32"), ("int64", "int64")):
        assert wt.sum(wt.ones((3,), dtype=dtype)).dtype.name == wanted
        assert wt.prod(wt.ones((3,), dtype=dtype), dtype=wt.float64).dtype == wt.float64
    assert wt.sum(wt.asarray([0.5, 0.75]), dtype=wt.int32).tolist() == 0
    assert wt.sum(wt.zeros((0, 2), dtype="int8"), axis=0, dtype="int8").dtype == wt.int8


def test_counts_and_differences() -> None:
    values = np.float32([[0, np.nan, 2], [-0.0, 5, 9]])
    x = wt.asarray(values)
    assert wt.count_nonzero(x).tolist() == 4
    assert wt.count_nonzero(x, axis=1, keepdims=True).tolist() == [[2], [2]]
    assert wt.count_nonzero(x).dtype == wt.int32
    integers = np.asarray([[1, 4, 9, 16], [250, 3, 0, 1]], dtype=np.uint8)
    for axis, n in ((-1, 1), (0, 1), (1, 3), (-1, 0)):
        ours = wt.diff(wt.asarray(integers), axis=axis, n=n)
        assert np.array_equal(np.asarray(ours), np.diff(integers, axis=axis, n=n))
    column = integers[:, :1]
    ours = wt.diff(
        wt.asarray(integers), prepend=wt.asarray(column), append=wt.asarray(integers), n=2
    )
    assert np.array_equal(np.asarray(ours), np.diff(integers, n=2, prepend=column, append=integers))
    for wrong in (lambda: wt.diff(x, axis=2), lambda: wt.diff(x, n=-1)):
        with pytest.raises(errors.ShapeError):
            wrong()
    with pytest.raises(errors.DtypeError, match="bool"):
        wt.diff(x > 0)


def test_broadcasting() -> None:
    assert wt.broadcast_shapes() == ()
    assert wt.broadcast_shapes((3, 1), (2,), ()) == (3, 2)
    left, right = wt.broadcast_arrays(wt.asarray([[1], [2]]), wt.asarray([3, 4]))
    assert (left.tolist(), right.tolist()) == ([[1, 1], [2, 2]], [[3, 4], [3, 4]])
    with pytest.raises(errors.ShapeError, match="broadcast"):
        wt.broadcast_shapes((2,), (3,))
    with pytest.raises(IndexError):
        wt.expand_dims(left, axis=4)


def test_repeats_of_their_own() -> None:
    values = np.arange(6).reshape(2, 3)
    x = wt.asarray(values)
    for repeats, axis in (([2, 0, 1], 1), ([1, 3], 0), ([0, 0], 0), ([2], 1)):
        ours = wt.repeat(x, wt.asarray(repeats), axis=axis)
        assert np.array_equal(np.asarray(ours), np.repeat(values, repeats, axis=axis))
    for wrong in ([1, 2], [1, -1, 0]):
        with pytest.raises(errors.ShapeError, match="repeats"):
            wt.repeat(x, wt.asarray(wrong), axis=1)
    with pytest.raises(errors.DtypeError, match="integers"):
        wt.repeat(x, wt.asarray([1.0, 2.0]), axis=0)


def test_parts_of_complex_numbers() -> None:
    values = np.array([3 - 4j, complex(-0.0, np.inf), 0], dtype=np.complex64)
    x = wt.asarray(values)
    for name in ("real", "imag", "conj", "abs", "isnan", "isinf", "isfinite"):
        ours, theirs = np.asarray(getattr(wt, name)(x)), getattr(np, name)(values)
        assert (ours.dtype, ours.tobytes()) == (theirs.dtype, theirs.tobytes())
    real = wt.asarray([1.5, np.nan])
    assert wt.imag(real).tolist() == [0.0, 0.0]
    assert np.array_equal(np.asarray(wt.real(real)), np.asarray(wt.conj(real)), equal_nan=True)
    assert wt.imag(wt.asarray([1, 2])).dtype == wt.int32
    with pytest.raises(errors.DtypeError, match="bool"):
        wt.real(real > 0)


def test_vecdot_conjugates_its_first_operand() -> None:
    left, right = np.array([1 + 2j, 3j]), np.array([2 - 1j, 1 + 1j])
    found = wt.vecdot(wt.asarray(left), wt.asarray(right))
    assert found.item() == np.vecdot(left, right)


def test_reading_an_element_computes_the_whole_once() -> None:
    x = wt.exp(wt.asarray([[0.0, 1.0], [2.0, 3.0]]))
    assert float(x[1, 0]) == pytest.approx(math.exp(2))
    assert x._node.storage is not None
    assert x.mT[0, 1].item() == float(x[1, 0])
    large = wt.exp(wt.zeros((100, 100)) + 1)
    assert float(large[3, 4]) == pytest.approx(math.e)
    assert large._node.storage is None
    assert asyncio.run(wt.broadcast_to(x[0, 0], (1, 1)).numpy()).tolist() == [[1.0]]
