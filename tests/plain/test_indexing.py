"""`x[key]` and `x[key] = value`: NumPy's elements, values that do not change underneath, errors."""

from __future__ import annotations

import asyncio
import copy
import operator
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import pytest

import webtensor as wt
from tests.support import random_keys
from webtensor import errors
from webtensor import tensor as tensors
from webtensor.scattering import gather_nd, scatter_nd


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBTENSOR_DEVICE", "cpu")


VALUES = np.random.default_rng(7).uniform(-9, 9, (4, 3, 5)).astype(np.float32)


def tensor() -> wt.Tensor:
    return wt.asarray(VALUES)


def test_random_keys_are_numpys() -> None:
    assert random_keys.differences("cpu", rounds=400, seed=5) == []


@pytest.mark.parametrize("dtype", ["int64", "uint64", "float64", "complex64", "complex128"])
def test_dtypes_of_the_cpu_are_indexed_and_assigned(dtype: str) -> None:
    values = (VALUES * (1 + 2j)).astype(dtype) if dtype[0] == "c" else VALUES.astype(dtype)
    at, mask = np.array([[2], [-1]]), VALUES > 1
    for key in (at, (slice(None), at, 1), mask, mask[:, 0, 0], (..., slice(None, None, -2))):
        x, expected = wt.asarray(values), values.copy()
        assert np.array_equal(np.asarray(x[key]), values[key])
        expected[key] = values[key][::-1]
        x[key] = wt.asarray(values)[key][::-1]
        assert np.array_equal(np.asarray(x), expected)
        assert x.dtype.name == dtype


def test_indices_of_64_bits_that_were_computed() -> None:
    at = wt.asarray(np.array([2**40, -(2**40), -1]), dtype="int64") + 0
    assert np.array_equal(np.asarray(tensor()[at]), VALUES[[3, 0, 3]])
    assert np.array_equal(np.asarray(tensor()[at, 0]), VALUES[[3, 0, 3], 0])


def test_computed_indices_are_clamped_on_each_axis() -> None:
    far = wt.asarray(np.int32([-100, 100, -1])) + 0
    unsigned = wt.asarray(np.uint32([2**32 - 1, 0, 2])) + 0
    assert np.array_equal(np.asarray(tensor()[far, unsigned]), VALUES[[0, 3, 3], [2, 0, 2]])
    x = tensor()
    x[far, unsigned] = wt.asarray([1.0, 2.0, 3.0])[:, None]
    expected = VALUES.copy()
    expected[[0, 3, 3], [2, 0, 2]] = np.float32([1, 2, 3])[:, None]
    assert np.array_equal(np.asarray(x), expected)


def test_views_keep_their_values() -> None:
    x = tensor()
    row, other, same = x[1], x * 1, copy.copy(x)
    x[1] = 7
    x[...] += 1
    assert np.array_equal(np.asarray(row), VALUES[1])
    assert np.array_equal(np.asarray(other), VALUES)
    assert np.array_equal(np.asarray(same), VALUES)
    expected = VALUES.copy()
    expected[1] = 7
    assert np.array_equal(np.asarray(x), expected + 1)


def test_a_tensor_can_be_assigned_parts_of_itself() -> None:
    x, expected = tensor(), VALUES.copy()
    x[1:] = x[:-1]
    expected[1:] = VALUES[:-1]
    assert np.array_equal(np.asarray(x), expected)
    x[:, [0, 2]] = x[:, [2, 0]]
    assert np.array_equal(np.asarray(x), expected[:, ::-1])


def test_the_last_of_equal_places_wins() -> None:
    x = wt.zeros((5,))
    x[[1, 3, 1, -2, 1]] = wt.asarray([1.0, 2.0, 3.0, 4.0, 5.0])
    assert x.tolist() == [0, 5, 0, 4, 0]


def test_masks_that_need_no_read_are_lazy() -> None:
    x = tensor()
    x[x > 0] = 0
    x[x[..., 0] < -1] = wt.asarray([1.0, 2.0, 3.0, 4.0, 5.0])
    assert x._node.storage is None
    assert all(node.storage is None for node in x._node.inputs if node.kind != "input")
    expected = np.where(VALUES > 0, 0, VALUES)
    expected[expected[..., 0] < -1] = np.float32([1, 2, 3, 4, 5])
    assert np.array_equal(np.asarray(x), expected)


