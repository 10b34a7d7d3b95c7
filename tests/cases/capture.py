"""Every case through `webtensor.compile`: captured and replayed results, to the last bit."""

from __future__ import annotations

from typing import Any

import webtensor as wt
from webtensor.errors import (
    LinearAlgebraError,
    UnsupportedDtypeError,
    UnsupportedOperatorError,
)

from . import CASES
from .case import Case

_REFUSED = (LinearAlgebraError, UnsupportedDtypeError, UnsupportedOperatorError)


async def differences(device: str, pattern: str = "") -> list[str]:
    """A line for each case whose compiled result is not its uncompiled one, byte for byte."""
    return [
        f"{case.name}: {problem}"
        for case in CASES
        if pattern in case.name and (problem := await _difference(case, device))
    ]


async def _difference(case: Case, device: str) -> str | None:
    tensors = [wt.asarray(one, device=device) for one in case.operands]
    backwards = [wt.asarray(one[::-1] if one.ndim else one, device=device) for one in case.operands]

    def function(*operands: wt.Tensor) -> wt.Tensor:
        return case.apply(*map(case.view, operands))

    async def outcome(result: Any) -> Any:
        values = await result.numpy()
        return values.dtype.name, values.shape, values.tobytes()

    step = wt.compile(function)
    for operands in (tensors, backwards):
        try:
            await wt.eval(*operands)
            expected = await outcome(function(*operands))
        except _REFUSED as error:
            try:
                await step(*operands)
            except type(error):
                return None
            return f"compiled it did not raise {type(error).__name__}"
        result = await step(*operands)
        if await outcome(result) != expected:
            return "another result than uncompiled"
        if result.shape != function(*operands).shape or result.device != device:
            return f"declared as {result.shape} on {result.device}"
    return None
