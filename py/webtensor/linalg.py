"""Linear algebra by the Array API standard 2025.12, on stacks of matrices (the last two axes).

Everything runs on "cpu", through NumPy. On "webgpu" in float32: what is made of products and sums,
`cholesky`, `det`, `inv`, `qr`, `slogdet` and `solve`; the others raise UnsupportedOperatorError
there, and `x.to_device("cpu")` is the way out. float16 is computed in float32.

Matrices without the factors that are asked for (singular, not positive definite) raise
LinearAlgebraError on "cpu", when the value is computed; kernels cannot raise: on "webgpu" what
depends on the missing factors is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from . import elementwise_functions, functions
from .creation import asarray
from .dtypes import as_dtype, float16, float32, int32, promote
from .elementwise_functions import (
    astype,
    greater,
    multiply,
    not_equal,
    sqrt,
    subtract,
)
from .errors import DtypeError, OptionError, ShapeError
from .functions import broadcast_to, matmul, matrix_transpose, reshape
from .graph.node import operation
from .movement_functions import concat, squeeze
from .operands import node_of
from .operators.linear_algebra import packed_sizes, parts, real_of, square
from .operators.shapes import broadcast, normalize_axes
from .products import tensordot, vecdot
from .ranges import eye, zeros_like
from .tensor import Tensor

__all__ = [
    "EigResult",
    "EighResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]

# The largest relative distance between neighbours, by bytes of a real number.
_EPSILON = {4: 2.0**-23, 8: 2.0**-52}


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


def _wide(name: str, x: Tensor) -> Tensor:
    """x in the dtype that it is computed in.

    Raises:
        DtypeError: no tensor, or not floating-point.
    """
    dtype = node_of(name, x).dtype
    if dtype.kind not in ("float", "complex"):
        raise DtypeError(f"{name} takes floating-point tensors, not {dtype.name}; use x.astype")
    return astype(x, float32) if dtype == float16 else x


def _applied(name: str, x: Tensor, **options: Any) -> Tensor:
    """Operator `name` of x, in x's own precision."""
    result = Tensor(operation(name, [_wide(name, x)._node], **options))
    return astype(result, float16) if x.dtype == float16 else result


def _parts(name: str, x: Tensor, **options: Any) -> list[Tensor]:
    """What operator `name` packs into one tensor, apart (see `operators.linear_algebra`)."""
    wide = _wide(name, x)
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


