"""webtensor as a contender, through its public API; runs in Pyodide. See pages/protocol.js."""

import base64
from time import perf_counter

import js
import numpy as np
from pyodide.http import pyfetch

import webtensor as wt

DEVICE = "webgpu"
_current = None


def _add_chain(x, step, length):
    for _ in range(length):
        x = x + step
    return x


def _fused_chain(x, y):
    return wt.maximum(wt.sqrt(x * x + y * y) * y - x, y) * 0.5 + x


# name → (the functions that it needs, the function of the operands and the attributes)
OPERATIONS = {
    "matmul": ((), lambda a, b: a @ b),
    "softmax": (("softmax",), lambda x: wt.nn.softmax(x)),
    "layer_norm": (
        ("layer_norm",),
        lambda x, weight, bias, epsilon: wt.nn.layer_norm(
            x, (x.shape[-1],), weight, bias, eps=epsilon
        ),
    ),
    "gelu": (("gelu",), lambda x: wt.nn.gelu(x)),
    "add": ((), lambda x, y: x + y),
    "add_chain": ((), _add_chain),
    "fused_chain": ((), _fused_chain),
    "conv2d": (("conv2d",), lambda x, weight: wt.nn.conv2d(x, weight, padding=1)),
    "attention": (
        ("scaled_dot_product_attention",),
        lambda q, k, v: wt.nn.scaled_dot_product_attention(q, k, v),
    ),
    "fft": ((), lambda real, imag: wt.fft.fft_pair(real, imag)),
}


def lacks(operation):
    """What of webtensor an operation needs and is not there."""
    return [f"nn.{name}" for name in OPERATIONS[operation][0] if not hasattr(wt.nn, name)]


def as_step(function):
    """What runs a function once: compiled where webtensor compiles, else evaluated."""
    if hasattr(wt, "compile"):
        return wt.compile(function)

    async def evaluated(*operands):
        result = function(*operands)
        await wt.eval(result)
        return result

    return evaluated


class Work:
    """One workload on its operands."""

    def __init__(self, operation, operands, attributes):
        function = OPERATIONS[operation][1]
        self._operands = operands
        self._step = as_step(lambda *tensors: function(*tensors, **attributes))
        self.result = None

    async def repeat(self, calls):
        """Queue runs and wait for them; milliseconds of all."""
        begin = perf_counter()
        for _ in range(calls):
            # Equal expressions are one while one of them lives: the last result has to go first.
            self.result = None
            self.result = await self._step(*self._operands)
        await js.webtensorReplay.synchronize()
        return (perf_counter() - begin) * 1e3


async def adapter():
    """(name, whether it is software)"""
    await wt.init()
    found = next(device for device in wt.devices() if device.name == DEVICE)
    if not found.available:
        raise RuntimeError(f"webtensor has no WebGPU here: {found.reason}")
    return {"text": found.adapter, "software": found.software}


async def prepare(work):
    """Upload, then compile and run once; milliseconds of the latter."""
    global _current
    operands = []
    for operand in work["operands"]:
        response = await pyfetch(operand["url"])
        values = np.frombuffer(await response.bytes(), np.float32).reshape(operand["shape"])
        operands.append(wt.asarray(values, device=DEVICE))
    await wt.eval(*operands)
    await js.webtensorReplay.synchronize()
    begin = perf_counter()
    _current = Work(work["operation"], operands, work["attributes"])
    await _current.repeat(1)
    return (perf_counter() - begin) * 1e3


async def repeat(calls):
    """Queue runs and wait for them; milliseconds of all."""
    return await _current.repeat(calls)


async def result():
    """The last result's bytes as base64, of several tensors one after the other."""
    found = _current.result if isinstance(_current.result, tuple) else (_current.result,)
    values = [np.ascontiguousarray(await one.numpy()).tobytes() for one in found]
    return base64.b64encode(b"".join(values)).decode()


def release():
    """Free the workload's tensors."""
    global _current
    _current = None


# Products of 4×4 in a row: none of them can be part of another one's kernel.
CHAINED_KERNELS = 100
OVERHEAD_STEPS = 30


def _chain(x, w):
    for _ in range(CHAINED_KERNELS):
        x = x @ w
    return x


async def overhead():
    """Times until a step of many kernels is submitted, with the device idle; calls per step."""
    counted = js.webtensorCalls
    generator = np.random.default_rng(0)
    # Orthogonal, so that the numbers stay what they are.
    rotation = np.linalg.qr(generator.standard_normal((4, 4)))[0].astype(np.float32)
    x, w = (wt.asarray(values, device=DEVICE) for values in (np.eye(4, dtype="f4"), rotation))
    await wt.eval(x, w)
    step = as_step(_chain)
    begin = perf_counter()
    result = await step(x, w)
    await js.webtensorReplay.synchronize()
    cold_ms = (perf_counter() - begin) * 1e3
    times = []
    for _ in range(OVERHEAD_STEPS):
        result = None
        begin = perf_counter()
        result = await step(x, w)
        times.append((perf_counter() - begin) * 1e3)
        await js.webtensorReplay.synchronize()
    counted.calls = 0
    for _ in range(OVERHEAD_STEPS):
        result = None
        result = await step(x, w)
    calls = counted.calls
    values = np.asarray(await result.numpy())
    expected = np.linalg.matrix_power(rotation.astype(np.float64), CHAINED_KERNELS)
    if not np.abs(values - expected).max() < 1e-4:
        raise ArithmeticError(f"{CHAINED_KERNELS} products gave {values}, not {expected}")
    return {
        "kernels": CHAINED_KERNELS,
        "calls": calls / OVERHEAD_STEPS,
        "compiled": hasattr(wt, "compile"),
        "cold_ms": cold_ms,
        "times": times,
    }
