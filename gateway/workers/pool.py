"""The workers of a server: which session lives in which, and a new worker for every one that is lost.

A session's streams live in one worker, its home. When that is lost, the session is told (WorkerLost), asks again with
fresh streams, and finds a home elsewhere: most often in the worker that was forked meanwhile. What it then sends is the
audio its delay line still holds; only what has to leave before the answer is covered.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from gateway.asr.base import Capabilities
from gateway.core.detection import Detection
from gateway.core.hypothesis import Hypothesis
from gateway.errors import EngineError, WorkerLost
from gateway.workers.forkserver import ForkServer, Models
from gateway.workers.host import DetectionJob, RecognitionJob
from gateway.workers.link import Loss, WorkerLink
from gateway.workers.messages import Beat

HOMELESS_S = 10.0
"""How long a step waits for a worker when there is none: its session's audio is still held."""
REPLACEMENT_S = 0.5
"""How long it waits for the replacement of a worker that was just lost: the others have work enough."""
CHECK_S = 0.25
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
HEALTHY_S = 10.0
"""A worker that lived so long did not fail at its start: the next is forked without a pause."""


class WorkerPool:
    """`size` supervised workers. `memory_limit` in bytes: a worker that holds more is replaced."""

    def __init__(self, models: Models, size: int, memory_limit: int) -> None:
        self._fork_server = ForkServer(models)
        self._forking = asyncio.Lock()
        self._size = size
        self._memory_limit = memory_limit
        self._links: list[WorkerLink] = []
        self._homes: dict[str, WorkerLink] = {}
        self._changed = asyncio.Condition()
        self._supervisors: list[asyncio.Task[None]] = []
        self._ended = Beat(0.0, 0, 0, 0, 0)
        self._failures: Counter[str] = Counter()
        self.losses: Counter[Loss] = Counter()
        self.failed_starts = 0
        self.capabilities: Capabilities | None = None
        self.leg_cost = 0.0

    @property
    def ready(self) -> bool:
        """Whether jobs are answered now."""
        return bool(self._up)

    @property
    def _up(self) -> list[WorkerLink]:
        return [link for link in self._links if not link.lost.done()]

    @property
    def pids(self) -> list[int]:
        """The worker processes."""
        return [link.pid for link in self._links]

    @property
    def size(self) -> int:
        """How many workers there are to be."""
        return self._size

    @property
    def told(self) -> Beat:
        """What all workers so far have told, added up; `memory` of the living, what they share counted for each."""
        return _added([self._ended, *(link.told for link in self._links)])

    @property
    def failures(self) -> Counter[str]:
        """How many jobs failed, and workers broke, by the type of the error."""
        return sum((link.failures for link in self._links), self._failures.copy())

    async def start(self) -> None:
        """Load the models and fork the workers. Raises EngineError when the models cannot be loaded."""
        ready = await self._fork_server.start()
        self.capabilities, self.leg_cost = ready.capabilities, ready.leg_cost
        try:
            for _ in range(self._size):
                self._links.append(await self._fork())
        except (WorkerLost, OSError) as error:
            raise EngineError(f"no worker could be started ({error})") from None
        finally:
            self._supervisors = [asyncio.create_task(self._supervise(link)) for link in self._links]
        self._supervisors.append(asyncio.create_task(self._check()))

    async def stop(self) -> None:
        """End the workers; jobs that wait raise WorkerLost."""
        for task in self._supervisors:
            task.cancel()
        await asyncio.gather(*self._supervisors, return_exceptions=True)
        # A supervisor that was cancelled before it began has ended nothing.
        for link in self._links:
            await link.end()
        self._links.clear()
        await self._fork_server.stop()

    async def recognize(self, job: RecognitionJob) -> tuple[Hypothesis, ...]:
        """What was heard in one step. Raises WorkerLost, Overloaded, or EngineError when the recogniser failed."""
        home = await self._settle(job) if job.fresh else self._home(job.session)
        return tuple(answer for answer in await home.ask(job) if isinstance(answer, Hypothesis))

    async def detect(self, job: DetectionJob) -> tuple[Detection, ...]:
        """What is personal in it. Raises WorkerLost, or EngineError when a detector failed on it."""
        return tuple(answer for answer in await self._home(job.session).ask(job) if isinstance(answer, Detection))

    def close(self, session: str) -> None:
        """The session is over; its streams may go."""
        home = self._homes.pop(session, None)
        if home is not None:
            home.close(session)

    def _home(self, session: str) -> WorkerLink:
        home = self._homes.get(session)
        if home is None or home.lost.done():
            raise WorkerLost("the worker that held the session's streams is gone")
        return home

    async def _settle(self, job: RecognitionJob) -> WorkerLink:
        """Give the session a home: the one it has, or the worker with the fewest legs."""
        home = self._homes.get(job.session)
        if home is not None and not home.lost.done():
            return home
        self.close(job.session)
        try:
            async with asyncio.timeout(HOMELESS_S), self._changed:
                with suppress(TimeoutError):
                    async with asyncio.timeout(REPLACEMENT_S):
                        await self._changed.wait_for(lambda: len(self._up) == self._size)
                await self._changed.wait_for(lambda: self.ready)
        except TimeoutError:
            raise WorkerLost("no worker could be started again") from None
        home = min(self._up, key=lambda link: link.legs)
        home.adopt(job.session, 0 if job.due is None else job.legs)
        self._homes[job.session] = home
        return home

    async def _supervise(self, link: WorkerLink) -> None:
        """One place of the pool: a worker, and after it the next."""
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE_S
        while True:
            began_at = loop.time()
            try:
                self.losses[await asyncio.shield(link.lost)] += 1
            finally:
                self._ended = _added([self._ended, replace(link.told, memory=0)])
                self._failures += link.failures
                self._links.remove(link)
                await link.end()
            if loop.time() - began_at > HEALTHY_S:
                pause = FIRST_PAUSE_S
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            link = await self._next(pause)
            async with self._changed:
                self._links.append(link)
                self._changed.notify_all()

    async def _next(self, pause: float) -> WorkerLink:
        while True:
            try:
                return await self._fork()
            except (EngineError, WorkerLost, OSError):
                self.failed_starts += 1
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _fork(self) -> WorkerLink:
        async with self._forking:
            try:
                pid, connection = await self._fork_server.fork()
            except WorkerLost:
                await self._fork_server.stop()
                await self._fork_server.start()
                pid, connection = await self._fork_server.fork()
            return WorkerLink(pid, connection)

    async def _check(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            asleep_at = loop.time()
            await asyncio.sleep(CHECK_S)
            if loop.time() - asleep_at > 2 * CHECK_S:
                # This process stood still: what the workers said meanwhile is read first.
                await asyncio.sleep(CHECK_S)
            for link in self._links:
                link.check(self._memory_limit)


def _added(beats: Sequence[Beat]) -> Beat:
    return Beat(
        sum(beat.busy_s for beat in beats),
        sum(beat.late for beat in beats),
        sum(beat.steps for beat in beats),
        sum(beat.close_steps for beat in beats),
        sum(beat.memory for beat in beats),
    )
