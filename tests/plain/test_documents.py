"""The documents' examples run, and their claims about files hold."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from tests.support.examples import documented, fenced, run
from webtensor.operators import elementwise

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    examples, names = fenced("README.md"), dict[str, Any]()
    assert len(examples) == 5
    for example in examples:
        run(example, names, "README.md")
    printed = capsys.readouterr().out
    assert "[1. 1.]" in printed
    assert "matmul" in printed
    assert "webnn False" in printed
    assert "[3.0, 2.0] [[4.0, 2.0], [2.0, 2.0]]" in printed


def test_readme_cells_for_web_pages_run() -> None:
    cells = re.findall(r"<webtensor-cell>(.*?)</webtensor-cell>", README, re.DOTALL)
    shown = [run(unescape(cell).strip(), {}, "README.md") for cell in cells]
    np.testing.assert_array_equal(shown, [[[7, 10], [15, 22]]])


def test_contributing_examples_run() -> None:
    for example in fenced("CONTRIBUTING.md"):
        run(example, {}, "CONTRIBUTING.md")
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"`(row\(.*\))`", text)
    made = run(row, dict(vars(elementwise)), "CONTRIBUTING.md")
    np.testing.assert_allclose(made.reference(np.array([0.0, 2.0])), [1, np.exp(-4)])


def test_docstrings_have_indented_examples_only() -> None:
    """Those run; see tests/native/test_docstrings.py."""
    assert not [name for name, text in documented() if ">>>" in text or "```" in text]


def test_readme_shows_a_picture_and_links_that_are_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_readme_lists_what_there_is() -> None:
    tables = README.split("| operators |")[1].split("| browsers |")[0]
    for name in re.findall(r"`([A-Za-z0-9_. ]+)`", tables):
        for one in name.split():
            owner = wt.nn if one.startswith("nn.") else wt
            assert hasattr(owner, one.removeprefix("nn.")), one


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
