"""`x[key] = value` and `x += y`: nodes never change, so the tensor gets another one."""

from __future__ import annotations

import array
import math
from collections.abc import Callable
from typing import Any

from . import discovery
from .creation import asarray, full
from .dtypes import DType, check_fits, int32, promote, scalar_dtype
from .errors import CaptureError, DeviceError, DtypeError, ShapeError
from .functions import astype, broadcast_to, permute_dims, reshape, where
from .graph.node import operation, source
from .index_tensors import flat_index, places_of
from .indexing import Key, elements, in_front, only_mask, parse, spans, view
from .operands import as_operand
from .operators import Shape
from .scattering import scatter_nd
from .scope import current as current_scope
from .tensor import Scalar, Tensor

Value = Tensor | Scalar
_ORDER = ("bool", "int", "float", "complex")


def setitem(x: Tensor, key: Any, value: Any) -> None:
    """`x[key] = value`, see `Tensor.__setitem__`."""
    fitting = _fitting(value, x)
    keys = elements(x, key)
    mask = only_mask(x, keys)
    if mask is not None:
        result = _with_mask(x, mask, fitting)
    else:
        parsed = parse(x, keys)
        if parsed.indices:
            part = view(x, parsed.basic)
            fitting = _with_indices(part, parsed, fitting)
        result = _with_part(x, parsed.basic, fitting)
    _rebind(x, result)


def in_place(function: Callable[..., Tensor], x: Tensor, other: Value) -> Tensor:
    """x itself, with the value of `function(x, other)`, whose shape and dtype must be x's.

    Raises:
        ShapeError, DtypeError: they are not.
    """
    result = function(x, other)
    if result.shape != x.shape:
        raise ShapeError(
            f"{function.__name__} in place: a tensor of shape {x.shape} cannot become one of shape "
            f"{result.shape}; write x = x … y"
        )
    if result.dtype != x.dtype:
        raise DtypeError(
            f"{function.__name__} in place: a tensor of dtype {x.dtype.name} cannot become one of "
            f"dtype {result.dtype.name}; write x = x … y, or convert y with y.astype(x.dtype)"
        )
    _rebind(x, result)
    return x


def _rebind(x: Tensor, result: Tensor) -> None:
    """Give x the value of `result`."""
    scope = current_scope.get()
    if scope is not None and not scope.may_change(x):
        raise CaptureError(
            "a function that webtensor.compile captures changed a tensor from around it, which "
            "would happen once and not at each call; return the new value instead"
        )
    old, new = x._node, result._node
    if new.device != old.device and new.device != (old.device or discovery.default_device()):
        raise DeviceError(
            f"a tensor on {x.device!r} cannot take values on {result.device!r}; move them with "
            f"value.to_device({x.device!r})"
        )
    x._node = new


def _fitting(value: Any, x: Tensor) -> Value:
    """`value` in x's dtype.

    Raises:
        DtypeError: it is of a kind that x's dtype does not hold.
    """
    value = as_operand(value)
    if isinstance(value, bool | int | float | complex):
        if scalar_dtype(value, x.dtype) != x.dtype:
            raise _misfit(f"the Python scalar {value!r}", x.dtype)
        check_fits(value, x.dtype)
        return value
    if isinstance(value, list | tuple):
        return _from_list(value, x)
    given = value if isinstance(value, Tensor) else asarray(value)
    if promote(given.dtype, x.dtype).kind != x.dtype.kind:
        raise _misfit(given.dtype.name, x.dtype)
    if isinstance(value, Tensor):
        return astype(value, x.dtype)
    # Here and not on the device, which may not have the array's dtype.
    return asarray(value, dtype=x.dtype, device=x._node.device)


def _from_list(value: Any, x: Tensor) -> Tensor:
    """Python's numbers, which have kinds but no dtypes."""
    kind, own = _widest(value), "int" if x.dtype.kind == "uint" else x.dtype.kind
    if kind and (_ORDER.index(kind) > _ORDER.index(own) or (kind == "bool") != (own == "bool")):
        raise _misfit(f"a list of {kind}", x.dtype)
    return asarray(value, dtype=x.dtype, device=x._node.device)


def _widest(value: Any) -> str:
    """The widest kind of the numbers in nested lists, "" where there are none."""
    if isinstance(value, list | tuple):
        return max(map(_widest, value), key=("", *_ORDER).index, default="")
    kind = type(as_operand(value)).__name__
    return kind if kind in _ORDER else ""


def _misfit(what: str, dtype: DType) -> DtypeError:
    return DtypeError(
        f"{what} does not fit into a tensor of dtype {dtype.name}; convert the value with "
        f"value.astype(webtensor.{dtype.name}), or the tensor before"
    )


