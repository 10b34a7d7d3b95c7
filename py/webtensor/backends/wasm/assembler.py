"""A small assembler of WebAssembly modules: functions over one imported memory.

Specification: https://webassembly.github.io/spec/core/binary/ . A function is written instruction
by instruction, in the order of the stack machine; a loop is a `with` block.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

I32, V128 = 0x7F, 0x7B
_NOTHING = 0x40
# Instructions without immediates, by the specification's names.
_PLAIN = {
    "i32.add": b"\x6a",
    "i32.sub": b"\x6b",
    "i32.mul": b"\x6c",
    "f32x4.add": b"\xfd\xe4\x01",
    "f32x4.mul": b"\xfd\xe6\x01",
    "f32x4.relaxed_madd": b"\xfd\x85\x02",
}
_MEMORY = {
    "f32.load": b"\x2a",
    "f32.store": b"\x38",
    "v128.load": b"\xfd\x00",
    "v128.load32_splat": b"\xfd\x09",
    "v128.store": b"\xfd\x0b",
}
# All addresses are multiples of 2^2.
_ALIGNMENT = 2


def unsigned(value: int) -> bytes:
    """LEB128 of a number that is not negative."""
    out = bytearray()
    while True:
        low, value = value & 0x7F, value >> 7
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def signed(value: int) -> bytes:
    """LEB128 of any number."""
    out = bytearray()
    while True:
        low, value = value & 0x7F, value >> 7
        done = value == (-1 if low & 0x40 else 0)
        out.append(low | (0 if done else 0x80))
        if done:
            return bytes(out)


class Function:
    """One function of i32 parameters, without a result. Variables are known by their number,
    parameters first."""

    def __init__(self, name: str, parameters: int) -> None:
        self.name = name
        self.parameters = parameters
        self._locals: list[int] = []
        self._code = bytearray()

    def local(self, kind: int = I32) -> int:
        """A new variable, which begins as 0."""
        self._locals.append(kind)
        return self.parameters + len(self._locals) - 1

    def emit(self, *instructions: str | int) -> None:
        """Append instructions; a number is pushed as an i32."""
        for one in instructions:
            self._code += b"\x41" + signed(one) if isinstance(one, int) else _PLAIN[one]

    def get(self, *variables: int) -> None:
        for one in variables:
            self._code += b"\x20" + unsigned(one)

    def set(self, variable: int) -> None:
        self._code += b"\x21" + unsigned(variable)

    def memory(self, name: str, offset: int = 0) -> None:
        """A load or a store, `offset` bytes from the address on the stack."""
        self._code += _MEMORY[name] + unsigned(_ALIGNMENT) + unsigned(offset)

    def copy(self, origin: int, target: int) -> None:
        """`target` = `origin`."""
        self.get(origin)
        self.set(target)

    def add_number(self, variable: int, number: int) -> None:
        """`variable` += `number`."""
        self.get(variable)
        self.emit(number, "i32.add")
        self.set(variable)

    def add_variable(self, variable: int, other: int) -> None:
        """`variable` += `other`."""
        self.get(variable, other)
        self.emit("i32.add")
        self.set(variable)

    def multiply_add(self, left: int, right: int, total: int, fused: bool) -> None:
        """`total` += `left` · `right`, vectors of four floats; rounded once where `fused`."""
        if fused:
            self.get(left, right, total)
            self.emit("f32x4.relaxed_madd")
        else:
            self.get(total, left, right)
            self.emit("f32x4.mul", "f32x4.add")
        self.set(total)

    @contextmanager
    def repeat(self, counter: int) -> Iterator[None]:
        """A loop that runs `counter` times (at least once), and counts that down to 0."""
        self._code += bytes([0x03, _NOTHING])
        yield
        self.get(counter)
        self.emit(1, "i32.sub")
        # local.tee, then br_if to the loop's beginning.
        self._code += b"\x22" + unsigned(counter) + b"\x0d\x00\x0b"

    def encoded(self) -> bytes:
        kinds = b"".join(b"\x01" + bytes([kind]) for kind in self._locals)
        body = unsigned(len(self._locals)) + kinds + bytes(self._code) + b"\x0b"
        return unsigned(len(body)) + body


def module(functions: Sequence[Function]) -> bytes:
    """The binary module of `functions`, exported by name; its memory is imported as env.memory."""
    numbers = range(len(functions))
    kinds = [unsigned(one.parameters) + bytes([I32]) * one.parameters for one in functions]
    memory = _name("env") + _name("memory") + b"\x02\x00\x01"
    sections = {
        1: [b"\x60" + parameters + b"\x00" for parameters in kinds],
        2: [memory],
        3: [unsigned(number) for number in numbers],
        7: [_name(functions[n].name) + b"\x00" + unsigned(n) for n in numbers],
        10: [one.encoded() for one in functions],
    }
    code = b"\x00asm" + struct.pack("<I", 1)
    for number, entries in sections.items():
        content = unsigned(len(entries)) + b"".join(entries)
        code += bytes([number]) + unsigned(len(content)) + content
    return code


def _name(text: str) -> bytes:
    return unsigned(len(text.encode())) + text.encode()
