"""The specification's matrix products."""

from __future__ import annotations

from .. import functions, products
from ..tensor import Tensor
from .checks import FLOAT, converted, operand, same_dtype, specified

__all__ = [
    "gemm",
    "matmul",
]


@specified("gemm")
def gemm(
    a: Tensor,
    b: Tensor,
    /,
    *,
    c: Tensor | None = None,
    alpha: float = 1.0,
    beta: float = 1.0,
    a_transpose: bool = False,
    b_transpose: bool = False,
) -> Tensor:
    """alpha · a @ b + beta · c; no operand is copied to be transposed.

    Args:
        a: (M, K), or (K, M) with `a_transpose`; float32 or float16.
        b: (K, N), or (N, K) with `b_transpose`; of a's dtype.
        c: what broadcasts to (M, N), of a's dtype, or None.
        alpha, beta: numbers, converted to a's dtype.

    Returns:
        (M, N), of a's dtype.

    Raises:
        ShapeError: other shapes.
        DtypeError: other or differing dtypes, or no tensors.
    """
    for one in (a, b):
        operand("gemm", one, FLOAT, 2, 2)
    same_dtype("gemm", a, b)
    if c is not None:
        same_dtype("gemm", a, operand("gemm", c, FLOAT, 0, 2))
    return products.gemm(
        a,
        b,
        c,
        alpha=converted("gemm", "alpha", alpha, a.dtype),
        beta=converted("gemm", "beta", beta, a.dtype),
        a_transpose=bool(a_transpose),
        b_transpose=bool(b_transpose),
    )


@specified("matmul")
def matmul(a: Tensor, b: Tensor, /) -> Tensor:
    """The matrix product of the last two axes.

    Args:
        a: (…, M, K), float32 or float16.
        b: (…, K, N), of a's dtype; the leading axes broadcast.

    Returns:
        (…, M, N).

    Raises:
        ShapeError: fewer than two axes, or shapes that do not fit.
        DtypeError: other or differing dtypes, or no tensors.
    """
    for one in (a, b):
        operand("matmul", one, FLOAT, 2)
    same_dtype("matmul", a, b)
    return functions.matmul(a, b)
