"""float16 in browsers: the adapter's own type where it has one, two to a word elsewhere."""

from __future__ import annotations

import pytest

from tests.support.blank import BlankPage
from tests.support.devices import EXPECTED, backends

KERNELS = """
import numpy as np, webtensor as wt
from webtensor import discovery
await wt.init()
backend = discovery.present("webgpu")
before = set(backend._pipelines)
x = wt.asarray(np.linspace(-2, 2, 35, dtype=np.float16).reshape(5, 7), device="webgpu")
y = await wt.nn.softmax(x @ x.mT + 1).numpy()
made = [one for one in backend._pipelines if one not in before and "float16" in one]
[y.dtype.name, [one.startswith("enable f16;") for one in made], backend.native_half]
"""

EVERY_VALUE = """
import numpy as np, webtensor as wt
every = np.arange(65536, dtype=np.uint16).view(np.float16)[:count]
x = wt.asarray(every, device=device)
wide = await x.astype("float32").numpy()
back = await wt.negative(x).numpy()
numbers = ~np.isnan(every)
flipped = (back == -every)[numbers]
[
    bool(np.array_equal(wide, every.astype(np.float32), equal_nan=True)),
    int((~flipped).sum()),
    int(np.isnan(back[~numbers]).sum()) - int((~numbers).sum()),
]
"""

SCALARS = """
import numpy as np, webtensor as wt
x = wt.asarray([1.0, -2.0, 0.5], dtype="float16", device=device)
y = wt.maximum(x * 3 + 0.25, float("-inf")) / 1e9
values = await y.numpy()
[values.dtype.name, values.tolist(), (await (x * 3 + 0.25).numpy()).tolist()]
"""


def test_kernels_use_the_type_where_the_adapter_has_it(blank: BlankPage, browser_name: str) -> None:
    dtype, enabled, native = blank.py(KERNELS)
    assert dtype == "float16"
    assert enabled
    assert set(enabled) == {native} == {EXPECTED[browser_name].f16}


@pytest.mark.parametrize("count", [65536, 65535, 65534])
def test_every_value_survives(blank: BlankPage, browser_name: str, count: int) -> None:
    for device in backends(browser_name):
        found = blank.py(EVERY_VALUE, device=device, count=count)
        assert found == [True, 0, 0], device


def test_scalars_beside_float16(blank: BlankPage, browser_name: str) -> None:
    for device in backends(browser_name):
        dtype, tiny, values = blank.py(SCALARS, device=device)
        assert dtype == "float16"
        assert tiny == [0.0, 0.0, 0.0], device  # 1e9 is infinity in float16
        assert values == [3.25, -5.75, 1.75], device
