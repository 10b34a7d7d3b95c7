"""Cases of `webtensor.ops`' recurrent networks, against loops in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import webtensor as wt
from webtensor.operators import Tolerance

from .case import Array, Case, random
from .ops import composed

Options = dict[str, Any]
_FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
}
# tanh may be off by 1/1024 in the W3C's tests; states are below 1.
_NEAR = Tolerance.units(6, absolute=2e-6)
_HALF = Tolerance.units(1, absolute=1e-6)


def _gru_cell(
    x: Array, weights: dict[str, Array], hidden: Array, size: int, options: Options
) -> Array:
    gate, new = (_FUNCTIONS[one] for one in options.get("activations", ("sigmoid", "tanh")))
    rows = {}
    for place, name in enumerate(options.get("layout", "zrn")):
        rows[name] = slice(place * size, (place + 1) * size)
    w, r = weights["weight"], weights["recurrent_weight"]
    b, back = (
        weights.get("bias", np.zeros(3 * size)),
        weights.get("recurrent_bias", np.zeros(3 * size)),
    )
    z, reset = (
        gate(x @ w[rows[one]].T + b[rows[one]] + hidden @ r[rows[one]].T + back[rows[one]])
        for one in "zr"
    )
    last = rows["n"]
    if options.get("reset_after", True):
        recurrent = reset * (hidden @ r[last].T + back[last])
    else:
        recurrent = (reset * hidden) @ r[last].T + back[last]
    fresh = new(x @ w[last].T + b[last] + recurrent)
    return z * hidden + (1 - z) * fresh


def _lstm_cell(
    x: Array, weights: dict[str, Array], hidden: Array, cell: Array, size: int, options: Options
) -> tuple[Array, Array]:
    kinds = options.get("activations", ("sigmoid", "tanh", "tanh"))
    gate, new, output = (_FUNCTIONS[one] for one in kinds)
    gates = {}
    for place, name in enumerate(options.get("layout", "iofg")):
        rows = slice(place * size, (place + 1) * size)
        gates[name] = x @ weights["weight"][rows].T + hidden @ weights["recurrent_weight"][rows].T
        for bias in ("bias", "recurrent_bias"):
            gates[name] = gates[name] + (weights[bias][rows] if bias in weights else 0)
    if "peephole_weight" in weights:
        for place, name in enumerate("iof"):
            gates[name] = gates[name] + cell * weights["peephole_weight"][place * size :][:size]
    after = gate(gates["f"]) * cell + gate(gates["i"]) * new(gates["g"])
    return gate(gates["o"]) * output(after), after


def _sequence(
    x: Array, weights: dict[str, Array], states: list[Array], size: int, options: Options
) -> list[Array]:
    """Last states, and hidden states of all steps, (steps, D, N, H)."""
    backwards = {"forward": [0], "backward": [1], "both": [0, 1]}[
        options.get("direction", "forward")
    ]
    ends: list[list[Array]] = [[] for _ in states]
    whole = np.zeros((x.shape[0], len(backwards), x.shape[1], size))
    for number, backward in enumerate(backwards):
        own = {name: one[number] for name, one in weights.items()}
        current = [state[number] for state in states]
        for step in range(x.shape[0])[:: -1 if backward else 1]:
            if len(states) == 2:
                current = list(_lstm_cell(x[step], own, current[0], current[1], size, options))
            else:
                current = [_gru_cell(x[step], own, current[0], size, options)]
            whole[step, number] = current[0]
        for end, state in zip(ends, current, strict=True):
            end.append(state)
    results = [np.stack(end) for end in ends]
    return [*results, whole] if options.get("return_sequence") else results


def _flat(results: list[Array]) -> Array:
    return np.concatenate([one.ravel() for one in results])


def _flat_tensors(results: list[wt.Tensor]) -> wt.Tensor:
    return wt.concat([wt.reshape(one, (-1,)) for one in results])


# Which operands beside the weights, and the options: (batch, inputs, H, steps) of each.
_GRU: tuple[tuple[tuple[int, int, int, int], tuple[str, ...], Options], ...] = (
    ((2, 3, 5, 1), (), {}),
    (
        (3, 7, 67, 4),
        ("bias", "recurrent_bias", "initial_hidden_state"),
        {"layout": "rzn", "direction": "both", "return_sequence": True},
    ),
    (
        (2, 5, 4, 7),
        ("bias", "recurrent_bias"),
        {
            "reset_after": False, "direction": "backward", "return_sequence": True,
            "layout": "rzn", "activations": ("tanh", "relu"),
        },
    ),
)  # fmt: skip
_LSTM: tuple[tuple[tuple[int, int, int, int], tuple[str, ...], Options], ...] = (
    ((2, 3, 5, 1), (), {}),
    (
        (3, 7, 67, 4),
        (
            "bias", "recurrent_bias", "peephole_weight", "initial_hidden_state",
            "initial_cell_state",
        ),
        {"layout": "ifgo", "direction": "both", "return_sequence": True},
    ),
)  # fmt: skip


def _shapes(
    sizes: tuple[int, int, int, int], gates: int, directions: int
) -> dict[str, tuple[int, ...]]:
    batch, inputs, hidden, steps = sizes
    return {
        "x": (steps, batch, inputs),
        "weight": (directions, gates * hidden, inputs),
        "recurrent_weight": (directions, gates * hidden, hidden),
        "bias": (directions, gates * hidden),
        "recurrent_bias": (directions, gates * hidden),
        "peephole_weight": (directions, 3 * hidden),
        "initial_hidden_state": (directions, batch, hidden),
        "initial_cell_state": (directions, batch, hidden),
    }


_STATES = ("initial_hidden_state", "initial_cell_state")


def _network(
    name: str,
    gates: int,
    sizes: tuple[int, int, int, int],
    extra: tuple[str, ...],
    options: Options,
    dtype: str,
) -> Case:
    directions = 2 if options.get("direction") == "both" else 1
    shapes = _shapes(sizes, gates, directions)
    names = ("weight", "recurrent_weight", *extra)
    scale = 1 / np.sqrt(sizes[2])
    operands = tuple(
        (random((*shapes[one], 1 + number), dtype, -1, 1)[..., 0] * scale).astype(dtype)
        for number, one in enumerate(("x", *names))
    )
    states = _STATES[: 2 if gates == 4 else 1]

    def apply(x: wt.Tensor, *others: wt.Tensor) -> wt.Tensor:
        given = dict(zip(extra, others[2:], strict=True))
        function = getattr(wt.ops, name)
        return _flat_tensors(function(x, *others[:2], sizes[3], sizes[2], **given, **options))

    def formula(x: Array, *others: Array) -> Array:
        given = dict(zip(names, others, strict=True))
        begin = [given.pop(one, np.zeros(shapes[one])) for one in states]
        return _flat(_sequence(x, given, begin, sizes[2], options))

    return composed(name, operands, apply, formula, _HALF if dtype == "float16" else _NEAR)


def _cell(name: str, gates: int, extra: tuple[str, ...], options: Options) -> Case:
    sizes = (3, 7, 5, 1)
    shapes = {one: shape[1:] for one, shape in _shapes(sizes, gates, 1).items()}
    states = _STATES[: 2 if gates == 4 else 1]
    names = ("x", "weight", "recurrent_weight", *states, *extra)
    operands = tuple(
        random((*shapes[one], 1 + number), "float32", -1, 1)[..., 0]
        for number, one in enumerate(names)
    )
    first = 3 + len(states)

    def apply(*tensors: wt.Tensor) -> wt.Tensor:
        given = dict(zip(extra, tensors[first:], strict=True))
        result = getattr(wt.ops, name)(*tensors[:first], 5, **given, **options)
        return _flat_tensors(result if gates == 4 else [result])

    def formula(x: Array, *others: Array) -> Array:
        weights = dict(zip(names[1:], others, strict=True))
        begin = [weights.pop(one) for one in states]
        if gates == 4:
            return _flat(list(_lstm_cell(x, weights, begin[0], begin[1], 5, options)))
        return _gru_cell(x, weights, begin[0], 5, options).ravel()

    return composed(name, operands, apply, formula, _NEAR)


def cases() -> Iterator[Case]:
    for name, gates, plans in (("gru", 3, _GRU), ("lstm", 4, _LSTM)):
        for number, (sizes, extra, options) in enumerate(plans):
            for dtype in ("float32", "float16") if number == 1 else ("float32",):
                yield _network(name, gates, sizes, extra, options, dtype)
    yield _cell("gru_cell", 3, ("bias",), {"layout": "rzn", "activations": ["relu", "tanh"]})
    kinds = ["sigmoid", "relu", "tanh"]
    yield _cell("lstm_cell", 4, ("bias", "peephole_weight"), {"activations": kinds})
