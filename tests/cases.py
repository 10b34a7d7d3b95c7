"""One table of cases for every operator, run on every device in every tier.

A case builds tensors from random NumPy operands, applies one public function, and compares with the
operator's own reference in float64 (integers: in their own dtype), within the tolerance that the
operator declares. It needs nothing but NumPy and webtensor, so it runs in Pyodide as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.errors import UnsupportedDtypeError, UnsupportedOperatorError
from webtensor.operators import TABLE

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
# What LiteRT, which runs WebNN in the test shell, does not take. A browser that does makes the
# test fail, so that the list is kept.
_COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
WEBNN_LACKS = {
    "uint32": {
        "negative",
        "add",
        "subtract",
        "maximum",
        "minimum",
        "sum",
        "prod",
        "max",
        "min",
        *_COMPARISONS,
    },
    "int32": {"matmul"},
    "int8": {"negative", "abs", "add", "subtract", "multiply", *_COMPARISONS},
    "uint8": {"negative", "add", "subtract", "multiply", "where", *_COMPARISONS},
    "bool": {"equal", "not_equal", "where"},
}
# What WebNN's specification has no form for: tensors without elements, slices backward.
WEBNN_NEVER = {"empty", "backward", "of a slice"}
_NAN = "XNNPACK's kernel does not carry NaN through"
_SQRT = "XNNPACK computes the square root within 2 ULP, where W3C's tests allow 1"
# Likewise: (operator, label) → why a result is known to differ from the reference.
WEBNN_QUIRKS = {
    ("exp", "special"): _NAN,
    ("log", "special"): "XNNPACK's logarithm of infinity is 88.4",
    ("maximum", "special"): _NAN,
    ("minimum", "special"): _NAN,
    ("max", "special"): _NAN,
    ("min", "special"): _NAN,
    ("sqrt", "random"): _SQRT,
    ("sqrt", "transposed"): _SQRT,
    ("sqrt", "special"): "XNNPACK's square root of infinity is NaN",
}
GPU_DTYPES = ("float32", "int32", "uint32", "int8", "uint8", "bool")
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
        views: what is done to operands before, on tensors and on arrays alike (a view).
    """

    operator: str
    label: str
    operands: tuple[Array, ...]
    apply: Callable[..., wt.Tensor]
    options: dict[str, Any] = field(default_factory=dict)
    view: Callable[[Any], Any] = lambda x: x

    @property
    def name(self) -> str:
        shapes = " ".join("x".join(map(str, one.shape)) or "scalar" for one in self.operands)
        return f"{self.operator} {self.label} {self.operands[0].dtype.name} {shapes}"

    def reference(self) -> Array:
        """The operator's reference; floats are computed in float64."""
        wide = [
            np.asarray(one, dtype=np.float64) if one.dtype.kind == "f" else one
            for one in self.operands
        ]
        with np.errstate(all="ignore"):
            return np.asarray(TABLE[self.operator].reference(*map(self.view, wide), **self.options))

    def quirk(self, device: str) -> str:
        """Why this case is known to be wrong on `device`, "" where it must be right."""
        return WEBNN_QUIRKS.get((self.operator, self.label), "") if device == "webnn" else ""

    def refusal(self, device: str) -> type[Exception] | None:
        """The error that an explicit device must raise for this case, if any."""
        if device == "cpu":
            return None
        if any(one.dtype.name not in GPU_DTYPES for one in self.operands):
            return UnsupportedDtypeError
        if device == "webnn" and (
            any(0 in one.shape for one in self.operands)
            or self.label in WEBNN_NEVER
            or self.operator in WEBNN_LACKS.get(self.operands[-1].dtype.name, ())
        ):
            return UnsupportedOperatorError
        return None

    async def check(self, device: str) -> str | None:
        """What is wrong on `device`, None where nothing is."""
        refusal = self.refusal(device)
        tensors = [self.view(wt.asarray(one, device=device)) for one in self.operands]
        result = self.apply(*tensors)
        try:
            values = await result.numpy()
        except (UnsupportedDtypeError, UnsupportedOperatorError) as error:
            return None if refusal and isinstance(error, refusal) else f"raised {error!r}"
        if refusal:
            return f"did not raise {refusal.__name__}"
        if values.shape != result.shape or values.dtype.name != result.dtype.name:
            return f"gave {values.dtype}{values.shape}, declared {result.dtype}{result.shape}"
        tolerance = TABLE[self.operator].tolerance
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
        # ULP of the reference; below the normal range WebGPU may flush to zero.
        spacing = np.maximum(np.spacing(np.abs(rounded)), np.finfo(values.dtype).tiny)
        allowed = np.maximum(ulp * spacing, absolute)
        same = (values == rounded) | (np.isnan(values) & np.isnan(rounded))
        near = np.abs(values.astype(np.float64) - reference) <= allowed
    wrong = np.flatnonzero(~(same | near))
    if not wrong.size:
        return None
    first = wrong[0]
    return (
        f"{wrong.size} of {values.size} beyond {ulp} ULP (absolute {absolute}); at {first}: "
        f"{values.ravel()[first]!r}, reference {reference.ravel()[first]!r}"
    )


