"""Linear algebra: what is refused, and how; what the results are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import linalg
from webtensor.errors import DtypeError, LinearAlgebraError, OptionError, ShapeError
from webtensor.graph.cost import operations


def on_cpu(*shape: int, dtype: str = "float32") -> wt.Tensor:
    values = np.random.default_rng([*shape]).standard_normal(shape)
    return wt.asarray(values.astype(dtype), device="cpu")


@pytest.mark.parametrize(
    "function",
    [linalg.cholesky, linalg.det, linalg.eig, linalg.eigh, linalg.eigvals, linalg.eigvalsh,
     linalg.inv, linalg.slogdet, lambda x: linalg.matrix_power(x, 0), lambda x: linalg.solve(x, x)],
)  # fmt: skip
def test_square_matrices_are_asked_for(function: Callable[..., Any]) -> None:
    for shape in ((3, 4), (3,)):
        with pytest.raises(ShapeError, match=r"\(3,"):
            function(on_cpu(*shape))
    with pytest.raises(DtypeError, match="int32"):
        function(wt.asarray([[1, 2], [3, 4]], device="cpu"))


@pytest.mark.parametrize(
    "function",
    [linalg.qr, linalg.svd, linalg.svdvals, linalg.pinv, linalg.matrix_rank, linalg.matrix_norm,
     linalg.diagonal, linalg.trace],
)  # fmt: skip
def test_matrices_are_asked_for(function: Callable[..., Any]) -> None:
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        function(on_cpu(3))


def test_other_misuse() -> None:
    x = on_cpu(3, 3)
    with pytest.raises(OptionError, match="full"):
        linalg.qr(x, mode="full")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="3"):
        linalg.matrix_norm(x, ord=3)
    with pytest.raises(DtypeError, match="integer"):
        linalg.matrix_power(x, 0.5)  # type: ignore[arg-type]
    for right in (on_cpu(4), on_cpu(4, 3), on_cpu(2, 4, 3)):
        with pytest.raises(ShapeError, match="do not fit"):
            linalg.solve(x, right)
    for axis in (0, -3):
        with pytest.raises(ShapeError, match="axis"):
            linalg.cross(x, x, axis=axis)
    with pytest.raises(ShapeError, match="3 elements"):
        linalg.cross(on_cpu(2), on_cpu(2))
    with pytest.raises(ShapeError, match="vectors"):
        linalg.outer(x, on_cpu(3))
    for function in (linalg.trace, lambda one: linalg.cross(one, one)):
        with pytest.raises(DtypeError, match="bool"):
            function(x > 0)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (linalg.inv, "inv"),
        (lambda x: linalg.solve(x, x), "solve"),
        (lambda x: linalg.cholesky(-x), "cholesky"),
        (lambda x: linalg.eig(x / 0).eigenvalues, "eig"),
    ],
)
def test_the_cpu_raises_where_there_are_no_factors(
    function: Callable[[wt.Tensor], wt.Tensor], said: str
) -> None:
    result = function(wt.ones((2, 2), device="cpu"))
    for kind in (LinearAlgebraError, ValueError):
        with pytest.raises(kind, match=said):
            np.asarray(result)
    # What was made before stays usable.
    assert np.asarray(linalg.det(wt.ones((2, 2), device="cpu"))) == 0


def test_results_have_names() -> None:
    x = on_cpu(2, 4, 3)
    u, s, vh = linalg.svd(x)
    assert (u.shape, s.shape, vh.shape) == ((2, 4, 4), (2, 3), (2, 3, 3))
    assert linalg.svd(x, full_matrices=False).U.shape == (2, 4, 3)
    assert linalg.qr(x, mode="complete").R.shape == (2, 4, 3)
    assert linalg.slogdet(x @ x.mT).logabsdet.shape == (2,)
    values, vectors = linalg.eigh(wt.astype(x @ x.mT, "complex64"))
    assert (values.dtype, vectors.dtype) == (wt.float32, wt.complex64)
    assert linalg.eig(on_cpu(3, 3, dtype="float64")).eigenvectors.dtype == wt.complex128


def test_tolerances_decide_the_rank() -> None:
    x = wt.asarray(np.diag([1.0, 1e-3, 1e-9]).astype("float32"), device="cpu")
    limits = wt.asarray(np.float32([1e-12, 1e-6, 0.5]), device="cpu")
    assert np.asarray(linalg.matrix_rank(x)) == 2
    assert np.asarray(linalg.matrix_rank(x, rtol=1e-2)) == 1
    found = linalg.matrix_rank(wt.stack([x, x, x]), rtol=limits)
    assert found.tolist() == [3, 2, 1]
    inverses = np.asarray(linalg.pinv(wt.stack([x, x, x]), rtol=limits))
    assert np.count_nonzero(inverses, axis=(1, 2)).tolist() == [3, 2, 1]
    assert linalg.matrix_rank(wt.zeros((2, 0, 3), device="cpu")).tolist() == [0, 0]


def test_factorisations_count_their_operations() -> None:
    assert operations(linalg.inv(on_cpu(5, 10, 10))._node) == 2 * 5 * 10**3
    assert operations(linalg.svdvals(on_cpu(20, 4))._node) == 2 * 20 * 4 * 4
