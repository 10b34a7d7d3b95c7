#!/usr/bin/env python3
"""webtensor's one tool: set up, build, serve, test, measure, clean. Needs Python 3.11 or newer."""

from __future__ import annotations

import argparse
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs an older one gets words, not a traceback
    sys.exit(f"webtensor needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

from tools import commands
from tools.conformance import DEVICES
from tools.console import warn
from tools.errors import ToolError, explain_os_error


def parser() -> argparse.ArgumentParser:
    """The command line: verbs and their options."""
    top = argparse.ArgumentParser(prog="build.py", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    setup = verbs.add_parser(
        "setup",
        help="make .venv and fetch what build and serve need",
        description=commands.setup.__doc__,
    )
    setup.add_argument("--browsers", action="store_true", help="also the browsers for the tests")
    setup.set_defaults(run=commands.setup)

    build = verbs.add_parser(
        "build", help="make dist/, the wheel and the sdist", description=commands.build.__doc__
    )
    build.add_argument(
        "--cdn",
        nargs="?",
        const="",
        metavar="URL",
        help="a small dist/ that loads Pyodide and numpy from a CDN, or from a mirror at URL",
    )
    build.set_defaults(run=commands.build)

    serve = verbs.add_parser(
        "serve", help="build, then serve dist/ on 127.0.0.1", description=commands.serve.__doc__
    )
    serve.add_argument(
        "--port", type=int, metavar="N", help="default: the first free one from 8000"
    )
    serve.add_argument("--open", action="store_true", help="open the page in your browser")
    serve.add_argument(
        "--no-cache",
        action="store_true",
        help="nothing is cached, no service worker: for work on the page",
    )
    serve.set_defaults(run=commands.serve)

    test = verbs.add_parser(
        "test",
        help="build, find the browsers, run all the tests",
        description=commands.test.__doc__,
    )
    add_browser_option(test)
    test.usage = "build.py test [-h] [--browser NAME] [pytest arguments]"
    test.set_defaults(run=commands.test)

    bench = verbs.add_parser(
        "bench", help="build, then measure", description=commands.bench.__doc__
    )
    bench.add_argument("--only", metavar="REGEXP", help="run the workloads whose name matches")
    add_browser_option(bench)
    bench.add_argument("--json", metavar="FILE", help="write the rows there too")
    bench.set_defaults(run=commands.bench)

    conformance = verbs.add_parser(
        "conformance",
        help="run the Array API's own test suite",
        description=commands.conform.__doc__,
    )
    conformance.add_argument(
        "--checkout", metavar="PATH", help="the suite; default: a clone of the pinned commit"
    )
    conformance.add_argument(
        "--device",
        action="append",
        default=[],
        choices=DEVICES,
        help="repeatable; default: all of them",
    )
    conformance.add_argument(
        "--browser",
        action="append",
        default=[],
        metavar="NAME",
        help="in this browser's Pyodide; repeatable; default: natively, under CPython",
    )
    conformance.add_argument(
        "--max-examples", type=int, default=50, metavar="N", help="per test; default: 50"
    )
    conformance.add_argument(
        "--module", default="webtensor", help="another library, such as numpy, to compare with"
    )
    conformance.usage = "build.py conformance [-h] [options] [pytest arguments]"
    conformance.set_defaults(run=commands.conform)

    clean = verbs.add_parser(
        "clean", help="delete what the other verbs made", description=commands.clean.__doc__
    )
    clean.add_argument(
        "--all", action="store_true", help="also .venv and the downloads in the cache"
    )
    clean.set_defaults(run=commands.clean)
    return top


def add_browser_option(verb: argparse.ArgumentParser) -> None:
    """--browser, for the verbs that drive browsers."""
    verb.add_argument(
        "--browser",
        action="append",
        default=[],
        metavar="NAME",
        help="chromium, shell, firefox, chrome or edge; repeatable; default: all that are found",
    )


def main() -> int:
    """Run one verb; errors that a person can act on become a message and exit code 1."""
    top = parser()
    # What `test` and `conformance` do not know is pytest's.
    options, others = top.parse_known_args()
    options.pytest = others
    if others and options.verb not in ("test", "conformance"):
        top.error(f"unknown arguments: {' '.join(others)}")
    try:
        return int(options.run(options) or 0)
    except ToolError as error:
        warn(f"build.py: {error}")
    except OSError as error:
        warn(f"build.py: {explain_os_error(error)}")
    except KeyboardInterrupt:
        warn("\nbuild.py: stopped")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
