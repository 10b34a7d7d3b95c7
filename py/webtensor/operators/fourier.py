"""Discrete Fourier transforms: those of the Array API, whose values are complex (CPU only), and
`fourier`, which has real and imaginary parts in tensors of their own and runs on all devices.

`fourier` transforms one axis and scales by a factor; along a new first axis its result has the real
parts, then the imaginary ones. Its transform is a plain sum: `inverse` is the exponent's sign.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..dtypes import DType, complex64, complex128, float32, float64
from ..errors import DtypeError, ShapeError
from ..lazy_numpy import np
from .declaration import Attributes, Operand, Operator, Shape, Tolerance


def _infer_fourier(
    real: Operand, imaginary: Operand | None = None, *, axis: int, length: int, **_: Any
) -> tuple[Shape, DType]:
    if real.dtype not in (float32, float64):
        raise DtypeError(f"fourier takes float32 and float64, not {real.dtype.name}; use astype")
    if imaginary is not None and (imaginary.shape, imaginary.dtype) != (real.shape, real.dtype):
        raise ShapeError(
            f"fourier: real parts of {real.dtype.name}{real.shape} and imaginary ones of "
            f"{imaginary.dtype.name}{imaginary.shape} differ"
        )
    return (2, *real.shape[:axis], length, *real.shape[axis + 1 :]), real.dtype


def _fourier(
    real: Any,
    imaginary: Any = None,
    *,
    axis: int,
    length: int,
    inverse: bool,
    hermitian: bool,
    scale: float,
) -> Any:
    """In complex128. `hermitian`: the operand has the first half of values whose second half is
    the first one's mirror image, conjugated."""
    x = np.zeros(real.shape, np.complex128)
    x.real = real
    if imaginary is not None:
        x.imag = imaginary
    if hermitian:
        x = np.fft.irfft(x if inverse else np.conj(x), length, axis, norm="forward")
    elif inverse:
        x = np.fft.ifft(x, length, axis, norm="forward")
    else:
        x = np.fft.fft(x, length, axis)
    x = x * scale
    return np.stack([x.real, x.imag]).astype(real.dtype)


def _complex(dtype: DType) -> DType:
    return {float32: complex64, float64: complex128}.get(dtype, dtype)


def _infer_complex(
    x: Operand, *, axes: Sequence[int], sizes: Sequence[int], **_: Any
) -> tuple[Shape, DType]:
    shape = list(x.shape)
    for axis, size in zip(axes, sizes, strict=True):
        shape[axis] = size
    return tuple(shape), _complex(x.dtype)


def _infer_half(
    x: Operand, *, axes: Sequence[int], sizes: Sequence[int], **_: Any
) -> tuple[Shape, DType]:
    return _infer_complex(x, axes=axes, sizes=(*sizes[:-1], sizes[-1] // 2 + 1))


def _infer_real(
    x: Operand, *, axes: Sequence[int], sizes: Sequence[int], **_: Any
) -> tuple[Shape, DType]:
    shape, dtype = _infer_complex(x, axes=axes, sizes=sizes)
    return shape, {complex64: float32, complex128: float64}[dtype]


def _several(name: str) -> Any:
    def reference(x: Any, *, axes: Sequence[int], sizes: Sequence[int], norm: str) -> Any:
        return getattr(np.fft, name)(x, sizes, axes, norm)

    return reference


def _single(name: str) -> Any:
    def reference(x: Any, *, axes: Sequence[int], sizes: Sequence[int], norm: str) -> Any:
        return getattr(np.fft, name)(x, sizes[0], axes[0], norm)

    return reference


def _rounding(shapes: Sequence[Shape], attributes: Attributes) -> float:
    length = math.prod(attributes.get("sizes", (attributes.get("length", 1),)))
    return 4 + 2 * math.log2(max(length, 2))


# Terms of both signs cancel: what is left of a sum has any relative error.
_TOLERANCE = Tolerance(_rounding, 1e-5, "rounding in each of log2(n) steps")
_ROWS = (
    ("fftn", _infer_complex, _several("fftn"), ("float", "complex")),
    ("ifftn", _infer_complex, _several("ifftn"), ("float", "complex")),
    ("rfftn", _infer_half, _several("rfftn"), ("float",)),
    ("irfftn", _infer_real, _several("irfftn"), ("float", "complex")),
    ("hfft", _infer_real, _single("hfft"), ("float", "complex")),
    ("ihfft", _infer_half, _single("ihfft"), ("float",)),
)
OPERATORS = (
    Operator(
        "fourier",
        "fourier",
        _infer_fourier,
        _fourier,
        _TOLERANCE,
        kinds=("float",),
        fuses=False,
    ),
    *(
        Operator(name, "fourier", infer, reference, _TOLERANCE, kinds=kinds, fuses=False)
        for name, infer, reference, kinds in _ROWS
    ),
)
