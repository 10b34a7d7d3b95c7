"""Groups of the graph become dispatches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...errors import UnsupportedOperatorError
from ...graph.fuse import Group
from ...graph.node import Node
from ...operators.custom import FAMILY
from ...operators.linear_algebra import KERNELS
from .attention import attention
from .context import Context
from .convolution import convolution, transposed_convolution
from .custom import custom
from .elementwise import elementwise, in_words
from .extreme_index import extreme_index
from .fourier import fourier
from .kernel import Dispatch, Lowered
from .linear_algebra import linear_algebra
from .matmul import product, rows_and_columns
from .movement import movement
from .pooling import pooling
from .quantized import quantized
from .rows import rows
from .scan import scan
from .scatter import scatter
from .sorting import search, sort
from .variants import Adapter

FAMILIES: dict[str, Callable[[Group, Context], list[Dispatch]]] = {
    "elementwise": elementwise,
    "reduction": rows,
    "rows": rows,
    "contraction": product,
    "quantized": quantized,
    FAMILY: custom,
    "movement": movement,
    "scatter": scatter,
    "extreme_index": extreme_index,
    "attention": attention,
    "convolution": convolution,
    "transposed_convolution": transposed_convolution,
    "pooling": pooling,
    "scan": scan,
    "sort": sort,
    "search": search,
    KERNELS: linear_algebra,
    "fourier": fourier,
}
# These see to it themselves that elements which share words are stored together.
_STORE_WORDS = {
    "elementwise",
    "reduction",
    "rows",
    "contraction",
    "movement",
    "scatter",
    "search",
    "sort",
    FAMILY,
}


def variants_of(groups: Sequence[Group], adapter: Adapter) -> list[str]:
    """The places of `adapter` whose variants `groups` use."""
    found: dict[str, None] = {}
    for group in groups:
        if group.family in ("reduction", "rows", "extreme_index"):
            found["shares_rows"] = None
        elif group.family in ("contraction", "quantized"):
            found[adapter.product_class(*rows_and_columns(group))] = None
    return list(found)


def lower(groups: Sequence[Group], outputs: Sequence[Node], context: Context) -> Lowered:
    """All dispatches of `groups`, in order."""
    wanted = {id(node) for node in outputs}
    for group in groups:
        if id(group.output) not in wanted:
            context.lowered.temporaries[id(group.output)] = group.output.nbytes
        if group.output.size:
            lowering = FAMILIES[group.family]
            if group.family in _STORE_WORDS or not context.shares_words(group):
                dispatches = lowering(group, context)
            else:
                dispatches = in_words(group, context, lowering)
            _check_bindings(dispatches, context.binding_limit)
            context.lowered.dispatches += dispatches
    return context.lowered


def _check_bindings(dispatches: Sequence[Dispatch], limit: int) -> None:
    for one in dispatches:
        largest = max(span.size for span in (*one.reads, one.write))
        if largest > limit:
            raise UnsupportedOperatorError(
                f"{one.label} reads or writes {largest:,} bytes of one tensor at once, and a "
                f"kernel on this device binds at most {limit:,}; take the tensor in slices, or "
                f"use device='cpu'"
            )
