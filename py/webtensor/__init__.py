"""webtensor: GPU tensors for Python in the browser.

    import webtensor as wt

    x = wt.asarray([[1.0, 2.0], [3.0, 4.0]])
    y = wt.nn.softmax(x @ x.mT, axis=-1)
    await y.numpy()

Importing touches no device; `await wt.init()` or the first read does.
"""

from __future__ import annotations

from . import errors, nn, tensor_operators
from .backends.base import DeviceInfo
from .compiled import Compiled, compile
from .creation import asarray, full, ones, zeros
from .discovery import (
    capabilities,
    default_device,
    devices,
    empty_cache,
    init,
    memory,
    set_default_device,
)
from .dtypes import (
    DType,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from .dtypes import bool_ as bool
from .errors import *  # noqa: F403
from .functions import (
    abs,
    add,
    all,
    any,
    astype,
    broadcast_to,
    ceil,
    cos,
    divide,
    equal,
    exp,
    floor,
    greater,
    greater_equal,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    log,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    matmul,
    matrix_transpose,
    max,
    maximum,
    mean,
    min,
    minimum,
    multiply,
    negative,
    not_equal,
    permute_dims,
    pow,
    prod,
    reshape,
    sin,
    sqrt,
    subtract,
    sum,
    tanh,
    to_device,
    where,
)
from .inspection import explain, matmul_wgsl
from .quantization import matmul_integer
from .scope import Scope, scope
from .tensor import Tensor
from .tuning import tune

__version__ = "0.1.0"


async def eval(*tensors: Tensor) -> None:
    """Compute `tensors` together, so that what they share is computed once; reads nothing back."""
    from .evaluate import evaluate

    await evaluate([tensor._node for tensor in tensors])


tensor_operators.install()

__all__ = [
    "all",
    "any",
    "equal",
    "greater",
    "greater_equal",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "not_equal",
    "where",
    "Compiled",
    "DType",
    "DeviceInfo",
    "Scope",
    "Tensor",
    "abs",
    "add",
    "asarray",
    "astype",
    "bool",
    "broadcast_to",
    "capabilities",
    "ceil",
    "compile",
    "complex64",
    "complex128",
    "cos",
    "default_device",
    "devices",
    "divide",
    "empty_cache",
    "errors",
    "eval",
    "exp",
    "explain",
    "float16",
    "float32",
    "float64",
    "floor",
    "full",
    "init",
    "int8",
    "int16",
    "int32",
    "int64",
    "log",
    "matmul",
    "matmul_integer",
    "matmul_wgsl",
    "matrix_transpose",
    "max",
    "maximum",
    "mean",
    "memory",
    "min",
    "minimum",
    "multiply",
    "negative",
    "nn",
    "ones",
    "permute_dims",
    "pow",
    "prod",
    "reshape",
    "scope",
    "set_default_device",
    "sin",
    "sqrt",
    "subtract",
    "sum",
    "tanh",
    "to_device",
    "tune",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "zeros",
    *errors.__all__,
]
