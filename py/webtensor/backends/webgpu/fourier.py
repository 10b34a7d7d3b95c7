"""Discrete Fourier transforms as WGSL: Stockham's, in passes of the radices below, whose roots of
unity are tables made in float64; lengths with other prime factors by Bluestein's convolution.

Between passes, real parts and imaginary ones lie apart, so that neighbours are read together.
Inverse transforms are forward ones of swapped parts.

Sources: Govindaraju et al., "High Performance Discrete Fourier Transforms on Graphics Processors"
(2008); Bluestein, "A linear filtering approach to the computation of discrete Fourier transform"
(1970).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from ...dtypes import float32
from ...graph.fuse import MAX_READS, Group
from ...graph.node import Node
from ...lazy_numpy import np
from .context import Context
from .elementwise import copied
from .kernel import WORKGROUP, Dispatch, Span, grid
from .template import expand

_ODD = (3, 5, 7, 11, 13)
_EVEN_NAMES = {2: "two", 4: "four", 8: "eight", 16: "sixteen"}
# Operations of a pass per number and bit of the radix, about.
_OPERATIONS = 5
_FLOAT_BYTES = float32.itemsize


def radices(length: int, most_bits: int) -> list[int] | None:
    """The radices of the passes that transform `length` numbers, as few as possible, powers of two
    up to 2 to the power of `most_bits`; None where it has other prime factors."""
    bits = (length & -length).bit_length() - 1
    rest = length >> bits
    passes = -(-bits // most_bits)
    found = [1 << bits // passes + (at < bits % passes) for at in range(passes)]
    for prime in _ODD:
        while rest % prime == 0:
            found.append(prime)
            rest //= prime
    return (found or [1]) if rest == 1 else None


def convolution_length(length: int, most_bits: int) -> int:
    """The length whose transforms convolve `length` numbers with least work."""

    def work(size: int) -> float:
        return size * len(radices(size, most_bits) or ())

    least = 2 * length - 1
    return min((odd << (-(-least // odd) - 1).bit_length() for odd in (1, 3, 5, 9)), key=work)


@dataclass(frozen=True)
class _Work:
    """Complex numbers in a buffer: real parts of all lines, then imaginary ones.

    Attributes:
        value: names the temporary, the constant or the result.
        line: numbers in a line.
        lines: how many.
    """

    value: Hashable
    line: int
    lines: int = 1

    @property
    def plane(self) -> int:
        return self.line * self.lines

    @property
    def span(self) -> Span:
        return Span(self.value, 0, 2 * self.plane * _FLOAT_BYTES)


@dataclass(frozen=True)
class _Ends:
    """What is done beside in the first and the last pass of a transform.

    Attributes:
        chirp: what the operand is multiplied by.
        filter: what the result is multiplied by, to be transformed back.
        chirped: what the result is multiplied by, and cut to the length of, being a convolution.
        final: whether the result is the anchor's.
    """

    chirp: _Work | None = None
    filter: _Work | None = None
    chirped: _Work | None = None
    final: bool = False


class _Transform:
    """The dispatches of one group."""

    def __init__(self, group: Group, anchor: Node, context: Context) -> None:
        self.prologues = group.prologues
        self.anchor = anchor
        self.context = context
        self.dispatches: list[Dispatch] = []
        options = anchor.options
        self.length: int = options["length"]
        self.inverse: bool = options["inverse"]
        self.hermitian: bool = options["hermitian"]
        self.scale: float = options["scale"]
        self.given: int = anchor.inputs[0].shape[options["axis"]]
        # Transforms that lie side by side in a line, and lines.
        self.inner = math.prod(anchor.shape[options["axis"] + 2 :])
        self.lines = math.prod(anchor.shape[1 : options["axis"] + 1])

    def run(self) -> None:
        """Add all dispatches."""
        most_bits = self.context.adapter.fourier_bits
        result = _Work(id(self.anchor), self.length * self.inner, self.lines)
        found = radices(self.length, most_bits)
        if found is not None:
            self._passes(found, None, result, _Ends(final=True))
            return
        size = convolution_length(self.length, most_bits)
        found = radices(size, most_bits)
        assert found is not None, "it was chosen so"
        chirp = self.table(("chirp", self.length), lambda: _chirp(self.length))
        product = self.table(("filter", self.length, size), lambda: _filter(self.length, size))
        work = self._work(size)
        self._passes(found, None, work, _Ends(chirp=chirp, filter=product))
        self._passes(found, work, result, _Ends(chirped=chirp, final=True))

    def table(self, key: Hashable, values: Callable[[], Any]) -> _Work:
        """Complex numbers in a buffer that lives with the executable."""
        constants = self.context.lowered.constants
        if key not in constants:
            found = values()
            constants[key] = np.stack([found.real, found.imag]).astype(np.float32).tobytes()
        return _Work(key, len(constants[key]) // (2 * _FLOAT_BYTES))

    def _work(self, length: int) -> _Work:
        """A temporary."""
        temporaries = self.context.lowered.temporaries
        value = ("fourier", id(self.anchor), len(temporaries))
        work = _Work(value, length * self.inner, self.lines)
        temporaries[value] = work.span.size
        return work

    def _passes(self, found: Sequence[int], work: _Work | None, result: _Work, ends: _Ends) -> None:
        """One transform: of `work`, or the operand where there is none, to `result`."""
        length = math.prod(found)
        done = 1
        for number, radix in enumerate(found):
            is_last = number == len(found) - 1
            target = result if is_last else self._work(length)
            first, last = _Ends(chirp=ends.chirp), ends if is_last else _Ends()
            one = _Pass(self, radix, length, done, work, target, first, last)
            self.dispatches.append(one.dispatch())
            work = target
            done *= radix


class _Pass:
    """One pass's kernel.

    Attributes:
        done: the product of the radices of the passes before.
        work: what it reads, None for the operand; `target`: what it writes.
        values: what all templates take.
    """

    def __init__(
        self,
        transform: _Transform,
        radix: int,
        length: int,
        done: int,
        work: _Work | None,
        target: _Work,
        first: _Ends,
        last: _Ends,
    ) -> None:
        self.transform = transform
        self.radix = radix
        self.length = length
        self.done = done
        self.work = work
        self.target = target
        self.first = first
        self.last = last
        self.source = transform.context.source()
        numbers = {
            "apart": length // radix * transform.inner,
            "done": done * transform.inner,
            "inner": transform.inner,
            "length": transform.length,
            "given": transform.given * transform.inner,
            "taken": min(transform.given, transform.length) * transform.inner,
            "line": target.line,
            "plane": target.plane,
        }
        self.values: dict[str, Any] = {name: f"{one}u" for name, one in numbers.items()}

    def dispatch(self) -> Dispatch:
        source, transform = self.source, self.transform
        if self.work is None:
            self._take_operand()
        else:
            self._add(
                "fft_work.wgsl",
                work=source.bind(self.work.span, float32),
                line=f"{self.work.line}u",
                plane=f"{self.work.plane}u",
            )
        last = self.last
        self._add(
            "fft_put.wgsl",
            **self._bound("factors", last.chirped or last.filter),
            filtered=last.filter is not None,
            chirped=last.chirped is not None,
            inverse=last.final and transform.inverse,
            scaled=last.final and transform.scale != 1,
            scale=f"{transform.scale}f",
        )
        if self.done > 1:
            key = ("roots", self.radix, self.done)
            roots = transform.table(key, lambda: _roots(self.radix, self.done))
            self._add("fft_root.wgsl", **self._bound("roots", roots), turns=f"{self.done}u")
        file, values = _butterfly(self.radix)
        self._add(file, **values)
        numbers = self.length * transform.inner * transform.lines
        workgroups, row = grid(numbers // self.radix)
        kernel = expand(
            "fft_pass.wgsl",
            **self.values,
            radix=self.radix,
            twiddles=self.radix - 1,
            twiddled=self.done > 1,
            workgroup=WORKGROUP,
            row=f"{row}u",
            count=f"{numbers // self.radix}u",
        )
        return Dispatch(
            f"fourier (radix {self.radix})",
            source.finished(kernel, float32, 2 * self.target.plane, False),
            workgroups,
            tuple(source.reads),
            self.target.span,
            _OPERATIONS * max(math.log2(self.radix), 1) * numbers,
        )

    def _add(self, file: str, **values: Any) -> None:
        self.source.add(expand(file, **{**self.values, **values}))

    def _bound(self, name: str, table: _Work | None) -> dict[str, str]:
        """A table of factors as the templates want it."""
        if table is None:
            return {name: "", f"{name}_plane": ""}
        bound = self.source.bind(table.span, float32)
        return {name: bound, f"{name}_plane": f"{table.plane}u"}

    def _take_operand(self) -> None:
        transform, chirp = self.transform, self.first.chirp
        reads = sum(len(chain.reads) for chain in transform.prologues) + (chirp is not None)
        for number, chain in enumerate(transform.prologues):
            name = f"load_{number}"
            if reads <= MAX_READS:
                self.source.chain(name, chain, False)
            else:
                span = copied(chain, transform.context, transform.dispatches)
                self.source.plain(name, span, float32, False)
        needed = transform.length // 2 + 1 if transform.hermitian else transform.length
        self._add(
            "fft_operand.wgsl",
            **self._bound("chirp", chirp),
            shorter=transform.given < needed or chirp is not None,
            hermitian=transform.hermitian,
            imaginary=len(transform.prologues) > 1,
            inverse=transform.inverse,
            chirped=chirp is not None,
        )


def fourier(group: Group, context: Context) -> list[Dispatch]:
    """The dispatches of a group whose anchor is the operator "fourier"."""
    assert group.anchor is not None
    transform = _Transform(group, group.anchor, context)
    transform.run()
    return transform.dispatches


def _butterfly(radix: int) -> tuple[str, dict[str, Any]]:
    """The file that transforms `radix` numbers, and what its template takes."""
    if radix in _EVEN_NAMES:
        return "fft_radix_even.wgsl", {"radix": radix, "name": _EVEN_NAMES[radix]}
    angles = [2 * math.pi * number / radix for number in range(radix)]
    return "fft_radix_odd.wgsl", {
        "radix": radix,
        "pairs": radix // 2,
        "cosines": ", ".join(str(math.cos(angle)) for angle in angles),
        "sines": ", ".join(str(math.sin(angle)) for angle in angles),
    }


def _roots(radix: int, done: int) -> Any:
    """exp(-2πi·leg·place / (radix·done)): for each leg but the first, all places."""
    whole = radix * done
    turns = np.arange(1, radix)[:, None] * np.arange(done)
    return np.exp(-2j * np.pi * turns / whole)


def _chirp(length: int) -> Any:
    """exp(-πi·n² / length); the squares are reduced as integers, which keeps them exact."""
    turns = np.arange(length, dtype=np.int64) ** 2 % (2 * length)
    return np.exp(-1j * np.pi * turns / length)


def _filter(length: int, size: int) -> Any:
    """The transform of what the chirp is convolved with."""
    conjugate = np.conj(_chirp(length))
    values = np.zeros(size, np.complex128)
    values[:length] = conjugate
    values[size - length + 1 :] = conjugate[:0:-1]
    return np.fft.fft(values) / size
