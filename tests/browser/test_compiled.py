"""`webtensor.compile` in browsers: same bits, one crossing a step, nothing left behind."""

from __future__ import annotations

import pytest

from tests.support.blank import BlankPage
from tests.support.devices import backends
from tests.support.report import note

from .test_cases import write_cases

STEPS = 10_000
# What a run through Playwright and the page's own timers may leave in the meantime.
FEW_PROXIES = 4

MODEL = """
import numpy as np, webtensor as wt
await wt.init()
random = np.random.default_rng(5)

def tensor(*shape, device="webgpu"):
    return wt.asarray(random.normal(size=shape).astype(np.float32), device=device)

first, bias, second = tensor(16, 32), tensor(32), tensor(32, 16)

def model(x, rate):
    return wt.nn.softmax(wt.nn.relu((x * rate) @ first + bias) @ second)

step = wt.compile(model)
x = tensor(8, 16)
"""

SAME_BITS = """
import sys
sys.path.insert(0, "/tmp/tests")
import numpy
import cases
from cases import capture
found = {}
for device in devices:
    found[device] = await capture.differences(device, " float32 ")
found
"""

# Everything that crosses from Python to the GPU's module, counted in JavaScript.
CROSSINGS = (
    MODEL
    + """
from pyodide.code import run_js
from webtensor import discovery

for _ in range(20):
    x = await step(x, 0.5)
gpu = discovery.present("webgpu").gpu
counting = run_js('''(replay) => {
  let counts = {};
  const count = (name) => { counts[name] = (counts[name] ?? 0) + 1; };
  const proxy = new Proxy(replay, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== "function") { count(`get ${String(name)}`); return value; }
      return (...operands) => { count(String(name)); return value.apply(target, operands); };
    },
  });
  return { proxy, reset: () => { counts = {}; }, counts: () => JSON.stringify(counts) };
}''')(gpu._replay)
real = gpu._replay, gpu._run
gpu._replay, gpu._run = counting.proxy, counting.proxy.run
counting.reset()  # Pyodide looks at an object's properties when it first meets it
try:
    for number in range(100):
        x = await step(x, 0.5 + number / 1000)
finally:
    gpu._replay, gpu._run = real
import json
json.loads(counting.counts())
"""
)

OVERHEAD = (
    MODEL
    + """
from time import perf_counter

weight = tensor(8, 8)

def chain(x):
    for _ in range(100):
        x = x @ weight
    return x

step = wt.compile(chain)
x = tensor(8, 8)
seconds = []
for _ in range(rounds):
    y = await step(x)
    await y.numpy()
    begin = perf_counter()
    for _ in range(20):
        y = await step(x)
    seconds.append((perf_counter() - begin) / 20)
[sum(seconds) / rounds * 1e6, step.memory]  # a browser's clock may tick once a millisecond
"""
)

LEAKS = (
    MODEL
    + """
import gc, js, pyodide_js
from time import perf_counter

module = pyodide_js._module

async def steps(count, x):
    for _ in range(count):
        x = await step(x, 0.5)
    await x.numpy()
    return x

def left():
    gc.collect()
    memory = wt.memory()["webgpu"]
    replay = js.webtensorReplay
    held = [getattr(replay, name).size for name in ("buffers", "pipelines", "plans", "runs")]
    return [
        [memory, held, len(module.HEAP8)], module._hiwire_num_refs(), len(gc.get_objects())
    ]

x = await steps(500, x)
before = left()
begin = perf_counter()
x = await steps(count, x)
elapsed = perf_counter() - begin
[before, left(), count / elapsed, bool(np.isfinite(await x.numpy()).all())]
"""
)

# A dispatch that WebGPU refuses: more workgroups than a dimension may have.
TOO_MANY_WORKGROUPS = (
    "GPUComputePassEncoder.prototype",
    "dispatchWorkgroups",
    "function (x, y, z) { return original.call(this, 70000, y, z); }",
)


def test_every_case_is_the_same_to_the_bit(blank: BlankPage, browser_name: str) -> None:
    """Those of float32; the plain tier has all."""
    write_cases(blank)
    devices = [one for one in backends(browser_name) if one != "cpu"]
    assert blank.py(SAME_BITS, devices=devices) == {device: [] for device in devices}


def test_a_step_is_one_crossing(blank: BlankPage) -> None:
    counts = blank.py(CROSSINGS)
    waits = counts.pop("step", 0) + counts.pop("abandon", 0) + counts.pop("takeError", 0)
    assert counts.pop("get lost", 0) <= waits <= 3 * 5, "the browser was waited for now and then"
    assert counts == {"run": 100}


def test_a_hundred_kernels_share_temporaries(blank: BlankPage, browser_name: str) -> None:
    microseconds, memory = blank.py(OVERHEAD, rounds=15)
    note(f"{browser_name}: {microseconds / 100:.1f} µs of Python and JavaScript per kernel of 100")
    assert memory["planned"] < memory["temporaries"] == 99 * 8 * 8 * 4


