"""What was found: the badges, the notice without WebGPU, the device panel and its JSON."""

import json

import js

import advice
from clipboard import copy
from dom import by_id, element, fill, on_task, say, show
from wording import BACKENDS, grouped, sentence, size

YES_NO = {True: "yes", False: "no"}


class Devices:
    """The capabilities, as last reported, on the page."""

    def __init__(self):
        self.report = None
        self.text = ""

    def start(self):
        on_task(by_id("copy-device"), "click", self.copy)

    def update(self, text):
        """Show the capabilities, which come as JSON text."""
        self.text = text
        self.report = report = json.loads(text)
        for backend in BACKENDS:
            self.badge(backend)
        self.missing_webgpu()
        fill(by_id("device-panel"), panel(report))
        by_id("copy-device").disabled = False
        say("version", report["version"])

    def available(self, backend):
        return bool(self.report and self.report[backend]["available"])

    def badge(self, backend):
        badge = by_id(f"badge-{backend}")
        found = self.report[backend]
        badge.dataset.live = "yes" if found["available"] else "no"
        live = "live" if found["available"] else "not here"
        if self.report["default_device"] == backend:
            live += ", default"
        badge.querySelector(".live").textContent = live
        badge.querySelector(".what").textContent = (
            summary(backend, found) if found["available"] else sentence(found["reason"])
        )

    def missing_webgpu(self):
        show(by_id("no-webgpu"), not self.available("webgpu"))
        if self.available("webgpu"):
            return
        say("no-webgpu-reason", sentence(self.report["webgpu"]["reason"]))
        browser = self.report["runtime"]["browser"] or ""
        lines = advice.for_missing_webgpu(browser, bool(js.isSecureContext))
        fill(by_id("no-webgpu-advice"), [element("li", line) for line in lines])
        rest = "WebNN and the CPU" if self.available("webnn") else "the CPU"
        say(
            "no-webgpu-still",
            (f"Everything on this page still works, on {rest}; it is slower there."),
        )

    async def copy(self):
        pretty = js.JSON.stringify(js.JSON.parse(self.text), None, 2)
        done = await copy(pretty)
        say(
            "copy-device-status",
            ("Copied." if done else "The browser refused; the JSON is below, to copy by hand."),
        )
        if not done:
            self.show_json(pretty)

    def show_json(self, text):
        panel_node = by_id("device-panel")
        old = panel_node.querySelector("textarea")
        if old:
            old.remove()
        area = element("textarea", class_name="json", aria_label="Device as JSON", readonly="")
        area.value = text
        panel_node.appendChild(area)
        area.select()


def summary(backend, found):
    """One line about a backend that is there."""
    if backend == "webgpu":
        return ", ".join(part for part in (adapter_name(found), software_note(found)) if part)
    if backend == "webnn":
        types = ", ".join(found["device_types"])
        return f"{types} requested; {found['operators']} operators"
    return (
        f"numpy {found['numpy']} in WebAssembly" if found.get("numpy") else "numpy in WebAssembly"
    )


def adapter_name(found):
    named = found["description"] or found["device"] or found["architecture"]
    return " ".join(part for part in (found["vendor"], named) if part)


def software_note(found):
    return "software adapter, runs on the CPU" if found["software"] else ""


def panel(report):
    """The device panel's content, from top to bottom."""
    groups = []
    gpu, webnn, runtime = report["webgpu"], report["webnn"], report["runtime"]
    if gpu["available"]:
        kind = "software (runs on the CPU)" if gpu["software"] else "hardware"
        rows = [
            ("Kind", kind),
            ("Vendor", gpu["vendor"]),
            ("Architecture", gpu["architecture"]),
            ("Device", gpu["device"]),
            ("Description", gpu["description"]),
            ("Driver", gpu.get("driver")),
        ]
        groups.append(group("WebGPU adapter", rows, "software" if gpu["software"] else ""))
        able = [
            ("Half precision (f16)", YES_NO[gpu["f16"]]),
            ("Subgroups", YES_NO[gpu["subgroups"]]),
            ("Timestamps", YES_NO[gpu["timestamps"]]),
            ("Packed dot product", YES_NO[gpu["packed_dot"]]),
        ]
        groups.append(group("Kernels can use", able))
    else:
        groups.append(group("WebGPU", [("Available", "no"), ("Reason", sentence(gpu["reason"]))]))
    if webnn["available"]:
        rows = [
            ("Device types, as requested", ", ".join(webnn["device_types"])),
            ("Operators", str(webnn["operators"])),
        ]
    else:
        rows = [("Available", "no"), ("Reason", sentence(webnn["reason"]))]
    groups.append(group("WebNN", rows))
    groups.append(group("Browser", runtime_rows(runtime)))
    nodes = [element("div", class_name="groups", children=groups)]
    if gpu["available"]:
        nodes.append(limits(gpu["limits"]))
        nodes.append(names("WebGPU features", gpu["features"]))
        nodes.append(names("WGSL language features", gpu["wgsl_features"]))
    return nodes


def runtime_rows(runtime):
    engine = runtime["engine"]
    return [
        ("Browser", runtime["browser"]),
        ("Engine", engine),
        ("Python", f"{runtime['python']}, Pyodide {runtime['pyodide']}"),
        ("Runs in", "a worker" if runtime["worker"] else "the page"),
        ("Cross-origin isolated", YES_NO[runtime["cross_origin_isolated"]]),
        ("Synchronous reads (JSPI)", YES_NO[runtime["jspi"]]),
    ]


def group(title, rows, class_name=""):
    terms = []
    for term, value in rows:
        if value:
            terms.append(element("div", children=[element("dt", term), element("dd", value)]))
    body = element("dl", children=terms)
    return element(
        "section", class_name=f"group {class_name}", children=[element("h3", title), body]
    )


def fold(title, count, body):
    heading = element("summary", title, children=[element("span", str(count), "count")])
    return element("details", children=[heading, body])


def limits(values):
    rows = []
    for name in sorted(values):
        value = values[name]
        # Those whose names end in "Size" are byte counts (maxComputeWorkgroupSizeX does not).
        shown = size(value) if name.endswith("Size") else grouped(value)
        cells = [element("th", name, scope="row"), element("td", shown, "number")]
        rows.append(element("tr", children=cells))
    table = element("table", children=[element("tbody", children=rows)])
    return fold("Limits", len(values), element("div", class_name="scroll", children=[table]))


def names(title, values):
    if not values:
        return fold(title, 0, element("p", "none"))
    items = [element("li", name) for name in sorted(values)]
    return fold(title, len(values), element("ul", class_name="names", children=items))


devices = Devices()