def _random(shape: tuple[int, ...], dtype: str, low: float, high: float) -> Array:
    generator = np.random.default_rng([*shape, len(dtype), int(10 * high)])
    if dtype == "bool":
        return generator.random(shape) < 0.5
    if dtype.startswith(("int", "uint")):
        first = 0 if dtype.startswith("u") else -50
        return generator.integers(first, 50, shape).astype(dtype)
    return generator.uniform(low, high, shape).astype(dtype)


# Ranges of float operands where float32's tolerances mean something.
_RANGES = {
    "log": (0.01, 50),
    "sqrt": (0, 50),
    "exp": (-20, 20),
    "pow": (0.1, 4),
    "divide": (0.5, 9),
}
_OF_KIND = {
    "float": ("float32", "float64"),
    "int": ("int32", "int8"),
    "uint": ("uint32", "uint8"),
    "bool": ("bool",),
}
_SIGNED = {"abs"}
# W3C leaves these open at infinity and far from zero.
_OPEN_AT_INFINITY = {"sin", "cos"}


def _dtypes(name: str) -> list[str]:
    """Dtypes of its cases, the one that gets most of them first."""
    kinds = [kind for kind in _OF_KIND if kind in TABLE[name].kinds]
    if name in _SIGNED:
        kinds.remove("uint")
    return [dtype for kind in kinds for dtype in _OF_KIND[kind]]


def _elementwise() -> Iterator[Case]:
    for name, operator in TABLE.items():
        if operator.family != "elementwise" or name in ("cast", "where"):
            continue
        function = getattr(wt, name)
        arity = 2 if "{1}" in operator.wgsl else 1
        low, high = _RANGES.get(name, (-5, 5))
        dtypes = _dtypes(name)
        for dtype in dtypes:
            for shape in SHAPES if dtype == dtypes[0] else ((67,), (4, 16)):
                operands = tuple(_random(shape, dtype, low, high - one) for one in range(arity))
                yield Case(name, "random", operands, function)
        yield from _arranged(name, function, arity, dtypes[0], low, high)
        if arity == 2:
            equal = _random((67,), dtypes[0], low, high)
            yield Case(name, "with itself", (equal, equal.copy()), function)


def _arranged(
    name: str, function: Callable[..., wt.Tensor], arity: int, dtype: str, low: float, high: float
) -> Iterator[Case]:
    """Special values, and operands that are views."""
    special = np.array(SPECIAL, dtype=np.float32)
    if arity == 1:
        if dtype == "float32" and name not in _OPEN_AT_INFINITY:
            yield Case(name, "special", (special,), function)
        turned = (_random((7, 13), dtype, low, high),)
        yield Case(name, "transposed", turned, function, view=lambda x: x.T)
        return
    if dtype == "float32":
        pairs = (np.repeat(special, special.size), np.tile(special, special.size))
        yield Case(name, "special", pairs, function)
    columns = (_random((5, 1, 7), dtype, low, high), _random((3, 1), dtype, low, high))
    yield Case(name, "broadcast", columns, function)
    scalar = (_random((67,), dtype, low, high), _random((), dtype, low, high))
    yield Case(name, "scalar", scalar, function)


def _choices() -> Iterator[Case]:
    for dtype in ("float32", "float64", "int32", "int8", "uint8", "bool"):
        for shape in SHAPES if dtype == "float32" else ((67,),):
            condition = _random(shape, "bool", 0, 1)
            branches = (_random(shape, dtype, -5, 5), _random(shape, dtype, -5, 4))
            yield Case("where", "random", (condition, *branches), wt.where)
    special = np.array(SPECIAL, dtype=np.float32)
    chosen = _random(special.shape, "bool", 0, 1)
    yield Case("where", "special", (chosen, special, special[::-1].copy()), wt.where)
    broadcast = (
        _random((5, 1), "bool", 0, 1),
        _random((7,), "float32", -5, 5),
        _random((3, 1, 1), "float32", -5, 5),
    )
    yield Case("where", "broadcast", broadcast, wt.where)


