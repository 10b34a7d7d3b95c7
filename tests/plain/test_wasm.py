"""The WebAssembly assembler's bytes; tests/browser/test_wasm.py runs what it makes."""

from __future__ import annotations

import pytest

from webtensor.backends.wasm.assembler import Function, module, signed, unsigned


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "00"), (127, "7f"), (128, "8001"), (624485, "e58e26")],
)
def test_unsigned_numbers(value: int, expected: str) -> None:
    assert unsigned(value).hex() == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "00"),
        (63, "3f"),
        (64, "c000"),
        (-1, "7f"),
        (-64, "40"),
        (-65, "bf7f"),
        (-123456, "c0bb78"),
    ],
)
def test_signed_numbers(value: int, expected: str) -> None:
    assert signed(value).hex() == expected


def test_a_module_has_its_sections_in_order() -> None:
    code = Function("count", 1)
    at = code.local()
    with code.repeat(0):
        code.add_number(at, 4)
    body = "01017f" + "0340" + "20014104" + "6a2101" + "20004101" + "6b2200" + "0d000b" + "0b"
    expected = (
        "0061736d01000000"
        "01050160017f00"
        "020f0103656e76066d656d6f727902000" + "1"
        "03020100"
        "070901" + "05" + b"count".hex() + "0000"
        "0a" + f"{len(body) // 2 + 2:02x}" + "01" + f"{len(body) // 2:02x}" + body
    )
    assert module([code]).hex() == expected
