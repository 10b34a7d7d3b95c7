"""Making tensors and what goes wrong with them, with no device but the CPU."""

from __future__ import annotations

import array
import asyncio
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import dtypes, errors
from webtensor.graph import node as nodes


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBTENSOR_DEVICE", "cpu")


@pytest.mark.parametrize(
    ("value", "dtype", "shape"),
    [
        (1, "int32", ()),
        (1.5, "float32", ()),
        (True, "bool", ()),
        (1j, "complex64", ()),
        ([[1, 2], [3, 4.5]], "float32", (2, 2)),
        ([], "float32", (0,)),
        ([[], []], "float32", (2, 0)),
        (np.arange(6, dtype=np.int64).reshape(2, 3), "int64", (2, 3)),
        (np.float16([1, 2]), "float16", (2,)),
        (array.array("d", [1, 2, 3]), "float64", (3,)),
        (memoryview(b"abc"), "uint8", (3,)),
    ],
)
def test_asarray_takes(value: Any, dtype: str, shape: tuple[int, ...]) -> None:
    x = wt.asarray(value)
    assert x.dtype.name == dtype
    assert x.shape == shape
    assert np.array_equal(np.asarray(x), np.asarray(value, dtype=dtype).reshape(shape))


def test_asarray_converts_and_copies() -> None:
    values = np.float32([1, 2, 3])
    x = wt.asarray(values)
    values[:] = 9
    assert x.tolist() == [1.0, 2.0, 3.0]
    assert wt.asarray([1, 2], dtype=wt.float64).dtype is wt.float64
    assert wt.asarray([1.7, 2.2], dtype="int32").tolist() == [1, 2]
    assert wt.asarray([2**40], dtype="int64").tolist() == [2**40]
    assert wt.asarray(x) is x
    assert wt.asarray([True, False], dtype="bool").tolist() == [True, False]
    assert wt.asarray([1, 2.5], dtype="float16").tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("value", "error", "says"),
    [
        ([[1, 2], [3]], errors.ShapeError, "not regular"),
        ([1, [2]], errors.ShapeError, "not regular"),
        ([2**40], errors.DtypeError, "wider dtype"),
        (["a"], errors.DtypeError, "str"),
        (object(), errors.DtypeError, "object"),
        (np.array(["a"]), errors.DtypeError, "no dtype"),
    ],
)
def test_asarray_refuses(value: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        wt.asarray(value)


def test_operators_of_python() -> None:
    x = wt.asarray([[1.0, 2.0], [3.0, 4.0]])
    n = np.asarray(x)
    for ours, theirs in (
        (x + 1, n + 1),
        (1 - x, 1 - n),
        (x * x, n * n),
        (2 / x, 2 / n),
        (x**2, n**2),
        (2**x, 2**n),
        (-x, -n),
        (abs(-x), n),
        (x @ x.T, n @ n.T),
        (wt.asarray([1, 2]) / 2, np.array([0.5, 1])),
    ):
        assert np.allclose(np.asarray(ours), theirs)
    with pytest.raises(TypeError):
        x + "a"  # type: ignore[operator]


@pytest.mark.parametrize(
    "key",
    [
        0,
        -1,
        (1, 2),
        (slice(None), 1),
        (..., 0),
        (None, 1, ..., None),
        slice(None, None, -2),
        (slice(5, 0, -2), slice(1, 99)),
        (slice(2, 2), 0),
        (0, slice(3), slice(None), -1),
        (),
        np.int64(2),
    ],
)
def test_indexing_is_numpys(key: Any) -> None:
    values = np.arange(6 * 4 * 3 * 2, dtype=np.float32).reshape(6, 4, 3, 2)
    ours = wt.asarray(values)[key]
    assert ours.shape == values[key].shape
    assert np.array_equal(np.asarray(ours), values[key])


def test_indexing_refuses() -> None:
    x = wt.zeros((2, 3))
    for key, says in (((0, 0, 0), "too many"), (2, "out of range"), ((..., ...), "ellipsis")):
        with pytest.raises(errors.ShapeError, match=says):
            x[key]


def test_comparisons_and_truth() -> None:
    x, n = wt.asarray([1.0, 2.0, np.nan]), np.float32([1.0, 2.0, np.nan])
    for ours, theirs in (
        (x == 1, n == 1),
        (x != x, n != n),
        (x < 2, n < 2),
        (x >= 2, n >= 2),
        ((x > 1) | ~(x >= 1), (n > 1) | ~(n >= 1)),
        ((x > 1) & (x < 3) ^ True, (n > 1) & (n < 3) ^ True),
        (wt.isfinite(x), np.isfinite(n)),
        (wt.where(x > 1, x, 0.0), np.where(n > 1, n, 0)),
        (wt.asarray([0.0, -0.0, np.nan, 2.5]).astype("bool"), [False, False, True, True]),
    ):
        assert np.array_equal(np.asarray(ours), theirs, equal_nan=True)
    assert bool(wt.any(x == 2))
    assert not bool(wt.all(x == 2))
    assert wt.any(wt.asarray([[0, 1], [0, 0]]), axis=1).tolist() == [True, False]
    assert (bool(wt.any(wt.zeros(0))), bool(wt.all(wt.zeros(0)))) == (False, True)
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)
    with pytest.raises(errors.DtypeError, match="condition"):
        wt.where(x, x, x)


