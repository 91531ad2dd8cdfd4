"""Which tasks a worker does next, and together: earliest due first, the hopeless behind the hopeful.

Pure: the time is an argument. A task is *hopeless* when it cannot be done before it is due any more; what it would have
saved has left covered. It stands back behind everything that can still be on time, but only as if it were due
`SET_BACK_S` later: no task waits for ever.

(Earliest due first misses no due time that any order could meet: Liu and Layland, "Scheduling Algorithms for
Multiprogramming in a Hard-Real-Time Environment", 1973. Setting back what is lost keeps an overload from making
everybody late.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

SET_BACK_S = 2.0
"""How far a hopeless task stands back."""
LONGEST_BATCH_S = 0.1
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
    """

    number: int
    session: str
    kind: Kind
    size: int
    due: float
    live: bool = True


class Scheduler:
    """The queue of one worker. `most`: how many legs of a kind gain by being done together."""

    def __init__(self, most: Mapping[Kind, int]) -> None:
        self._most = most
        self._waiting: dict[str, Task] = {}
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
        return self._waiting.pop(session, None)

    def expected(self, task: Task) -> float:
        """How long it will take by itself, in seconds, as far as is known."""
        return self._expected[task.kind] * task.size

    def take(self, now: float) -> list[Task]:
        """The next batch, most urgent first; empty when nothing waits.

        The most urgent task is joined by the next of its kind as long as everything in the batch ends in time for all
        of it. A hopeless task spoils nothing: it has no time to keep.
        """
        order = sorted(self._waiting.values(), key=lambda task: (self._urgency(task, now), task.number))
        if not order:
            return []
        first = order[0]
        batch, legs, seconds = [first], first.size, self.expected(first)
        until = self._must_end(first, now)
        for task in order[1:]:
            if task.kind is not first.kind:
                continue
            longer = seconds + self.expected(task)
            until = min(until, self._must_end(task, now))
            if legs + task.size > self._most[first.kind] or longer > LONGEST_BATCH_S or now + longer > until:
                break
            batch.append(task)
            legs, seconds = legs + task.size, longer
        for task in batch:
            del self._waiting[task.session]
        return batch

    def took(self, batch: Sequence[Task], seconds: float) -> None:
        """What a batch really took: expectations follow."""
        each = seconds / sum(task.size for task in batch)
        kind = batch[0].kind
        self._expected[kind] += _LEARNING * (each - self._expected[kind])

    def _hopeless(self, task: Task, now: float) -> bool:
        return now + self.expected(task) > task.due

    def _urgency(self, task: Task, now: float) -> float:
        return task.due + SET_BACK_S if self._hopeless(task, now) else task.due

    def _must_end(self, task: Task, now: float) -> float:
        return float("inf") if self._hopeless(task, now) else task.due
