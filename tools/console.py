"""Lines for the person who waits: steps, and progress that is quiet in a log file."""

from __future__ import annotations

import sys
import time

MEBIBYTE = 1 << 20
#: Seconds between progress lines, where the line can be rewritten in place and where it cannot.
TERMINAL_INTERVAL, LOG_INTERVAL = 0.2, 5.0


def say(text: str = "") -> None:
    """One line on the standard output, seen at once even in a pipe."""
    print(text, flush=True)


def warn(text: str) -> None:
    """One line on the standard error."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)


class Progress:
    """Progress of one long step, in bytes; silent when it ends before the first interval."""

    def __init__(self, label: str, total: int | None = None) -> None:
        self.label = label
        self.total = total
        self.terminal = sys.stdout.isatty()
        self.started = time.monotonic()
        self.interval = TERMINAL_INTERVAL if self.terminal else LOG_INTERVAL
        self.next_line = self.started + self.interval
        self.written = False

    def update(self, done: int) -> None:
        """Show that `done` bytes are there, at most once per interval."""
        now = time.monotonic()
        if now < self.next_line:
            return
        self.next_line = now + self.interval
        amount = f"{done / MEBIBYTE:.1f} MB"
        if self.total:
            amount += f" of {self.total / MEBIBYTE:.1f} MB ({100 * done // self.total} %)"
        line = f"  {self.label}: {amount}, {now - self.started:.0f} s"
        if self.terminal:
            print(f"\r\x1b[K{line}", end="", flush=True)
        else:
            say(line)
        self.written = True

    def close(self) -> None:
        """Clear the terminal's line."""
        if self.terminal and self.written:
            print("\r\x1b[K", end="", flush=True)
