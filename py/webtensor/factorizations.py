"""Factorisations of matrices, and what follows from them at once; see `linalg`."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from .dtypes import float16, float32, promote
from .elementwise_functions import (
    astype,
)
from .errors import OptionError, ShapeError
from .functions import broadcast_to, matrix_transpose, reshape
from .graph.node import operation
from .matrix_functions import widened
from .movement_functions import squeeze
from .operators.linear_algebra import packed_sizes, parts, square
from .operators.shapes import broadcast
from .tensor import Tensor

__all__ = [
    "EigResult",
    "EighResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "det",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
]


class EigResult(NamedTuple):
    """What `eig` gives."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class EighResult(NamedTuple):
    """What `eigh` gives."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class QRResult(NamedTuple):
    """What `qr` gives."""

    Q: Tensor
    R: Tensor


class SlogdetResult(NamedTuple):
    """What `slogdet` gives."""

    sign: Tensor
    logabsdet: Tensor


class SVDResult(NamedTuple):
    """What `svd` gives."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def _applied(name: str, x: Tensor, **options: Any) -> Tensor:
    """Operator `name` of x, in x's own precision."""
    result = Tensor(operation(name, [widened(name, x)._node], **options))
    return astype(result, float16) if x.dtype == float16 else result


def _parts(name: str, x: Tensor, **options: Any) -> list[Tensor]:
    """What operator `name` packs into one tensor, apart (see `operators.linear_algebra`)."""
    wide = widened(name, x)
    packed = Tensor(operation(name, [wide._node], **options))
    found, begin = [], 0
    shapes = parts(name, wide, **options)
    for (shape, general), size in zip(shapes, packed_sizes(name, wide, **options), strict=True):
        part = packed[..., begin : begin + size]
        if general and x.dtype.kind == "complex":
            part = Tensor(operation("complex_of_pairs", [part._node]))
        part = reshape(part, (*x.shape[:-2], *shape))
        found.append(astype(part, float16) if x.dtype == float16 else part)
        begin += size
    return found


def cholesky(x: Tensor, /, *, upper: bool = False) -> Tensor:
    """The triangular factor L of x = L · Lᴴ, or U of x = Uᴴ · U.

    Only the triangle of x that the factor has is read.

    Args:
        x: (…, M, M), floating-point, symmetric (Hermitian) and positive definite.
        upper: whether U is wanted.

    Returns:
        (…, M, M), with zeros in the other triangle.

    Raises:
        ShapeError: matrices that are not square.
        DtypeError: not floating-point.
        LinearAlgebraError: on "cpu", when computed: not positive definite; NaN on "webgpu".
    """
    if upper:
        return matrix_transpose(_applied("cholesky", matrix_transpose(x)))
    return _applied("cholesky", x)


def det(x: Tensor, /) -> Tensor:
    """The determinant.

    Args:
        x: (…, M, M), floating-point.

    Returns:
        (…), of x's dtype; 1 for M = 0, 0 for a singular matrix.

    Raises:
        ShapeError: matrices that are not square.
        DtypeError: not floating-point.
    """
    return _applied("det", x)


def eig(x: Tensor, /) -> EigResult:
    """Eigenvalues and eigenvectors of any square matrix; on "cpu" only.

    Args:
        x: (…, M, M), floating-point.

    Returns:
        (eigenvalues, eigenvectors): (…, M) in no particular order, and (…, M, M), a unit vector
        in each column; complex.

    Raises:
        ShapeError: matrices that are not square.
        DtypeError: not floating-point.
        UnsupportedOperatorError: when computed: another device than "cpu".
        LinearAlgebraError: when computed: NaN or infinity in x, or no convergence.
    """
    both = Tensor(operation("eig", [widened("eig", x)._node]))
    return EigResult(both[..., 0], both[..., 1:])


def eigh(x: Tensor, /) -> EighResult:
    """Eigenvalues and eigenvectors of a symmetric (Hermitian) matrix; on "cpu" only.

    Only the lower triangle of x is read.

    Args:
        x: (…, M, M), floating-point.

    Returns:
        (eigenvalues, eigenvectors): (…, M), real and ascending, and (…, M, M), orthonormal, one in
        each column.

    Raises:
        As `eig`.
    """
    return EighResult(*_parts("eigh", x))


def eigvals(x: Tensor, /) -> Tensor:
    """The eigenvalues of any square matrix, (…, M), complex: `eig` without the vectors."""
    return Tensor(operation("eigvals", [widened("eigvals", x)._node]))


