"""Kernels that a program brings itself, on a real device."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import errors
from webtensor.backends.webgpu.backend import WebGPUBackend

pytestmark = pytest.mark.usefixtures("webgpu")

SHAPES = [(), (1,), (67,), (257, 3), (4, 16), (5, 1, 7), (0, 3)]
SCALE = """\
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x < arrayLength(&y) { y[id.x] = 3.0 * x[id.x]; }
}
"""
# y[i] = a[i] + 10 * b[2 * i]: the places tell how operands lie.
GATHER = """\
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x < arrayLength(&y) { y[id.x] = a[id.x] + 10.0 * f32(b[2u * id.x]); }
}
"""
ROW_SUMS = """\
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) group: vec3u) {
    var total = 0.0;
    for (var column = 0u; column < COLUMNSu; column++) {
        total += x[group.x * COLUMNSu + column];
    }
    y[group.x] = total;
}
"""


def random(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([*shape, seed]).normal(size=shape).astype(np.float32)


def on_gpu(values: Any) -> wt.Tensor:
    return wt.asarray(values, device="webgpu")


scale = wt.Kernel(SCALE, inputs=["float32"], output=lambda x: (x.shape, x.dtype), name="scale")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_an_elementwise_kernel_gives_what_float64_gives(shape: tuple[int, ...]) -> None:
    swish = wt.Kernel.elementwise("x / (1.0 + exp(-beta * x))", ("x", "beta"), name="swish")
    x, y = random(*shape), random(*shape, seed=1)
    result = np.asarray(wt.tanh(swish(on_gpu(x) * 2, on_gpu(y))))
    wide, beta = 2 * x.astype(np.float64), y.astype(np.float64)
    assert result.shape == shape
    np.testing.assert_allclose(result, np.tanh(wide / (1 + np.exp(-beta * wide))), atol=2e-6)


def test_it_broadcasts_and_takes_scalars_and_views() -> None:
    blend = wt.Kernel.elementwise("x * t + y * (1.0 - t)", ("x", "y", "t"))
    x, y = random(257, 3), random(3, seed=1)
    result = np.asarray(blend(on_gpu(x)[::-1], on_gpu(y), 0.25))
    np.testing.assert_allclose(result, x[::-1] * 0.25 + y * 0.75, rtol=1e-6, atol=1e-6)


def test_it_fuses_with_its_neighbours() -> None:
    cube = wt.Kernel.elementwise("x * x * x", name="cube")
    x = random(12, 11)
    y = wt.exp(cube(wt.abs(on_gpu(x))) * 0.5)
    assert "  1. abs → cube → multiply → exp: float32[12, 11]" in wt.explain(y)
    np.testing.assert_allclose(np.asarray(y), np.exp(np.abs(x.astype(float)) ** 3 / 2), rtol=2e-5)


@pytest.mark.parametrize("dtype", ["int32", "uint32", "int16", "uint16", "int8", "uint8"])
@pytest.mark.parametrize("count", [64, 67])
def test_integers_wrap_as_those_of_numpy_do(dtype: str, count: int) -> None:
    polynomial = wt.Kernel.elementwise("x * x + y", ("x", "y"))
    kind = np.iinfo(dtype)
    generator = np.random.default_rng(count)
    x, y = (generator.integers(kind.min, kind.max, count, dtype=dtype) for _ in range(2))
    with np.errstate(all="ignore"):
        assert np.array_equal(np.asarray(polynomial(on_gpu(x), on_gpu(y))), x * x + y)


@pytest.mark.parametrize("count", [64, 67])
def test_the_result_may_be_of_another_dtype(count: int) -> None:
    x = random(count)
    is_near = wt.Kernel.elementwise("abs(x) < 0.5", dtype=bool)
    rounded = wt.Kernel.elementwise("i32(round(x * 10.0))", dtype="int32")
    truth = np.asarray(is_near(on_gpu(x)))
    assert truth.dtype == bool
    assert truth.any()
    assert np.array_equal(truth, np.abs(x) < 0.5)
    assert np.array_equal(np.asarray(rounded(on_gpu(x))), np.rint(x * np.float32(10)).astype("i4"))
    assert np.array_equal(np.asarray(wt.logical_not(is_near(on_gpu(x)))), np.abs(x) >= 0.5)


def test_statements_and_loops_are_bodies_too() -> None:
    collatz = wt.Kernel.elementwise(
        """
        var n = x;
        var steps = 0;
        while n > 1 && steps < 1000 {
            if n % 2 == 0 { n = n / 2; } else { n = 3 * n + 1; }
            steps++;
        }
        return steps;
        """
    )
    values = [1, 2, 3, 7, 27, 97]
    assert collatz(wt.asarray(values, device="webgpu")).tolist() == [0, 1, 7, 16, 111, 118]


def test_one_kernel_in_two_dtypes_in_one_graph() -> None:
    double = wt.Kernel.elementwise("x + x")
    x = wt.asarray([1, 2, 3], device="webgpu")
    both = double(x.astype("float32") * 0.5) + double(x).astype("float32")
    assert both.tolist() == [3.0, 6.0, 9.0]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_whole_kernel_runs_over_any_shape(shape: tuple[int, ...]) -> None:
    x = random(*shape)
    result = np.asarray(scale(on_gpu(x)))
    assert result.shape == shape
    assert np.array_equal(result, np.float32(3) * x)


def test_views_are_copied_and_neighbours_compute_in_kernels_of_their_own() -> None:
    x = random(257, 6)
    tensor = on_gpu(x)
    assert np.array_equal(np.asarray(scale(tensor.mT)), np.float32(3) * x.T)
    assert np.array_equal(np.asarray(scale(tensor[5::-2, ::2])), np.float32(3) * x[5::-2, ::2])
    row = wt.broadcast_to(tensor[3], (4, 6))
    assert np.array_equal(np.asarray(scale(row)), np.float32(3) * np.broadcast_to(x[3], (4, 6)))
    chained = scale(scale(tensor * 2) + 1)
    assert wt.explain(chained).count("scale: ") == 2
    expected = 3 * (6 * x.astype(np.float64) + 1)
    np.testing.assert_allclose(np.asarray(chained), expected, rtol=1e-6, atol=1e-6)


def test_part_of_a_buffer_is_bound_as_what_it_is() -> None:
    """The first rows of a tensor lie in C order, and arrayLength is theirs."""
    length = wt.Kernel(
        SCALE.replace("3.0 * x[id.x]", "f32(arrayLength(&x))"),
        inputs=[None],
        output=((1,), "float32"),
    )
    x = on_gpu(random(8, 4))
    assert length(x[:3]).tolist() == [12.0]
    assert length(x[5:]).tolist() == [12.0]
    assert length(x).tolist() == [32.0]


def test_inputs_of_several_dtypes_in_order() -> None:
    kernel = wt.Kernel(
        GATHER, inputs=["float32", "int32"], output=lambda a, b: (a.shape, "float32")
    )
    a, b = random(67), np.arange(134, dtype=np.int32)
    expected = a.astype(np.float64) + 10 * b[::2]
    np.testing.assert_allclose(np.asarray(kernel(on_gpu(a), on_gpu(b))), expected, rtol=1e-6)
    same = wt.Kernel(GATHER.replace("i32>", "f32>"), inputs=[None] * 2, output=((2,), "float32"))
    x = on_gpu([1.0, 2.0, 3.0])
    assert same(x, x).tolist() == [11.0, 32.0]


def test_an_input_without_elements() -> None:
    """WebGPU binds no empty buffers: a word stands for it."""
    ones = wt.Kernel(
        SCALE.replace("3.0 * x[id.x]", "f32(arrayLength(&x))"),
        inputs=[None],
        output=((3,), "float32"),
    )
    x = on_gpu(random(0, 3))
    assert ones(x).tolist() == ones(x + 1).tolist() == ones(x.mT).tolist() == [1.0] * 3


def test_no_inputs_at_all() -> None:
    numbers = wt.Kernel(
        """
        @group(0) @binding(0) var<storage, read_write> y: array<u32>;
        @compute @workgroup_size(8, 1)
        fn main(@builtin(global_invocation_id) id: vec3u) {
            if id.x < arrayLength(&y) { y[id.x] = id.x * id.x; }
        }
        """,
        inputs=[],
        output=((3, 5), "uint32"),
    )
    wt.set_default_device("webgpu")
    try:
        assert np.array_equal(np.asarray(numbers()), np.arange(15).reshape(3, 5) ** 2)
    finally:
        wt.set_default_device(None)


def test_sizes_in_the_source_and_workgroups_from_the_result() -> None:
    sums = wt.Kernel(
        lambda x: ROW_SUMS.replace("COLUMNS", str(x.shape[1])),
        inputs=["float32"],
        output=lambda x: (x.shape[:1], x.dtype),
        workgroups=lambda shape: shape,
    )
    for shape in ((5, 7), (257, 3), (3, 1)):
        x = random(*shape)
        np.testing.assert_allclose(
            np.asarray(sums(on_gpu(x))), x.astype(np.float64).sum(1), rtol=1e-5, atol=1e-6
        )


def test_packed_elements_are_four_to_a_word() -> None:
    inverted = wt.Kernel(
        SCALE.replace("f32", "u32").replace("3.0 * x[id.x]", "~x[id.x]"),
        inputs=["uint8"],
        output=lambda x: (x.shape, x.dtype),
    )
    x = np.random.default_rng(3).integers(0, 256, 67, dtype=np.uint8)
    assert np.array_equal(np.asarray(inverted(on_gpu(x))), ~x)


@pytest.mark.parametrize(
    ("expression", "line", "column"), [("x * z", 1, 5), ("x\n  + q", 2, 5), ("x *", 1, None)]
)
def test_an_error_in_an_expression_is_told_in_its_own_lines(
    expression: str, line: int, column: int | None
) -> None:
    broken = wt.Kernel.elementwise(expression, name="broken")
    x = on_gpu(random(8))
    with pytest.raises(errors.KernelCompileError) as caught:
        (broken(x) + 1).tolist()
    if column is not None:
        assert (caught.value.line, caught.value.column) == (line, column)
        assert caught.value.source_line == expression.splitlines()[line - 1]
    assert (x + 1).shape == (8,)
    assert np.asarray(x + 1).shape == (8,)


def test_an_error_in_a_whole_kernel_names_line_and_column() -> None:
    broken = wt.Kernel(
        SCALE.replace("3.0 *", "three *"), inputs=[None], output=lambda x: (x.shape, x.dtype)
    )
    with pytest.raises(errors.KernelCompileError) as caught:
        broken(on_gpu(random(8))).tolist()
    assert caught.value.line == 6
    assert caught.value.source_line.lstrip().startswith("if id.x")
    assert caught.value.source_line[caught.value.column - 1 :].startswith("three")


def test_a_kernel_compiles_once(webgpu: WebGPUBackend) -> None:
    kernel = wt.Kernel(
        SCALE.replace("3.0", "4.25"), inputs=[None], output=lambda x: (x.shape, x.dtype)
    )
    before = len(webgpu._pipelines)
    for number in range(3):
        kernel(on_gpu(random(8, seed=number))).tolist()
    assert len(webgpu._pipelines) == before + 1


def test_a_reference_serves_the_cpu() -> None:
    kernel = wt.Kernel(
        SCALE, inputs=["float32"], output=lambda x: (x.shape, x.dtype), reference=lambda x: 3 * x
    )
    x = random(257, 3)
    there, here = kernel(on_gpu(x)), kernel(wt.asarray(x, device="cpu"))
    assert np.array_equal(np.asarray(there), np.asarray(here))
    with pytest.raises(errors.UnsupportedOperatorError, match="scale cannot run on 'cpu'"):
        scale(wt.asarray(x, device="cpu")).tolist()
