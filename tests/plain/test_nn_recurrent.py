"""Recurrent cells and layers beside loops in NumPy, in float64."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import nn
from webtensor.errors import DtypeError, OptionError, ShapeError
from webtensor.graph.node import topological

STEPS, BATCH, WIDTH, SIZE = 6, 3, 5, 4
GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}
_random = np.random.default_rng(29)


def uniform(*shape: int) -> Any:
    return _random.uniform(-0.8, 0.8, shape)


def tensor(values: Any) -> wt.Tensor:
    return wt.asarray(np.asarray(values), device="cpu")


def value(x: wt.Tensor) -> Any:
    return asyncio.run(x.numpy())


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def step(name: str, x: Any, states: tuple[Any, ...], params: list[Any]) -> tuple[Any, ...]:
    """The cell's formula, as torch.nn's documentation has it."""
    w_ih, w_hh, *biases = params
    b_ih, b_hh = biases or (0, 0)
    given, own = x @ w_ih.T + b_ih, states[0] @ w_hh.T + b_hh
    if name == "lstm":
        i, f, g, o = np.split(given + own, 4, axis=-1)
        memory = sigmoid(f) * states[1] + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(memory), memory
    if name == "gru":
        (given_r, given_z, given_n), (r, z, n) = (np.split(one, 3, axis=-1) for one in (given, own))
        r, z = sigmoid(given_r + r), sigmoid(given_z + z)
        return ((1 - z) * np.tanh(given_n + r * n) + z * states[0],)
    return (np.tanh(given + own) if name == "rnn_tanh" else np.maximum(given + own, 0),)


def run(
    name: str, x: Any, states: tuple[Any, ...], params: list[list[Any]], directions: int
) -> tuple[Any, ...]:
    """(output, *states), x being (T, N, I)."""
    ends: list[tuple[Any, ...]] = []
    for layer in range(len(params) // directions):
        results = []
        for direction in range(directions):
            cell = layer * directions + direction
            now: tuple[Any, ...] = tuple(one[cell] for one in states)
            outputs = []
            for one in x[::-1] if direction else x:
                now = step(name, one, now, params[cell])
                outputs.append(now[0])
            results.append(np.stack(outputs[::-1] if direction else outputs))
            ends.append(now)
        x = np.concatenate(results, axis=-1)
    return (x, *(np.stack(one) for one in zip(*ends, strict=True)))


def parameters(name: str, layers: int, directions: int, biased: bool) -> list[list[Any]]:
    rows, found = GATES[name] * SIZE, []
    for cell in range(layers * directions):
        width = WIDTH if cell < directions else directions * SIZE
        biases = [uniform(rows), uniform(rows)] if biased else []
        found.append([uniform(rows, width), uniform(rows, SIZE), *biases])
    return found


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("biased", [True, False])
def test_cells(name: str, biased: bool) -> None:
    (params,) = parameters(name, 1, 1, biased)
    x, states = (
        uniform(BATCH, WIDTH),
        tuple(uniform(BATCH, SIZE) for _ in range(1 + (name == "lstm"))),
    )
    expected = step(name, x, states, params)
    function: Callable[..., Any] = getattr(nn, f"{name}_cell")

    def found(place: Any) -> Any:
        hidden = tuple(tensor(one[place]) for one in states)
        results = function(
            tensor(x[place]), hidden if name == "lstm" else hidden[0], *map(tensor, params)
        )
        return [value(one) for one in (results if name == "lstm" else [results])]

    np.testing.assert_allclose(found(...), expected, rtol=1e-12)
    np.testing.assert_allclose(found(1), [one[1] for one in expected], rtol=1e-12)


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize(
    ("layers", "directions", "biased", "batch_first"), [(1, 1, True, False), (2, 2, False, True)]
)
def test_layers(name: str, layers: int, directions: int, biased: bool, batch_first: bool) -> None:
    params = parameters(name, layers, directions, biased)
    x = uniform(STEPS, BATCH, WIDTH)
    states = tuple(uniform(layers * directions, BATCH, SIZE) for _ in range(1 + (name == "lstm")))
    flat = [tensor(one) for cell in params for one in cell]
    options = {
        "has_biases": biased, "num_layers": layers, "bidirectional": directions == 2,
        "batch_first": batch_first,
    }  # fmt: skip
    function: Callable[..., Any] = getattr(nn, name)

    def compare(given: Any, hx: Any, expected: Any) -> None:
        hidden = None if hx is None else tuple(map(tensor, hx))
        if name != "lstm" and hidden is not None:
            hidden = hidden[0]
        found = function(tensor(given), hidden, flat, **options)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(value(one), other, rtol=1e-11, atol=1e-14, strict=True)

    def laid_out(one: Any) -> Any:
        return one.swapaxes(0, 1) if batch_first else one

    output, *ends = run(name, x, states, params, directions)
    compare(laid_out(x), states, (laid_out(output), *ends))
    alone = run(name, x[:, 1:2], tuple(one[:, 1:2] for one in states), params, directions)
    compare(x[:, 1], [one[:, 1] for one in states], [one[:, 0] for one in alone])
    zeros = tuple(0 * one for one in states)
    output, *ends = run(name, x, zeros, params, directions)
    compare(laid_out(x), None, (laid_out(output), *ends))


def test_a_batch_of_none() -> None:
    flat = [tensor(one) for one in parameters("gru", 1, 1, True)[0]]
    output, hidden = nn.gru(tensor(np.zeros((STEPS, 0, WIDTH))), None, flat)
    assert (output.shape, hidden.shape) == ((STEPS, 0, SIZE), (1, 0, SIZE))
    assert value(output).shape == output.shape


def test_long_sequences_multiply_their_input_once() -> None:
    """300 steps are as many small products, but one of the whole input."""
    flat = [tensor(one) for one in parameters("lstm", 1, 1, True)[0]]
    x = uniform(300, 1, WIDTH)
    output, hidden, _ = nn.lstm(tensor(x), None, flat)
    products = [node.shape for node in topological([output._node]) if node.kind == "matmul"]
    assert (products.count((300, 1, 4 * SIZE)), len(products)) == (1, 301)
    params = [[value(one) for one in flat]]
    zeros = (np.zeros((1, 1, SIZE)),) * 2
    np.testing.assert_allclose(value(output), run("lstm", x, zeros, params, 1)[0], rtol=1e-9)
    np.testing.assert_array_equal(value(hidden)[0], value(output)[-1])


X, H = tensor(uniform(BATCH, WIDTH)), tensor(uniform(BATCH, SIZE))
LSTM = [tensor(one) for one in parameters("lstm", 1, 1, True)[0]]


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda: nn.lstm_cell(X, (H,), *LSTM), ShapeError, "(h, c)"),
        (lambda: nn.lstm_cell(X, (H, H[:2]), *LSTM), ShapeError, "states"),
        (lambda: nn.lstm_cell(X[:, :2], (H, H), *LSTM), ShapeError, "(16, 2)"),
        (lambda: nn.gru_cell(X, H, *LSTM), ShapeError, "(12, 5)"),
        (lambda: nn.rnn_tanh_cell(wt.astype(X, "int32"), H, *LSTM), DtypeError, "int32"),
        (lambda: nn.lstm(X, None, LSTM[:2]), ShapeError, "4 for each"),
        (lambda: nn.lstm(X, None, LSTM, train=True), OptionError, "inference"),
        (lambda: nn.lstm(X, (H, H), LSTM), ShapeError, "(1, 4)"),
        (lambda: nn.lstm(X, (H,), LSTM), ShapeError, "(h, c)"),
        (lambda: nn.lstm(X[:0], None, LSTM), ShapeError, "no steps"),
        (lambda: nn.lstm(X[0], None, LSTM), ShapeError, "(T, N, I)"),
    ],
)
def test_what_is_refused(call: Callable[[], Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert told in str(raised.value)
