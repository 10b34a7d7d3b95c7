"""Child processes: quiet while all is well, their last words when they fail."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.console import Progress
from tools.errors import ToolError

#: Lines of a failed command's output that are shown.
LAST_LINES = 6
#: What pip, npm and apt say, and the same in words.
CAUSES = (
    (r"No space left on device|ENOSPC|disk quota", "the disk is full."),
    (r"DO NOT MATCH THE HASHES|EINTEGRITY", "a file is not the one that was locked."),
    (
        r"ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|Connection refused"
        r"|Temporary failure|Could not resolve|Name or service not known|timed out|ReadTimeout"
        r"|from versions: none",
        "the package registry cannot be reached, or does not have it.",
    ),
)


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder that another process may be changing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:
                continue
    return total


def cause(said: str, status: int) -> str:
    """Why a command failed, in words where its output has a known reason."""
    for pattern, words in CAUSES:
        if re.search(pattern, said, re.IGNORECASE):
            return words
    return f"failed (exit code {status})."


def run_quietly(
    command: Sequence[str | Path],
    what: str,
    *,
    advice: str = "",
    environment: Mapping[str, str] | None = None,
    watch: Path | None = None,
    cwd: Path | None = None,
) -> str:
    """Run a command and return its standard output.

    `what` names the step in progress lines and in the error; `watch` is a folder whose growth is
    the progress. Raises ToolError with the command's last lines when it fails.
    """
    progress = Progress(what)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as problems:
            try:
                child = subprocess.Popen(
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=problems,
                    env={**os.environ, **(environment or {})},
                    cwd=cwd,
                )
            except OSError as error:
                raise ToolError(f"{what}: {command[0]} cannot be started: {error}") from error
            try:
                while True:
                    try:
                        status = child.wait(timeout=0.5)
                        break
                    except subprocess.TimeoutExpired:
                        if watch is not None:
                            progress.update(folder_size(watch))
            except BaseException:
                child.terminate()
                child.wait()
                raise
            finally:
                progress.close()
            output.seek(0)
            problems.seek(0)
            text = output.read()
            if status:
                said = problems.read().strip() or text.strip()
                lines = "\n".join(f"    {line}" for line in said.splitlines()[-LAST_LINES:])
                raise ToolError(f"{what}: {cause(said, status)}\n{lines}\n{advice}".rstrip())
            return text
