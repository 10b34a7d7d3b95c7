"""The examples in docstrings run, and what they make can be computed."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import webtensor as wt

pytestmark = pytest.mark.usefixtures("webgpu")

_SECTION = re.compile(r"[A-Z][\w ]*:")


def public_modules() -> list[ModuleType]:
    members = (getattr(wt, name) for name in wt.__all__)
    return [wt, *(one for one in members if isinstance(one, ModuleType))]


def docstrings() -> Iterator[tuple[str, str]]:
    """Of public modules, functions, classes and methods."""
    for module in public_modules():
        yield module.__name__, module.__doc__ or ""
        for name in module.__all__:
            value = getattr(module, name)
            yield name, value.__doc__ or ""
            if inspect.isclass(value):
                for member in vars(value):
                    yield f"{name}.{member}", getattr(value, member).__doc__ or ""


def code_blocks(document: str) -> Iterator[str]:
    """What is indented, but not below the name of a section, and names the package."""
    lines = inspect.cleandoc(document).split("\n")
    block: list[str] = []
    inside = False
    for line in [*lines, "end"]:
        if line.startswith("    ") and not inside:
            block.append(line[4:])
        elif line.strip():
            text = "\n".join(block)
            if "wt." in text:
                yield text
            block = []
            inside = (inside and line.startswith(" ")) or bool(_SECTION.fullmatch(line))
        elif block:
            block.append("")
    assert not block, "the last line is not indented"


EXAMPLES = {block: name for name, text in docstrings() for block in code_blocks(text)}


def test_there_are_examples() -> None:
    assert {"webtensor", "Kernel", "compile", "scope", "Profile"} <= set(EXAMPLES.values())


@pytest.mark.parametrize("example", EXAMPLES, ids=list(EXAMPLES.values()))
def test_example(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With tensors under the names that examples use without making them."""
    generator = np.random.default_rng(0)
    given: dict[str, Any] = {
        name: wt.asarray(generator.standard_normal((4, 4)).astype(np.float32), device="webgpu")
        for name in ("x", "w", "v", "a", "b")
    }
    names = {"wt": wt, "model": wt.tanh, **given}
    code = compile(example, "example", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> None:
        result = eval(code, names)
        if inspect.iscoroutine(result):
            await result
        made = [one for name, one in names.items() if one is not given.get(name)]
        for one in made:
            if isinstance(one, wt.Tensor) and "freed" not in repr(one):
                assert np.isfinite(await one.numpy()).all()

    asyncio.run(run())
