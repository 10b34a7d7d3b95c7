"""Weighted sums of a few elements along one axis: what interpolation and adaptive pooling are.

Tables of indices and weights are made in float64 by Python, on no device; one kernel gathers, one
sums. Their cost is that of the elements which take part, not of a matrix.
"""

from __future__ import annotations

import array
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from . import functions
from .creation import asarray
from .dtypes import int32, uint8
from .functions import add, astype, bitwise_right_shift, clip, multiply, reshape, where
from .graph.node import source
from .movement_functions import take
from .tensor import Tensor

# How Pillow and PyTorch resample bytes: weights as integers of so many binary digits, which leaves
# room in int32 for 255 times the sum of positive weights.
_FRACTION = 22


@dataclass(frozen=True)
class Taps:
    """For each place of a result's axis, which elements of an operand's axis it sums.

    Attributes:
        indices: of each place's elements, as many for all.
        weights: what they are multiplied by.
        empty: the places that have none, whose sum is 0.
    """

    indices: tuple[tuple[int, ...], ...]
    weights: tuple[tuple[float, ...], ...]
    empty: frozenset[int] = frozenset()

    @staticmethod
    def of(places: Sequence[tuple[Sequence[int], Sequence[float]]]) -> Taps:
        """Places with different numbers of elements: the last one's weight is shared by copies.

        A weight of 0 would make NaN of an infinity. Halves are exact, so that sums are, too.
        """
        most = max((len(indices) for indices, _ in places), default=0) or 1
        all_indices, all_weights, empty = [], [], set()
        for number, (indices, weights) in enumerate(places):
            if not indices:
                empty.add(number)
            missing = most - len(indices)
            last = weights[-1] if weights else 0.0
            parts = [last / 2**one for one in range(1, missing + 1)]
            shared = [*parts, last / 2**missing] if missing else [last]
            all_indices.append((*indices, *[indices[-1] if indices else 0] * missing))
            all_weights.append((*weights[:-1], *shared)[:most])
        return Taps(tuple(all_indices), tuple(all_weights), frozenset(empty))

    @property
    def count(self) -> int:
        """How many elements each place sums."""
        return len(self.indices[0]) if self.indices else 0


def gathered(x: Tensor, axis: int, taps: Taps) -> Tensor:
    """The elements that places sum: `axis` becomes two, one of places and one of their elements."""
    flat = array.array("i", [one for row in taps.indices for one in row])
    shape = (len(taps.indices), taps.count)
    return take(x, Tensor(source(flat.tobytes(), shape, int32, x._node.device)), axis=axis)


def summed(x: Tensor, axis: int, taps: Taps) -> Tensor:
    """x with `axis` replaced by `taps`' sums; float16 in float32, uint8 as Pillow does."""
    if x.dtype == uint8:
        return _summed_bytes(x, axis, taps)
    wide = astype(x, "float32") if x.dtype.itemsize == 2 else x
    parts = gathered(wide, axis, taps)
    if any(one != 1 for row in taps.weights for one in row):
        parts = multiply(parts, _beside(parts, axis, taps, wide.dtype.name))
    result = functions.sum(parts, axis=axis + 1)
    if taps.empty:
        known = [place not in taps.empty for place in range(len(taps.indices))]
        mask = asarray(known, dtype="bool", device=x._node.device)
        result = where(reshape(mask, (len(known), *(1,) * (x.ndim - axis - 1))), result, 0)
    return astype(result, x.dtype)


def _beside(parts: Tensor, axis: int, taps: Taps, dtype: str) -> Tensor:
    """The weights, shaped to broadcast with what they multiply."""
    flat = [one for row in taps.weights for one in row]
    if dtype == "int32":
        flat = [math.copysign(int(abs(one) * 2**_FRACTION + 0.5), one) for one in flat]
    table = asarray(flat, dtype=dtype, device=parts._node.device)
    return reshape(table, (*parts.shape[axis : axis + 2], *(1,) * (parts.ndim - axis - 2)))


def _summed_bytes(x: Tensor, axis: int, taps: Taps) -> Tensor:
    parts = gathered(astype(x, "int32"), axis, taps)
    total = functions.sum(multiply(parts, _beside(parts, axis, taps, "int32")), axis=axis + 1)
    rounded = bitwise_right_shift(add(total, 1 << (_FRACTION - 1)), _FRACTION)
    return astype(clip(rounded, 0, 255), uint8)


@lru_cache(maxsize=64)
def windows(length: int, count: int) -> Taps:
    """The means of `count` windows that cover an axis of `length` evenly (adaptive pooling)."""
    places = []
    for number in range(count):
        begin, end = number * length // count, -(-(number + 1) * length // count)
        places.append((range(begin, end), [1 / (end - begin)] * (end - begin)))
    return Taps.of(places)


@lru_cache(maxsize=64)
def linear(length: int, count: int, scale: float, align_corners: bool) -> Taps:
    """Two neighbours, by their distance."""
    places = []
    for number in range(count):
        at = max(_position(number, scale, align_corners), 0.0)
        low = min(int(at), length - 1)
        part = min(max(at - low, 0.0), 1.0)
        places.append(((low, min(low + 1, length - 1)), (1 - part, part)))
    return Taps.of(places)


@lru_cache(maxsize=64)
def cubic(length: int, count: int, scale: float, align_corners: bool) -> Taps:
    """Four neighbours, by Keys' convolution with a = -0.75, the edge repeated."""
    places = []
    for number in range(count):
        at = _position(number, scale, align_corners)
        low = math.floor(at)
        indices = [min(max(low + tap, 0), length - 1) for tap in range(-1, 3)]
        places.append((indices, [_keys(at - low - tap, -0.75) for tap in range(-1, 3)]))
    return Taps.of(places)


@lru_cache(maxsize=64)
def antialiased(mode: str, length: int, count: int, scale: float) -> Taps:
    """As many elements as a place of the result covers, by the filter widened to that (Pillow)."""
    radius, weigh = _FILTERS[mode]
    stretch = max(scale, 1.0)
    places = []
    for number in range(count):
        center = scale * (number + 0.5)
        begin = max(int(center - radius * stretch + 0.5), 0)
        end = min(int(center + radius * stretch + 0.5), length)
        weights = [weigh((one - center + 0.5) / stretch) for one in range(begin, end)]
        total = math.fsum(weights)
        places.append((range(begin, end), [one / total for one in weights]))
    return Taps.of(places)


def _position(number: int, scale: float, align_corners: bool) -> float:
    """Where in the operand's axis a place of the result lies."""
    return number * scale if align_corners else (number + 0.5) * scale - 0.5


def _triangle(distance: float) -> float:
    return max(1 - abs(distance), 0.0)


def _keys(distance: float, a: float = -0.5) -> float:
    """The kernel of Keys, "Cubic convolution interpolation for digital image processing", 1981."""
    x = abs(distance)
    if x < 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return (((x - 5) * x + 8) * x - 4) * a if x < 2 else 0.0


def _lanczos(distance: float) -> float:
    """The kernel of Duchon, "Lanczos filtering in one and two dimensions", 1979, of three lobes."""
    x = math.pi * distance
    return 3 * math.sin(x) * math.sin(x / 3) / (x * x) if x and abs(distance) < 3 else float(not x)


_FILTERS: dict[str, tuple[float, Callable[[float], float]]] = {
    "bilinear": (1.0, _triangle),
    "bicubic": (2.0, _keys),
    "lanczos": (3.0, _lanczos),
}
