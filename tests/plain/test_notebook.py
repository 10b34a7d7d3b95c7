"""The example notebook for JupyterLite: its form, and its code under CPython."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from tests.support.examples import INSTALL, NOTEBOOK, notebook_cells, notebook_code, run
from tools import site


def test_the_notebook_is_one_of_version_4_5_without_outputs() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert text == json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "as Jupyter writes it"
    assert set(notebook) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python", "JupyterLite's Pyodide"
    names = [cell["id"] for cell in notebook["cells"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in names)
    for cell in notebook["cells"]:
        common = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            assert set(cell) == common | {"execution_count", "outputs"}
            assert (cell["execution_count"], cell["outputs"]) == (None, [])
        else:
            assert (set(cell), cell["cell_type"]) == (common, "markdown")
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        assert cell["source"][-1].strip()


def test_it_installs_first_and_names_the_wheel_of_this_version() -> None:
    code = ["".join(cell["source"]) for cell in notebook_cells() if cell["cell_type"] == "code"]
    assert code[0] == INSTALL
    assert not any("%" in re.sub(r"f?\".*?\"", "", one) for one in code[1:])
    text = NOTEBOOK.read_text(encoding="utf-8")
    wheels = re.findall(r"packages/(webtensor-[\w.-]+\.whl)", text)
    assert wheels == [f"webtensor-{site.package_version()}-py3-none-any.whl"]


def test_it_is_part_of_the_site() -> None:
    assert site.own_files()["app/examples/webtensor.ipynb"] == NOTEBOOK


def test_its_code_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    shown = [run(source, names, NOTEBOOK.name) for source in notebook_code()]
    values = [one for one in shown if isinstance(one, np.ndarray)]
    softmax, weights, loudest = values
    np.testing.assert_allclose(softmax.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(weights, [1, -2, 0.5], atol=1e-3)
    np.testing.assert_array_equal(loudest, [12, 40])
    figures = [one._repr_svg_() for one in shown if hasattr(one, "_repr_svg_")]
    assert len(figures) == 1
    assert figures[0].startswith("<svg")
    assert names["error"] < 1e-3
    assert names["product"].device == names["device"]
    assert f"on {names['device']}, off by" in capsys.readouterr().out
