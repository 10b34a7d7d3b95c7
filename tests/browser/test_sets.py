"""Sets of elements inside Pyodide, where their sizes are waited for."""

from __future__ import annotations

import pytest

from tests.browser.test_cases import write_cases
from tests.support.blank import BlankPage


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
def test_sets(blank: BlankPage, device: str) -> None:
    write_cases(blank)
    found = blank.py(
        """
        import sys
        sys.path.insert(0, "/tmp/tests")
        import numpy
        import webtensor as wt
        from cases.sets import wrong_sets
        await wt.init()
        await wrong_sets(device)
        """,
        device=device,
    )
    assert found == []
