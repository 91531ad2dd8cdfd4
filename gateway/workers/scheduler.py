"""Which tasks a worker does next, which together, and which not at all.

Pure: the time is an argument. Earliest due first. A recognition task that would end `TOO_LATE_S` after it is due is
declined: its session asks again, for newer audio, and no time is spent on sound that has left. A session that gets
nothing but refusals for `STARVED_S` comes first.

(Earliest due first misses no due time that any order could meet: Liu and Layland, "Scheduling Algorithms for
Multiprogramming in a Hard-Real-Time Environment", 1973. Under overload alone it would make everybody late, hence the
refusals.) What nobody listens to comes last, but for a small share of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

TOO_LATE_S = 0.15
"""An answer that late still saves most of what it was wanted for; a later one had better be about newer audio."""
STARVED_S = 2.0
PATIENT_SHARE = 0.05
"""Of a worker's time, what tasks that nobody listens to get in any case, once they are due."""
LONGEST_BATCH_S = 0.12
"""A batch is not interrupted: what comes meanwhile waits. So it is predicted to take no longer than this."""
_LEARNING = 0.1


class Kind(Enum):
    """What kind of work a task is; a batch is of one kind."""

    RECOGNITION = "recognition"
    DETECTION = "detection"


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A job waiting in the queue, as the scheduler sees it. `due` is in seconds on the scheduler's clock.

    `size`: how many legs it is for. `live`: somebody listens; otherwise `due` only says how long it may wait.
    `alone`: it shares no batch.
    """

    number: int
    session: str
    kind: Kind
    size: int
    due: float
    live: bool = True
    alone: bool = False


class Scheduler:
    """The queue of one worker. `most`: how many legs of a kind gain by being done together."""

    def __init__(self, most: Mapping[Kind, int]) -> None:
        self._most = most
        self._waiting: dict[str, Task] = {}
        self._declined: dict[str, float] = {}
        self._patient_until = float("-inf")
        self._expected = {Kind.RECOGNITION: 0.03, Kind.DETECTION: 0.005}

    def __len__(self) -> int:
        return len(self._waiting)

    def submit(self, task: Task) -> None:
        """Queue a task. Raises ValueError when its session has one already: so many sessions, so long is the queue."""
        if task.session in self._waiting:
            raise ValueError("a session has one task at a time")
        self._waiting[task.session] = task

    def drop(self, session: str) -> Task | None:
        """The session is over: what it waited for, if anything, is not needed."""
        self._declined.pop(session, None)
        return self._waiting.pop(session, None)

    def expected(self, task: Task) -> float:
        """How long it will take by itself, in seconds, as far as is known."""
        return self._expected[task.kind] * task.size

    def decline(self, now: float) -> list[Task]:
        """Drop and return the tasks that are not worth doing any more."""
        late = [
            task
            for task in self._waiting.values()
            if task.live
            and task.kind is Kind.RECOGNITION
            and now + self.expected(task) > task.due + TOO_LATE_S
            and not self._starved(task, now)
        ]
        for task in late:
            del self._waiting[task.session]
            self._declined.setdefault(task.session, now)
        return late

    def take(self, now: float) -> list[Task]:
        """The next batch, most urgent first; empty when nothing waits.

        The most urgent task is joined by the next of its kind as long as everything in the batch ends in time for all
        of it. A task that is late anyway has no time to keep.
        """
        order = sorted(self._waiting.values(), key=lambda task: (self._rank(task, now), task.due, task.number))
        if not order:
            return []
        first = order[0]
        batch, legs, seconds = [first], first.size, self.expected(first)
        until = self._must_end(first, now)
        for task in order[1:]:
            if task.kind is not first.kind or task.live is not first.live or task.alone or first.alone:
                continue
            longer = seconds + self.expected(task)
            until = min(until, self._must_end(task, now))
            if legs + task.size > self._most[first.kind] or longer > LONGEST_BATCH_S or now + longer > until:
                break
            batch.append(task)
            legs, seconds = legs + task.size, longer
        for task in batch:
            del self._waiting[task.session]
            self._declined.pop(task.session, None)
        return batch

    def took(self, batch: Sequence[Task], seconds: float, now: float) -> None:
        """What a batch, ended `now`, really took: expectations follow."""
        each = seconds / sum(task.size for task in batch)
        kind = batch[0].kind
        # A stall of the machine says nothing about the next batch.
        each = min(each, 4 * self._expected[kind])
        self._expected[kind] += _LEARNING * (each - self._expected[kind])
        if not batch[0].live:
            self._patient_until = now + seconds / PATIENT_SHARE

    def _starved(self, task: Task, now: float) -> bool:
        return now - self._declined.get(task.session, now) >= STARVED_S

    def _rank(self, task: Task, now: float) -> int:
        if not task.live:
            return 0 if task.due <= now and self._patient_until <= now else 3
        return 1 if self._starved(task, now) else 2

    def _must_end(self, task: Task, now: float) -> float:
        return task.due if now + self.expected(task) <= task.due else float("inf")
