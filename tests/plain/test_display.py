"""How tensors show themselves."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import pytest

import webtensor as wt
from webtensor import display, errors, host, tensor


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBTENSOR_DEVICE", "cpu")


def test_values_are_computed_to_be_shown() -> None:
    x = wt.asarray([[1.0, 2.0], [3.0, 4.0]], device="cpu") * 2
    head = "Tensor(shape=(2, 2), dtype=float32, device='cpu'"
    assert repr(x) == str(x) == f"{x}" == f"{head},\n[[2., 4.],\n [6., 8.]])"
    assert x._node.storage is not None, "and are not computed again"
    assert "device='default device',\n5)" in repr(wt.asarray(5))
    assert repr(wt.float32) == "webtensor.float32"


def test_large_tensors_show_and_read_their_corners(monkeypatch: pytest.MonkeyPatch) -> None:
    large = np.arange(600 * 3 * 700, dtype=np.int32).reshape(600, 3, 700)
    read: list[int] = []
    original = tensor.read

    async def counted(node: Any) -> Any:
        read.append(node.nbytes)
        return await original(node)

    monkeypatch.setattr(tensor, "read", counted)
    for values in (large, large[:50], large[:, 0, 0], large[:5, :1, :5]):
        x = wt.asarray(values)
        shown = np.array2string(values, separator=", ", threshold=60, edgeitems=2)
        assert repr(x).split(",\n", 1)[1] == f"{shown})"
    assert sum(read) < large.nbytes / 8
    assert read[0] == 5 * 3 * 5 * 4


def test_nothing_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    @wt.compile
    def step(x: wt.Tensor) -> wt.Tensor:
        known = wt.asarray([1.0, 2.0])
        seen.extend([repr(x), repr(x * 2), repr(known + 1)])
        return x + known

    assert step.run(wt.asarray([5.0, 6.0])).tolist() == [6.0, 8.0]
    assert all("that is being captured" in text for text in seen)
    with wt.scope():
        gone = wt.zeros(3)
    assert "its scope ended" in repr(gone)
    absent = wt.asarray(np.float64([1.5]), device="webnn") * 2
    assert "its values cannot be read" in repr(absent)
    lazy = wt.zeros(3, device="webgpu") + 1
    monkeypatch.setattr(host, "can_run_sync", lambda: False)
    assert "not computed yet; await x.numpy()" in repr(lazy)
    assert "[1., 1.]" in repr(wt.ones(2) * 1)

    def fails(x: wt.Tensor) -> NoReturn:
        raise errors.SynchronousReadError("not here")

    monkeypatch.setattr(display, "_values", fails)
    assert "await x.numpy() shows its values" in repr(wt.ones(2))