def cross(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """The cross product of vectors of three elements along `axis`; the other axes broadcast.

    Args:
        x1, x2: numeric, of size 3 along `axis`.
        axis: counted from the last one, -1 and below.

    Raises:
        ShapeError: another size, no such axis, or shapes that do not broadcast.
        DtypeError: bool, or dtypes that do not promote.
    """
    dtype = promote(node_of("cross", x1).dtype, node_of("cross", x2).dtype)
    if dtype.kind == "bool":
        raise DtypeError("cross takes numeric tensors, not bool")
    least = min(x1.ndim, x2.ndim)
    if not -least <= axis < 0 or x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ShapeError(
            f"cross: shapes {x1.shape} and {x2.shape} do not both have 3 elements along axis "
            f"{axis}, which is counted from the last one (-{least} to -1)"
        )
    after = (slice(None),) * (-axis - 1)
    first, second = ([x[(..., slice(one, one + 1), *after)] for one in range(3)] for x in (x1, x2))
    return concat(
        [
            subtract(multiply(first[i], second[j]), multiply(first[j], second[i]))
            for i, j in ((1, 2), (2, 0), (0, 1))
        ],
        axis=axis,
    )


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


def diagonal(x: Tensor, /, *, offset: int = 0) -> Tensor:
    """The elements on the diagonal that is `offset` columns to the right of the main one.

    Args:
        x: (…, M, N), of any dtype.
        offset: negative: so many rows down.

    Returns:
        (…, K); K is 0 for a diagonal outside the matrix.

    Raises:
        ShapeError: fewer than two axes.
    """
    rows, columns = _matrix_shape("diagonal", x)
    count = max(min(rows, rows + offset, columns, columns - offset), 0)
    if count == 0:
        return reshape(x, (*x.shape[:-2], rows * columns))[..., :0]
    first = offset if offset >= 0 else -offset * columns
    # In C order its elements are as far apart as a row is long, and one.
    last = first + (count - 1) * (columns + 1) + 1
    return reshape(x, (*x.shape[:-2], rows * columns))[..., first : last : columns + 1]


def _matrix_shape(name: str, x: Tensor) -> tuple[int, int]:
    if len(node_of(name, x).shape) < 2:
        raise ShapeError(f"{name} takes matrices (…, M, N), not shape {x.shape}")
    return x.shape[-2], x.shape[-1]


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
    both = Tensor(operation("eig", [_wide("eig", x)._node]))
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
    return Tensor(operation("eigvals", [_wide("eigvals", x)._node]))


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


def matrix_norm(
    x: Tensor,
    /,
    *,
    keepdims: bool = False,
    ord: float | Literal["fro", "nuc"] | None = "fro",  # noqa: A002
) -> Tensor:
    """A norm of each matrix.

    Args:
        x: (…, M, N), floating-point.
        keepdims: whether the two axes stay, with size 1.
        ord: "fro" (or None): the root of the sum of squares; 1, -1: the largest, smallest sum of
            magnitudes of a column; infinity, -infinity: of a row; and on "cpu" only 2, -2: the
            largest, smallest singular value; "nuc": their sum.

    Returns:
        (…), real.

    Raises:
        ShapeError: fewer than two axes.
        DtypeError: not floating-point.
        OptionError: another `ord`.
        UnsupportedOperatorError: when computed: a norm of singular values on another device.
    """
    wide = _wide("matrix_norm", x)
    _matrix_shape("matrix_norm", x)
    if ord in ("fro", None):
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in (2, -2, "nuc"):
        values = svdvals(wide)
        over = {2: functions.max, -2: functions.min, "nuc": functions.sum}[ord]
        found = over(values, axis=-1)
        found = reshape(found, (*found.shape, 1, 1)) if keepdims else found
    elif ord in (1, -1, math.inf, -math.inf):
        summed = -2 if ord in (1, -1) else -1
        sums = functions.sum(elementwise_functions.abs(wide), axis=summed, keepdims=True)
        extreme = functions.max if ord in (1, math.inf) else functions.min
        found = extreme(sums, axis=(-2, -1), keepdims=keepdims)
    else:
        raise OptionError(
            f'matrix_norm: ord is "fro", "nuc", 1, -1, 2, -2, inf or -inf, not {ord!r}'
        )
    return astype(found, float16) if x.dtype == float16 else found


def matrix_power(x: Tensor, n: int, /) -> Tensor:
    """x multiplied by itself, by squaring; the inverse's power where `n` is negative.

    Args:
        x: (…, M, M), floating-point.
        n: an integer; 0 gives the identity.

    Raises:
        ShapeError, DtypeError, LinearAlgebraError: as `inv`.
    """
    square("matrix_power", _wide("matrix_power", x))
    if not isinstance(n, int):
        raise DtypeError(f"matrix_power: n is an integer, not {n!r:.40}")
    if n == 0:
        identity = eye(x.shape[-1], dtype=x.dtype, device=x._node.device)
        return broadcast_to(identity, x.shape)
    power, rest = inv(x) if n < 0 else x, int(math.fabs(n))
    result: Tensor | None = None
    while rest:
        if rest % 2:
            result = power if result is None else matmul(result, power)
        rest //= 2
        power = matmul(power, power) if rest else power
    assert result is not None, "n is not 0"
    return result


def matrix_rank(x: Tensor, /, *, rtol: float | Tensor | None = None) -> Tensor:
    """How many singular values are not negligible; on "cpu" only.

    Args:
        x: (…, M, N), floating-point.
        rtol: which are: those up to so much of the largest; (…), or a number. Default: max(M, N)
            times the distance between neighbours of 1 in x's dtype.

    Returns:
        (…), int32.

    Raises:
        ShapeError, DtypeError, UnsupportedOperatorError, LinearAlgebraError: as `svd`.
    """
    values = svdvals(_wide("matrix_rank", x))
    if not values.shape[-1]:
        return zeros_like(functions.sum(values, axis=-1), dtype=int32)
    limit = multiply(functions.max(values, axis=-1, keepdims=True), _tolerance(x, rtol)[..., None])
    return functions.sum(astype(greater(values, limit), int32), axis=-1)


def _tolerance(x: Tensor, rtol: float | Tensor | None) -> Tensor:
    """`rtol` for each matrix of x."""
    _matrix_shape("rtol", x)
    dtype = real_of(_wide("rtol", x).dtype)
    if rtol is None:
        rtol = max(x.shape[-2:]) * _EPSILON[dtype.itemsize]
    if not isinstance(rtol, Tensor):
        rtol = asarray(float(rtol), dtype=dtype, device=x._node.device)
    return broadcast_to(astype(rtol, dtype), x.shape[:-2])


def outer(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The products of each element of x1 with each of x2.

    Args:
        x1: (N,), numeric.
        x2: (M,), numeric.

    Returns:
        (N, M).

    Raises:
        ShapeError: other than one axis.
        DtypeError: bool, or dtypes that do not promote.
    """
    if (len(node_of("outer", x1).shape), len(node_of("outer", x2).shape)) != (1, 1):
        raise ShapeError(f"outer takes vectors, not shapes {x1.shape} and {x2.shape}")
    return multiply(x1[:, None], x2)


def pinv(x: Tensor, /, *, rtol: float | Tensor | None = None) -> Tensor:
    """The Moore–Penrose pseudo-inverse; on "cpu" only.

    Args:
        x: (…, M, N), floating-point.
        rtol: singular values up to so much of the largest count as 0; as in `matrix_rank`.

    Returns:
        (…, N, M).

    Raises:
        ShapeError, DtypeError, UnsupportedOperatorError, LinearAlgebraError: as `svd`.
    """
    wide = _wide("pinv", x)
    result = Tensor(operation("pinv", [wide._node, _tolerance(x, rtol)._node]))
    return astype(result, float16) if x.dtype == float16 else result


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
    wide = (_wide("solve", x1), _wide("solve", x2))
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


def trace(x: Tensor, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """The sum of a diagonal.

    Args:
        x: (…, M, N), numeric.
        offset: which diagonal, as in `diagonal`.
        dtype: of the sum; default: that of `sum`.

    Returns:
        (…).

    Raises:
        ShapeError: fewer than two axes.
        DtypeError: bool.
    """
    if node_of("trace", x).dtype.kind == "bool":
        raise DtypeError("trace takes numeric tensors, not bool; use x.astype")
    wanted = None if dtype is None else as_dtype(dtype)
    elements = diagonal(x, offset=offset)
    total = functions.sum(elements if wanted is None else astype(elements, wanted), axis=-1)
    return total if wanted is None else astype(total, wanted)


def vector_norm(
    x: Tensor,
    /,
    *,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    ord: float = 2,  # noqa: A002
) -> Tensor:
    """The norm of vectors along `axis` (of all elements by default).

    Args:
        x: floating-point.
        axis: one or several.
        keepdims: whether the axes stay, with size 1.
        ord: p of (Σ |x|ᵖ)^(1/p); infinity, -infinity: the largest, smallest magnitude; 0: how many
            elements are not 0.

    Returns:
        real.

    Raises:
        ShapeError: no such axis, or an extreme of no elements.
        DtypeError: not floating-point.
    """
    wide = _wide("vector_norm", x)
    axes = normalize_axes("vector_norm", axis, x.ndim)
    size = elementwise_functions.abs(wide)
    if not axes:
        found = size if ord else astype(not_equal(size, 0), size.dtype)
    elif ord == math.inf:
        found = functions.max(size, axis=axes, keepdims=keepdims)
    elif ord == -math.inf:
        found = functions.min(size, axis=axes, keepdims=keepdims)
    elif ord == 0:
        found = functions.sum(astype(not_equal(size, 0), size.dtype), axis=axes, keepdims=keepdims)
    elif ord == 1:
        found = functions.sum(size, axis=axes, keepdims=keepdims)
    elif ord == 2:
        found = sqrt(functions.sum(multiply(size, size), axis=axes, keepdims=keepdims))
    else:
        total = functions.sum(
            elementwise_functions.pow(size, float(ord)), axis=axes, keepdims=keepdims
        )
        found = elementwise_functions.pow(total, 1 / ord)
    return astype(found, float16) if x.dtype == float16 else found
