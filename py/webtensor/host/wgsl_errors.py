"""Read line and column out of naga's compile errors, which wgpu-py gives as text only."""

from __future__ import annotations

import re

_PLACE = re.compile(r"wgsl:(\d+):(\d+)")
_MESSAGE = re.compile(r"(?:parsing error|Shader validation error)[^:]*: (.+)|Shader '.*': (.+)")


def parse_compile_error(text: str) -> tuple[str, int, int]:
    """(message, line, column) of a naga error; line and column are 0 where it names none."""
    place = _PLACE.search(text)
    message = _MESSAGE.search(text)
    found = next(filter(None, message.groups()), text) if message else text
    line, column = (int(place[1]), int(place[2])) if place else (0, 0)
    return found.strip(), line, column
