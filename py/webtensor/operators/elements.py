"""Operators that take or place single elements along axes: a row each, with WebNN's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..dtypes import DType
from ..errors import DtypeError, ShapeError
from ..lazy_numpy import np
from .declaration import Operand, Operator, Shape, Tolerance
from .shapes import same_dtype

ANY = ("bool", "int", "uint", "float", "complex")
_EXACT = Tolerance.units(0)
_REAL = ("int", "uint", "float")
# Kernels compute places in 32-bit integers: (2 · place + 1) times a size must fit.
_MOST_PLACES = 2**30


def _check_indices(name: str, data: Operand, indices: Operand, axis: int) -> None:
    if indices.dtype.kind not in ("int", "uint"):
        raise DtypeError(f"{name}: indices are integers, not {indices.dtype.name}")
    expected = (*data.shape[:axis], *indices.shape[axis : axis + 1], *data.shape[axis + 1 :])
    if indices.shape != expected:
        raise ShapeError(
            f"{name}: indices of shape {indices.shape} differ from {data.shape} outside axis {axis}"
        )
    if not data.shape[axis] and 0 not in indices.shape:
        raise ShapeError(f"{name}: axis {axis} of shape {data.shape} has no elements")


def within(indices: Any, length: int) -> Any:
    """Negative indices count from the end; those that are outside are clamped, as WebNN does."""
    wide = indices.astype(np.int64)
    return np.clip(np.where(wide < 0, wide + length, wide), 0, max(length - 1, 0))


def _infer_gather(data: Operand, indices: Operand, *, axis: int) -> tuple[Shape, DType]:
    _check_indices("gather_elements", data, indices, axis)
    return indices.shape, data.dtype


def _gather(data: Any, indices: Any, *, axis: int) -> Any:
    return np.take_along_axis(data, within(indices, data.shape[axis]), axis=axis)


def _infer_scatter(
    data: Operand, indices: Operand, updates: Operand, *, axis: int
) -> tuple[Shape, DType]:
    dtype = same_dtype("scatter_elements", [data, updates], ANY)
    _check_indices("scatter_elements", data, indices, axis)
    if updates.shape != indices.shape or not indices.shape[axis]:
        raise ShapeError(
            f"scatter_elements: updates of shape {updates.shape} for indices {indices.shape}"
        )
    return data.shape, dtype


def _scatter(data: Any, indices: Any, updates: Any, *, axis: int) -> Any:
    """One place on the axis after the other, so that the last update of an element stays."""
    result = np.array(data)
    places = within(indices, data.shape[axis])
    for number in range(places.shape[axis]):
        at = np.take(places, [number], axis=axis)
        np.put_along_axis(result, at, np.take(updates, [number], axis=axis), axis=axis)
    return result


def _infer_resample(
    x: Operand, *, axes: tuple[int, int], sizes: tuple[int, int], mode: str
) -> tuple[Shape, DType]:
    dtype = same_dtype("resample2d", [x], _REAL)
    shape = list(x.shape)
    for axis, size in zip(axes, sizes, strict=True):
        if not shape[axis] or shape[axis] * size > _MOST_PLACES:
            raise ShapeError(
                f"resample2d: {size} places of {shape[axis]} along axis {axis} of {x.shape}: there "
                f"must be some, and their product is at most 2**30"
            )
        shape[axis] = size
    return tuple(shape), dtype


def _resample(x: Any, *, axes: tuple[int, int], sizes: tuple[int, int], mode: str) -> Any:
    resampled = _nearest if mode == "nearest-neighbor" else _linear
    result = x if x.dtype.kind == "f" else x.astype(np.float64)
    for axis, size in sorted(zip(axes, sizes, strict=True), reverse=True):
        result = resampled(result, axis, size)
    return (result if x.dtype.kind == "f" else np.rint(result)).astype(x.dtype)


def _nearest(x: Any, axis: int, size: int) -> Any:
    length = x.shape[axis]
    # ceil(c - ½), where place p of the result is at c = (p + ½) · length / size - ½.
    places = -(-(2 * np.arange(size) + 1) * length // (2 * size)) - 1
    return np.take(x, np.minimum(places, length - 1), axis=axis)


def _linear(x: Any, axis: int, size: int) -> Any:
    length = x.shape[axis]
    # The same c, counted in parts of 1 / (2 · size).
    parts = np.clip((2 * np.arange(size) + 1) * length - size, 0, (length - 1) * 2 * size)
    low, rest = np.divmod(parts, 2 * size)
    weight = (rest / (2 * size)).reshape((size, *(1,) * (x.ndim - axis - 1))).astype(x.dtype)
    first = np.take(x, low, axis=axis)
    second = np.take(x, np.minimum(low + 1, length - 1), axis=axis)
    return np.where(weight == 0, first, first * (1 - weight) + second * weight)


def row(
    name: str,
    infer: Callable[..., tuple[Shape, DType]],
    reference: Callable[..., Any],
    webnn: str = "",
    family: str = "movement",
    tolerance: Tolerance = _EXACT,
    kinds: tuple[str, ...] = ANY,
) -> Operator:
    """An operator whose kernel is in the file of its name."""
    return Operator(
        name,
        family,
        infer,
        reference,
        tolerance,
        wgsl=f"{name}.wgsl",
        webnn=webnn,
        kinds=kinds,
    )


OPERATORS = (
    row("gather_elements", _infer_gather, _gather, "gatherElements"),
    row("scatter_elements", _infer_scatter, _scatter, "scatterElements", "scatter"),
    row(
        "resample2d",
        _infer_resample,
        _resample,
        "resample2d",
        tolerance=Tolerance(
            lambda shapes, attributes: 84 if attributes["mode"] == "linear" else 0,
            # Where values of both signs cancel.
            2**-20,
            half=Tolerance(lambda shapes, attributes: 84 if attributes["mode"] == "linear" else 0),
        ),
        kinds=_REAL,
    ),
)
