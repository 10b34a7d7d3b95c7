"""The specification's recurrent networks: graphs of products and activations, a part to each step.

What the input contributes is one product for all steps. float16 is computed in float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .. import activations as smooth
from .. import functions
from ..creation import zeros
from ..errors import OptionError, ShapeError
from ..functions import add, astype, matmul, matrix_transpose, multiply, subtract, tanh
from ..movement_functions import stack
from ..tensor import Tensor
from .checks import (
    FLOAT,
    choice,
    operand,
    optional,
    same_dtype,
    specified,
    unsigned,
    widened,
)

__all__ = [
    "gru",
    "gru_cell",
    "lstm",
    "lstm_cell",
]

_Activation = Callable[[Tensor], Tensor]
_ACTIVATIONS: dict[str, _Activation] = {
    "relu": lambda x: functions.maximum(x, 0),
    "sigmoid": lambda x: smooth.sigmoid(x),
    "tanh": tanh,
}
_DIRECTIONS = {"forward": (False,), "backward": (True,), "both": (False, True)}
# Where each gate is in a layout: update, reset, new; input, output, forget, cell.
_GRU_LAYOUTS = {"zrn": (0, 1, 2), "rzn": (1, 0, 2)}
_LSTM_LAYOUTS = {"iofg": (0, 1, 2, 3), "ifgo": (0, 3, 1, 2)}
_GRU_ACTIVATIONS = ("sigmoid", "tanh")
_LSTM_ACTIVATIONS = ("sigmoid", "tanh", "tanh")


@dataclass(frozen=True)
class _Network:
    """The parameters of one direction.

    Attributes:
        weight: (gates · H, inputs).
        recurrent_weight: (gates · H, H).
        bias, recurrent_bias: (gates · H,), or None.
        peephole: (3 · H,) for the input, output and forget gate, or None.
        hidden_size: H.
        places: where each gate is.
        activations: the gates', then the others'.
        reset_after: whether a GRU's reset gate takes what the product gives.
    """

    weight: Tensor
    recurrent_weight: Tensor
    bias: Tensor | None
    recurrent_bias: Tensor | None
    peephole: Tensor | None
    hidden_size: int
    places: tuple[int, ...]
    activations: tuple[_Activation, ...]
    reset_after: bool = True

    def contributed(self, x: Tensor) -> Tensor:
        """(…, gates · H) of the input (…, inputs)."""
        return _plus(matmul(x, matrix_transpose(self.weight)), self.bias)

    def gates(self, rows: Tensor) -> Iterator[Tensor]:
        """(…, H) of each gate, in the order of `places`."""
        return (rows[..., self.span(place)] for place in self.places)

    def span(self, place: int) -> slice:
        return slice(place * self.hidden_size, (place + 1) * self.hidden_size)


def _plus(x: Tensor, bias: Tensor | None) -> Tensor:
    return x if bias is None else add(x, bias)


def _gru_step(network: _Network, contributed: Tensor, hidden: Tensor) -> Tensor:
    gate, new = network.activations
    weight = matrix_transpose(network.recurrent_weight)
    update_in, reset_in, new_in = network.gates(contributed)
    if network.reset_after:
        recurrent = _plus(matmul(hidden, weight), network.recurrent_bias)
        update_back, reset_back, new_back = network.gates(recurrent)
        reset = gate(add(reset_in, reset_back))
        fresh = new(add(new_in, multiply(reset, new_back)))
    else:
        gated, last = slice(0, 2 * network.hidden_size), network.span(2)
        bias = network.recurrent_bias
        recurrent = _plus(matmul(hidden, weight[:, gated]), None if bias is None else bias[gated])
        update_back, reset_back = (
            recurrent[:, network.span(place)] for place in network.places[:2]
        )
        reset = gate(add(reset_in, reset_back))
        back = matmul(multiply(reset, hidden), weight[:, last])
        fresh = new(add(new_in, _plus(back, None if bias is None else bias[last])))
    update = gate(add(update_in, update_back))
    return add(multiply(update, hidden), multiply(fresh, subtract(1, update)))


def _lstm_step(
    network: _Network, contributed: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    gate, candidate, output = network.activations
    back = matmul(hidden, matrix_transpose(network.recurrent_weight))
    rows = add(contributed, _plus(back, network.recurrent_bias))
    into, out, forget, new = network.gates(rows)
    if network.peephole is not None:
        into, out, forget = (
            add(one, multiply(cell, network.peephole[network.span(place)]))
            for place, one in enumerate((into, out, forget))
        )
    cell = add(multiply(gate(forget), cell), multiply(gate(into), candidate(new)))
    return multiply(gate(out), output(cell)), cell


def _named_activations(
    name: str, given: Sequence[str] | None, default: tuple[str, ...]
) -> tuple[_Activation, ...]:
    listed = default if given is None else tuple(given)
    if len(listed) != len(default):
        raise OptionError(f"{name} takes {len(default)} activations, not {listed}")
    return tuple(
        _ACTIVATIONS[choice(name, "activations", one, tuple(_ACTIVATIONS))] for one in listed
    )


def _check(name: str, x: Tensor, parts: Sequence[tuple[Tensor, Sequence[int]]], rank: int) -> None:
    """Raise where the input, or an operand that must be there, is not as it should be."""
    operand(name, x, FLOAT, rank, rank)
    for one, shape in parts:
        same_dtype(name, x, operand(name, one, FLOAT))
        if one.shape != tuple(shape):
            raise ShapeError(f"{name} takes shape {tuple(shape)} here, not {one.shape}")


def _narrowed(results: Sequence[Tensor], like: Tensor) -> list[Tensor]:
    return [astype(one, like.dtype) for one in results]


def _of_direction(x: Tensor | None, number: int) -> Tensor | None:
    return None if x is None else widened(x)[number]


def _one(x: Tensor | None) -> Tensor | None:
    return None if x is None else widened(x)


@specified("gruCell")
def gru_cell(
    x: Tensor,
    weight: Tensor,
    recurrent_weight: Tensor,
    hidden_state: Tensor,
    hidden_size: int,
    /,
    *,
    bias: Tensor | None = None,
    recurrent_bias: Tensor | None = None,
    reset_after: bool = True,
    layout: str = "zrn",
    activations: Sequence[str] | None = None,
) -> Tensor:
    """One step of a gated recurrent unit (Cho et al., 2014).

    Args:
        x: (N, inputs); float32 or float16, as all operands.
        weight: (3 · H, inputs); recurrent_weight: (3 · H, H), H being `hidden_size`.
        hidden_state: (N, H).
        bias, recurrent_bias: (3 · H,), or None.
        reset_after: whether the reset gate takes what the recurrent product gives, else what it
            takes.
        layout: "zrn" or "rzn", the order of the update, reset and new gate.
        activations: of the gates, and of the new gate; each "relu", "sigmoid" or "tanh". "sigmoid"
            and "tanh" by default.

    Returns:
        the next hidden state, (N, H).

    Raises:
        ShapeError: other shapes.
        OptionError: other numbers or names.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "gru_cell"
    size = unsigned(name, "hidden_size", hidden_size, 1)
    batch, inputs = operand(name, x, FLOAT, 2, 2).shape
    parts = (
        (weight, (3 * size, inputs)),
        (recurrent_weight, (3 * size, size)),
        (hidden_state, (batch, size)),
    )
    _check(name, x, parts, 2)
    for one in (bias, recurrent_bias):
        optional(name, one, x, (3 * size,))
    network = _Network(
        widened(weight),
        widened(recurrent_weight),
        _one(bias),
        _one(recurrent_bias),
        None,
        size,
        _GRU_LAYOUTS[choice(name, "layout", layout, tuple(_GRU_LAYOUTS))],
        _named_activations(name, activations, _GRU_ACTIVATIONS),
        bool(reset_after),
    )
    hidden = _gru_step(network, network.contributed(widened(x)), widened(hidden_state))
    return astype(hidden, x.dtype)


