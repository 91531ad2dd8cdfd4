"""A worker process is killed during the calls: what that covers, and how long it takes until all is as before."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from gateway.evaluation.figures import CoveredSpan
from gateway.media.timeline import Span, SpanSet
from loadtest.baseline import Leaks
from loadtest.gateway_http import is_ready, metrics
from loadtest.resources import workers_of

STEPS = "gateway_recognition_step_seconds_count"
BEFORE_MS, AFTER_MS = 3_000, 15_000
"""The media around the kill that is looked at."""
CHAIN_MS = 3_000
"""What is covered undecided belongs to the kill when no more lies between it and the kill, or what belonged before."""


@dataclass(slots=True)
class KillFigures:
    """`gap_ms`: for each leg, the longest stretch around the kill that was covered undecided.

    `late_until_s`: from the kill until audio came in that was no longer covered undecided, the worst leg.
    `steps_again_s`, `replaced_s`, `ready_again_s`: until the gateway counted a step again, had as many workers as
    before, and was ready for calls; one that was full before (`was_ready` false) need not be.
    `leaks`: of labelled speech around the kill. `compared` and `alone`: of the calls that were measured alone as well.
    """

    at_s: float
    gaps_ms: list[int] = field(default_factory=list)
    late_until_s: float = 0.0
    was_ready: bool = True
    watched_s: float = 0.0
    replaced_s: float | None = None
    steps_again_s: float | None = None
    ready_again_s: float | None = None
    broken_calls: int = 0
    leaks: Leaks = field(default_factory=Leaks)
    compared: Leaks = field(default_factory=Leaks)
    alone: Leaks = field(default_factory=Leaks)

    @property
    def recovery_s(self) -> float:
        """Until all of it was as before, or how long it was watched for."""
        waits = [self.steps_again_s, self.replaced_s, *([self.ready_again_s] if self.was_ready else [])]
        return max(self.late_until_s, *(self.watched_s if wait is None else wait for wait in waits))

    @property
    def leak_points_over(self) -> float | None:
        """By how many points labelled speech around the kill leaks more than alone; None when not measured."""
        live, alone = self.compared.leaked_share, self.alone.leaked_share
        return None if live is None or alone is None else 100 * (live - alone)

    def add_leg(self, redactions: Iterable[CoveredSpan], leg: int, killed_ms: int, until_ms: int) -> None:
        """Count a leg in. Its call was at `killed_ms` of its media at the kill, and is known until `until_ms`."""
        late = SpanSet(Span(span.start_ms, span.end_ms) for span in redactions if span.leg == leg and span.late)
        until, longest = killed_ms, 0
        for stretch in late.within(window_around(killed_ms, until_ms)):
            if stretch.end > killed_ms and stretch.start > until + CHAIN_MS:
                break
            until, longest = max(until, stretch.end), max(longest, len(stretch))
        self.gaps_ms.append(longest)
        self.late_until_s = max(self.late_until_s, (until - killed_ms) / 1000)

    def row(self) -> dict[str, Any]:
        """As a JSON object."""
        row = asdict(self) | {"recovery_s": self.recovery_s, "gap_ms": max(self.gaps_ms, default=None)}
        row["legs_with_a_gap"] = sum(gap > 0 for gap in self.gaps_ms)
        row |= {"leaks": self.leaks.row(), "compared": self.compared.row(), "alone": self.alone.row()}
        return row | {"leak_points_over": self.leak_points_over}


def window_around(killed_ms: int, until_ms: int) -> Span:
    """The media of a call that a kill at `killed_ms` of it may touch."""
    start = max(0, killed_ms - BEFORE_MS)
    return Span(start, max(start, min(until_ms, killed_ms + AFTER_MS)))


def kill_a_worker(server: int) -> int | None:
    """SIGKILL the largest worker of a server; its number, None when there is none."""
    workers: Sequence[int] = workers_of(server)
    if not workers:
        return None
    os.kill(workers[0], signal.SIGKILL)
    return workers[0]


@dataclass(slots=True)
class Recovery:
    """Watches a gateway after a kill, by what it tells over HTTP."""

    base: str
    server: int
    killed: int
    killed_at: float
    workers_before: int
    steps_before: float

    def look(self, figures: KillFigures, now: float) -> None:
        """Look once. The time counts from the kill to the first look at which things were right, and stayed so."""
        figures.watched_s = now - self.killed_at
        if is_ready(self.base):
            if figures.ready_again_s is None:
                figures.ready_again_s = now - self.killed_at
        else:
            figures.ready_again_s = None
        workers = [pid for pid in workers_of(self.server) if pid != self.killed]
        if figures.replaced_s is None and len(workers) >= self.workers_before:
            figures.replaced_s = now - self.killed_at
        steps = metrics(self.base).get(STEPS, self.steps_before)
        if figures.steps_again_s is None and steps > self.steps_before:
            figures.steps_again_s = now - self.killed_at
