"""What the modules of elementwise rows share."""

from __future__ import annotations

from typing import Any

from ..dtypes import DType, bool_, float32, float64
from .declaration import Operand, Operator, Shape, Tolerance
from .shapes import broadcast, same_dtype

FLOAT = ("float", "complex")
FLOATING = ("float",)
INTEGER = ("int", "uint")
REAL = (*INTEGER, *FLOATING)
NUMBER = (*INTEGER, *FLOAT)
COMPLEX = ("complex",)
BOOL = ("bool",)
ANY = (*BOOL, *NUMBER)

EXACT = Tolerance.units(0)


def own(count: float, absolute: float = 0.0) -> Tolerance:
    """A tolerance where the W3C's tests have none."""
    return Tolerance(lambda shapes, attributes: count, absolute, "webtensor")


def row(
    name: str,
    wgsl: str,
    reference: Any,
    webnn: str,
    tolerance: Tolerance,
    kinds: tuple[str, ...] = NUMBER,
    cost: int = 1,
) -> Operator:
    """An operator whose result has its operands' dtype."""

    def infer(*operands: Operand, **attributes: float) -> tuple[Shape, DType]:
        shape = broadcast(name, *(operand.shape for operand in operands))
        return shape, same_dtype(name, operands, kinds)

    return Operator(
        name,
        "elementwise",
        infer,
        reference,
        tolerance,
        wgsl=wgsl,
        webnn=webnn,
        kinds=kinds,
        cost=cost,
    )


def part(name: str, wgsl: str, reference: Any, kinds: tuple[str, ...], webnn: str = "") -> Operator:
    """A unary operator whose result is real, also of complex numbers."""

    def infer(operand: Operand) -> tuple[Shape, DType]:
        dtype = same_dtype(name, [operand], kinds)
        if dtype.kind == "complex":
            dtype = float32 if dtype.itemsize == 8 else float64
        return operand.shape, dtype

    return Operator(
        name, "elementwise", infer, reference, EXACT, wgsl=wgsl, webnn=webnn, kinds=kinds
    )


def predicate(
    name: str, wgsl: str, reference: Any, webnn: str, kinds: tuple[str, ...] = REAL
) -> Operator:
    """An operator whose result is bool."""

    def infer(*operands: Operand) -> tuple[Shape, DType]:
        same_dtype(name, operands, kinds)
        return broadcast(name, *(operand.shape for operand in operands)), bool_

    return Operator(name, "elementwise", infer, reference, EXACT, wgsl, webnn=webnn, kinds=kinds)
