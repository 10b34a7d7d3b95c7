"""NumPy as a contender in Fourier transforms; runs in Pyodide. See pages/protocol.js."""

import base64
from time import perf_counter

import numpy as np
from pyodide.http import pyfetch

_operand = None
_result = None


def lacks(operation):
    """What it cannot do: it is asked for Fourier transforms only."""
    return []


async def adapter():
    """(name, whether it is software)"""
    return {"text": f"NumPy {np.__version__}", "software": True}


async def prepare(work):
    """Bring the operand, then run once; milliseconds of the latter."""
    global _operand
    parts = []
    for operand in work["operands"]:
        response = await pyfetch(operand["url"])
        parts.append(np.frombuffer(await response.bytes(), np.float32).reshape(operand["shape"]))
    _operand = np.empty(parts[0].shape, np.complex64)
    _operand.real, _operand.imag = parts
    return await repeat(1)


async def repeat(calls):
    """Milliseconds of so many runs."""
    global _result
    begin = perf_counter()
    for _ in range(calls):
        _result = np.fft.fft(_operand)
    return (perf_counter() - begin) * 1e3


async def result():
    """The last result's bytes as base64, real parts first."""
    return base64.b64encode(np.stack([_result.real, _result.imag]).tobytes()).decode()


def release():
    """Free the workload's arrays."""
    global _operand, _result
    _operand = _result = None