@specified("lstmCell")
def lstm_cell(
    x: Tensor,
    weight: Tensor,
    recurrent_weight: Tensor,
    hidden_state: Tensor,
    cell_state: Tensor,
    hidden_size: int,
    /,
    *,
    bias: Tensor | None = None,
    recurrent_bias: Tensor | None = None,
    peephole_weight: Tensor | None = None,
    layout: str = "iofg",
    activations: Sequence[str] | None = None,
) -> list[Tensor]:
    """One step of a long short-term memory (Hochreiter and Schmidhuber, 1997).

    Args:
        x: (N, inputs); float32 or float16, as all operands.
        weight: (4 · H, inputs); recurrent_weight: (4 · H, H), H being `hidden_size`.
        hidden_state, cell_state: (N, H).
        bias, recurrent_bias: (4 · H,), or None.
        peephole_weight: (3 · H,), for the input, output and forget gate in any layout, or None.
        layout: "iofg" or "ifgo", the order of the input, output, forget and cell gate.
        activations: of the gates, of the cell gate and of the result; each "relu", "sigmoid" or
            "tanh". "sigmoid", "tanh" and "tanh" by default.

    Returns:
        the next hidden state and the next cell state, (N, H) each.

    Raises:
        ShapeError: other shapes.
        OptionError: other numbers or names.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "lstm_cell"
    size = unsigned(name, "hidden_size", hidden_size, 1)
    batch, inputs = operand(name, x, FLOAT, 2, 2).shape
    parts = (
        (weight, (4 * size, inputs)),
        (recurrent_weight, (4 * size, size)),
        (hidden_state, (batch, size)),
        (cell_state, (batch, size)),
    )
    _check(name, x, parts, 2)
    for one in (bias, recurrent_bias):
        optional(name, one, x, (4 * size,))
    optional(name, peephole_weight, x, (3 * size,))
    network = _Network(
        widened(weight),
        widened(recurrent_weight),
        _one(bias),
        _one(recurrent_bias),
        _one(peephole_weight),
        size,
        _LSTM_LAYOUTS[choice(name, "layout", layout, tuple(_LSTM_LAYOUTS))],
        _named_activations(name, activations, _LSTM_ACTIVATIONS),
    )
    contributed = network.contributed(widened(x))
    return _narrowed(
        _lstm_step(network, contributed, widened(hidden_state), widened(cell_state)), x
    )


@specified("gru")
def gru(
    x: Tensor,
    weight: Tensor,
    recurrent_weight: Tensor,
    steps: int,
    hidden_size: int,
    /,
    *,
    bias: Tensor | None = None,
    recurrent_bias: Tensor | None = None,
    initial_hidden_state: Tensor | None = None,
    reset_after: bool = True,
    return_sequence: bool = False,
    direction: str = "forward",
    layout: str = "zrn",
    activations: Sequence[str] | None = None,
) -> list[Tensor]:
    """A gated recurrent unit over a sequence; see `gru_cell`. D is 2 for "both", else 1.

    Args:
        x: (steps, N, inputs); float32 or float16, as all operands.
        weight: (D, 3 · H, inputs); recurrent_weight: (D, 3 · H, H), H being `hidden_size`.
        bias, recurrent_bias: (D, 3 · H), or None.
        initial_hidden_state: (D, N, H), or None for zeros.
        return_sequence: whether the hidden states of all steps are wanted, too.
        direction: "forward", "backward" or "both".
        reset_after, layout, activations: as in `gru_cell`.

    Returns:
        the last hidden state, (D, N, H), and with `return_sequence` those of all steps,
        (steps, D, N, H), each at its step of the input.

    Raises:
        ShapeError: other shapes.
        OptionError: other numbers or names.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "gru"
    backwards, size = _sequence(name, x, weight, recurrent_weight, steps, hidden_size, direction, 3)
    states = (len(backwards), x.shape[1], size)
    for one in (bias, recurrent_bias):
        optional(name, one, x, (states[0], 3 * size))
    optional(name, initial_hidden_state, x, states)
    places = _GRU_LAYOUTS[choice(name, "layout", layout, tuple(_GRU_LAYOUTS))]
    kinds = _named_activations(name, activations, _GRU_ACTIVATIONS)
    sequences = []
    for number, backward in enumerate(backwards):
        network = _Network(
            widened(weight)[number],
            widened(recurrent_weight)[number],
            _of_direction(bias, number),
            _of_direction(recurrent_bias, number),
            None,
            size,
            places,
            kinds,
            bool(reset_after),
        )
        hidden = _state(initial_hidden_state, number, x, states)
        contributed = network.contributed(widened(x))
        hiddens = []
        for step in _order(x, backward):
            hidden = _gru_step(network, contributed[step], hidden)
            hiddens.append(hidden)
        sequences.append(hiddens)
    return _narrowed(_outputs(sequences, backwards, return_sequence), x)


