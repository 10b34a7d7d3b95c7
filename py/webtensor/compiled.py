"""`webtensor.compile`: a function's graph, captured once and run again without building it."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from . import discovery
from .backends.base import Backend, Executable, Storage
from .creation import asarray
from .dtypes import DType, float32, promote
from .errors import CaptureError, DeviceError, DeviceLostError, DtypeError
from .evaluate import compile_apart, place, wait
from .graph.node import Node, placeholder, settled
from .nesting import is_named_tuple, map_leaves
from .operands import as_operand
from .operators import Shape
from .scope import Capture
from .scope import current as current_scope
from .tensor import Tensor

_MOST_VARIANTS = 16

Value = Node | float


@dataclass(eq=False)
class _Variant:
    """What was captured for arguments of one signature.

    Attributes:
        device: the one that the graph is pinned to, None for the default device.
        configuration: the backend's, with which it was compiled.
        executable: None where nothing is computed.
        inputs: for each input of the executable its place among the call's values, or where the
            function brought it from outside, its storage.
        used: the places of the tensors among them.
        numbers: the dtype of float arguments.
        folds: whether floats go into the run as they are.
        outputs: (shape, dtype, device) of each result.
        structure: the function's result, with numbers of `outputs` in place of tensors.
    """

    device: str | None
    backend: Backend
    configuration: object
    executable: Executable | None
    inputs: Sequence[int | Storage]
    used: Sequence[int]
    numbers: DType
    folds: bool
    outputs: Sequence[tuple[Shape, DType, str | None]]
    structure: Any

    def __del__(self) -> None:
        # Not when it is dropped from a step's variants: a call may be about to run it.
        if self.executable is not None:
            self.executable.release()

    def current(self) -> bool:
        """Whether it would be compiled the same again."""
        backend = self.backend
        return (
            discovery.known(self.device) is backend and backend.configuration is self.configuration
        )

    def ready(self, values: Sequence[Value]) -> bool:
        """Whether all that a run needs is on the device."""
        if not self.current():
            return False
        backend = self.backend
        for number in self.used:
            storage = values[number].storage  # type: ignore[union-attr]
            if storage is None or storage.backend is not backend:
                return False
        return True

    async def run(self, values: Sequence[Value]) -> Any:
        inputs: list[Storage | float] = []
        for one in self.inputs:
            if type(one) is int:
                value = values[one]
                if isinstance(value, float):
                    inputs.append(value if self.folds else await self._upload(value))
                else:
                    assert value.storage is not None, "ready() or place() saw to it"
                    inputs.append(value.storage)
            else:
                inputs.append(one)
        results: Sequence[Any] = inputs
        if self.executable is not None:
            results = await self.executable.run(inputs)
        if self.structure == 0:
            return Tensor(settled(results[0], *self.outputs[0]))
        return map_leaves(
            lambda number: (
                None if number is None else Tensor(settled(results[number], *self.outputs[number]))
            ),
            self.structure,
        )

    async def _upload(self, number: float) -> Storage:
        node = asarray(number, dtype=self.numbers)._node
        return await self.backend.upload(node.data or b"", node)


class Compiled:
    """What `webtensor.compile` returns: the function as a plan."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        # The most recently used one is last, so that the oldest goes first.
        self._variants: dict[Hashable, _Variant] = {}
        self._preparing = asyncio.Lock()

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result; see `webtensor.compile`."""
        values: list[Value] = []
        signature: list[Hashable] = []
        for one in args:
            _sign(one, values, signature)
        if kwargs:
            signature.append("keywords")  # f(a=x) is not f({"a": x})
            _sign(kwargs, values, signature)
        key = tuple(signature)
        try:
            variant = self._variants.get(key)
        except TypeError as error:
            raise DtypeError(
                f"a compiled function takes tensors, numbers, lists, tuples and dicts of them, and "
                f"hashable values: {error}. Make tensors with webtensor.asarray(...)"
            ) from None
        if variant is None or not variant.ready(values):
            # Two first calls at once are one capture.
            async with self._preparing:
                variant = await self._prepare(self._variants.get(key), values, args, kwargs)
        self._keep(key, variant)
        try:
            return await variant.run(values)
        except DeviceLostError:
            self._variants.pop(key, None)
            raise

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """The same without `await`, where nothing has to be waited for or waiting is possible.

        Raises:
            SynchronousReadError: there is something to wait for, and this caller cannot.
        """
        return wait(self(*args, **kwargs))

    @property
    def memory(self) -> dict[str, int]:
        """Bytes of a run's temporaries, for the arguments that were used last: "temporaries" is
        their sum, "planned" what they take, since those not alive together share memory."""
        executable = next(reversed(self._variants.values())).executable if self._variants else None
        return {
            "temporaries": executable.temporary_bytes if executable else 0,
            "planned": executable.planned_bytes if executable else 0,
        }

    def _keep(self, key: Hashable, variant: _Variant) -> None:
        self._variants.pop(key, None)
        self._variants[key] = variant
        if len(self._variants) > _MOST_VARIANTS:
            del self._variants[next(iter(self._variants))]

    async def _prepare(
        self, variant: _Variant | None, values: Sequence[Value], args: Any, kwargs: Any
    ) -> _Variant:
        """`variant`, or a new one, with all that a run needs on its device."""
        if variant is not None:
            await discovery.backend(variant.device)
        if variant is None or not variant.current():
            variant = await self._capture(values, args, kwargs)
        await place([_tensor(values[number]) for number in variant.used], variant.device)
        return variant

    async def _capture(self, values: Sequence[Value], args: Any, kwargs: Any) -> _Variant:
        tensors = [one for one in values if isinstance(one, Node)]
        dtypes = [one.dtype for one in tensors if one.dtype.floating]
        numbers = functools.reduce(promote, dtypes) if dtypes else float32
        # Floats are where the tensors are.
        pinned = {one.device for one in tensors}
        beside = pinned.pop() if len(pinned) == 1 else None
        placeholders = [
            placeholder((), numbers, beside)
            if isinstance(one, float)
            else placeholder(one.shape, one.dtype, one.device)
            for one in values
        ]
        result = self._call(placeholders, args, kwargs)
        nodes: list[Node] = []
        structure = map_leaves(lambda leaf: _number(leaf, nodes), result)
        device = await _device(nodes)
        backend, graph, executable, bound = await compile_apart(nodes, device, placeholders)
        places = {id(node): number for number, node in enumerate(placeholders)}
        # Where nothing is computed the results are the inputs, as often as they are asked for.
        leaves = graph.outputs if executable is None else graph.inputs
        inputs = [bound[id(leaf)] if id(leaf) in bound else places[id(leaf)] for leaf in leaves]
        returned = {places.get(id(node)) for node in graph.outputs}
        taken = {one for one in inputs if isinstance(one, int)}
        floats = {number for number in taken if isinstance(values[number], float)}
        return _Variant(
            device,
            backend,
            backend.configuration,
            executable,
            inputs,
            sorted(taken - floats),
            numbers,
            numbers == float32
            and executable is not None
            and executable.takes_numbers
            and not floats & returned,
            [(node.shape, node.dtype, node.device) for node in nodes],
            structure,
        )

    def _call(self, placeholders: Sequence[Node], args: Any, kwargs: Any) -> Any:
        """The function's result for arguments without values."""
        given = iter(placeholders)

        def stand_in(value: Any) -> Any:
            return Tensor(next(given)) if _is_value(value) else value

        # Its tensors are the plan's, not those of a scope around this call.
        token = current_scope.set(Capture())
        try:
            # In the order of `_sign`; a call's own order of evaluation is another one.
            positional = [map_leaves(stand_in, one) for one in args]
            named = map_leaves(stand_in, kwargs)
            result = self._function(*positional, **named)
        finally:
            current_scope.reset(token)
        if inspect.isawaitable(result):
            if inspect.iscoroutine(result):
                result.close()
            raise CaptureError("webtensor.compile takes ordinary functions, not `async def` ones")
        return result


