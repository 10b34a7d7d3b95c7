"""Kernels carry the helper functions that they call, and no others: compilers read all of them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

# A function with the comment above it; short ones stand on one line. The entry point is `main`.
_FUNCTION = re.compile(
    r"^(?://[^\n]*\n)*fn (\w+)\((?:[^\n]*\}\n|.*?^\}\n)\n?", re.MULTILINE | re.DOTALL
)
_WORD = re.compile(r"[A-Za-z_]\w*")


def reached(source: str, libraries: Iterable[str] = ()) -> str:
    """`source` with the functions of its own and of `libraries` that its entry point reaches.

    Libraries are functions and comments only; each is taken apart once.
    """
    own, outside = _taken_apart(source)
    functions = dict(own)
    for library in libraries:
        functions.update(_functions_of(library))
    needed: dict[str, None] = {}
    waiting = [outside]
    while waiting:
        for name in _WORD.findall(waiting.pop()):
            if name in functions and name not in needed:
                needed[name] = None
                waiting.append(functions[name])
    helpers = "".join(functions[name] for name in needed if name not in own)
    return helpers + _FUNCTION.sub(
        lambda found: found[0] if found[1] == "main" or found[1] in needed else "", source
    )


def _taken_apart(source: str) -> tuple[dict[str, str], str]:
    """(functions but the entry point, what stands outside them)."""
    functions = {found[1]: found[0] for found in _FUNCTION.finditer(source) if found[1] != "main"}
    return functions, _FUNCTION.sub(lambda found: found[0] if found[1] == "main" else "", source)


@functools.cache
def _functions_of(library: str) -> Mapping[str, str]:
    return _taken_apart(library)[0]