def _casts() -> Iterator[Case]:
    for source, target in (
        ("float32", "int32"),
        ("int32", "float32"),
        ("uint32", "float32"),
        ("int32", "uint32"),
        ("float64", "float32"),
        ("float32", "float32"),
        ("int32", "int8"),
        ("int32", "uint8"),
        ("int8", "float32"),
        ("uint8", "int32"),
        ("bool", "float32"),
        ("bool", "int8"),
        ("float32", "uint8"),
    ):
        values = _random((67,), source, -99, 99)
        if target.startswith("u") and source.startswith("f"):
            values = np.abs(values)
        yield Case(
            "cast",
            f"to {target}",
            (values * 7 if source == "int32" else values,),
            lambda x, target=target: wt.astype(x, target),
            {"dtype": target},
        )


def _reductions() -> Iterator[Case]:
    plans: tuple[tuple[tuple[int, ...], tuple[int, ...], bool], ...] = (
        ((67,), (0,), False),
        ((5, 7, 11), (0, 2), True),
        ((5, 7, 11), (1,), False),
        ((257, 64), (1,), False),
        ((2, 9001), (1,), False),
        ((70001,), (0,), True),
        ((0, 3), (0,), False),
    )
    for name, operator in TABLE.items():
        if operator.family != "reduction":
            continue
        for shape, axes, keepdims in plans:
            if 0 in shape and operator.identity is None:
                continue
            yield from _reduction_cases(name, shape, axes, keepdims)
        special = np.array([[1.0, NAN, 2.0], [INF, 1.0, -2.0], [-INF, 3.0, 1.0]], dtype=np.float32)
        yield _reduction(name, "special", special, (1,), False)
        turned = _random((7, 13), "float32", 0.9, 1.1)
        options = {"axes": (0,), "keepdims": False}
        yield Case(
            name, "transposed", (turned,), _reducer(name, (0,), False), options, lambda x: x.T
        )


def _reduction_cases(
    name: str, shape: tuple[int, ...], axes: tuple[int, ...], keepdims: bool
) -> Iterator[Case]:
    for dtype in ("float32", "float64", "int32", "uint32") if shape == (67,) else ("float32",):
        # All of one sign, near 1: neither cancellation nor overflow, whatever the length.
        low, high = (0.9999, 1.0001) if name == "prod" else (0.5, 1.5)
        values = _random(shape, dtype, low, high)
        if dtype in ("int32", "uint32") and name == "prod":
            values = values % 2 + 1
        yield _reduction(name, "random", values, axes, keepdims)


def _reduction(name: str, label: str, values: Array, axes: tuple[int, ...], keepdims: bool) -> Case:
    options = {"axes": axes, "keepdims": keepdims}
    return Case(name, label, (values,), _reducer(name, axes, keepdims), options)


def _reducer(name: str, axes: tuple[int, ...], keepdims: bool) -> Callable[..., wt.Tensor]:
    return lambda x: getattr(wt, name)(x, axis=axes, keepdims=keepdims)


def _products() -> Iterator[Case]:
    sizes = (
        ((1, 1), (1, 1)),
        ((7, 13), (13, 5)),
        ((64, 64), (64, 64)),
        ((130, 67), (67, 33)),
        ((1, 257), (257, 129)),
        ((257, 1), (1, 3)),
        ((100, 8), (8, 100)),
        ((129, 260), (260, 132)),
        ((3, 5, 8), (3, 8, 4)),
        ((3, 1, 5, 7), (2, 7, 9)),
        ((4, 6, 8), (8, 12)),
        ((0, 3), (3, 4)),
        ((3, 0), (0, 4)),
    )
    for left, right in sizes:
        for dtype in ("float32", "float64", "int32") if left == (7, 13) else ("float32",):
            # Positive operands: an error in ULP means nothing where sums cancel.
            operands = (_random(left, dtype, 0.1, 1.1), _random(right, dtype, 0.1, 1.2))
            yield Case("matmul", "random", operands, wt.matmul)
    turned = (_random((13, 13), "float32", 0.1, 1.1), _random((13, 13), "float32", 0.1, 1.2))
    yield Case("matmul", "transposed", turned, wt.matmul, view=lambda x: x.T)
    special = np.array([[1.0, NAN, 2.0], [INF, 1.0, 2.0], [1.0, 2.0, 3.0]], dtype=np.float32)
    yield Case("matmul", "special", (special, np.ones((3, 2), np.float32)), wt.matmul)
    edge = np.full((5, 5), 2.0, np.float32)
    edge[4, 4] = INF  # a kernel that multiplies padding with it makes NaN
    yield Case("matmul", "infinite corner", (np.ones((3, 5), np.float32), edge), wt.matmul)