def eigvalsh(x: Tensor, /) -> Tensor:
    """The eigenvalues of a symmetric (Hermitian) matrix, (…, M), real and ascending: `eigh`
    without the vectors."""
    return _applied("eigvalsh", x)


def inv(x: Tensor, /) -> Tensor:
    """The inverse matrix.

    `solve` is faster and more exact where the inverse is only multiplied with something.

    Args:
        x: (…, M, M), floating-point.

    Raises:
        ShapeError: matrices that are not square.
        DtypeError: not floating-point.
        LinearAlgebraError: on "cpu", when computed: a singular matrix; NaN on "webgpu".
    """
    return _applied("inv", x)


def qr(x: Tensor, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QRResult:
    """x = Q · R with orthonormal columns in Q and a triangular R (Householder's reflections).

    Args:
        x: (…, M, N), floating-point.
        mode: "reduced": Q is (…, M, K), R (…, K, N), K being min(M, N); "complete": Q is
            (…, M, M), R (…, M, N).

    Returns:
        (Q, R). Signs are LAPACK's: R's diagonal may be negative.

    Raises:
        ShapeError: fewer than two axes.
        DtypeError: not floating-point.
        OptionError: another mode.
    """
    if mode not in ("reduced", "complete"):
        raise OptionError(f'qr: mode is "reduced" or "complete", not {mode!r}')
    return QRResult(*_parts("qr", x, complete=mode == "complete"))


def slogdet(x: Tensor, /) -> SlogdetResult:
    """The determinant's sign and the logarithm of its magnitude, where it may be out of range.

    Args:
        x: (…, M, M), floating-point.

    Returns:
        (sign, logabsdet): (…) of x's dtype, a unit number or 0, and (…), real, -infinity for 0.

    Raises:
        ShapeError: matrices that are not square.
        DtypeError: not floating-point.
    """
    return SlogdetResult(*_parts("slogdet", x))


def solve(x1: Tensor, x2: Tensor, /) -> Tensor:
    """X for which x1 · X = x2 (LU factors with partial pivoting).

    Args:
        x1: (…, M, M), floating-point.
        x2: (M,), or (…, M, K); the leading axes broadcast.

    Returns:
        (…, M), or (…, M, K).

    Raises:
        ShapeError: shapes that do not fit.
        DtypeError: not floating-point, or dtypes that do not promote.
        LinearAlgebraError: on "cpu", when computed: a singular matrix; NaN on "webgpu".
    """
    wide = (widened("solve", x1), widened("solve", x2))
    dtype = promote(x1.dtype, x2.dtype)
    computed = float32 if dtype == float16 else dtype
    left, right = (astype(one, computed) for one in wide)
    square("solve", left)
    vector = len(right.shape) == 1
    if not right.shape or right.shape[-1 if vector else -2] != left.shape[-1]:
        raise ShapeError(
            f"solve: shapes {x1.shape} and {x2.shape} do not fit: x2 is (M,) or (…, M, K)"
        )
    if vector:
        right = right[:, None]
    lead = broadcast("solve", left.shape[:-2], right.shape[:-2])
    left = broadcast_to(left, (*lead, *left.shape[-2:]))
    right = broadcast_to(right, (*lead, *right.shape[-2:]))
    result = astype(Tensor(operation("solve", [left._node, right._node])), dtype)
    return squeeze(result, -1) if vector else result


def svd(x: Tensor, /, *, full_matrices: bool = True) -> SVDResult:
    """The singular value decomposition x = U · diag(S) · Vh; on "cpu" only.

    Args:
        x: (…, M, N), floating-point.
        full_matrices: whether U is (…, M, M) and Vh (…, N, N); else (…, M, K) and (…, K, N), K
            being min(M, N).

    Returns:
        (U, S, Vh): S is (…, K), real and descending; U and Vh have orthonormal columns and rows.

    Raises:
        ShapeError: fewer than two axes.
        DtypeError: not floating-point.
        UnsupportedOperatorError: when computed: another device than "cpu".
        LinearAlgebraError: when computed: no convergence (NaN or infinity in x).
    """
    return SVDResult(*_parts("svd", x, full_matrices=bool(full_matrices)))


def svdvals(x: Tensor, /) -> Tensor:
    """The singular values, (…, K), real and descending: `svd` without the vectors."""
    return _applied("svdvals", x)
