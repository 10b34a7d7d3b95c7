"""Cases of linear algebra: random matrices, whose condition numbers bound the errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np

import webtensor as wt
from webtensor import linalg
from webtensor.operators import Tolerance

from .case import INF, Array, Case, random

Shape = tuple[int, ...]
# One element, less than a panel of the kernels, one more than that, several, one behind the other.
_OF: dict[str, tuple[Shape, ...]] = {
    "inv": ((1, 1), (17, 17), (2, 33, 33), (0, 4, 4)),
    "det": ((3, 3), (17, 17)),
    "cholesky": ((1, 1), (2, 3, 7, 7), (70, 70)),
    "solve": ((3, 3), (2, 3, 7, 7), (70, 70)),
    "slogdet": ((1, 1), (2, 33, 33)),
}
_QR: tuple[tuple[Shape, Literal["reduced", "complete"]], ...] = (
    ((5, 3), "complete"),
    ((2, 40, 33), "complete"),
    ((2, 20, 45), "reduced"),
    ((4, 0), "complete"),
)
_FACTOR = 8


def _matrix(shape: Shape, dtype: str = "float32") -> Array:
    """Random, of signs that alternate, far enough from singular."""
    values = random(shape, "float64", -1, 1) + 1j * random(shape, "float64", -1, 0.5)
    if not dtype.startswith("complex"):
        values = values.real
    if shape[-1] == shape[-2]:
        # The large elements stand off the diagonal, so that rows must be exchanged.
        values = values + 2 * np.sqrt(shape[-1]) * np.roll(np.eye(shape[-1]), 1, axis=0)
    return values.astype(dtype)


def _positive(shape: Shape, dtype: str = "float32") -> Array:
    root = _matrix(shape, dtype).astype("complex128" if dtype.startswith("c") else "float64")
    values = root @ np.conj(np.swapaxes(root, -1, -2)) / shape[-1] + np.eye(shape[-1])
    return values.astype(dtype)


def _case(
    operator: str,
    label: str,
    operands: tuple[Array, ...],
    apply: Callable[..., wt.Tensor],
    formula: Callable[..., Array],
    **more: Any,
) -> Case:
    """A case whose tolerance is relative to the result and to the first operand's condition."""
    wide = [one.astype("float64") if one.dtype.kind == "f" else one for one in operands]
    view = more.get("view", lambda x: x)
    first = view(wide[0])
    size = max(first.shape[-2:])
    square = first.size and first.shape[-1] == first.shape[-2]
    condition = float(np.max(np.linalg.cond(first))) if square else 10.0
    scale = float(np.max(np.abs(formula(*map(view, wide))), initial=1e-30))
    precision = 2.0**-11 if operands[0].dtype == np.float16 else 2.0**-24
    tolerance = Tolerance.units(0, absolute=_FACTOR * size * condition * scale * precision)
    return Case(operator, label, operands, apply, formula=formula, tolerance=tolerance, **more)


def _inverse(x: Array) -> Array:
    return np.linalg.inv(x)


def _factors() -> Iterator[Case]:
    """What kernels factorise."""
    for shape in _OF["inv"]:
        yield _case("inv", "random", (_matrix(shape),), linalg.inv, _inverse)
    for shape in _OF["det"]:
        yield _case("det", "random", (_matrix(shape),), linalg.det, np.linalg.det)
    for shape in _OF["cholesky"]:
        yield _case("cholesky", "random", (_positive(shape),), linalg.cholesky, np.linalg.cholesky)
    for shape in _OF["solve"]:
        right = random((*shape[:-1], 5), "float32", -1, 1)
        yield _case("solve", "random", (_matrix(shape), right), linalg.solve, np.linalg.solve)
    for shape in _OF["slogdet"]:
        yield _case(
            "slogdet",
            "both parts",
            (_matrix(shape),),
            lambda x: wt.stack(linalg.slogdet(x)),
            lambda x: np.stack(np.linalg.slogdet(x)),
        )
    for shape, mode in _QR:
        yield _case("qr", mode, (_matrix(shape),), _of_qr(mode), _of_qr_reference(mode))


def _of_qr(mode: Literal["reduced", "complete"]) -> Callable[[wt.Tensor], wt.Tensor]:
    """R; Q · R; and Qᵀ · Q, since beyond the columns that x spans Q is any basis of the rest."""

    def found(x: wt.Tensor) -> wt.Tensor:
        q, r = linalg.qr(x, mode=mode)
        return wt.concat([one.reshape(-1) for one in (r, q @ r, q.mT @ q)])

    return found


