"""The playground around <webtensor-cell>: examples to start from, and links that carry the code.

The code travels in the URL's fragment, which browsers do not send to servers.
"""

import binascii

import js

from clipboard import copy
from dom import by_id, element, on, on_task, say, show

PREFIX = "#code="
EXAMPLES = (
    (
        "Arrays",
        """\
import webtensor as wt

x = wt.asarray([[1.0, 2.0], [3.0, 4.0]])
y = x * 10 + x.mT

print(y.shape, y.dtype, "on", y.device)
print(await y.numpy())
""",
    ),
    (
        "Matmul",
        """\
import numpy as np
import webtensor as wt

rng = np.random.default_rng(0)
a = rng.standard_normal((256, 128), dtype=np.float32)
b = rng.standard_normal((128, 64), dtype=np.float32)

c = await (wt.asarray(a) @ wt.asarray(b)).numpy()

error = np.abs(c - a.astype(float) @ b.astype(float)).max()
print(c.shape, "largest error", error)
""",
    ),
    (
        "Softmax",
        """\
import webtensor as wt

scores = wt.asarray([[2.0, 1.0, 0.1], [0.5, 0.5, 3.0]])
chances = wt.nn.softmax(scores, axis=-1)

print(await chances.numpy())
print("rows add up to", await wt.sum(chances, axis=-1).numpy())
""",
    ),
    (
        "explain()",
        """\
import webtensor as wt

await wt.init()
x = wt.asarray([[1.0, 2.0], [3.0, 4.0]])
y = wt.nn.softmax(x @ x.mT, axis=-1)

# Nothing has run yet: this is what a read of y would do, and where.
print(wt.explain(y))
""",
    ),
)


def encode(code):
    """Code for a URL: UTF-8 in base64 with the alphabet that needs no escaping."""
    text = binascii.b2a_base64(code.encode()).decode().strip()
    return text.replace("+", "-").replace("/", "_").rstrip("=")


def decode(text):
    """The code in a link; raises where it is damaged."""
    text = text.replace("-", "+").replace("_", "/")
    padded = text + "=" * (-len(text) % 4)
    return binascii.a2b_base64(padded.encode()).decode()


def link_to(code):
    return js.location.href.split("#")[0] + PREFIX + encode(code)


class Playground:
    """The cell itself does the running; this only gives it code and takes code from it."""

    def start(self):
        buttons = []
        for label, code in EXAMPLES:
            button = element("button", label, type="button", class_name="small")
            on(button, "click", lambda _, code=code: self.put(code))
            buttons.append(button)
        for button in buttons:
            by_id("examples").appendChild(button)
        on_task(by_id("share"), "click", self.share)
        on(js.window, "hashchange", lambda _: self.from_link())
        if not self.from_link():
            self.put(EXAMPLES[0][1])

    def put(self, code):
        by_id("cell").code = code
        show(by_id("shared-note"), False)

    def from_link(self):
        """Take the code that the address carries; it is not run before the reader says so."""
        fragment = js.location.hash
        if not fragment.startswith(PREFIX):
            return False
        try:
            code = decode(fragment[len(PREFIX) :])
        except (
            Exception
        ) as error:  # not base64 (binascii raises no narrower one here), or not UTF-8
            js.console.warn(f"The link's code cannot be read: {error}")
            say("share-status", "The code in this link is damaged.")
            return False
        self.put(code)
        show(by_id("shared-note"))
        by_id("playground").scrollIntoView()
        return True

    async def share(self):
        address = link_to(by_id("cell").code)
        field = by_id("share-link")
        field.value = address
        show(field)
        if await copy(address):
            say("share-status", "Copied.")
        else:
            field.select()
            say("share-status", "Copy it from the field.")


playground = Playground()
