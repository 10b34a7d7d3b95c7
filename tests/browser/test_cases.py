"""Every operator's cases inside Pyodide, on each backend that the browser has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blank import BlankPage
from tests.support.devices import backends

CASES = Path(__file__).parents[1] / "cases"
FEWEST_CASES = 200

RUN = """
import sys
import webtensor as wt
await wt.init()
sys.path.insert(0, "/tmp/tests")
import numpy  # the cases need it, importing webtensor does not bring it
import cases

before = {info.name: info.available for info in wt.devices()}
wrong = await cases.failures(device)
after = {info.name: info.available for info in wt.devices()}
{"wrong": wrong, "count": len(cases.CASES), "before": before[device], "after": after[device]}
"""


def write_cases(blank: BlankPage) -> None:
    for file in CASES.glob("*.py"):
        blank.write_file(f"/tmp/tests/cases/{file.name}", file.read_bytes())


def run_cases(blank: BlankPage, device: str) -> None:
    write_cases(blank)
    found = blank.py(RUN, device=device)
    assert found["before"], f"{device} is not there"
    assert found["wrong"] == []
    assert found["count"] >= FEWEST_CASES
    assert found["after"], f"{device} was lost on the way"


@pytest.mark.parametrize("device", ["webgpu", "cpu"])
def test_every_operator(blank: BlankPage, device: str) -> None:
    run_cases(blank, device)


@pytest.mark.browsers("shell")
def test_every_operator_on_webnn(blank: BlankPage) -> None:
    run_cases(blank, "webnn")


def test_the_runner_can_fail(blank: BlankPage) -> None:
    """A wrong reference is found out: the comparison really takes place in the browser."""
    write_cases(blank)
    wrong = blank.py(
        """
        import sys
        sys.path.insert(0, "/tmp/tests")
        import numpy, cases, dataclasses
        case = next(one for one in cases.CASES if one.operator == "add")
        broken = dataclasses.replace(case, apply=lambda x, y: x + y * 2)
        await broken.check("cpu")
        """
    )
    assert wrong is not None
    assert "beyond" in wrong


def test_backends_of_this_browser(blank: BlankPage, browser_name: str) -> None:
    """An explicit device is the one that computes: no backend stands in for another."""
    for device in backends(browser_name):
        used = blank.py(
            """
            import numpy as np, webtensor as wt
            await wt.init()
            x = wt.asarray(np.ones((8, 8), np.float32), device=device)
            y = x @ x
            await y.numpy()
            [y.device, str(wt.explain(x @ x + 1))]
            """,
            device=device,
        )
        assert used[0] == device
        assert device in used[1]
