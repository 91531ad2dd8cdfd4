"""The fork server: a process that loads the models once and forks every worker.

A fork takes milliseconds and shares the models' memory with its siblings. The fork server itself runs no job and holds
no speech. The server talks to it through `ForkServer`; the server is never forked: it has threads, and calls.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import recv_handle, send_handle

from gateway.asr.base import Recognizer
from gateway.core.detection import Detector, Token, Utterance
from gateway.core.policy import Policy
from gateway.core.settings import DetectionSettings
from gateway.errors import EngineError, WorkerLost
from gateway.workers.host import DetectionHost, DetectionJob, RecognitionHost
from gateway.workers.messages import Forked, Ready, Unavailable
from gateway.workers.worker import serve

START_TIMEOUT_S = 120.0
FORK_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Models:
    """How the models are built. Pickled to the fork server. `recognizer` may raise EngineError.

    `trial`: measures what a leg of a conversation costs, in CPU seconds a second.
    """

    recognizer: Callable[[], Recognizer]
    detector: Callable[[DetectionSettings], Detector]
    trial: Callable[[Recognizer, Callable[[DetectionSettings], Detector]], float]


class ForkServer:
    """The server's handle on it. One use after another: it is not asked by two tasks at once."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._process: SpawnProcess | None = None
        self._control: Connection | None = None

    async def start(self) -> Ready:
        """Start it and wait until the models are loaded. Raises EngineError when they cannot be."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=run, args=(theirs, self._models), name="forkserver", daemon=True)
        self._process, self._control = process, ours
        try:
            await asyncio.to_thread(process.start)
            theirs.close()
            try:
                reply = await asyncio.to_thread(_receive, ours, START_TIMEOUT_S)
            except (TimeoutError, EOFError, OSError):
                raise EngineError("the process that loads the models ended, or hung, before they were loaded") from None
            if isinstance(reply, Unavailable):
                raise EngineError(reply.reason)
            if not isinstance(reply, Ready):
                raise EngineError("the process that loads the models did not say that they are loaded")
            return reply
        except BaseException:
            await self.stop()
            raise

    async def fork(self) -> tuple[int, Connection]:
        """A new worker: its process, and our end of its pipe. Raises WorkerLost when the fork server is gone."""
        control, process = self._control, self._process
        if control is None or process is None or process.pid is None:
            raise WorkerLost("there is no process to fork a worker from")
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        try:
            pid = await asyncio.to_thread(_fork, control, theirs, process.pid)
        except (TimeoutError, EOFError, OSError):
            ours.close()
            raise WorkerLost("the process that forks workers is gone") from None
        finally:
            theirs.close()
        return pid, ours

    async def stop(self) -> None:
        """End it; its workers live on."""
        process, control = self._process, self._control
        self._process = self._control = None
        if control is not None:
            control.close()
        if process is not None and process.pid is not None:
            process.kill()
            await asyncio.to_thread(process.join)
            process.close()


def _receive(connection: Connection, timeout_s: float) -> object:
    if not connection.poll(timeout_s):
        raise TimeoutError
    reply: object = connection.recv()
    return reply


def _fork(control: Connection, theirs: Connection, server: int) -> int:
    control.send(None)
    send_handle(control, theirs.fileno(), server)
    reply = _receive(control, FORK_TIMEOUT_S)
    if not isinstance(reply, Forked):
        raise EOFError
    return reply.pid


def run(control: Connection, models: Models) -> None:
    """Load the models and fork a worker whenever asked, until the other end closes. The process's main function."""
    # The server decides when its workers end, also on Ctrl-C in a terminal, which signals all of them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # It sees a worker's end by the pipe; nobody asks for an exit code.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        recognition = RecognitionHost(models.recognizer())
        detection = DetectionHost(models.detector)
        detection.detect([DetectionJob("", DetectionSettings(frozenset(Policy)), (Utterance((Token("ready"),)),))])
        cost = models.trial(recognition.recognizer, models.detector)
    except EngineError as error:
        control.send(Unavailable(str(error)))
        return
    gc.collect()
    gc.freeze()
    control.send(Ready(recognition.recognizer.capabilities, cost))
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            control.recv()
            handle = recv_handle(control)
            pid = os.fork()
            if not pid:
                control.close()
                _live_as_worker(Connection(handle), recognition, detection)
            os.close(handle)
            control.send(Forked(pid))


def _live_as_worker(connection: Connection, recognition: RecognitionHost, detection: DetectionHost) -> None:
    """Be the child; never returns: what comes after the fork is its parent's business."""
    code = 1
    try:
        serve(connection, recognition, detection)
        code = 0
    finally:
        os._exit(code)
