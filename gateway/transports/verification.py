"""A share of the live calls is heard again, after it left, by other recognisers in a process of its own.

Nothing waits for it: the audio of a chosen call is collected in pieces, a piece that finds too many before it is
dropped and counted, and a process that is lost is started again for the next piece. Only redacted audio is collected,
in memory.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Final

from gateway.core.settings import SessionSettings
from gateway.observe.log import get_logger
from gateway.observe.metrics import Metrics
from gateway.verify.assembly import create_verifier
from gateway.verify.check import Verifier
from gateway.verify.process import Piece, hear_pieces
from gateway.verify.suspicion import Suspicion

PIECE_S: Final = 20
"""How much of a call is heard at once; a number that lies across two pieces is heard in two parts."""
MOST_WAITING: Final = 4
"""So many pieces may wait for the process."""
SHORTEST_S: Final = 1.0


class Echo:
    """Collects what one call sends out."""

    def __init__(self, settings: SessionSettings, hand_over: Callable[[Piece, int], None]) -> None:
        self._settings = settings
        self._hand_over = hand_over
        self._size = PIECE_S * settings.sample_rate * settings.encoding.bytes_per_sample
        self._legs = [bytearray() for _ in range(settings.channels)]
        self._pieces = 0

    def take(self, frames: Sequence[bytes]) -> None:
        """Released audio: the wire bytes of each leg."""
        for leg, frame in zip(self._legs, frames, strict=True):
            leg += frame
        while len(self._legs[0]) >= self._size:
            self._cut(self._size)

    def end(self) -> None:
        """The call is over."""
        rate = self._settings.sample_rate * self._settings.encoding.bytes_per_sample
        if len(self._legs[0]) >= SHORTEST_S * rate:
            self._cut(len(self._legs[0]))

    def _cut(self, size: int) -> None:
        settings = self._settings
        legs = tuple(bytes(leg[:size]) for leg in self._legs)
        for leg in self._legs:
            del leg[:size]
        self._hand_over(
            Piece(settings.encoding, settings.sample_rate, settings.policies, legs), self._pieces * PIECE_S * 1000
        )
        self._pieces += 1


class LiveVerification:
    """Hears about `share` (0..1) of the calls again. Methods are called in the event loop."""

    def __init__(
        self,
        share: float,
        metrics: Metrics,
        create: Callable[[], Verifier] = create_verifier,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._share = share
        self._metrics = metrics
        self._create = create
        self._chance = chance
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="verification")
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def choose(self, session: str, settings: SessionSettings) -> Echo | None:
        """Whether a call that begins is heard again: then what collects its audio."""
        if self._chance() >= self._share:
            return None
        return Echo(settings, lambda piece, start_ms: self._submit(session, piece, start_ms))

    async def stop(self) -> None:
        """End the process; what waits is dropped."""
        self._thread.submit(self._lose)
        for task in self._tasks:
            task.cancel()
        if self._process is not None:
            with suppress(ValueError):  # the thread was faster
                self._process.kill()
        await asyncio.to_thread(self._thread.shutdown)

    async def settled(self) -> None:
        """Return when nothing waits."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _submit(self, session: str, piece: Piece, start_ms: int) -> None:
        if len(self._tasks) >= MOST_WAITING:
            self._metrics.verification_dropped(piece.seconds)
            return
        task = asyncio.create_task(self._hear(session, piece, start_ms))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, session: str, piece: Piece, start_ms: int) -> None:
        try:
            suspicions = await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, piece)
        except (EOFError, OSError):
            self._metrics.verification_dropped(piece.seconds)
            get_logger().warning("verification_lost", session=session)
            return
        self._metrics.verified(piece.seconds, [one.policy for one in suspicions])
        for one in suspicions:
            get_logger().warning(
                "verification_suspects",
                session=session,
                policy=one.policy,
                level_of_suspicion=one.level.value,
                start_ms=start_ms + one.start_ms,
                duration_ms=one.end_ms - one.start_ms,
            )

    def _ask(self, piece: Piece) -> tuple[Suspicion, ...]:
        """In the thread: start the process if there is none, and wait for its answer.

        Raises EOFError or OSError when the process is lost.
        """
        if self._connection is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=hear_pieces, args=(theirs, self._create), name="verifier", daemon=True)
            process.start()
            theirs.close()
            self._process, self._connection = process, ours
        try:
            self._connection.send(piece)
            suspicions: tuple[Suspicion, ...] = self._connection.recv()
        except (EOFError, OSError):
            self._lose()
            raise
        return suspicions

    def _lose(self) -> None:
        """In the thread: there is no process any more."""
        process, self._process, connection, self._connection = self._process, None, self._connection, None
        if process is not None:
            process.kill()
            process.join()
            process.close()
        if connection is not None:
            connection.close()
