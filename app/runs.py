"""Running the benchmark: one backend after the other, one shape after the other."""

import asyncio
import json

import js

import advice
from controls import controls
from devices import devices
from dom import by_id, on, on_task, say, show, spawn
from results import results
from wording import BACKENDS, TITLES, duration, milliseconds, shape, significant
from worker_link import CancelledRunError, ComputeError, link

#: A part of a run that takes longer than this is announced first.
LONG_SECONDS = 8
#: How long a cancelled run may take to answer before the page says what else can be done.
CANCEL_PATIENCE = 5
#: Share of a run's progress bar that each stage ends at.
STAGES = {"upload": (0, 0.1), "cold": (0.1, 0.3), "warm": (0.3, 0.8), "readback": (0.8, 0.85)}
LAST_STAGE = (0.85, 1)


class Runs:
    """At most one run at a time."""

    def __init__(self):
        self.busy = False
        self.cancelled = False
        self.label = ""
        self.answer = None
        self.done_jobs = 0
        self.jobs = 1

    def start(self):
        on(by_id("benchmark-form"), "submit", self.submit)
        on(by_id("run-sizes"), "click", lambda _: self.launch(controls.shapes_up_to()))
        on_task(by_id("cancel"), "click", self.cancel)
        for choice in ("go", "skip", "stop"):
            on(by_id(f"long-run-{choice}"), "click", lambda _, choice=choice: self.choose(choice))

    def submit(self, event):
        event.preventDefault()
        if not by_id("run").disabled:
            self.launch([controls.shape()])

    def launch(self, shapes):
        if self.busy:
            return
        jobs = [(dimensions, backend) for dimensions in shapes for backend in controls.backends()]
        if not jobs:
            say("run-status", "Choose at least one backend.")
            return
        self.set_busy(True)
        spawn(self.run(jobs))

    def allow(self):
        """Python is ready: what is there can be run."""
        for backend in BACKENDS:
            found = devices.report[backend]
            controls.allow(backend, found["available"], found.get("reason"))
        self.set_busy(False)
        say("run-status", "Ready to run.")

    async def run(self, jobs):
        show(by_id("run-error"), False)
        try:
            jobs = await self.after_warning(jobs)
            await self.run_jobs(jobs)
        finally:
            self.set_busy(False)

    async def run_jobs(self, jobs):
        self.jobs, self.done_jobs, failed = len(jobs), 0, 0
        last = None
        for dimensions, backend in jobs:
            if self.cancelled:
                break
            try:
                last = await self.run_one(dimensions, backend)
            except CancelledRunError:
                break
            except ComputeError as error:
                failed += 1
                await self.show_error(backend, error)
            self.done_jobs += 1
            by_id("run-progress").value = 100 * self.done_jobs / self.jobs
        self.conclude(last, failed)

    async def run_one(self, dimensions, backend):
        m, n, k = dimensions
        self.label = f"{TITLES[backend]}, {shape(m, k, n)}"
        say("run-status", f"{self.label}: starting")
        row = await link.call("matmul", m=m, n=n, k=k, device=backend)
        row["browser"] = devices.report["runtime"]["browser"]
        row["version"] = devices.report["version"]
        row["date"] = js.Date.new().toISOString()
        if not results.add(row):
            self.label += " (not kept: storage is off or full)"
        mark_once("webtensor:first-row")
        return row

    def progress(self, report):
        """What the worker says about the present run."""
        if not self.busy or self.cancelled:
            return
        say("run-status", f"{self.label}: {report['text']}")
        if report["stage"] == "warm":
            mark_once("webtensor:first-result")
        start, end = STAGES.get(report["stage"], LAST_STAGE)
        part = start + (end - start) * report["done"] / max(1, report["total"])
        by_id("run-progress").value = 100 * (self.done_jobs + part) / self.jobs

    def conclude(self, last, failed):
        if self.cancelled:
            text = f"Cancelled after {self.done_jobs} of {self.jobs}."
        elif last is None:
            text = "Nothing was measured."
        elif self.jobs > 1:
            text = f"Done: {self.done_jobs - failed} of {self.jobs} measured."
        else:
            speed = significant(last["gflops"])
            text = f"Done: {self.label}: {milliseconds(last['median_ms'])}, {speed} GFLOP/s."
        say("run-status", text)

    async def after_warning(self, jobs):
        """The jobs to run, after asking about those that take long."""
        slow = []
        for dimensions, backend in jobs:
            m, n, k = dimensions
            seconds = await link.call("estimate", m=m, n=n, k=k, device=backend)
            if seconds and seconds > LONG_SECONDS:
                slow.append((dimensions, backend, seconds))
        if not slow:
            return jobs
        parts = {}
        for _, backend, seconds in slow:
            parts[backend] = parts.get(backend, 0) + seconds
        said = [f"{duration(parts[b])} on {TITLES[b]}" for b in BACKENDS if b in parts]
        say(
            "long-run-text",
            f"This takes {' and '.join(said)}. "
            "The page stays usable, and you can cancel at any time.",
        )
        quick = [job for job in jobs if not any(job == (d, b) for d, b, _ in slow)]
        show(by_id("long-run-skip"), bool(quick))
        show(by_id("long-run"))
        say("run-status", "Waiting for your choice.")
        by_id("long-run").focus()
        self.answer = asyncio.Event()
        self.choice = "stop"
        await self.answer.wait()
        self.answer = None
        show(by_id("long-run"), False)
        if self.choice == "go":
            return jobs
        if self.choice == "skip":
            return quick
        self.cancelled = True
        return []

    def choose(self, choice):
        if self.answer:
            self.choice = choice
            self.answer.set()

    async def cancel(self):
        self.cancelled = True
        if self.answer:
            self.choose("stop")
            return
        say("run-status", f"{self.label}: stopping")
        by_id("cancel").disabled = True
        await asyncio.gather(link.call("cancel"), self.watch_cancel())

    async def watch_cancel(self):
        await asyncio.sleep(CANCEL_PATIENCE)
        if self.busy and self.cancelled:
            say(
                "run-status",
                ("The device has not answered yet. Wait, or reload the page to end this at once."),
            )

    async def show_error(self, backend, error):
        title, what_next = advice.after_error(error.kind)
        say("run-error-title", f"{TITLES[backend]}: {title}")
        say("run-error-detail", f"{error.kind}: {error.message}")
        say("run-error-advice", what_next)
        show(by_id("run-error"))
        if error.kind in ("DeviceLostError", "DeviceUnavailableError"):
            await self.look_again()

    async def look_again(self):
        """Devices may have come or gone."""
        try:
            devices.update(await link.call("capabilities"))
        except ComputeError as error:
            js.console.warn(f"The devices could not be asked for again: {error}")

    def set_busy(self, busy):
        self.busy, self.cancelled = busy, False
        for name in ("run", "run-sizes"):
            by_id(name).disabled = busy
        by_id("cancel").disabled = False
        show(by_id("cancel"), busy)
        show(by_id("running"), busy)
        by_id("run-progress").value = 0
        by_id("benchmark-form").setAttribute("aria-busy", json.dumps(busy))


def mark_once(name):
    if js.performance.getEntriesByName(name).length == 0:
        js.performance.mark(name)


runs = Runs()
