"""What recurrent networks share: graphs of products and activations, a part to each step.

What the input contributes is one product for all steps. float16 is computed in float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from .. import activations as smooth
from .. import functions
from ..creation import asarray, zeros
from ..errors import OptionError, ShapeError
from ..functions import add, astype, matmul, matrix_transpose, tanh
from ..movement_functions import stack, take
from ..tensor import Tensor
from .checks import (
    FLOAT,
    choice,
    operand,
    same_dtype,
    unsigned,
    widened,
)

_Activation = Callable[[Tensor], Tensor]
_ACTIVATIONS: dict[str, _Activation] = {
    "relu": lambda x: functions.maximum(x, 0),
    "sigmoid": lambda x: smooth.sigmoid(x),
    "tanh": tanh,
}
_DIRECTIONS = {"forward": (False,), "backward": (True,), "both": (False, True)}


@dataclass(frozen=True)
class Network:
    """The parameters of one direction; or of all, which stand along a first axis until `each`
    takes one of them.

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

    def each(self, part: Callable[[Tensor], Tensor]) -> Network:
        """The same with `part` of each operand."""

        def optional_part(x: Tensor | None) -> Tensor | None:
            return None if x is None else part(x)

        return replace(
            self,
            weight=part(self.weight),
            recurrent_weight=part(self.recurrent_weight),
            bias=optional_part(self.bias),
            recurrent_bias=optional_part(self.recurrent_bias),
            peephole=optional_part(self.peephole),
        )

    def contributed(self, x: Tensor) -> Tensor:
        """(…, gates · H) of the input (…, inputs)."""
        return plus(matmul(x, matrix_transpose(self.weight)), self.bias)

    def gates(self, rows: Tensor) -> Iterator[Tensor]:
        """(…, H) of each gate, in the order of `places`."""
        return (rows[..., self.span(place)] for place in self.places)

    def span(self, place: int) -> slice:
        return slice(place * self.hidden_size, (place + 1) * self.hidden_size)


def plus(x: Tensor, bias: Tensor | None) -> Tensor:
    return x if bias is None else add(x, bias)


def named_activations(
    name: str, given: Sequence[str] | None, default: tuple[str, ...]
) -> tuple[_Activation, ...]:
    listed = default if given is None else tuple(given)
    if len(listed) != len(default):
        raise OptionError(f"{name} takes {len(default)} activations, not {listed}")
    return tuple(
        _ACTIVATIONS[choice(name, "activations", one, tuple(_ACTIVATIONS))] for one in listed
    )


def check_parts(
    name: str, x: Tensor, parts: Sequence[tuple[Tensor, Sequence[int]]], rank: int
) -> None:
    """Raise where the input, or an operand that must be there, is not as it should be."""
    operand(name, x, FLOAT, rank, rank)
    for one, shape in parts:
        same_dtype(name, x, operand(name, one, FLOAT))
        if one.shape != tuple(shape):
            raise ShapeError(f"{name} takes shape {tuple(shape)} here, not {one.shape}")


def narrowed(results: Sequence[Tensor], like: Tensor) -> list[Tensor]:
    return [astype(one, like.dtype) for one in results]


def taken(x: Tensor, number: int) -> Tensor:
    """x[number], copied, float32.

    The number is data, where a slice's would be part of a kernel: all steps and directions run the
    same kernels.
    """
    return take(widened(x), asarray(number, dtype="int32", device=x._node.device), axis=0)


def direction_of(x: Tensor, number: int) -> Tensor:
    """The part of one direction, float32; where there is one only it is no copy."""
    return widened(x)[0] if x.shape[0] == 1 else taken(x, number)


def check_sequence(
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
    check_parts(name, x, parts, 3)
    return backwards, size


def order_of(x: Tensor, backward: bool) -> Sequence[int]:
    return range(x.shape[0])[:: -1 if backward else 1]


def first_state(
    given: Tensor | None, number: int, x: Tensor, states: tuple[int, int, int]
) -> Tensor:
    if given is None:
        given = zeros(states, dtype="float32", device=x._node.device)
    return taken(given, number)


def outputs(
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
