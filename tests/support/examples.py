"""Examples of documents, run as a console or a notebook runs them."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "app" / "examples" / "webtensor.ipynb"
INSTALL = "%pip install -q webtensor"
#: Indented lines after an empty one.
_BLOCK = re.compile(r"(?<=\n\n)(?: {4}.*\n|\n(?= {4}))+")


def run(source: str, names: dict[str, Any], where: str) -> Any:
    """Run code that may await; returns the value of its last line, if that is an expression."""
    tree = ast.parse(source, where)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        tree.body[-1] = ast.copy_location(
            ast.Assign([ast.Name("_", ast.Store())], last.value), last
        )
    names["_"] = None
    code = compile(ast.fix_missing_locations(tree), where, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)
    if inspect.iscoroutine(result):
        asyncio.run(result)
    return names["_"]


def fenced(document: str, language: str = "python") -> list[str]:
    """The blocks of a language in a document of the repository."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def notebook_cells() -> list[dict[str, Any]]:
    """All cells of the example notebook, as they are in the file."""
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return found


def notebook_code() -> list[str]:
    """The notebook's code cells, but for the one that installs the package."""
    cells = [cell for cell in notebook_cells() if cell["cell_type"] == "code"]
    sources = ["".join(cell["source"]) for cell in cells]
    sources.remove(INSTALL)
    return sources


def documented() -> Iterator[tuple[str, str]]:
    """(name, docstring) of each module, class and function of the package."""
    package = ROOT / "py" / "webtensor"
    for path in sorted(package.rglob("*.py")):
        module = path.relative_to(package).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = getattr(node, "name", "")
                yield f"{module}:{name}".rstrip(":"), ast.get_docstring(node) or ""


def in_docstrings() -> list[tuple[str, str]]:
    """(name, code) of each example in the package's docstrings; drawings are none."""
    return [
        (name, textwrap.dedent(block))
        for name, text in documented()
        for block in _BLOCK.findall(f"{text}\n")
        if "─" not in block
    ]
