"""build.py's verbs, their help, and what a person sees when something goes wrong."""

from __future__ import annotations

import argparse
import errno
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

import build
from tools import commands
from tools.errors import ToolError
from tools.paths import ROOT

VERBS = ("setup", "build", "serve", "test", "bench", "conformance", "clean")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    answer = subprocess.run(
        [sys.executable, "build.py", verb, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(f"usage: build.py {verb}")


def test_the_tool_lists_its_verbs() -> None:
    text = build.parser().format_help()
    # Long names have their help on the next line.
    assert all(re.search(rf"\n    {verb}\s", text) for verb in VERBS)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["build.py", *arguments])
    return build.main()


def raising(error: BaseException) -> Callable[[argparse.Namespace], int]:
    def verb(options: argparse.Namespace) -> int:
        raise error

    return verb


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ToolError("the registry is away"), 1, "the registry is away"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 1, "No permission (/x)"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x"), 1, "No such file (/x)"),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
)
def test_errors_become_words_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    words: str,
) -> None:
    monkeypatch.setattr(commands, "build", raising(error))
    assert run(monkeypatch, "build") == code
    assert words in capsys.readouterr().err


def test_what_test_does_not_know_goes_to_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[argparse.Namespace] = []
    monkeypatch.setattr(commands, "test", lambda options: seen.append(options) or 0)
    run(monkeypatch, "test", "-x", "--browser", "shell", "-k", "matmul", "tests/plain")
    assert seen[0].browser == ["shell"]
    assert seen[0].pytest == ["-x", "-k", "matmul", "tests/plain"]


def test_other_verbs_refuse_unknown_arguments(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        run(monkeypatch, "serve", "--nonsense")
    assert caught.value.code == 2
    assert "unknown arguments: --nonsense" in capsys.readouterr().err