def test_masks_whose_values_are_known_need_no_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(coroutine: Any) -> NoReturn:
        coroutine.close()
        raise errors.SynchronousReadError("not here")

    x = tensor()
    with monkeypatch.context() as patch:
        patch.setattr(tensors, "wait", fails)
        chosen = x[VALUES > 1]
        with pytest.raises(errors.SynchronousReadError, match=r"await mask\.numpy"):
            x[x > 1]
    assert np.array_equal(np.asarray(chosen), VALUES[VALUES > 1])


def test_masks_without_axes() -> None:
    x = tensor()
    for true in (True, np.True_, wt.asarray(True), np.array(True)):
        assert np.array_equal(np.asarray(x[true]), VALUES[None])
    assert x[False].shape == x[wt.asarray(False)].shape == (0, 4, 3, 5)
    x[wt.asarray(1) > 2] = 5
    assert np.array_equal(np.asarray(x), VALUES)
    x[wt.asarray(1) > 0] = 5
    assert bool(wt.all(x == 5))
    assert wt.asarray(3.5)[...].tolist() == 3.5


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (True, "bool"),
        (7, "uint8"),
        (7, "float16"),
        (2.5, "float32"),
        (2, "complex64"),
        (1j, "complex64"),
        (np.float64(2.5), "float32"),
        ([1, 2, 3, 200, 5], "uint8"),
        ([1, 2.5, 3, 4, 5], "float32"),
        ([2**40, 2, 3, 4, 5], "int64"),
        (np.arange(5.0), "float32"),
        (np.arange(5), "int8"),
        (np.arange(5), "float16"),
        (np.arange(5, dtype=np.uint8), "int8"),
        (wt.asarray([1, 2, 3, 4, 5]), "float32"),
    ],
)
def test_values_take_the_tensors_dtype(value: Any, dtype: str) -> None:
    x = wt.zeros((2, 5), dtype=dtype)
    x[0] = value
    expected = np.zeros((2, 5), dtype)
    expected[0] = np.asarray(value)
    assert x.dtype.name == dtype
    assert np.array_equal(np.asarray(x), expected)


@pytest.mark.parametrize(
    ("key", "value", "dtype", "error", "says"),
    [
        (0, 2.5, "int32", errors.DtypeError, "does not fit into a tensor of dtype int32"),
        (0, 1j, "float32", errors.DtypeError, "convert"),
        (0, True, "int32", errors.DtypeError, "convert"),
        (0, 1, "bool", errors.DtypeError, "convert"),
        (0, 300, "int8", errors.DtypeError, "does not fit int8"),
        (0, [1.5] * 5, "int32", errors.DtypeError, "a list of float"),
        (0, [True] * 5, "int32", errors.DtypeError, "a list of bool"),
        (0, [300] * 5, "int8", errors.DtypeError, "does not fit int8"),
        (0, np.zeros(5), "int32", errors.DtypeError, "float64 does not fit"),
        (0, np.zeros(5, np.int8), "uint8", errors.DtypeError, "int8 does not fit"),
        (0, wt.zeros(5), "int32", errors.DtypeError, "float32 does not fit"),
        (0, wt.zeros(5, dtype="bool"), "int32", errors.DtypeError, "promote"),
        (0, "a", "float32", errors.DtypeError, "str"),
        (0, [1.0, 2.0], "float32", errors.ShapeError, r"\(2,\) does not broadcast to \(5,\)"),
        (0, wt.zeros((2, 5)), "float32", errors.ShapeError, "broadcast"),
        (([0, 1],), wt.zeros((3, 5)), "float32", errors.ShapeError, "broadcast"),
        (slice(2, 2), wt.zeros((3, 5)), "float32", errors.ShapeError, "broadcast"),
        (wt.asarray([True, False]), wt.zeros((2, 5)), "float32", errors.ShapeError, "broadcast"),
        (2, 0, "float32", errors.IndexingError, "out of range"),
        ([2], 0, "float32", errors.IndexingError, "index 2 is outside axis 0"),
        (0, wt.zeros(5, device="webgpu"), "float32", errors.DeviceError, "to_device"),
    ],
)
def test_what_cannot_be_assigned(
    key: Any, value: Any, dtype: str, error: type[Exception], says: str
) -> None:
    x = wt.zeros((2, 5), dtype=dtype)
    with pytest.raises(error, match=says):
        x[key] = value
    assert not bool(wt.any(x))


