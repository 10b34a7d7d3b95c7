"""Coverage of what runs in the browser: measured by coverage.py inside Pyodide, brought out as a
data file that `coverage combine` joins with CPython's."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from tests.support.blank import BlankPage

ROOT = Path(__file__).parents[2]
DATA = "/tmp/coverage.data"


def wheel() -> Path | None:
    """The pure wheel of CPython's coverage version, where this run measures at all."""
    named = os.environ.get("WEBTENSOR_COVERAGE_WHEEL")
    return Path(named) if named else None


def start(blank: BlankPage, wheel: Path) -> None:
    """Measure from here on; to be called before webtensor is imported, or its modules' top levels
    are missed."""
    path = f"/tmp/{wheel.name}"
    blank.write_file(path, wheel.read_bytes())
    blank.py(
        """
        import os, sys, zipfile
        assert "webtensor" not in sys.modules, "blank.html must not import webtensor"
        zipfile.ZipFile(path).extractall("/tmp/coverage")
        sys.path.append("/tmp/coverage")
        os.environ["COVERAGE_CORE"] = "sysmon"
        import coverage
        measuring = coverage.Coverage(
            data_file=data, branch=True, source_pkgs=["webtensor"], config_file=False
        )
        measuring.start()
        sys.webtensor_coverage = measuring
        """,
        path=path,
        data=DATA,
    )


def finish(blank: BlankPage, browser: str) -> None:
    """Write the data file beside CPython's, under a name that `coverage combine` finds."""
    blank.py("import sys; sys.webtensor_coverage.stop(); sys.webtensor_coverage.save()")
    own = Path(os.environ.get("COVERAGE_FILE") or ROOT / ".coverage")
    target = own.with_name(f"{own.name}.{browser}.{uuid.uuid4().hex}")
    target.write_bytes(blank.read_file(DATA))
