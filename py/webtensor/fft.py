"""Discrete Fourier transforms, the Array API's extension `fft` (2025.12).

The standard's functions have complex values, which exist on "cpu" only. Each has a twin whose name
ends in `_pair` and which takes and returns real and imaginary parts as tensors of their own, on
"webgpu" and "cpu":

    real, imag = wt.fft.fft_pair(signal)                  # of a real signal
    real, imag = wt.fft.ifft_pair(real * window, imag * window)
    signal = wt.fft.irfft_pair(*wt.fft.rfft_pair(signal))

Args:
    n: the length of the transformed axis before the transform (of the result, where that is real):
        the operand is cut, or padded with zeros at its end. Default: as long as it is.
    axis: the axis, the last one by default.
    s: in place of n, where several axes are transformed: a length for each of `axes`.
    axes: which axes, in the order of `s`; all by default.
    norm: "backward" (only inverse transforms are divided by the length), "ortho" (both by its
        square root) or "forward" (only forward ones by it).

Raises:
    ShapeError: an axis that there is not, or a length below 1.
    OptionError: another `norm`, or `s` without `axes`.
    DtypeError: operands of other dtypes than float32 and float64, or their complex ones.
    UnsupportedDtypeError: complex values on another device than "cpu".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .creation import asarray, zeros
from .dtypes import as_dtype, complex64, complex128, float32, float64
from .errors import DtypeError, OptionError, ShapeError, UnsupportedDtypeError
from .graph.node import operation
from .movement_functions import roll
from .operands import named, node_of, promoted
from .operators.shapes import integers, normalize_axes
from .tensor import Tensor

__all__ = [
    "fft",
    "fft_pair",
    "fftfreq",
    "fftn",
    "fftn_pair",
    "fftshift",
    "hfft",
    "hfft_pair",
    "ifft",
    "ifft_pair",
    "ifftn",
    "ifftn_pair",
    "ifftshift",
    "ihfft",
    "ihfft_pair",
    "irfft",
    "irfft_pair",
    "irfftn",
    "irfftn_pair",
    "rfft",
    "rfft_pair",
    "rfftfreq",
    "rfftn",
    "rfftn_pair",
]

Pair = tuple[Tensor, Tensor]

_NORMS = ("backward", "ortho", "forward")
_REAL = (float32, float64)
_COMPLEX = (complex64, complex128)
_OPPOSITE = {"backward": "forward", "ortho": "ortho", "forward": "backward"}


def _extents(
    name: str, shape: Sequence[int], s: Any, axes: Any, norm: str, *, halved: bool = False
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(axes, their lengths), checked; `halved`: the last axis has the first half of what is
    mirrored, so its length is by default that of the whole."""
    if norm not in _NORMS:
        raise OptionError(f"{name}: norm is one of {', '.join(map(repr, _NORMS))}, not {norm!r}")
    if s is not None and axes is None:
        raise OptionError(f"{name}: s gives the lengths of axes, so axes must be given too")
    listed = tuple(range(len(shape))) if axes is None else integers(name, "axes", axes)
    normalize_axes(name, listed, len(shape))
    listed = tuple(axis % len(shape) for axis in listed)
    if not listed:
        raise ShapeError(f"{name} of shape {tuple(shape)} needs at least one axis to transform")
    if s is None:
        lengths = tuple(shape[axis] for axis in listed)
        if halved:
            lengths = (*lengths[:-1], 2 * (lengths[-1] - 1))
    else:
        lengths = integers(name, "s", s)
        if len(lengths) != len(listed):
            raise ShapeError(f"{name}: {len(lengths)} lengths (s) for {len(listed)} axes")
    if min(lengths) < 1:
        raise ShapeError(f"{name} of shape {tuple(shape)}: a length of {min(lengths)} is below 1")
    return listed, lengths