def test_narrow_integers_widen_in_reductions_and_wrap_elsewhere() -> None:
    x = wt.asarray(np.int8([100, 100, -3]))
    assert (x + x).tolist() == [-56, -56, -6]
    assert (wt.sum(x).dtype, int(wt.sum(x))) == (wt.int32, 197)
    assert (wt.max(x).dtype, int(wt.max(x))) == (wt.int8, 100)
    assert (wt.asarray(np.uint8([[200, 100]])) @ wt.asarray(np.uint8([[2], [1]]))).tolist() == [
        [244]
    ]


def test_numbers_of_numpy_are_numbers() -> None:
    x = wt.asarray([1.0, 2.0])
    for other in (np.float64(2), np.float32(2), np.int64(2), np.array(2.0)):
        assert (x * other).dtype is wt.float32
        assert (x * other).tolist() == [2.0, 4.0]
        assert (other * x).tolist() == [2.0, 4.0]
        assert (x == other).tolist() == [False, True]
    assert wt.asarray(np.float64(1.5)).dtype is wt.float64
    assert wt.asarray([np.float32(1.5), 2]).tolist() == [1.5, 2.0]
    assert wt.sum(wt.zeros((2, np.int64(3))), axis=np.int64(1)).shape == (2,)


def test_values_survive_conversion() -> None:
    assert wt.asarray(np.array([1.0, 2.0], ">f4")).tolist() == [1.0, 2.0]
    assert wt.asarray([16777217.0], dtype="int64").tolist() == [16777217]
    assert (wt.asarray([16777217]) / wt.asarray(np.float64([1.0]))).tolist() == [16777217.0]
    assert float(wt.mean(wt.full((70000,), 1.0, dtype="float16"))) == 1.0
    assert wt.asarray(np.arange(3.0), dtype="float32")._node.dtype is wt.float32


def test_rows_can_be_iterated() -> None:
    first, second = wt.asarray([[1.0, 2.0], [3.0, 4.0]])
    assert (first.tolist(), second.tolist()) == ([1.0, 2.0], [3.0, 4.0])


def test_numbers_out_of_range_are_refused() -> None:
    for x, value in (
        (wt.asarray(np.uint32([1])), -1),
        (wt.asarray(np.uint8([1])), 256),
        (wt.asarray([1]), 2**40),
        (wt.asarray([1.0]), 10**400),
    ):
        with pytest.raises(errors.DtypeError, match="does not fit"):
            x + value
        with pytest.raises(errors.DtypeError, match="does not fit"):
            x == value  # noqa: B015
    with pytest.raises(errors.DtypeError, match="no integer value"):
        wt.asarray([np.inf], dtype="int32")
    with pytest.raises(errors.DtypeError, match="compares with"):
        wt.asarray([1.0]) == [1.0]  # noqa: B015
    assert (wt.asarray([1.0]) == None) is False  # noqa: E711


