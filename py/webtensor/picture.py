"""Pictures as SVG: a layered graph, and horizontal bars. No library, no script.

They are readable on light and dark pages: inside a page they take its text colour; alone (in an
image element, a file, a notebook) they bring a background that follows the reader's scheme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

COLOURS = {"webgpu": "#2f7fe0", "webnn": "#9a5fd6", "cpu": "#d98a1f"}
NEUTRAL = "#84888f"

_STYLE = "svg:root{color-scheme:light dark;background:Canvas;color:CanvasText}"
_FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
_SIZE = 12
_CHARACTER = 7.25  # width, for a font of _SIZE with characters of one width
_LINE = 17
_MARGIN = 16
_PADDING = 10
_BESIDE = 26  # between boxes of a layer
_BETWEEN = 34  # between layers
_LABEL = 20  # height of the text under a box
_YIELDING = 0.01  # the weight of a box that wants to be nowhere


class Drawing:
    """SVG elements, one after the other."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False,
        faint: bool = False,
    ) -> None:  # fmt: skip
        """Text whose baseline begins (or is centred, or ends) at x, y."""
        weight = ' font-weight="600"' if bold else ""
        opacity = ' fill-opacity="0.75"' if faint else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}{opacity}>'
            f"{_printable(text)}</text>"
        )

    def box(
        self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 5,
        solid: bool = False, heavy: bool = False, title: str = "",
    ) -> None:  # fmt: skip
        """A rectangle; `title` is what a browser shows under the pointer."""
        fill = "0.85" if solid else "0.14"
        inner = f"<title>{_printable(title)}</title>" if title else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'rx="{radius}" fill="{colour}" fill-opacity="{fill}" stroke="{colour}" '
            f'stroke-width="{2.2 if heavy else 1.2}">{inner}</rect>'
        )

    def curve(self, points: Sequence[tuple[float, float]]) -> None:
        """A line from top to bottom through `points`, with an arrow's head at its end."""
        (x, y), *rest = points
        path = f"M{x:.1f} {y:.1f}"
        for to_x, to_y in rest:
            middle = (y + to_y) / 2
            path += f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
            x, y = to_x, to_y
        path += f"M{x - 4:.1f} {y - 6:.1f}L{x:.1f} {y:.1f}L{x + 4:.1f} {y - 6:.1f}"
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="currentColor" stroke-opacity="0.55" '
            f'stroke-width="1.2"/>'
        )

    def svg(self, width: float, height: float, title: str) -> str:
        """The whole picture."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" role="img" '
            f'aria-label="{_printable(title)}" '
            f'fill="currentColor" font-family="{_FONT}" font-size="{_SIZE}">'
            f"<title>{_printable(title)}</title><style>{_STYLE}</style>"
            f"{''.join(self._parts)}</svg>"
        )


_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def _printable(text: str) -> str:
    """`text` for XML, control characters, which XML cannot hold, being blank."""
    return "".join(_ESCAPES.get(one, one if one >= " " else " ") for one in text)


def shortened(text: str, length: int) -> str:
    """`text`, cut to `length` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def wrapped(words: Sequence[str], separator: str, length: int, most: int) -> list[str]:
    """`words` in lines of at most `length` characters (a longer word has its own), at most `most`
    of them; the last one then counts what is left out."""
    lines: list[list[str]] = []
    for word in words:
        if lines and len(separator.join([*lines[-1], word])) <= length:
            lines[-1].append(word)
        else:
            lines.append([word])
    left = sum(map(len, lines[most - 1 :]))
    shown = [separator.join(line) for line in lines[:most]]
    return shown if len(lines) <= most else [*shown[:-1], f"… and {left} more"]


@dataclass(frozen=True)
class Box:
    """A box of a graph.

    Attributes:
        lines: its text, the first one bold.
        label: text under it: what leaves it.
        colour: of its frame and, faintly, its ground.
        heavy: whether it stands out.
        sources: the numbers of the boxes whose values it takes; those come before it.
    """

    lines: tuple[str, ...]
    label: str
    colour: str
    sources: tuple[int, ...] = ()
    heavy: bool = False

    @property
    def width(self) -> float:
        longest = max(map(len, (*self.lines, self.label)))
        return longest * _CHARACTER + 2 * _PADDING

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE + _PADDING


