"""`build.py conformance`: the Array API's own test suite (data-apis/array-api-tests) on webtensor.

The suite is no part of this repository: it is cloned at a pinned commit, or lies where the person
says. What is expected to fail is listed in tests/conformance/, a file per device.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tools.console import say
from tools.errors import ToolError
from tools.files import new_folder
from tools.paths import BUILD, LOCKS, ROOT, cache_folder
from tools.pip import cached_wheels, download_locked, install_locked, lock_key
from tools.processes import run_quietly

REPOSITORY = "https://github.com/data-apis/array-api-tests"
COMMIT = "55fcc60179efa2680ddd6cd926ddf17b83530e2b"
#: The version of the standard that is tested.
VERSION = "2025.12"
LOCK = LOCKS / "conformance.txt"
EXPECTED = ROOT / "tests" / "conformance"
DEVICES = ("cpu", "webgpu")
OUTCOMES = ("passed", "failed", "error", "xfailed", "xpassed", "skipped")
#: Those that the standard lets a device lack.
DTYPES = (
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float32", "float64", "complex64", "complex128",
)  # fmt: skip
#: What the suite says wrongly of an array library without complex numbers, which it allows.
#: Each can go when the pinned commit has it mended.
CORRECTIONS = (
    (
        "array_api_tests/dtype_helpers.py",
        "for dt in complex_dtypes], key=lambda x: x[1]\n)",
        "for dt in complex_dtypes], key=lambda x: x[1], default=(None, 0)\n)",
    ),
    (
        "array_api_tests/test_signatures.py",
        "dh.dtype_to_name[dh.widest_complex_dtype]",
        'dh.dtype_to_name.get(dh.widest_complex_dtype, "complex64")',
    ),
    (
        "array_api_tests/test_special_cases.py",
        "            dtype = dh.widest_complex_dtype\n",
        "            dtype = dh.widest_complex_dtype\n"
        "            if dtype is None:\n"
        '                pytest.skip("no complex dtype")\n',
    ),
)
#: Asks a device for its dtypes and its name, as JSON.
PROBE = """
import json, webtensor, asyncio
asyncio.run(webtensor.init())
(found,) = [one for one in webtensor.devices() if one.name == {device!r}]
if found.available:
    dtypes = list(webtensor.__array_namespace_info__().dtypes(device={device!r}))
    print(json.dumps([found.adapter, dtypes]))
else:
    raise SystemExit(found.reason)