def test_evaluations_may_share_what_they_compute() -> None:
    x = wt.asarray([1.0, 2.0])
    shared = wt.exp(x)

    async def read(number: int) -> list[float]:
        values: list[float] = (await (shared + float(number)).numpy()).tolist()
        return values

    async def every() -> list[list[float]]:
        return await asyncio.gather(*map(read, range(4)))

    for number, values in enumerate(asyncio.run(every())):
        assert np.allclose(values, np.exp([1, 2]) + number)


def test_scalars_out() -> None:
    x = wt.asarray([[2.5]])
    assert (float(x), int(x), bool(x), x.item(), complex(x)) == (2.5, 2, True, 2.5, 2.5 + 0j)
    assert [0, 1, 2][wt.asarray(1)] == 1
    assert len(wt.zeros((3, 2))) == 3
    with pytest.raises(ValueError, match="one element"):
        wt.asarray([1, 2]).item()
    with pytest.raises(TypeError):
        len(wt.asarray(1))
    with pytest.raises(TypeError, match="no index"):
        [0, 1][wt.asarray(1.0)]


def test_creation() -> None:
    assert wt.zeros(3).tolist() == [0.0, 0.0, 0.0]
    assert wt.ones((2, 1), dtype="int32").tolist() == [[1], [1]]
    assert np.asarray(wt.full((2, 2), 7)).tolist() == [[7, 7], [7, 7]]
    with pytest.raises(errors.ShapeError):
        wt.zeros((-1,))


def test_one_dimensional_products() -> None:
    a, b = np.float32([1, 2, 3]), np.float32([[1, 2], [3, 4], [5, 6]])
    for left, right in ((a, b), (b.T, a), (a, a)):
        ours = wt.asarray(left) @ wt.asarray(right)
        assert ours.shape == (left @ right).shape
        assert np.allclose(np.asarray(ours), left @ right)
    with pytest.raises(errors.ShapeError, match="at least one axis"):
        wt.matmul(wt.asarray(1.0), wt.asarray([1.0]))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda x: x + wt.zeros((5,)), errors.ShapeError, "do not broadcast"),
        (lambda x: x @ x, errors.ShapeError, r"\(2, 3\)"),
        (lambda x: wt.sum(x, axis=2), errors.ShapeError, "out of range"),
        (lambda x: wt.sum(x, axis=(0, -2)), errors.ShapeError, "twice"),
        (lambda x: x.reshape(4, 2), errors.ShapeError, "6 elements"),
        (lambda x: x.reshape(-1, -1), errors.ShapeError, "at most one"),
        (lambda x: x.reshape(-1, 4), errors.ShapeError, "does not fill"),
        (lambda x: wt.permute_dims(x, (0, 0)), errors.ShapeError, "no order"),
        (lambda x: wt.asarray(1.0).mT, errors.ShapeError, "two axes"),
        (lambda x: wt.zeros((1, 2, 3)).T, errors.ShapeError, "matrix"),
        (lambda x: wt.broadcast_to(x, (2, 4)), errors.ShapeError, "broadcast"),
        (lambda x: wt.broadcast_to(wt.asarray([1.0]), (-3,)), errors.ShapeError, "broadcast"),
        (lambda x: wt.permute_dims(x, (3, 0)), errors.ShapeError, "no order"),
        (lambda x: x["a"], errors.DtypeError, "not str"),
        (lambda x: x + np.zeros(3), errors.DtypeError, "do not mix"),
        (lambda x: np.zeros(3) + x, errors.DtypeError, "do not mix"),
        (lambda x: wt.floor(wt.asarray([1j])), errors.DtypeError, "complex"),
        (lambda x: wt.broadcast_to(x, (3,)), errors.ShapeError, "broadcast"),
        (lambda x: wt.max(wt.zeros((0,))), errors.ShapeError, "no elements"),
        (lambda x: wt.exp(wt.asarray([1])), errors.DtypeError, "exp does not take int32"),
        (lambda x: wt.mean(wt.asarray([1])), errors.DtypeError, "astype"),
        (lambda x: wt.asarray([1]) + 1j, errors.DtypeError, "does not fit"),
        (lambda x: wt.asarray([True]) + x, errors.DtypeError, "promote"),
        (lambda x: wt.add(1, 2), errors.DtypeError, "at least one tensor"),
        (lambda x: wt.exp(1.0), errors.DtypeError, "asarray"),
        (lambda x: wt.add(x, "a"), errors.DtypeError, "str"),
        (lambda x: x.astype("float7"), errors.DtypeError, "no dtype"),
        (lambda x: x.to_device("tpu"), errors.DeviceUnavailableError, "devices are"),
        (lambda x: wt.set_default_device("tpu"), errors.DeviceUnavailableError, "no device"),
        (
            lambda x: x.to_device("cpu") + x.to_device("webgpu"),
            errors.DeviceError,
            "'cpu' and 'webgpu'",
        ),
    ],
)
def test_mistakes_fail_where_they_are_made(call: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        call(wt.asarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))


