"""`build.py test`: linters, pytest with coverage from CPython and Pyodide joined, reports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools import browsers
from tools.checks import report_sizes, run_linters, run_loudly
from tools.console import say
from tools.errors import ToolError
from tools.paths import ROOT
from tools.pyodide_wheels import ensure_coverage_wheel

#: pytest's closing line, such as "==== 12 passed in 3.45s ====", with or without colours.
CLOSING_LINE = re.compile(r"^(\x1b\[[0-9;]*m)*=+ .*\bin \d+\.\d+s\b.*=+")
#: Joins what CPython and Pyodide measured, then prints it and fails below the floor.
COVERAGE_STEPS = (("combine", "--quiet"), ("report",))


def in_ci() -> bool:
    """Whether this run must be complete."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def choose_browsers(python: Path, names: Sequence[str]) -> dict[str, str]:
    """The environment that names the browsers to run in.

    Raises ToolError when one that was asked for is missing; in CI, when any required one is.
    """
    browsers.check_names(names)
    present, missing = browsers.ensure(python, names or browsers.NAMES)
    absent = [name for name in names if name not in {entry["name"] for entry in present}]
    if absent or (in_ci() and missing):
        known = dict.fromkeys(absent, "not installed") | missing
        reasons = "\n".join(f"  {name}: {reason}" for name, reason in known.items())
        raise ToolError(f"Browsers are missing:\n{reasons}")
    for name, reason in missing.items():
        say(f"Missing browser {name}: {reason}")
    if names:
        missing |= {
            name: "left out by --browser" for name in browsers.REQUIRED if name not in names
        }
    return browsers.variables(present, missing)


def run_pytest(
    python: Path, command: Sequence[str], environment: Mapping[str, str]
) -> tuple[int, str]:
    """Run pytest, passing its output on line by line; returns exit code and closing line."""
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    child = subprocess.Popen(
        [str(python), "-m", *command, *colour],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    closing = ""
    assert child.stdout is not None
    try:
        for line in child.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if CLOSING_LINE.match(line):
                closing = line.rstrip("\n")
        return child.wait(), closing
    except BaseException:
        child.terminate()
        child.wait()
        raise


def run_selected(python: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """The tests that somebody named: no linters, no coverage."""
    code, _ = run_pytest(python, ["pytest", *arguments], environment)
    return code


def run_everything(python: Path, environment: Mapping[str, str]) -> int:
    """Linters, all the tests, coverage and reports; 0 when all of it is well."""
    problems = run_linters(python)
    report_sizes()
    wheel = ensure_coverage_wheel(python)
    run_loudly(python, ["coverage", "erase"])
    measured = {**environment, "WEBTENSOR_COVERAGE_WHEEL": str(wheel)}
    code, closing = run_pytest(python, ["coverage", "run", "-m", "pytest"], measured)
    if code:
        # What failing tests covered says nothing.
        problems.append("pytest")
    elif any(run_loudly(python, ["coverage", *step]) for step in COVERAGE_STEPS):
        problems.append("coverage")
    if problems:
        say(f"Failed: {', '.join(problems)}")
    # Whoever reads only the end of a log finds pytest's own result there.
    if closing:
        say(closing)
    return 1 if problems else 0
