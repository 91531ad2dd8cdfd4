"""Messages on their way to one peer, bounded in milliseconds of media.

The owner puts without ever waiting; one task writes. A peer that does not read fills the buffer: in a live call that
ends the call (`overrun`), in an elastic one the reading of its audio waits (`wait_low`), and a stall ends the call.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

Message: TypeAlias = bytes | str

LIVE_LIMIT_MS: Final = 1_000
"""What may wait for a live peer beyond the pace at which audio leaves."""
PAUSE_ABOVE_MS: Final = 4_000
RESUME_BELOW_MS: Final = 1_000
"""The two water marks of an elastic call."""
MAX_MESSAGES: Final = 4_096
"""Messages that may wait; reached only by texts, which last no time."""
STALL_S: Final = 30.0
"""How long an elastic peer may take to read a message."""


class Outbound:
    """The buffer of one call. `live`: whether audio leaves at its own pace."""

    def __init__(self, *, live: bool, stall_s: float = STALL_S) -> None:
        self._live = live
        self._stall_s = stall_s
        self._waiting: deque[tuple[Message, float]] = deque()
        self._waiting_ms = 0.0
        self._closed = False
        self._changed = asyncio.Event()
        self._low = asyncio.Event()
        self._low.set()
        self.overrun = asyncio.Event()
        self.most_ms = 0.0

    def put(self, message: Message, media_ms: float = 0.0) -> None:
        """Queue a message that holds so much audio. Dropped, and `overrun` set, when the buffer is or once was full."""
        # One message may be of any length, as after a stall of this process; what waits before it must not be.
        full = (self._live and self._waiting_ms > LIVE_LIMIT_MS) or len(self._waiting) >= MAX_MESSAGES
        if full or self.overrun.is_set():
            self.overrun.set()
            return
        self._waiting.append((message, media_ms))
        self._waiting_ms += media_ms
        self.most_ms = max(self.most_ms, self._waiting_ms)
        if self._waiting_ms > PAUSE_ABOVE_MS:
            self._low.clear()
        self._changed.set()

    def close(self) -> None:
        """Nothing more will be put; `run` returns when all is written."""
        self._closed = True
        self._changed.set()

    async def wait_low(self) -> None:
        """Return when an elastic call may go on reading; a live call always may."""
        if not self._live:
            await self._low.wait()

    async def run(self, send: Callable[[Message], Awaitable[None]]) -> None:
        """Write every message with `send`, in order, until closed and empty. Raises what `send` raises."""
        while True:
            while self._waiting:
                message, media_ms = self._waiting[0]
                if self._live:
                    await send(message)
                else:
                    try:
                        async with asyncio.timeout(self._stall_s):
                            await send(message)
                    except TimeoutError:
                        self.overrun.set()
                        return
                self._waiting.popleft()
                self._waiting_ms -= media_ms
                if self._waiting_ms < RESUME_BELOW_MS:
                    self._low.set()
            if self._closed:
                return
            self._changed.clear()
            await self._changed.wait()
