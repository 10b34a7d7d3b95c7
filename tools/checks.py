"""What `build.py test` looks at before and after pytest: style, types, file sizes, coverage."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.console import say
from tools.paths import ROOT, shown

#: Lines above which a file is named in the report: a soft cap, it fails nothing.
SOFT_CAP = 400
#: Where people write code.
WRITTEN = ("app", "py", "static", "tests", "tools", "wgsl")
SUFFIXES = frozenset({".css", ".html", ".js", ".mjs", ".py", ".wgsl"})

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
)


def run_loudly(python: Path, module: Sequence[str]) -> int:
    """Run a module of the environment with its output on ours; returns its exit code."""
    return subprocess.run([str(python), "-m", *module], cwd=ROOT, check=False).returncode


def run_linters(python: Path) -> list[str]:
    """Run every linter, show what it says, return the ones that complained."""
    failed = []
    for linter in LINTERS:
        say(f"$ {' '.join(linter)}")
        if run_loudly(python, linter):
            failed.append(" ".join(linter))
    return failed


def written_files() -> Iterator[Path]:
    """The files that people write."""
    yield ROOT / "build.py"
    yield ROOT / "index.html"
    for folder in WRITTEN:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and "__pycache__" not in path.parts:
                yield path


def report_sizes() -> None:
    """Name the files over the soft cap, longest first."""
    counts = [(len(path.read_bytes().splitlines()), path) for path in written_files()]
    over = sorted((entry for entry in counts if entry[0] > SOFT_CAP), reverse=True)
    say(f"File sizes: {len(counts)} files, {len(over)} over {SOFT_CAP} lines")
    for lines, path in over:
        say(f"  {lines:5} {shown(path)}")
