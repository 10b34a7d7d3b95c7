"""Rows of tables and classes as vectors, with PyTorch's names and semantics
(torch.nn.functional)."""

from __future__ import annotations

import array

from . import functions
from .dtypes import int32
from .errors import DtypeError, OptionError, ShapeError
from .functions import add, astype, divide, equal, greater, multiply, reshape, where
from .graph.node import INPUT, source
from .matrix_functions import vector_norm
from .movement_functions import take
from .operands import node_of
from .operators.shapes import integers
from .ranges import arange
from .tensor import Tensor

__all__ = ["bilinear", "embedding", "one_hot"]


def as_int32(name: str, x: Tensor) -> Tensor:
    """Integers as int32: NumPy's 64-bit ones before they get to a device, which may not have them.

    Raises:
        DtypeError: no integers.
    """
    node = node_of(name, x)
    if node.dtype.kind not in ("int", "uint"):
        raise DtypeError(f"{name}: classes are integers, not {node.dtype.name}; use astype")
    if node.kind == INPUT and node.data and node.dtype.itemsize == 8:
        known = memoryview(node.data).cast(node.dtype.code)  # type: ignore[call-overload]
        # What int32 cannot hold is no class, and stays none.
        kept = array.array("i", [max(min(one, 2**31 - 1), -(2**31)) for one in known])
        return Tensor(source(kept.tobytes(), node.shape, int32, node.device))
    return astype(x, int32)


def embedding(
    input: Tensor,  # noqa: A002 (PyTorch's name)
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
) -> Tensor:
    """The rows of `weight` at the indices `input`: `take(weight, input, axis=0)`.

    Args:
        input: integers of any shape.
        weight: (count, width).
        padding_idx: a row that training leaves as it is; no difference here.
        max_norm: rows of a larger norm are scaled to it (`weight` itself stays as it is).
        norm_type: p of that norm.

    Returns:
        (*input.shape, width).

    Raises:
        ShapeError: weight is no matrix, an index outside it (see `take`), or `padding_idx` is.
    """
    if len(node_of("embedding", weight).shape) != 2:
        raise ShapeError(f"embedding takes rows of a matrix, not of shape {weight.shape}")
    if padding_idx is not None and not -weight.shape[0] <= padding_idx < weight.shape[0]:
        raise ShapeError(f"embedding: padding_idx {padding_idx} is no row of {weight.shape}")
    rows = take(weight, input, axis=0)
    if max_norm is None:
        return rows
    norm = vector_norm(rows, axis=-1, keepdims=True, ord=norm_type)
    factor = where(greater(norm, max_norm), divide(max_norm, add(norm, 1e-7)), 1)
    return multiply(rows, factor)


def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:  # noqa: A002 (PyTorch's name)
    """int32 1 at the place that each integer of `input` names along a new last axis, 0 elsewhere.

    A row whose integer is no class (below 0, or `num_classes` and above) has no 1.

    Args:
        input: integers of any shape.
        num_classes: the new axis' size; -1 for the largest integer's plus one, which is read
            synchronously.

    Raises:
        DtypeError: no integers.
        OptionError: another negative `num_classes`, or -1 for no integers at all.
        SynchronousReadError: -1 where nothing can be read synchronously.
    """
    classes = as_int32("one_hot", input)
    (count,) = integers("one_hot", "num_classes", num_classes)
    if count < -1 or (count == -1 and not classes.size):
        raise OptionError(f"one_hot: {count} classes of shape {classes.shape}; say how many")
    if count == -1:
        count = int(functions.max(classes)) + 1
    places = arange(max(count, 0), device=classes._node.device)
    return astype(equal(reshape(classes, (*classes.shape, 1)), places), "int32")


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Σ input1[i] · weight[o, i, j] · input2[j] + bias[o].

    Args:
        input1: (…, I), floating-point.
        input2: (…, J), with the same leading axes.
        weight: (O, I, J).
        bias: (O,), or None.

    Returns:
        (…, O).

    Raises:
        ShapeError: other shapes.
        DtypeError: dtypes that do not promote.
    """
    first, second, filters = (node_of("bilinear", one).shape for one in (input1, input2, weight))
    if (
        not first or first[:-1] != second[:-1] or len(filters) != 3
        or (first[-1], second[-1]) != filters[1:]
    ):  # fmt: skip
        raise ShapeError(f"bilinear: shapes {first}, {second} and weight {filters} do not fit")
    outputs, width, height = filters
    matrix = reshape(functions.permute_dims(weight, (1, 0, 2)), (width, outputs * height))
    parts = reshape(functions.matmul(input1, matrix), (*first[:-1], outputs, height))
    beside = reshape(input2, (*second[:-1], 1, height))
    found = functions.sum(multiply(parts, beside), axis=-1)
    if bias is None:
        return found
    if node_of("bilinear", bias).shape != (outputs,):
        raise ShapeError(f"bilinear: bias has shape {bias.shape}, not ({outputs},)")
    return add(found, bias)
