"""Custom kernels, profiles and pictures in real browsers."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from tests.support.blank import BlankPage, RemoteError
from tests.support.devices import backends
from tests.support.report import note

KERNELS = """
import numpy as np, webtensor as wt
await wt.init()
rng = np.random.default_rng(0)
source = '''
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x < arrayLength(&y) { y[id.x] = 3.0 * x[id.x]; }
}
'''
scale = wt.Kernel(source, inputs=["float32"], output=lambda x: (x.shape, x.dtype), name="scale")
swish = wt.Kernel.elementwise("x / (1.0 + exp(-beta * x))", ("x", "beta"), name="swish")
"""

RIGHT = (
    KERNELS
    + """
wrong = []
for shape in ((), (1,), (67,), (257, 3), (4, 16), (0, 3)):
    values = rng.normal(size=shape).astype(np.float32)
    x = wt.asarray(values, device="webgpu")
    wide = values.astype(np.float64)
    y = scale(swish(x * 2, 0.5) + 1)
    expected = 3 * (2 * wide / (1 + np.exp(-wide)) + 1)
    got = await y.numpy()
    if got.shape != shape or not np.allclose(got, expected, rtol=1e-5, atol=1e-5):
        wrong.append([shape, got.tolist(), expected.tolist()])
x = wt.asarray(rng.normal(size=(5, 6)).astype(np.float32), device="webgpu")
text = str(wt.explain(scale(swish(wt.abs(x.mT), 1.0) * 2)))
turned = np.array_equal(await scale(x.mT).numpy(), 3 * (await x.numpy()).T)
[wrong, text, bool(turned)]
"""
)

BROKEN = (
    KERNELS
    + """
told = []
x = wt.asarray(rng.normal(size=8).astype(np.float32), device="webgpu")
bad = wt.Kernel(source.replace("3.0 *", "three *"), inputs=[None],
                output=lambda x: (x.shape, x.dtype))
for make in (lambda: wt.Kernel.elementwise("x *\\n  missing")(x) + 1, lambda: bad(x)):
    try:
        await make().numpy()
    except wt.errors.KernelCompileError as error:
        told.append([error.line, error.column, error.source_line, str(error)])
told.append((await (x + 1).numpy()).shape)
told
"""
)

PROFILED = """
import numpy as np, webtensor as wt
from webtensor import discovery
await wt.init()
rng = np.random.default_rng(1)
a, b = (rng.normal(size=size).astype(np.float32) for size in ((67, 257), (257, 33)))
x, y = wt.asarray(a, device=device), wt.asarray(b, device=device)
found = discovery.present(device)
if force_wall_clock:
    found.timestamps = False
with wt.profile() as p:
    for shift in range(3):
        got = await wt.sum(wt.exp(-wt.abs(x @ y) - float(shift)), axis=1).numpy()
right = bool(np.allclose(got, np.exp(-np.abs(a.astype(float) @ b) - 2).sum(1), rtol=1e-3))
best = await p.roofline()
if force_wall_clock:
    found.timestamps = None
