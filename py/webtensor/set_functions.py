"""Sets of elements, by the Array API's names.

How many elements differ is known when it has been counted: the `unique_*` functions compute and
wait, synchronously, and cannot be part of a compiled function.
"""

from __future__ import annotations

from typing import NamedTuple

from .creation import asarray, full, zeros
from .evaluate import evaluate, wait
from .functions import (
    astype,
    equal,
    logical_not,
    minimum,
    not_equal,
    reshape,
    subtract,
)
from .graph.node import Node
from .movement_functions import concat, take
from .operands import Operand, node_of, promoted
from .ranges import arange
from .scan_functions import cumulative_sum
from .sorting_functions import argsort, searchsorted, sort
from .tensor import Tensor

__all__ = [
    "isin",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


class UniqueAll(NamedTuple):
    """What `unique_all` returns."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """What `unique_counts` returns."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """What `unique_inverse` returns."""

    values: Tensor
    inverse_indices: Tensor


class _Groups:
    """Equal elements of x together, in ascending order.

    Attributes:
        values: one of each, (K,), of equal ones the first.
        starts: where in the ordered elements each group begins.
        numbers: the group of each of the ordered elements.
        order: where in x these are, where that is asked for.
    """

    def __init__(self, name: str, x: Tensor, *, ordered: bool) -> None:
        node = node_of(name, x)
        self.size, self.shape, self.device = node.size, node.shape, node.device
        flat = reshape(x, (self.size,))
        self.order = argsort(flat) if ordered else None
        elements = sort(flat) if self.order is None else take(flat, self.order)
        self.numbers = zeros((0,), dtype="int32", device=self.device)
        count = 0
        if self.size:
            # NaN differs from all, itself too, and begins a group wherever it is.
            begins = concat(
                [
                    full((1,), True, device=self.device),
                    not_equal(elements[1:], elements[:-1]),
                ]
            )
            self.numbers = subtract(cumulative_sum(astype(begins, "int32")), 1)
            kept = [elements, self.numbers, *([self.order] if self.order is not None else [])]
            wait(evaluate([one._node for one in kept]))
            count = int(self.numbers[-1]) + 1
        self.starts = searchsorted(self.numbers, arange(count, device=self.device))
        self.values = take(elements, self.starts)

    def counts(self) -> Tensor:
        ends = [self.starts[1:], full((1,), self.size, dtype="int32", device=self.device)]
        return subtract(concat(ends), self.starts) if self.size else self.starts

    def indices(self) -> Tensor:
        assert self.order is not None, "it was asked for"
        return take(self.order, self.starts)

    def inverse(self) -> Tensor:
        assert self.order is not None, "it was asked for"
        # What sorts a permutation is its inverse.
        return reshape(take(self.numbers, argsort(self.order)), self.shape)


def unique_all(x: Tensor, /) -> UniqueAll:
    """The different elements of x, where each is first, which one each element of x is, and how
    often each is there.

    NaN differs from every element, signed zeros are equal.

    Args:
        x: any shape; more axes than one are flattened.

    Returns:
        A named tuple: `values` (K,), ascending, in x's dtype; `indices` (K,), in the flattened x;
        `inverse_indices`, of x's shape; `counts` (K,). The last three are int32.

    Raises:
        SynchronousReadError: this browser, or this caller, cannot wait synchronously.
        CaptureError: inside of a function that is compiled.
    """
    groups = _Groups("unique_all", x, ordered=True)
    return UniqueAll(groups.values, groups.indices(), groups.inverse(), groups.counts())


def unique_counts(x: Tensor, /) -> UniqueCounts:
    """The different elements of x and how often each is there: `values` and `counts` of
    `unique_all`, whose errors it has."""
    groups = _Groups("unique_counts", x, ordered=False)
    return UniqueCounts(groups.values, groups.counts())


def unique_inverse(x: Tensor, /) -> UniqueInverse:
    """The different elements of x and which one each element of x is: `values` and
    `inverse_indices` of `unique_all`, whose errors it has."""
    groups = _Groups("unique_inverse", x, ordered=True)
    return UniqueInverse(groups.values, groups.inverse())


def unique_values(x: Tensor, /) -> Tensor:
    """The different elements of x, ascending: `values` of `unique_all`, whose errors it has."""
    return _Groups("unique_values", x, ordered=False).values


def isin(x1: Operand, x2: Operand, /, *, invert: bool = False) -> Tensor:
    """Whether each element of x1 is equal to one of x2.

    Args:
        x1: any shape, or a Python number.
        x2: any shape, or a Python number; one of the two is a tensor, and dtypes promote.
        invert: whether to tell those that are equal to none.

    Returns:
        x1's shape, bool.

    Raises:
        DtypeError: no tensor among them, or dtypes that do not promote.
    """
    wanted, among = promoted("isin", x1, x2)
    device = wanted.device or among.device
    if not among.size:
        return full(wanted.shape, bool(invert), device=device)
    ordered = sort(reshape(_tensor(x2, among, device), (among.size,)))
    elements = _tensor(x1, wanted, device)
    places = minimum(searchsorted(ordered, elements), among.size - 1)
    found = equal(take(ordered, places), elements)
    return logical_not(found) if invert else found


def _tensor(x: Operand, node: Node, device: str | None) -> Tensor:
    """An operand as a tensor of the dtype that it was promoted to."""
    return Tensor(node) if isinstance(x, Tensor) else asarray(x, dtype=node.dtype, device=device)
