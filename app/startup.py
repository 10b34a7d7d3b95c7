"""The page's states: loading with its steps, ready, error."""

import asyncio

import js

from dom import by_id, say, show

#: The steps in order, with what is said while each goes on.
STEPS = (
    ("page", "the page"),
    ("download", "downloading Python"),
    ("start", "starting Python"),
    ("install", "installing webtensor"),
    ("devices", "asking for devices"),
)
#: After so long the page says that something may be wrong.
SLOW_SECONDS = 30
NAMES = [name for name, _ in STEPS]


class Startup:
    """Where the start is. Steps may be reported late or not at all; none comes back."""

    def __init__(self):
        self.step = 0
        self.since = 0.0

    def reach(self, name):
        """A step begins: all before it are done."""
        index = NAMES.index(name)
        if index <= self.step or self.state() != "loading":
            return
        self._finish(index)
        by_id(f"step-{name}").dataset.step = "now"
        say("state-detail", STEPS[index][1])

    def _finish(self, index):
        now = js.performance.now()
        for name in NAMES[self.step : index]:
            by_id(f"step-{name}").dataset.step = "done"
        took = by_id(f"step-{NAMES[index - 1]}").querySelector(".took")
        took.textContent = f"{(now - self.since) / 1000:.1f} s"
        by_id("startup-progress").value = index
        self.step, self.since = index, now

    def state(self):
        return js.document.documentElement.dataset.state

    def ready(self):
        """Everything is there."""
        self._finish(len(STEPS))
        js.document.documentElement.dataset.state = "ready"
        by_id("state").querySelector(".word").textContent = "Ready"
        say("state-detail", f"after {js.performance.now() / 1000:.1f} s")
        show(by_id("error"), False)
        js.performance.mark("webtensor:ready")
        js.document.dispatchEvent(js.Event.new("webtensor:ready"))

    async def tell_when_slow(self):
        """A download that was cut off without an error looks like a slow one."""
        await asyncio.sleep(SLOW_SECONDS)
        if self.state() == "loading":
            what = STEPS[self.step][1]
            say("state-detail", f"{what}: slower than usual; if nothing moves, reload the page")

    def fail(self, title, detail, advice):
        """The start failed for good; the rest of the page stays readable."""
        js.document.documentElement.dataset.state = "error"
        by_id("state").querySelector(".word").textContent = "Not started"
        say("state-detail", STEPS[min(self.step, len(STEPS) - 1)][1])
        say("error-title", title)
        say("error-detail", detail)
        say("error-advice", advice)
        show(by_id("error"))


startup = Startup()
