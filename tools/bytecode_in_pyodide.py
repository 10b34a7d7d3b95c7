"""Runs inside Pyodide, started by bytecode.mjs: puts bytecode into archives in place of sources.

The job, in the global `job_text`: `imports` (these modules and all that they import are compiled;
everything where it is empty) and `archives`, each with `source` and `target` in /work, `prefix`
(where its files lie once installed), `dropped` (endings of files that are left out) and `sources`
(whether they stay, with the bytecode beside them, so that tracebacks can quote them).
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import zipfile
from importlib._bootstrap_external import _code_to_hash_pyc  # type: ignore[import-not-found]


def loaded_files(imports: list[str]) -> set[str]:
    """The source files of all modules that Python's start and these imports load."""
    for name in imports:
        importlib.import_module(name)
    paths = (getattr(module, "__file__", None) or "" for module in list(sys.modules.values()))
    return {path for path in paths if path.endswith(".py")}


def compiled(source: bytes, path: str) -> bytes:
    """A .pyc that is never checked against its source: one build makes both."""
    code = compile(source, path, "exec", dont_inherit=True)
    return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(source), False))


def write(target: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a file with a fixed date, so that the same content makes the same archive."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    target.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)


def bytecode_name(name: str, sources: bool) -> str:
    """Where Python looks for bytecode: in a folder beside the source, or in its place."""
    if not sources:
        return f"{name}c"
    folder, _, file = name.rpartition("/")
    return f"{folder}/__pycache__/{file[:-3]}.{sys.implementation.cache_tag}.pyc"


def new_record(record: str, names: list[str]) -> str:
    """A wheel's RECORD for what the archive now holds; bytecode is listed without a hash."""
    lines = {line.partition(",")[0]: line for line in record.splitlines()}
    return "".join(f"{lines.get(name, f'{name},,')}\n" for name in names)


def rewrite(archive: dict, wanted: set[str]) -> None:
    """Copy one archive, with bytecode for the wanted modules, or for all where none are named."""
    source = zipfile.ZipFile(f"/work/{archive['source']}")
    with zipfile.ZipFile(f"/work/{archive['target']}", "w") as target:
        for name in source.namelist():
            if name.endswith(("/", *archive["dropped"])):
                continue
            content = source.read(name)
            path = archive["prefix"] + name
            if name.endswith(".py") and (path in wanted or not wanted):
                place = bytecode_name(name, archive["sources"])
                write(target, place, compiled(content, path))
                if not archive["sources"]:
                    continue
            if name.endswith(".dist-info/RECORD"):
                content = new_record(content.decode(), [*target.namelist(), name]).encode()
            write(target, name, content)


def main(job: dict) -> None:
    """Do the whole job."""
    wanted = loaded_files(job["imports"]) if job["imports"] else set()
    for archive in job["archives"]:
        rewrite(archive, wanted)


main(json.loads(job_text))  # type: ignore[name-defined]  # noqa: F821
