"""What outlives a reload, in localStorage: benchmark results and the theme."""

import json

import js

RESULTS = "webtensor.results.1"
THEME = "webtensor.theme"
#: Older rows beyond this many are dropped: localStorage holds a few MB, and nobody reads more.
MOST = 300


def load():
    """The kept rows, newest first; none where storage is off or holds something unreadable."""
    try:
        rows = json.loads(js.webtensorStorage.read(RESULTS) or "[]")
    except ValueError as error:
        js.console.warn(f"Kept results could not be read: {error}")
        return []
    return rows if isinstance(rows, list) else []


def save(rows):
    """True where the rows are kept."""
    return js.webtensorStorage.keep(RESULTS, json.dumps(rows[:MOST]))


def save_theme(theme):
    """Where storage is off, the choice holds for this visit."""
    js.webtensorStorage.keep(THEME, theme)
