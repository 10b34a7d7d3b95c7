"""The matmul kernel's WGSL for the shape that is chosen, under "How it works"."""

import asyncio

from clipboard import copy
from controls import controls
from dom import by_id, element, fill, on_task, say, show, spawn, when_near
from wording import shape
from worker_link import ComputeError, link


class Kernel:
    """Shown when the section comes near; follows the benchmark's shape from then on."""

    def __init__(self):
        self.text = ""
        self.near = False
        self.ready = False

    def start(self):
        on_task(by_id("copy-kernel"), "click", self.copy)
        when_near(by_id("how"), self.came_near)
        controls.on_change = self.changed

    def came_near(self):
        self.near = True
        self.changed()

    def allow(self):
        self.ready = True
        self.changed()

    def changed(self):
        if self.near and self.ready:
            spawn(self.update())

    async def update(self):
        m, n, k = controls.shape()
        try:
            text = await link.call("kernel", m=m, n=n, k=k)
        except ComputeError as error:
            say("kernel-note", f"The kernel cannot be shown: {error}")
            return
        say("kernel-shape", f"for {shape(m, k, n)}")
        if text == self.text:
            return
        self.text = text
        lines = len(text.splitlines())
        say("kernel-note", f"{lines} lines of WGSL, for this shape and this device.")
        fill(by_id("wgsl").querySelector("code"), highlighted(text))
        show(by_id("wgsl"))
        by_id("copy-kernel").disabled = False

    async def copy(self):
        done = await copy(self.text)
        say("copy-kernel", "Copied" if done else "Copy refused")
        await asyncio.sleep(2)
        say("copy-kernel", "Copy")


def highlighted(text):
    """The code in as few nodes as possible: runs of code as text, comments set off."""
    nodes, code = [], []
    for line in text.split("\n"):
        before, mark, comment = line.partition("//")
        code.append(before)
        if mark:
            nodes.append(element("span", "".join(code)))
            nodes.append(element("span", mark + comment, "comment"))
            code = []
        code.append("\n")
    nodes.append(element("span", "".join(code).rstrip()))
    return nodes


kernel = Kernel()
