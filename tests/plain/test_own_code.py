"""What a strict Content-Security-Policy asks of our files: nothing inline, nothing evaluated."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "index.html", ROOT / "static" / "blank.html", *ROOT.glob("app/**/*.html")])
SCRIPTS = sorted(
    path
    for folder in ("app", "static")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".js", ".mjs")
)
EVALUATES = re.compile(r"\beval\s*\(|\bnew Function\b|\bsetTimeout\s*\(\s*[\"'`]")
# Text for PyScript and for the cell: data to the browser, which never runs it itself.
DATA_TYPES = {"py", "mpy", "text/python"}


class Inline(HTMLParser):
    """Collects what a policy without 'unsafe-inline' refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.found += [f"<{tag} {name}>" for name in given if name.startswith("on")]
        if "style" in given:
            self.found.append(f"<{tag} style>")
        if tag == "style":
            self.found.append("<style>")
        if tag == "script" and "src" not in given and given.get("type") not in DATA_TYPES:
            self.found.append("<script> with code in it")
        if str(given.get("href") or "").startswith("javascript:"):
            self.found.append(f"<{tag} href=javascript:>")


def inline_parts(html: str) -> list[str]:
    parser = Inline()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_pages_have_nothing_inline(page: Path) -> None:
    assert inline_parts(page.read_text(encoding="utf-8")) == []


def test_inline_parts_are_found() -> None:
    for html in (
        "<p style='x'>",
        "<style></style>",
        "<script>1</script>",
        "<a onclick='x()'>",
        "<a href='javascript:x'>",
    ):
        assert inline_parts(html), html
    assert not inline_parts("<script src='a.js'></script><script type='py'>x</script>")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_evaluate_no_text(script: Path) -> None:
    assert not EVALUATES.search(script.read_text(encoding="utf-8"))


def test_stylesheets_and_scripts_are_our_own() -> None:
    """No address of another site is loaded: links for people are all that leads elsewhere."""
    loading = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["']?(?:https?:)?//""")
    for page in PAGES:
        without_comments = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.S)
        assert not loading.search(without_comments), page.name
