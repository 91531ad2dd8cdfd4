"""Runs one live session: the only module that reads a clock. It arms the timer and asks for recognition."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Protocol, TypeAlias
from uuid import uuid4

from gateway.core.detection import Detection
from gateway.core.events import DetectionRequested, Output, RecognitionRequested, SessionEnded, Statistics
from gateway.core.hypothesis import Hypothesis
from gateway.core.session import Session
from gateway.errors import InternalError, Overloaded, PeerError
from gateway.workers.host import DetectionJob, RecognitionJob

WAKE_GRID_S = 0.004
"""Timers go off on a grid that all sessions share: one wakeup serves several. A frame's length is a multiple of it, so
the frames of one session are all equally late, by less than this.
"""


class Recognition(Protocol):
    """Where live sessions have their audio recognised, and what was said looked at."""

    async def recognize(self, job: RecognitionJob) -> tuple[Hypothesis, ...]:
        """What was heard in one step. Raises InternalError when there will be no answer; Overloaded when it was not
        even begun.
        """
        ...

    async def detect(self, job: DetectionJob) -> tuple[Detection, ...]:
        """What is personal in it. Raises InternalError when there will be no answer."""
        ...

    def close(self, session: str) -> None:
        """The session is over."""
        ...


@dataclass(frozen=True, slots=True)
class PeerFault:
    """The peer broke the protocol: nothing more is read from it, and what it sent before still leaves."""

    error: PeerError


Delivery: TypeAlias = Output | PeerFault


class LiveSession:
    """Drives `session` until everything has left.

    `deliver` takes each output but requests for recognition, at once, and must not block.
    """

    def __init__(
        self,
        session: Session,
        recognition: Recognition,
        deliver: Callable[[Delivery], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._recognition = recognition
        self._deliver = deliver
        self._clock = clock
        self._name = uuid4().hex
        self._detection = session.settings.detection
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._step: asyncio.Task[None] | None = None
        self._resumed = asyncio.Event()
        self._finished: asyncio.Future[Statistics] = asyncio.get_running_loop().create_future()

    async def run(self, inbound: AsyncIterator[Sequence[bytes]]) -> Statistics:
        """Send what `inbound` yields (wire bytes of every leg) through the session; its end is the session's end.

        A PeerError of `inbound`, or of the session about it, is delivered as PeerFault; the session drains as if the
        peer had ended it, and then the error is raised. Cancelling drops everything at once.
        """
        reader = asyncio.create_task(self._read(inbound))
        try:
            await asyncio.wait((reader, self._finished), return_when=asyncio.FIRST_EXCEPTION)
            if self._finished.done():
                self._finished.result()
            fault = await reader
            statistics = await self._finished
        finally:
            reader.cancel()
            if self._timer:
                self._timer.cancel()
            if self._step:
                self._step.cancel()
            if not self._finished.done():
                self._finished.cancel()
            self._recognition.close(self._name)
            with suppress(asyncio.CancelledError, PeerError):
                await reader
        if fault:
            raise fault
        return statistics

    async def _read(self, inbound: AsyncIterator[Sequence[bytes]]) -> PeerError | None:
        fault: PeerError | None = None
        try:
            async for frames in inbound:
                self._session.receive_audio(frames, self._clock())
                self._act()
                while self._session.paused:
                    self._resumed.clear()
                    await self._resumed.wait()
        except PeerError as error:
            fault = error
            self._deliver(PeerFault(error))
        self._session.receive_end(self._clock())
        self._act()
        return fault

    def _act(self) -> None:
        """Drain the session's outputs and arm its timer anew."""
        while (output := self._session.next_output()) is not None:
            if isinstance(output, RecognitionRequested | DetectionRequested):
                self._step = asyncio.create_task(self._answer(output))
                self._step.add_done_callback(self._settled)
                continue
            self._deliver(output)
            if isinstance(output, SessionEnded) and not self._finished.done():
                self._finished.set_result(output.statistics)
        if not self._session.paused:
            self._resumed.set()
        due_at = self._session.get_timer()
        if due_at == self._timer_at:
            return
        self._timer_at = due_at
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if due_at is not None:
            delay = max(0.0, ceil(due_at / WAKE_GRID_S) * WAKE_GRID_S - self._clock())
            self._timer = self._loop.call_later(delay, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = self._timer_at = None
        try:
            self._session.handle_timer(self._clock())
            self._act()
        except Exception as error:  # noqa: BLE001 - not swallowed: `run` raises it
            self._fail(error)

    async def _answer(self, request: RecognitionRequested | DetectionRequested) -> None:
        settings = self._session.settings
        try:
            if isinstance(request, RecognitionRequested):
                heard = await self._recognition.recognize(RecognitionJob.of(self._name, settings, request))
                self._session.receive_hypotheses(heard, self._clock())
            else:
                job = DetectionJob(self._name, self._detection, request.utterances, request.due)
                found = await self._recognition.detect(job)
                self._session.receive_detections(found, self._clock())
        except Overloaded:
            self._session.receive_recognition_declined(self._clock())
        except InternalError:
            self._session.receive_recognition_lost(self._clock())
        self._act()

    def _settled(self, step: asyncio.Task[None]) -> None:
        if not step.cancelled() and (error := step.exception()):
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """A broken invariant ends the session; audio that has not left never will."""
        if not self._finished.done():
            self._finished.set_exception(error)