def test_ten_thousand_steps_leave_nothing(blank: BlankPage, browser_name: str) -> None:
    before, after, rate, finite = blank.py(LEAKS, count=STEPS)
    note(f"{browser_name}: {rate:,.0f} steps/s of a compiled small model")
    held, proxies, objects = before
    held_now, proxies_now, objects_now = after
    assert finite
    assert held_now == held, "device memory, JavaScript objects, bytes of the wasm heap"
    assert abs(proxies_now - proxies) <= FEW_PROXIES
    assert abs(objects_now - objects) < 100


def test_the_page_stays_free_in_a_loop_of_steps(blank: BlankPage) -> None:
    """Nothing in the loop waits by itself; every so many dispatches the device is waited for."""
    ticks, longest = blank.py(
        MODEL
        + """
import asyncio
from time import perf_counter

weight = tensor(8, 8)

def chain(x):
    for _ in range(200):
        x = x @ weight
    return x

step = wt.compile(chain)
x = tensor(8, 8)
y = await step(x)
await y.numpy()
ticks, longest, done = 0, 0.0, False

async def tick():
    global ticks, longest
    while not done:
        begin = perf_counter()
        await asyncio.sleep(0.005)
        ticks += 1
        longest = max(longest, perf_counter() - begin)

ticking = asyncio.create_task(tick())
for _ in range(250):
    y = await step(x)
done = True
await ticking
[ticks, longest]
"""
    )
    assert ticks >= 4
    assert longest < 5, "seconds between two turns of another task"


def test_a_refused_command_is_told_by_the_read_that_waits_for_it(fresh_blank: BlankPage) -> None:
    fresh_blank.py(MODEL + "await step(x, 1.0)")
    fresh_blank.patch(*TOO_MANY_WORKGROUPS)
    kind, message = fresh_blank.py(
        """
        import webtensor as wt
        y = wt.asarray([1.0, 2.0], device="webgpu") * 3
        try:
            outcome = ["no error", repr(await y.numpy())]
        except wt.errors.WebTensorError as error:
            outcome = [type(error).__name__, str(error)]
        outcome
        """
    )
    assert kind == "DeviceError", message
    assert "dispatch" in message.lower() or "workgroup" in message.lower(), message
    fresh_blank.mend()
    values = fresh_blank.py(
        """
        import webtensor as wt
        (await (wt.asarray([1.0, 2.0], device="webgpu") * 3).numpy()).tolist()
        """
    )
    assert values == [3.0, 6.0], "it is told once"


def test_a_lost_device_is_survived(fresh_blank: BlankPage) -> None:
    found = fresh_blank.py(
        """
        import js, numpy as np, webtensor as wt
        await wt.init()
        values = np.arange(6, dtype=np.float32).reshape(2, 3)
        step = wt.compile(lambda x, rate: x * rate)
        x = wt.asarray(values, device="webgpu")
        kinds = [(await (await step(x, 2.0)).numpy()).tolist()]
        js.webtensorReplay.device.destroy()
        await js.webtensorReplay.device.lost
        for _ in range(2):
            try:
                await (await step(x, 2.0)).numpy()
                kinds.append("no error")
            except wt.errors.WebTensorError as error:
                kinds.append(type(error).__name__)
        again = wt.asarray(values, device="webgpu")
        kinds.append((await (await step(again, 3.0)).numpy()).tolist())
        kinds
        """
    )
    doubled, first, second, tripled = found
    assert doubled == [[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]
    assert (first, second) == ("DeviceLostError", "DeviceLostError")
    assert tripled == [[0.0, 3.0, 6.0], [9.0, 12.0, 15.0]]


def test_scopes_free_and_tasks_do_not_mix(blank: BlankPage) -> None:
    freed, kept, alone, others, live = blank.py(
        MODEL
        + """
import asyncio

async def scoped(seed):
    with wt.scope() as scope:
        mine = tensor(4, 4) * seed
        await mine.numpy()
        await asyncio.sleep(0.01)
        kept = scope.keep(mine + 1)
        await wt.eval(kept)
    return mine, kept

async def unscoped():
    await asyncio.sleep(0.005)
    other = tensor(4, 4) * 2
    await other.numpy()
    return other

await step(x, 0.5)
before = wt.memory()["webgpu"]["live"]
(mine, kept), (mine2, kept2), other = await asyncio.gather(scoped(2.0), scoped(3.0), unscoped())
grown = wt.memory()["webgpu"]["live"] - before
names = []
for one in (mine, mine2):
    try:
        await one.numpy()
    except wt.errors.WebTensorError as error:
        names.append(type(error).__name__)
[names, [kept.size, kept2.size], other.size, float((await other.numpy()).sum()), grown]
"""
    )
    assert freed == ["ScopeEndedError"] * 2
    assert kept == [16, 16]
    assert alone == 16
    assert others != 0
    assert live == 3 * 256, "two that were kept and one made outside of any scope"


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
def test_a_step_without_await(blank: BlankPage, device: str) -> None:
    values = blank.py(
        """
        import webtensor as wt
        await wt.init()
        step = wt.compile(lambda x: x @ x + 1)
        x = wt.asarray([[1.0, 2.0], [3.0, 4.0]], device=device)
        [step.run(x).tolist(), step.run(step.run(x)).tolist()]
        """,
        device=device,
    )
    assert values == [[[8.0, 11.0], [16.0, 23.0]], [[241.0, 342.0], [497.0, 706.0]]]