def _of_qr_reference(mode: Literal["reduced", "complete"]) -> Callable[[Array], Array]:
    def expected(x: Array) -> Array:
        q, r = np.linalg.qr(x, mode)
        return np.concatenate([one.reshape(-1) for one in (r, x, q.mT @ q)])

    return expected


def _arranged() -> Iterator[Case]:
    """Other dtypes, views, broadcast operands, vectors."""
    for dtype in ("float64", "complex64", "float16"):
        x, right = _matrix((5, 5), dtype), _matrix((5, 3), dtype)
        yield _case("inv", "random", (x,), linalg.inv, _inverse)
        yield _case("solve", "random", (x, right), linalg.solve, np.linalg.solve)
        yield _case(
            "cholesky", "random", (_positive((5, 5), dtype),), linalg.cholesky, np.linalg.cholesky
        )
        yield _case("qr", "R", (right,), lambda x: linalg.qr(x).R, lambda x: np.linalg.qr(x).R)
    x = _matrix((4, 19, 19))
    turned: dict[str, Any] = {"view": lambda x: x[1::2, ::-1].mT if x.ndim == 3 else x}
    yield _case("inv", "of a view", (x,), linalg.inv, _inverse, **turned)
    yield _case("det", "of a view", (x,), linalg.det, np.linalg.det, **turned)
    # The triangle that is not asked for may hold anything.
    both = np.triu(_positive((19, 19))) + np.tril(random((19, 19), "float32", -9, 9), -1)
    yield _case(
        "cholesky",
        "upper",
        (both.astype("float32"),),
        lambda x: linalg.cholesky(x, upper=True),
        lambda x: np.linalg.cholesky(np.triu(x) + np.triu(x, 1).mT).mT,
    )
    yield _case(
        "solve",
        "broadcast",
        (_matrix((3, 1, 7, 7)), random((2, 7, 2), "float32", -1, 1)),
        linalg.solve,
        np.linalg.solve,
    )
    yield _case(
        "solve",
        "for a vector",
        (_matrix((3, 7, 7)), random((7,), "float32", -1, 1)),
        linalg.solve,
        lambda x, y: np.linalg.solve(x, y[:, None])[..., 0],
    )
    for n in (-3, 0):
        yield _case(
            "inv" if n < 0 else "matrix_power",
            f"to the power of {n}",
            (_matrix((2, 6, 6)) / np.float32(4),),
            lambda x, n=n: linalg.matrix_power(x, n),
            lambda x, n=n: np.linalg.matrix_power(x, n),
        )
    # Far beyond float32's range on the way.
    yield Case(
        "det",
        "of large and small factors",
        (_scaled(40),),
        linalg.det,
        formula=np.linalg.det,
        tolerance=Tolerance.units(400),
    )


