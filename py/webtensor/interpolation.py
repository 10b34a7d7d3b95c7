"""Resizing, with PyTorch's name and semantics (torch.nn.functional.interpolate)."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Literal

from . import resampling
from .creation import asarray
from .dtypes import float64, uint8
from .errors import DtypeError, OptionError, ShapeError
from .movement_functions import take
from .operands import node_of, number
from .operators.shapes import integers
from .pooling import averaged
from .tensor import Tensor

__all__ = ["interpolate"]

_RANKS = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "lanczos": (4,), "trilinear": (5,)}
_ANY_RANK = (3, 4, 5)
_MODES = ("nearest", "nearest-exact", "area", *_RANKS)
Mode = Literal[
    "nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "lanczos", "trilinear"
]


def interpolate(
    x: Tensor,
    /,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: Mode = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """x resized along the axes after (N, C).

    Each axis is resampled on its own, the last first: a table of elements and of their weights,
    which are computed in float64, then a weighted sum. uint8 is rounded after each axis, as Pillow
    does, whose `resize` an antialiased image equals.

    Args:
        x: (N, C, L), (N, C, H, W) or (N, C, D, H, W), floating-point or uint8; any dtype for the
            "nearest" modes.
        size: the sizes of the result, one for all axes or one for each. Either this or
        scale_factor: what the sizes are multiplied by, likewise; rounded down.
        mode: "nearest", "nearest-exact" (the centre's nearest), "linear" (three axes), "bilinear",
            "bicubic", "lanczos" (four), "trilinear" (five), or "area" (means, as
            `adaptive_avg_pool2d`).
        align_corners: whether the corners' centres, not their outer edges, keep their places; not
            for "nearest", "nearest-exact", "lanczos" and "area".
        recompute_scale_factor: whether places follow from the rounded sizes, not `scale_factor`.
        antialias: whether each element counts where many become one; for "bilinear" and "bicubic",
            and always for "lanczos".

    Returns:
        (N, C, *size), of x's dtype.

    Raises:
        ShapeError: other axes, no elements to interpolate, or no result.
        OptionError: options that do not fit together.
        DtypeError: x's dtype does not suit the mode.
    """
    x = Tensor(node_of("interpolate", x))
    _check(x, mode, align_corners, antialias)
    lengths = x.shape[2:]
    sizes, factors = _sizes(x, size, scale_factor)
    if recompute_scale_factor:
        if factors is None:
            raise OptionError("interpolate: recompute_scale_factor needs scale_factor, not size")
        factors = None
    if min(sizes) < 1 or min(lengths) < 1:
        raise ShapeError(f"interpolate: {x.shape} becomes no image of size {sizes}")
    if mode == "area":
        return averaged(x, sizes)
    for axis in reversed(range(len(sizes))):
        length, count = lengths[axis], sizes[axis]
        factor = None if factors is None else factors[axis]
        if mode in ("nearest", "nearest-exact"):
            places = _nearest(x, mode, length, count, factor)
            if places != list(range(length)):
                x = take(x, asarray(places, device=x._node.device), axis=axis + 2)
            continue
        scale = _scale(length, count, factor, bool(align_corners))
        if count == length and scale == 1:  # each place is an element
            continue
        x = resampling.summed(
            x, axis + 2, _taps(mode, length, count, scale, bool(align_corners), antialias)
        )
    return x


def _check(x: Tensor, mode: str, align_corners: bool | None, antialias: bool) -> None:
    if mode not in _MODES:
        raise OptionError(f"interpolate: mode {mode!r} is none of {', '.join(_MODES)}")
    if x.ndim not in _RANKS.get(mode, _ANY_RANK):
        listed = ", ".join(map(str, _RANKS.get(mode, _ANY_RANK)))
        raise ShapeError(f"interpolate: mode {mode!r} takes {listed} axes, not shape {x.shape}")
    if align_corners is not None and mode not in _RANKS:
        raise OptionError(f"interpolate: mode {mode!r} has no align_corners")
    if antialias and mode not in ("bilinear", "bicubic", "lanczos"):
        raise OptionError(f"interpolate: antialias is for bilinear and bicubic, not {mode!r}")
    if mode == "lanczos" and (align_corners or not antialias):
        raise OptionError("interpolate: mode 'lanczos' takes antialias=True and no align_corners")
    suits = x.dtype.floating or (x.dtype == uint8 and mode != "area")
    if not suits and mode not in ("nearest", "nearest-exact"):
        raise DtypeError(f"interpolate: mode {mode!r} does not take {x.dtype.name}; use astype")


def _sizes(
    x: Tensor, size: int | Sequence[int] | None, scale_factor: float | Sequence[float] | None
) -> tuple[tuple[int, ...], tuple[float, ...] | None]:
    """The result's sizes, and by what axes were scaled where that was asked for."""
    rank = x.ndim - 2
    if (size is None) == (scale_factor is None):
        raise OptionError("interpolate takes either size or scale_factor")
    if size is not None:
        sizes = integers("interpolate", "size", size)
        sizes = sizes if isinstance(size, Sequence) else sizes * rank
        if len(sizes) != rank:
            raise ShapeError(f"interpolate: size {size} has not one number for each of {rank} axes")
        return sizes, None
    listed = scale_factor if isinstance(scale_factor, Sequence) else (scale_factor,) * rank
    factors = tuple(number("interpolate", "scale_factor", one) for one in listed)
    if len(factors) != rank:
        raise ShapeError(
            f"interpolate: scale_factor {scale_factor} has not one number for each of {rank} axes"
        )
    if not all(0 < one < math.inf for one in factors):
        raise OptionError(f"interpolate: scale_factor {scale_factor} is not positive")
    pairs = zip(x.shape[2:], factors, strict=True)
    return tuple(math.floor(length * factor) for length, factor in pairs), factors


def _scale(length: int, count: int, factor: float | None, align_corners: bool) -> float:
    """How far apart in x neighbours of the result are."""
    if align_corners:
        return (length - 1) / (count - 1) if count > 1 else 0.0
    return length / count if factor is None else 1 / factor


def _taps(
    mode: str, length: int, count: int, scale: float, align_corners: bool, antialias: bool
) -> resampling.Taps:
    if antialias:
        return resampling.antialiased(mode, length, count, scale)
    make = resampling.cubic if mode == "bicubic" else resampling.linear
    return make(length, count, scale, align_corners)


def _nearest(x: Tensor, mode: str, length: int, count: int, factor: float | None) -> list[int]:
    """The element for each place, rounded as PyTorch does: in float32 but for float64."""
    rounded = (lambda value: value) if x.dtype == float64 else _single
    scale = rounded(length / count if factor is None else 1 / factor)
    shift = 0.5 if mode == "nearest-exact" else 0.0
    places = (math.floor(rounded((one + shift) * scale)) for one in range(count))
    return [min(place, length - 1) for place in places]


def _single(value: float) -> float:
    """The nearest float32."""
    return float(struct.unpack("f", struct.pack("f", value))[0])
