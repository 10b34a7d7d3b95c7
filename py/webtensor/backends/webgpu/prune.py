"""Kernels carry the helper functions that they call, and no others: compilers read all of them."""

from __future__ import annotations

import re

# A function with the comment above it; short ones stand on one line. The entry point is `main`.
_FUNCTION = re.compile(
    r"^(?://[^\n]*\n)*fn (\w+)\((?:[^\n]*\}\n|.*?^\}\n)\n?", re.MULTILINE | re.DOTALL
)
_WORD = re.compile(r"[A-Za-z_]\w*")


def reached(source: str) -> str:
    """`source` without the functions that its entry point does not reach."""
    functions = {found[1]: found[0] for found in _FUNCTION.finditer(source) if found[1] != "main"}
    outside = _FUNCTION.sub(lambda found: found[0] if found[1] == "main" else "", source)
    needed: set[str] = set()
    waiting = [outside]
    while waiting:
        for name in _WORD.findall(waiting.pop()):
            if name in functions and name not in needed:
                needed.add(name)
                waiting.append(functions[name])
    return _FUNCTION.sub(
        lambda found: found[0] if found[1] == "main" or found[1] in needed else "", source
    )
