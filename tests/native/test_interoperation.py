"""array-api-compat, SciPy and scikit-learn take tensors and compute on the tensors' device."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import array_api_compat
import numpy as np
import pytest
import sklearn

import webtensor as wt
from tests.support import scikit_learn_calls, scipy_calls
from tests.support.scipy_calls import Call, parts

# All calls run on "cpu"; these on "webgpu" too, where most of the time goes into compiling kernels.
SCIPY_ON_WEBGPU = (
    "bdtr", "chisquare", "circmean", "describe", "entropy", "gmean", "hmean", "kurtosis",
    "log_softmax", "logsumexp", "median_abs_deviation", "mode", "moment", "ndtr", "pmean",
    "quantile", "rankdata", "rel_entr", "skew", "softmax", "variation", "xlogy", "zmap", "zscore",
)  # fmt: skip
SCIKIT_LEARN_ON_WEBGPU = (
    "PCA-eigh", "PCA-full", "Ridge", "MinMaxScaler", "Normalizer", "StandardScaler",
    "accuracy_score", "confusion_matrix", "f1_score", "mean_squared_error", "r2_score",
    "rbf_kernel", "train_test_split",
)  # fmt: skip


@pytest.fixture(params=["cpu", "webgpu"])
def device(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each device as the default one: SciPy's results from NumPy name none."""
    if request.param == "webgpu":
        request.getfixturevalue("webgpu")
    wt.set_default_device(request.param)
    yield request.param
    wt.set_default_device(None)


def test_helpers_of_array_api_compat(device: str) -> None:
    x = wt.asarray([[1.0, -2.0], [3.0, 4.0]])
    assert array_api_compat.is_array_api_obj(x)
    assert array_api_compat.array_namespace(x, wt.ones(2)) is wt
    assert array_api_compat.array_namespace(x, api_version="2025.12") is wt
    assert array_api_compat.device(x) == device
    assert array_api_compat.size(x) == 4
    assert array_api_compat.is_writeable_array(x)
    assert not array_api_compat.is_lazy_array(x)
    moved = array_api_compat.to_device(wt.abs(x), "cpu")
    assert moved.device == "cpu"
    assert moved.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_indices_may_be_made_int64(device: str) -> None:
    """Portable programs do so, though "webgpu" has no int64."""
    values = np.random.default_rng(0).normal(size=(3, 70)).astype(np.float32)
    places = np.random.default_rng(1).integers(-70, 70, size=(3, 90)).astype(np.float32)
    x, indices = wt.asarray(values), wt.astype(wt.floor(wt.asarray(places) + 0.5), wt.int64)
    found = wt.take_along_axis(x, indices)
    assert found.device == device
    wanted = np.take_along_axis(values, places.astype(np.int64), axis=1)
    np.testing.assert_array_equal(np.asarray(found), wanted)
    beyond = wt.take(x, wt.astype(wt.asarray([1e12, -1e12, 2.0]), wt.int64), axis=1)
    np.testing.assert_array_equal(np.asarray(beyond), values[:, [69, 0, 2]])


def on_devices(calls: list[Call], on_webgpu: tuple[str, ...]) -> list[Any]:
    """Parameters of a test: each call and device."""
    by_name = {call.name: call for call in calls}
    pairs = [(call, "cpu") for call in calls] + [(by_name[name], "webgpu") for name in on_webgpu]
    return [pytest.param(call, device, id=f"{device}-{call.name}") for call, device in pairs]


def check(call: Call, device: str, dtype: str) -> None:
    """Compare a call on tensors with the same on NumPy's float64, and see where it computed."""
    expected = list(parts(call.function(*call.operands)))
    tensors = [
        wt.asarray(one.astype(dtype) if one.dtype == "float64" else one) for one in call.operands
    ]
    precision = 1e-8 if dtype == "float64" and not call.single else 2e-3
    with wt.profile() as profile:
        found = list(parts(call.function(*tensors)))
        values = [np.asarray(one) for one in found]
    assert {one.device for one in found if isinstance(one, wt.Tensor)} <= {device}
    used = {kernel.device for kernel in profile.kernels}
    assert used == {device} or (call.anywhere and not used)
    assert len(values) == len(expected) > 0
    for value, one in zip(values, expected, strict=True):
        np.testing.assert_allclose(value, one, rtol=precision, atol=precision / 100)


def check_where_it_can_run(call: Call, device: str) -> None:
    """`check`, or see that an error tells what the device lacks."""
    if device == "cpu":
        check(call, device, "float64")
    elif call.lacks is None:
        check(call, device, "float32")
    else:
        with pytest.raises(call.lacks, match="cpu"):
            check(call, device, "float32")


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize(
    ("call", "device"), on_devices(scipy_calls.calls(), SCIPY_ON_WEBGPU), indirect=["device"]
)
def test_scipy(call: Call, device: str) -> None:
    check_where_it_can_run(call, device)


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize(
    ("call", "device"),
    on_devices(scikit_learn_calls.calls(), SCIKIT_LEARN_ON_WEBGPU),
    indirect=["device"],
)
def test_scikit_learn(call: Call, device: str) -> None:
    with sklearn.config_context(array_api_dispatch=True):
        check_where_it_can_run(call, device)
