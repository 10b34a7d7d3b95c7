"""Random keys, to index and assign as NumPy does."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

import webtensor as wt

_DTYPES = ("float32", "int32", "uint8", "bool", "float16")


def differences(device: str, rounds: int, seed: int) -> list[str]:
    """A line for each of `rounds` keys with which `x[key]` or `x[key] = value` is not NumPy's."""
    chance, generator = random.Random(seed), np.random.default_rng(seed)
    keys = _Keys(chance, generator, device)
    found = []
    for _ in range(rounds):
        sizes = (1, 2, 3, 4, 5, 8, 8, 8, 0) if chance.random() < 0.3 else (1, 2, 3, 4, 5, 8)
        shape = tuple(chance.choice(sizes) for _ in range(chance.randint(0, 4)))
        values = keys.values(shape, chance.choice(_DTYPES))
        key = keys.key(shape)
        try:
            problem = keys.compared(values, key)
        except Exception as error:
            problem = repr(error)
        if problem:
            found.append(f"shape {shape}, key {key}: {problem}")
    return found


class _Keys:
    """Where chance comes from, and where tensors are."""

    def __init__(self, chance: random.Random, generator: np.random.Generator, device: str) -> None:
        self._chance = chance
        self._generator = generator
        self._device = device

    def values(self, shape: tuple[int, ...], dtype: str) -> Any:
        return np.asarray(self._generator.random(shape) * 50).astype(dtype)

    def key(self, shape: tuple[int, ...]) -> Any:
        """A key that fits `shape`."""
        chance = self._chance
        if chance.random() < 0.1:
            return self._mask(shape[: chance.randint(0, len(shape))])
        places = chance.choice([(), (3,), (2, 1), (2, 3), (1,), (0,)])
        key: list[Any] = []
        axis = 0
        while axis < len(shape):
            length, kind = shape[axis], chance.random()
            if kind < 0.12:
                key.append(None)
                continue
            if kind < 0.2 and not any(one is Ellipsis for one in key):
                key.append(...)
                axis += chance.randint(0, len(shape) - axis)
                continue
            if kind > 0.95:
                break
            count = 1
            if kind < 0.35 and length:
                key.append(chance.randrange(-length, length))
            elif kind < 0.9 and kind > 0.6 and length:
                some = [1 if chance.random() < 0.3 else size for size in places]
                wanted = chance.choice([places, tuple(some), places[-1:]])
                index = self._generator.integers(-length, length, wanted)
                key.append(np.asarray(index, dtype=chance.choice(["int32", "int64", "int8"])))
            elif kind < 0.9:
                ends = [chance.choice([None, chance.randint(-9, 9)]) for _ in range(2)]
                key.append(slice(*ends, chance.choice([None, 1, 2, -1, -2, 3])))
            else:
                count = chance.randint(1, len(shape) - axis)
                key.append(self._mask(shape[axis : axis + count]))
            axis += count
        return tuple(key) if len(key) != 1 or chance.random() < 0.5 else key[0]

    def _mask(self, shape: tuple[int, ...]) -> Any:
        return np.asarray(self._generator.random(shape) < 0.5)

    def _as_ours(self, key: Any) -> Any:
        """The key with some arrays as tensors, computed ones too, and some as lists."""
        if isinstance(key, tuple):
            return tuple(map(self._as_ours, key))
        if not isinstance(key, np.ndarray):
            return key
        form = self._chance.random()
        if form < 0.15 and key.size and key.ndim:
            return key.tolist()
        if form < 0.4:
            return key
        if key.dtype == bool:
            tensor = wt.asarray(key, device=self._device)
            return ~~tensor if form < 0.7 else tensor
        tensor = wt.asarray(key.astype("int32"), device=self._device)
        return tensor + 0 if form < 0.7 else tensor

    def compared(self, values: Any, key: Any) -> str:
        """What is different with `key`, "" where nothing is."""
        x = wt.asarray(values, device=self._device)
        try:
            expected = values[key]
        except IndexError:
            try:
                x[self._as_ours(key)]
            except IndexError:
                return ""
            return "raised nothing"
        found = np.asarray(x[self._as_ours(key)])
        if found.shape != expected.shape or not np.array_equal(found, expected):
            return f"gave {found.shape}, not {expected.shape}"
        value = self._value(expected.shape, values.dtype.name)
        changed = values.copy()
        changed[key] = value
        view = x[...]
        given = value
        if isinstance(value, np.ndarray) and self._chance.random() < 0.7:
            given = wt.asarray(value, device=self._device)
        x[self._as_ours(key)] = given
        if not np.array_equal(np.asarray(x), changed):
            return f"assigned a value of shape {np.shape(value)} wrongly"
        return "" if np.array_equal(np.asarray(view), values) else "changed a view"

    def _value(self, shape: tuple[int, ...], dtype: str) -> Any:
        if self._chance.random() < 0.3 or not shape:
            return True if dtype == "bool" else self._chance.randint(0, 50)
        sizes = tuple(1 if self._chance.random() < 0.2 else size for size in shape)
        # NumPy takes a mask's values along one axis only if all of the mask's are there.
        first = self._chance.randint(0, len(sizes)) if self._chance.random() < 0.2 else 0
        return self.values(sizes[first:], dtype)
