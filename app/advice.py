"""What a person can do: about a browser without WebGPU, and after an error."""

#: Browser names, as the package reports them, → what helps there.
WEBGPU_ADVICE = {
    "chrome": (
        "Chrome and Edge have WebGPU from 113 on (Android: 121). Update if yours is older.",
        "Switch on Settings → System → “Use graphics acceleration when available”, then restart.",
        "On Linux, or with a GPU that is on the block list, try "
        "chrome://flags/#enable-unsafe-webgpu; chrome://gpu tells why it is off.",
    ),
    "firefox": (
        "Firefox has WebGPU from 141 on Windows, 145 on Apple silicon. Update if yours is older.",
        "Elsewhere: open about:config, set dom.webgpu.enabled to true, and reload this page.",
        "about:support, section “Graphics”, tells whether the GPU is on the block list.",
    ),
    "safari": (
        "Safari has WebGPU from version 26 on (macOS, iOS, iPadOS). Update the system.",
        "Before that: Settings → Apps → Safari → Advanced → Feature Flags → WebGPU.",
    ),
    "other": (
        "Chrome or Edge 113, Firefox 141 and Safari 26 have WebGPU, each on most of its platforms.",
    ),
}
INSECURE = "Browsers offer WebGPU to https pages and to localhost only, and this page is neither."

#: Error types of the package → heading, and how to go on.
AFTER_ERROR = {
    "OutOfMemoryError": (
        "Out of device memory",
        "Choose a smaller size, or close other tabs that use the GPU. You can run again at once.",
    ),
    "DeviceLostError": (
        "The device was lost",
        "This happens when a driver restarts, or when the GPU is needed elsewhere. Run again: "
        "a new device is asked for.",
    ),
    "DeviceUnavailableError": (
        "The backend is not available",
        "Choose another backend. If it worked before, reload the page.",
    ),
    "KernelCompileError": (
        "A kernel did not compile",
        "This is a fault of webtensor or of the driver: please report the message above, with the "
        "device's JSON. The other backends go on working.",
    ),
    "UnsupportedOperatorError": (
        "The backend cannot do this",
        "Choose another backend or another size.",
    ),
    "MemoryError": (
        "Python ran out of memory",
        "Choose a smaller size. If it happens again, reload the page.",
    ),
}
OTHER_ERROR = (
    "The run failed",
    "Try again, or reload the page. If it stays, please report it with the device's JSON.",
)


def family(browser):
    """Which browser's advice fits."""
    name = browser.lower()
    if "firefox" in name:
        return "firefox"
    if "safari" in name:
        return "safari"
    if any(known in name for known in ("chrom", "edg", "opera", "samsung")):
        return "chrome"
    return "other"


def for_missing_webgpu(browser, secure):
    return WEBGPU_ADVICE[family(browser)] if secure else (INSECURE,)


def after_error(kind):
    """Heading and advice for an error of this type."""
    if kind == "UnsupportedDtypeError":
        kind = "UnsupportedOperatorError"
    return AFTER_ERROR.get(kind, OTHER_ERROR)
