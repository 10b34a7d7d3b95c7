"""`webtensor.memory()` on the CPU device, and its lack of memory."""

from __future__ import annotations

import asyncio
import gc
import math

import numpy as np
import pytest

import webtensor as wt
from webtensor import errors


def evaluated(tensor: wt.Tensor) -> wt.Tensor:
    asyncio.run(wt.eval(tensor))
    return tensor


def live() -> int:
    gc.collect()
    return wt.memory()["cpu"]["live"]


def test_views_count_once() -> None:
    before = live()
    x = evaluated(wt.asarray(np.arange(1000, dtype=np.float32), device="cpu"))
    assert live() == before + 4000
    wide = evaluated(wt.broadcast_to(x, (5000, 1000)))
    turned = evaluated(wide.mT)
    part = evaluated(wt.reshape(turned, (5, 200, 5000)))
    assert live() == before + 4000
    own = evaluated(x + 1)
    assert live() == before + 8000
    del x, wide, turned
    assert live() == before + 8000, "a view holds all of what it shows a part of"
    assert part.tolist()[4][199][0] == 999.0
    del part
    assert live() == before + 4000
    del own
    assert live() == before


def test_a_broadcast_scalar_is_small_and_peak_remembers() -> None:
    peak = wt.memory()["cpu"]["peak"]
    ones = evaluated(wt.ones((1 << 20, 1 << 20), device="cpu"))
    assert wt.memory()["cpu"]["peak"] < max(peak, wt.memory()["cpu"]["live"]) + 4096
    assert ones.nbytes == 1 << 42


def test_no_room_is_the_packages_error() -> None:
    ones = wt.ones((1 << 30, 1 << 30), device="cpu")
    for attempt in (ones + 1, wt.broadcast_to(ones, (4, 1 << 30, 1 << 30)) * 2):
        with pytest.raises(errors.OutOfMemoryError, match="no room"):
            attempt.tolist()
    with pytest.raises(MemoryError):
        wt.compile(lambda x: x + 1).run(ones)
    assert (wt.asarray([1.0], device="cpu") + 1).tolist() == [2.0]
    assert math.prod(ones.shape) == ones.size


def test_empty_cache_asks_for_no_device() -> None:
    wt.empty_cache()
    assert wt.memory().get("cpu", {"pooled": 0})["pooled"] == 0
