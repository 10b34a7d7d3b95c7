"""The folder that the contenders' pages are served from: our pages, the peers, operands, models.

The peers are npm packages that only the benchmark needs: they have a lock of their own, and never
get into dist/.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np

from tests.bench.onnx_model import Node, model
from tests.bench.onnx_workloads import NODES, onnx_model, plain_attention
from tests.bench.workloads import Workload
from tools.files import copy_if_changed, locked
from tools.npm import ensure_package
from tools.paths import BUILD, LOCKS

LOCK = LOCKS / "peers.json"
PAGES = Path(__file__).with_name("pages")
SITE = BUILD / "bench"
DATA = "data"

#: Where each file of an npm package goes: package, glob inside it, folder in the site.
PEER_FILES = (
    ("onnxruntime-web", "dist/ort.webgpu.min.mjs", "vendor/ort"),
    ("onnxruntime-web", "dist/ort-wasm-simd-threaded.asyncify.*", "vendor/ort"),
    ("@tensorflow/tfjs-core", "dist/tf-core.min.js", "vendor"),
    ("@tensorflow/tfjs-backend-webgpu", "dist/tf-backend-webgpu.min.js", "vendor"),
    ("@jax-js/jax", "dist/*.js", "vendor/jax"),
)


def lay_out(*, peers: bool) -> Path:
    """Bring the folder up to date, with the peers where they are wanted; returns it."""
    with locked(BUILD / "lock"):
        for source in sorted(PAGES.iterdir()):
            if source.suffix in (".html", ".js"):
                copy_if_changed(source, SITE / source.name)
        for package, pattern, folder in PEER_FILES if peers else ():
            sources = sorted(ensure_package(package, Path(sys.executable), LOCK).glob(pattern))
            for source in sources:
                copy_if_changed(source, SITE / folder / source.name)
    shutil.rmtree(SITE / DATA, ignore_errors=True)
    (SITE / DATA).mkdir()
    opening = model([Node("Add", ["a", "a"], ["y"])], {"a": (4,)}, {"y": (4,)})
    (SITE / DATA / "opening.onnx").write_bytes(opening)
    return SITE


class Offer:
    """A workload's files in the site while the block runs, and what pages are told of them."""

    def __init__(self, work: Workload, site: str) -> None:
        self._work = work
        self._files: list[Path] = []
        self._site = site

    def __enter__(self) -> dict[str, object]:
        work = self._work
        operands = [
            {"url": self._publish(f"{number}.bin", values.tobytes()), "shape": values.shape}
            for number, values in enumerate(work.operands())
        ]
        told: dict[str, object] = {
            "name": work.name,
            "operation": work.operation,
            "operands": operands,
            "output": work.output,
            "attributes": dict(work.attributes),
        }
        if work.operation in NODES:
            told["model"] = self._publish("model.onnx", onnx_model(work))
        if work.operation == "attention":
            told["plain_model"] = self._publish("plain.onnx", plain_attention(work))
        return told

    def __exit__(self, *failure: object) -> None:
        for file in self._files:
            file.unlink()

    def _publish(self, name: str, content: bytes) -> str:
        file = SITE / DATA / name
        file.write_bytes(content)
        self._files.append(file)
        return f"{self._site}{DATA}/{name}"


def as_floats(content: bytes) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """What a page sent back."""
    return np.frombuffer(content, np.float32)
