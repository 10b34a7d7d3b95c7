"""The small preprocessor of `wgsl/*.wgsl`.

`$name` is replaced by a value; `#for v in NAME_OR_NUMBER` … `#end` repeats lines with `$v` counting
from 0 (compilers keep registers only where indices are literal); `#if NAME` … `#else` … `#end`
keeps one part. Directives stand alone on their lines and nest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ... import resources

Values = Mapping[str, object]


def expand(file: str, **values: object) -> str:
    """The kernel `file` with everything filled in.

    Raises:
        KeyError: the file names a value that is not given.
    """
    lines = iter(resources.text("wgsl", file).splitlines())
    return "\n".join(_block(lines, values)) + "\n"


def _block(lines: Iterator[str], values: Values) -> list[str]:
    out: list[str] = []
    for line in lines:
        words = line.split()
        if words[:1] == ["#for"]:
            body = list(_until_end(lines))
            count = int(words[3]) if words[3].isdigit() else int(str(values[words[3]]))
            for number in range(count):
                out += _block(iter(body), {**values, words[1]: number})
        elif words[:1] == ["#if"]:
            chosen, other = _branches(list(_until_end(lines)))
            out += _block(iter(chosen if values[words[1]] else other), values)
        else:
            out.append(_substitute(line, values))
    return out


def _substitute(line: str, values: Values) -> str:
    """Replace the longest known name after each `$` (`$r_$c` is two names)."""

    def known(match: re.Match[str]) -> str:
        name = match[1]
        for end in range(len(name), 0, -1):
            if name[:end] in values:
                return str(values[name[:end]]) + name[end:]
        raise KeyError(name)

    return re.sub(r"\$([a-z][a-z0-9_]*)", known, line)


def _until_end(lines: Iterator[str]) -> Iterator[str]:
    depth = 1
    for line in lines:
        word = line.split()[:1]
        depth += (word in (["#for"], ["#if"])) - (word == ["#end"])
        if depth == 0:
            return
        yield line
    raise ValueError("a #for or #if has no #end")


def _branches(body: list[str]) -> tuple[list[str], list[str]]:
    depth = 0
    for number, line in enumerate(body):
        word = line.split()[:1]
        if word == ["#else"] and depth == 0:
            return body[:number], body[number + 1 :]
        depth += (word in (["#for"], ["#if"])) - (word == ["#end"])
    return body, []