def compile(function: Callable[..., Any], /) -> Compiled:
    """`function` as a plan: captured at its first call, run without Python building it again.

        @wt.compile
        def step(x, rate):
            return x - rate * wt.tanh(x @ w)

        x = await step(x, 0.1)

    The first call for given shapes, dtypes and devices calls `function` once with tensors that
    have no values, and compiles what it does with them; later calls are one command to the device.
    Results are tensors like all others, equal to the last bit to those of the same function on the
    same tensors without `compile`. The 16 variants that were used last are kept.

    Call it with `await`. Most calls wait for nothing then: they submit work and return at once. A
    call waits where something must be compiled, uploaded or allocated, and now and then for the
    device, so that no more than a fraction of a second of work is ahead of it. `step.run(x)` is the
    same without `await`, for callers that need not wait, or can wait synchronously.

    Inside, `x[key] = value` and `x += y` change what the function made or was given (by value: the
    caller's tensor keeps its own), not tensors from around it.

    Args:
        function: takes tensors, and lists, tuples and dicts of them; returns a tensor, or lists,
            tuples and dicts of tensors (and None). Tensors that it takes from around it, as
            weights, are bound when it is captured and kept as long as the variant. Float arguments
            are tensors without axes inside it, of the widest floating dtype of its tensor
            arguments (float32 where there is none), so that another number compiles nothing. All
            other arguments (integers, texts, None, anything hashable) are part of what is captured:
            each new value of one compiles anew.

    Raises (when it is called):
        CaptureError: `function` reads a value, which is not known while it is captured, changes a
            tensor from around it, returns something else than tensors, or is asynchronous.
        DeviceError: its tensors are on different devices.
        DtypeError: an argument is none of the above.
        DeviceLostError: the only copy of an argument, or of a tensor that it takes from around it,
            was lost. Called with tensors that are there, it is captured anew.
        ShapeError, UnsupportedDtypeError, UnsupportedOperatorError, KernelCompileError,
        OutOfMemoryError: as for the same operators elsewhere.
    """
    if not callable(function):
        raise CaptureError(f"webtensor.compile takes a function, not {type(function).__name__}")
    return Compiled(function)


