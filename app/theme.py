"""The theme button: system, light, dark. app/boot.js applies the kept choice at once."""

import js

import store
from dom import by_id, on, say

ORDER = ("system", "light", "dark")
listeners = []


def current():
    return js.document.documentElement.getAttribute("data-theme") or "system"


def apply(theme):
    root = js.document.documentElement
    if theme == "system":
        root.removeAttribute("data-theme")
    else:
        root.setAttribute("data-theme", theme)
    say("theme", f"Theme: {theme}")
    for listener in listeners:
        listener()


def choose_next(_):
    theme = ORDER[(ORDER.index(current()) + 1) % len(ORDER)]
    apply(theme)
    store.save_theme(theme)


def start():
    apply(current())
    on(by_id("theme"), "click", choose_next)
    on(js.matchMedia("(prefers-color-scheme: dark)"), "change", lambda _: apply(current()))
