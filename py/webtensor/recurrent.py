"""Recurrent cells and layers, with PyTorch's names and semantics (torch.lstm_cell, torch.lstm, …).

The product of a whole sequence with the input's weights is one matrix product; the steps, which
wait for each other, are unrolled into the graph: three to four kernels each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .creation import asarray, zeros
from .errors import OptionError, ShapeError
from .functions import add, matmul, maximum, multiply, permute_dims, reshape, subtract, tanh
from .movement_functions import concat, squeeze, stack, take
from .nn_activations import sigmoid
from .normalization import floating
from .operands import node_of
from .tensor import Tensor

__all__ = [
    "gru",
    "gru_cell",
    "lstm",
    "lstm_cell",
    "rnn_relu",
    "rnn_relu_cell",
    "rnn_tanh",
    "rnn_tanh_cell",
]

States = tuple[Tensor, ...]
# From what the input gives and the states before, with the recurrent weights: the states after.
Step = Callable[[Tensor, States, Tensor, Tensor | None], States]


def lstm_cell(
    input: Tensor,  # noqa: A002
    hx: Sequence[Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """One step of long short-term memory (Hochreiter and Schmidhuber, 1997).

    c' = σ(f) · c + σ(i) · tanh(g) and h' = σ(o) · tanh(c'), where i, f, g, o are the quarters of
    input · w_ihᵀ + b_ih + h · w_hhᵀ + b_hh.

    Args:
        input: (N, I) or (I,), floating-point.
        hx: h and c, each (N, H) or (H,).
        w_ih, w_hh: (4·H, I) and (4·H, H).
        b_ih, b_hh: (4·H,), or None.

    Returns:
        h' and c', of h's shape.

    Raises:
        ShapeError: other shapes.
        DtypeError: no floating-point tensors.
    """
    if len(hx) != 2:
        raise ShapeError(f"lstm_cell: hx is (h, c), not a sequence of {len(hx)}")
    hidden, memory = _cell("lstm_cell", 4, input, tuple(hx), w_ih, w_hh, b_ih, b_hh)
    return hidden, memory


def gru_cell(
    input: Tensor,  # noqa: A002
    hx: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> Tensor:
    """One step of a gated recurrent unit (Cho et al., 2014), reset after the product.

    r = σ(x_r + h_r), z = σ(x_z + h_z), n = tanh(x_n + r · h_n), h' = (1 - z) · n + z · h, where x
    are the thirds of input · w_ihᵀ + b_ih and h_r, h_z, h_n those of h · w_hhᵀ + b_hh.

    Args, result and errors as `rnn_tanh_cell`'s, with weights and biases for 3·H instead of H.
    """
    (hidden,) = _cell("gru_cell", 3, input, (hx,), w_ih, w_hh, b_ih, b_hh)
    return hidden


def rnn_tanh_cell(
    input: Tensor,  # noqa: A002
    hx: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> Tensor:
    """tanh(input · w_ihᵀ + b_ih + hx · w_hhᵀ + b_hh): one step of an Elman network (1990).

    Args:
        input: (N, I) or (I,), floating-point.
        hx: (N, H) or (H,).
        w_ih, w_hh: (H, I) and (H, H).
        b_ih, b_hh: (H,), or None.

    Returns:
        hx's shape.

    Raises:
        ShapeError: other shapes.
        DtypeError: no floating-point tensors.
    """
    (hidden,) = _cell("rnn_tanh_cell", 1, input, (hx,), w_ih, w_hh, b_ih, b_hh)
    return hidden


def rnn_relu_cell(
    input: Tensor,  # noqa: A002
    hx: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> Tensor:
    """As `rnn_tanh_cell`, with max(…, 0) instead of tanh."""
    (hidden,) = _cell("rnn_relu_cell", 1, input, (hx,), w_ih, w_hh, b_ih, b_hh)
    return hidden


def lstm(
    input: Tensor,  # noqa: A002
    hx: Sequence[Tensor] | None,
    params: Sequence[Tensor],
    has_biases: bool = True,
    num_layers: int = 1,
    dropout: float = 0.0,
    train: bool = False,
    bidirectional: bool = False,
    batch_first: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Layers of `lstm_cell` over whole sequences (torch.nn.LSTM without proj_size).

    Args:
        input: (T, N, I), (N, T, I) with `batch_first`, or (T, I), floating-point.
        hx: h and c, each (L·D, N, H), or (L·D, H) where input has no N; None for zeros.
        params: for each layer, and in it for each of D directions: w_ih, w_hh and, with
            `has_biases`, b_ih and b_hh, shaped as the cell's; input's width is D·H after the first
            layer. So torch.nn.LSTM's `_flat_weights` are ordered.
        has_biases: what `params` has.
        num_layers: L, each over the results of the one before.
        dropout: between layers, in training: no difference here.
        train: no.
        bidirectional: whether D is 2: a second cell goes from the end to the begin, and the results
            stand behind the first's.
        batch_first: how input and output are laid out.

    Returns:
        output (T, N, D·H), laid out as input, and h and c after the last steps, shaped as in `hx`.

    Raises:
        ShapeError: other shapes, no steps, or another number of parameters.
        OptionError: `train`.
        DtypeError: no floating-point tensors.
    """
    states = None if hx is None else tuple(hx)
    if states is not None and len(states) != 2:
        raise ShapeError(f"lstm: hx is (h, c), not a sequence of {len(states)}")
    output, (hidden, memory) = _layers(
        "lstm", 4, input, states, params, has_biases, num_layers, train, bidirectional, batch_first
    )
    return output, hidden, memory


def _layer_function(name: str, cell: str, gates: int) -> Callable[..., tuple[Tensor, Tensor]]:
    def function(
        input: Tensor,  # noqa: A002
        hx: Tensor | None,
        params: Sequence[Tensor],
        has_biases: bool = True,
        num_layers: int = 1,
        dropout: float = 0.0,
        train: bool = False,
        bidirectional: bool = False,
        batch_first: bool = False,
    ) -> tuple[Tensor, Tensor]:
        states = None if hx is None else (hx,)
        output, (hidden,) = _layers(
            name, gates, input, states, params, has_biases, num_layers, train, bidirectional,
            batch_first,
        )  # fmt: skip
        return output, hidden

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""Layers of `{cell}` over whole sequences: (output, h after the last step).

    Args and errors as in `lstm`, `hx` being h only.
    """
    return function


gru = _layer_function("gru", "gru_cell", 3)
rnn_tanh = _layer_function("rnn_tanh", "rnn_tanh_cell", 1)
rnn_relu = _layer_function("rnn_relu", "rnn_relu_cell", 1)


def _lstm_step(given: Tensor, states: States, w: Tensor, bias: Tensor | None) -> States:
    hidden, memory = states
    enter, forget, candidate, leave = _gates(_with(add(given, matmul(hidden, w)), bias), 4)
    kept = multiply(sigmoid(forget), memory)
    memory = add(kept, multiply(sigmoid(enter), tanh(candidate)))
    return multiply(sigmoid(leave), tanh(memory)), memory


def _gru_step(given: Tensor, states: States, w: Tensor, bias: Tensor | None) -> States:
    (hidden,) = states
    resets, updates, news = _gates(given, 3)
    reset, update, new = _gates(_with(matmul(hidden, w), bias), 3)
    candidate = tanh(add(news, multiply(sigmoid(add(resets, reset)), new)))
    weight = sigmoid(add(updates, update))
    return (add(candidate, multiply(weight, subtract(hidden, candidate))),)


def _tanh_step(given: Tensor, states: States, w: Tensor, bias: Tensor | None) -> States:
    return (tanh(_with(add(given, matmul(states[0], w)), bias)),)


def _relu_step(given: Tensor, states: States, w: Tensor, bias: Tensor | None) -> States:
    return (maximum(_with(add(given, matmul(states[0], w)), bias), 0),)


_STEPS: dict[str, Step] = {
    "lstm": _lstm_step,
    "gru": _gru_step,
    "rnn_tanh": _tanh_step,
    "rnn_relu": _relu_step,
}


def _gates(x: Tensor, count: int) -> list[Tensor]:
    width = x.shape[-1] // count
    return [x[..., number * width : (number + 1) * width] for number in range(count)]


def _with(x: Tensor, bias: Tensor | None) -> Tensor:
    return x if bias is None else add(x, bias)


def _cell(
    name: str,
    gates: int,
    x: Tensor,
    states: States,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
) -> States:
    floating(name, x)
    shapes = {node_of(name, one).shape for one in states}
    shape = states[0].shape
    if x.ndim not in (1, 2) or len(shapes) > 1 or shape[:-1] != x.shape[:-1] or not shape:
        raise ShapeError(
            f"{name} takes (N, I) or (I,) and states (N, H) or (H,), not {x.shape} and {shapes}"
        )
    weights = _Weights(name, gates, x.shape[-1], shape[-1], w_ih, w_hh, b_ih, b_hh)
    if x.ndim == 1:
        x, states = reshape(x, (1, -1)), tuple(reshape(one, (1, -1)) for one in states)
    found = weights.step(weights.given(x), states)
    return tuple(reshape(one, shape) for one in found)


class _Weights:
    """A cell's checked parameters, the matrices transposed."""

    def __init__(
        self,
        name: str,
        gates: int,
        width: int,
        size: int,
        w_ih: Tensor,
        w_hh: Tensor,
        b_ih: Tensor | None,
        b_hh: Tensor | None,
    ) -> None:
        wanted: list[tuple[Tensor, tuple[int, ...]]]
        wanted = [(w_ih, (gates * size, width)), (w_hh, (gates * size, size))]
        wanted += [(one, (gates * size,)) for one in (b_ih, b_hh) if one is not None]
        for one, shape in wanted:
            if node_of(name, one).shape != shape:
                raise ShapeError(f"{name}: a parameter has shape {one.shape}, not {shape}")
        self.input, self.hidden = w_ih.mT, w_hh.mT
        # Only a reset gate stands between the two biases.
        if gates != 3 and b_ih is not None and b_hh is not None:
            b_ih, b_hh = add(b_ih, b_hh), None
        self.input_bias, self.hidden_bias = b_ih, b_hh
        self._step = _STEPS[name.removesuffix("_cell")]

    def given(self, x: Tensor) -> Tensor:
        """What inputs give to the gates, of a whole sequence at once."""
        return _with(matmul(x, self.input), self.input_bias)

    def step(self, given: Tensor, states: States) -> States:
        return self._step(given, states, self.hidden, self.hidden_bias)


def _layers(
    name: str,
    gates: int,
    x: Tensor,
    states: States | None,
    params: Sequence[Tensor],
    has_biases: bool,
    num_layers: int,
    train: bool,
    bidirectional: bool,
    batch_first: bool,
) -> tuple[Tensor, States]:
    floating(name, x)
    directions, each = 1 + bool(bidirectional), 4 if has_biases else 2
    cells = num_layers * directions
    if train:
        raise OptionError(f"{name}: train is set; here is inference only")
    if x.ndim not in (2, 3):
        raise ShapeError(f"{name} takes (T, N, I) or (T, I), not shape {x.shape}")
    if len(params) != each * cells or not cells:
        raise ShapeError(f"{name}: {len(params)} parameters, not {each} for each of {cells} cells")
    unbatched = x.ndim == 2
    sequence = reshape(x, (x.shape[0], 1, x.shape[1])) if unbatched else x
    if batch_first and not unbatched:
        sequence = permute_dims(sequence, (1, 0, 2))
    size = node_of(name, params[0]).shape[0] // gates
    if not sequence.shape[0]:
        raise ShapeError(f"{name}: shape {x.shape} has no steps")
    states = _begin(name, states, (cells, sequence.shape[1], size), sequence, unbatched, gates == 4)
    places = [asarray([number], device=x._node.device) for number in range(sequence.shape[0])]
    ends: list[States] = []
    for layer in range(num_layers):
        results = []
        for direction in range(directions):
            cell = layer * directions + direction
            own = params[cell * each : (cell + 1) * each]
            biases = own[2:] if has_biases else (None, None)
            weights = _Weights(name, gates, sequence.shape[2], size, own[0], own[1], *biases)
            before = tuple(one[cell] for one in states)
            result, end = _run(weights, sequence, places, before, backward=direction == 1)
            results.append(result)
            ends.append(end)
        sequence = results[0] if directions == 1 else concat(results, axis=2)
    last = tuple(stack([end[number] for end in ends]) for number in range(len(states)))
    if unbatched:
        return reshape(sequence, (x.shape[0], -1)), tuple(reshape(one, (cells, -1)) for one in last)
    return permute_dims(sequence, (1, 0, 2)) if batch_first else sequence, last


def _begin(
    name: str,
    states: States | None,
    shape: tuple[int, int, int],
    x: Tensor,
    unbatched: bool,
    has_memory: bool,
) -> States:
    if states is None:
        zero = zeros(shape, dtype=x.dtype, device=x._node.device)
        return (zero, zero) if has_memory else (zero,)
    wanted = (shape[0], shape[2]) if unbatched else shape
    for one in states:
        if node_of(name, one).shape != wanted:
            raise ShapeError(f"{name}: a state in hx has shape {one.shape}, not {wanted}")
    return tuple(reshape(one, shape) for one in states)


def _run(
    weights: _Weights,
    sequence: Tensor,
    places: Sequence[Tensor],
    states: States,
    backward: bool,
) -> tuple[Tensor, States]:
    """All steps: their results (T, N, H), and the states after the last."""
    given = weights.given(sequence)
    results = []
    for place in reversed(places) if backward else places:
        # Not given[number]: where a slice begins is part of a kernel, so that each step would have
        # its own to compile. What `take` reads is not.
        states = weights.step(squeeze(take(given, place, axis=0), axis=0), states)
        results.append(states[0])
    return stack(results[::-1] if backward else results), states
