"""The example notebook's code in the Python of a browser, as JupyterLite runs it."""

from __future__ import annotations

import pytest

from tests.support.blank import BlankPage
from tests.support.examples import notebook_code

RESULTS = """
figure = wt.explain(y + 1).svg()[:4]
[product.device, figure, float(error), await weights.numpy(), await loudest.numpy()]
"""


def test_the_notebooks_code_runs(blank: BlankPage) -> None:
    code = "\n".join([*notebook_code(), RESULTS.strip()])
    device, figure, error, weights, loudest = blank.py(code)
    assert (device, figure) == ("webgpu", "<svg")
    assert error < 1e-3
    assert weights == pytest.approx([1, -2, 0.5], abs=1e-3)
    assert loudest == [12, 40]
