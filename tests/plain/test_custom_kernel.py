"""Custom kernels as far as they need no GPU: declarations, errors, shapes, the NumPy reference."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import errors
from webtensor.operators import custom

COPY = """\
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x < arrayLength(&y) { y[id.x] = x[id.x]; }
}
"""


def same(x: wt.Tensor) -> Any:
    return x.shape, x.dtype


def random(*shape: int) -> Any:
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


def test_an_elementwise_kernel_broadcasts_and_promotes() -> None:
    twice = wt.Kernel.elementwise("2 * x + y", ("x", "y"), reference=lambda x, y: 2 * x + y)
    a, b = random(257, 3), random(3)
    result = twice(wt.asarray(a, device="cpu"), wt.asarray(b, device="cpu"))
    assert result.shape == (257, 3)
    assert np.array_equal(np.asarray(result), 2 * a + b)
    counts = wt.asarray([1, 2, 3], device="cpu")
    assert twice(counts, 0.5).dtype == wt.float32
    assert twice(counts, 0.5).tolist() == [2.5, 4.5, 6.5]
    assert twice(counts, counts).dtype == wt.int32


def test_an_elementwise_kernel_may_have_another_dtype() -> None:
    near = wt.Kernel.elementwise(
        "abs(x - y) < 0.5", ("x", "y"), dtype=bool, reference=lambda x, y: np.abs(x - y) < 0.5
    )
    x = wt.asarray([1.0, 2.0, 3.0], device="cpu")
    assert near(x, 2.0).dtype.name == "bool"
    assert near(x, 2.25).tolist() == [False, True, False]


def test_what_does_not_fit_an_elementwise_kernel_is_told() -> None:
    both = wt.Kernel.elementwise("x + y", ("x", "y"), name="both")
    x = wt.asarray([1.0, 2.0])
    with pytest.raises(errors.KernelArgumentError, match=r"both takes \(x, y\), not 1"):
        both(x)
    with pytest.raises(errors.DtypeError, match="at least one tensor"):
        both(1, 2)
    with pytest.raises(errors.DtypeError, match="not list"):
        both(x, [1.0, 2.0])  # type: ignore[arg-type]
    with pytest.raises(errors.ShapeError, match="both: shapes"):
        both(x, wt.zeros(3))
    with pytest.raises(errors.DtypeError, match="do not promote"):
        both(x, wt.asarray([True, False]))


@pytest.mark.parametrize(
    "make",
    [
        lambda: wt.Kernel.elementwise("x", "x"),
        lambda: wt.Kernel.elementwise("x", ()),
        lambda: wt.Kernel.elementwise("x", ("x", "x")),
        lambda: wt.Kernel.elementwise("x", ("1x",)),
        lambda: wt.Kernel.elementwise("x", tuple("abcdefgh")),
        lambda: wt.Kernel.elementwise("  "),
        lambda: wt.Kernel.elementwise("x", name="not a name"),
        lambda: wt.Kernel(COPY, inputs="float32", output=same),
        lambda: wt.Kernel(COPY, inputs=[None] * 8, output=same),
    ],
)
def test_a_wrong_declaration_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(errors.KernelArgumentError):
        make()


def test_without_a_reference_the_cpu_says_so() -> None:
    kernels = [
        wt.Kernel.elementwise("x * x", name="squared"),
        wt.Kernel(COPY, inputs=[None], output=same, name="squared"),
    ]
    for kernel in kernels:
        result = kernel(wt.asarray([3.0], device="cpu"))
        with pytest.raises(errors.UnsupportedOperatorError, match=r"^squared cannot.*reference="):
            result.tolist()


def test_a_reference_of_another_shape_is_found_out() -> None:
    kernel = wt.Kernel(COPY, inputs=[None], output=same, reference=lambda x: x[1:])
    with pytest.raises(errors.KernelArgumentError, match=r"\(1,\).*\(2,\)"):
        kernel(wt.asarray([1.0, 2.0], device="cpu")).tolist()


def test_a_whole_kernel_checks_what_it_is_given() -> None:
    kernel = wt.Kernel(COPY, inputs=["float32"], output=same, name="copied")
    x = wt.asarray([1.0, 2.0])
    assert kernel(x).shape == (2,)
    with pytest.raises(errors.KernelArgumentError, match=r"takes 1 tensor\(s\), not 2"):
        kernel(x, x)
    with pytest.raises(errors.KernelArgumentError, match="input 0 is list"):
        kernel([1.0])  # type: ignore[arg-type]
    with pytest.raises(errors.DtypeError, match="declared float32 and is int32"):
        kernel(wt.asarray([1, 2]))


@pytest.mark.parametrize(
    "output", ["float32", (2, 3), ((2.5,), "float32"), ((-1,), "float32"), lambda x: None]
)
def test_an_output_that_is_none_is_refused(output: Any) -> None:
    with pytest.raises(errors.KernelArgumentError, match="output"):
        wt.Kernel(COPY, inputs=[None], output=output)(wt.zeros(2))


@pytest.mark.parametrize(
    "workgroups", [0, (1, 0), (65536,), (1, 1, 1, 1), "x", (1.5,), lambda shape: -1]
)
def test_workgroups_that_are_none_are_refused(workgroups: Any) -> None:
    kernel = wt.Kernel(COPY, inputs=[None], output=same, workgroups=workgroups)
    with pytest.raises(errors.KernelArgumentError, match="workgroups"):
        kernel(wt.zeros(2))


def test_workgroups_follow_from_the_result() -> None:
    def grid(kernel: wt.Kernel, *shape: int) -> Any:
        return kernel(wt.zeros(shape))._node.options["workgroups"]

    kernel = wt.Kernel(COPY, inputs=[None], output=same)
    assert grid(kernel, 64) == (1, 1, 1)
    assert grid(kernel, 5, 13) == (2, 1, 1)
    with pytest.raises(errors.KernelArgumentError, match="65535"):
        grid(kernel, 65536, 64)
    assert grid(
        wt.Kernel(COPY, inputs=[None], output=same, workgroups=lambda shape: shape), 5, 13
    ) == (5, 13, 1)
    for size in ("wide", "8, 8"):
        source = COPY.replace("64", size)
        with pytest.raises(errors.KernelArgumentError, match="workgroups="):
            grid(wt.Kernel(source, inputs=[None], output=same), 5)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("binding(1)", "binding(2)", 2, "binding 2 is not there"),
        ("group(0) @binding(1)", "group(1) @binding(1)", 2, "group 0, not 1"),
        ("read_write", "read", 2, "is the result"),
        ("storage, read>", "storage, read_write>", 1, "is input 0"),
        ("var<storage, read>", "var<uniform>", 1, "not var<uniform>"),
        ("@group(0) @binding(0) var", "// var", 0, "nothing is bound at 0"),
        ("fn main", "fn other", 0, "no entry point"),
    ],
)
def test_wrong_bindings_are_told_with_their_line(old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(errors.KernelCompileError, match=words) as caught:
        wt.Kernel(COPY.replace(old, new), inputs=[None], output=same)
    assert caught.value.line == line
    if line:
        text = COPY.replace(old, new).splitlines()[line - 1]
        assert caught.value.source_line == text
        assert text[caught.value.column - 1] in "xy"


def test_bindings_in_comments_are_not_bindings() -> None:
    commented = f"/* @group(3) @binding(9) var<storage> z; */\n{COPY}"
    assert wt.Kernel(commented, inputs=[None], output=same)(wt.zeros(2)).shape == (2,)


def test_the_source_may_depend_on_the_tensors() -> None:
    def source(x: wt.Tensor) -> str:
        return COPY.replace("64", str(x.shape[-1]))

    kernel = wt.Kernel(source, inputs=[None], output=same)
    assert kernel(wt.zeros((6, 7)))._node.options["workgroups"] == (6, 1, 1)
    with pytest.raises(errors.KernelArgumentError, match="not WGSL"):
        wt.Kernel(lambda x: None, inputs=[None], output=same)(wt.zeros(2))  # type: ignore[arg-type,return-value]


def test_equal_declarations_are_one_operator_and_unequal_ones_are_not() -> None:
    x = wt.zeros(3)

    def kind(expression: str, **options: Any) -> str:
        return wt.Kernel.elementwise(expression, **options)(x)._node.kind

    kernel = wt.Kernel.elementwise("x + 1.0")
    assert kernel(x)._node.kind == kind("x + 1.0")
    assert kernel(x)._node.kind != kind("x + 2.0")
    assert kernel(x)._node.kind != kind("x + 1.0", dtype="int32")


def test_kernels_leave_nothing_behind() -> None:
    gc.collect()
    before = len(custom._rows)
    for number in range(20):
        wt.Kernel.elementwise(f"x + {number}.5")(wt.zeros(3))
    gc.collect()
    assert len(custom._rows) == before