def _spread(value: Value, shape: Shape, x: Tensor) -> Tensor:
    """`value` broadcast to `shape`; axes of size 1 that it has before those are let go."""
    if not isinstance(value, Tensor):
        return full(shape, value, dtype=x.dtype, device=x._node.device)
    surplus = len(value.shape) - len(shape)
    if surplus > 0 and math.prod(value.shape[:surplus]) == 1:
        value = reshape(value, value.shape[surplus:])
    if len(value.shape) > len(shape) or any(
        one not in (1, size) for one, size in zip(value.shape[::-1], shape[::-1], strict=False)
    ):
        raise ShapeError(f"a value of shape {value.shape} does not broadcast to {shape}")
    return broadcast_to(value, shape)


def _with_part(x: Tensor, basic: tuple[Any, ...], value: Value) -> Tensor:
    """x with `value` where integers, slices and None choose."""
    chosen = spans(x, basic)
    if isinstance(value, Tensor) and value.shape:
        forward = _forward(_spread(value, chosen.shape, x), chosen.steps, basic)
        value = reshape(forward, chosen.sizes)
    if 0 in chosen.sizes:
        return x
    starts = tuple(
        start + (size - 1) * step if step < 0 else start
        for start, size, step in zip(chosen.starts, chosen.sizes, chosen.steps, strict=True)
    )
    steps = tuple(map(abs, chosen.steps))
    whole = chosen.sizes == x.shape and set(steps) <= {1}
    device = x._node.device
    if whole and (not isinstance(value, Tensor) or value._node.device == device):
        return _spread(value, x.shape, x)
    if not x.shape:
        return reshape(_with_part(reshape(x, (1,)), (0,), value), ())
    # Numbers and places are operands, not part of the kernel: a loop over rows compiles one.
    given = value if isinstance(value, Tensor) else asarray(value, dtype=x.dtype, device=device)
    begin = source(array.array("i", starts).tobytes(), (len(starts),), int32, device)
    grain = math.gcd(4, starts[_last_in_part(x.shape, chosen.sizes, steps)])
    nodes = [x._node, given._node, begin]
    options = {"sizes": chosen.sizes, "steps": steps, "grain": grain}
    return Tensor(operation("assign", nodes, **options))


def _last_in_part(shape: Shape, sizes: Shape, steps: Shape) -> int:
    """The axis that those behind it, assigned as a whole, continue without gaps."""
    axis = len(shape) - 1
    while axis > 0 and sizes[axis] == shape[axis] and steps[axis - 1] == 1:
        axis -= 1
    return axis


def _forward(value: Tensor, steps: Shape, basic: tuple[Any, ...]) -> Tensor:
    """`value`, of the shape that x[basic] has, turned where `steps` go backward."""
    if min(steps, default=1) > 0:
        return value
    step = iter(steps)
    turned = []
    for one in basic:
        backward = one is not None and next(step) < 0
        if one is None or isinstance(one, slice):
            turned.append(slice(None, None, -1 if backward else 1))
    return value[tuple(turned)]


def _with_indices(part: Tensor, key: Key, value: Value) -> Tensor:
    """`part`, x[basic], with `value` at the key's tensors of integers."""
    order = in_front(key.axes, len(part.shape))
    count = len(key.axes)
    data = permute_dims(part, order)
    index = flat_index("index", key.indices, part.shape, key.axes)
    rest = data.shape[count:]
    first = 0 if key.apart else key.axes[0]
    updates = _spread(value, (*rest[:first], *index.shape, *rest[first:]), part)
    if not updates.size:
        return part
    among = tuple(range(first, first + len(index.shape)))
    updates = permute_dims(updates, in_front(among, len(updates.shape)))
    flat = reshape(data, (math.prod(data.shape[:count]), *rest))
    rows = reshape(index, (index.size, 1))
    parts = reshape(updates, (index.size, *rest))
    result = scatter_nd(flat, rows, parts, last_wins=True)
    back = tuple(order.index(axis) for axis in range(len(order)))
    return permute_dims(reshape(result, data.shape), back)


def _with_mask(x: Tensor, mask: Tensor, value: Value) -> Tensor:
    """x with `value` where the mask is true."""
    axes = len(mask.shape)
    rest = x.shape[axes:]
    surplus = len(value.shape) - len(rest) if isinstance(value, Tensor) else 0
    if surplus <= 0 or math.prod(value.shape[:surplus]) == 1:  # type: ignore[union-attr]
        # The same for all: how many are true need not be known.
        spread = _spread(value, rest, x) if isinstance(value, Tensor) else value
        if not mask.size or not x.size:
            return x
        return where(reshape(mask, (*mask.shape, *(1,) * len(rest))), spread, x)
    places = places_of(mask)
    updates = _spread(value, (*places.shape, *rest), x)
    if not updates.size:
        return x
    flat = reshape(x, (math.prod(x.shape[:axes]), *rest))
    return reshape(scatter_nd(flat, reshape(places, (places.size, 1)), updates), x.shape)
