"""The specification's long short-term memories."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..functions import add, matmul, matrix_transpose, multiply
from ..movement_functions import stack
from ..tensor import Tensor
from .checks import FLOAT, choice, operand, optional, specified, unsigned, widened
from .recurrent import (
    Network,
    check_parts,
    check_sequence,
    direction_of,
    first_state,
    named_activations,
    narrowed,
    order_of,
    outputs,
    plus,
    taken,
)

__all__ = ["lstm", "lstm_cell"]

# Where the input, output, forget and cell gate are.
_LAYOUTS = {"iofg": (0, 1, 2, 3), "ifgo": (0, 3, 1, 2)}
_ACTIVATIONS = ("sigmoid", "tanh", "tanh")


def _lstm_step(
    network: Network, contributed: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    gate, candidate, output = network.activations
    back = matmul(hidden, matrix_transpose(network.recurrent_weight))
    rows = add(contributed, plus(back, network.recurrent_bias))
    into, out, forget, new = network.gates(rows)
    if network.peephole is not None:
        into, out, forget = (
            add(one, multiply(cell, network.peephole[network.span(place)]))
            for place, one in enumerate((into, out, forget))
        )
    cell = add(multiply(gate(forget), cell), multiply(gate(into), candidate(new)))
    return multiply(gate(out), output(cell)), cell


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
    check_parts(name, x, parts, 2)
    for one in (bias, recurrent_bias):
        optional(name, one, x, (4 * size,))
    optional(name, peephole_weight, x, (3 * size,))
    network = Network(
        weight,
        recurrent_weight,
        bias,
        recurrent_bias,
        peephole_weight,
        size,
        _LAYOUTS[choice(name, "layout", layout, tuple(_LAYOUTS))],
        named_activations(name, activations, _ACTIVATIONS),
    ).each(widened)
    contributed = network.contributed(widened(x))
    return narrowed(_lstm_step(network, contributed, widened(hidden_state), widened(cell_state)), x)


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
    backwards, size = check_sequence(
        name, x, weight, recurrent_weight, steps, hidden_size, direction, 4
    )
    states = (len(backwards), x.shape[1], size)
    for one in (bias, recurrent_bias):
        optional(name, one, x, (states[0], 4 * size))
    optional(name, peephole_weight, x, (states[0], 3 * size))
    for one in (initial_hidden_state, initial_cell_state):
        optional(name, one, x, states)
    both = Network(
        weight,
        recurrent_weight,
        bias,
        recurrent_bias,
        peephole_weight,
        size,
        _LAYOUTS[choice(name, "layout", layout, tuple(_LAYOUTS))],
        named_activations(name, activations, _ACTIVATIONS),
    )
    sequences, cells = [], []
    for number, backward in enumerate(backwards):
        network = both.each(partial(direction_of, number=number))
        hidden = first_state(initial_hidden_state, number, x, states)
        cell = first_state(initial_cell_state, number, x, states)
        contributed = network.contributed(widened(x))
        hiddens = []
        for step in order_of(x, backward):
            hidden, cell = _lstm_step(network, taken(contributed, step), hidden, cell)
            hiddens.append(hidden)
        sequences.append(hiddens)
        cells.append(cell)
    last, *whole = outputs(sequences, backwards, return_sequence)
    return narrowed([last, stack(cells), *whole], x)
