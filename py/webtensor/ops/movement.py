"""The specification's operators that join, choose, place and rearrange elements."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from .. import functions, movement_functions, ranges, scattering
from ..errors import DtypeError, ShapeError
from ..graph.node import operation
from ..operators.shapes import integers
from ..tensor import Tensor
from .checks import (
    ANY,
    INDICES,
    axes_of,
    axis_of,
    choice,
    converted,
    list_of,
    operand,
    same_dtype,
    specified,
    tensor_count,
    unsigned,
)

__all__ = [
    "concat",
    "expand",
    "gather",
    "gather_elements",
    "gather_nd",
    "pad",
    "reshape",
    "reverse",
    "scatter_elements",
    "scatter_nd",
    "slice",
    "split",
    "tile",
    "transpose",
    "triangular",
]

_PAD_MODES = {"constant": "constant", "edge": "replicate", "reflection": "reflect"}


@specified("concat")
def concat(inputs: Sequence[Tensor], axis: int, /) -> Tensor:
    """`inputs` behind one another along `axis`.

    Args:
        inputs: from 1 to 8192 tensors of one dtype, whose shapes differ along `axis` only.
        axis: counted from the first.

    Raises:
        ShapeError: shapes that differ elsewhere, or no such axis.
        OptionError: no inputs, or too many.
        DtypeError: differing dtypes, or no tensors.
    """
    if isinstance(inputs, Tensor):
        raise DtypeError("concat takes a sequence of tensors, not one tensor")
    listed = [operand("concat", one, ANY, 1) for one in inputs]
    tensor_count("concat", len(listed))
    same_dtype("concat", *listed)
    return movement_functions.concat(listed, axis=axis_of("concat", axis, listed[0]))


@specified("expand")
def expand(x: Tensor, new_shape: Sequence[int], /) -> Tensor:
    """x repeated along new axes and axes of size 1, without a copy.

    Args:
        x: any shape, any of the specification's dtypes.
        new_shape: what x broadcasts to.

    Raises:
        ShapeError: x does not broadcast to `new_shape`.
        DtypeError: another dtype, or no tensor.
    """
    operand("expand", x, ANY)
    return functions.broadcast_to(x, list_of("expand", "new_shape", new_shape))


@specified("gather")
def gather(x: Tensor, indices: Tensor, /, *, axis: int = 0) -> Tensor:
    """The parts of x at `indices` along `axis`.

    Args:
        x: at least one axis, any of the specification's dtypes.
        indices: int32, uint32 or int64, of any shape; negative ones count from the end, those
            outside the axis are clamped to it.
        axis: counted from the first.

    Returns:
        x's shape with `axis` replaced by the shape of `indices`.

    Raises:
        ShapeError: no such axis.
        DtypeError: other dtypes, or no tensors.
    """
    operand("gather", x, ANY, 1)
    operand("gather", indices, INDICES)
    place = axis_of("gather", axis, x)
    return Tensor(operation("gather", [x._node, indices._node], axis=place))


@specified("gatherElements")
def gather_elements(x: Tensor, indices: Tensor, /, *, axis: int = 0) -> Tensor:
    """The elements of x whose place on `axis` is in `indices`, their other places being their own.

    Args:
        x: at least one axis, any of the specification's dtypes.
        indices: of x's shape but along `axis`; dtypes and values as in `gather`.
        axis: counted from the first.

    Returns:
        the shape of `indices`, of x's dtype.

    Raises:
        ShapeError: no such axis, or other shapes.
        DtypeError: other dtypes, or no tensors.
    """
    operand("gather_elements", x, ANY, 1)
    operand("gather_elements", indices, INDICES, x.ndim, x.ndim)
    place = axis_of("gather_elements", axis, x)
    return Tensor(operation("gather_elements", [x._node, indices._node], axis=place))


@specified("gatherND")
def gather_nd(x: Tensor, indices: Tensor, /) -> Tensor:
    """The parts of x to which the rows of `indices` lead.

    Args:
        x: at least one axis, any of the specification's dtypes.
        indices: shape (…, K), each row a place on the first K axes of x; dtypes and values as in
            `gather`.

    Returns:
        the shape of `indices` without its last axis, then x's axes from number K on.

    Raises:
        ShapeError: K is not from 1 to x's number of axes, or an axis has no elements.
        DtypeError: other dtypes, or no tensors.
    """
    operand("gather_nd", x, ANY, 1)
    return scattering.gather_nd(x, operand("gather_nd", indices, INDICES, 1))


@specified("pad")
def pad(
    x: Tensor,
    beginning_padding: Sequence[int],
    ending_padding: Sequence[int],
    /,
    *,
    mode: str = "constant",
    value: float = 0,
) -> Tensor:
    """More elements around x.

    Args:
        x: any shape, any of the specification's dtypes.
        beginning_padding, ending_padding: how many before and after, for each axis.
        mode: "constant", "edge", or "reflection" (mirrored at the edge, which is not repeated).
        value: what "constant" adds, converted to x's dtype.

    Raises:
        ShapeError: an axis has too few elements for the mode.
        OptionError: not as many numbers as axes, or another mode.
        DtypeError: another dtype, or no tensor.
    """
    operand("pad", x, ANY)
    before = list_of("pad", "beginning_padding", beginning_padding, x.ndim)
    after = list_of("pad", "ending_padding", ending_padding, x.ndim)
    pairs = [one for pair in zip(before[::-1], after[::-1], strict=True) for one in pair]
    named = _PAD_MODES[choice("pad", "mode", mode, tuple(_PAD_MODES))]
    return movement_functions.pad(x, pairs, named, converted("pad", "value", value, x.dtype))


@specified("reshape")
def reshape(x: Tensor, new_shape: Sequence[int], /) -> Tensor:
    """The same elements, in C order, under `new_shape`.

    Args:
        x: any shape, any of the specification's dtypes.
        new_shape: sizes, none of them 0 unless x has no elements.

    Raises:
        ShapeError: the numbers of elements differ.
        OptionError: a size below 1.
        DtypeError: another dtype, or no tensor.
    """
    operand("reshape", x, ANY)
    sizes = list_of("reshape", "new_shape", new_shape, least=1 if x.size else 0)
    return functions.reshape(x, sizes)


@specified("reverse")
def reverse(x: Tensor, /, *, axes: Sequence[int] | None = None) -> Tensor:
    """x backward along `axes` (all by default), without a copy.

    Raises:
        ShapeError: axes that x does not have, or one twice.
        DtypeError: another dtype than the specification's, or no tensor.
    """
    operand("reverse", x, ANY)
    return movement_functions.flip(x, axis=axes_of("reverse", axes, x, range(x.ndim)))


@specified("scatterElements")
def scatter_elements(x: Tensor, indices: Tensor, updates: Tensor, /, *, axis: int = 0) -> Tensor:
    """x with `updates` at the places on `axis` that are in `indices`, their other places being
    their own. Of several updates of one element the last one along `axis` stays.

    Args:
        x: at least one axis, any of the specification's dtypes.
        indices: of x's shape but along `axis`; dtypes and values as in `gather`.
        updates: of the shape of `indices`, of x's dtype.
        axis: counted from the first.

    Returns:
        x's shape and dtype.

    Raises:
        ShapeError: no such axis, or other shapes.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "scatter_elements"
    operand(name, x, ANY, 1)
    operand(name, indices, INDICES, x.ndim, x.ndim)
    same_dtype(name, x, operand(name, updates, ANY))
    place = axis_of(name, axis, x)
    if not indices.size:
        # Nothing moves; shapes are checked all the same.
        gather_elements(x, indices, axis=place)
        if updates.shape != indices.shape:
            raise ShapeError(f"{name}: updates {updates.shape} for indices {indices.shape}")
        return x
    return Tensor(operation(name, [x._node, indices._node, updates._node], axis=place))


