"""The one exception that build.py shows to a person without a traceback."""

from __future__ import annotations

import errno

FULL_DISK = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


class ToolError(Exception):
    """Something that the person at the keyboard can understand and act on."""


def explain_os_error(error: OSError) -> str:
    """Words for an operating system error that reached the top."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in FULL_DISK:
        return (
            f"The disk is full{where}. Free some space and run the same command again;"
            " nothing half-written was kept."
        )
    if isinstance(error, PermissionError):
        return (
            f"No permission{where}. Check who owns that file or folder, then run the command again."
        )
    return f"{error.strerror or error}{where}"