def _scaled(n: int) -> Array:
    """Triangular: half of the pivots are huge, the other half tiny."""
    diagonal = np.where(np.arange(n) < n // 2, 1e4, 1e-4)
    return (np.triu(random((n, n), "float64", -1, 1), 1) * 1e-5 + np.diag(diagonal)).astype("f4")


def _on_the_cpu() -> Iterator[Case]:
    """What no kernel computes: refused elsewhere."""
    for dtype in ("float32", "float64", "complex64"):
        x, tall = _matrix((2, 5, 5), dtype), _matrix((2, 6, 4), dtype)
        symmetric = _positive((2, 5, 5), dtype)
        yield _case("svdvals", "random", (tall,), linalg.svdvals, _singular)
        yield _case("eigvalsh", "random", (symmetric,), linalg.eigvalsh, np.linalg.eigvalsh)
        yield _case("pinv", "random", (tall,), linalg.pinv, np.linalg.pinv)
        yield _case("eigh", "multiplied", (symmetric,), _multiplied(linalg.eigh), lambda x: x)
        yield _case("eig", "multiplied", (x,), _multiplied(linalg.eig), lambda x: x)
        for full in (True, False):
            yield _case("svd", f"multiplied {full}", (tall,), _of_svd(full), lambda x: x)
        yield _case(
            "eigvals",
            "summed",
            (x,),
            lambda x: wt.sum(linalg.eigvals(x), axis=-1),
            lambda x: np.trace(x, axis1=-2, axis2=-1).astype("complex128"),
        )
    x = random((2, 6, 4), "float32", -1, 1)
    yield _case("complex_of_pairs", "random", (x,), _of_svd(True), lambda x: x)
    x[:, :, 1] = x[:, :, 0] * 2
    yield Case(
        "svdvals",
        "counted",
        (x,),
        linalg.matrix_rank,
        formula=np.linalg.matrix_rank,
        tolerance=Tolerance.units(0),
    )
    for order in (2, -2, "nuc"):
        yield _norm(linalg.matrix_norm, (2, 5, 3), order, "svdvals")


def _singular(x: Array) -> Array:
    return np.linalg.svd(x, compute_uv=False)


def _multiplied(function: Callable[[wt.Tensor], Any]) -> Callable[[wt.Tensor], wt.Tensor]:
    """The matrix again, from its eigenvalues and eigenvectors."""

    def product(x: wt.Tensor) -> wt.Tensor:
        values, vectors = function(x)
        scaled = wt.astype(values[..., None, :], vectors.dtype) * vectors
        return linalg.solve(vectors.mT, scaled.mT).mT

    return product


def _of_svd(full: bool) -> Callable[[wt.Tensor], wt.Tensor]:
    def product(x: wt.Tensor) -> wt.Tensor:
        u, s, vh = linalg.svd(x, full_matrices=full)
        kept = s.shape[-1]
        scaled = u[..., :kept] * wt.astype(s[..., None, :], u.dtype)
        return scaled @ vh[..., :kept, :]

    return product


def _norm(
    function: Callable[..., wt.Tensor], shape: Shape, order: Any, name: str, **more: Any
) -> Case:
    reference = getattr(np.linalg, function.__name__)
    return Case(
        name,
        f"norm {order} {more}" if more else f"norm {order}",
        (random(shape, "float32", -2, 2),),
        lambda x: function(x, ord=order, **more),
        formula=lambda x: reference(x, ord=order, **more),
        tolerance=Tolerance.units(64),
    )


def _composed() -> Iterator[Case]:
    for order in ("fro", 1, -1, INF, -INF):
        yield _norm(linalg.matrix_norm, (3, 5, 7), order, "matrix_norm")
    yield _norm(linalg.matrix_norm, (3, 5, 7), 1, "matrix_norm", keepdims=True)
    for order in (2, 1, 0, 3, -1.5, INF, -INF):
        yield _norm(linalg.vector_norm, (5, 67), order, "vector_norm", axis=-1)
    yield _norm(linalg.vector_norm, (3, 5, 7), 2, "vector_norm", axis=(0, 2), keepdims=True)
    yield _norm(linalg.vector_norm, (3, 5, 7), 2, "vector_norm", keepdims=True)
    exact = Tolerance.units(0)
    values = random((2, 5, 7), "float32", -5, 5)
    for offset in (0, 2, -3, 9):
        yield Case(
            "diagonal",
            "empty" if offset == 9 else f"{offset}",
            (values,),
            lambda x, offset=offset: linalg.diagonal(x, offset=offset),
            formula=lambda x, offset=offset: np.linalg.diagonal(x, offset=offset),
            tolerance=exact,
        )
    whole = random((4, 7, 5), "int32", 0, 0)
    yield Case(
        "trace",
        "of a view",
        (whole,),
        lambda x: linalg.trace(x, offset=1),
        formula=lambda x: np.linalg.trace(x, offset=1),
        view=lambda x: x.mT,
        tolerance=exact,
    )
    for dtype in ("float32", "int32", "float64", "uint16"):
        vectors = random((4, 1, 3), dtype, -2, 2), random((5, 3), dtype, -2, 1)
        yield Case(
            "cross",
            "broadcast",
            vectors,
            linalg.cross,
            formula=lambda x, y: np.cross(x, y).astype(x.dtype),
            tolerance=Tolerance.units(0, absolute=2e-6),
        )
    yield Case(
        "cross",
        "along the first axis",
        (random((3, 67), "float32", -2, 2), random((3, 67), "float32", -2, 1)),
        lambda x, y: linalg.cross(x, y, axis=-2),
        formula=lambda x, y: np.cross(x, y, axis=0),
        tolerance=Tolerance.units(0, absolute=2e-6),
    )
    yield Case(
        "outer",
        "random",
        (random((67,), "float32", -2, 2), random((5,), "float32", -2, 1)),
        linalg.outer,
        formula=np.outer,
        tolerance=Tolerance.units(1),
    )


def cases() -> Iterator[Case]:
    for family in (_factors, _arranged, _on_the_cpu, _composed):
        yield from family()
