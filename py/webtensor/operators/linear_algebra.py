"""Factorisations of matrices and what follows from them: a row each.

An operator has one result. What has several parts (Q and R, …) yields them packed: for each matrix
the elements of one part behind those of the other, complex ones as pairs of real numbers; `parts`
tells their shapes, `linalg` takes them apart. Operators of the family `CPU_ONLY` have no kernels.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from ..dtypes import DType, complex64, complex128, float32, float64
from ..errors import LinearAlgebraError, ShapeError
from ..lazy_numpy import np
from .declaration import Operand, Operator, Shape, Tolerance
from .shapes import same_dtype

KERNELS = "linear_algebra"
CPU_ONLY = "cpu_only"
_KINDS = ("float", "complex")
# Errors grow with condition numbers, which no declaration knows: cases have their own tolerances.
_OWN = Tolerance(lambda shapes, attributes: 0.0, absolute=1e-5, source="webtensor")


def real_of(dtype: DType) -> DType:
    """The dtype of a complex one's parts; itself where it is real."""
    return {complex64: float32, complex128: float64}.get(dtype, dtype)


def complex_of(dtype: DType) -> DType:
    """The complex dtype of the same precision."""
    return {float32: complex64, float64: complex128}.get(dtype, dtype)


def square(name: str, x: Operand) -> DType:
    """The dtype of x, of square matrices.

    Raises:
        ShapeError, DtypeError: it is something else.
    """
    dtype = same_dtype(name, [x], _KINDS)
    if len(x.shape) < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{name} takes square matrices (…, M, M), not shape {x.shape}")
    return dtype


def matrices(name: str, x: Operand) -> DType:
    """The dtype of x, of matrices of any shape; raises as `square` does."""
    dtype = same_dtype(name, [x], _KINDS)
    if len(x.shape) < 2:
        raise ShapeError(f"{name} takes matrices (…, M, N), not shape {x.shape}")
    return dtype


Part = tuple[Shape, bool]


def parts(name: str, x: Operand, **options: Any) -> list[Part]:
    """What operator `name` packs for each matrix of x: (shape, whether it may be complex)."""
    m, n = x.shape[-2:]
    k = min(m, n)
    if name == "qr":
        kept = m if options["complete"] else k
        return [((m, kept), True), ((kept, n), True)]
    if name == "svd":
        left, right = (m, n) if options["full_matrices"] else (k, k)
        return [((m, left), True), ((k,), False), ((right, n), True)]
    if name == "eigh":
        return [((m,), False), ((m, m), True)]
    return [((), True), ((), False)]  # slogdet


def packed_sizes(name: str, x: Operand, **options: Any) -> list[int]:
    """How many real numbers each part has for one matrix."""
    pair = 2 if x.dtype.kind == "complex" else 1
    listed = parts(name, x, **options)
    return [math.prod(shape) * (pair if general else 1) for shape, general in listed]


def _infer_packed(
    name: str, check: Callable[[str, Operand], DType], x: Operand, **options: Any
) -> tuple[Shape, DType]:
    dtype = check(name, x)
    return (*x.shape[:-2], sum(packed_sizes(name, x, **options))), real_of(dtype)


def _packed(x: Any, values: Sequence[Any]) -> Any:
    """The parts of each matrix of x one behind the other, as real numbers."""
    lead = x.shape[:-2]
    flat = []
    for one in values:
        count = math.prod(one.shape[len(lead) :])
        numbers = np.array(one, order="C").reshape(*lead, count)
        flat.append(numbers.view(numbers.real.dtype) if numbers.dtype.kind == "c" else numbers)
    return np.concatenate(flat, axis=-1)


