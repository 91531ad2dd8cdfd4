"""The server's end of one worker: sends it jobs, hands out its answers, and knows when it is lost.

The pipe is read and written in threads of its own and never watched by the event loop: uvloop makes what it watches
non-blocking, and then a message that does not fit the pipe at once is torn.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from itertools import count
from multiprocessing.connection import Connection
from threading import Thread

from gateway.core.settings import DetectionSettings
from gateway.errors import EngineError, Overloaded, WorkerLost
from gateway.workers.host import DetectionJob, RecognitionJob
from gateway.workers.messages import (
    Answer,
    Answered,
    Beat,
    Broken,
    Closed,
    Declined,
    Failed,
    Reply,
    Request,
    Submitted,
    SubmittedAgain,
)

FAILURES_IN_A_ROW = 10
"""A worker that answers no job any more but with a failure is lost."""
SILENCE_S = 3.0
"""A worker that says nothing for so long, not even that it lives, is lost."""


class Loss(StrEnum):
    """Why a worker was given up."""

    DIED = "died"
    SILENT = "silent"
    MEMORY = "memory"
    FAILING = "failing"


class WorkerLink:
    """One worker process, from its fork to its end. Belongs to the event loop that made it."""

    def __init__(self, pid: int, connection: Connection) -> None:
        self.pid = pid
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._numbers = count()
        self._jobs: dict[int, asyncio.Future[Answer]] = {}
        self._legs: dict[str, int] = {}
        self._settings: dict[str, DetectionSettings] = {}
        self._beat = Beat(0.0, 0, 0, 0, 0)
        self.failures: Counter[str] = Counter()
        self._failures_in_a_row = 0
        self._heard_at = self._loop.time()
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="worker-send")
        self._reader = Thread(target=self._read, name="worker-read", daemon=True)
        try:
            # Unlike its number, this cannot come to mean another process.
            self._process: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self._process = None
        self.lost: asyncio.Future[Loss] = self._loop.create_future()
        self._reader.start()

    @property
    def legs(self) -> int:
        """How many live legs have their streams in this worker."""
        return sum(self._legs.values())

    @property
    def told(self) -> Beat:
        """What it told last of itself; zeros before."""
        return self._beat

    def adopt(self, session: str, legs: int) -> None:
        """The session's streams live here from now on. `legs`: how many of them are live."""
        self._legs[session] = legs

    async def ask(self, job: RecognitionJob | DetectionJob) -> Answer:
        """Have a job done. Raises WorkerLost, Overloaded, or EngineError when recogniser or detector failed on it."""
        if self.lost.done():
            raise WorkerLost("the worker is gone")
        number = next(self._numbers)
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._jobs[number] = answer
        if isinstance(job, DetectionJob) and self._settings.get(job.session) is job.settings:
            self._send(SubmittedAgain(number, job.session, job.utterances, job.due))
        else:
            if isinstance(job, DetectionJob):
                self._settings[job.session] = job.settings
            self._send(Submitted(number, job))
        try:
            return await answer
        finally:
            del self._jobs[number]

    def close(self, session: str) -> None:
        """The session is over, or lives elsewhere; its streams may go."""
        self._settings.pop(session, None)
        if self._legs.pop(session, None) is not None and not self.lost.done():
            self._send(Closed(session))

    def lose(self, why: Loss) -> None:
        """Expect no more of this worker: whoever waits is told, and the process is killed."""
        if self.lost.done():
            return
        self.lost.set_result(why)
        for answer in self._jobs.values():
            if not answer.done():
                answer.set_exception(WorkerLost("the worker is gone"))
        if self._process is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def check(self, memory_limit: int) -> None:
        """Lose a worker that has been silent for too long or has grown beyond `memory_limit` bytes."""
        if self._loop.time() - self._heard_at > SILENCE_S:
            self.lose(Loss.SILENT)
        elif self._beat.memory > memory_limit:
            self.lose(Loss.MEMORY)

    async def end(self) -> None:
        """Kill the process if it still lives, and free everything."""
        self.lose(Loss.DIED)
        await asyncio.to_thread(self._reader.join)
        self._sender.shutdown(wait=False)
        self._connection.close()
        if self._process is not None:
            os.close(self._process)

    def _send(self, request: Request) -> None:
        """Write in a thread: a pipe that is full must not stop the event loop."""

        def write() -> None:
            # A broken pipe is noticed by the reader, which loses the worker.
            with suppress(OSError):
                self._connection.send(request)

        self._sender.submit(write)

    def _read(self) -> None:
        """The reading thread: hand everything to the loop; the end of the pipe is the end of the worker."""
        with suppress(RuntimeError):  # the loop is closed: nobody waits for a reply any more
            while True:
                try:
                    replies: list[Reply] = self._connection.recv()
                except (EOFError, OSError):
                    self._loop.call_soon_threadsafe(self.lose, Loss.DIED)
                    return
                self._loop.call_soon_threadsafe(self._receive, replies)

    def _receive(self, replies: list[Reply]) -> None:
        self._heard_at = self._loop.time()
        for reply in replies:
            if isinstance(reply, Beat):
                self._beat = reply
                continue
            if isinstance(reply, Broken | Failed):
                self.failures[reply.error] += 1
            if isinstance(reply, Broken):
                continue
            answer = self._jobs.get(reply.number)
            if answer is None or answer.done():
                continue
            self._failures_in_a_row = self._failures_in_a_row + 1 if isinstance(reply, Failed) else 0
            match reply:
                case Answered(_, result):
                    answer.set_result(result)
                case Declined():
                    answer.set_exception(Overloaded("the worker has no time for it"))
                case Failed(_, error):
                    answer.set_exception(EngineError(f"the worker failed with {error}"))
        if self._failures_in_a_row >= FAILURES_IN_A_ROW:
            self.lose(Loss.FAILING)
