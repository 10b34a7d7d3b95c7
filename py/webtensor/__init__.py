"""webtensor: GPU tensors for Python in the browser.

    import webtensor as wt

    x = wt.asarray([[1.0, 2.0], [3.0, 4.0]])
    y = wt.nn.softmax(x @ x.mT, axis=-1)
    await y.numpy()

Importing touches no device; `await wt.init()` or the first read does.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from . import (
    constants,
    creation,
    elementwise_functions,
    errors,
    functions,
    interchange,
    movement_functions,
    nn,
    nonzero_functions,
    products,
    ranges,
    scan_functions,
    set_functions,
    sorting_functions,
    statistical_functions,
    tensor_operators,
    type_functions,
)
from .backends.base import DeviceInfo
from .compiled import Compiled, compile
from .constants import *  # noqa: F403
from .creation import *  # noqa: F403
from .custom_kernel import ElementwiseKernel, Kernel
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
from .elementwise_functions import *  # noqa: F403
from .errors import *  # noqa: F403
from .functions import *  # noqa: F403
from .inspection import explain, matmul_wgsl
from .interchange import *  # noqa: F403
from .movement_functions import *  # noqa: F403
from .namespace_info import __array_api_version__, __array_namespace_info__
from .nonzero_functions import *  # noqa: F403
from .products import *  # noqa: F403
from .profile import KernelRow, Profile, profile
from .quantization import matmul_integer
from .ranges import *  # noqa: F403
from .roofline import Roofline, roofline
from .scan_functions import *  # noqa: F403
from .scope import Scope, scope
from .set_functions import *  # noqa: F403
from .sorting_functions import *  # noqa: F403
from .statistical_functions import *  # noqa: F403
from .tensor import Tensor
from .tuning import tune
from .type_functions import *  # noqa: F403

if TYPE_CHECKING:
    from . import fft, linalg, ops  # noqa: F401 (see __getattr__)

__version__ = "0.1.0"
_LATER = ("fft", "linalg", "ops")


async def eval(*tensors: Tensor) -> None:
    """Compute `tensors` together, so that what they share is computed once; reads nothing back.

    Raises:
        DtypeError: something else than a tensor. Also what `Tensor.numpy` raises.
    """
    from .evaluate import evaluate
    from .operands import node_of

    await evaluate([node_of("eval", tensor) for tensor in tensors])


def __getattr__(name: str) -> ModuleType:
    """The modules that few programs need, once they are asked for."""
    if name in _LATER:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


tensor_operators.install()

__all__ = [
    "Compiled",
    "DType",
    "DeviceInfo",
    "ElementwiseKernel",
    "Kernel",
    "KernelRow",
    "Profile",
    "Roofline",
    "Scope",
    "Tensor",
    "__array_api_version__",
    "__array_namespace_info__",
    "bool",
    "capabilities",
    "compile",
    "complex128",
    "complex64",
    "default_device",
    "devices",
    "empty_cache",
    "errors",
    "eval",
    "explain",
    "float16",
    "float32",
    "float64",
    "init",
    "int16",
    "int32",
    "int64",
    "int8",
    "matmul_integer",
    "matmul_wgsl",
    "memory",
    "nn",
    "profile",
    "roofline",
    "scope",
    "set_default_device",
    "tune",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    *constants.__all__,
    *creation.__all__,
    *elementwise_functions.__all__,
    *errors.__all__,
    *functions.__all__,
    *interchange.__all__,
    *movement_functions.__all__,
    *nonzero_functions.__all__,
    *products.__all__,
    *ranges.__all__,
    *scan_functions.__all__,
    *set_functions.__all__,
    *sorting_functions.__all__,
    *statistical_functions.__all__,
    *type_functions.__all__,
    *_LATER,
]
