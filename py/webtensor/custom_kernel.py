"""Kernels that a program brings itself, in WGSL; their results are tensors as all others.

swish = wt.Kernel.elementwise("x / (1.0 + exp(-beta * x))", ("x", "beta"))
y = swish(x, 1.5) + 1                # fuses with its neighbours
"""

from __future__ import annotations

import functools
import math
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

from .dtypes import DType, as_dtype
from .errors import DtypeError, KernelArgumentError, KernelCompileError
from .graph.node import operation
from .operands import Operand, promoted
from .operators import custom
from .operators.declaration import Shape
from .tensor import Tensor

_MOST_INPUTS = 7  # WebGPU guarantees eight storage buffers to a kernel; one is the result
_MOST_WORKGROUPS = 65535
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_VARIABLE = re.compile(r"((?:@\w+\s*(?:\([^()]*\))?\s*)+)var\s*(<[^>]*>)?\s*(\w+)", re.DOTALL)
_ATTRIBUTE = re.compile(r"@(group|binding)\s*\(\s*(\d+)[ui]?\s*,?\s*\)")
_ENTRY = re.compile(r"@compute\b[^{;]*?\bfn\s+(\w+)", re.DOTALL)
_WORKGROUP_SIZE = re.compile(r"@workgroup_size\s*\(([^()]*)\)")

Sizes = Sequence[int] | int
Text = str | Callable[..., str]


