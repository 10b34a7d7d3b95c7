"""The CPU's kernels in WebAssembly, where NumPy has no BLAS."""

from __future__ import annotations

from tests.support.blank import BlankPage

# Sizes of one, of no multiple of a tile, past a band, a block's depth and its width.
PRODUCTS = """
import numpy as np
import webtensor as wt
from webtensor import discovery

await wt.init()
generator = np.random.default_rng(7)


def random(*shape):
    return generator.standard_normal(shape).astype(np.float32)


def check(left, right, result):
    expected = left.astype(np.float64) @ right.astype(np.float64)
    assert result.shape == expected.shape and result.dtype == np.float32
    depth = left.shape[-1]
    return float(np.abs(result - expected).max() / np.sqrt(depth))


backend = discovery.present("cpu")
one, other = (wt.asarray(random(64, 64), device="cpu") for _ in range(2))
await (one @ other).numpy()
kernels = backend._products
assert kernels is not None, "the kernels did not run"


async def rest():
    global rests
    rests += 1


rests = 0
errors = []
for m, k, n in ((1, 1, 1), (1, 600, 513), (7, 300, 97), (97, 1, 2000), (6, 256, 8),
                (100, 257, 2051), (193, 100, 9), (400, 513, 40)):
    left, right = random(m, k), random(k, n)
    for a, b in ((left, right), (np.asfortranarray(left), right), (left, np.asfortranarray(right)),
                 (left[::-1], right[:, ::-1]), (random(2 * m, 3 * k)[::2, ::3], right)):
        errors.append(check(a, b, await kernels.matmul(a, b, rest)))
for left, right in (((3, 1, 40, 50), (2, 50, 30)), ((2, 3, 5, 7), (7, 4)), ((4, 6), (5, 6, 3))):
    left, right = random(*left), random(*right)
    errors.append(check(left, right, await kernels.matmul(left, right, rest)))
for shape in ((0, 3, 4), (3, 0, 4), (3, 4, 0)):
    left, right = random(*shape[:2]), random(*shape[1:])
    result = await kernels.matmul(left, right, rest)
    assert result.shape == (shape[0], shape[2]) and not result.any()
left, right = random(13, 9), random(9, 21)
left[2, 3], left[5, 1], right[0, 20] = np.nan, np.inf, -np.inf
result = await kernels.matmul(left, right, rest)
with np.errstate(invalid="ignore"):
    expected = left @ right
np.testing.assert_array_equal(np.isnan(result), np.isnan(expected))
np.testing.assert_array_equal(np.isposinf(result), np.isposinf(expected))
finite = np.isfinite(expected)
np.testing.assert_allclose(result[finite], expected[finite], rtol=1e-4, atol=1e-5)

left, right = random(1500, 1400), random(1400, 1300)
one, other = (wt.asarray(values, device="cpu") for values in (left, right))
errors.append(check(left, right, await (one @ other).numpy()))
for _ in range(4):
    await kernels.matmul(left, right, rest)
{"worst": max(errors), "rests": rests, "adapter": backend.info().adapter}
"""


def test_products_of_any_shape_and_strides(blank: BlankPage) -> None:
    found = blank.py(PRODUCTS)
    assert found["worst"] < 1e-5
    assert found["rests"], "nobody could breathe"
    assert "SIMD" in found["adapter"]
