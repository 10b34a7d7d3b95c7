"""The rule that a skip needs a listed reason: the list's form, and that CI really fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import skips
from tests.support.skips import Skip

ROOT = Path(__file__).parents[2]
SKIPPING = "import pytest\n\n\n@pytest.mark.skip(reason='only today')\ndef test_one(): pass\n"


def test_list_holds_patterns_and_reasons() -> None:
    text = "# a comment\n\ntests/a.py::*[x-1] | the device lacks it\n"
    assert skips.parse(text) == [Skip("tests/a.py::*[x-1]", "the device lacks it")]


@pytest.mark.parametrize("line", ["tests/a.py", "tests/a.py |", "| a reason"])
def test_line_without_test_or_reason_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=r"skips\.txt:1"):
        skips.parse(line)


def test_only_the_star_is_special() -> None:
    skip = Skip("tests/a.py::test_b[*-f16]", "no f16")
    assert skip.covers("tests/a.py::test_b[firefox-f16]")
    assert not skip.covers("tests/a.py::test_b[firefox-f32]")
    assert not skip.covers("tests/aXpy::test_b[firefox-f16]")
    assert not skip.covers("tests/a.py::test_b[firefox-f16] and more")


def test_present_list_can_be_read() -> None:
    assert all(skip.reason for skip in skips.listed())


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_unlisted_skip_fails_where_ci_is_set(tmp_path: Path, ci: str, code: int) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stdout + run.stderr
    assert "does not list" in run.stdout
    assert "only today" in run.stdout