@specified("lstm")
def lstm(
    x: Tensor,
    weight: Tensor,
    recurrent_weight: Tensor,
    steps: int,
    hidden_size: int,
    /,
    *,
    bias: Tensor | None = None,
    recurrent_bias: Tensor | None = None,
    peephole_weight: Tensor | None = None,
    initial_hidden_state: Tensor | None = None,
    initial_cell_state: Tensor | None = None,
    return_sequence: bool = False,
    direction: str = "forward",
    layout: str = "iofg",
    activations: Sequence[str] | None = None,
) -> list[Tensor]:
    """A long short-term memory over a sequence; see `lstm_cell`. D is 2 for "both", else 1.

    Args:
        x: (steps, N, inputs); float32 or float16, as all operands.
        weight: (D, 4 · H, inputs); recurrent_weight: (D, 4 · H, H), H being `hidden_size`.
        bias, recurrent_bias: (D, 4 · H), or None.
        peephole_weight: (D, 3 · H), or None.
        initial_hidden_state, initial_cell_state: (D, N, H), or None for zeros.
        return_sequence: whether the hidden states of all steps are wanted, too.
        direction: "forward", "backward" or "both".
        layout, activations: as in `lstm_cell`.

    Returns:
        the last hidden and the last cell state, (D, N, H) each, and with `return_sequence` the
        hidden states of all steps, (steps, D, N, H), each at its step of the input.

    Raises:
        ShapeError: other shapes.
        OptionError: other numbers or names.
        DtypeError: other or differing dtypes, or no tensors.
    """
    name = "lstm"
    backwards, size = _sequence(name, x, weight, recurrent_weight, steps, hidden_size, direction, 4)
    states = (len(backwards), x.shape[1], size)
    for one in (bias, recurrent_bias):
        optional(name, one, x, (states[0], 4 * size))
    optional(name, peephole_weight, x, (states[0], 3 * size))
    for one in (initial_hidden_state, initial_cell_state):
        optional(name, one, x, states)
    places = _LSTM_LAYOUTS[choice(name, "layout", layout, tuple(_LSTM_LAYOUTS))]
    kinds = _named_activations(name, activations, _LSTM_ACTIVATIONS)
    sequences, cells = [], []
    for number, backward in enumerate(backwards):
        network = _Network(
            widened(weight)[number],
            widened(recurrent_weight)[number],
            _of_direction(bias, number),
            _of_direction(recurrent_bias, number),
            _of_direction(peephole_weight, number),
            size,
            places,
            kinds,
        )
        hidden = _state(initial_hidden_state, number, x, states)
        cell = _state(initial_cell_state, number, x, states)
        contributed = network.contributed(widened(x))
        hiddens = []
        for step in _order(x, backward):
            hidden, cell = _lstm_step(network, contributed[step], hidden, cell)
            hiddens.append(hidden)
        sequences.append(hiddens)
        cells.append(cell)
    last, *whole = _outputs(sequences, backwards, return_sequence)
    return _narrowed([last, stack(cells), *whole], x)


