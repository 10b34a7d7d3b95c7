"""What `wt.nn` composes, on WebGPU in float32, beside the CPU in float64; what the CPU gives is
compared with formulas in tests/plain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import webtensor as wt
from webtensor import nn
from webtensor.backends.webgpu.backend import WebGPUBackend

_random = np.random.default_rng(41)
SHAPES: dict[str, tuple[int, ...]] = {
    "x": (5, 6, 37), "y": (5, 6, 37), "image": (2, 4, 19, 23), "columns": (2, 16, 99),
    "sequence": (7, 3, 5), "input": (16, 5), "hidden": (16, 4), "bias": (16,),
    "layer": (16, 8), "filter": (6, 2, 3), "rows": (37, 70), "table": (9, 11),
}  # fmt: skip
VALUES: dict[str, Any] = {
    name: _random.uniform(-2, 2, shape).astype(np.float32) for name, shape in SHAPES.items()
}
VALUES["x"].flat[[3, 70, 200]] = np.nan, np.inf, -np.inf
VALUES["chances"] = _random.uniform(0.05, 0.95, (5, 6, 37)).astype(np.float32)
VALUES["signs"] = np.where(_random.random((5, 6, 37)) > 0.5, 1, -1).astype(np.int32)
VALUES["classes"] = _random.integers(-1, 70, 37).astype(np.int32)
VALUES["places"] = _random.integers(0, 9, (3, 4)).astype(np.int32)
VALUES["bytes"] = _random.integers(0, 256, (1, 3, 19, 23)).astype(np.uint8)
VALUES["photo"] = _random.integers(0, 256, (1, 3, 260, 331)).astype(np.uint8)
VALUES["half"] = _random.uniform(-2, 2, (2, 3, 11, 10)).astype(np.float16)


class Operands:
    """The values as tensors of a device; floats as float64 on the CPU."""

    def __init__(self, device: str) -> None:
        for name, values in VALUES.items():
            exact = device == "cpu" and values.dtype == np.float32
            setattr(self, name, wt.asarray(values.astype("f8") if exact else values, device=device))

    def __getattr__(self, name: str) -> wt.Tensor:
        raise AttributeError(name)


# Compositions with kernels of their own are enough: the rest differs in numbers only.
COMPOSED: dict[str, Callable[[Operands], Any]] = {
    "activations": lambda o: [
        nn.celu(o.x, 0.7), nn.hardshrink(o.x), nn.softshrink(o.x), nn.hardtanh(o.x),
        nn.tanhshrink(o.x), nn.threshold(o.x, 0.1, 20.0), nn.rrelu(o.x),
        nn.prelu(o.x, o.y[0, :, 0]), nn.softplus(o.x, 2.0, 3.0), nn.glu(o.y, dim=1),
        nn.softmin(o.y, dim=1), nn.logsigmoid(o.x),
    ],
    "distances": lambda o: [
        nn.normalize(o.y, dim=-1), nn.cosine_similarity(o.x, o.y),
        nn.local_response_norm(o.image, 3), nn.pairwise_distance(o.x, o.y, p=3.0),
        nn.normalize(o.half),
    ],
    "images": lambda o: [
        nn.pixel_shuffle(o.image, 2), nn.pixel_unshuffle(o.image[..., :18, :22], 2),
        nn.channel_shuffle(o.image, 2), nn.unfold(o.image, (2, 3), 2, 1, (3, 2)),
        nn.fold(o.columns, (10, 12), 2), nn.fold(o.columns, (18, 33), 2, stride=(2, 3)),
    ],
    "pooling": lambda o: [
        nn.adaptive_avg_pool2d(o.image, (5, 23)), nn.adaptive_max_pool2d(o.image, (19, 4)),
        nn.adaptive_max_pool1d(o.x, 7), nn.adaptive_avg_pool1d(o.x, 7), nn.max_pool1d(o.x, 3),
        nn.lp_pool2d(o.image, 2.0, (2, 3)), nn.conv_transpose1d(o.x, o.filter, stride=2, padding=1),
    ],
    "resizing": lambda o: [
        nn.interpolate(o.x, scale_factor=1.7), nn.interpolate(o.x, 90, mode="linear"),
        nn.interpolate(o.image, (40, 9), mode="bicubic", align_corners=True),
        nn.interpolate(o.image, (7, 60), mode="bilinear", antialias=True),
        nn.interpolate(o.bytes, (7, 60), mode="bicubic", antialias=True),
        nn.interpolate(o.photo, (224, 224), mode="bicubic", antialias=True),
        nn.interpolate(o.photo.astype(o.x.dtype), 224, mode="bilinear"),
        nn.interpolate(o.bytes, (40, 11)), nn.interpolate(o.half, (5, 23), mode="bilinear"),
    ],
    "losses": lambda o: [
        nn.cross_entropy(o.rows, o.classes, ignore_index=3, label_smoothing=0.2, reduction="none"),
        nn.cross_entropy(o.rows, where_known(o.classes), o.rows[0] + 3.0, ignore_index=3),
        nn.cross_entropy(o.x[1:], o.chances[1:]), nn.binary_cross_entropy(o.chances, o.chances),
        nn.binary_cross_entropy_with_logits(o.x, o.chances, reduction="none"),
        nn.kl_div(o.y, o.chances, reduction="batchmean"), nn.huber_loss(o.x, o.y, reduction="none"),
        nn.hinge_embedding_loss(o.y, o.signs), nn.margin_ranking_loss(o.y, o.chances, o.signs),
        nn.triplet_margin_loss(o.y, o.chances, o.y[:1], swap=True),
        nn.soft_margin_loss(o.y, o.signs), nn.poisson_nll_loss(o.y, o.chances, full=True),
        nn.gaussian_nll_loss(o.x[1:], o.y[1:], o.chances[1:]),
        nn.cosine_embedding_loss(o.y[0], o.chances[0], o.signs[0, :, 0]),
    ],
    "tables": lambda o: [
        nn.embedding(o.places, o.table, max_norm=1.5), nn.one_hot(o.places),
        nn.bilinear(o.table[:, :5], o.table[:, 5:], o.columns[0, :, :30].reshape(16, 5, 6)),
    ],
    "recurrence": lambda o: [
        *nn.lstm(o.sequence, None, [o.input, o.hidden, o.bias, -o.bias] * 2
                 + [o.layer, o.hidden, o.bias, o.bias] * 2, num_layers=2, bidirectional=True),
        *nn.gru(o.sequence, None, [o.input[:12], o.hidden[:12], o.bias[:12], o.bias[4:]]),
        nn.rnn_relu_cell(o.sequence[0], o.table[:3, :4], o.input[:4], o.hidden[:4]),
    ],
}  # fmt: skip


def where_known(classes: wt.Tensor) -> wt.Tensor:
    return wt.where(classes < 0, 3, classes)


async def compare(name: str) -> None:
    results = COMPOSED[name](Operands("webgpu"))
    await wt.eval(*results)
    for number, (one, other) in enumerate(
        zip(results, COMPOSED[name](Operands("cpu")), strict=True)
    ):
        values, expected = await one.numpy(), await other.numpy()
        place = f"{name} {number}"
        assert values.shape == expected.shape, place
        assert values.dtype.kind == expected.dtype.kind, place
        assert np.isfinite(expected).any(), place
        if values.dtype.kind != "f":
            np.testing.assert_array_equal(values, expected, err_msg=place)
            continue
        tolerance = 2e-3 if values.dtype == np.float16 else 2e-5
        np.testing.assert_allclose(values, expected, rtol=tolerance, atol=tolerance, err_msg=place)


@pytest.mark.parametrize("name", COMPOSED)
def test_compositions(name: str, webgpu: WebGPUBackend) -> None:
    asyncio.run(compare(name))


@pytest.mark.parametrize(("layer", "gates"), [(nn.lstm, 4), (nn.gru, 3)])
def test_more_steps_need_no_more_kernels(
    layer: Callable[..., Any], gates: int, webgpu: WebGPUBackend
) -> None:
    """A driver compiles each for tenths of a second."""

    def made(steps: int) -> int:
        before = len(webgpu._pipelines)
        values = [_random.uniform(-1, 1, shape) for shape in ((gates * 9, 5), (gates * 9, 9))]
        params = [wt.asarray(one.astype(np.float32), device="webgpu") for one in values]
        given = _random.uniform(-1, 1, (steps, 2, 5)).astype(np.float32)
        asyncio.run(layer(wt.asarray(given, device="webgpu"), None, params, False)[0].numpy())
        return len(webgpu._pipelines) - before

    assert made(12) > 0
    # The product of the whole input, taking from it, and joining the results.
    assert made(30) <= 6
