"""The operators of the graph, by name: one declaration each (see `declaration.Operator`)."""

from __future__ import annotations

from . import (
    activation,
    attention,
    convolution,
    elements,
    elementwise,
    extreme_index,
    fourier,
    linear_algebra,
    movement,
    quantized,
    reduction,
    rows,
    scan,
    sorting,
    structure,
)
from .declaration import Operator, Shape, Tolerance

TABLE: dict[str, Operator] = {
    operator.name: operator
    for module in (
        elementwise,
        activation,
        reduction,
        extreme_index,
        rows,
        structure,
        quantized,
        movement,
        elements,
        attention,
        convolution,
        scan,
        sorting,
        linear_algebra,
        fourier,
    )
    for operator in module.OPERATORS
}

__all__ = ["TABLE", "Operator", "Shape", "Tolerance"]