@pytest.mark.parametrize(
    ("key", "error", "says"),
    [
        ((0, 0, 0, 0), errors.IndexingError, "too many indices: 4 for 3"),
        (4, errors.IndexingError, "index 4 is out of range for axis 0"),
        ((0, -4), errors.IndexingError, "index -4 is out of range for axis 1"),
        ((..., 0, ...), errors.IndexingError, "one ellipsis"),
        ([0, 4], errors.IndexingError, "index 4 is outside axis 0"),
        (([0], np.array([0]), wt.asarray([-6])), errors.IndexingError, "index -6 is outside"),
        (([0, 1], [0, 1, 2]), errors.IndexingError, "do not broadcast"),
        (np.zeros(3, bool), errors.IndexingError, r"mask of shape \(3,\)"),
        (np.zeros((4, 5), bool), errors.IndexingError, r"axes of shape \(4, 3\)"),
        (np.zeros((4, 3, 5, 1), bool), errors.IndexingError, "mask"),
        ((0, np.zeros(4, bool)), errors.IndexingError, r"axes of shape \(3,\)"),
        ((0, True), errors.IndexingError, "stands alone"),
        ((slice(0), [0]), None, ""),
        (wt.zeros(2), errors.DtypeError, "float32 is no index"),
        ([0.5], errors.DtypeError, "no index"),
        (0.5, errors.DtypeError, "not float"),
        ("a", errors.DtypeError, "not str"),
    ],
)
def test_what_is_no_index(key: Any, error: type[Exception] | None, says: str) -> None:
    if error is None:
        assert tensor()[key].shape == VALUES[key].shape
        return
    with pytest.raises(error, match=says):
        tensor()[key]
    with pytest.raises(IndexError if error is errors.IndexingError else TypeError):
        tensor()[key]


def test_axes_without_elements() -> None:
    x = wt.zeros((0, 3))
    with pytest.raises(errors.IndexingError, match="no element"):
        x[[0]]
    with pytest.raises(errors.IndexingError, match="no element"):
        x[wt.asarray([0]) + 0, [0]]
    x[:] = 5
    x[[]] = 5
    x[np.zeros((0, 3), bool)] = 5
    assert x[:, [2, 0]].shape == (0, 2)
    assert x.tolist() == []


def test_rows_of_indices() -> None:
    """What WebNN calls gatherND and scatterND; their values are compared in `tests/cases`."""
    x, none = tensor(), wt.zeros((0, 2), dtype="int32")
    assert np.array_equal(np.asarray(scatter_nd(x, none, wt.zeros((0, 5)))), VALUES)
    assert gather_nd(x, none).shape == (0, 5)
    two = wt.zeros((2, 2), dtype="int32")
    for call, error, says in (
        (lambda: gather_nd(x, wt.zeros((2, 4), dtype="int32")), errors.ShapeError, "1 to 3"),
        (lambda: gather_nd(x, wt.asarray(1)), errors.ShapeError, "last axis"),
        (lambda: gather_nd(x, wt.zeros((2, 2))), errors.DtypeError, "integers"),
        (lambda: gather_nd(x[:, :0], two), errors.ShapeError, "no element"),
        (lambda: scatter_nd(x, two, wt.zeros((2, 4))), errors.ShapeError, r"\(2, 5\)"),
        (lambda: scatter_nd(x, two, wt.zeros((2, 5), dtype="int32")), errors.DtypeError, "int32"),
        (lambda: gather_nd(VALUES, two), errors.DtypeError, "takes tensors"),  # type: ignore
    ):
        with pytest.raises(error, match=says):
            call()


def test_assignment_keeps_shape_dtype_and_device() -> None:
    x = wt.zeros((2, 3), device="cpu", dtype="float64")
    for key, value in ((slice(None), 1), (0, wt.ones(3)), (..., wt.ones((2, 3))), ([1], 2)):
        x[key] = value
        assert (x.shape, x.dtype.name, x._node.device) == ((2, 3), "float64", "cpu")
    assert x.tolist() == [[1, 1, 1], [2, 2, 2]]
    one = wt.asarray(1.5, device="cpu")
    one[...] = wt.asarray(2.5)
    assert (one._node.device, one.tolist()) == ("cpu", 2.5)


_IN_PLACE = (
    "iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul", "iand", "ior",
    "ixor", "ilshift", "irshift",
)  # fmt: skip


