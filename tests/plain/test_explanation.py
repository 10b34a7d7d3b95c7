"""What `explain` says, in words and as a picture."""

from __future__ import annotations

import gc
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import webtensor as wt
from webtensor import picture
from webtensor.graph import node as nodes

SVG = "{http://www.w3.org/2000/svg}"


def tensor(*shape: int, device: str = "webgpu") -> wt.Tensor:
    values = np.random.default_rng(shape).normal(size=shape).astype(np.float32)
    return wt.asarray(values, device=device)


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    return [one.text or "" for one in root.iter(f"{SVG}text")]


def rectangles(svg: str) -> list[tuple[float, ...]]:
    found = ElementTree.fromstring(svg).iter(f"{SVG}rect")
    return [tuple(float(one.attrib[key]) for key in ("x", "y", "width", "height")) for one in found]


def test_an_explanation_is_its_text() -> None:
    explanation = wt.explain(wt.exp(tensor(3)) + 1)
    assert isinstance(explanation, str)
    assert "webgpu" in explanation
    assert repr(explanation) == str(explanation), "a console shows its lines"
    assert str(explanation).splitlines() == [
        "2 operator(s) in 1 kernel(s) on webgpu",
        "  1. exp → add: float32[3] → float32[3]",
        "24 bytes read and written by kernels",
    ]


def test_each_device_is_explained_in_its_own_way() -> None:
    def explained(device: str) -> list[str]:
        x = tensor(2, 3, device=device)
        return wt.explain(wt.sum(wt.exp(x) * 2, axis=1)).splitlines()

    assert re.fullmatch(r"3 operator\(s\) in \d kernel\(s\) on webgpu", explained("webgpu")[0])
    assert explained("cpu") == [
        "3 operator(s), one after the other, on cpu",
        "  1. exp: float32[2, 3] → float32[2, 3]",
        "  2. multiply: float32[2, 3] → float32[2, 3]",
        "  3. sum: float32[2, 3] → float32[2]",
        "128 bytes read and written by operators",
    ]
    assert explained("webnn") == [
        "3 operator(s) in 1 graph(s) on webnn",
        "  1. exp → multiply → sum: float32[2, 3] → float32[2]",
        "32 bytes read and written by graphs",
    ]


def test_what_lies_behind_another_device_is_explained_first() -> None:
    x = tensor(4, device="cpu")
    y = (wt.exp(x).to_device("webgpu") * 2).to_device("webnn") + 1
    lines = wt.explain(y).splitlines()
    assert [line for line in lines if not line.startswith(" ") and "bytes read" not in line] == [
        "1 operator(s), one after the other, on cpu",
        "float32[4] is copied to webgpu: 16 bytes",
        "1 operator(s) in 1 kernel(s) on webgpu",
        "float32[4] is copied to webnn: 16 bytes",
        "1 operator(s) in 1 graph(s) on webnn",
    ]
    assert [part.device for part in wt.explain(y).parts] == ["cpu", "webgpu", "webnn"]
    shown = texts(wt.explain(y).svg())
    assert {"copy to webgpu", "copy to webnn", "cpu 1", "webgpu 1", "webnn 1"} <= set(shown)


def test_what_was_computed_is_not_explained_again() -> None:
    y = wt.exp(tensor(4, device="cpu"))
    y.tolist()
    text = wt.explain(y.to_device("webgpu") + 1)
    assert "exp" not in text
    assert "float32[4] is copied to webgpu" in text
    assert "nothing to compute: the values are there" in wt.explain(y)
    assert "input" in texts(wt.explain(y).svg())


def test_several_tensors_on_several_devices() -> None:
    a, b = wt.exp(tensor(3)), wt.tanh(tensor(5, device="cpu"))
    assert [part.device for part in wt.explain(a, b).parts] == ["webgpu", "cpu"]
    assert wt.explain().parts == ()
    ElementTree.fromstring(wt.explain().svg())


