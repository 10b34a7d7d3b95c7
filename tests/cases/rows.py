"""Cases of softmax and the normalisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import webtensor as wt

from .case import INF, NAN, Array, Case, random

# (shape, axes): last and not, several at once, of one element, primes, vectors and not, long.
_PLANS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((1,), (0,)),
    ((67,), (0,)),
    ((5, 64), (1,)),
    ((129, 132), (1,)),
    ((257, 31), (1,)),
    ((31, 257), (0,)),
    ((3, 5, 7, 8), (1,)),
    ((3, 5, 7, 8), (2, 3)),
    ((2, 40000), (1,)),
    ((0, 3), (1,)),
)


def _apply(name: str, axes: tuple[int, ...], options: dict[str, Any]) -> Callable[..., wt.Tensor]:
    if name in ("softmax", "log_softmax"):
        return lambda x: getattr(wt.nn, name)(x, axis=axes[0])
    if name == "rms_normalization":
        return lambda x: wt.nn.rms_norm(x, x.shape[axes[0] :], eps=options["epsilon"])
    return lambda x: wt.nn.layer_norm(x, x.shape[axes[0] :], eps=options["epsilon"])


def _case(name: str, label: str, values: Array, axes: tuple[int, ...], **more: Any) -> Case:
    options: dict[str, Any] = {"axes": axes}
    if name.endswith("normalization"):
        options["epsilon"] = 1e-5
    return Case(name, label, (values,), _apply(name, axes, options), options, **more)


def cases() -> Iterator[Case]:
    special = np.array([[1.0, NAN, 2.0], [INF, 1.0, -2.0], [-INF, 3.0, 1.0]], dtype=np.float32)
    far = np.array([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -999.5]], dtype=np.float32)
    for name in ("softmax", "log_softmax", "layer_normalization", "rms_normalization"):
        one_axis = name in ("softmax", "log_softmax")
        for shape, axes in _PLANS:
            last = axes == tuple(range(len(shape) - len(axes), len(shape)))
            if len(axes) > 1 if one_axis else not last:
                continue
            yield _case(name, "random", random(shape, "float32", -5, 5), axes)
        yield _case(name, "random", random((5, 67), "float64", -5, 5), (1,))
        yield _case(name, "special", special, (1,))
        if one_axis:
            yield _case(name, "far from zero", far, (1,))
        turned = random((7, 13), "float32", -5, 5)
        yield _case(name, "transposed", turned, (1,), view=lambda x: x.T)
        sliced = random((6, 40), "float32", -5, 5)
        yield _case(name, "sliced", sliced, (1,), view=lambda x: x[1::2, 4:36])