def _single(name: str, n: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """What a function of one axis gives to one of several."""
    lengths = None if n is None else integers(name, "n", n)
    places = integers(name, "axis", axis)
    if len(places) != 1 or (lengths is not None and len(lengths) != 1):
        raise DtypeError(f"{name}: n and axis are integers, not {n!r:.40} and {axis!r:.40}")
    return lengths, places


def _complex(
    kind: str, name: str, x: Tensor, s: Any, axes: Any, norm: str, *, takes_complex: bool = True
) -> Tensor:
    """The operator `kind` on behalf of the function `name`."""
    node = node_of(name, x)
    taken = (*_REAL, *_COMPLEX) if takes_complex else _REAL
    if node.dtype not in taken:
        names = ", ".join(one.name for one in taken)
        raise DtypeError(f"{name} takes {names}, not {node.dtype.name}; use x.astype(...)")
    halved = kind in ("irfftn", "hfft")
    listed, lengths = _extents(name, node.shape, s, axes, norm, halved=halved)
    result = operation(kind, [node], axes=listed, sizes=lengths, norm=norm)
    lacking = next((one.dtype for one in (node, result) if one.dtype in _COMPLEX), None)
    if lacking is not None and x.device != "cpu":
        raise UnsupportedDtypeError(
            f"{name}: {lacking.name} is not available on {x.device!r}; use webtensor.fft.{name}"
            f"_pair, which has real and imaginary parts in tensors of their own, or "
            f"x.to_device('cpu')"
        )
    return Tensor(result)


def _one_axis(name: str, kind: str, document: str, **more: Any) -> Callable[..., Tensor]:
    def function(
        x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
    ) -> Tensor:
        return _complex(kind, name, x, *_single(name, n, axis), norm, **more)

    return named(function, name, document)


def _many_axes(name: str, document: str, **more: Any) -> Callable[..., Tensor]:
    def function(
        x: Tensor,
        /,
        *,
        s: Sequence[int] | None = None,
        axes: Sequence[int] | None = None,
        norm: str = "backward",
    ) -> Tensor:
        return _complex(name, name, x, s, axes, norm, **more)

    return named(function, name, document)


_FORMS = {
    "fft": "The discrete Fourier transform along an axis.",
    "ifft": "The inverse of `fft`.",
    "fftn": "The discrete Fourier transform along several axes.",
    "ifftn": "The inverse of `fftn`.",
    "rfft": "The first n // 2 + 1 values of the transform of real x; the others mirror them.",
    "irfft": "The inverse of `rfft`, real; n is 2·(length - 1) by default.",
    "rfftn": "`rfft` along the last of `axes`, then `fft` along the others.",
    "irfftn": "The inverse of `rfftn`, real; the last length is 2·(length - 1) by default.",
    "hfft": "The transform, real, of a signal of which x is the first half, the rest mirroring it; "
    "n is 2·(length - 1) by default.",
    "ihfft": "The inverse of `hfft`: of real x, n // 2 + 1 values.",
}

fft = _one_axis("fft", "fftn", _FORMS["fft"])
ifft = _one_axis("ifft", "ifftn", _FORMS["ifft"])
rfft = _one_axis("rfft", "rfftn", _FORMS["rfft"], takes_complex=False)
irfft = _one_axis("irfft", "irfftn", _FORMS["irfft"])
hfft = _one_axis("hfft", "hfft", _FORMS["hfft"])
ihfft = _one_axis("ihfft", "ihfft", _FORMS["ihfft"], takes_complex=False)
fftn = _many_axes("fftn", _FORMS["fftn"])
ifftn = _many_axes("ifftn", _FORMS["ifftn"])
rfftn = _many_axes("rfftn", _FORMS["rfftn"], takes_complex=False)
irfftn = _many_axes("irfftn", _FORMS["irfftn"])


def _parts(name: str, real: Tensor, imag: Tensor | None = None) -> tuple[Tensor, ...]:
    node_of(name, real)
    parts: tuple[Tensor, ...] = (real,)
    if imag is not None:
        node_of(name, imag)
        parts = tuple(map(Tensor, promoted(name, real, imag)))
        if parts[0].shape != parts[1].shape:
            raise ShapeError(
                f"{name}: real parts of shape {real.shape} and imaginary ones of {imag.shape}"
            )
    if parts[0].dtype not in _REAL:
        raise DtypeError(
            f"{name} takes float32 and float64, not {parts[0].dtype.name}; use x.astype(...)"
        )
    return parts


def _along(
    parts: Sequence[Tensor],
    axis: int,
    length: int,
    norm: str,
    *,
    inverse: bool,
    hermitian: bool = False,
) -> Pair:
    """Transformed along one axis."""
    real = parts[0]
    if not real.shape[axis]:
        # Nothing but what it is padded with.
        shape = (*real.shape[:axis], length, *real.shape[axis + 1 :])
        nothing = zeros(shape, dtype=real.dtype, device=real._node.device)
        return nothing, nothing
    divided = {"backward": float(inverse), "ortho": 0.5, "forward": float(not inverse)}
    result = Tensor(
        operation(
            "fourier",
            [one._node for one in parts],
            axis=axis,
            length=length,
            inverse=inverse,
            hermitian=hermitian,
            scale=length ** -divided[norm],
        )
    )
    return result[0], result[1]


def _transformed(
    kind: str, name: str, parts: Sequence[Tensor], s: Any, axes: Any, norm: str
) -> tuple[Tensor, ...]:
    """`fftn`, `rfftn`, … (`kind`) of parts, on behalf of the function `name`."""
    mirrored, real = kind in ("irfftn", "hfft"), kind in ("rfftn", "ihfft")
    inverse = kind.startswith("i")
    shape = parts[0].shape
    listed, lengths = _extents(name, shape, s, axes, norm, halved=mirrored)
    steps = list(zip(listed, lengths, strict=True))
    last = steps.pop() if mirrored or real else None
    if real and last is not None:
        parts = _along(parts, *last, norm, inverse=inverse)
        axis, length = last
        kept = (slice(None),) * axis + (slice(length // 2 + 1),)
        parts = [one[kept] for one in parts]
    for axis, length in steps:
        parts = _along(parts, axis, length, norm, inverse=inverse)
    if mirrored and last is not None:
        return _along(parts, *last, norm, inverse=inverse, hermitian=True)[:1]
    return tuple(parts)


def _described(name: str) -> tuple[str, str]:
    """The name and the documentation of a function's twin."""
    document = f"{_FORMS[name]} As `{name}`, of real and imaginary parts in tensors of their own."
    return f"{name}_pair", document


def _pair_one_axis(kind: str, name: str) -> Callable[..., Any]:
    called, document = _described(name)

    def function(
        real: Tensor,
        imag: Tensor | None = None,
        /,
        *,
        n: int | None = None,
        axis: int = -1,
        norm: str = "backward",
    ) -> Pair | Tensor:
        return _result(
            _transformed(kind, called, _parts(called, real, imag), *_single(called, n, axis), norm)
        )

    return named(function, called, document)


def _pair_many_axes(name: str) -> Callable[..., Any]:
    called, document = _described(name)

    def function(
        real: Tensor,
        imag: Tensor | None = None,
        /,
        *,
        s: Sequence[int] | None = None,
        axes: Sequence[int] | None = None,
        norm: str = "backward",
    ) -> Pair | Tensor:
        return _result(_transformed(name, called, _parts(called, real, imag), s, axes, norm))

    return named(function, called, document)


def _result(parts: tuple[Tensor, ...]) -> Pair | Tensor:
    return (parts[0], parts[1]) if len(parts) == 2 else parts[0]


fft_pair: Callable[..., Pair] = _pair_one_axis("fftn", "fft")
ifft_pair: Callable[..., Pair] = _pair_one_axis("ifftn", "ifft")
fftn_pair: Callable[..., Pair] = _pair_many_axes("fftn")
ifftn_pair: Callable[..., Pair] = _pair_many_axes("ifftn")
irfft_pair: Callable[..., Tensor] = _pair_one_axis("irfftn", "irfft")
irfftn_pair: Callable[..., Tensor] = _pair_many_axes("irfftn")
hfft_pair: Callable[..., Tensor] = _pair_one_axis("hfft", "hfft")


def rfft_pair(
    x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Pair:
    """As `rfft`, with real and imaginary parts in tensors of their own."""
    lengths, axes = _single("rfft_pair", n, axis)
    real, imag = _transformed("rfftn", "rfft_pair", _parts("rfft_pair", x), lengths, axes, norm)
    return real, imag


def rfftn_pair(
    x: Tensor,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str = "backward",
) -> Pair:
    """As `rfftn`, with real and imaginary parts in tensors of their own."""
    real, imag = _transformed("rfftn", "rfftn_pair", _parts("rfftn_pair", x), s, axes, norm)
    return real, imag


def ihfft_pair(
    x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> Pair:
    """As `ihfft`, with real and imaginary parts in tensors of their own."""
    lengths, axes = _single("ihfft_pair", n, axis)
    real, imag = _transformed("ihfft", "ihfft_pair", _parts("ihfft_pair", x), lengths, axes, norm)
    return real, imag


def _number_of(name: str, n: object) -> int:
    (count,) = integers(name, "n", n)
    if count < 1:
        raise ShapeError(f"{name}: n is {count}, below 1")
    return count


def _frequencies(
    name: str, numbers: Sequence[int], n: int, d: float, dtype: Any, device: str | None
) -> Tensor:
    wanted = float32 if dtype is None else as_dtype(dtype)
    if wanted not in _REAL:
        raise DtypeError(f"{name}: frequencies are float32 or float64, not {wanted.name}")
    return asarray([number / (n * d) for number in numbers], dtype=wanted, device=device)


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: str | None = None) -> Tensor:
    """(n,) the frequencies of `fft`'s values, in cycles per unit of the spacing d; float32.

    Raises:
        ShapeError: n is below 1.
        DtypeError: a dtype other than float32 and float64.
    """
    count = _number_of("fftfreq", n)
    numbers = [*range((count + 1) // 2), *range(-(count // 2), 0)]
    return _frequencies("fftfreq", numbers, count, d, dtype, device)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: str | None = None) -> Tensor:
    """(n // 2 + 1,) the frequencies of `rfft`'s values; as `fftfreq`."""
    count = _number_of("rfftfreq", n)
    return _frequencies("rfftfreq", range(count // 2 + 1), count, d, dtype, device)


def _shifted(name: str, x: Tensor, axes: Any, direction: int) -> Tensor:
    shape = node_of(name, x).shape
    listed = normalize_axes(name, axes, len(shape))
    # Half of an odd length is rounded down; the inverse moves back as far.
    shifts = [direction * (shape[axis] // 2) for axis in listed]
    return roll(x, shifts, axis=listed)


def fftshift(x: Tensor, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """x with frequency zero moved to the middle of `axes` (all by default)."""
    return _shifted("fftshift", x, axes, 1)


def ifftshift(x: Tensor, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """The inverse of `fftshift`."""
    return _shifted("ifftshift", x, axes, -1)
