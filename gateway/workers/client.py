"""The server's side of the worker: starts it, talks to it, and starts it again when it is lost.

A worker that owes answers and gives none for `JOB_TIMEOUT_S`, a closed pipe or a dead process lose the worker: every
job that waits raises WorkerLost, the process is killed, and a new one is started, with growing pauses between failed
attempts.
Sessions go on meanwhile; what was not recognised leaves covered.

The pipe is read and written in threads of its own and never watched by the event loop: uvloop makes what it watches
non-blocking, and then a message that does not fit the pipe at once is torn.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Thread

from gateway.asr.base import Capabilities
from gateway.core.detection import Detection
from gateway.core.hypothesis import Hypothesis
from gateway.errors import EngineError, WorkerLost
from gateway.workers.host import DetectionJob, RecognitionJob
from gateway.workers.worker import (
    Answer,
    Answered,
    Closed,
    Failed,
    Models,
    Ready,
    Reply,
    Request,
    Submitted,
    Unavailable,
    serve,
)

JOB_TIMEOUT_S = 5.0
START_TIMEOUT_S = 120.0
RESTART_TIMEOUT_S = 10.0
"""How long a job waits for a worker that is being started again: its session's audio is still held."""
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0


class WorkerClient:
    """One supervised worker process. `models` is pickled to it and builds recogniser and detectors there."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._reader: Thread | None = None
        self._first_reply: asyncio.Future[Reply] | None = None
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="worker-send")
        self._jobs: dict[int, asyncio.Future[Answer]] = {}
        self._numbers = 0
        self._replied_at = 0.0
        self._supervisor: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._up = asyncio.Event()
        self.capabilities: Capabilities | None = None
        self.restarts = 0

    @property
    def ready(self) -> bool:
        """Whether jobs are answered now."""
        return self.capabilities is not None

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the worker and wait until its model is loaded. Raises EngineError when it cannot be."""
        await self._launch()
        self._supervisor = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """End the worker; jobs that wait raise WorkerLost."""
        if self._supervisor:
            self._supervisor.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervisor
        await self._end_process()
        self._sender.shutdown(wait=False)

    async def recognize(self, job: RecognitionJob) -> tuple[Hypothesis, ...]:
        """What was heard in one step. Raises WorkerLost, or EngineError when the recogniser failed on it."""
        return tuple(answer for answer in await self._ask(job) if isinstance(answer, Hypothesis))

    async def detect(self, job: DetectionJob) -> tuple[Detection, ...]:
        """What is personal in it. Raises WorkerLost, or EngineError when a detector failed on it."""
        return tuple(answer for answer in await self._ask(job) if isinstance(answer, Detection))

    async def _ask(self, job: RecognitionJob | DetectionJob) -> Answer:
        try:
            async with asyncio.timeout(RESTART_TIMEOUT_S):
                while not self.ready:
                    await self._up.wait()
        except TimeoutError:
            raise WorkerLost("the recogniser's worker could not be started again") from None
        connection = self._connection
        self._numbers += 1
        number = self._numbers
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._jobs[number] = answer
        self._send(Submitted(number, job))
        submitted_at = asyncio.get_running_loop().time()
        try:
            while not answer.done():
                # A worker that answers others is alive: this job waits behind theirs.
                silent_until = max(submitted_at, self._replied_at) + JOB_TIMEOUT_S
                await asyncio.wait((answer,), timeout=silent_until - asyncio.get_running_loop().time())
                if not answer.done() and max(submitted_at, self._replied_at) + JOB_TIMEOUT_S <= silent_until:
                    del self._jobs[number]
                    if connection is self._connection:
                        self._lose()
                    raise WorkerLost("the recogniser's worker did not answer in time")
            return answer.result()
        finally:
            self._jobs.pop(number, None)

    def close(self, session: str) -> None:
        """The session is over; its streams may go."""
        if self.ready:
            self._send(Closed(session))

    def _send(self, request: Request) -> None:
        """Write in a thread: a pipe that is full must not stop the event loop."""
        connection = self._connection
        if connection is None:
            return

        def write() -> None:
            # A broken pipe is noticed by the reader, which loses the worker.
            with suppress(OSError):
                connection.send(request)

        self._sender.submit(write)

    async def _launch(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self._models), name="recogniser", daemon=True)
        self._process, self._connection = process, ours
        loop = asyncio.get_running_loop()
        self._first_reply = loop.create_future()
        try:
            await asyncio.to_thread(process.start)
            theirs.close()
            self._reader = Thread(target=self._read, args=(ours, loop), name="worker-read", daemon=True)
            self._reader.start()
            self._lost.clear()
            try:
                async with asyncio.timeout(START_TIMEOUT_S):
                    reply = await self._first_reply
            except (TimeoutError, EOFError, OSError):
                raise EngineError("the recogniser's worker ended, or hung, before its model was loaded") from None
            if isinstance(reply, Unavailable):
                raise EngineError(reply.reason)
            if not isinstance(reply, Ready):
                raise EngineError("the recogniser's worker did not say that it is ready")
        except BaseException:
            await self._end_process()
            raise
        self.capabilities = reply.capabilities
        self._up.set()

    def _read(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """The reading thread: hand every reply to the loop, and at last None."""
        reply: Reply | None
        while True:
            try:
                reply = connection.recv()
            except (EOFError, OSError):
                reply = None
            with suppress(RuntimeError):  # the loop is closed: nobody waits for a reply any more
                loop.call_soon_threadsafe(self._receive, connection, reply)
            if reply is None:
                return

    def _receive(self, connection: Connection, reply: Reply | None) -> None:
        if connection is not self._connection or self._first_reply is None:
            return
        if self._first_reply.done():
            if reply is None:
                self._lose()
            else:
                self._take(reply)
        elif reply is None:
            self._first_reply.set_exception(EOFError())
        else:
            self._first_reply.set_result(reply)

    def _take(self, reply: Reply) -> None:
        if not isinstance(reply, Answered | Failed):
            return
        self._replied_at = asyncio.get_running_loop().time()
        answer = self._jobs.get(reply.number)
        if answer is None or answer.done():
            return
        if isinstance(reply, Answered):
            answer.set_result(reply.answer)
        else:
            answer.set_exception(EngineError(f"the worker failed with {reply.error}"))

    def _lose(self) -> None:
        """No more is expected of this process."""
        self.capabilities = None
        self._up.clear()
        for answer in self._jobs.values():
            if not answer.done():
                answer.set_exception(WorkerLost("the recogniser's worker is gone"))
        self._lost.set()

    async def _supervise(self) -> None:
        while True:
            await self._lost.wait()
            await self._end_process()
            pause = FIRST_PAUSE_S
            while not self.ready:
                self.restarts += 1
                try:
                    await self._launch()
                except (EngineError, OSError):
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _end_process(self) -> None:
        if self.ready:
            self._lose()
        connection, process, reader = self._connection, self._process, self._reader
        self._connection = self._process = self._reader = None
        if process is not None and process.pid is not None:
            process.kill()
            await asyncio.to_thread(process.join)
            process.close()
        if reader is not None:
            await asyncio.to_thread(reader.join)
        if connection is not None:
            connection.close()
