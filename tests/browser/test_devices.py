"""wt.devices() in every state that a browser can be in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support.blank import BlankPage
from tests.support.browsers import WEBGPU_ARGUMENTS, WEBNN_ARGUMENTS, BrowserEntry
from tests.support.page_log import PageLog

DEVICES = """
import webtensor as wt
await wt.init()
{device.name: [device.available, device.reason] for device in wt.devices()}
"""
PRODUCT = "await (wt.asarray([[1.0, 2.0]]) @ wt.asarray([[3.0], [4.0]])).numpy()"

REFUSE_ADAPTER = ("GPU.prototype", "requestAdapter", "async () => null")
FAIL_ADAPTER = (
    "GPU.prototype",
    "requestAdapter",
    "async () => { throw new DOMException('GPU process is gone', 'OperationError'); }",
)
FAIL_DEVICE = (
    "GPUAdapter.prototype",
    "requestDevice",
    "async () => { throw new DOMException('no device left', 'OperationError'); }",
)
REMOVE_GPU = ("Navigator.prototype", "gpu", None)
FAIL_CONTEXT = (
    "ML.prototype",
    "createContext",
    "async () => { throw new DOMException('not allowed', 'NotSupportedError'); }",
)
REMOVE_ML = ("Navigator.prototype", "ml", None)


def found_devices(blank: BlankPage) -> dict[str, Any]:
    found: dict[str, Any] = blank.py(DEVICES)
    assert set(found) == {"webgpu", "webnn", "cpu"}
    assert found["cpu"][0], "the CPU is always there"
    for name, (available, reason) in found.items():
        assert available or reason.strip(), f"{name} is missing without a reason"
    # Whatever is missing, the default device computes.
    assert blank.py(f"import webtensor as wt\n{PRODUCT}") == [[11.0]]
    return found


@pytest.mark.browsers("shell")
@pytest.mark.parametrize("webgpu", [True, False])
@pytest.mark.parametrize("webnn", [True, False])
def test_devices_for_each_pair_of_flags(
    webgpu: bool,
    webnn: bool,
    browser_entry: BrowserEntry,
    launched: Callable[[BrowserEntry], Browser],
    open_context: Callable[..., tuple[BrowserContext, PageLog]],
    site: str,
) -> None:
    entry = browser_entry.without(*(() if webgpu else WEBGPU_ARGUMENTS))
    entry = entry.without(*(() if webnn else WEBNN_ARGUMENTS))
    context, log = open_context(launched(entry))
    log.own(site)
    if not webgpu:
        log.allow("No available adapters")
    found = found_devices(BlankPage(context.new_page(), site))
    assert found["webgpu"][0] == webgpu
    assert found["webnn"][0] == webnn


def test_devices_of_each_browser(blank: BlankPage, browser_name: str) -> None:
    found = found_devices(blank)
    assert found["webgpu"][0]
    assert found["webnn"][0] == (browser_name == "shell")


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (REMOVE_GPU, "navigator.gpu"),
        (REFUSE_ADAPTER, "adapter"),
        (FAIL_ADAPTER, "GPU process is gone"),
        (FAIL_DEVICE, "no device left"),
    ],
    ids=["no navigator.gpu", "adapter refused", "adapter fails", "device fails"],
)
def test_no_webgpu_is_a_reason_and_never_an_error(
    patch: tuple[str, str, str | None], words: str, fresh_blank: BlankPage
) -> None:
    fresh_blank.patch(*patch)
    available, reason = found_devices(fresh_blank)["webgpu"]
    assert not available
    assert words in reason


@pytest.mark.browsers("shell")
@pytest.mark.parametrize(
    ("patch", "words"),
    [(FAIL_CONTEXT, "not allowed"), (REMOVE_ML, "navigator.ml")],
    ids=["context refused", "no navigator.ml"],
)
def test_no_webnn_is_a_reason_and_never_an_error(
    patch: tuple[str, str, str | None], words: str, fresh_blank: BlankPage
) -> None:
    fresh_blank.patch(*patch)
    available, reason = found_devices(fresh_blank)["webnn"]
    assert not available
    assert words in reason


@pytest.mark.browsers("chromium", "firefox")
def test_insecure_page_says_that_webgpu_needs_https(
    browser_entry: BrowserEntry,
    launched: Callable[[BrowserEntry], Browser],
    open_context: Callable[..., tuple[BrowserContext, PageLog]],
    site: str,
) -> None:
    """Browsers hide navigator.gpu from http pages of any host but localhost."""
    if browser_entry.engine == "firefox":
        entry = browser_entry.having(prefs={"network.dns.forceResolve": "127.0.0.1"})
    else:
        entry = browser_entry.having("--host-resolver-rules=MAP insecure.test 127.0.0.1")
    address = site.replace("127.0.0.1", "insecure.test")
    context, log = open_context(launched(entry))
    log.own(address)
    available, reason = found_devices(BlankPage(context.new_page(), address))["webgpu"]
    assert not available
    assert "https" in reason


def test_missing_explicit_device_is_a_clear_error(fresh_blank: BlankPage) -> None:
    fresh_blank.patch(*REMOVE_GPU)
    message = fresh_blank.py(
        """
        import webtensor as wt
        await wt.init()
        try:
            result = (wt.asarray([[1.0]], device="webgpu") @ wt.asarray([[1.0]], device="webgpu"))
            message = repr(await result.numpy())
        except wt.errors.DeviceUnavailableError as error:
            message = str(error)
        message
        """
    )
    assert "webgpu" in message.lower()
    assert "navigator.gpu" in message


def test_kernels_that_were_tried_out_are_remembered(fresh_blank: BlankPage) -> None:
    """The next visit does not try the same variants again."""
    fresh_blank.py(
        """
        import numpy as np, webtensor as wt
        x = wt.asarray(np.ones((16, 16), np.float32), device="webgpu")
        await (x @ x).numpy()
        """
    )
    fresh_blank.forget_package()
    known = fresh_blank.py(
        """
        import webtensor as wt
        from webtensor import discovery
        await wt.init()
        sorted(discovery.present("webgpu")._sound)
        """
    )
    assert any(one.startswith("narrow=") for one in known), known
