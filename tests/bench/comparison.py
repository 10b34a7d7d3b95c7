"""webtensor, its peers and hand-written kernels on the same operands, in one run of one browser.

Everybody is warm, with operands on the device, and waits for the queue. For each workload the
contenders take turns, so that what else the machine does meets all alike.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from playwright.sync_api import Error as PlaywrightError

from tests.bench.contenders import CONTENDERS, COPY, Contender, NotThereError, Session, Sites
from tests.bench.peers import Offer, as_floats
from tests.bench.progress import tell
from tests.bench.rows import Row, median, percentile
from tests.bench.workloads import CHAINS, COMPARED, Workload, relative_error
from tests.support.blank import RemoteError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BACKEND = "webgpu"
ROUNDS = 7
FEWEST_ROUNDS = 3
# A sample queues as many runs as fill this: clocks and fences are coarse.
SAMPLE_MS = 40.0
MOST_CALLS = 4096
# Whoever has used this up for a workload takes part in FEWEST_ROUNDS only; whoever needs more than
# this for one run has no further ones.
PATIENCE_MS = 10_000.0
LONG_RUN_MS = 4_000.0


@dataclass
class Entry:
    """One contender's figures for one workload, in milliseconds; `reason` where it has none, which
    is a failure unless it lacks the operation."""

    work: Workload
    contender: Contender
    adapter: str = ""
    cold_ms: float | None = None
    times: list[float] = field(default_factory=list)
    error: float | None = None
    reason: str = ""
    failed: bool = False

    @property
    def median_ms(self) -> float | None:
        return median(self.times) if self.times else None

    @property
    def is_right(self) -> bool:
        """Whether the error is within the workload's tolerance; NaN is not."""
        return self.error is not None and self.error <= self.work.tolerance

    def row(self, browser: str) -> Row:
        return Row(
            workload=self.work.name,
            contender=self.contender.name,
            backend=BACKEND,
            browser=browser,
            adapter=self.adapter,
            median_ms=self.median_ms,
            p95_ms=percentile(self.times, 0.95) if self.times else None,
            cold_ms=self.cold_ms,
            rel_err=self.error,
        )


def wanted(only: re.Pattern[str]) -> dict[Workload, list[Contender]]:
    """Who is asked for what: all, for what they take, and a copy beside what bytes bound."""
    chosen = {
        work: [
            one
            for one in (*CONTENDERS, *((COPY,) if work.operation in CHAINS else ()))
            if one.takes(work.operation) and only.search(f"{work.name} {one.name} {BACKEND}")
        ]
        for work in COMPARED
    }
    return {work: contenders for work, contenders in chosen.items() if contenders}


@contextlib.contextmanager
def opened(
    browser: Browser, contenders: Sequence[Contender], sites: Sites
) -> Iterator[dict[Contender, Session | str]]:
    """A session of each contender, each in a page of its own; the reason where one cannot start."""
    with contextlib.ExitStack() as pages:
        sessions: dict[Contender, Session | str] = {}
        for contender in contenders:
            tell(f"opening {contender.name}")
            context = browser.new_context()
            pages.callback(context.close)
            try:
                sessions[contender] = contender.open(context.new_page(), sites)
            except (NotThereError, RemoteError) as error:
                sessions[contender] = str(error)
        yield sessions


def measure(
    sessions: Mapping[Contender, Session | str],
    asked: Mapping[Workload, Sequence[Contender]],
    site: str,
    browser: str,
) -> list[Entry]:
    """An entry per workload and contender."""
    entries = []
    for work, contenders in asked.items():
        tell(f"{browser}: {work.name}")
        with Offer(work, site) as told:
            entries += _measure_one(work, {one: sessions[one] for one in contenders}, told)
    return entries


def _measure_one(
    work: Workload, sessions: Mapping[Contender, Session | str], told: Mapping[str, Any]
) -> list[Entry]:
    entries = []
    turns: list[_Turn] = []
    for contender, session in sessions.items():
        entry = Entry(work.copied() if contender == COPY else work, contender)
        entries.append(entry)
        if isinstance(session, str):
            entry.reason, entry.failed = session, True
            continue
        entry.adapter = session.adapter
        turn = _Turn(entry, session)
        own = told
        if contender == COPY:
            own = {**told, "operation": "copy", "operands": told["operands"][:1]}
        if turn.attempt(lambda turn=turn, own=own: turn.prepare(own)):
            turns.append(turn)
    for number in range(ROUNDS):
        for turn in turns:
            if turn.takes_part(number):
                turn.attempt(turn.sample)
    expected = work.expected()
    for turn in turns:
        turn.attempt(lambda turn=turn: turn.check(expected))
    return entries


class _Turn:
    """A contender that takes turns at a workload."""

    def __init__(self, entry: Entry, session: Session) -> None:
        self._entry = entry
        self._session = session
        self._calls = 1
        self._spent_ms = 0.0

    def takes_part(self, number: int) -> bool:
        """Whether it is worth waiting for another sample in round `number`."""
        times = self._entry.times
        if times and times[0] > LONG_RUN_MS:
            return False
        return number < FEWEST_ROUNDS or self._spent_ms < PATIENCE_MS

    def attempt(self, step: Callable[[], None]) -> bool:
        """Run a step; what fails becomes the entry's reason, and its figures go."""
        if self._entry.reason:
            return False
        try:
            step()
        except (NotThereError, RemoteError, PlaywrightError) as error:
            self._entry.reason = str(error).splitlines()[0]
            self._entry.failed = not isinstance(error, NotThereError)
            self._entry.times.clear()
            tell(f"{self._entry.contender.name}: {error}")
            with contextlib.suppress(RemoteError, PlaywrightError):
                self._session.release()
            return False
        return True

    def prepare(self, told: Mapping[str, object]) -> None:
        """The cold run, and warm ones until it is known how many make a sample."""
        self._entry.cold_ms = self._session.prepare(self._entry.work, told)
        spent = self._session.repeat(1)
        while spent < SAMPLE_MS and self._calls < MOST_CALLS:
            # By steps: clocks tick up to a millisecond, and the first runs are slow ones.
            fitting = int(SAMPLE_MS / max(spent, 0.1) * self._calls * 1.1) + 1
            self._calls = min(fitting, 8 * self._calls, MOST_CALLS)
            spent = self._session.repeat(self._calls)
        if spent > LONG_RUN_MS * self._calls:
            self._entry.times.append(spent / self._calls)

    def sample(self) -> None:
        spent = self._session.repeat(self._calls)
        self._spent_ms += spent
        self._entry.times.append(spent / self._calls)

    def check(self, expected: np.ndarray[Any, Any]) -> None:
        if self._entry.contender == COPY:
            expected = self._entry.work.expected()
        self._entry.error = relative_error(as_floats(self._session.result()), expected)
        self._session.release()
