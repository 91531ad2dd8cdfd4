"""Which calls are in progress, whether another one is taken, and the end of them all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.errors import Unavailable


class Calls:
    """Admits at most `limit` calls at once, and none while draining."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._active = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self.draining = False

    @property
    def active(self) -> int:
        """How many calls are in progress."""
        return self._active

    @contextmanager
    def admit(self) -> Iterator[None]:
        """A place for one call, held while the context is open. Raises Unavailable."""
        if self.draining:
            raise Unavailable("the gateway is shutting down and takes no new calls; try another one")
        if self._active >= self._limit:
            raise Unavailable(f"the gateway is full: {self._limit} calls are in progress; try again later")
        self._active += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._active -= 1
            if not self._active:
                self._empty.set()

    async def wait_empty(self) -> None:
        """Return when no call is in progress."""
        await self._empty.wait()