"""


@dataclass(frozen=True)
class Result:
    """One run of the suite: how many tests of each module had which outcome, and the bad ones."""

    counts: dict[str, Counter[str]]
    failed: list[str]
    passed_unexpectedly: list[str]

    @property
    def total(self) -> Counter[str]:
        return sum(self.counts.values(), Counter())


def ensure_suite(checkout: str | None) -> Path:
    """The checkout that was named, else a clone of the pinned commit in the user's cache.

    Raises ToolError where there is none and the network does not give one.
    """
    if checkout is not None:
        folder = Path(checkout).expanduser().absolute()
        if not (folder / "array_api_tests").is_dir():
            raise ToolError(f"{folder} is no checkout of {REPOSITORY}: it has no array_api_tests/.")
        if not (folder / "array-api" / "src").is_dir():
            raise ToolError(
                f"{folder} lacks its submodule: run `git submodule update --init` in it."
            )
        return folder
    folder = cache_folder() / "array-api-tests" / COMMIT
    if folder.is_dir():
        return folder
    say(f"Cloning {REPOSITORY}")
    with new_folder(folder) as temporary:
        for command in (
            ("init", "--quiet"),
            ("fetch", "--quiet", "--depth", "1", REPOSITORY, COMMIT),
            ("checkout", "--quiet", "FETCH_HEAD"),
            ("submodule", "--quiet", "update", "--init", "--depth", "1"),
        ):
            run_quietly(
                ["git", "-C", temporary, *command],
                "The test suite",
                advice=f"Without a network, name a checkout of commit {COMMIT} (with its"
                " submodule): build.py conformance --checkout PATH",
            )
    return folder


def lay_out(checkout: Path) -> Path:
    """A copy of the suite with the corrections in it, which tests may write beside."""
    folder = BUILD / "conformance" / "suite"
    shutil.rmtree(folder, ignore_errors=True)
    specification = Path("array-api", "spec", VERSION, "API_specification")
    # The suite only looks whether the specification's folder is there.
    (folder / specification).mkdir(parents=True)
    for name in ("array_api_tests", "array-api/src"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(checkout / name, folder / name, ignore=ignored)
    for name in ("conftest.py", "reporting.py", "pytest.ini"):
        shutil.copyfile(checkout / name, folder / name)
    for name, wrong, right in CORRECTIONS:
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace(wrong, right), encoding="utf-8")
    return folder


def ensure_packages(python: Path) -> Path:
    """A folder with what the suite needs beside pytest, of locked versions."""
    key = lock_key(LOCK)
    folder = cache_folder() / "conformance" / key
    if not folder.is_dir():
        what = "the test suite's packages"
        wheels = download_locked(python, LOCK, cached_wheels(key), what, ["--no-deps"])
        with new_folder(folder) as temporary:
            install_locked(python, LOCK, wheels, what, ["--no-deps", "--target", str(temporary)])
    return folder


def expected_failures(path: Path) -> dict[str, str]:
    """Test ids and why each is expected to fail: the comment above it."""
    reasons: dict[str, str] = {}
    reason = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            reason = line.lstrip("# ")
        elif line.strip():
            reasons[line.strip()] = reason
        else:
            reason = ""
    return reasons


def described(python: Path, device: str, module: str) -> tuple[str, Path, str]:
    """(name of the adapter, file of expected failures, dtypes to leave out) for one run."""
    if module != "webtensor":
        return module, EXPECTED / f"{module}.txt", ""
    answer = subprocess.run(
        [str(python), "-c", PROBE.format(device=device)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "py")},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise ToolError(f"The device {device!r} is not there: {answer.stderr.strip()[-500:]}")
    adapter, dtypes = json.loads(answer.stdout.splitlines()[-1])
    left_out = ",".join(name for name in DTYPES if name not in dtypes)
    return adapter, EXPECTED / f"{device}.txt", left_out


def run_suite(
    python: Path, suite: Path, device: str, module: str, examples: int, arguments: Sequence[str]
) -> int:
    """Run the suite natively on one device, print the counts; 1 where a test fails unexpectedly."""
    packages = ensure_packages(python)
    adapter, expected, skipped = described(python, device, module)
    report = BUILD / "conformance" / f"{module}-{device}.json"
    report.unlink(missing_ok=True)
    command = [str(python), "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"]
    command += ["--disable-deadline", "--max-examples", str(examples)]
    command += ["--json-report", "--json-report-file", str(report)]
    command += ["--json-report-omit", "collectors", "keywords", "log", "streams", "warnings"]
    if expected.is_file():
        command += ["--xfails-file", str(expected)]
    if not any(one.startswith("--hypothesis-seed") for one in arguments):
        # The same examples at each run: a list of expected failures is worth nothing else.
        command.append("--hypothesis-derandomize")
    command += arguments
    if not any(one.startswith("array_api_tests") for one in arguments):
        command.append("array_api_tests")
    variables = {
        "ARRAY_API_TESTS_MODULE": module,
        "ARRAY_API_TESTS_VERSION": VERSION,
        "ARRAY_API_TESTS_SKIP_DTYPES": skipped,
        "PYTHONPATH": os.pathsep.join((str(ROOT / "py"), str(packages))),
        "WEBTENSOR_DEVICE": device,
    }
    code = subprocess.run(command, cwd=suite, env={**os.environ, **variables}, check=False)
    if not report.is_file():
        raise ToolError(f"The suite did not run (pytest's exit code is {code.returncode}).")
    result = read_report(json.loads(report.read_text(encoding="utf-8")))
    print_result(result, f"{module} on {device} ({adapter}), {examples} examples, {date.today()}")
    broken = result.failed or code.returncode not in (0, 1)
    return 1 if broken else 0


def read_report(report: dict[str, object]) -> Result:
    """What pytest-json-report wrote, counted."""
    tests = report.get("tests", [])
    assert isinstance(tests, list)
    counts: dict[str, Counter[str]] = {}
    failed, surprises = [], []
    for test in tests:
        name, outcome = test["nodeid"], test["outcome"]
        module = name.split("::")[0].removeprefix("array_api_tests/").removesuffix(".py")
        counts.setdefault(module, Counter())[outcome] += 1
        if outcome in ("failed", "error"):
            failed.append(name)
        elif outcome == "xpassed":
            surprises.append(name)
    return Result(counts, failed, surprises)


def print_result(result: Result, title: str) -> None:
    """A table of counts by module, then the names of what failed."""
    present = [one for one in OUTCOMES if one in ("passed", "failed") or result.total[one]]
    width = max(map(len, result.counts), default=0)
    say()
    say(title)
    say(" ".join([" " * width, *(f"{one:>8}" for one in present)]))
    for module, counts in [*sorted(result.counts.items()), ("total", result.total)]:
        say(" ".join([f"{module:{width}}", *(f"{counts[one]:8}" for one in present)]))
    for name in result.failed:
        say(f"failed: {name}")
    for name in result.passed_unexpectedly:
        say(f"passed, though it is expected to fail: {name}")
