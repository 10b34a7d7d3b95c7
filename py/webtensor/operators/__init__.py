"""The operators of the graph, by name: one declaration each (see `declaration.Operator`)."""

from __future__ import annotations

from . import (
    activation,
    attention,
    convolution,
    elementwise,
    extreme_index,
    fourier,
    movement,
    quantized,
    reduction,
    rows,
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
        attention,
        convolution,
        fourier,
    )
    for operator in module.OPERATORS
}

__all__ = ["TABLE", "Operator", "Shape", "Tolerance"]
