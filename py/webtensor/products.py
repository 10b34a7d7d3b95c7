"""Products made of the matrix product: one kernel each, what follows it being its epilogue."""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import functions
from .errors import ShapeError
from .functions import add, broadcast_to, conj, matmul, matrix_transpose, multiply, reshape
from .movement_functions import moveaxis
from .operators.shapes import broadcast, normalize_axes
from .tensor import Tensor

__all__ = [
    "gemm",
    "tensordot",
    "vecdot",
]


def gemm(
    a: Tensor,
    b: Tensor,
    c: Tensor | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    a_transpose: bool = False,
    b_transpose: bool = False,
) -> Tensor:
    """alpha · a @ b + beta · c, with WebNN's semantics; no operand is copied to be transposed.

    Args:
        a: (M, K), or (K, M) with `a_transpose`.
        b: (K, N), or (N, K) with `b_transpose`.
        c: what broadcasts to (M, N), or None.
        alpha, beta: numbers.

    Returns:
        (M, N).

    Raises:
        ShapeError: other shapes.
        DtypeError: dtypes that do not promote.
    """
    if len(a.shape) != 2 or len(b.shape) != 2:
        raise ShapeError(f"gemm multiplies matrices, not shapes {a.shape} and {b.shape}")
    product = matmul(
        matrix_transpose(a) if a_transpose else a, matrix_transpose(b) if b_transpose else b
    )
    scaled = product if alpha == 1 else multiply(product, alpha)
    if c is None:
        return scaled
    if broadcast("gemm", product.shape, c.shape) != product.shape:
        raise ShapeError(f"gemm: c of shape {c.shape} does not broadcast to {product.shape}")
    # Scaled where it is added, in the product's kernel, not before in one of its own.
    whole = broadcast_to(c, product.shape)
    return add(scaled, whole if beta == 1 else multiply(whole, beta))


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x @ weight.mT + bias (torch.nn.functional.linear).

    Args:
        x: (…, inputs).
        weight: (outputs, inputs).
        bias: (outputs,), or None.

    Returns:
        (…, outputs).

    Raises:
        ShapeError: other shapes.
    """
    if len(weight.shape) != 2 or (bias is not None and bias.shape != weight.shape[:1]):
        found = weight.shape if bias is None else f"{weight.shape} and {bias.shape}"
        raise ShapeError(f"linear takes a weight (outputs, inputs), a bias (outputs,), not {found}")
    product = matmul(x, matrix_transpose(weight))
    return product if bias is None else add(product, bias)


def vecdot(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """The sum of x1 · x2 along `axis` (x1 conjugated where it is complex); the others broadcast.

    Args:
        x1, x2: numbers; the same size along `axis`.
        axis: counted from the last one, -1 and below.

    Raises:
        ShapeError: sizes that differ, or no such axis.
    """
    rank = min(len(x1.shape), len(x2.shape))
    if not -rank <= axis < 0 or x1.shape[axis] != x2.shape[axis]:
        raise ShapeError(f"vecdot: shapes {x1.shape} and {x2.shape} do not fit along axis {axis}")
    product = multiply(conj(x1), x2)
    narrow = product.dtype
    total = functions.sum(product, axis=axis)
    return total.astype(narrow) if narrow.kind in ("int", "uint") else total


def tensordot(
    x1: Tensor, x2: Tensor, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2
) -> Tensor:
    """The sum of products over axes of both.

    Args:
        x1, x2: any shapes.
        axes: the axes of x1 and of x2 that are summed over, in pairs; or how many of the last of
            x1 and the first of x2.

    Returns:
        The other axes of x1, then those of x2.

    Raises:
        ShapeError: axes that are not there, or pairs of different sizes.
    """
    first, second = _summed(axes, x1, x2)
    if [x1.shape[one] for one in first] != [x2.shape[one] for one in second]:
        raise ShapeError(f"tensordot: axes {axes} of shapes {x1.shape} and {x2.shape} differ")
    left = moveaxis(x1, first, range(len(x1.shape) - len(first), len(x1.shape)))
    right = moveaxis(x2, second, range(len(second)))
    rows, columns = left.shape[: len(x1.shape) - len(first)], right.shape[len(second) :]
    many = math.prod(x1.shape[one] for one in first)
    product = matmul(
        reshape(left, (math.prod(rows), many)), reshape(right, (many, math.prod(columns)))
    )
    return reshape(product, (*rows, *columns))


def _summed(
    axes: int | tuple[Sequence[int], Sequence[int]], x1: Tensor, x2: Tensor
) -> tuple[list[int], list[int]]:
    if isinstance(axes, int):
        if not 0 <= axes <= min(len(x1.shape), len(x2.shape)):
            raise ShapeError(f"tensordot: {axes} axes are not in {x1.shape} and {x2.shape}")
        return list(range(len(x1.shape) - axes, len(x1.shape))), list(range(axes))
    pairs = [
        [normalize_axes("tensordot", one, len(x.shape))[0] for one in listed]
        for x, listed in zip((x1, x2), axes, strict=True)
    ]
    if len(pairs[0]) != len(pairs[1]):
        raise ShapeError(f"tensordot: axes {axes} are no pairs")
    return pairs[0], pairs[1]
