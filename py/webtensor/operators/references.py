"""References that NumPy has no function for."""

from __future__ import annotations

import math
from typing import Any

from ..lazy_numpy import np

# ½ · erfc(a / √2) is exp(-a² / 2) · t · P(t) for t = 1 / (1 + 0.3 a), within 5e-9 (relative), and
# erf(x) is x · E(x²) for |x| ≤ 1; both interpolate at Chebyshev points. Highest power first.
_TAIL = (
    -0.02095602424, 0.114257453, -0.2325244073, 0.1975505846, -0.08421348152,
    0.09871138235, 0.07751790108, 0.1104184111, 0.1195504315, 0.1196877477,
)  # fmt: skip
_NEAR_ZERO = (
    7.84301924e-5, -0.0008007761015, 0.005188148924, -0.02685377022, 0.1128358542,
    -0.3761262596, 1.128379166,
)  # fmt: skip


def power(base: Any, exponent: Any) -> Any:
    """NumPy's power; integers to a negative one, which it refuses, give 0."""
    if exponent.dtype.kind != "i":
        return np.power(base, exponent)
    return np.where(exponent < 0, 0, np.power(base, np.maximum(exponent, 0))).astype(base.dtype)


def floor_divide(x: Any, y: Any) -> Any:
    """NumPy's, but for infinities: there the standard's, the quotient."""
    result = np.floor_divide(x, y)
    if result.dtype.kind != "f":
        return result
    return np.where(np.isinf(x) | np.isinf(y), np.divide(x, y), result)


def expm1(x: Any) -> Any:
    """NumPy's; where a part of a complex x is infinite or NaN, exp(x) - 1, as in the standard."""
    if x.dtype.kind != "c":
        return np.expm1(x)
    result = np.where(np.isfinite(x), np.expm1(x), np.exp(x) - 1)
    # NumPy keeps the sign of a real zero.
    return _complex(np.where(x == 0, 0, result.real), result.imag)


def acosh(x: Any) -> Any:
    """NumPy's; of 0 + NaN j NaN + π/2 j, as in the standard, where C libraries differ."""
    result = np.arccosh(x)
    if x.dtype.kind != "c":
        return result
    edge = (x.real == 0) & np.isnan(x.imag)
    return _complex(result.real, np.where(edge, x.real.dtype.type(np.pi / 2), result.imag))


def tanh(x: Any) -> Any:
    """NumPy's; of an infinite real part and a finite imaginary one ±1, with a zero of that one's
    sign, as in the standard."""
    result = np.tanh(x)
    if x.dtype.kind != "c":
        return result
    edge = np.isinf(x.real) & np.isfinite(x.imag)
    return _complex(result.real, np.where(edge, np.copysign(0, x.imag), result.imag))


def _complex(real: Any, imaginary: Any) -> Any:
    """Not by arithmetic, which loses zeros' signs and makes NaN of infinities."""
    wide = real.dtype.itemsize == 8 or imaginary.dtype.itemsize == 8
    result = np.empty(np.shape(real), "complex128" if wide else "complex64")
    result.real, result.imag = real, imaginary
    return result


def sign(x: Any) -> Any:
    """NumPy's; of complex numbers (which NumPy 1 did otherwise) x / |x|."""
    if x.dtype.kind != "c":
        return np.sign(x)
    size = np.abs(x)
    return np.where(size == 0, 0, x / np.where(size == 0, 1, size)).astype(x.dtype)


def erf(x: Any) -> Any:
    """The error function: in float64 by the C library, narrower ones by polynomials (which are
    twenty times faster)."""
    if x.dtype.itemsize == 8:
        return _each(math.erf, x)
    wide = np.abs(x.astype("float64"))
    near = wide * np.polyval(_NEAR_ZERO, np.minimum(wide, 1) ** 2)
    far = 1 - 2 * _tail(wide * math.sqrt(2))
    return np.copysign(np.where(wide < 1, near, far), x).astype(x.dtype)


def gelu(x: Any) -> Any:
    """x times the normal distribution's cumulative function."""
    if x.dtype.itemsize == 8:
        return x * (0.5 * _each(math.erfc, x * -math.sqrt(0.5)))
    wide = x.astype("float64")
    tail = _tail(np.abs(wide))
    return (wide * np.where(wide < 0, tail, 1 - tail)).astype(x.dtype)


def elu(x: Any, *, alpha: float) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))).astype(x.dtype)


def sigmoid(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1) / (1 + small)


def leaky_relu(x: Any, slope: Any) -> Any:
    return np.where(x < 0, slope * x, x)


def _tail(a: Any) -> Any:
    t = 1 / (1 + 0.3 * np.minimum(a, 40))
    return np.exp(-0.5 * a * a) * t * np.polyval(_TAIL, t)


def _each(function: Any, x: Any) -> Any:
    return np.vectorize(function, otypes=[x.dtype])(x) if x.size else x
