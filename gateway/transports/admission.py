"""How many legs the machine can hear in time, and whether another call fits. Pure: the time is an argument.

What a leg costs is known from a trial at the start. When the legs in progress turn out to cost more (busy time by legs,
both smoothed alike, so that calls that have just begun or ended do not distort it), that counts; the trial weighs as
much as `TRIAL_LEGS` legs.

A leg is one at the usual lookahead; with a shorter one it is heard more often and counts for more
(`SessionSettings.live_load`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import exp

BUSY_LIMIT = 0.85
"""The share of their time the workers may be busy. The rest is for chance: many may speak at once."""
SERVER_LIMIT = 0.70
"""The share of one core the server's own process may take: it has one event loop."""
SERVER_LEG_COST = 0.008
"""What it takes for a leg, before that is known better: a message of 20 ms in and one out."""
SMOOTHING_S = 15.0
TRIAL_LEGS = 6
CLOSE_LIMIT = 0.5
"""When so many steps use up half of their time, sessions put steps off already: it is no time for more calls."""
LATE_PAUSE_S = 3.0
"""After an answer that came too late no call is taken for so long."""


@dataclass(frozen=True, slots=True)
class Load:
    """A measure of the time since the last one. `workers`: how many there are now; `busy`: how many of them, in the
    mean, were at work for live legs; `server`: the share of one core that the server's own process took; `late`:
    answers so far that came too late; `close`: of the steps, the share that took more than half of the time there was.
    """

    workers: int
    busy: float
    server: float
    late: int
    close: float = 0.0


class Admission:
    """Knows the load. `leg_cost`: CPU seconds for each second of a leg, as the trial found it."""

    def __init__(self, workers: int, leg_cost: float) -> None:
        self._workers = workers
        self._trial_cost = leg_cost
        self._legs = 0.0
        self._smooth_legs = 0.0
        self._smooth_busy = 0.0
        self._server = 0.0
        self._close = 0.0
        self._late = 0
        self._late_at = float("-inf")
        self._observed_at: float | None = None

    @property
    def busy(self) -> float:
        """The smoothed share of their time that the workers spend on live legs."""
        return self._smooth_busy / self._workers if self._workers else 1.0

    @property
    def leg_cost(self) -> float:
        """What a leg costs as far as is known, in workers' seconds a second.

        Never less than in the trial: a leg that says nothing, or is hardly heard any more, costs little.
        """
        learned = (self._smooth_busy + TRIAL_LEGS * self._trial_cost) / (self._smooth_legs + TRIAL_LEGS)
        return max(learned, self._trial_cost)

    @property
    def server_leg_cost(self) -> float:
        """What a leg costs the server's own process, as far as is known."""
        return (self._server + TRIAL_LEGS * SERVER_LEG_COST) / (self._smooth_legs + TRIAL_LEGS)

    @property
    def capacity(self) -> int:
        """How many legs fit in all, as far as is known: workers or server, whoever has less time."""
        return int(min(BUSY_LIMIT * self._workers / self.leg_cost, SERVER_LIMIT / self.server_leg_cost) + 1e-9)

    def observe(self, load: Load, now: float) -> None:
        """Take a new measure."""
        weight = 0.0 if self._observed_at is None else 1 - exp((self._observed_at - now) / SMOOTHING_S)
        self._observed_at = now
        self._workers = load.workers
        self._smooth_legs += weight * (self._legs - self._smooth_legs)
        self._smooth_busy += weight * (load.busy - self._smooth_busy)
        self._server += weight * (load.server - self._server)
        self._close += weight * (load.close - self._close)
        if load.late > self._late:
            self._late, self._late_at = load.late, now

    def fits(self, legs: float, now: float) -> bool:
        """Whether a call of so many legs can be taken without breaking the promise to those in progress."""
        # Those in progress may cost more than the trial lets believe, as when others take the machine's time.
        measured = self._smooth_busy / max(self._smooth_legs, TRIAL_LEGS)
        busy = self._legs * max(measured, self.leg_cost) + legs * self.leg_cost
        heard = busy <= BUSY_LIMIT * self._workers + 1e-9
        served = max(self._server, (self._legs + legs) * self.server_leg_cost) <= SERVER_LIMIT
        return heard and served and self._close <= CLOSE_LIMIT and now - self._late_at >= LATE_PAUSE_S

    @contextmanager
    def place(self, legs: float) -> Iterator[None]:
        """Reckon with a call as long as the context is open."""
        self._legs += legs
        try:
            yield
        finally:
            self._legs -= legs
