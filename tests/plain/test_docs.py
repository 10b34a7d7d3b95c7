"""The API reference: complete, its links lead somewhere, nothing in it that a policy forbids."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import webtensor as wt
from tools import docs
from tools.paths import ROOT

MODULES = [
    wt,
    *(one for one in (getattr(wt, name) for name in wt.__all__) if isinstance(one, ModuleType)),
]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Name in dist/ → text."""
    files = docs.reference_files(Path(sys.executable))
    return {name: path.read_text(encoding="utf-8") for name, path in files.items()}


def page_of(module: ModuleType) -> str:
    return f"docs/{module.__name__.replace('.', '/')}.html"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_name_has_its_place(module: ModuleType, pages: dict[str, str]) -> None:
    text = pages[page_of(module)]
    places = set(re.findall(r' id="([^"]+)"', text))
    for name in module.__all__:
        value = getattr(module, name)
        assert page_of(value) in pages if isinstance(value, ModuleType) else name in places, name


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_function_and_class_is_described(module: ModuleType) -> None:
    assert module.__doc__
    for name in module.__all__:
        value = getattr(module, name)
        if callable(value):
            assert (value.__doc__ or "").strip(), name
        if inspect.isclass(value):
            for method, member in vars(value).items():
                if not method.startswith("_") and callable(member):
                    assert member.__doc__, f"{name}.{method}"


def test_descriptions_of_arguments_become_lists(pages: dict[str, str]) -> None:
    text = pages["docs/webtensor/linalg.html"].split('id="solve"')[1].split("<section")[0]
    for part in ("Arguments:", "Returns:", "Raises:", "<li><strong>x1:</strong>"):
        assert part in text


def test_pages_bring_nothing_inline_and_ask_nothing_of_others(pages: dict[str, str]) -> None:
    assert "docs/style.css" in pages
    for name, text in pages.items():
        if not name.endswith(".html"):
            continue
        assert not re.search(r"<(script|style)\b|\sstyle=|\son\w+=|data:|javascript:", text), name
        for target in re.findall(r' (?:href|src)="([^"]+)"', text):
            assert not target.startswith("/"), (name, target)
        # Links to sources are all that leads elsewhere.
        assert not re.search(r'src="https?:|<link[^>]+href="https?:', text), name


def test_links_lead_somewhere(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        for target in re.findall(r' href="(?!https?:)([^"]+)"', text):
            address, _, place = target.partition("#")
            found = (ROOT / name).parent.joinpath(address).resolve() if address else ROOT / name
            wanted = found.relative_to(ROOT).as_posix()
            if wanted in ("index.html", "app/icon.svg"):
                continue
            assert wanted in pages, (name, target)
            assert not place or f' id="{place}"' in pages[wanted], (name, target)


def test_nothing_is_made_twice(pages: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise AssertionError("the reference is made anew")

    monkeypatch.setattr(docs, "make_reference", fail)
    assert set(docs.reference_files(Path(sys.executable))) == set(pages)
    monkeypatch.setattr(docs, "sources_key", lambda: "changed")
    with pytest.raises(AssertionError, match="anew"):
        docs.reference_files(Path(sys.executable))


def test_the_page_links_to_it(pages: dict[str, str]) -> None:
    text = (ROOT / "index.html").read_text(encoding="utf-8")
    (target,) = re.findall(r'href="(docs/[^"]+)"', text)
    assert target in pages
