"""Factorisations of matrices as WGSL, in place and by panels of columns: a workgroup factorises a
panel of a matrix, then many change what is beside it. Each step is a dispatch that reads its number
from a buffer, so that one pipeline serves all steps.

- LU with partial pivoting, with right-hand sides beside the matrix: they become L⁻¹ P B on the way,
  so that only U is left to solve for. The inverse is the solution for the identity.
- Cholesky's L, the same without pivots.
- Householder's QR; the reflectors, applied in the opposite order, make Q of the identity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from ...dtypes import float32, uint32
from ...errors import UnsupportedOperatorError
from ...graph.fuse import Group
from ...graph.node import Node
from .bands import band_numbers
from .context import Context
from .elementwise import element_kernel
from .kernel import WORKGROUP, Dispatch, Span, workgroup_grid
from .source import Source, whole
from .template import expand

_PANEL = 16
# In a column's rows an invocation of `reflector_columns.wgsl` takes every so manyth, for some
# columns together.
_LANES = 8
# llvmpipe ends loops after 65536 rounds in all, without a word.
_MOST_ROUNDS = 1 << 15


@dataclass(frozen=True)
class _Work:
    """Matrices that kernels change in place.

    Attributes:
        name: of the operator.
        value: the buffer's.
        count: of the matrices.
        rows, columns: of what is factorised.
        beside: columns that are transformed along.
        stride: elements from one row to the next.
        steps: columns that are taken in turn.
        panel: how many of them a kernel takes.
    """

    name: str
    value: Hashable
    count: int
    rows: int
    columns: int
    beside: int
    stride: int
    steps: int
    panel: int

    @property
    def span(self) -> Span:
        return Span(self.value, 0, self.count * self.rows * self.stride * float32.itemsize)

    @property
    def panels(self) -> int:
        return -(-self.steps // self.panel)

    def widths(self) -> list[int]:
        """Columns right of each panel, those beside the matrix included."""
        ends = [min((number + 1) * self.panel, self.steps) for number in range(self.panels)]
        return [self.columns + self.beside - end for end in ends]

    def constants(self, grid: int = 1) -> str:
        return expand(
            "factor.wgsl",
            count=self.count,
            rows=self.rows,
            columns=self.columns,
            width=self.columns + self.beside,
            stride=self.stride,
            panel=self.panel,
            steps=self.steps,
            workgroup=WORKGROUP,
            grid=grid,
        )


@dataclass(frozen=True)
class _Steps:
    """The dispatches over one `_Work`, as they are made."""

    work: _Work
    context: Context
    dispatches: list[Dispatch]

    def start(self, group: Group, **values: bool) -> None:
        """Fill the matrices from the group's operands."""
        source = self.context.source()
        for number, chain in enumerate(group.prologues):
            source.chain(f"load_{number}", chain, False)
        choices = {"triangle": False, "identity": False, "right": False, **values}
        source.add(self.work.constants() + expand("factor_start.wgsl", **choices))
        label = f"{self.work.name} (start)"
        self.dispatches.append(element_kernel(label, self.work.span, float32, source, 1, False))

    def step(
        self, part: str, file: str, number: Span, groups: int, work: float, **values: bool
    ) -> None:
        """One dispatch of so many workgroups, about the panel that `number` binds."""
        if not groups:
            return
        source: Source = self.context.source()
        workgroups, row = workgroup_grid(groups)
        first = f"{source.bind(number, uint32)}[0] * PANEL"
        kernel = self.work.constants(row) + expand(file, first=first, **values)
        span = self.work.span
        text = source.finished(kernel, float32, span.size // float32.itemsize, False)
        label = f"{self.work.name} ({part})"
        self.dispatches.append(
            Dispatch(label, text, workgroups, tuple(source.reads), span, float(work))
        )

    def numbers(self) -> list[Span]:
        if not self.work.panels:
            return []
        before, spans = band_numbers(self.context, self.work.panels)
        self.dispatches.extend(before)
        return spans

    def finish(self, output: Node, **values: bool) -> None:
        """Make the output of the factors."""
        source = self.context.source()
        source.plain("factors", self.work.span, float32, False)
        choices = dict.fromkeys(("solution", "determinant", "logarithmic", "orthogonal"), False)
        source.add(
            self.work.constants()
            + expand(
                "factor_results.wgsl",
                per_matrix=1 + values.get("logarithmic", False),
                **{**choices, **values},
            )
        )
        label = f"{self.work.name} (result)"
        cost = self.work.columns if values.get("determinant") else 1
        self.dispatches.append(element_kernel(label, whole(output), float32, source, cost, False))


def linear_algebra(group: Group, context: Context) -> list[Dispatch]:
    """The dispatches of a group that is one factorisation or what follows from one."""
    assert group.anchor is not None
    return _LOWERINGS[group.anchor.kind](group, group.anchor, context)


def _work(anchor: Node, context: Context, beside: int, steps: int, panel: int = _PANEL) -> _Work:
    """The matrices of a group in a temporary, with a column for what belongs to a step."""
    *lead, rows, columns = anchor.inputs[0].shape
    value: Hashable = ("factors", id(anchor))
    work = _Work(
        anchor.kind, value, math.prod(lead), rows, columns, beside, columns + beside + 1, steps,
        panel,
    )  # fmt: skip
    context.lowered.temporaries[value] = work.span.size
    return work


def _eliminated(group: Group, work: _Work, context: Context, **start: bool) -> _Steps:
    """The factors L and U of the group's matrices, and L⁻¹ P B beside them."""
    steps = _Steps(work, context, [])
    steps.start(group, **start)
    for number, width in zip(steps.numbers(), work.widths(), strict=True):
        below = work.rows - (work.columns + work.beside - width)
        panel = work.count * work.panel
        steps.step(
            "panel", "factor_panel.wgsl", number, work.count,
            panel * work.panel * (below + work.panel), pivots=True,
        )  # fmt: skip
        steps.step(
            "rows", "factor_rows.wgsl", number, _groups(work.count * width),
            panel * work.panel * width,
        )  # fmt: skip
        blocks = work.count * width * -(-below // 4)
        steps.step(
            "update", "factor_update.wgsl", number, _groups(blocks), 8 * work.panel * blocks,
            symmetric=False,
        )  # fmt: skip
    return steps


def _groups(invocations: int) -> int:
    return -(-invocations // WORKGROUP)


def _solve(group: Group, anchor: Node, context: Context) -> list[Dispatch]:
    n, columns = anchor.inputs[0].shape[-1], anchor.shape[-1]
    work = _work(anchor, context, columns, n)
    given = anchor.kind == "solve"
    steps = _eliminated(group, work, context, right=given, identity=not given)
    _, numbers = band_numbers(context, work.panels)
    groups = work.count * -(-columns // (WORKGROUP // work.panel))
    for number in reversed(numbers):
        cost = 2 * work.count * work.panel * n * columns
        steps.step("solution", "factor_solve.wgsl", number, groups, cost)
    steps.finish(anchor, solution=True)
    return steps.dispatches


def _determinant(group: Group, anchor: Node, context: Context) -> list[Dispatch]:
    n = anchor.inputs[0].shape[-1]
    if n == 0:
        return [_constant(anchor, "f32(1u - i % 2u)" if anchor.kind == "slogdet" else "1.0")]
    steps = _eliminated(group, _work(anchor, context, 0, n), context)
    logarithmic = anchor.kind == "slogdet"
    steps.finish(anchor, determinant=True, logarithmic=logarithmic)
    return steps.dispatches


def _constant(output: Node, element: str) -> Dispatch:
    """What follows from matrices without elements."""
    source = Source()
    source.add(f"fn element(i: u32) -> f32 {{ return {element}; }}\n")
    return element_kernel(output.kind, whole(output), float32, source, 1, False)


def _cholesky(group: Group, anchor: Node, context: Context) -> list[Dispatch]:
    *lead, n, _ = anchor.shape
    work = _Work("cholesky", id(anchor), math.prod(lead), n, n, 0, n, n, _PANEL)
    steps = _Steps(work, context, [])
    steps.start(group, triangle=True)
    for number, width in zip(steps.numbers(), work.widths(), strict=True):
        cost = work.count * work.panel * work.panel * (width + work.panel)
        steps.step("panel", "factor_panel.wgsl", number, work.count, cost, pivots=False)
        blocks = work.count * width * -(-width // 4)
        steps.step(
            "update", "factor_update.wgsl", number, _groups(blocks), 4 * work.panel * blocks,
            symmetric=True,
        )  # fmt: skip
    return steps.dispatches


def _qr(group: Group, anchor: Node, context: Context) -> list[Dispatch]:
    m, n = anchor.inputs[0].shape[-2:]
    kept = m if anchor.options["complete"] else min(m, n)
    if n == 0:
        return [_constant(anchor, f"f32(i % {m * m}u % {m + 1}u == 0u)")]
    panel = min(_PANEL, _MOST_ROUNDS * _LANES // (2 * max(m, 1)))
    if not panel:
        raise UnsupportedOperatorError(
            f"qr of {m} rows is more than a kernel goes through here; use x.to_device('cpu')"
        )
    work = _work(anchor, context, kept, min(m, n), panel)
    steps = _Steps(work, context, [])
    steps.start(group, identity=True)
    numbers = steps.numbers()
    for number, width in zip(numbers, work.widths(), strict=True):
        steps.step(
            "panel", "reflector_panel.wgsl", number, work.count, 4 * work.count * panel * panel * m
        )
        _reflect(steps, number, width - kept, backward=False)
    for number in reversed(numbers):
        _reflect(steps, number, kept, backward=True)
    steps.finish(anchor, orthogonal=True)
    return steps.dispatches


def _reflect(steps: _Steps, number: Span, columns: int, backward: bool) -> None:
    """Apply a panel's reflectors to so many columns."""
    work = steps.work
    groups = work.count * -(-columns // (WORKGROUP // _LANES))
    cost = 4 * work.count * work.panel * work.rows * columns
    steps.step("reflect", "reflector_columns.wgsl", number, groups, cost, backward=backward)


_LOWERINGS: dict[str, Callable[[Group, Node, Context], list[Dispatch]]] = {
    "cholesky": _cholesky,
    "solve": _solve,
    "inv": _solve,
    "det": _determinant,
    "slogdet": _determinant,
    "qr": _qr,
}