@specified("scatterND")
def scatter_nd(x: Tensor, indices: Tensor, updates: Tensor, /) -> Tensor:
    """x with `updates` in place of the parts to which the rows of `indices` lead.

    Of several updates for one place the specification lets any stay: on "webgpu" and "cpu" it is
    the last one.

    Args:
        x: at least one axis, any of the specification's dtypes.
        indices: as in `gather_nd`.
        updates: of x's dtype and of the shape of `gather_nd(x, indices)`.

    Raises:
        ShapeError, DtypeError: as in `gather_nd`, or updates that do not fit.
    """
    operand("scatter_nd", x, ANY, 1)
    operand("scatter_nd", indices, INDICES, 1)
    operand("scatter_nd", updates, ANY)
    same_dtype("scatter_nd", x, updates)
    return scattering.scatter_nd(x, indices, updates)


@specified("slice")
def slice(
    x: Tensor,
    starts: Sequence[int],
    sizes: Sequence[int],
    /,
    *,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """A part of x, without a copy.

    Args:
        x: any shape, any of the specification's dtypes.
        starts: where it begins, for each axis.
        sizes: how far it reaches from there, at least 1 each.
        strides: of how many elements one is taken; 1 by default.

    Returns:
        ceil(size / stride) elements along each axis.

    Raises:
        ShapeError: it reaches out of x.
        OptionError: not as many numbers as axes, or a size or stride of 0.
        DtypeError: another dtype, or no tensor.
    """
    operand("slice", x, ANY)
    begins = list_of("slice", "starts", starts, x.ndim)
    spans = list_of("slice", "sizes", sizes, x.ndim, 1)
    steps = list_of("slice", "strides", (1,) * x.ndim if strides is None else strides, x.ndim, 1)
    for begin, span, size in zip(begins, spans, x.shape, strict=True):
        if begin + span > size:
            raise ShapeError(f"slice: starts {begins} and sizes {spans} reach out of {x.shape}")
    taken = zip(begins, spans, steps, strict=True)
    return x[tuple(builtins.slice(begin, begin + span, step) for begin, span, step in taken)]


@specified("split")
def split(x: Tensor, splits: int | Sequence[int], /, *, axis: int = 0) -> list[Tensor]:
    """Parts of x along `axis`, without a copy.

    Args:
        x: at least one axis, any of the specification's dtypes.
        splits: how many equal parts there are, or the size of each, at least 1.
        axis: counted from the first.

    Raises:
        ShapeError: no such axis, or the parts do not make it up.
        OptionError: no parts, too many, or one of size 0.
        DtypeError: another dtype, or no tensor.
    """
    operand("split", x, ANY, 1)
    place = axis_of("split", axis, x)
    if isinstance(splits, Sequence):
        sizes = list_of("split", "splits", splits, least=1)
        tensor_count("split", len(sizes))
        return movement_functions.split(x, sizes, axis=place)
    count = unsigned("split", "splits", splits, 1)
    tensor_count("split", count)
    return movement_functions.split(x, count, axis=place)


@specified("tile")
def tile(x: Tensor, repetitions: Sequence[int], /) -> Tensor:
    """x repeated as a whole, `repetitions` times (at least once) along each axis.

    Raises:
        OptionError: not as many numbers as axes, or one of 0.
        DtypeError: another dtype than the specification's, or no tensor.
    """
    operand("tile", x, ANY)
    return movement_functions.tile(x, list_of("tile", "repetitions", repetitions, x.ndim, 1))


@specified("transpose")
def transpose(x: Tensor, /, *, permutation: Sequence[int] | None = None) -> Tensor:
    """The axes in another order (backward by default), without a copy.

    Raises:
        ShapeError: `permutation` is no order of x's axes.
        DtypeError: another dtype than the specification's, or no tensor.
    """
    operand("transpose", x, ANY)
    order = axes_of("transpose", permutation, x, range(x.ndim)[::-1])
    return functions.permute_dims(x, order)


@specified("triangular")
def triangular(x: Tensor, /, *, upper: bool = True, diagonal: int = 0) -> Tensor:
    """Matrices (the last two axes of x) with zeros below a diagonal, or above it.

    Args:
        x: at least two axes, any of the specification's dtypes.
        upper: whether what is above the diagonal stays, else what is below it.
        diagonal: how many columns to the right of the main one it lies, negative for the left.

    Raises:
        ShapeError: fewer than two axes.
        DtypeError: another dtype, or no tensor.
    """
    operand("triangular", x, ANY, 2)
    (offset,) = integers("triangular", "diagonal", diagonal)
    # Beyond the matrix all diagonals are alike.
    furthest = max(x.shape[-2:]) + 1
    kept = ranges.triu if upper else ranges.tril
    return kept(x, k=min(max(offset, -furthest), furthest))
