"""Every operator is there as a whole: declaration, kernel, tolerance, public function, cases."""

from __future__ import annotations

import pytest

import webtensor as wt
from tests.cases import CASES
from webtensor import activations, scattering
from webtensor.backends.webgpu.lower import FAMILIES
from webtensor.backends.webgpu.prune import reached
from webtensor.operators import TABLE
from webtensor.operators.declaration import Operator
from webtensor.operators.linear_algebra import CPU_ONLY

# Operators behind a function of another name, or behind Python's syntax.
_OTHERWISE = {
    "assign": wt.Tensor.__setitem__,
    "attention": wt.nn.scaled_dot_product_attention,
    "average_pool2d": wt.nn.avg_pool2d,
    "cast": wt.astype,
    "complex_of_pairs": wt.linalg.svd,
    "fourier": wt.fft.fft_pair,
    "gather": wt.take,
    "slice": wt.Tensor.__getitem__,
    "layer_normalization": wt.nn.layer_norm,
    "rms_normalization": wt.nn.rms_norm,
}
_COVERED = {case.operator for case in CASES}


@pytest.mark.parametrize("operator", TABLE.values(), ids=TABLE)
def test_an_operator_is_whole(operator: Operator) -> None:
    name = operator.name
    modules = (wt, wt.nn, wt.fft, wt.linalg, wt.ops, activations, scattering)
    public = (getattr(module, name, None) for module in modules)
    function = _OTHERWISE.get(name) or next(filter(None, public), None)
    assert callable(function), f"{name} has no public function"
    assert function.__doc__ or name in _OTHERWISE, f"{name} is not described"
    from_expressions = operator.family in ("elementwise", "reduction", "rows")
    assert operator.wgsl or operator.passes or not from_expressions, f"{name} has no kernel"
    assert operator.family in {"view", CPU_ONLY, *FAMILIES}, (
        f"nothing makes kernels of {operator.family}"
    )
    assert operator.tolerance.source, f"nobody says whose tolerance {name} has"
    assert name in _COVERED, f"{name} has no cases"


def test_public_names_are_there_once() -> None:
    assert len(set(wt.__all__)) == len(wt.__all__)
    assert all(hasattr(wt, name) for name in wt.__all__)
    for module in (wt.nn, wt.fft, wt.linalg, wt.ops):
        assert all(hasattr(module, name) for name in module.__all__)


def test_kernels_lose_the_functions_that_they_do_not_call() -> None:
    library = (
        "// Not called.\nfn alone() -> f32 {\n    return two;\n}\n\n"
        "fn inner(x: f32) -> f32 {\n"
        "    if x > two {\n        return x;\n    }\n    return two;\n}\n"
    )
    source = (
        "const two: f32 = 2.0;\n"
        "fn short(i: u32) -> u32 { return i; }\n"
        "fn outer(x: f32) -> f32 {\n    return inner(x);\n}\n\n"
        "@compute @workgroup_size(1)\nfn main() {\n    result = outer(1.0);\n}\n"
    )
    left = reached(source, [library])
    for kept in ("const two", "fn inner", "fn outer", "fn main", "@compute", "return x;"):
        assert left.count(kept) == 1
    for gone in ("alone", "Not called", "short"):
        assert gone not in left
    assert left.count("{") == left.count("}")
