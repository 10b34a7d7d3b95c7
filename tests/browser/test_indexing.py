"""Masks, assignments, values that are shown and handed over: what needs a read, in a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blank import BlankPage

KEYS = Path(__file__).parents[1] / "support" / "random_keys.py"


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
def test_random_keys_are_numpys(blank: BlankPage, device: str) -> None:
    """Masks among them are read synchronously, on this page's one thread."""
    blank.write_file("/tmp/random_keys.py", KEYS.read_bytes())
    wrong = blank.py(
        """
        import sys
        sys.path.insert(0, "/tmp")
        import webtensor as wt, numpy
        await wt.init()
        import random_keys
        random_keys.differences(device, rounds=20 if device == "webgpu" else 200, seed=9)
        """,
        device=device,
    )
    assert wrong == []


def test_values_are_shown_and_handed_over(blank: BlankPage) -> None:
    found = blank.py(
        """
        import copy, pickle
        import webtensor as wt, numpy as np
        await wt.init()
        x = wt.asarray([[1.0, 2.0], [3.0, 4.0]], device="webgpu") * 2
        y = copy.copy(x)
        y[0] = 0
        [
            repr(x),
            wt.asnumpy(y),
            np.from_dlpack(x),
            pickle.loads(pickle.dumps(x)),
            [one.tolist() for one in wt.nonzero(y)],
        ]
        """
    )
    assert found == [
        "Tensor(shape=(2, 2), dtype=float32, device='webgpu',\n[[2., 4.],\n [6., 8.]])",
        [[0, 0], [6, 8]],
        [[2, 4], [6, 8]],
        [[2, 4], [6, 8]],
        [[1, 1], [0, 1]],
    ]
