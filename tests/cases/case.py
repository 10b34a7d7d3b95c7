"""What a case is, and how a result is compared with the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.errors import UnsupportedDtypeError, UnsupportedOperatorError
from webtensor.operators import TABLE, Tolerance
from webtensor.operators.linear_algebra import CPU_ONLY, KERNELS

from .webnn_lacks import (
    WEBNN_LACKS,
    WEBNN_NEVER,
    WEBNN_NEVER_ANY,
    WEBNN_NEVER_BOTH_WAYS,
    WEBNN_QUIRKS,
)

Array = Any
NAN, INF = float("nan"), float("inf")
# Odd sizes, one element, primes, past one workgroup (64 invocations), past one vector, none at all.
SHAPES: tuple[tuple[int, ...], ...] = (
    (),
    (1,),
    (3,),
    (67,),
    (4, 16),
    (5, 7, 11),
    (257, 64),
    (0, 3),
)
GPU_DTYPES = (
    "float32", "float16", "int32", "uint32", "int16", "uint16", "int8", "uint8", "bool",
)  # fmt: skip
# WebNN's have no int16 and no uint16.
WEBNN_DTYPES = tuple(one for one in GPU_DTYPES if not one.endswith("int16"))
_WIDEST = {"f": np.float64, "c": np.complex128}
SPECIAL = (0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 1e-3, 30.0, -30.0)


@dataclass(frozen=True)
class Case:
    """One call of one operator.

    Attributes:
        operator: its name in the table.
        label: what is particular here.
        operands: NumPy arrays.
        apply: calls the public function on tensors.
        options: the operator's attributes, as its reference takes them.
        view: what is done to operands before, on tensors and on arrays alike.
        formula: the reference of a function that is composed of several operators; `operator` is
            then its own name, and `tolerance` is to be given.
        tolerance: in place of the operator's own, where a stricter one is meant.
    """

    operator: str
    label: str
    operands: tuple[Array, ...]
    apply: Callable[..., wt.Tensor]
    options: dict[str, Any] = field(default_factory=dict)
    view: Callable[[Any], Any] = lambda x: x
    formula: Callable[..., Array] | None = None
    tolerance: Tolerance | None = None

    @property
    def name(self) -> str:
        shapes = " ".join("x".join(map(str, one.shape)) or "scalar" for one in self.operands)
        return f"{self.operator} {self.label} {self.operands[0].dtype.name} {shapes}"

    def reference(self) -> Array:
        """The operator's reference; floats are computed in float64."""
        wide = [np.asarray(one, dtype=_WIDEST.get(one.dtype.kind)) for one in self.operands]
        formula = self.formula or TABLE[self.operator].reference
        with np.errstate(all="ignore"):
            return np.asarray(formula(*map(self.view, wide), **self.options))

    def quirk(self, device: str) -> str:
        """Why this case is known to be wrong on `device`, "" where it must be right."""
        return WEBNN_QUIRKS.get(self.quirk_key, "") if device == "webnn" else ""

    @property
    def quirk_key(self) -> tuple[str, str]:
        """How lists of what a device computes differently name this case."""
        half = any(one.dtype == np.float16 for one in self.operands)
        return (self.operator, f"{self.label} in float16" if half else self.label)

    @property
    def _data(self) -> Array:
        """The operand whose dtype is the result's; others may be conditions or indices."""
        return self.operands[0 if self.operator in ("gather", "gather_nd") else -1]

    def refusal(self, device: str) -> type[Exception] | None:
        """The error that an explicit device must raise for this case, if any."""
        if device == "cpu":
            return None
        involved = {one.dtype.name for one in self.operands} | {self.options.get("dtype", "bool")}
        if not involved <= set(WEBNN_DTYPES if device == "webnn" else GPU_DTYPES):
            return UnsupportedDtypeError
        row = TABLE.get(self.operator)
        family = "" if row is None else row.family
        if self.operator in ("eig", "eigvals"):
            return UnsupportedDtypeError  # their results are complex
        if family == CPU_ONLY or (device == "webnn" and family == KERNELS):
            return UnsupportedOperatorError
        if device == "webnn" and (
            any(0 in one.shape for one in self.operands)
            or self.label in WEBNN_NEVER
            or self.operator in WEBNN_NEVER_ANY
            or (self.operator, self.label) in WEBNN_NEVER_BOTH_WAYS
            or (self.operator in TABLE and not TABLE[self.operator].webnn)
            or self.operator in WEBNN_LACKS.get(self._data.dtype.name, ())
        ):
            return UnsupportedOperatorError
        return None

    async def check(self, device: str) -> str | None:
        """What is wrong on `device`, None where nothing is."""
        refusal = self.refusal(device)
        tensors = [self.view(wt.asarray(one, device=device)) for one in self.operands]
        try:
            result = self.apply(*tensors)
            values = await result.numpy()
        except (UnsupportedDtypeError, UnsupportedOperatorError) as error:
            return None if refusal and isinstance(error, refusal) else f"raised {error!r}"
        if refusal:
            return f"did not raise {refusal.__name__}"
        if values.shape != result.shape or values.dtype.name != result.dtype.name:
            return f"gave {values.dtype}{values.shape}, declared {result.dtype}{result.shape}"
        declared = self.tolerance or TABLE[self.operator].tolerance
        tolerance = declared.of(result.dtype.name)
        shapes = [self.view(one).shape for one in self.operands]
        return difference(
            values, self.reference(), tolerance.ulp(shapes, self.options), tolerance.absolute
        )


def difference(values: Array, reference: Array, ulp: float, absolute: float) -> str | None:
    """How `values` are not `reference`, None where they are within tolerance."""
    if values.shape != reference.shape:
        return f"shape {values.shape}, not {reference.shape}"
    if values.dtype.kind not in "fc":
        wrong = np.flatnonzero(values != reference.astype(values.dtype))
        return f"{wrong.size} integers differ, first at {wrong[0]}" if wrong.size else None
    with np.errstate(all="ignore"):
        rounded = reference.astype(values.dtype)
        # ULP of the reference; below the normal range WebGPU may flush to zero what is no float16.
        least = 0 if values.dtype == np.float16 else np.finfo(values.dtype).tiny
        spacing = np.maximum(np.spacing(np.abs(rounded)), least)
        allowed = np.maximum(ulp * spacing, absolute)
        same = (values == rounded) | (np.isnan(values) & np.isnan(rounded))
        near = np.abs(values.astype(_WIDEST[values.dtype.kind]) - reference) <= allowed
    wrong = np.flatnonzero(~(same | near))
    if not wrong.size:
        return None
    first = wrong[0]
    return (
        f"{wrong.size} of {values.size} beyond {ulp} ULP (absolute {absolute}); at {first}: "
        f"{values.ravel()[first]!r}, reference {reference.ravel()[first]!r}"
    )


def random(shape: tuple[int, ...], dtype: str, low: float, high: float) -> Array:
    generator = np.random.default_rng([*shape, len(dtype), abs(int(10 * high))])
    if dtype == "bool":
        return generator.random(shape) < 0.5
    if dtype.startswith(("int", "uint")):
        first = 0 if dtype.startswith("u") else -50
        return generator.integers(first, 50, shape).astype(dtype)
    parts = [generator.uniform(low, high, shape) for _ in range(1 + dtype.startswith("complex"))]
    return (parts[0] + 1j * parts[1] if len(parts) > 1 else parts[0]).astype(dtype)