def _by_constants() -> Iterator[Case]:
    """Scalars in a kernel's source, which its compiler sees."""
    special = np.array(SPECIAL, dtype=np.float32)
    for name, value in (("divide", 0.0), ("divide", -0.0), ("multiply", 0.0), ("add", NAN)):
        constant = np.float32(value)
        yield Case(
            name,
            f"by the constant {value}",
            (special, np.full_like(special, constant)),
            lambda x, y, name=name, value=value: getattr(wt, name)(x, value),
        )
    tiny = np.float32([1e-20, -3e-6, 1e-4, -0.009, 0.011])
    yield Case("tanh", "of small values", (tiny,), wt.tanh)


def _long() -> Iterator[Case]:
    """Sums beyond the rounds that some adapters allow a loop."""
    left, right = (
        _random((2, 300001), "float32", 0.1, 1.1),
        _random((300001, 3), "float32", 0.1, 1.2),
    )
    yield Case("matmul", "of long rows", (left, right), wt.matmul)


def _views() -> Iterator[Case]:
    values = _random((4, 6, 5), "float32", -5, 5)
    yield Case(
        "reshape", "of a copy", (values,), lambda x: wt.reshape(x, (6, 20)), {"shape": (6, 20)}
    )
    yield Case(
        "reshape",
        "of a transpose",
        (_random((7, 13), "float32", -5, 5),),
        lambda x: wt.reshape(x, (91,)),
        {"shape": (91,)},
        lambda x: x.T,
    )
    yield Case(
        "permute_dims",
        "three axes",
        (values,),
        lambda x: wt.permute_dims(x, (2, 0, 1)),
        {"axes": (2, 0, 1)},
    )
    for label, key, starts, sizes, steps in (
        ("rows", (slice(1, 3),), (1, 0, 0), (2, 6, 5), (1, 1, 1)),
        ("steps", (slice(None), slice(1, None, 2)), (0, 1, 0), (4, 3, 5), (1, 2, 1)),
        (
            "backward",
            (slice(None, None, -1), ..., slice(3, None, -2)),
            (3, 0, 3),
            (4, 6, 2),
            (-1, 1, -2),
        ),
        ("empty", (slice(2, 2),), (0, 0, 0), (0, 6, 5), (1, 1, 1)),
    ):
        options = {"starts": starts, "sizes": sizes, "steps": steps}
        yield Case("slice", label, (values,), lambda x, key=key: x[key], options)
    sliced = (_random((5, 9), "float32", 0.1, 1.1), _random((9, 12), "float32", 0.1, 1.2))
    yield Case(
        "matmul",
        "of slices",
        sliced,
        wt.matmul,
        view=lambda x: x[1:, 1:] if len(x) == 9 else x[:, :8],
    )
    yield Case(
        "sum",
        "of a slice",
        (_random((7, 13), "float32", 0.5, 1.5),),
        _reducer("sum", (1,), False),
        {"axes": (1,), "keepdims": False},
        lambda x: x[2:, ::-3],
    )
    yield Case(
        "exp",
        "of a forward slice",
        (_random((7, 13), "float32", -5, 5),),
        wt.exp,
        view=lambda x: x[1::2, 3:],
    )
    yield Case(
        "broadcast_to",
        "new and single axes",
        (_random((3, 1), "float32", -5, 5),),
        lambda x: wt.broadcast_to(x, (2, 3, 67)),
        {"shape": (2, 3, 67)},
    )


CASES: tuple[Case, ...] = tuple(
    case
    for cases in (
        _elementwise,
        _choices,
        _casts,
        _reductions,
        _products,
        _by_constants,
        _long,
        _views,
    )
    for case in cases()
)


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
            met.add((case.operator, case.label))
        elif problem:
            result.append(f"{case.name}: {problem}")
    if device == "webnn" and not pattern:
        result += [
            f"{quirk} is right now: take it off the list" for quirk in WEBNN_QUIRKS.keys() - met
        ]
    return result