class Kernel:
    """A compute kernel in WGSL, called with tensors.

    Its inputs are bound in order from `@group(0) @binding(0)` on, as `var<storage, read>`; the
    result follows them, as `var<storage, read_write>`. The entry point is `main`. Elements lie in
    C order (views are copied first); those of int8, uint8 and bool four to a `u32`, those of
    int16 and uint16 two, the first one lowest. Kernels that a program wrote run on "webgpu"; where
    there is a `reference`, on "cpu" as well.

        double = wt.Kernel(
            '''
            @group(0) @binding(0) var<storage, read> x: array<f32>;
            @group(0) @binding(1) var<storage, read_write> y: array<f32>;

            @compute @workgroup_size(64)
            fn main(@builtin(global_invocation_id) id: vec3u) {
                if id.x < arrayLength(&y) { y[id.x] = 2.0 * x[id.x]; }
            }
            ''',
            inputs=["float32"],
            output=lambda x: (x.shape, x.dtype),
        )
        y = double(x)

    Args:
        wgsl: the source, or a function of the tensors that returns it (to put sizes into it).
        inputs: the dtype of each input, None where it may be any.
        output: (shape, dtype) of the result, or a function of the tensors that returns it.
        workgroups: how many, up to three numbers, or a function of the result's shape; by default
            so many along x that each element of the result has an invocation.
        name: what it is called by `explain`, `profile` and errors.
        reference: the same on NumPy arrays; "cpu" runs it.
        operations: floating-point operations of a call, or a function of the result's shape; the
            profile's FLOP/s, and how much work is queued at once. Default: one per element.

    Raises:
        KernelArgumentError: the declaration cannot be right.
        KernelCompileError: the source's bindings are not those of `inputs` and a result. What the
            device's compiler refuses is raised by the read that needs the kernel.
    """

    def __init__(
        self,
        wgsl: Text,
        *,
        inputs: Sequence[Any],
        output: Any,
        workgroups: Sizes | Callable[[Shape], Sizes] | None = None,
        name: str = "kernel",
        reference: Callable[..., Any] | None = None,
        operations: float | Callable[[Shape], float] | None = None,
    ) -> None:
        self.name = _checked_name(name)
        if isinstance(inputs, str) or not 0 <= len(inputs) <= _MOST_INPUTS:
            raise KernelArgumentError(
                f"{name}: inputs is a list with a dtype (or None) for each input, at most "
                f"{_MOST_INPUTS} of them, not {inputs!r}"
            )
        self._inputs = [None if one is None else as_dtype(one) for one in inputs]
        self._wgsl = wgsl
        self._output = output
        self._workgroups = workgroups
        self._operations = operations
        self._row = custom.whole(name, reference)
        if isinstance(wgsl, str):
            _check_source(wgsl, len(self._inputs))

    @staticmethod
    def elementwise(
        expression: str,
        arguments: Sequence[str] = ("x",),
        *,
        dtype: Any = None,
        name: str = "elementwise_kernel",
        reference: Callable[..., Any] | None = None,
    ) -> ElementwiseKernel:
        """A function of tensors that are broadcast and promoted as for any other operator, from a
        WGSL expression over one element of each; it runs in the same kernel as its neighbours.

            square_plus = wt.Kernel.elementwise("x * x + y", ("x", "y"))
            z = square_plus(a, b)

        Args:
            expression: WGSL over `arguments`, or statements that end in `return …;`.
            arguments: the names that the expression uses.
            dtype: of the result; default: the operands' common one.
            name, reference: as for `Kernel`.

        Raises:
            KernelArgumentError: the declaration cannot be right.
        """
        return ElementwiseKernel(expression, arguments, dtype, name, reference)

    def __call__(self, *tensors: Tensor) -> Tensor:
        """The kernel's result on `tensors`, computed when it is read.

        Raises:
            KernelArgumentError: too few or too many, or no tensors; sizes that no kernel can have.
            DtypeError: a tensor of another dtype than declared.
        """
        self._check_operands(tensors)
        shape, dtype = self._result(tensors)
        source = self._wgsl if isinstance(self._wgsl, str) else self._wgsl(*tensors)
        if not isinstance(source, str):
            raise KernelArgumentError(f"{self.name}: wgsl gave {source!r}, not WGSL's text")
        _check_source(source, len(self._inputs))
        size = math.prod(shape)
        operations = self._operations(shape) if callable(self._operations) else self._operations
        node = operation(
            self._row.name,
            [tensor._node for tensor in tensors],
            operator=self._row,
            wgsl=source,
            shape=shape,
            dtype=dtype.name,
            workgroups=self._grid(shape, source) if size else (0, 0, 0),
            operations=float(size if operations is None else operations),
        )
        return Tensor(node)

    def __repr__(self) -> str:
        return f"<webtensor.Kernel {self.name}>"

    def _check_operands(self, tensors: Sequence[Tensor]) -> None:
        if len(tensors) != len(self._inputs):
            raise KernelArgumentError(
                f"{self.name} takes {len(self._inputs)} tensor(s), not {len(tensors)}"
            )
        for number, (tensor, dtype) in enumerate(zip(tensors, self._inputs, strict=True)):
            if not isinstance(tensor, Tensor):
                raise KernelArgumentError(
                    f"{self.name} takes tensors; input {number} is {type(tensor).__name__}; "
                    f"make a tensor with webtensor.asarray(...)"
                )
            if dtype is not None and tensor.dtype != dtype:
                raise DtypeError(
                    f"{self.name}: input {number} is declared {dtype.name} and is "
                    f"{tensor.dtype.name}; convert it with x.astype({dtype.name!r})"
                )

    def _result(self, tensors: Sequence[Tensor]) -> tuple[Shape, DType]:
        given = self._output(*tensors) if callable(self._output) else self._output
        try:
            shape, dtype = given
            sizes = tuple(map(operator.index, shape))
        except (TypeError, ValueError):
            raise KernelArgumentError(
                f"{self.name}: output is (shape, dtype), as in ((2, 3), 'float32'), not {given!r}"
            ) from None
        if any(size < 0 for size in sizes):
            raise KernelArgumentError(f"{self.name}: output has the shape {sizes}, which none is")
        return sizes, as_dtype(dtype)

    def _grid(self, shape: Shape, source: str) -> tuple[int, int, int]:
        given = self._workgroups(shape) if callable(self._workgroups) else self._workgroups
        if given is None:
            given = -(-math.prod(shape) // _invocations_along_x(self.name, source))
        try:
            grid = tuple(map(operator.index, given if isinstance(given, Sequence) else (given,)))
        except TypeError:
            grid = ()
        if not 1 <= len(grid) <= 3 or not all(1 <= count <= _MOST_WORKGROUPS for count in grid):
            raise KernelArgumentError(
                f"{self.name}: {given!r} are no workgroups: one to three numbers from 1 to "
                f"{_MOST_WORKGROUPS}, which is as far as WebGPU goes; give more dimensions, "
                f"or let each invocation do more"
            )
        x, y, z, *_ = (*grid, 1, 1)
        return x, y, z


class ElementwiseKernel:
    """A function of one element of each operand, see `Kernel.elementwise`."""

    def __init__(
        self,
        expression: str,
        arguments: Sequence[str],
        dtype: Any,
        name: str,
        reference: Callable[..., Any] | None,
    ) -> None:
        self.name = _checked_name(name)
        names = tuple(arguments)
        if (
            isinstance(arguments, str)
            or not 1 <= len(names) <= _MOST_INPUTS
            or len(set(names)) != len(names)
            or not all(isinstance(one, str) and one.isidentifier() for one in names)
        ):
            raise KernelArgumentError(
                f"{name}: arguments are one to {_MOST_INPUTS} different names, as in ('x', 'y'), "
                f"not {arguments!r}"
            )
        if not expression.strip():
            raise KernelArgumentError(f"{name}: there is no expression")
        result = None if dtype is None else as_dtype(dtype)
        self._row = custom.elementwise(name, names, expression, result, reference)

    def __call__(self, *operands: Operand) -> Tensor:
        """The function of `operands` (tensors and Python numbers, at least one tensor).

        Raises:
            KernelArgumentError: too few or too many.
            DtypeError, ShapeError: they do not promote or broadcast.
        """
        if len(operands) != len(self._row.arguments):
            listed = ", ".join(self._row.arguments)
            raise KernelArgumentError(f"{self.name} takes ({listed}), not {len(operands)} operands")
        nodes = promoted(self.name, *operands)
        return Tensor(operation(self._row.name, nodes, operator=self._row))

    def __repr__(self) -> str:
        return f"<webtensor.Kernel {self.name}({', '.join(self._row.arguments)})>"


def _checked_name(name: str) -> str:
    if not (isinstance(name, str) and name.isidentifier() and name.isascii()):
        raise KernelArgumentError(f"a kernel's name is a plain identifier, not {name!r}")
    return name


def _invocations_along_x(name: str, source: str) -> int:
    found = _WORKGROUP_SIZE.search(_without_comments(source))
    first, *rest = (part.strip().rstrip("ui") for part in found[1].split(",")) if found else ("",)
    if not first.isdigit() or any(part not in ("", "1") for part in rest):
        raise KernelArgumentError(
            f"{name}: say how many workgroups it takes (workgroups=…): that follows from the "
            f"result's size only where the source says @workgroup_size(number)"
        )
    return int(first)


def _without_comments(source: str) -> str:
    """The same lines and columns, comments blank."""
    return _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)


