"""What each kernel takes: `with wt.profile() as p:` around whatever reads or evaluates tensors."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from . import observe, picture
from .errors import ProfileError
from .observe import GPU_CLOCK, WALL_CLOCK, Measurement
from .roofline import Roofline, roofline

_LONGEST_LABEL = 44
_MOST_BARS = 24
_COARSE_SECONDS = 2e-5  # a clock whose steps are longer is told of
_CLOCKS_MEANING = {
    GPU_CLOCK: "gpu timestamps: by the GPU's own clock, each kernel in a pass of its own",
    WALL_CLOCK: "wall clock: from submitting a kernel to knowing that it is done, one at a time",
}


@dataclass(frozen=True)
class KernelRow:
    """All calls of one kernel on data of one size.

    Attributes:
        device: "webgpu", "webnn" or "cpu".
        label: the operators that it computes; on "webnn" those of a whole graph.
        calls: how often it ran.
        total_ms, mean_ms: milliseconds, of all calls and of one.
        warm_ms: of one, the first left out where there are more, since drivers may compile then;
            rates and share are by this.
        source: whose clock says so: "gpu timestamps", or "wall clock" (which has the way to the
            device and back in it).
        operations: arithmetic operations of a call, about.
        nbytes: bytes that a call reads and writes.
        share: how near it comes to what the device reaches at best, 1 being there; None before
            `Profile.roofline`.
    """

    device: str
    label: str
    calls: int
    total_ms: float
    mean_ms: float
    warm_ms: float
    source: str
    operations: float
    nbytes: int
    share: float | None = None

    @property
    def flops_per_second(self) -> float:
        """Operations per second; NaN where the clock saw no time pass."""
        return _rate(self.operations, self.warm_ms)

    @property
    def bytes_per_second(self) -> float:
        """Bytes read and written per second; NaN where the clock saw no time pass."""
        return _rate(self.nbytes, self.warm_ms)


def _rate(amount: float, milliseconds: float) -> float:
    return amount / milliseconds * 1e3 if milliseconds > 0 else math.nan


class Profile:
    """The kernels that ran while it was open, on all devices and for all tasks of this Python.

        with wt.profile() as p:
            await model(x).numpy()
        print(p)

    Kernels run one by one meanwhile, so the whole is slower than without, and a compiled function
    has to be awaited. Profiles nest: each is told of everything that runs inside it. Made by
    `webtensor.profile()`.

    Attributes:
        measurements: every kernel that ran, in order.
    """

    def __init__(self) -> None:
        self.measurements: list[Measurement] = []
        self._rooflines: dict[str, Roofline] = {}
        self._open = False

    def __enter__(self) -> Profile:
        if self._open:
            raise ProfileError("this profile is open already; make another: webtensor.profile()")
        self._open = True
        observe.start(self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        observe.stop(self._take)
        self._open = False

    def _take(self, measurement: Measurement) -> None:
        self.measurements.append(measurement)

    @property
    def kernels(self) -> list[KernelRow]:
        """A row for each kernel, the one that took longest first."""
        groups: dict[tuple[str, str, str, float, int], list[Measurement]] = {}
        for one in self.measurements:
            key = (one.device, one.label, one.clock, one.operations, one.nbytes)
            groups.setdefault(key, []).append(one)
        rows = [self._row(group) for group in groups.values()]
        return sorted(rows, key=lambda row: -row.total_ms)

    def _row(self, group: Sequence[Measurement]) -> KernelRow:
        first = group[0]
        total = math.fsum(one.seconds for one in group)
        warm = group[1:] or group
        seconds = math.fsum(one.seconds for one in warm) / len(warm)
        best = self._rooflines.get(first.device)
        share = None
        if best is not None and seconds > 0 and (first.operations or first.nbytes):
            share = best.seconds(first.operations, first.nbytes) / seconds
        return KernelRow(
            first.device,
            first.label,
            len(group),
            total * 1e3,
            total * 1e3 / len(group),
            seconds * 1e3,
            first.clock,
            first.operations,
            first.nbytes,
            share,
        )

    async def roofline(self) -> dict[str, Roofline]:
        """What the devices of this profile reach at best; `share` of the rows is known then.

        Measured once per device, in some tenths of a second (a copy, a matrix product).

        Raises:
            DeviceUnavailableError: a device has gone since.
        """
        for device in dict.fromkeys(one.device for one in self.measurements):
            self._rooflines[device] = await roofline(device)
        return dict(self._rooflines)

    @property
    def total_ms(self) -> float:
        """Milliseconds of all kernels together."""
        return math.fsum(one.seconds for one in self.measurements) * 1e3

    def __str__(self) -> str:
        """A table, and what the clocks mean."""
        rows = self.kernels
        if not rows:
            return "nothing ran: read a result inside the with block, as in `await x.numpy()`"
        table = [_HEAD, *map(_cells, rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) if number in _LEFT else cell.rjust(width)
                for number, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in table
        ]
        lines.insert(1, "  ".join("─" * width for width in widths))
        lines.append(self._summary())
        return "\n".join([*lines, *self._notes()])

    def __repr__(self) -> str:
        return f"<webtensor.Profile {self._summary()}>"

    def _summary(self) -> str:
        return f"{self.total_ms:.3f} ms in {len(self.measurements)} kernel(s)"

    def _notes(self) -> list[str]:
        clocks = dict.fromkeys(one.clock for one in self.measurements)
        notes = [_CLOCKS_MEANING[clock] for clock in clocks]
        for clock in clocks:
            step = _step([one.seconds for one in self.measurements if one.clock == clock])
            if step > _COARSE_SECONDS:
                notes.append(
                    f"{clock}: steps of {step * 1e3:.2g} ms here, so that of shorter kernels only "
                    f"means over many calls tell"
                )
        for best in self._rooflines.values():
            notes.append(
                f"{best.device} at best: {best.operations_per_second / 1e9:.3g} GFLOP/s, "
                f"{best.bytes_per_second / 1e9:.3g} GB/s (measured)"
            )
        return notes

    def svg(self) -> str:
        """A picture: a bar for each kernel, as long as the time of all its calls."""
        rows = self.kernels
        shown = [
            picture.Bar(row.label, row.total_ms, _note(row), picture.COLOURS[row.device])
            for row in rows[:_MOST_BARS]
        ]
        rest = rows[_MOST_BARS:]
        if rest:
            total = math.fsum(row.total_ms for row in rest)
            name = f"{len(rest)} more"
            shown.append(picture.Bar(name, total, f"{total:.3f} ms", picture.NEUTRAL))
        legend = {
            (picture.COLOURS[row.device], f"{row.device}, by {row.source}"): None for row in rows
        }
        return picture.bars(shown, self._summary(), list(legend))

    def chrome_trace(self) -> str:
        """All measurements in Chrome's trace-event format, as JSON: Perfetto and chrome://tracing
        open it."""
        start = min((one.begin for one in self.measurements), default=0.0)
        tracks = list(dict.fromkeys((one.device, one.clock) for one in self.measurements))
        events: list[dict[str, object]] = [
            {"name": "process_name", "ph": "M", "pid": 1, "args": {"name": "webtensor"}}
        ]
        for number, (device, clock) in enumerate(tracks, 1):
            named = {"name": f"{device} ({clock})"}
            events.append(
                {"name": "thread_name", "ph": "M", "pid": 1, "tid": number, "args": named}
            )
        for one in self.measurements:
            events.append(
                {
                    "name": one.label,
                    "cat": one.device,
                    "ph": "X",
                    "ts": (one.begin - start) * 1e6,
                    "dur": one.seconds * 1e6,
                    "pid": 1,
                    "tid": tracks.index((one.device, one.clock)) + 1,
                    "args": {
                        "operations": one.operations,
                        "bytes": one.nbytes,
                        "time by": one.clock,
                    },
                }
            )
        return json.dumps({"traceEvents": events, "displayTimeUnit": "ms"})

    def _repr_svg_(self) -> str:
        return self.svg()


def profile() -> Profile:
    """A profile of the kernels that run inside `with webtensor.profile() as p:`."""
    return Profile()


_HEAD = (
    "kernel",
    "device",
    "calls",
    "total ms",
    "mean ms",
    "warm ms",
    "GFLOP/s",
    "GB/s",
    "roofline",
    "by",
)
_LEFT = (0, 1, 9)


def _cells(row: KernelRow) -> tuple[str, ...]:
    return (
        picture.shortened(row.label, _LONGEST_LABEL),
        row.device,
        str(row.calls),
        f"{row.total_ms:.3f}",
        f"{row.mean_ms:.4f}",
        f"{row.warm_ms:.4f}",
        _number(row.flops_per_second),
        _number(row.bytes_per_second),
        "" if row.share is None else f"{row.share:.0%}",
        row.source,
    )


def _number(per_second: float) -> str:
    return "" if math.isnan(per_second) or not per_second else f"{per_second / 1e9:.2f}"


def _note(row: KernelRow) -> str:
    parts = [f"{row.total_ms:.3f} ms"]
    if row.calls > 1:
        parts.append(f"{row.calls} calls")
    if _number(row.flops_per_second):
        parts.append(f"{_number(row.flops_per_second)} GFLOP/s")
    if _number(row.bytes_per_second):
        parts.append(f"{_number(row.bytes_per_second)} GB/s")
    if row.share is not None:
        parts.append(f"{row.share:.0%} of roofline")
    return " · ".join(parts)


def _step(times: Sequence[float]) -> float:
    """The steps of the clock that measured `times`, in seconds; 0 where it shows none."""
    step = math.gcd(*(round(one * 1e9) for one in times)) if len(times) > 1 else 0
    return step / 1e9
