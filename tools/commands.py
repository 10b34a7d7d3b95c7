"""What each verb of build.py does, in the order it does it."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from pathlib import Path

from tools import browsers, conformance, testing
from tools.bytecode import compiled_distribution
from tools.cdn import own_cdn, public_cdn
from tools.console import say
from tools.docs import ensure_generator
from tools.environment import ensure_environment
from tools.files import locked
from tools.paths import BUILD, DIST, ENVIRONMENT, ROOT, cache_folder, shown
from tools.pyodide_wheels import ensure_wheels
from tools.serve import serve_until_stopped
from tools.site import build_site, npm_files

#: What other tools leave in the checkout.
LEFT_BEHIND = (
    ".coverage*",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "htmlcov",
    "test-results",
)


def setup(options: argparse.Namespace) -> int:
    """Make the virtual environment and fetch, verify and unpack what `build` and `serve` need."""
    with locked(BUILD / "lock"):
        python = ensure_environment()
        npm_files(python)
        compiled_distribution(python, ensure_wheels(python))
        ensure_generator(python)
    if not options.browsers:
        return 0
    present, missing = browsers.ensure(python)
    for entry in present:
        say(f"{entry['name']}: {entry['executable']}")
    for name, reason in missing.items():
        say(f"{name}: missing: {reason}")
    return 1 if missing else 0


def build(options: argparse.Namespace) -> int:
    """Make dist/ (the static site) and build/packages/ (wheel and sdist for publishing)."""
    cdn = None
    if options.cdn is not None:
        cdn = own_cdn(options.cdn) if options.cdn else public_cdn()
    with locked(BUILD / "lock"):
        build_site(cdn)
    return 0


def serve(options: argparse.Namespace) -> int:
    """Build what has changed, then serve dist/ on 127.0.0.1 until Ctrl-C."""
    with locked(BUILD / "lock"):
        folder = build_site()
    serve_until_stopped(folder, port=options.port, cached=not options.no_cache, show=options.open)
    return 0


def test(options: argparse.Namespace) -> int:
    """Set up, build, find the browsers, then run linters and all the tests with coverage.

    All other arguments go to pytest; such a run of selected tests leaves out linters and coverage.
    """
    with locked(BUILD / "lock"):
        python = ensure_environment()
        build_site()
        environment = testing.choose_browsers(python, options.browser)
    if options.pytest:
        return testing.run_selected(python, options.pytest, environment)
    return testing.run_everything(python, environment)


def bench(options: argparse.Namespace) -> int:
    """Set up, build, find the browsers, then measure: tables, and rows as JSON on demand.

    The comparison with other libraries runs in one browser, the first one; they are downloaded for
    it, once.
    """
    with locked(BUILD / "lock"):
        python = ensure_environment()
        build_site()
        environment = testing.choose_browsers(python, options.browser)
    command = [str(python), "-m", "tests.bench"]
    if options.only:
        command += ["--only", options.only]
    for name in options.browser:
        command += ["--browser", name]
    if options.json:
        command += ["--json", str(Path(options.json).absolute())]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=False
    ).returncode


def conform(options: argparse.Namespace) -> int:
    """Run the Array API's own test suite on webtensor, natively or in browsers; print the counts.

    What is expected to fail is listed in tests/conformance/. All other arguments go to pytest.
    """
    devices = options.device or conformance.DEVICES
    with locked(BUILD / "lock"):
        python = ensure_environment()
        suite = conformance.lay_out(conformance.ensure_suite(options.checkout))
        if options.browser:
            build_site()
            environment = testing.choose_browsers(python, options.browser)
    common = (options.max_examples, options.pytest)
    if not options.browser:
        runs = [
            conformance.run_natively(python, suite, device, options.module, *common)
            for device in devices
        ]
    else:
        runs = [
            conformance.run_in_browser(python, suite, device, *common, browser, environment)
            for browser in options.browser
            for device in devices
        ]
    return max(runs)


def clean(options: argparse.Namespace) -> int:
    """Delete dist/, build/ and what linters and tests left; --all also .venv and the downloads."""
    targets = [DIST, BUILD, *(path for name in LEFT_BEHIND for path in ROOT.glob(name))]
    if options.all:
        targets += [ENVIRONMENT, cache_folder()]
    for path in targets:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        else:
            continue
        say(f"Removed {shown(path)}")
    return 0
