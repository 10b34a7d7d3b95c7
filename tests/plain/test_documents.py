"""The documents' examples run, and their claims about files hold."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import webtensor as wt

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run(source: str) -> dict[str, Any]:
    """Run code that may await, as a console does."""
    names: dict[str, Any] = {}
    code = compile(source, "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)
    if inspect.iscoroutine(result):
        asyncio.run(result)
    return names


def test_readme_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(EXAMPLES) == 4
    names = run("".join(EXAMPLES))
    assert names["values"].shape == (2, 2)
    printed = capsys.readouterr().out
    assert "[1. 1.]" in printed
    assert "matmul" in printed
    assert "webnn False" in printed


def test_readme_shows_a_picture_and_links_that_are_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_readme_lists_the_functions_that_there_are() -> None:
    tables = README.split("| operators |")[1].split("| browsers |")[0]
    for name in re.findall(r"`([A-Za-z0-9_. ]+)`", tables):
        for one in name.split():
            owner = wt.nn if one.startswith("nn.") else wt
            assert callable(getattr(owner, one.removeprefix("nn."))), one


def test_contributing_names_files_that_there_are() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = ("", "py/webtensor/", "tests/")
    for name in re.findall(r"`([\w/]+\.(?:py|js|txt|wgsl))`", text):
        assert any((ROOT / folder / name).exists() for folder in folders) or (
            list(ROOT.glob(f"py/webtensor/**/{name}")) or list(ROOT.glob(f"static/{name}"))
        ), name


def test_every_public_function_is_documented() -> None:
    for name in wt.__all__:
        value = getattr(wt, name)
        if callable(value):
            assert (value.__doc__ or "").strip(), name
