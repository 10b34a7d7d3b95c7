"""The "Embed" section: snippets and whole example pages, each with a button that copies it."""

import asyncio

import js

from clipboard import copy
from dom import by_id, element, on, spawn, when_near

TAG = """\
<script type="module" src="{site}static/webtensor.js"></script>

<webtensor-cell><script type="text/python">
import webtensor as wt
x = wt.asarray([[1.0, 2.0], [3.0, 4.0]])
print(await (x @ x).numpy())
</script></webtensor-cell>
"""
CALL = """\
import webtensor from "{site}static/webtensor.js";

const product = await webtensor.run(
  "import webtensor as wt\\nwt.asarray(a) @ wt.asarray(a)",
  {{ inputs: {{ a: {{ data: new Float32Array([1, 2, 3, 4]), shape: [2, 2] }} }} }},
);  // {{ data: Float32Array, shape: [2, 2], dtype: "float32" }}
"""
#: Whole pages in app/examples/: file, what it shows.
PAGES = (
    ("embed.html", "A plain HTML page", "Arrays in, arrays out, and live cells."),
    ("embed.js", "Its script", "Whatever is in it could stand in a page's own module."),
    ("pyscript.html", "A PyScript page", "The package in PyScript's own Python."),
)


def start():
    site = js.URL.new(".", js.document.baseURI).href
    holder = by_id("snippets")
    first = "Change the code, press run. Python starts then, not before."
    holder.appendChild(card("A live cell", first, TAG.format(site=site)))
    second = "Typed arrays and nested lists go in; tensors come out as typed arrays."
    holder.appendChild(card("From JavaScript", second, CALL.format(site=site)))
    when_near(by_id("embed"), lambda: spawn(add_pages(holder)))


async def add_pages(holder):
    for name, title, note in PAGES:
        path = f"app/examples/{name}"
        response = await js.fetch(path)
        if not response.ok:
            js.console.warn(f"{path} is not part of this site")
            continue
        node = card(title, note, await response.text())
        if name.endswith(".html"):
            node.querySelector(".buttons").prepend(element("a", "Open it", href=path))
        holder.appendChild(node)


def card(title, note, code):
    button = element("button", "Copy", "small", type="button")
    on(button, "click", lambda _: spawn(copy_from(button, code)))
    words = element("div", children=[element("h3", title), element("p", note, "hint")])
    buttons = element("p", class_name="buttons actions", children=[button])
    head = element("div", class_name="card-head", children=[words, buttons])
    body = element("code", code.strip())
    block = element("pre", class_name="scroll", tabindex="0", role="region", children=[body])
    block.setAttribute("aria-label", f"{title}: code")
    return element("div", class_name="card code-card", children=[head, block])


async def copy_from(button, code):
    button.textContent = "Copied" if await copy(code) else "Copy refused"
    await asyncio.sleep(2)
    button.textContent = "Copy"
