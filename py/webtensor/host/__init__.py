"""The host that this interpreter runs in, chosen once.

Names: `open_gpu`, `open_ml`, `run_sync`, `can_run_sync`, `pause`, `ensure_numpy`, `runtime`,
`remember`, `recall`, `takes_wasm`, `instantiate_wasm`.
"""

from __future__ import annotations

import sys

if sys.platform == "emscripten":
    from .browser import (
        can_run_sync,
        ensure_numpy,
        instantiate_wasm,
        open_gpu,
        open_ml,
        pause,
        recall,
        remember,
        run_sync,
        runtime,
        takes_wasm,
    )
else:
    from .native import (
        can_run_sync,
        ensure_numpy,
        instantiate_wasm,
        open_gpu,
        open_ml,
        pause,
        recall,
        remember,
        run_sync,
        runtime,
        takes_wasm,
    )

__all__ = [
    "can_run_sync",
    "ensure_numpy",
    "instantiate_wasm",
    "open_gpu",
    "open_ml",
    "pause",
    "recall",
    "remember",
    "run_sync",
    "runtime",
    "takes_wasm",
]
