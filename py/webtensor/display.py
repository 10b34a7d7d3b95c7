"""How a tensor shows itself: with its values where they can be had now."""

from __future__ import annotations

from . import host
from .errors import SynchronousReadError
from .evaluate import evaluate, wait
from .lazy_numpy import np
from .scope import EndedNode
from .scope import current as current_scope
from .tensor import Tensor

# Of larger tensors only what is shown is read.
_LARGE_BYTES = 1 << 20
_EDGE = 2
_MOST_SHOWN = 60


def described(x: Tensor) -> str:
    """The text of a tensor; never raises.

    Its values are computed for that, unless this caller cannot wait for them, or a function is
    being captured, when there are none.
    """
    node = x._node
    if isinstance(node, EndedNode):
        return f"Tensor({node!r})"
    where = node.device or "default device"
    head = f"Tensor(shape={node.shape}, dtype={node.dtype.name}, device={where!r}"
    scope = current_scope.get()
    if node.storage is None:
        if scope is not None and scope.captures:
            return f"{head}, of a function that is being captured)"
        if not host.can_run_sync() and x.device != "cpu":
            return f"{head}, not computed yet; await x.numpy() shows its values)"
    try:
        return f"{head},\n{wait(_values(x))})"
    except SynchronousReadError:
        return f"{head}; await x.numpy() shows its values)"
    except Exception as error:  # whatever it is, debuggers and logs want the rest of the text
        return f"{head}; its values cannot be read: {error})"


async def _values(x: Tensor) -> str:
    await evaluate([x._node])
    whole = x.nbytes <= _LARGE_BYTES
    values = await (x if whole else _corners(x)).numpy()
    threshold = _MOST_SHOWN if whole else 0
    return np.array2string(values, separator=", ", threshold=threshold, edgeitems=_EDGE)


def _corners(x: Tensor) -> Tensor:
    """What looks like x where only `_EDGE` elements at the ends of each axis are shown."""
    from .movement_functions import take

    for axis, size in enumerate(x.shape):
        if size > 2 * _EDGE:
            ends = [*range(_EDGE), 0, *range(-_EDGE, 0)]
            x = take(x, ends, axis=axis)
    return x
