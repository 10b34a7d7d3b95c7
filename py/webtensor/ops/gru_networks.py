"""The specification's gated recurrent units."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..functions import add, astype, matmul, matrix_transpose, multiply, subtract
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

__all__ = ["gru", "gru_cell"]

# Where the update, reset and new gate are.
_LAYOUTS = {"zrn": (0, 1, 2), "rzn": (1, 0, 2)}
_ACTIVATIONS = ("sigmoid", "tanh")


def _gru_step(network: Network, contributed: Tensor, hidden: Tensor) -> Tensor:
    gate, new = network.activations
    weight = matrix_transpose(network.recurrent_weight)
    update_in, reset_in, new_in = network.gates(contributed)
    if network.reset_after:
        recurrent = plus(matmul(hidden, weight), network.recurrent_bias)
        update_back, reset_back, new_back = network.gates(recurrent)
        reset = gate(add(reset_in, reset_back))
        fresh = new(add(new_in, multiply(reset, new_back)))
    else:
        gated, last = slice(0, 2 * network.hidden_size), network.span(2)
        bias = network.recurrent_bias
        recurrent = plus(matmul(hidden, weight[:, gated]), None if bias is None else bias[gated])
        update_back, reset_back = (
            recurrent[:, network.span(place)] for place in network.places[:2]
        )
        reset = gate(add(reset_in, reset_back))
        back = matmul(multiply(reset, hidden), weight[:, last])
        fresh = new(add(new_in, plus(back, None if bias is None else bias[last])))
    update = gate(add(update_in, update_back))
    return add(multiply(update, hidden), multiply(fresh, subtract(1, update)))


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
    check_parts(name, x, parts, 2)
    for one in (bias, recurrent_bias):
        optional(name, one, x, (3 * size,))
    network = Network(
        weight,
        recurrent_weight,
        bias,
        recurrent_bias,
        None,
        size,
        _LAYOUTS[choice(name, "layout", layout, tuple(_LAYOUTS))],
        named_activations(name, activations, _ACTIVATIONS),
        bool(reset_after),
    ).each(widened)
    hidden = _gru_step(network, network.contributed(widened(x)), widened(hidden_state))
    return astype(hidden, x.dtype)


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
    backwards, size = check_sequence(
        name, x, weight, recurrent_weight, steps, hidden_size, direction, 3
    )
    states = (len(backwards), x.shape[1], size)
    for one in (bias, recurrent_bias):
        optional(name, one, x, (states[0], 3 * size))
    optional(name, initial_hidden_state, x, states)
    both = Network(
        weight,
        recurrent_weight,
        bias,
        recurrent_bias,
        None,
        size,
        _LAYOUTS[choice(name, "layout", layout, tuple(_LAYOUTS))],
        named_activations(name, activations, _ACTIVATIONS),
        bool(reset_after),
    )
    sequences = []
    for number, backward in enumerate(backwards):
        network = both.each(partial(direction_of, number=number))
        hidden = first_state(initial_hidden_state, number, x, states)
        contributed = network.contributed(widened(x))
        hiddens = []
        for step in order_of(x, backward):
            hidden = _gru_step(network, taken(contributed, step), hidden)
            hiddens.append(hidden)
        sequences.append(hiddens)
    return narrowed(outputs(sequences, backwards, return_sequence), x)
