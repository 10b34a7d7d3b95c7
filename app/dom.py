"""The few DOM helpers that the page needs. Text goes in as textContent, never as markup."""

import asyncio

import js
from pyscript.ffi import create_proxy


def by_id(name):
    return js.document.getElementById(name)


def element(tag, text="", class_name="", children=(), **attributes):
    """A new element; underscores in attribute names stand for dashes."""
    node = js.document.createElement(tag)
    if class_name:
        node.className = class_name
    if text:
        node.textContent = text
    for name, value in attributes.items():
        node.setAttribute(name.replace("_", "-"), value)
    for child in children:
        node.appendChild(child)
    return node


def fill(node, children):
    """Replace what the node holds."""
    node.replaceChildren()
    for child in children:
        node.appendChild(child)


def show(node, visible=True):
    node.hidden = not visible


def say(name, text):
    """Put text into the element of that id."""
    by_id(name).textContent = text


def spawn(coroutine):
    """Start a task that nobody awaits; an error that it does not handle itself is reported."""

    async def guarded():
        try:
            await coroutine
        except Exception as error:
            js.console.error(f"{type(error).__name__}: {error}")

    return asyncio.create_task(guarded())


def on(node, event, handler):
    """Call the handler (with the event) for as long as the page lives."""
    node.addEventListener(event, create_proxy(handler))


def on_task(node, event, coroutine):
    """Start a task at each event. JavaScript does not await what a handler returns."""
    on(node, event, lambda _: spawn(coroutine()))


def when_near(node, action):
    """Call the action once, when the node is about to be seen."""

    def check(entries, observer):
        if any(entry.isIntersecting for entry in entries):
            observer.disconnect()
            action()

    options = js.JSON.parse('{"rootMargin": "400px"}')
    js.IntersectionObserver.new(create_proxy(check), options).observe(node)
