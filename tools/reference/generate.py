"""Write the API reference: a page for the package and for each of its public modules.

Runs with the generator's own packages on the path: `generate.py OUTPUT`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pdoc
import pdoc.doc
import pdoc.render

import webtensor


def public_modules() -> list[ModuleType]:
    """The package, and the modules in its `__all__`."""
    members = (getattr(webtensor, name) for name in webtensor.__all__)
    return [webtensor, *(one for one in members if isinstance(one, ModuleType))]


def main(output: Path) -> None:
    """Write all files into `output`."""
    # Everything is in the HTML already; a search would be inline scripts and an index of its own.
    pdoc.render.configure(
        docformat="google",
        search=False,
        show_source=False,
        template_directory=Path(__file__).parent,
    )
    modules = {one.__name__: pdoc.doc.Module(one) for one in public_modules()}
    for name, module in modules.items():
        target = output / f"{name.replace('.', '/')}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(pdoc.render.html_module(module, modules), encoding="utf-8", newline="\n")
    index = pdoc.render.html_index(modules)
    (output / "index.html").write_text(index, encoding="utf-8", newline="\n")
    style = pdoc.render.env.get_template("style.css.jinja2").render()
    (output / "style.css").write_text(style, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
