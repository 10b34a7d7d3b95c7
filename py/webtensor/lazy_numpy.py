"""NumPy, imported at its first use.

In the browser `import numpy` takes longer than everything else that this package does before its
first result (0.7 s of Pyodide's start), and a matrix product on a GPU needs none of it. Modules say
`from .lazy_numpy import np` and write NumPy as ever; `host.ensure_numpy()` has fetched it by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
else:

    class _LazyNumpy:
        def __getattr__(self, name: str) -> Any:
            import numpy

            return getattr(numpy, name)

    np = _LazyNumpy()

__all__ = ["np"]
