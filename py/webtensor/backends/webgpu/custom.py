"""Kernels and functions that the program wrote itself.

A whole kernel is a dispatch of its own. An elementwise one is a function: generated kernels call
it by its unique name, wherever fusion puts the call, and `create_pipelines` adds the definition.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

from ...errors import KernelCompileError
from ...graph.fuse import Chain, Group
from ...host.base import GPU
from ...operators.custom import CustomOperator, row, without_marks
from .context import Context
from .elementwise import copied
from .kernel import Dispatch, Span
from .layout import layout

_CALL = re.compile(r"\b(\w+_k[0-9a-f]{16})_(f32|f16|i32|u32|bool)(x4)?\(")
_LANES = "xyzw"
_LEAST_BYTES = 4
_NOTHING = """
@group(0) @binding(0) var<storage, read_write> nothing: array<u32, 1>;

@compute @workgroup_size(1)
fn main() {
    nothing[0] = 0u;
}
"""


def custom(group: Group, context: Context) -> list[Dispatch]:
    """A whole kernel; operands that are no plain arrays are copied before."""
    node = group.output
    options = node.options
    dispatches: list[Dispatch] = []
    reads = [_contiguous(chain, context, dispatches) for chain in group.prologues]
    dispatches.append(
        Dispatch(
            without_marks(node.kind),
            options["wgsl"],
            options["workgroups"],
            tuple(reads),
            Span(id(node), 0, node.nbytes),
            options["operations"],
        )
    )
    return dispatches


def _contiguous(chain: Chain, context: Context, dispatches: list[Dispatch]) -> Span:
    """An operand's elements in C order, from the first byte on."""
    node = chain.output
    read = None if chain.body else chain.reads[id(node)]
    if node.size and read is not None and read.view.contiguous:
        return Span(id(read.node), 0, node.nbytes)
    if node.size:
        return copied(chain, context, dispatches)
    value = ("contiguous", id(node))
    if value not in context.lowered.temporaries:
        context.lowered.temporaries[value] = _LEAST_BYTES
        dispatches.append(_nothing(value))
    return Span(value, 0, 0)


def _nothing(value: Hashable) -> Dispatch:
    """Makes a buffer for a value without elements: WebGPU cannot bind none."""
    return Dispatch("empty", _NOTHING, (1, 1, 1), (), Span(value, 0, _LEAST_BYTES), 1)


async def create_pipelines(gpu: GPU, kernels: Sequence[tuple[str, int]]) -> list[int]:
    """`gpu.create_pipelines` with the program's own functions defined where they are called.

    Raises:
        KernelCompileError: line and column count in the program's text where the error is there.
    """
    try:
        return await gpu.create_pipelines([(_linked(source), reads) for source, reads in kernels])
    except KernelCompileError as error:
        raise _located(error) from None


def _linked(source: str) -> str:
    """`source` with a definition of each custom function that it calls."""
    definitions: dict[str, None] = {}
    for name, scalar, wide in _CALL.findall(source):
        operator = row(name)
        if operator is None:
            continue
        definitions[_definition(operator, scalar)] = None
        if wide:
            definitions[_wide_definition(operator, scalar)] = None
    return source + "".join(definitions)


def _result(operator: CustomOperator, scalar: str) -> str:
    return layout(operator.result).scalar if operator.result else scalar


def _definition(operator: CustomOperator, scalar: str) -> str:
    """The program's text stands on lines of its own, so that errors in it can be told there."""
    parameters = ", ".join(f"{name}: {scalar}" for name in operator.arguments)
    head = f"fn {operator.name}_{scalar}({parameters}) -> {_result(operator, scalar)} {{\n"
    if re.search(r"\breturn\b", operator.body):
        return f"{head}{operator.body}\n}}\n"
    return f"{head}return\n{operator.body}\n;\n}}\n"


def _wide_definition(operator: CustomOperator, scalar: str) -> str:
    """Four elements at once, for kernels that compute neighbours together."""
    parameters = ", ".join(f"{name}: vec4<{scalar}>" for name in operator.arguments)
    calls = ", ".join(
        f"{operator.name}_{scalar}({', '.join(f'{name}.{lane}' for name in operator.arguments)})"
        for lane in _LANES
    )
    value = f"vec4<{_result(operator, scalar)}>"
    head = f"fn {operator.name}_{scalar}x4({parameters}) -> {value} {{"
    return f"{head} return {value}({calls}); }}\n"


def _located(error: KernelCompileError) -> KernelCompileError:
    """The same error, in the lines of the program's own text where it lies there."""
    for name, scalar, _ in _CALL.findall(error.source):
        operator = row(name)
        if operator is None:
            continue
        start = error.source.find(_definition(operator, scalar))
        if start < 0:
            continue
        body = error.source.index(operator.body, error.source.index("{\n", start) + 2)
        first = error.source.count("\n", 0, body)
        if 0 < error.line - first <= operator.body.count("\n") + 1:
            line = error.line - first
            return KernelCompileError(error.reason, operator.body, line, error.column)
    return error
