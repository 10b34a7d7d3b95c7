"""Products of float32 matrices in WebAssembly, for a Python whose NumPy has no BLAS.

Both operands are packed into panels, B's of COLUMNS columns and A's of so many rows that a tile of
C stays in registers, as in Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix
Multiplication". Packing takes any strides, so transposes cost nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from ... import host
from ...lazy_numpy import np
from .assembler import V128, Function, module

COLUMNS = 8
_VECTORS = COLUMNS // 4
#: Rows of a tile: with a fused multiply-add 6, else one register more is needed in between.
_ROWS = {True: 6, False: 4}
# A block of A (_BAND × _DEPTH) stays in the second cache, one of B in the third.
_BAND, _WIDTH, _DEPTH = 192, 2048, 256
_REST_SECONDS = 0.05


def _pack(width: int) -> Function:
    """Panels of `width` lines, one element of each after the other; strides are bytes.

    Parameters: lines, from line to line, from element to element, panels, their number, elements of
    a line.
    """
    code = Function(f"pack{width}", 6)
    lines, line_stride, stride, packed, panels, depth = range(6)
    column, at, left = code.local(), code.local(), code.local()
    with code.repeat(panels):
        code.copy(lines, column)
        code.copy(depth, left)
        with code.repeat(left):
            code.copy(column, at)
            for number in range(width):
                code.get(packed, at)
                code.memory("f32.load")
                code.memory("f32.store", 4 * number)
                code.add_variable(at, line_stride)
            code.add_number(packed, 4 * width)
            code.add_variable(column, stride)
        code.copy(at, lines)
        # `at` is one line and depth - 1 elements too far on: begin anew from the panel's first.
        code.get(lines, stride, depth)
        code.emit(1, "i32.sub", "i32.mul", "i32.sub")
        code.set(lines)
    return code


def _multiply(rows: int, fused: bool) -> Function:
    """C += A · B.

    Parameters: A's panels, B's, C, the number of A's panels, of B's, elements of a line, bytes from
    row to row of C.
    """
    code = Function("multiply", 7)
    a, b, c, a_panels, b_panels, depth, row_stride = range(7)
    a_at, b_at, c_at, c_row, panels, left = (code.local() for _ in range(6))
    sums = [[code.local(V128) for _ in range(_VECTORS)] for _ in range(rows)]
    right = [code.local(V128) for _ in range(_VECTORS)]
    factor = code.local(V128)
    with code.repeat(b_panels):
        code.copy(a, a_at)
        code.copy(c, c_at)
        code.copy(a_panels, panels)
        with code.repeat(panels):
            code.copy(c_at, c_row)
            for row in sums:
                for number, total in enumerate(row):
                    code.get(c_row)
                    code.memory("v128.load", 16 * number)
                    code.set(total)
                code.add_variable(c_row, row_stride)
            code.copy(b, b_at)
            code.copy(depth, left)
            with code.repeat(left):
                for number, vector in enumerate(right):
                    code.get(b_at)
                    code.memory("v128.load", 16 * number)
                    code.set(vector)
                for row_number, row in enumerate(sums):
                    code.get(a_at)
                    code.memory("v128.load32_splat", 4 * row_number)
                    code.set(factor)
                    for vector, total in zip(right, row, strict=True):
                        code.multiply_add(factor, vector, total, fused)
                code.add_number(a_at, 4 * rows)
                code.add_number(b_at, 4 * COLUMNS)
            for row in sums:
                for number, total in enumerate(row):
                    code.get(c_at, total)
                    code.memory("v128.store", 16 * number)
                code.add_variable(c_at, row_stride)
        code.copy(b_at, b)
        code.add_number(c, 4 * COLUMNS)
    return code


@functools.cache
def _assembled() -> tuple[bytes, int] | None:
    """The module that this engine takes, and the rows of its tiles; None where it takes none."""
    for fused, rows in _ROWS.items():
        code = module([_pack(rows), _pack(COLUMNS), _multiply(rows, fused)])
        if host.takes_wasm(code):
            return code, rows
    return None


def supported() -> bool:
    """Whether this engine has what the kernels need (SIMD)."""
    return _assembled() is not None


class Products:
    """The kernels, ready; make it with `await Products.ready()`."""

    def __init__(self, functions: Any, rows: int) -> None:
        self._rows = rows
        self._multiply: Callable[..., None] = functions.multiply
        self._pack: dict[int, Callable[..., None]] = {
            width: getattr(functions, f"pack{width}") for width in (rows, COLUMNS)
        }
        self._rested = 0.0

    @classmethod
    async def ready(cls) -> Products:
        """The kernels compiled, where they are `supported()`."""
        found = _assembled()
        assert found is not None, "ask supported() first"
        code, rows = found
        return cls(await host.instantiate_wasm(code), rows)

    async def matmul(self, left: Any, right: Any, rest: Callable[[], Awaitable[None]]) -> Any:
        """`left @ right` of float32 arrays (…, M, K) and (…, K, N), of any strides.

        Awaits `rest()` now and then, so that a page can breathe and a caller can cancel.
        """
        self._rested = perf_counter()
        m, n = left.shape[-2], right.shape[-1]
        if right.ndim == 2 and left.ndim > 2:
            rows = left.reshape(-1, left.shape[-1])
            return (await self._product(rows, right, rest)).reshape(*left.shape[:-1], n)
        batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
        lefts = np.broadcast_to(left, (*batch, *left.shape[-2:]))
        rights = np.broadcast_to(right, (*batch, *right.shape[-2:]))
        result = np.empty((*batch, m, n), np.float32)
        for index in np.ndindex(*batch):
            result[index] = await self._product(lefts[index], rights[index], rest)
        return result

    async def _product(self, left: Any, right: Any, rest: Callable[[], Awaitable[None]]) -> Any:
        (m, depth), n = left.shape, right.shape[1]
        if 0 in (m, n, depth):
            return np.zeros((m, n), np.float32)
        tiles = -(-m // self._rows), -(-n // COLUMNS)
        # Whole tiles: what is past the edge is cut off afterwards.
        result = np.zeros((tiles[0] * self._rows, tiles[1] * COLUMNS), np.float32)
        stride = result.strides[0]
        for first in range(0, depth, _DEPTH):
            a = left[:, first : first + _DEPTH]
            for column in range(0, n, _WIDTH):
                b = right[first : first + _DEPTH, column : column + _WIDTH].T
                b_panels = self._packed(b, COLUMNS)
                for row in range(0, m, _BAND):
                    a_panels = self._packed(a[row : row + _BAND], self._rows)
                    self._multiply(
                        _address(a_panels),
                        _address(b_panels),
                        _address(result[row:, column:]),
                        len(a_panels),
                        len(b_panels),
                        a.shape[1],
                        stride,
                    )
                    if perf_counter() - self._rested > _REST_SECONDS:
                        await rest()
                        self._rested = perf_counter()
        return result if result.shape == (m, n) else result[:m, :n].copy()

    def _packed(self, lines: Any, width: int) -> Any:
        """Panels (count, elements of a line, width); lines that are missing in the last are 0."""
        count, depth = lines.shape
        panels = np.empty((-(-count // width), depth, width), np.float32)
        whole = count // width
        pack = self._pack[width]
        if whole:
            pack(_address(lines), *lines.strides, _address(panels), whole, depth)
        if whole < len(panels):
            last = np.zeros((width, depth), np.float32)
            last[: count - whole * width] = lines[whole * width :]
            pack(_address(last), *last.strides, _address(panels[whole:]), 1, depth)
        return panels


def _address(array: Any) -> int:
    """Where the first element lies in Python's memory, which is the kernels'."""
    address: int = array.__array_interface__["data"][0]
    return address
