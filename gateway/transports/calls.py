"""Which calls are in progress, whether another one is taken, and the end of them all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.errors import Unavailable
from gateway.transports.admission import Admission

USUAL_LEGS = 2
"""Most calls have two parties: readiness is about one of those."""


class Calls:
    """Admits calls while the machine can hear them in time, at most `limit` at once, and none while draining."""

    def __init__(self, limit: int, admission: Admission | None = None, clock: Callable[[], float] = time.monotonic):
        """`admission`: what decides by the load; None where nothing measures it."""
        self._limit = limit
        self._admission = admission
        self._clock = clock
        self._active = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self.draining = False

    @property
    def active(self) -> int:
        """How many calls are in progress."""
        return self._active

    @property
    def full(self) -> bool:
        """Whether a live call of two parties would be refused."""
        return self._refusal(USUAL_LEGS) is not None

    @contextmanager
    def admit(self, load: float) -> Iterator[None]:
        """A place for one call, held while the context is open. Raises Unavailable.

        `load`: what must be heard in time, in legs (`SessionSettings.live_load`); an elastic session waits instead.
        """
        if self.draining:
            raise Unavailable("the gateway is shutting down and takes no new calls; try another one")
        refusal = self._refusal(load)
        if refusal:
            raise Unavailable(f"{refusal}; try again later, or another gateway")
        self._active += 1
        self._empty.clear()
        try:
            if self._admission and load:
                with self._admission.place(load):
                    yield
            else:
                yield
        finally:
            self._active -= 1
            if not self._active:
                self._empty.set()

    async def wait_empty(self) -> None:
        """Return when no call is in progress."""
        await self._empty.wait()

    def _refusal(self, load: float) -> str | None:
        if self._active >= self._limit:
            return f"the gateway is full: {self._limit} calls are in progress"
        if self._admission and load and not self._admission.fits(load, self._clock()):
            return f"the gateway is full: with {self._active} calls in progress it cannot hear another one in time"
        return None
