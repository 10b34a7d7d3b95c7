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
from typing import Literal

from . import elementwise_functions, factorizations, functions, matrix_functions
from .creation import asarray
from .dtypes import float16, int32
from .elementwise_functions import (
    astype,
    greater,
    multiply,
)
from .errors import DtypeError, OptionError
from .factorizations import *  # noqa: F403
from .factorizations import inv, svdvals
from .functions import broadcast_to, matmul, matrix_transpose, reshape
from .graph.node import operation
from .matrix_functions import *  # noqa: F403
from .matrix_functions import matrix_shape, vector_norm, widened
from .operators.linear_algebra import real_of, square
from .products import tensordot, vecdot
from .ranges import eye, zeros_like
from .tensor import Tensor

__all__ = [
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "pinv",
    "tensordot",
    "vecdot",
    *factorizations.__all__,
    *matrix_functions.__all__,
]

# The largest relative distance between neighbours, by bytes of a real number.
_EPSILON = {4: 2.0**-23, 8: 2.0**-52}


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
    wide = widened("matrix_norm", x)
    matrix_shape("matrix_norm", x)
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
    square("matrix_power", widened("matrix_power", x))
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
    values = svdvals(widened("matrix_rank", x))
    if not values.shape[-1]:
        return zeros_like(functions.sum(values, axis=-1), dtype=int32)
    limit = multiply(functions.max(values, axis=-1, keepdims=True), _tolerance(x, rtol)[..., None])
    return functions.sum(astype(greater(values, limit), int32), axis=-1)


def _tolerance(x: Tensor, rtol: float | Tensor | None) -> Tensor:
    """`rtol` for each matrix of x."""
    matrix_shape("rtol", x)
    dtype = real_of(widened("rtol", x).dtype)
    if rtol is None:
        rtol = max(x.shape[-2:]) * _EPSILON[dtype.itemsize]
    if not isinstance(rtol, Tensor):
        rtol = asarray(float(rtol), dtype=dtype, device=x._node.device)
    return broadcast_to(astype(rtol, dtype), x.shape[:-2])


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
    wide = widened("pinv", x)
    result = Tensor(operation("pinv", [wide._node, _tolerance(x, rtol)._node]))
    return astype(result, float16) if x.dtype == float16 else result
