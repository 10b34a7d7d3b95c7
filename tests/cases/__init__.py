"""One table of cases for every operator, run on every device in every tier.

A case builds tensors from random NumPy operands, applies one public function, and compares with the
operator's own reference in float64 (integers: in their own dtype), within the tolerance that the
operator declares. It needs nothing but NumPy and webtensor, so it runs in Pyodide as it is.
"""

from __future__ import annotations

from . import (
    attention,
    convolution,
    elementwise,
    fourier,
    half,
    linear_algebra,
    movement,
    ops,
    ops_movement,
    ops_recurrent,
    ops_windows,
    products,
    quantized,
    reductions,
    rows,
    scan,
    scatter,
    sorting,
    views,
)
from .case import Case, difference
from .webnn_lacks import WEBNN_QUIRKS

_FAMILIES = (
    elementwise,
    reductions,
    rows,
    products,
    quantized,
    movement,
    scatter,
    attention,
    convolution,
    scan,
    sorting,
    fourier,
    views,
    linear_algebra,
    ops,
    ops_movement,
    ops_windows,
    ops_recurrent,
)
_OF_FAMILIES = tuple(case for family in _FAMILIES for case in family.cases())
CASES: tuple[Case, ...] = (*_OF_FAMILIES, *half.cases(_OF_FAMILIES))

__all__ = ["CASES", "Case", "difference", "failures"]


async def failures(device: str, pattern: str = "") -> list[str]:
    """A line for each case that is wrong on `device` and not known to be, and for each known
    quirk that is gone; cases whose name has `pattern` only."""
    result = []
    met: set[tuple[str, str]] = set()
    for case in CASES:
        if pattern not in case.name:
            continue
        problem = await case.check(device)
        if problem and case.quirk(device):
            met.add(case.quirk_key)
        elif problem:
            result.append(f"{case.name}: {problem}")
    if device == "webnn" and not pattern:
        result += [
            f"{quirk} is right now: take it off the list" for quirk in WEBNN_QUIRKS.keys() - met
        ]
    return result
