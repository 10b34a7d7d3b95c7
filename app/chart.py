"""The chart over sizes: uPlot, loaded when there is something to draw."""

import json

import js
from pyscript import js_import
from pyscript.ffi import create_proxy

import theme
from dom import by_id, on, show, spawn
from wording import BACKENDS, TITLES, significant

HEIGHT = 280
DASHES = {"webgpu": None, "webnn": [9, 4], "cpu": [3, 4]}
#: Steps of a logarithmic axis within each decade.
STEPS = (1, 2, 5)


class Chart:
    """GFLOP/s over the size of the product, one line per backend, both axes logarithmic."""

    def __init__(self):
        self.rows = []
        self.plot = None
        self.library = None
        self.drawing = False

    def start(self):
        theme.listeners.append(self.redraw)
        on(js.window, "resize", lambda _: self.fit())

    def show(self, rows):
        self.rows = rows
        show(by_id("chart-figure"), len(points(rows)) > 1)
        self.redraw()

    def redraw(self):
        if not self.drawing:
            self.drawing = True
            spawn(self.draw())

    async def draw(self):
        """Draw what is current once the library is there; one call is enough while it loads."""
        try:
            if len(points(self.rows)) > 1 and self.library is None:
                self.library = await load_library()
        except Exception as error:  # the table says the same
            js.console.warn(f"The chart cannot be drawn: {error}")
            show(by_id("chart-figure"), False)
            return
        finally:
            self.drawing = False
        if self.plot:
            self.plot.destroy()
            self.plot = None
        found = points(self.rows)
        if len(found) > 1:
            self.plot = self.library.new(options(found), data(found), by_id("chart"))

    def fit(self):
        if self.plot:
            self.plot.setSize(js.JSON.parse(json.dumps({"width": width(), "height": HEIGHT})))


def width():
    return max(240, int(by_id("chart").clientWidth))


async def load_library():
    base = js.document.baseURI
    style = js.document.createElement("link")
    style.rel, style.href = "stylesheet", js.URL.new("vendor/uPlot.min.css", base).href
    js.document.head.appendChild(style)
    [module] = await js_import(js.URL.new("vendor/uPlot.esm.js", base).href)
    return module.default


def points(rows):
    """Size → {backend: GFLOP/s}, the newest of each; a product's size is the cube root of m·n·k."""
    found = {}
    for row in rows:
        size = round((row["m"] * row["n"] * row["k"]) ** (1 / 3))
        of_size = found.setdefault(size, {})
        if row["gflops"] and row["device"] not in of_size:
            of_size[row["device"]] = row["gflops"]
    return {size: of_size for size, of_size in found.items() if of_size}


def data(found):
    sizes = sorted(found)
    lines = [[found[size].get(backend) for size in sizes] for backend in BACKENDS]
    lines.insert(0, sizes)
    return js.JSON.parse(json.dumps(lines))


def color(name):
    root = js.getComputedStyle(js.document.documentElement)
    return root.getPropertyValue(f"--{name}").strip()


def decade_steps(low, high):
    """1, 2, 5, 10, 20, 50 … from below `low` to above `high`."""
    steps, decade = [], 1e-3
    while decade <= high * 10:
        steps.extend([decade * step for step in STEPS])
        decade *= 10
    inside = [step for step in steps if low <= step <= high]
    below = [step for step in steps if step < low]
    above = [step for step in steps if step > high]
    return below[-1:] + inside + above[:1]


def options(found):
    sizes = sorted(found)
    speeds = [speed for of_size in found.values() for speed in of_size.values()]
    ticks = decade_steps(min(speeds), max(speeds))
    if len(ticks) > 8:
        ticks = [tick for tick in ticks if str(tick)[0] == "1" or tick in (ticks[0], ticks[-1])]
    grid, text, font = color("line"), color("muted"), f"12px {color('sans')}"
    axes = [
        {
            "stroke": text,
            "font": font,
            "grid": {"stroke": grid, "width": 1},
            "ticks": {"show": False},
            "splits": splits,
            "size": room,
        }
        for splits, room in ((sizes, 36), (ticks, 56))
    ]
    series = [{"label": "Size"}]
    for backend in BACKENDS:
        entry = {"label": TITLES[backend], "stroke": color(backend), "width": 2, "spanGaps": True}
        entry["points"] = {"show": True, "size": 7, "fill": color(backend)}
        if DASHES[backend]:
            entry["dash"] = DASHES[backend]
        series.append(entry)
    description = {
        "width": width(),
        "height": HEIGHT,
        "scales": {
            "x": {
                "time": False,
                "distr": 3,
                "log": 2,
                "range": [sizes[0] / 1.15, sizes[-1] * 1.15],
            },
            "y": {"distr": 3, "log": 10, "range": [ticks[0], ticks[-1]]},
        },
        "axes": axes,
        "series": series,
        "cursor": {"drag": {"x": False, "y": False}},
    }
    parsed = js.JSON.parse(json.dumps(description))
    for ax in parsed.axes:
        ax.filter = create_proxy(lambda plot, splits, *_: splits)
        ax.values = create_proxy(labels)
    parsed.axes[0].values = create_proxy(lambda plot, splits, *_: splits)
    for entry in parsed.series:
        entry.value = create_proxy(
            lambda plot, value, *_: "–" if value is None else significant(value)
        )
    return parsed


def labels(plot, splits, *_):
    return js.JSON.parse(json.dumps([significant(split, 1) for split in splits]))


chart = Chart()