def graph(boxes: Sequence[Box], title: str) -> str:
    """Boxes in layers from top to bottom, each below those it takes values from."""
    layout = _Layout(boxes)
    drawing = Drawing()
    for points in layout.edges():
        drawing.curve(points)
    for number, box in enumerate(boxes):
        middle, top = layout.middle[number], layout.top[layout.layer[number]]
        left = middle - box.width / 2
        drawing.box(left, top, box.width, box.height, box.colour, heavy=box.heavy)
        for line, text in enumerate(box.lines):
            y = top + _PADDING / 2 + (line + 0.75) * _LINE
            drawing.text(middle, y, text, anchor="middle", bold=line == 0)
        drawing.text(middle, top + box.height + 14, box.label, anchor="middle", faint=True)
    return drawing.svg(layout.width, layout.height, title)


class _Layout:
    """Where boxes go: layers by the longest way from above, then an order with few crossings.

    A value that passes layers holds a narrow place in each (numbers from len(boxes) on).
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = boxes
        self.layer = _layers(boxes)
        self._ways: list[list[int]] = []  # each edge: source, places on the way, target
        self._rows: list[list[int]] = [[] for _ in range(max(self.layer, default=0) + 1)]
        for number, layer in enumerate(self.layer):
            self._rows[layer].append(number)
        places = len(boxes)
        for target, box in enumerate(boxes):
            for source in dict.fromkeys(box.sources):
                way = [source]
                for layer in range(self.layer[source] + 1, self.layer[target]):
                    self._rows[layer].append(places)
                    way.append(places)
                    places += 1
                self._ways.append([*way, target])
        self.middle = [0.0] * places
        self._place()
        self.top: list[float] = []
        y = float(_MARGIN)
        for row in self._rows:
            self.top.append(y)
            y += max((self._height(one) for one in row), default=0) + _LABEL + _BETWEEN
        self.height = y - _BETWEEN + _MARGIN

    def _width(self, number: int) -> float:
        return self._boxes[number].width if number < len(self._boxes) else 2.0

    def _height(self, number: int) -> float:
        return self._boxes[number].height if number < len(self._boxes) else 0.0

    def _place(self) -> None:
        above: dict[int, list[int]] = {}
        below: dict[int, list[int]] = {}
        for way in self._ways:
            for first, second in pairwise(way):
                above.setdefault(second, []).append(first)
                below.setdefault(first, []).append(second)
        for row in self._rows:
            self._spread(row, {})
        for neighbours, rows in ((above, self._rows), (below, self._rows[::-1])) * 3:
            for row in rows:
                wanted = {
                    one: sum(self.middle[other] for other in neighbours[one]) / len(neighbours[one])
                    for one in row
                    if one in neighbours
                }
                row.sort(key=lambda one: wanted.get(one, self.middle[one]))
                self._spread(row, wanted)
        left = min(
            (self.middle[one] - self._width(one) / 2 for row in self._rows for one in row),
            default=0,
        )
        self.middle = [x - left + _MARGIN for x in self.middle]
        self.width = _MARGIN + max(
            (self.middle[one] + self._width(one) / 2 for row in self._rows for one in row),
            default=0,
        )

    def _spread(self, row: Sequence[int], wanted: dict[int, float]) -> None:
        """Middles as near to the wanted ones as order and widths let them be (least squares, by
        joining neighbours that are in each other's way); boxes that want nothing give way."""
        offsets: list[float] = []
        at = 0.0
        for number, one in enumerate(row):
            if number:
                at += (self._width(row[number - 1]) + self._width(one)) / 2 + _BESIDE
            offsets.append(at)
        blocks: list[tuple[float, float, int]] = []  # where, weight, how many
        for one, offset in zip(row, offsets, strict=True):
            weight = 1.0 if one in wanted else _YIELDING
            where, count = wanted.get(one, self.middle[one]) - offset, 1
            while blocks and blocks[-1][0] >= where:
                before, heavier, more = blocks.pop()
                where = (where * weight + before * heavier) / (weight + heavier)
                weight, count = weight + heavier, count + more
            blocks.append((where, weight, count))
        places = [where for where, _, count in blocks for _ in range(count)]
        for one, place, offset in zip(row, places, offsets, strict=True):
            self.middle[one] = place + offset

    def edges(self) -> list[list[tuple[float, float]]]:
        """The points of each edge; those into one box arrive side by side."""
        lines = []
        arriving: dict[int, list[list[int]]] = {}
        for way in self._ways:
            arriving.setdefault(way[-1], []).append(way)
        for target, ways in arriving.items():
            ways.sort(key=lambda way: self.middle[way[-2]])
            step = min(self._width(target) / (len(ways) + 1), 40)
            for number, way in enumerate(ways):
                source = way[0]
                bottom = self.top[self.layer[source]] + self._boxes[source].height + _LABEL
                points = [(self.middle[source], bottom)]
                for place, layer in zip(way[1:-1], range(self.layer[source] + 1, 10**9)):  # noqa: B905
                    row_height = max(self._height(one) for one in self._rows[layer]) + _LABEL
                    points.append((self.middle[place], self.top[layer]))
                    points.append((self.middle[place], self.top[layer] + row_height))
                x = self.middle[target] + (number - (len(ways) - 1) / 2) * step
                lines.append([*points, (x, self.top[self.layer[target]])])
        return lines


def _layers(boxes: Sequence[Box]) -> list[int]:
    layer = [0] * len(boxes)
    for number, box in enumerate(boxes):
        layer[number] = 1 + max((layer[source] for source in box.sources), default=-1)
    # Each right above the first that takes its value: a value's way is short.
    first: dict[int, int] = {}
    for number in reversed(range(len(boxes))):
        layer[number] = first.get(number, layer[number] + 1) - 1
        for source in boxes[number].sources:
            first[source] = min(first.get(source, layer[number]), layer[number])
    return layer


@dataclass(frozen=True)
class Bar:
    """A bar: `length` in units of the longest one's, texts to its left and right."""

    name: str
    length: float
    note: str
    colour: str


_NAME_LENGTH = 38
_BAR_WIDTH = 240
_BAR_HEIGHT = 16
_BAR_STEP = 25


def bars(rows: Sequence[Bar], title: str, legend: Sequence[tuple[str, str]]) -> str:
    """Horizontal bars under a title; `legend` is (colour, text) for each colour."""
    drawing = Drawing()
    names = max((min(len(row.name), _NAME_LENGTH) for row in rows), default=0) * _CHARACTER
    longest = max((row.length for row in rows), default=0) or 1
    start = _MARGIN + names + _PADDING
    notes = max((len(row.note) for row in rows), default=0) * _CHARACTER
    y = float(_MARGIN + _LINE)
    drawing.text(_MARGIN, y - 4, title, bold=True)
    x = float(_MARGIN)
    if legend:
        y += _LINE + 4
    for colour, text in legend:
        drawing.box(x, y - 15, 12, 12, colour, radius=2, solid=True)
        drawing.text(x + 18, y - 4, text, faint=True)
        x += 18 + len(text) * _CHARACTER + 20
    y += 4
    for row in rows:
        length = _BAR_WIDTH * row.length / longest
        name = shortened(row.name, _NAME_LENGTH)
        drawing.text(start - _PADDING, y + 16, name, anchor="end")
        drawing.box(
            start, y + 4, max(length, 1), _BAR_HEIGHT, row.colour, radius=2, solid=True,
            title=row.name,
        )  # fmt: skip
        drawing.text(start + length + 8, y + 16, row.note, faint=True)
        y += _BAR_STEP
    width = max(start + _BAR_WIDTH + 8 + notes, len(title) * _CHARACTER + _MARGIN, x) + _MARGIN
    return drawing.svg(width, y + _MARGIN, title)