@pytest.mark.parametrize("name", _IN_PLACE)
def test_operators_in_place(name: str) -> None:
    function: Callable[[Any, Any], Any] = getattr(operator, name)
    integers = name in ("iand", "ior", "ixor", "ilshift", "irshift")
    left = np.array([[5, 3], [2, 6]], dtype=np.int32 if integers else np.float32)
    right = np.array([[1, 2], [3, 1]], dtype=left.dtype)
    x = kept = wt.asarray(left)
    before = x + 0
    x = function(x, wt.asarray(right))
    assert x is kept
    np.testing.assert_allclose(np.asarray(kept), function(left.copy(), right), rtol=1e-6)
    assert np.array_equal(np.asarray(before), left)
    with pytest.raises(errors.ShapeError, match="in place"):
        function(wt.asarray(left), wt.asarray(right[None]))
    with pytest.raises(TypeError):
        function(wt.asarray(left), "a")


def test_operators_in_place_keep_the_dtype() -> None:
    x = wt.asarray([1, 2])
    for other in (1.5, wt.asarray([1.5]), wt.asarray(np.int64([1]))):
        with pytest.raises(errors.DtypeError, match="in place: a tensor of dtype int32"):
            x += other
    x += wt.asarray(np.int8([3]))
    assert x.tolist() == [4, 5]
    assert x.dtype is wt.int32


def test_compiled_functions_assign_to_what_they_make() -> None:
    @wt.compile
    def step(x: wt.Tensor, at: wt.Tensor) -> wt.Tensor:
        table = wt.zeros((4, 3)) + x
        with wt.scope() as scope:
            inner = scope.keep(table * 2)
            inner[0] = 7
            inner += 1
        inner[at] = -x
        inner[inner > 6] = 0
        x[1] = 100
        return inner + x

    x = wt.asarray([1.0, 2.0, 3.0])
    for places in ([1, 2], [3, 3], [0, 1]):
        expected = np.tile(np.float32([1, 2, 3]), (4, 1)) * 2
        expected[0] = 7
        expected += 1
        expected[places] = -np.float32([1, 2, 3])
        expected[expected > 6] = 0
        found = step.run(x, wt.asarray(places))
        assert np.array_equal(np.asarray(found), expected + np.float32([1, 100, 3]))
    assert x.tolist() == [1, 2, 3], "arguments are passed by value"


def test_compiled_functions_change_nothing_around_them() -> None:
    outside = wt.zeros(3)

    def assigns(x: wt.Tensor) -> wt.Tensor:
        outside[0] = x[0]
        return x

    def adds(x: wt.Tensor) -> wt.Tensor:
        nonlocal outside
        with wt.scope():
            outside += x
        return x

    for function in (assigns, adds):
        with pytest.raises(errors.CaptureError, match="from around it"):
            wt.compile(function).run(wt.ones(3))
    assert outside.tolist() == [0, 0, 0]
    with pytest.raises(errors.CaptureError):
        wt.compile(lambda x: x[x > 0]).run(wt.ones(3))


def test_nonzero_and_its_count_are_numpys() -> None:
    for values in (VALUES * (VALUES > 3), VALUES > 0, VALUES.astype("int8"), VALUES[:0]):
        x = wt.asarray(values)
        found, expected = wt.nonzero(x), np.nonzero(values)
        assert len(found) == len(expected) == 3
        for one, other in zip(found, expected, strict=True):
            assert one.dtype is wt.int32
            assert one.tolist() == other.tolist()
        assert np.array_equal(np.asarray(x[found]), values[expected])
        for axis, keepdims in ((None, False), (1, True), ((0, 2), False), (-1, False)):
            counted = wt.count_nonzero(x, axis=axis, keepdims=keepdims)
            expected_count = np.count_nonzero(values, axis=axis, keepdims=keepdims)
            assert np.array_equal(np.asarray(counted), expected_count)
            assert counted.dtype is wt.int32
    special = wt.asarray([0.0, -0.0, np.nan, np.inf, 1e-40])
    assert wt.nonzero(special)[0].tolist() == [2, 3, 4]
    assert int(wt.count_nonzero(special)) == 3
    with pytest.raises(errors.ShapeError, match="with axes"):
        wt.nonzero(wt.asarray(1.0))
    with pytest.raises(errors.DtypeError, match="takes tensors"):
        wt.count_nonzero(VALUES)  # type: ignore[arg-type]


def test_a_mask_of_a_task_waits_for_its_value() -> None:
    async def chosen() -> Any:
        x = tensor() * 2
        return await x[x > 3].numpy()

    assert np.array_equal(asyncio.run(chosen()), (VALUES * 2)[VALUES * 2 > 3])