def test_promotion_is_symmetric_and_numpys_where_numpy_agrees() -> None:
    for left in dtypes.ALL:
        for right in dtypes.ALL:
            try:
                ours = dtypes.promote(left, right)
            except errors.DtypeError:
                assert "bool" in (left.kind, right.kind) or "uint64" in (left.name, right.name)
                continue
            assert ours == dtypes.promote(right, left)
            if left.kind == right.kind or {left.kind, right.kind} == {"int", "uint"}:
                assert ours.name == np.promote_types(left.name, right.name).name


def test_a_mean_of_nothing_is_nan() -> None:
    assert np.isnan(float(wt.mean(wt.zeros((0,)))))


def test_softmax_of_huge_values_does_not_overflow() -> None:
    y = np.asarray(wt.nn.softmax(wt.asarray([[1e38, 1e38, -1e38], [3.0, 1.0, 0.2]])))
    assert np.allclose(y.sum(axis=1), 1)
    assert np.allclose(y[0], [0.5, 0.5, 0])
    assert np.allclose(np.asarray(wt.nn.sigmoid(wt.asarray([0.0, 100.0]))), [0.5, 1])


def test_computed_graphs_let_their_operands_go() -> None:
    x = wt.asarray([1.0, 2.0])
    y = wt.exp(x)
    before = wt.memory().get("cpu", {}).get("live", 0)
    assert len(y.tolist()) == 2
    assert y._node.inputs == ()
    del x, y
    assert wt.memory()["cpu"]["live"] <= before


def test_namespace_is_exact() -> None:
    assert sorted(set(wt.__all__)) == sorted(wt.__all__)
    for name in wt.__all__:
        assert hasattr(wt, name), name
    assert wt.zeros(1).__array_namespace__() is wt
    documented = [
        line.split("─ ")[-1].split()[0] for line in errors.__doc__.splitlines() if "─ " in line
    ]
    assert sorted([*documented, "WebTensorError"]) == sorted(errors.__all__)


def test_a_settled_node_is_forgotten_by_the_intern_table() -> None:
    x = wt.asarray([1.0])
    y = x + 1
    node = y._node
    assert nodes._interned[node.key] is node
    y.tolist()
    assert node.key not in nodes._interned


def test_compile_errors_point_at_the_source() -> None:
    error = errors.KernelCompileError("unknown name", "fn main() {\n  foo();\n}", 2, 3)
    assert error.source_line == "  foo();"
    assert str(error).endswith("line 2, column 3: unknown name\n      foo();\n      ^")