def test_custom_kernels_go_by_their_names_and_fuse() -> None:
    gate = wt.Kernel.elementwise("x * y", ("x", "y"), name="gate")
    x = tensor(3)
    assert "  1. exp → gate → add: float32[3], float32[3] → float32[3]" in wt.explain(
        gate(wt.exp(x), tensor(3)) + 1
    )


def test_the_picture_shows_every_kernel_with_its_operators_and_sizes() -> None:
    x, w = tensor(5, 64), tensor(64, 32)
    explanation = wt.explain(wt.nn.softmax(wt.tanh(x @ w) * 2))
    shown = texts(explanation.svg())
    for number, step in enumerate(explanation.parts[0].steps, 1):
        assert f"webgpu {number}" in shown
        assert " → ".join(step.operators) in shown
    assert shown.count("input") == 2
    assert "float32[5, 64] · 1,280 bytes" in shown
    assert explanation._repr_svg_() == explanation.svg()


def test_boxes_do_not_overlap_and_arrows_point_down() -> None:
    x = tensor(6, 6)
    for _ in range(4):
        x = wt.nn.softmax(x @ x.mT) + wt.sum(x, axis=0) * wt.max(x)
    svg = wt.explain(x).svg()
    root = ElementTree.fromstring(svg)
    boxes = rectangles(svg)
    assert len(boxes) > 15
    for number, (x1, y1, width1, height1) in enumerate(boxes):
        assert x1 >= 0
        assert x1 + width1 <= float(root.attrib["width"])
        assert y1 + height1 <= float(root.attrib["height"])
        for x2, y2, width2, height2 in boxes[:number]:
            apart = x1 >= x2 + width2 or x2 >= x1 + width1 or y1 >= y2 + height2
            assert apart or y2 >= y1 + height1
    ends = [
        (float(start[1]), float(end[1]))
        for path in root.iter(f"{SVG}path")
        for line in [path.attrib["d"].split("M")[1].split("C")]
        for start, end in [(line[0].split(), line[-1].split()[-2:])]
    ]
    assert len(ends) > 20
    assert all(start < end for start, end in ends)


def test_text_is_escaped_and_long_lists_are_cut() -> None:
    box = picture.Box(("<b> & \"'\x00",), "label</svg>", "red")
    assert texts(picture.graph([box], 'title "<>&"')) == ["<b> & \"' ", "label</svg>"]
    bar = picture.Bar("</text><script>" + "x" * 99, 1.0, "<note>", "red")
    shown = texts(picture.bars([bar], "<title>", [("red", "<legend>")]))
    assert shown[:2] == ["<title>", "<legend>"]
    assert shown[2].startswith("</text><script>")
    assert len(shown[2]) < 50
    chain = tensor(3, device="webnn")
    for _ in range(100):
        chain = wt.tanh(wt.exp(chain))
    lines = texts(wt.explain(chain).svg())
    assert any(line.startswith("… and ") for line in lines)
    assert len(lines) < 20


def test_words_wrap() -> None:
    words = ["matmul", "→ add", "→ tanh", "→ multiply"]
    assert picture.wrapped(words, " ", 99, 9) == ["matmul → add → tanh → multiply"]
    assert picture.wrapped(words, " ", 14, 9) == ["matmul → add", "→ tanh", "→ multiply"]
    assert picture.wrapped([], " ", 14, 9) == []
    cut = picture.wrapped(["word"] * 100, " ", 20, 3)
    assert len(cut) == 3
    assert sum(line.count("word") for line in cut) + int(cut[-1].split()[2]) == 100


@pytest.mark.parametrize("device", ["webgpu", "webnn", "cpu"])
def test_an_explanation_keeps_no_tensor_alive(device: str) -> None:
    before = len(nodes._interned)
    explanation = wt.explain(wt.exp(tensor(3, device=device)) * 2.5)
    gc.collect()
    assert len(nodes._interned) <= before
    assert "exp" in explanation.svg()
