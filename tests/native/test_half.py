"""float16 on WebGPU, as the adapter's own type and two to a word: the same bits either way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import webtensor as wt
from tests.cases import CASES, Case
from tests.native.test_random_graphs import STEPS
from webtensor import discovery
from webtensor.backends.webgpu import elementwise, layout
from webtensor.backends.webgpu.backend import WebGPUBackend
from webtensor.backends.webgpu.variants import HARDWARE, SOFTWARE, Adapter, Variant
from webtensor.dtypes import DType
from webtensor.operators import TABLE

EVERY = np.arange(65536, dtype=np.uint16).view(np.float16)
# Bands so small that every product has several.
BANDED = Adapter(
    *(Variant("matmul_direct.wgsl", 3, 1, (8, 4)),) * 3, shares_rows=True, band_cost=1e3
)


def _use(webgpu: WebGPUBackend, *, native: bool, adapter: Adapter | None = None) -> None:
    webgpu.native_half = native
    webgpu.adapter = adapter or webgpu.adapter
    webgpu.executables.clear()


@pytest.fixture
def restored(webgpu: WebGPUBackend) -> Iterator[WebGPUBackend]:
    """The device, whose settings a test may change."""
    native, adapter = webgpu.native_half, webgpu.adapter
    yield webgpu
    _use(webgpu, native=native, adapter=adapter)


@pytest.fixture(params=[True, False], ids=["native", "packed"])
def native(request: pytest.FixtureRequest, restored: WebGPUBackend) -> bool:
    """Both layouts; the adapter of these tests must have the type."""
    assert restored.info().details["f16"], "the tests' adapter has shader-f16"
    _use(restored, native=request.param)
    return bool(request.param)


def on_gpu(values: np.ndarray) -> wt.Tensor:
    return wt.asarray(values, device="webgpu")


def assert_same(found: wt.Tensor, expected: np.ndarray) -> None:
    values = np.asarray(found)
    assert values.dtype == expected.dtype
    np.testing.assert_array_equal(values, expected)
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(values)[numbers], np.signbit(expected)[numbers])


@pytest.mark.parametrize("size", [65536, 65535, 65534])
def test_every_value_is_read_and_written_as_it_is(native: bool, size: int) -> None:
    values = EVERY[:size]
    assert_same(on_gpu(values).astype("float32"), values.astype(np.float32))
    assert_same(wt.negative(on_gpu(values)), -values)
    assert_same(on_gpu(values)[::-1] * 1, values[::-1])


def test_values_are_rounded_as_ieee_754_says(native: bool) -> None:
    generator = np.random.default_rng(1)
    # Not 0x477ff000 and the like: bit patterns of all magnitudes, and what lies between neighbours.
    anything = generator.integers(0, 2**32, 1 << 18, dtype=np.uint32).view(np.float32)
    inside = np.sort(generator.uniform(-70000, 70000, 1 << 18).astype(np.float32))
    finite = np.sort(EVERY[np.isfinite(EVERY)]).astype(np.float32)
    ties = (finite[1:] + finite[:-1]) / 2
    near = np.concatenate([np.nextafter(ties, np.float32(np.inf)), np.nextafter(ties, -finite[-1])])
    for values in (anything, inside, inside / 2**30, ties, near):
        with np.errstate(over="ignore"):
            expected = values.astype(np.float16)
        assert_same(on_gpu(values).astype("float16"), expected)


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "maximum"])
def test_arithmetic_gives_numpys_bits(native: bool, name: str) -> None:
    generator = np.random.default_rng(2)
    x, y = generator.permutation(EVERY), generator.permutation(EVERY)
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x, y)
        chained = (x * y + x) * np.float16(0.1)
    assert_same(getattr(wt, name)(on_gpu(x), on_gpu(y)), expected)
    assert_same((on_gpu(x) * on_gpu(y) + on_gpu(x)) * 0.1, chained)


@pytest.mark.parametrize("adapter", [SOFTWARE, HARDWARE], ids=["software", "hardware"])
def test_cases_where_the_adapter_lacks_the_type(restored: WebGPUBackend, adapter: Adapter) -> None:
    """All of them at once: a test each would double the list that all other tests share."""
    _use(restored, native=False, adapter=adapter)
    # Elementwise kernels are the same on all adapters.
    cases = [
        case
        for case in CASES
        if _is_half(case)
        and (
            adapter is SOFTWARE
            or (
                case.formula is None
                and TABLE[case.operator].family in ("reduction", "rows", "contraction")
            )
        )
    ]
    assert len(cases) > 50
    before = set(restored._pipelines)
    wrong = [f"{case.name}: {problem}" for case in cases if (problem := _check(case))]
    assert wrong == []
    assert not any("f16;" in source for source in set(restored._pipelines) - before)


@pytest.mark.parametrize("own_type", [True, False], ids=["native", "packed"])
def test_products_in_bands(restored: WebGPUBackend, own_type: bool) -> None:
    _use(restored, native=own_type, adapter=BANDED)
    cases = [case for case in CASES if _is_half(case) and case.operator == "matmul"]
    assert [problem for case in cases if (problem := _check(case))] == []


def _is_half(case: Case) -> bool:
    return any(one.dtype == np.float16 for one in case.operands)


def _check(case: Case) -> str | None:
    return asyncio.run(case.check("webgpu"))


def _linear(x: wt.Tensor, w: wt.Tensor, b: wt.Tensor, wait: Callable[..., wt.Tensor]) -> wt.Tensor:
    return wt.nn.relu(wait(wait(x @ w) + b))


def _softmax(x: wt.Tensor, w: wt.Tensor, b: wt.Tensor, wait: Callable[..., wt.Tensor]) -> wt.Tensor:
    return wait(wt.nn.softmax(wait(x * 3), axis=-1)) * 7 - 1


def _sum(x: wt.Tensor, w: wt.Tensor, b: wt.Tensor, wait: Callable[..., wt.Tensor]) -> wt.Tensor:
    return wait(wt.sum(wait(wt.abs(x)), axis=-1)) / 3


def _narrowed(
    x: wt.Tensor, w: wt.Tensor, b: wt.Tensor, wait: Callable[..., wt.Tensor]
) -> wt.Tensor:
    """A product in float32 whose epilogue makes float16."""
    return wait(x.astype("float32") @ w.astype("float32")).astype("float16") + b


@pytest.mark.parametrize("columns", [36, 34, 35])
@pytest.mark.parametrize("compute", [_linear, _softmax, _sum, _narrowed])
def test_fused_operators_round_as_lone_ones(
    native: bool, compute: Callable[..., wt.Tensor], columns: int
) -> None:
    generator = np.random.default_rng(columns)
    x, w, b = (
        on_gpu(generator.uniform(-1, 1, shape).astype(np.float16))
        for shape in ((33, columns), (columns, columns), (columns,))
    )

    def computed(tensor: wt.Tensor) -> wt.Tensor:
        asyncio.run(wt.eval(tensor))
        return tensor

    assert_same(compute(x, w, b, lambda one: one), np.asarray(compute(x, w, b, computed)))


def _graph(seed: int) -> list[wt.Tensor]:
    chance = random.Random(seed)
    shape = chance.choice([(4, 8), (5, 7), (3, 4, 16), (1, 12), (2, 3, 5), (33, 20)])
    generator = np.random.default_rng(seed)
    known = [on_gpu(generator.uniform(-1, 1, shape).astype(np.float16)) for _ in range(3)]
    for _ in range(14):
        made = chance.choice(STEPS)(chance, known)
        if made.size and len(made.shape) > 0:
            known.append(made)
    return [known[-1], chance.choice(known[3:])]


@pytest.mark.parametrize("adapter", [SOFTWARE, HARDWARE], ids=["software", "hardware"])
@pytest.mark.parametrize("seed", range(25))
def test_both_layouts_give_the_same_bits(
    restored: WebGPUBackend, seed: int, adapter: Adapter
) -> None:
    results = []
    for native in (True, False):
        _use(restored, native=native, adapter=adapter)
        tensors = _graph(seed)
        asyncio.run(wt.eval(*tensors))
        results.append([np.asarray(one) for one in tensors])
    for one, other in zip(*results, strict=True):
        assert one.dtype == np.float16
        np.testing.assert_array_equal(one, other)


def test_the_layout_is_the_one_that_was_asked_for(native: bool, restored: WebGPUBackend) -> None:
    restored._pipelines.clear()
    x = on_gpu(np.float16([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert (wt.nn.softmax(x @ x.mT) + 1).tolist()
    kernels = [one for one in restored._pipelines if "float16" in one]
    assert len(kernels) > 1
    for source in kernels:
        assert source.startswith("enable f16;") == native
        assert ("pack_" in source) != native


def test_an_unsound_type_is_demoted(webgpu: WebGPUBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = WebGPUBackend(webgpu.gpu)
    monkeypatch.setitem(discovery._backends, "webgpu", fresh)
    right = layout.stored

    def flushing(expression: str, dtype: DType, wide: bool, native_half: bool) -> str:
        """As a driver does that keeps no subnormal numbers."""
        if native_half and layout.is_half(dtype):
            zero = layout.value_type(dtype, wide) + "()"
            expression = f"select({zero}, {expression}, abs({expression}) > {zero} + 6e-5)"
        return right(expression, dtype, wide, native_half)

    monkeypatch.setattr(elementwise, "stored", flushing)
    assert fresh.native_half
    with pytest.warns(RuntimeWarning, match=r"does not keep 0x0, 0x1, 0x8003, 0x2"):
        found = wt.negative(on_gpu(np.float16([1.0, 6e-8]))).tolist()
    assert found == [-1.0, -float(np.float16(6e-8))]
    assert not fresh.native_half
    assert "native_half" in fresh.info().details["demoted"]


def test_an_element_takes_two_bytes(native: bool, restored: WebGPUBackend) -> None:
    before = restored.memory()["live"]
    x = on_gpu(np.ones((1024, 256), np.float16))
    y = x + x
    asyncio.run(wt.eval(y))
    assert y.nbytes == 1024 * 256 * 2
    assert restored.memory()["live"] - before == 2 * y.nbytes
