"""How many legs the machine can hear in time, and whether another call fits. Pure: the time is an argument.

What a leg costs is known from a trial at the start, and later from what the legs in progress take: legs that share a
machine cost less each. What the workers are busy with is measured, but late: a call that has just begun is not in the
measure yet. So each young call is reckoned with what a leg costs, in full at first, and less and less from half of
`SETTLED_S` after its beginning until then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import exp

BUSY_LIMIT = 0.80
"""The share of their time the workers may be busy. The rest is for chance: many may speak at once."""
SERVER_LIMIT = 0.70
"""The share of one core the server's own thread may take."""
SETTLED_S = 30.0
SMOOTHING_S = 10.0
LEGS_TO_LEARN = 4
"""With fewer legs a measure says little about the next one."""
LATE_PAUSE_S = 3.0
"""After an answer that came too late no call is taken for so long."""


@dataclass(frozen=True, slots=True)
class Load:
    """A measure of the last seconds. `busy`: the mean share of their time that the workers spent on live legs;
    `server`: the share of one core that the server's own thread took; `late`: answers so far that came too late.
    """

    busy: float
    server: float
    late: int


class Admission:
    """Knows the load. `leg_cost`: CPU seconds for each second of a leg, as the trial found it."""

    def __init__(self, workers: int, leg_cost: float) -> None:
        self._workers = workers
        self._trial_cost = self._leg_cost = leg_cost
        self._busy = 0.0
        self._server = 0.0
        self._late = 0
        self._late_at = float("-inf")
        self._observed_at: float | None = None
        self._young: list[tuple[float, int]] = []
        self._legs = 0

    @property
    def busy(self) -> float:
        """The smoothed share of their time that the workers spend on live legs."""
        return self._busy

    @property
    def leg_cost(self) -> float:
        """What a leg costs as far as is known, in workers' seconds a second."""
        return self._leg_cost

    @property
    def capacity(self) -> int:
        """How many legs fit in all, as far as is known."""
        return int(BUSY_LIMIT * self._workers / self._leg_cost)

    def observe(self, load: Load, now: float) -> None:
        """Take a new measure."""
        weight = 1.0 if self._observed_at is None else 1 - exp((self._observed_at - now) / SMOOTHING_S)
        self._observed_at = now
        self._busy += weight * (load.busy - self._busy)
        self._server += weight * (load.server - self._server)
        if load.late > self._late:
            self._late, self._late_at = load.late, now
        self._young = [(began_at, legs) for began_at, legs in self._young if now - began_at < SETTLED_S]
        measured = self._legs - self._coming(now)
        if measured >= LEGS_TO_LEARN:
            # Legs that say nothing for a while must not make the next ones look free.
            self._leg_cost = max(self._trial_cost / 4, self._busy * self._workers / measured)

    def fits(self, legs: int, now: float) -> bool:
        """Whether a call of so many legs can be taken without breaking the promise to those in progress."""
        busy = self._busy + (legs + self._coming(now)) * self._leg_cost / self._workers
        return busy <= BUSY_LIMIT and self._server <= SERVER_LIMIT and now - self._late_at >= LATE_PAUSE_S

    def _coming(self, now: float) -> float:
        """So many legs are not in the measure yet."""
        return sum(legs * min(1.0, 2 - 2 * (now - began_at) / SETTLED_S) for began_at, legs in self._young)

    @contextmanager
    def place(self, legs: int, now: float) -> Iterator[None]:
        """Reckon with a call as long as the context is open."""
        began = (now, legs)
        self._young.append(began)
        self._legs += legs
        try:
            yield
        finally:
            self._legs -= legs
            if began in self._young:
                self._young.remove(began)
