"""Functions composed of concat, gather, pad, argmax and the matrix product, beside NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import errors


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBTENSOR_DEVICE", "cpu")


def values(*shape: int, dtype: str = "float32") -> Any:
    generator = np.random.default_rng(shape)
    return (generator.uniform(-9, 9, shape)).astype(dtype)


A, B = values(4, 6, 5), values(4, 6, 5) + 1
COLUMNS = values(7, 3, dtype="int32")
PLACES = np.random.default_rng(3).integers(-6, 6, (4, 2, 5)).astype(np.int32)


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (lambda m, a, b: m.concat([a, b], axis=-1), None),
        (lambda m, a, b: m.concat([a, b[:1, :2], a], axis=None), None),
        (lambda m, a, b: m.stack([a, b], axis=-2), None),
        (lambda m, a, b: m.stack([a, b]), None),
        (lambda m, a, b: m.unstack(a, axis=1)[4], None),
        (lambda m, a, b: m.expand_dims(a, axis=-2), None),
        (lambda m, a, b: m.expand_dims(a, axis=(0, 3)), None),
        (lambda m, a, b: m.squeeze(a[:1, :, 2:3], axis=(0, -1)), None),
        (lambda m, a, b: m.flip(a), None),
        (lambda m, a, b: m.flip(a, axis=(0, -1)), None),
        (lambda m, a, b: m.roll(a, 7), None),
        (lambda m, a, b: m.roll(a, -2, axis=1), None),
        (lambda m, a, b: m.roll(a, (1, 13), axis=(-1, 0)), None),
        (lambda m, a, b: m.roll(a, 1, axis=(0, 2)), None),
        (lambda m, a, b: m.moveaxis(a, 0, -1), None),
        (lambda m, a, b: m.moveaxis(a, (2, 0), (0, 1)), None),
        (lambda m, a, b: m.tile(a, (2, 3)), None),
        (lambda m, a, b: m.tile(a[0], (2, 1, 3)), None),
        (lambda m, a, b: m.tile(a, (0, 1, 1)), None),
        (lambda m, a, b: m.repeat(a, 3), None),
        (lambda m, a, b: m.repeat(a, 2, axis=-2), None),
        (lambda m, a, b: m.tril(a), None),
        (lambda m, a, b: m.tril(a, k=-2), None),
        (lambda m, a, b: m.triu(a, k=3), None),
        (lambda m, a, b: m.triu(a > 0), None),
        (lambda m, a, b: m.var(a, axis=(0, 2)), None),
        (lambda m, a, b: m.var(a), None),
        (lambda m, a, b: m.std(a, axis=1, keepdims=True), None),
        (
            lambda m, a, b: m.std(a, axis=1, correction=1),
            lambda m, a, b: m.std(a, axis=1, ddof=1),
        ),
        (lambda m, a, b: m.argmax(a), lambda m, a, b: m.argmax(a).astype(np.int32)),
        (
            lambda m, a, b: m.argmin(a, axis=None, keepdims=True),
            lambda m, a, b: m.argmin(a, axis=None, keepdims=True).astype(np.int32),
        ),
        (lambda m, a, b: m.vecdot(a, b, axis=-2), None),
        (lambda m, a, b: m.vecdot(a[:, :1], b), None),
        (lambda m, a, b: m.tensordot(a, b, axes=((0, 2), (0, 2))), None),
        (lambda m, a, b: m.tensordot(a, b[:, 0, :3].T, axes=0), None),
        (lambda m, a, b: m.tensordot(a, b.reshape(6, 5, 4)), None),
        (lambda m, a, b: m.meshgrid(a[0, 0], b[0, :, 0], a[:, 0, 0])[1], None),
        (lambda m, a, b: m.meshgrid(a[0, 0], b[0, :, 0], indexing="ij")[0], None),
        (lambda m, a, b: m.zeros_like(a), None),
        (lambda m, a, b: m.ones_like(a, dtype="bool"), None),
        (lambda m, a, b: m.full_like(a, 7), None),
        (lambda m, a, b: m.take(a, [-1, 0, 3], axis=1), None),
    ],
)
def test_function_is_numpys(ours: Callable[..., Any], numpys: Callable[..., Any] | None) -> None:
    expected = (numpys or ours)(np, A, B)
    found = ours(wt, wt.asarray(A), wt.asarray(B))
    assert found.shape == expected.shape
    assert found.dtype.name == expected.dtype.name
    np.testing.assert_allclose(np.asarray(found), expected, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((7,), {}),
        ((0,), {}),
        ((3, 20, 4), {}),
        ((9, -4, -3), {}),
        ((5, 2), {}),
        ((1.0, 2.0, 0.1), {}),
        ((3,), {"dtype": "float32"}),
        ((-3, 90), {"dtype": "int8"}),
        ((2.5,), {"dtype": "int32"}),
    ],
)
def test_arange_is_numpys(arguments: Any, options: Any) -> None:
    found, expected = wt.arange(*arguments, **options), np.arange(*arguments, **options)
    name = {"int64": "int32", "float64": "float32"}.get(expected.dtype.name, expected.dtype.name)
    assert (found.dtype.name, found.shape) == (name, expected.shape)
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-6)


def test_linspace_and_eye_are_numpys() -> None:
    for arguments in ((0, 1, 7), (5.5, -3, 4), (2, 3, 1), (2, 3, 0)):
        for endpoint in (True, False):
            found = np.asarray(wt.linspace(*arguments, endpoint=endpoint))
            expected = np.linspace(*arguments, endpoint=endpoint, dtype=np.float32)
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    assert wt.linspace(0, 0.1, 3).tolist()[-1] == np.float32(0.1)
    for sizes, k in (((3,), 0), ((3, 5), 1), ((5, 3), -2), ((2, 2), 7)):
        assert np.array_equal(np.asarray(wt.eye(*sizes, k=k)), np.eye(*sizes, k=k))
    assert wt.eye(2, dtype="bool").tolist() == [[True, False], [False, True]]
    assert np.asarray(wt.empty((2, 3))).shape == wt.empty_like(wt.empty((2, 3))).shape == (2, 3)


def test_split_gives_views() -> None:
    x = wt.asarray(A)
    for found, expected in (
        (wt.split(x, 3, axis=1), np.split(A, 3, axis=1)),
        (wt.split(x, (1, 0, 4), axis=-1), np.split(A, (1, 1), axis=-1)),
    ):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert np.array_equal(np.asarray(one), other)
            assert one.shape == other.shape


def test_take_along_an_axis() -> None:
    x = wt.asarray(A)
    found = wt.take_along_axis(x, wt.asarray(PLACES), axis=1)
    assert np.array_equal(np.asarray(found), np.take_along_axis(A, PLACES, axis=1))
    order = np.argsort(COLUMNS, axis=0)
    found = wt.take_along_axis(wt.asarray(COLUMNS), wt.asarray(order), axis=0)
    assert np.array_equal(np.asarray(found), np.sort(COLUMNS, axis=0))
    wide = np.asarray(wt.take_along_axis(x, wt.asarray(PLACES[:1, :, :1]), axis=1))
    assert np.array_equal(wide, np.take_along_axis(A, PLACES[:1, :, :1], axis=1))
    none = wt.take_along_axis(x, wt.zeros((4, 0, 5), dtype="int32"), axis=1)
    assert np.asarray(none).shape == (4, 0, 5)
    # Computed indices are clamped on each axis by itself, never into a neighbour's elements.
    far = wt.asarray(np.full((4, 1, 5), 77, np.int32)) + 0
    clamped = np.asarray(wt.take_along_axis(x, far, axis=1))
    assert np.array_equal(clamped, A[:, -1:, :])


@pytest.mark.parametrize(
    "key",
    [
        PLACES,
        (slice(None), PLACES[0]),
        (..., PLACES[0, 0] % 5),
        (slice(1, None, 2), PLACES[0, 0], slice(None, None, -1)),
        (slice(1), None, PLACES[0, 0]),
        np.array(2, np.int32),
    ],
)
def test_a_tensor_as_index_is_numpys(key: Any) -> None:
    keys = key if isinstance(key, tuple) else (key % 4,)
    ours = tuple(wt.asarray(one) if isinstance(one, np.ndarray) else one for one in keys)
    found = wt.asarray(A)[ours if len(ours) > 1 else ours[0]]
    assert np.array_equal(np.asarray(found), A[keys])
    assert np.array_equal(np.asarray(wt.asarray(A)[keys]), A[keys]), "NumPy's array as index"


def test_networks_functions() -> None:
    x, weight, bias = values(3, 5), values(7, 5), values(7)
    tensors = tuple(map(wt.asarray, (x, weight, bias)))
    np.testing.assert_allclose(
        np.asarray(wt.nn.linear(*tensors)), x @ weight.T + bias, rtol=1e-5, atol=1e-4
    )
    assert wt.nn.linear(*tensors[:2]).shape == (3, 7)
    ids = wt.asarray(np.int32([[0, 6], [-1, 2]]))
    assert np.array_equal(np.asarray(wt.nn.embedding(ids, tensors[1])), weight[[[0, 6], [-1, 2]]])
    hot = wt.nn.one_hot(wt.asarray([2, 0, 3, -1]), 3)
    assert hot.tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert hot.dtype is wt.int32


def test_gemm_is_webnns() -> None:
    a, b, c = values(3, 5), values(5, 7), values(7)
    for a_transpose in (False, True):
        for b_transpose in (False, True):
            left = wt.asarray(a.T.copy() if a_transpose else a)
            right = wt.asarray(b.T.copy() if b_transpose else b)
            options = {"a_transpose": a_transpose, "b_transpose": b_transpose}
            found = wt.gemm(left, right, wt.asarray(c), alpha=0.5, beta=-2, **options)  # type: ignore[arg-type]
            np.testing.assert_allclose(
                np.asarray(found), 0.5 * (a @ b) - 2 * c, rtol=1e-5, atol=1e-4
            )
    plain = wt.gemm(wt.asarray(a), wt.asarray(b))
    np.testing.assert_allclose(np.asarray(plain), a @ b, rtol=1e-5, atol=1e-4)


def test_padding_is_torchs() -> None:
    x = wt.asarray(A)
    found = np.asarray(wt.nn.pad(x, (1, 2, 0, 3), value=1.5))
    assert np.array_equal(found, np.pad(A, ((0, 0), (0, 3), (1, 2)), constant_values=1.5))
    found = np.asarray(wt.nn.pad(x, (-1, -2, 2, -3), "reflect"))
    assert np.array_equal(found, np.pad(A[:, :3, 1:3], ((0, 0), (2, 0), (0, 0)), mode="reflect"))
    assert np.array_equal(np.asarray(wt.nn.pad(x, (-1, 0))), A[..., 1:])
    assert wt.nn.pad(x, ())._node is x._node
    found = np.asarray(wt.nn.pad(x[:0], (1, 1, 0, 0, 2, 0), value=2.5))
    assert found.shape == (2, 6, 7)
    assert (found == 2.5).all()
    masked = wt.nn.pad(wt.asarray([True]), (1, 1), value=True)
    assert masked.tolist() == [True, True, True]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda x: wt.concat([]), errors.ShapeError, "at least one"),
        (lambda x: wt.concat([x, x[:, :2]], axis=0), errors.ShapeError, "outside axis 0"),
        (lambda x: wt.concat([x, x[0]], axis=0), errors.ShapeError, "outside axis 0"),
        (lambda x: wt.concat([x, x[:0, :2]], axis=0), errors.ShapeError, "outside axis 0"),
        (lambda x: wt.concat([x, x > 0]), errors.DtypeError, "promote"),
        (lambda x: wt.concat([x, 1.0]), errors.DtypeError, "takes tensors"),
        (lambda x: wt.concat([x, x], axis=2), errors.ShapeError, "out of range"),
        (lambda x: wt.stack([x, x[0]]), errors.ShapeError, "one shape"),
        (lambda x: wt.split(x, 2, axis=1), errors.ShapeError, "equal parts"),
        (lambda x: wt.split(x, (1, 1), axis=1), errors.ShapeError, "make up"),
        (lambda x: wt.split(x, (4, -1), axis=1), errors.ShapeError, "make up"),
        (lambda x: wt.squeeze(x, axis=0), errors.ShapeError, "size 1"),
        (lambda x: wt.expand_dims(x, axis=3), errors.ShapeError, "out of range"),
        (lambda x: wt.roll(x, (1, 2)), errors.ShapeError, "need several axes"),
        (lambda x: wt.roll(x, (1, 2), axis=0), errors.ShapeError, "2 shifts for 1"),
        (lambda x: wt.moveaxis(x, (0, 0), (0, 1)), errors.ShapeError, "moveaxis"),
        (lambda x: wt.tile(x, (-1,)), errors.ShapeError, "not negative"),
        (lambda x: wt.repeat(x, -1), errors.ShapeError, "not negative"),
        (lambda x: wt.repeat(x, wt.asarray([1, 2]), axis=1), errors.ShapeError, "repeats of shape"),
        (lambda x: wt.take(x, [0]), errors.ShapeError, "needs an axis"),
        (lambda x: wt.take(x, [3], axis=1), errors.IndexingError, "index 3 is outside axis 1"),
        (lambda x: wt.take(x, wt.asarray([0, -4]), axis=1), errors.ShapeError, "index -4"),
        (lambda x: wt.take(x, x[0], axis=1), errors.DtypeError, "integers"),
        (lambda x: wt.take(x[:, :0], wt.asarray([0]) + 0, axis=1), errors.ShapeError, "no element"),
        (lambda x: wt.take_along_axis(x, wt.asarray([0])), errors.ShapeError, "do not fit"),
        (lambda x: wt.take_along_axis(x, wt.asarray([[9]])), errors.ShapeError, "index 9"),
        (lambda x: x[x], errors.DtypeError, "float32 is no index"),
        (lambda x: x[wt.asarray([2])], errors.IndexingError, "index 2 is outside axis 0"),
        (lambda x: wt.nn.pad(x, (1,)), errors.ShapeError, "no pairs"),
        (lambda x: wt.nn.pad(x, (1,) * 6), errors.ShapeError, "no pairs"),
        (lambda x: wt.nn.pad(x, (3, 0), "reflect"), errors.ShapeError, "at least 4"),
        (lambda x: wt.nn.pad(x[:0], (0, 0, 1, 0), "replicate"), errors.ShapeError, "at least 1"),
        (lambda x: wt.nn.pad(x, (-2, -2)), errors.ShapeError, "cut more"),
        (lambda x: wt.nn.pad(x, (1, 1), "wrap"), errors.ShapeError, "none of"),
        (lambda x: wt.nn.pad(x.astype("int32"), (1, 1), value=0.5), errors.DtypeError, "no int32"),
        (lambda x: wt.nn.pad(x.astype("int8"), (1, 1), value=300), errors.DtypeError, "int8"),
        (lambda x: wt.argmax(x[:0]), errors.ShapeError, "no elements"),
        (lambda x: wt.argmax(x > 0, axis=0), errors.DtypeError, "bool"),
        (lambda x: wt.argmax(x, axis=2), errors.ShapeError, "out of range"),
        (lambda x: wt.var(x.astype("int32")), errors.DtypeError, "astype"),
        (lambda x: wt.arange(3, step=0), errors.ShapeError, "step is 0"),
        (lambda x: wt.arange(300, dtype="int8"), errors.DtypeError, "does not fit int8"),
        (lambda x: wt.linspace(0, 1, -1), errors.ShapeError, "-1 numbers"),
        (lambda x: wt.tril(x[0]), errors.ShapeError, "two axes"),
        (lambda x: wt.meshgrid(x), errors.ShapeError, "one axis"),
        (lambda x: wt.meshgrid(x[0], indexing="ab"), errors.ShapeError, "'xy' or 'ij'"),
        (lambda x: wt.gemm(x, x), errors.ShapeError, "do not fit"),
        (lambda x: wt.gemm(x[0], x), errors.ShapeError, "matrices"),
        (lambda x: wt.gemm(x, x.T, x), errors.ShapeError, "broadcast"),
        (lambda x: wt.gemm(x, x.T, wt.zeros((4, 2, 2))), errors.ShapeError, "broadcast"),
        (lambda x: wt.nn.linear(x, x[0]), errors.ShapeError, "weight"),
        (lambda x: wt.vecdot(x, x, axis=0), errors.ShapeError, "do not fit"),
        (lambda x: wt.vecdot(x, x[:, :2]), errors.ShapeError, "do not fit"),
        (lambda x: wt.tensordot(x, x, axes=1), errors.ShapeError, "differ"),
        (lambda x: wt.tensordot(x, x, axes=3), errors.ShapeError, "are not in"),
        (lambda x: wt.tensordot(x, x, axes=((0,), (0, 1))), errors.ShapeError, "no pairs"),
    ],
)
def test_mistakes_fail_where_they_are_made(call: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        call(wt.asarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
