"""The worker's side: a process that holds the model and answers jobs, as many at once as are waiting."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TypeAlias

from gateway.asr.base import Capabilities, Recognizer
from gateway.core.detection import Detection, Detector, Token, Utterance
from gateway.core.hypothesis import Hypothesis
from gateway.core.policy import Policy
from gateway.core.settings import DetectionSettings
from gateway.errors import EngineError
from gateway.workers.host import DetectionHost, DetectionJob, RecognitionHost, RecognitionJob


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is loaded."""

    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The model cannot be loaded; `reason` is for the operator."""

    reason: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job, numbered by the client."""

    number: int
    job: RecognitionJob | DetectionJob


@dataclass(frozen=True, slots=True)
class Closed:
    """A session is over."""

    session: str


Answer: TypeAlias = tuple[Hypothesis, ...] | tuple[Detection, ...]
"""What was heard, or what was found, in each leg."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a job."""

    number: int
    answer: Answer


STREAMS_LOST = "StreamsLost"
"""The error of a job whose session began in a worker that is gone."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A job failed; after a recognition job the streams are gone. `error` is the type's name, never its text."""

    number: int
    error: str


Request: TypeAlias = Submitted | Closed
Reply: TypeAlias = Ready | Unavailable | Answered | Failed


@dataclass(frozen=True, slots=True)
class Models:
    """How a worker builds what it holds. Pickled to it. `recognizer` may raise EngineError."""

    recognizer: Callable[[], Recognizer]
    detector: Callable[[DetectionSettings], Detector]


def serve(connection: Connection, models: Models) -> None:
    """Load the models and answer until the other end closes. Runs as the main function of the process."""
    # The parent decides when the worker ends, also on Ctrl-C in a terminal, which signals both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        recognizer = models.recognizer()
        detection = DetectionHost(models.detector)
        detection.detect(DetectionJob(DetectionSettings(frozenset(Policy)), (Utterance((Token("ready"),)),)))
    except EngineError as error:
        connection.send(Unavailable(str(error)))
        return
    host = RecognitionHost(recognizer)
    gc.freeze()
    connection.send(Ready(recognizer.capabilities))
    try:
        while True:
            _answer(connection, host, detection, _waiting(connection, recognizer.capabilities.batch))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _waiting(connection: Connection, most: int) -> list[Request]:
    """Block for a request, then take what else is already there, up to `most` jobs."""
    requests: list[Request] = [connection.recv()]
    jobs = 1
    while jobs < most and connection.poll():
        requests.append(connection.recv())
        jobs += isinstance(requests[-1], Submitted)
    return requests


def _answer(connection: Connection, host: RecognitionHost, detection: DetectionHost, requests: list[Request]) -> None:
    answerable: list[tuple[int, RecognitionJob]] = []
    for request in requests:
        match request:
            case Submitted(number, DetectionJob() as job):
                # The second half of a step: its audio is due before that of any step that begins now.
                _detect(connection, detection, number, job)
            case Submitted(number, RecognitionJob() as job) if host.answerable(job):
                answerable.append((number, job))
            case Submitted(number, _):
                connection.send(Failed(number, STREAMS_LOST))
            case Closed():
                pass
    if answerable:
        _recognize(connection, host, answerable)
    for request in requests:
        if isinstance(request, Closed):
            host.close(request.session)


def _detect(connection: Connection, detection: DetectionHost, number: int, job: DetectionJob) -> None:
    try:
        found = detection.detect(job)
    except Exception as error:  # noqa: BLE001 - told to the waiting session, whose audio then leaves covered
        connection.send(Failed(number, type(error).__name__))
        return
    connection.send(Answered(number, found))


def _recognize(connection: Connection, host: RecognitionHost, jobs: list[tuple[int, RecognitionJob]]) -> None:
    try:
        results = host.recognize([job for _, job in jobs])
    except Exception as error:  # noqa: BLE001 - told to every waiting session, whose audio then leaves covered
        for number, job in jobs:
            host.close(job.session)
            connection.send(Failed(number, type(error).__name__))
        return
    for (number, _), hypotheses in zip(jobs, results, strict=True):
        connection.send(Answered(number, hypotheses))
