"""Factorisations on WebGPU: matrices without factors, many of them, large and tall ones."""

from __future__ import annotations

import numpy as np
import pytest

import webtensor as wt
from webtensor import linalg
from webtensor.errors import UnsupportedOperatorError

pytestmark = pytest.mark.usefixtures("webgpu")


def on_gpu(values: object) -> wt.Tensor:
    return wt.asarray(np.asarray(values, np.float32), device="webgpu")


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng([*shape]).standard_normal(shape).astype(np.float32)


def test_matrices_without_factors() -> None:
    """One of a stack does not spoil the others."""
    good = normal(3, 3) + 4 * np.eye(3, dtype=np.float32)
    # Small whole numbers: the elimination finds the zero exactly.
    x = on_gpu([good, [[1, 2, 4], [2, 4, 8], [1, 1, 1]], np.zeros((3, 3)), good])
    inverse = np.asarray(linalg.inv(x))
    assert np.isnan(inverse[1:3]).any(axis=(1, 2)).all()
    for place in (0, 3):
        np.testing.assert_allclose(inverse[place], np.linalg.inv(good), rtol=1e-4, atol=1e-5)
    assert np.asarray(linalg.det(x))[1:3].tolist() == [0, 0]
    sign, logarithm = linalg.slogdet(x)
    assert np.asarray(sign)[1:3].tolist() == [0, 0]
    assert np.asarray(logarithm)[1:3].tolist() == [-np.inf, -np.inf]
    positive = good @ good.T
    factors = np.asarray(linalg.cholesky(on_gpu([positive, -positive, np.zeros((3, 3))])))
    assert np.isfinite(factors[0]).all()
    assert np.isnan(factors[1:]).any(axis=(1, 2)).all()


def test_nan_and_infinity_pass_through() -> None:
    x = normal(20, 20)
    x[3, 5] = np.nan
    for result in (linalg.inv(on_gpu(x)), linalg.det(on_gpu(x)), linalg.qr(on_gpu(x)).R):
        assert np.isnan(np.asarray(result)).any()


def test_a_matrix_of_zeros_has_q() -> None:
    q, r = linalg.qr(on_gpu(np.zeros((5, 3))))
    assert np.array_equal(np.asarray(q), np.eye(5, 3))
    assert not np.asarray(r).any()


def test_squares_out_of_range() -> None:
    for scale in (1e25, 1e-25):
        x = normal(19, 6) * np.float32(scale)
        q, r = (np.asarray(one) for one in linalg.qr(on_gpu(x)))
        np.testing.assert_allclose(q @ (r / scale), x / scale, atol=1e-5)
        np.testing.assert_allclose(q.T @ q, np.eye(6), atol=1e-5)


def test_more_matrices_than_a_grid_is_wide() -> None:
    x = normal(70_001, 2, 2) + 3 * np.eye(2, dtype=np.float32)
    found = np.asarray(linalg.det(on_gpu(x)))
    np.testing.assert_allclose(found, np.linalg.det(x.astype(float)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("rows", [20_000, 100_000])
def test_tall_matrices(rows: int) -> None:
    """Panels grow narrow, so that no loop is longer than adapters allow."""
    x = normal(rows, 5)
    q, r = (np.asarray(one) for one in linalg.qr(on_gpu(x)))
    np.testing.assert_allclose(q.T.astype(float) @ q, np.eye(5), atol=1e-4)
    np.testing.assert_allclose(q @ r, x, atol=1e-3)


def test_too_tall_matrices_are_refused() -> None:
    with pytest.raises(UnsupportedOperatorError, match=r"200000 rows.*to_device"):
        np.asarray(linalg.qr(on_gpu(np.ones((200_000, 1)))).R)


def test_a_large_system() -> None:
    x, right = normal(517, 517), normal(517, 3)
    found = np.asarray(linalg.solve(on_gpu(x), on_gpu(right)))
    # Backward stable: the exact solution of a system that is nearly this one.
    rest = np.linalg.norm(x.astype(float) @ found - right, axis=0)
    assert (rest < 2e-6 * np.linalg.norm(x) * np.linalg.norm(found, axis=0)).all()


def test_between_other_operators() -> None:
    x = normal(9, 9) + 5 * np.eye(9, dtype=np.float32)
    found = wt.exp(linalg.inv(on_gpu(x).mT * 2)) + 1
    expected = np.exp(np.linalg.inv(x.T.astype(float) * 2)) + 1
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-5)


def test_what_kernels_do_not_compute_names_the_way_out() -> None:
    x = on_gpu(normal(4, 3))
    with pytest.raises(UnsupportedOperatorError, match=r"svd.*x\.to_device\('cpu'\)$"):
        np.asarray(linalg.svd(x).S)
    assert np.asarray(linalg.svd(x.to_device("cpu")).S).shape == (3,)