def _sequence(
    name: str,
    x: Tensor,
    weight: Tensor,
    recurrent_weight: Tensor,
    steps: int,
    hidden_size: int,
    direction: str,
    gates: int,
) -> tuple[tuple[bool, ...], int]:
    """Whether each direction goes backward, and the hidden size, once the operands fit."""
    size = unsigned(name, "hidden_size", hidden_size, 1)
    backwards = _DIRECTIONS[choice(name, "direction", direction, tuple(_DIRECTIONS))]
    operand(name, x, FLOAT, 3, 3)
    if unsigned(name, "steps", steps, 1) != x.shape[0]:
        raise ShapeError(f"{name}: {steps} steps of an input of shape {x.shape}")
    parts = (
        (weight, (len(backwards), gates * size, x.shape[2])),
        (recurrent_weight, (len(backwards), gates * size, size)),
    )
    _check(name, x, parts, 3)
    return backwards, size


def _order(x: Tensor, backward: bool) -> Sequence[int]:
    return range(x.shape[0])[:: -1 if backward else 1]


def _state(given: Tensor | None, number: int, x: Tensor, states: tuple[int, int, int]) -> Tensor:
    if given is None:
        return zeros(states[1:], dtype="float32", device=x._node.device)
    return widened(given)[number]


def _outputs(
    sequences: Sequence[Sequence[Tensor]], backwards: Sequence[bool], return_sequence: bool
) -> list[Tensor]:
    """The last states of all directions, and all of them where they are wanted."""
    results = [stack([hiddens[-1] for hiddens in sequences])]
    if return_sequence:
        in_order = [
            stack(hiddens[::-1] if backward else hiddens)
            for hiddens, backward in zip(sequences, backwards, strict=True)
        ]
        results.append(stack(in_order, axis=1))
    return results
