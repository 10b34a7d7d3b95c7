"""Tensors in other libraries' hands: DLPack, NumPy's protocols, pickle, Python's numbers."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import dtypes, errors


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBTENSOR_DEVICE", "cpu")


VALUES = np.random.default_rng(7).uniform(-9, 9, (4, 3)).astype(np.float32)


@pytest.mark.parametrize("dtype", [one.name for one in dtypes.ALL])
def test_dlpack_carries_every_dtype_both_ways(dtype: str) -> None:
    values = (VALUES * 2j if dtype[0] == "c" else abs(VALUES)).astype(dtype)
    for x in (wt.asarray(values), wt.asarray(values)[::-2, 1:], wt.asarray(values[0, 0])):
        expected = np.asarray(x)
        taken = np.from_dlpack(x)
        assert taken.dtype.name == dtype
        assert np.array_equal(taken, expected)
        back = wt.from_dlpack(expected)
        assert back.dtype.name == dtype
        assert np.array_equal(np.asarray(back), expected)
    assert x.__dlpack_device__() == (1, 0)


def test_dlpack_copies_unless_told_not_to() -> None:
    x = wt.asarray(VALUES) + 0
    kept = x[0]
    for copied in (np.from_dlpack(x), np.from_dlpack(x, copy=True)):
        copied[:] = 0
    assert np.array_equal(np.asarray(x), VALUES)
    for x in (wt.asarray(VALUES), wt.asarray(VALUES) + 0, wt.broadcast_to(wt.asarray(1.0), (4, 3))):
        shared, again = (np.from_dlpack(x, copy=False) for _ in range(2))
        assert np.array_equal(shared, np.asarray(x))
        assert np.shares_memory(shared, again)
    assert np.array_equal(np.asarray(kept), VALUES[0])


def test_dlpack_of_all_versions() -> None:
    x = wt.asarray(VALUES)
    for copied in (None, True, False):
        for version in (None, (0, 5), (1, 0), (2, 0)):
            assert "dltensor" in repr(
                x.__dlpack__(max_version=version, copy=copied, dl_device=(1, 0))
            )


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda x: x.__dlpack__(dl_device=(2, 0)), "CPU's memory"),
        (lambda x: x.__dlpack__(stream=1), "no streams"),
        (lambda x: wt.from_dlpack(np.zeros(3), copy=False), "leave copy out"),
        (lambda x: wt.from_dlpack(x, device="webgpu", copy=False), "by a copy only"),
        (lambda x: wt.from_dlpack(np.zeros(3, "M8[s]")), "NumPy cannot read this"),
    ],
)
def test_what_dlpack_cannot_do_is_a_buffer_error(call: Callable[..., Any], says: str) -> None:
    with pytest.raises(BufferError, match=says):
        call(wt.asarray(VALUES))
    with pytest.raises(errors.InterchangeError):
        call(wt.asarray(VALUES))


def test_tensors_from_tensors_by_dlpack() -> None:
    x = wt.asarray(VALUES)
    for copied in (None, True, False):
        same = wt.from_dlpack(x, copy=copied)
        same[0] = 0
        assert np.array_equal(np.asarray(x), VALUES), "one of them alone changes"
        assert same.device == wt.from_dlpack(x, device="cpu", copy=copied).device == "cpu"
    assert wt.from_dlpack(x, device="webgpu").device == "webgpu"
    with pytest.raises(errors.DeviceUnavailableError):
        wt.from_dlpack(x, device="tpu")


def test_numpy_takes_tensors() -> None:
    x = wt.asarray(VALUES) * 2
    for found, expected in (
        (np.asarray(x), VALUES * 2),
        (np.asarray(x, dtype=np.float64), VALUES.astype(np.float64) * 2),
        (np.array(x, copy=True), VALUES * 2),
        (wt.asnumpy(x), VALUES * 2),
        (np.concatenate([x, VALUES]), np.concatenate([VALUES * 2, VALUES])),
        (np.linalg.norm(np.asarray(x), axis=1), np.linalg.norm(VALUES * 2, axis=1)),
    ):
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)
    values = wt.asnumpy(x)
    values[:] = 0
    assert np.array_equal(np.asarray(x), VALUES * 2)
    with pytest.raises(ValueError, match="copy only"):
        np.array(x, copy=False)
    with pytest.raises(errors.DtypeError, match="takes tensors"):
        wt.asnumpy(VALUES)  # type: ignore[arg-type]


def test_numpys_ufuncs_and_arrays_beside_tensors_are_refused() -> None:
    x = wt.asarray(VALUES)
    for call in (np.exp, lambda x: np.add(x, 1), lambda x: np.add(VALUES, x)):
        with pytest.raises(TypeError, match="does not support ufuncs"):
            call(x)
    for mixed in (
        lambda: x + VALUES,
        lambda: VALUES + x,
        lambda: x @ VALUES.T,
        lambda: x > VALUES,
        lambda: x == VALUES,
    ):
        with pytest.raises(errors.DtypeError, match="asarray"):
            mixed()
    with pytest.raises(errors.DtypeError, match="asarray"):
        x += VALUES
    assert np.array_equal(np.asarray(np.float64(2) * x), VALUES * 2)


def test_copies_and_pickles() -> None:
    x = wt.asarray(VALUES, device="cpu") * 2
    for one in (copy.copy(x), copy.deepcopy(x), copy.deepcopy({"a": [x]})["a"][0]):
        one[0] = 0
        assert np.array_equal(np.asarray(x), VALUES * 2)
        assert np.array_equal(np.asarray(one)[1:], VALUES[1:] * 2)
    for dtype in ("float32", "float16", "bool", "complex64", "int64"):
        for values in (VALUES, VALUES[:0], VALUES[1, 1]):
            given = wt.asarray(abs(np.asarray(values)).astype(dtype), device="cpu")
            back = pickle.loads(pickle.dumps(given))
            assert (back.dtype, back.shape, back.device) == (given.dtype, given.shape, "cpu")
            assert np.array_equal(np.asarray(back), np.asarray(given))
    assert pickle.loads(pickle.dumps(wt.asarray(1.5)))._node.device is None


def test_numbers_of_python() -> None:
    assert (int(wt.asarray(3.9)), float(wt.asarray(3)), complex(wt.asarray(2))) == (3, 3.0, 2 + 0j)
    assert (bool(wt.asarray(0.0)), bool(wt.asarray(np.nan)), bool(wt.asarray(1j))) == (
        False,
        True,
        True,
    )
    assert math.isnan(float(wt.asarray(np.nan)))
    assert f"{wt.asarray(3.14159):.2f}" == "3.14"
    assert 2.5 in wt.asarray([1.0, 2.5])
    assert 2 not in wt.asarray([1.0, 2.5])


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: bool(wt.zeros(2)), ValueError, "one element"),
        (lambda: float(wt.zeros(0)), errors.ShapeError, "one element"),
        (lambda: int(wt.zeros((2, 2))), errors.ShapeError, "one element"),
        (lambda: float(wt.asarray(1j)), TypeError, "see complex"),
        (lambda: int(wt.asarray(1j)), errors.DtypeError, "see complex"),
        (lambda: int(wt.asarray(np.nan)), ValueError, "NaN"),
        (lambda: int(wt.asarray(np.inf)), OverflowError, "infinity"),
        (lambda: [1][wt.asarray([0])], TypeError, "no index"),
        (lambda: [1][wt.asarray(0.0)], errors.DtypeError, "no index"),
        (lambda: [1][wt.asarray(True)], TypeError, "no index"),
        (lambda: f"{wt.zeros(2):.2f}", ValueError, "format"),
    ],
)
def test_what_is_no_number(call: Callable[[], Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        call()
