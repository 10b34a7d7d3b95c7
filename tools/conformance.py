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
from collections.abc import Mapping, Sequence
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
#: What the suite says wrongly of an array library without complex numbers and int64, which
#: the standard allows a device.
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
        "array_api_tests/test_signatures.py",
        'for dtype_name in [float_name, "bool", "int64", cmplx_name]:',
        'for dtype_name in [float_name, "bool", "int64", "int32", cmplx_name]:',
    ),
    (
        "array_api_tests/test_special_cases.py",
        "            dtype = dh.widest_complex_dtype\n",
        "            dtype = dh.widest_complex_dtype\n"
        "            if dtype is None:\n"
        '                pytest.skip("no complex dtype")\n',
    ),
    # Whole numbers that are drawn for float32 may be none of its.
    (
        "array_api_tests/test_special_cases.py",
        "    x = xp.asarray(in_value, dtype=dtype)\n    out = func(x)\n",
        "    x = xp.asarray(in_value, dtype=dtype)\n"
        "    in_value = complex(x) if case.is_complex else float(x)\n"
        "    out = func(x)\n",
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


def described(python: Path, device: str, module: str) -> tuple[str, str]:
    """(the name of the adapter, the dtypes that it lacks) for a run under CPython."""
    if module != "webtensor":
        return module, ""
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
    return adapter, ",".join(name for name in DTYPES if name not in dtypes)


def lists(name: str) -> dict[str, Path]:
    """By the suite's option: what is expected to fail, and what asks for dtypes that a device
    lacks."""
    found = {
        "--xfails-file": EXPECTED / f"{name}.txt",
        "--skips-file": EXPECTED / f"{name}-lacks.txt",
    }
    return {option: file for option, file in found.items() if file.is_file()}


def suite_arguments(
    report: str, listed: Mapping[str, object], examples: int, arguments: Sequence[str]
) -> list[str]:
    """What pytest is given; paths after "=", for it takes one that stands alone for the place of
    its configuration."""
    result = ["-q", "--tb=short", "-p", "no:cacheprovider", "--disable-deadline"]
    result += [f"--max-examples={examples}", "--json-report", f"--json-report-file={report}"]
    result += ["--json-report-omit", "collectors", "keywords", "log", "streams", "warnings"]
    result += [f"{option}={file}" for option, file in listed.items()]
    if not any(one.startswith("--hypothesis-seed") for one in arguments):
        # The same examples at each run: a list of expected failures is worth nothing else.
        result.append("--hypothesis-derandomize")
    if not any(one.startswith("array_api_tests") for one in arguments):
        return [*result, *arguments, "array_api_tests"]
    return [*result, *arguments]


def suite_variables(device: str, module: str) -> dict[str, str]:
    """What the suite finds in its environment."""
    return {
        "ARRAY_API_TESTS_MODULE": module,
        "ARRAY_API_TESTS_VERSION": VERSION,
        "WEBTENSOR_DEVICE": device,
    }


def run_natively(
    python: Path, suite: Path, device: str, module: str, examples: int, arguments: Sequence[str]
) -> int:
    """Run the suite under CPython, print the counts; 1 where a test fails unexpectedly."""
    packages = ensure_packages(python)
    adapter, lacking = described(python, device, module)
    listed = lists(device if module == "webtensor" else module)
    report = BUILD / "conformance" / f"{module}-{device}.json"
    report.unlink(missing_ok=True)
    variables = {
        **suite_variables(device, module),
        "ARRAY_API_TESTS_SKIP_DTYPES": lacking,
        "PYTHONPATH": os.pathsep.join((str(ROOT / "py"), str(packages))),
    }
    code = subprocess.run(
        [str(python), "-m", "pytest", *suite_arguments(str(report), listed, examples, arguments)],
        cwd=suite,
        env={**os.environ, **variables},
        check=False,
    ).returncode
    title = f"{module} {numpy_version(python)}on {device} ({adapter})"
    return concluded(report, code, f"{title}, {examples} examples")


def run_in_browser(
    python: Path,
    suite: Path,
    device: str,
    examples: int,
    arguments: Sequence[str],
    browser: str,
    environment: Mapping[str, str],
) -> int:
    """The same in a page of a browser, where Pyodide runs the suite."""
    report = BUILD / "conformance" / f"{browser}-{device}.json"
    report.unlink(missing_ok=True)
    files = {f"/{file.name}": str(file) for file in lists(device).values()}
    listed = {option: f"/{file.name}" for option, file in lists(device).items()}
    plan = {
        "suite": str(suite),
        "packages": str(ensure_packages(python)),
        "device": device,
        "files": files,
        "arguments": suite_arguments("/report.json", listed, examples, arguments),
        "variables": suite_variables(device, "webtensor"),
        "dtypes": DTYPES,
        "report": str(report),
    }
    file = BUILD / "conformance" / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    code = subprocess.run(
        [str(python), "-m", "tests.conformance", "--browser", browser, "--plan", str(file)],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
    ).returncode
    return concluded(report, code, f"webtensor on {device}, {examples} examples")


def numpy_version(python: Path) -> str:
    """ "with NumPy 2.4 ", of the environment's NumPy."""
    command = [python, "-c", "import numpy; print(numpy.__version__)"]
    return f"with NumPy {run_quietly(command, 'NumPy').strip()} "


def concluded(report: Path, code: int, title: str) -> int:
    """Print what a run reported; 1 where a test failed unexpectedly or the run broke off."""
    if not report.is_file():
        raise ToolError(f"The suite did not run (exit code {code}).")
    found = json.loads(report.read_text(encoding="utf-8"))
    result = read_report(found)
    adapter = f" ({found['adapter']})" if "adapter" in found else ""
    print_result(result, f"{title}{adapter}, {date.today()}")
    return 1 if result.failed or code not in (0, 1) or not result.counts else 0


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
