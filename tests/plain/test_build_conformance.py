"""The tool that runs the Array API's test suite: checkouts, lists, counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import conformance
from tools.errors import ToolError

LISTS = sorted(conformance.EXPECTED.glob("*.txt"))


def checkout(folder: Path) -> Path:
    for name in ("array_api_tests", "array-api/src/array_api_stubs"):
        (folder / name).mkdir(parents=True)
    for name in ("conftest.py", "reporting.py", "pytest.ini"):
        (folder / name).write_text(name)
    for name, wrong, _ in conformance.CORRECTIONS:
        path = folder / name
        path.write_text((path.read_text() if path.exists() else "") + wrong)
    return folder


def test_a_checkout_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no checkout"):
        conformance.ensure_suite(str(tmp_path))
    (tmp_path / "array_api_tests").mkdir()
    with pytest.raises(ToolError, match="submodule"):
        conformance.ensure_suite(str(tmp_path))


def test_the_suite_is_cloned_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(conformance, "REPOSITORY", str(tmp_path / "away"))
    with pytest.raises(ToolError, match="--checkout PATH"):
        conformance.ensure_suite(None)
    kept = tmp_path / "webtensor" / "array-api-tests"
    assert not list(kept.iterdir())
    (kept / conformance.COMMIT).mkdir()
    assert conformance.ensure_suite(None) == kept / conformance.COMMIT


def test_the_suite_is_copied_and_corrected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "BUILD", tmp_path / "build")
    given = checkout(tmp_path / "suite")
    for _ in range(2):
        folder = conformance.lay_out(conformance.ensure_suite(str(given)))
    for name, wrong, right in conformance.CORRECTIONS:
        assert right in (folder / name).read_text()
        assert wrong in (given / name).read_text()
    assert (folder / "array-api/spec" / conformance.VERSION / "API_specification").is_dir()


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_expected_failures_have_reasons(path: Path) -> None:
    for name, reason in conformance.expected_failures(path).items():
        assert re.match(r"array_api_tests/test_\w+\.py::test_\w+|.*::Test\w+::test_", name), name
        assert reason, f"{name} has no reason above it"


def test_few_failures_are_expected_of_us() -> None:
    for device in conformance.DEVICES:
        assert len(conformance.expected_failures(conformance.EXPECTED / f"{device}.txt")) < 15


def test_results_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {"test_a.py::x": "passed", "test_a.py::y[1]": "failed", "test_b.py::z": "xpassed"}
    tests = [{"nodeid": f"array_api_tests/{k}", "outcome": v} for k, v in outcomes.items()]
    result = conformance.read_report({"tests": tests})
    assert dict(result.total) == {"passed": 1, "failed": 1, "xpassed": 1}
    conformance.print_result(result, "title")
    lines = capsys.readouterr().out.splitlines()
    assert "title" in lines
    assert "test_a" in lines[3]
    assert lines[3].split() == ["test_a", "1", "1", "0"]
    assert "failed: array_api_tests/test_a.py::y[1]" in lines
    assert "passed, though it is expected to fail: array_api_tests/test_b.py::z" in lines
