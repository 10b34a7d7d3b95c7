"""Benchmark results: table, bars of the latest shape, export; kept by store.py."""

import json

import js

import store
from chart import chart
from dom import by_id, element, fill, on, say, show
from wording import BACKENDS, TITLES, milliseconds, scientific, shape, significant

#: Rows shown before "show all" is asked for.
FIRST = 12
COLUMNS = "workload date browser version m n k device adapter software gflops median_ms p95_ms"
COLUMNS += " repeats cold_ms upload_ms readback_ms rel_err tolerance rows_checked ok"


class Results:
    """All rows, newest first, and what shows them."""

    def __init__(self):
        self.rows = []
        self.all = False

    def start(self):
        self.rows = store.load()
        on(by_id("export-json"), "click", lambda _: self.export_json())
        on(by_id("export-csv"), "click", lambda _: self.export_csv())
        on(by_id("clear-results"), "click", lambda _: self.clear())
        on(by_id("show-all"), "click", lambda _: self.show_all())
        self.draw()

    def add(self, row):
        """Keep a new row and show it; true where it will outlive a reload."""
        self.rows.insert(0, row)
        kept = store.save(self.rows)
        self.draw()
        return kept

    def clear(self):
        self.rows, self.all = [], False
        store.save(self.rows)
        self.draw()

    def show_all(self):
        self.all = True
        self.draw()

    def baseline(self, row):
        """Milliseconds of our cpu backend at the row's shape in the same browser, or None."""
        for other in self.rows:
            if other["device"] == "cpu" and same_place(other, row):
                return other["median_ms"]
        return None

    def speed_up(self, row):
        base = self.baseline(row)
        if not base or not row["median_ms"]:
            return "–"
        return f"{significant(base / row['median_ms'], 2)}×"

    def draw(self):
        some = bool(self.rows)
        show(by_id("results-empty"), not some)
        show(by_id("results-scroll"), some)
        for name in ("export-json", "export-csv", "clear-results"):
            by_id(name).disabled = not some
        shown = self.rows if self.all else self.rows[:FIRST]
        fill(by_id("results-body"), [self.table_row(row) for row in shown])
        show(by_id("results-more"), len(shown) < len(self.rows))
        say("show-all", f"Show all {len(self.rows)} results")
        self.draw_latest()
        chart.show(self.rows)

    def table_row(self, row):
        backend = element("td", class_name=f"backend {row['device']}")
        backend.append(TITLES[row["device"]])
        if row["software"] and row["device"] == "webgpu":
            backend.appendChild(element("small", "software"))
        backend.title = f"{row['adapter'] or ''} {row['browser']}".strip()
        cells = [element("th", shape(row["m"], row["k"], row["n"]), scope="row"), backend]
        numbers = [significant(row["gflops"])]
        for name in ("median_ms", "p95_ms", "cold_ms", "upload_ms", "readback_ms"):
            numbers.append(milliseconds(row[name]))
        numbers.append(self.speed_up(row))
        cells.extend([element("td", text, "number") for text in numbers])
        cells.append(verdict("td", row))
        return element("tr", children=cells, data_device=row["device"], data_ok=str(row["ok"]))

    def draw_latest(self):
        """Bars: the newest row's shape on each backend."""
        show(by_id("latest"), bool(self.rows))
        if not self.rows:
            return
        newest = self.rows[0]
        say("latest-title", shape(newest["m"], newest["k"], newest["n"]))
        rows = []
        for backend in BACKENDS:
            found = [r for r in self.rows if r["device"] == backend and same_place(r, newest)]
            rows.extend(found[:1])
        most = max(row["gflops"] or 0 for row in rows) or 1
        fill(by_id("latest-bars"), [self.bar(row, most) for row in rows])

    def bar(self, row, most):
        fillet = element("span", class_name=f"bar {row['device']}")
        fillet.style.width = f"{max(0.5, 100 * (row['gflops'] or 0) / most):.1f}%"
        said = [significant(row["gflops"]), element("small", " GFLOP/s")]
        figure = element("span", class_name="figure")
        for part in said:
            figure.append(part)
        speed = "baseline" if row["device"] == "cpu" else f"{self.speed_up(row)} cpu backend"
        if speed.startswith("–"):
            speed = "no cpu run to compare"
        software = "software adapter, " if row["software"] else ""
        text = f"{milliseconds(row['median_ms'])}, {speed}, {software}"
        facts = element("span", text, "facts")
        facts.appendChild(verdict("span", row))
        track = element("span", class_name="track", children=[fillet])
        name = element("b", TITLES[row["device"]])
        return element("li", children=[name, track, figure, facts])

    def export_json(self):
        # The list of names gives the fields an order, which MicroPython's dicts do not.
        rows, names = json.dumps(self.rows), json.dumps(f"{COLUMNS} times_ms".split())
        text = js.JSON.stringify(js.JSON.parse(rows), js.JSON.parse(names), 2)
        download("webtensor-matmul.json", "application/json", text)

    def export_csv(self):
        names = COLUMNS.split()
        lines = [",".join(names)]
        lines.extend([",".join(field(row.get(name)) for name in names) for row in self.rows])
        download("webtensor-matmul.csv", "text/csv", "\r\n".join(lines) + "\r\n")


def same_place(row, other):
    """Same shape, same browser: what may be compared."""
    return all(row[name] == other[name] for name in ("m", "n", "k", "browser"))


def verdict(tag, row):
    """✓ or ✗ with the error's size; how it was checked as a tooltip."""
    mark, word = ("✓", "ok") if row["ok"] else ("✗", "bad")
    node = element(tag, f"{mark} {scientific(row['rel_err'])}", f"number verdict {word}")
    limit = scientific(row["tolerance"])
    node.title = f"{row['rows_checked']} rows against float64, at most {limit} allowed"
    return node


def field(value):
    """A value for CSV (RFC 4180)."""
    if value is None:
        return ""
    text = str(value)
    if any(special in text for special in (",", '"', "\n", "\r")):
        escaped = text.replace('"', '""')
        return f'"{escaped}"'
    return text


def download(name, kind, text):
    parts, options = js.JSON.parse(json.dumps([text])), js.JSON.parse(json.dumps({"type": kind}))
    url = js.URL.createObjectURL(js.Blob.new(parts, options))
    anchor = element("a", href=url, download=name)
    anchor.click()
    js.setTimeout(lambda: js.URL.revokeObjectURL(url), 10000)


results = Results()