def _raising(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with NumPy's error as the package's."""

    def checked(*arrays: Any, **options: Any) -> Any:
        try:
            return function(*arrays, **options)
        except np.linalg.LinAlgError as error:
            raise LinearAlgebraError(f"{name}: {error}") from None

    return checked


def _infer_square(name: str) -> Callable[..., tuple[Shape, DType]]:
    return lambda x: (x.shape, square(name, x))


def _infer_solve(x1: Operand, x2: Operand) -> tuple[Shape, DType]:
    square("solve", x1)
    dtype = same_dtype("solve", [x1, x2], _KINDS)
    if x1.shape[:-1] != x2.shape[:-1]:
        raise ShapeError(f"solve: shapes {x1.shape} and {x2.shape} do not fit")
    return x2.shape, dtype


def _infer_eig(x: Operand) -> tuple[Shape, DType]:
    dtype = square("eig", x)
    return (*x.shape[:-1], x.shape[-1] + 1), complex_of(dtype)


def _eig(x: Any) -> Any:
    """A row of eigenvectors behind the eigenvalue that has its number."""
    values, vectors = np.linalg.eig(x)
    both = np.concatenate([values[..., None], vectors], axis=-1)
    return both.astype(np.result_type(x.dtype, np.complex64))


def _infer_pinv(x: Operand, rtol: Operand) -> tuple[Shape, DType]:
    dtype = matrices("pinv", x)
    if rtol.shape != x.shape[:-2]:
        raise ShapeError(f"pinv: rtol of shape {rtol.shape} does not fit {x.shape}")
    return (*x.shape[:-2], x.shape[-1], x.shape[-2]), dtype


def _infer_complex(x: Operand) -> tuple[Shape, DType]:
    return (*x.shape[:-1], x.shape[-1] // 2), complex_of(x.dtype)


def _row(
    name: str,
    family: str,
    infer: Callable[..., tuple[Shape, DType]],
    reference: Callable[..., Any],
) -> Operator:
    return Operator(name, family, infer, _raising(name, reference), _OWN, kinds=_KINDS, fuses=False)


def _packed_row(
    name: str,
    family: str,
    check: Callable[[str, Operand], DType],
    factorise: Callable[..., Sequence[Any]],
) -> Operator:
    return _row(
        name,
        family,
        functools.partial(_infer_packed, name, check),
        lambda x, **options: _packed(x, factorise(x, **options)),
    )


OPERATORS = (
    _row(
        "cholesky",
        KERNELS,
        _infer_square("cholesky"),
        lambda x: np.linalg.cholesky(x),
    ),
    _row("solve", KERNELS, _infer_solve, lambda x1, x2: np.linalg.solve(x1, x2)),
    _row("inv", KERNELS, _infer_square("inv"), lambda x: np.linalg.inv(x)),
    _row(
        "det",
        KERNELS,
        lambda x: (x.shape[:-2], square("det", x)),
        lambda x: np.linalg.det(x),
    ),
    _packed_row("slogdet", KERNELS, square, lambda x: np.linalg.slogdet(x)),
    _packed_row(
        "qr",
        KERNELS,
        matrices,
        lambda x, *, complete: np.linalg.qr(x, "complete" if complete else "reduced"),
    ),
    _row("eig", CPU_ONLY, _infer_eig, _eig),
    _row(
        "eigvals",
        CPU_ONLY,
        lambda x: (x.shape[:-1], complex_of(square("eigvals", x))),
        lambda x: np.linalg.eigvals(x).astype(np.result_type(x.dtype, np.complex64)),
    ),
    _packed_row("eigh", CPU_ONLY, square, lambda x: np.linalg.eigh(x)),
    _row(
        "eigvalsh",
        CPU_ONLY,
        lambda x: (x.shape[:-1], real_of(square("eigvalsh", x))),
        lambda x: np.linalg.eigvalsh(x),
    ),
    _packed_row(
        "svd",
        CPU_ONLY,
        matrices,
        lambda x, *, full_matrices: np.linalg.svd(x, full_matrices),
    ),
    _row(
        "svdvals",
        CPU_ONLY,
        lambda x: ((*x.shape[:-2], min(x.shape[-2:])), real_of(matrices("svdvals", x))),
        lambda x: np.linalg.svd(x, compute_uv=False),
    ),
    _row("pinv", CPU_ONLY, _infer_pinv, lambda x, rtol: np.linalg.pinv(x, rtol)),
    _row(
        "complex_of_pairs",
        CPU_ONLY,
        _infer_complex,
        lambda x: np.ascontiguousarray(x).view(np.result_type(x.dtype, np.complex64)),
    ),
)
