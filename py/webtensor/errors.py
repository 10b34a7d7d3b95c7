"""Every error that webtensor raises on purpose.

    WebTensorError
     ├─ ShapeError                  operands whose shapes do not fit (also a ValueError)
     │   └─ IndexingError           an index that a tensor does not have (also an IndexError)
     │   └─ AxisError               an axis that a shape does not have (also an IndexError)
     ├─ OptionError                 an option that an operation does not take (also a ValueError)
     ├─ DtypeError                  a dtype that an operation does not take (also a TypeError)
     │   └─ UnsupportedDtypeError   a dtype that the device does not have
     ├─ DeviceError                 devices that do not fit together
     │   ├─ DeviceUnavailableError  a device that is not there
     │   └─ DeviceLostError         a device that went away with the only copy of a tensor
     ├─ UnsupportedOperatorError    an operator that the device does not have
     ├─ LinearAlgebraError          a matrix that has no such factors (also a ValueError)
     ├─ OutOfMemoryError            the device has no room (also a MemoryError)
     ├─ KernelCompileError          WGSL that does not compile
     ├─ KernelArgumentError         what does not fit a custom kernel (also a TypeError)
     ├─ CaptureError                a function that `webtensor.compile` cannot capture
     ├─ ScopeEndedError             a tensor that its scope has freed (also a RuntimeError)
     ├─ InterchangeError            what DLPack cannot hand over (also a BufferError)
     ├─ ProfileError                a profile that is entered twice (also a RuntimeError)
     └─ SynchronousReadError        a read that needs `await` here (also a RuntimeError)

Each message says what happened and what to do about it.
"""

from __future__ import annotations

__all__ = [
    "AxisError",
    "CaptureError",
    "DeviceError",
    "DeviceLostError",
    "DeviceUnavailableError",
    "DtypeError",
    "IndexingError",
    "InterchangeError",
    "KernelArgumentError",
    "KernelCompileError",
    "LinearAlgebraError",
    "OptionError",
    "OutOfMemoryError",
    "ProfileError",
    "ScopeEndedError",
    "ShapeError",
    "SynchronousReadError",
    "UnsupportedDtypeError",
    "UnsupportedOperatorError",
    "WebTensorError",
]


class WebTensorError(Exception):
    """Base of all errors of this package."""


class ShapeError(WebTensorError, ValueError):
    """Operands whose shapes do not fit together, or a shape that an operation cannot take."""


class IndexingError(ShapeError, IndexError):
    """An index outside its axis, too many of them, or a mask that does not fit."""


class AxisError(ShapeError, IndexError):
    """An axis that a shape does not have."""


class OptionError(WebTensorError, ValueError):
    """An option's value that an operation does not take."""


class DtypeError(WebTensorError, TypeError):
    """A dtype that an operation does not take."""


class UnsupportedDtypeError(DtypeError):
    """A dtype that the chosen device does not have."""


class DeviceError(WebTensorError, RuntimeError):
    """Devices that do not fit together in one operation, or a device that fails."""


class DeviceUnavailableError(DeviceError):
    """A device that was asked for and is not there."""


class DeviceLostError(DeviceError):
    """The device went away, and the only copy of a tensor with it."""


class UnsupportedOperatorError(WebTensorError):
    """An operator that the explicitly chosen device does not have."""


class LinearAlgebraError(WebTensorError, ValueError):
    """A matrix that is singular or not positive definite, or an iteration that does not converge.

    The cpu raises it when the value is computed; kernels cannot, their results are NaN instead.
    """


class OutOfMemoryError(WebTensorError, MemoryError):
    """The device has no room for a buffer; everything made before stays usable."""


class CaptureError(WebTensorError):
    """A function that `webtensor.compile` cannot capture, or a value that is unknown meanwhile."""


class ScopeEndedError(WebTensorError, RuntimeError):
    """A tensor that was freed when the scope in which it was made ended."""


class SynchronousReadError(WebTensorError, RuntimeError):
    """A value was asked for synchronously where only `await` can wait."""


class InterchangeError(WebTensorError, BufferError):
    """A tensor that cannot be handed over, or taken, in the way that was asked for."""


class KernelCompileError(WebTensorError):
    """WGSL that the device's compiler refuses.

    Attributes:
        line, column: where, counted from 1 (0 where the compiler did not say).
        source_line: the text of that line.
        source: the whole text, and `reason`: what the compiler said.
    """

    def __init__(self, message: str, source: str = "", line: int = 0, column: int = 0) -> None:
        lines = source.splitlines()
        self.source = source
        self.reason = message
        self.line = line
        self.column = column
        self.source_line = lines[line - 1] if 0 < line <= len(lines) else ""
        if self.source_line:
            pointer = " " * max(column - 1, 0) + "^"
            message = (
                f"line {line}, column {column}: {message}\n    {self.source_line}\n    {pointer}"
            )
        super().__init__(f"WGSL does not compile: {message}")


class ProfileError(WebTensorError, RuntimeError):
    """A profile that is entered while it is open."""


class KernelArgumentError(WebTensorError, TypeError):
    """A custom kernel and its declaration, or what it is called with, do not fit together."""