[
    right,
    [[row.device, row.label, row.calls, row.total_ms, row.source, row.share] for row in p.kernels],
    str(p),
    p.svg(),
    p.chrome_trace(),
    best[device].operations_per_second,
    best[device].bytes_per_second,
]
"""


def test_custom_kernels_compute_and_fuse(blank: BlankPage) -> None:
    wrong, text, turned = blank.py(RIGHT)
    assert wrong == []
    assert turned
    assert "abs → swish → multiply: " in text
    assert "scale: " in text


def test_errors_in_custom_kernels_name_their_place(blank: BlankPage) -> None:
    expression, whole, shape = blank.py(BROKEN)
    assert expression[0] == 2
    assert expression[2][expression[1] - 1 :] == "missing"
    assert "missing" in expression[3]
    assert whole[0] == 7
    assert whole[2][whole[1] - 1 :].startswith("three")
    assert shape == [8]


@pytest.mark.browsers("shell")
def test_webnn_has_no_custom_kernels_and_says_so(blank: BlankPage) -> None:
    with pytest.raises(RemoteError, match="swish cannot run on 'webnn'") as caught:
        blank.py(f"{KERNELS}\nawait swish(wt.asarray([1.0], device='webnn'), 0.5).numpy()")
    assert caught.value.kind == "UnsupportedOperatorError"


@pytest.mark.parametrize("force_wall_clock", [False, True], ids=["own clock", "wall clock"])
def test_profiles(blank: BlankPage, browser_name: str, force_wall_clock: bool) -> None:
    for device in backends(browser_name):
        right, rows, table, svg, trace, rate, bandwidth = blank.py(
            PROFILED, device=device, force_wall_clock=force_wall_clock and device == "webgpu"
        )
        assert right
        assert rows
        assert {row[0] for row in rows} == {device}
        assert any("matmul" in row[1] for row in rows)
        assert all(row[3] >= 0 for row in rows)
        assert sum(row[3] for row in rows) > 0
        clocks = {row[4] for row in rows}
        if force_wall_clock or device != "webgpu":
            assert clocks == {"wall clock"}
        else:
            assert len(clocks) == 1
            note(f"{browser_name}: webgpu kernels timed by {next(iter(clocks))}")
        assert clocks.pop() in table
        assert f"{device} at best" in table
        assert "kernel(s)" in ElementTree.fromstring(svg).attrib["aria-label"]
        events = json.loads(trace)["traceEvents"]
        assert sum(event["ph"] == "X" for event in events) == sum(row[2] for row in rows)
        assert rate > 1e6
        assert bandwidth > 1e6


def test_compiled_functions_are_profiled_too(blank: BlankPage) -> None:
    right, kernels = blank.py(
        """
        import numpy as np, webtensor as wt
        values = np.random.default_rng(5).normal(size=(33, 64)).astype(np.float32)
        x = wt.asarray(values, device="webgpu")
        step = wt.compile(lambda x, rate: wt.tanh(x @ x.mT * 0.125) * rate)
        await step(x, 0.5)
        with wt.profile() as p:
            results = [await (await step(x, rate)).numpy() for rate in (0.25, -3.0)]
        wide = np.tanh(values.astype(np.float64) @ values.T / 8)
        right = [np.allclose(results[0], wide / 4, atol=1e-4),
                 np.allclose(results[1], wide * -3, atol=1e-3)]
        [list(map(bool, right)), [[row.label, row.calls] for row in p.kernels]]
        """
    )
    assert right == [True, True]
    assert kernels
    assert {calls for _, calls in kernels} == {2}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_are_readable_in_both_schemes(
    blank: BlankPage, browser_name: str, scheme: str
) -> None:
    """A picture by itself takes its colours from the reader's scheme; in a page, from the page."""
    svgs = blank.py(
        """
        import webtensor as wt
        x = wt.asarray([[1.0, 2.0], [3.0, 4.0]], device="webgpu")
        with wt.profile() as p:
            await wt.exp(x @ x).numpy()
        [wt.explain(wt.nn.softmax(x @ x.mT)).svg(), p.svg()]
        """
    )
    page = blank.page.context.new_page()
    try:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for svg in svgs:
            alone = page.evaluate(
                """async (svg) => {
                  const image = new Image();
                  image.src = "data:image/svg+xml," + encodeURIComponent(svg);
                  await image.decode();
                  const canvas = new OffscreenCanvas(image.width, image.height);
                  const context = canvas.getContext("2d");
                  context.drawImage(image, 0, 0);
                  const { data } = context.getImageData(0, 0, image.width, image.height);
                  let darkest = 255, lightest = 0;
                  for (let at = 0; at < data.length; at += 4) {
                    const light = (data[at] + data[at + 1] + data[at + 2]) / 3;
                    darkest = Math.min(darkest, light);
                    lightest = Math.max(lightest, light);
                  }
                  return [data[3], darkest, lightest];
                }""",
                svg,
            )
            assert alone[0] == 255, "it brings its own background"
            assert alone[1] < 90
            assert alone[2] > 180
            inside = page.evaluate(
                """(svg) => {
                  document.body.style.color = "rgb(1, 2, 3)";
                  document.body.innerHTML = svg;
                  const text = document.querySelector("svg text");
                  const { fill } = getComputedStyle(text);
                  const { backgroundColor } = getComputedStyle(document.querySelector("svg"));
                  return [fill, backgroundColor];
                }""",
                svg,
            )
            assert inside == ["rgb(1, 2, 3)", "rgba(0, 0, 0, 0)"]
    finally:
        page.close()