def _sign(value: Any, values: list[Value], signature: list[Hashable]) -> None:
    """Add the tensors and floats in `value` to `values`, and what it is apart from their elements
    to `signature`."""
    kind = type(value)
    if kind is Tensor:
        node = value._node
        values.append(node)
        signature.append((node.shape, node.dtype.name, node.device))
    elif kind is float:
        values.append(value)
        signature.append(float)
    elif kind is list or kind is tuple or is_named_tuple(kind):
        signature.append((kind, len(value)))
        for one in value:
            _sign(one, values, signature)
    elif kind is dict:
        signature.append((kind, tuple(value)))
        for one in value.values():
            _sign(one, values, signature)
    else:
        plain = as_operand(value)
        if plain is not value:
            _sign(plain, values, signature)
        elif isinstance(value, float):
            _sign(float(value), values, signature)
        else:
            signature.append((kind, value))


def _is_value(value: Any) -> bool:
    return isinstance(value, Tensor) or isinstance(as_operand(value), float)


def _tensor(value: Value) -> Node:
    assert isinstance(value, Node), "floats are not among the tensors that are used"
    return value


def _number(leaf: Any, nodes: list[Node]) -> int | None:
    """The number under which `leaf`, a part of a result, is added to `nodes`."""
    if leaf is None:
        return None
    if not isinstance(leaf, Tensor):
        raise CaptureError(
            f"a compiled function returns tensors, and lists, tuples and dicts of them, not "
            f"{type(leaf).__name__}"
        )
    nodes.append(leaf._node)
    return len(nodes) - 1


async def _device(nodes: Sequence[Node]) -> str | None:
    """The device that `nodes` are pinned to, None for the default device."""
    pinned = {node.device for node in nodes}
    if len(pinned) > 1:
        if None in pinned:
            await discovery.backend(None)  # which is the default is known only now
        names = {name or discovery.default_device() for name in pinned}
        if len(names) > 1:
            raise DeviceError(
                f"a compiled function computes on one device, this one on "
                f"{' and '.join(sorted(map(repr, names)))}; move its arguments with "
                f"x.to_device(...) first"
            )
    return next((name for name in pinned if name is not None), None)
