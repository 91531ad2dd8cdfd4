"""A worker: a process, forked with the models in memory, that answers its sessions' jobs in the scheduler's order.

It runs one thread: what waits in the pipe is read between batches. It works at a lower priority than the server, whose
event loop has audio to release; a step may take a little longer, a deadline may not.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

import psutil

from gateway.core.settings import DetectionSettings
from gateway.workers.host import DetectionHost, DetectionJob, RecognitionHost, RecognitionJob
from gateway.workers.messages import (
    STREAMS_LOST,
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
from gateway.workers.scheduler import Kind, Scheduler, Task

NICENESS = 5
BEAT_S = 0.5
"""At least so often the server hears from a worker that is not in the middle of a batch."""
LEGS_DETECTED_TOGETHER = 8
"""More at once cost no less for each, and the others wait longer."""
FOLLOW_UP_S = 0.004
"""After words are told their sessions ask at once what in them is personal. A worker that went on without waiting for
that would make them wait for a whole batch of others.
"""
PATIENCE_S = 10.0
"""What nobody waits for live is due so long after it came."""


def serve(connection: Connection, recognition: RecognitionHost, detection: DetectionHost) -> None:
    """Answer until the other end closes."""
    os.nice(NICENESS)
    try:
        worker = _Worker(connection, recognition, detection)
        while True:
            worker.turn()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        connection.send([Broken(type(error).__name__)])
        raise


class _Worker:
    def __init__(self, connection: Connection, recognition: RecognitionHost, detection: DetectionHost) -> None:
        self._connection = connection
        self._recognition = recognition
        self._detection = detection
        batches = {Kind.RECOGNITION: recognition.recognizer.capabilities.batch, Kind.DETECTION: LEGS_DETECTED_TOGETHER}
        self._scheduler = Scheduler(batches)
        self._jobs: dict[int, RecognitionJob | DetectionJob] = {}
        self._came: dict[int, float] = {}
        self._settings: dict[str, DetectionSettings] = {}
        self._suspects: set[tuple[str, type]] = set()
        self._followed_up: set[str] = set()
        self._process = psutil.Process()
        self._busy = 0.0
        self._late = self._steps = self._close_steps = 0
        self._beat_at = 0.0

    def turn(self) -> None:
        """Read what has come, do one batch, and give a sign of life when it is time."""
        replies: list[Reply] = []
        follow_up_by = time.monotonic() + FOLLOW_UP_S
        while self._connection.poll(self._patience(follow_up_by)):
            request: Request = self._connection.recv()
            replies += self._receive(request)
        self._followed_up.clear()
        began_at = time.monotonic()
        for task in self._scheduler.decline(began_at):
            del self._jobs[task.number], self._came[task.number]
            self._late += 1
            replies.append(Declined(task.number))
        batch = self._scheduler.take(began_at)
        if batch:
            replies += self._do(batch)
            ended_at = time.monotonic()
            self._scheduler.took(batch, ended_at - began_at, ended_at)
            live = sum(task.size for task in batch if task.live) / sum(task.size for task in batch)
            self._busy += (ended_at - began_at) * live
            self._late += sum(ended_at > task.due for task in batch if task.live)
            steps = [task for task in batch if task.live and task.kind is Kind.RECOGNITION]
            self._steps += len(steps)
            self._close_steps += sum(ended_at - self._came[task.number] > (task.due - ended_at) for task in steps)
            for task in batch:
                del self._came[task.number]
        now = time.monotonic()
        if now - self._beat_at >= BEAT_S:
            self._beat_at = now
            memory = self._process.memory_info().rss
            replies.append(Beat(self._busy, self._late, self._steps, self._close_steps, memory))
        if replies:
            self._connection.send(replies)

    def _patience(self, follow_up_by: float) -> float:
        """How long to wait for the next request."""
        if self._followed_up:
            return max(0.0, follow_up_by - time.monotonic())
        return 0.0 if len(self._scheduler) else BEAT_S

    def _receive(self, request: Request) -> Sequence[Reply]:
        match request:
            case Closed(session):
                dropped = self._scheduler.drop(session)
                if dropped is not None:
                    del self._jobs[dropped.number], self._came[dropped.number]
                self._recognition.close(session)
                self._settings.pop(session, None)
                self._suspects = {suspect for suspect in self._suspects if suspect[0] != session}
            case SubmittedAgain(number, session, utterances, due):
                self._queue(number, DetectionJob(session, self._settings[session], utterances, due))
            case Submitted(number, RecognitionJob() as job):
                if not self._recognition.answerable(job):
                    return [Failed(number, STREAMS_LOST)]
                self._queue(number, job)
            case Submitted(number, DetectionJob() as job):
                self._settings[job.session] = job.settings
                self._queue(number, job)
        return []

    def _queue(self, number: int, job: RecognitionJob | DetectionJob) -> None:
        self._followed_up.discard(job.session)
        kind = Kind.RECOGNITION if isinstance(job, RecognitionJob) else Kind.DETECTION
        now = time.monotonic()
        due = now + PATIENCE_S if job.due is None else job.due
        self._jobs[number], self._came[number] = job, now
        alone = (job.session, type(job)) in self._suspects
        self._scheduler.submit(Task(number, job.session, kind, job.legs, due, job.due is not None, alone))

    def _do(self, batch: Sequence[Task]) -> list[Reply]:
        jobs = [self._jobs.pop(task.number) for task in batch]
        recognitions = [job for job in jobs if isinstance(job, RecognitionJob)]
        detections = [job for job in jobs if isinstance(job, DetectionJob)]
        try:
            answers: list[Answer] = [
                *self._recognition.recognize(recognitions),
                *self._detection.detect(detections),
            ]
        except Exception as error:  # noqa: BLE001 - told to the waiting sessions, whose audio then leaves covered
            for job in recognitions:
                self._recognition.close(job.session)
            if len(batch) > 1:
                # One of them did it; next time each is on its own.
                self._suspects.update((job.session, type(job)) for job in jobs)
            return [Failed(task.number, type(error).__name__) for task in batch]
        self._suspects.difference_update((job.session, type(job)) for job in jobs)
        self._followed_up.update(job.session for job in recognitions)
        return [Answered(task.number, answer) for task, answer in zip(batch, answers, strict=True)]
