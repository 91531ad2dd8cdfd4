"""The worker's side: a process that holds the model and answers jobs, as many at once as are waiting."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TypeAlias

from gateway.asr.base import Capabilities, Recognizer
from gateway.core.hypothesis import Hypothesis
from gateway.errors import EngineError
from gateway.workers.host import RecognitionHost, RecognitionJob


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
    job: RecognitionJob


@dataclass(frozen=True, slots=True)
class Closed:
    """A session is over."""

    session: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a job."""

    number: int
    hypotheses: tuple[Hypothesis, ...]


STREAMS_LOST = "StreamsLost"
"""The error of a job whose session began in a worker that is gone."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The recogniser failed on a job; its session's streams are gone. `error` is the type's name, never its text."""

    number: int
    error: str


Request: TypeAlias = Submitted | Closed
Reply: TypeAlias = Ready | Unavailable | Answered | Failed


def serve(connection: Connection, create: Callable[[], Recognizer]) -> None:
    """Load the recogniser and answer until the other end closes. Runs as the main function of the process."""
    # The parent decides when the worker ends, also on Ctrl-C in a terminal, which signals both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        recognizer = create()
    except EngineError as error:
        connection.send(Unavailable(str(error)))
        return
    host = RecognitionHost(recognizer)
    gc.freeze()
    connection.send(Ready(recognizer.capabilities))
    try:
        while True:
            _answer(connection, host, _waiting(connection, recognizer.capabilities.batch))
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


def _answer(connection: Connection, host: RecognitionHost, requests: list[Request]) -> None:
    answerable: list[Submitted] = []
    for request in requests:
        if isinstance(request, Submitted):
            if host.answerable(request.job):
                answerable.append(request)
            else:
                connection.send(Failed(request.number, STREAMS_LOST))
    if answerable:
        _recognize(connection, host, answerable)
    for request in requests:
        if isinstance(request, Closed):
            host.close(request.session)


def _recognize(connection: Connection, host: RecognitionHost, submitted: list[Submitted]) -> None:
    try:
        results = host.recognize([request.job for request in submitted])
    except Exception as error:  # noqa: BLE001 - told to every waiting session, whose audio then leaves covered
        for request in submitted:
            host.close(request.job.session)
            connection.send(Failed(request.number, type(error).__name__))
        return
    for request, hypotheses in zip(submitted, results, strict=True):
        connection.send(Answered(request.number, hypotheses))