@functools.lru_cache(maxsize=256)
def _check_source(source: str, inputs: int) -> None:
    """Raise KernelCompileError where bindings are not `inputs` read ones and then the result."""
    code = _without_comments(source)
    if "main" not in _ENTRY.findall(code):
        raise KernelCompileError("there is no entry point: @compute … fn main(…)", source)
    missing = set(range(inputs + 1))
    for match in _VARIABLE.finditer(code):
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        if "binding" not in attributes:
            if "@binding" in match[1]:  # an expression: left to the device's compiler
                missing.clear()
            continue
        missing.discard(int(attributes["binding"]))
        problem = _problem(
            int(attributes["binding"]),
            attributes.get("group"),
            re.sub(r"\s", "", match[2] or ""),
            inputs,
        )
        if problem:
            before = source[: match.start(3)]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            raise KernelCompileError(f"{match[3]}: {problem}", source, line, column)
    if missing:
        first = min(missing)
        raise KernelCompileError(
            f"nothing is bound at {first}: @group(0) @binding({first}) {_place(first, inputs)}",
            source,
        )


def _problem(binding: int, group: str | None, space: str, inputs: int) -> str:
    if group not in (None, "0"):
        return f"bindings are in group 0, not {group}"
    if binding > inputs:
        return (
            f"binding {binding} is not there: the kernel has {inputs} input(s), bound from 0 on, "
            f"and its result at {inputs}"
        )
    wanted = "<storage,read_write>" if binding == inputs else "<storage,read>"
    if space == wanted or (binding < inputs and space == "<storage>"):
        return ""
    return f"@group(0) @binding({binding}) {_place(binding, inputs)}, not var{space}"


def _place(binding: int, inputs: int) -> str:
    if binding == inputs:
        return "is the result, var<storage, read_write>"
    return f"is input {binding}, var<storage, read>"
