"""The fork server: a process that loads the models once and forks every worker.

A fork takes milliseconds and shares the models' memory with its siblings. The fork server itself runs no job and holds
no speech. The server talks to it through `ForkServer`; the server is never forked: it has threads, and calls.

Models on a GPU cannot be forked (`Models.forkable`). Then every worker loads its own after the fork, and the fork
server loads none: what they can do and cost is tried out at the start in a child that ends.
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

    `trial`: measures what a leg of a conversation costs, in CPU seconds a second. `forkable`: whether a process that
    was forked can use what was loaded before; else each worker loads its own.
    """

    recognizer: Callable[[], Recognizer]
    detector: Callable[[DetectionSettings], Detector]
    trial: Callable[[Recognizer, Callable[[DetectionSettings], Detector]], float]
    forkable: bool = True


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
        """A new worker, its models loaded: its process, and our end of its pipe.

        Raises WorkerLost when the fork server is gone, EngineError when the worker could not load its models.
        """
        control, process = self._control, self._process
        if control is None or process is None or process.pid is None:
            raise WorkerLost("there is no process to fork a worker from")
        timeout_s = FORK_TIMEOUT_S if self._models.forkable else START_TIMEOUT_S
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        try:
            pid = await asyncio.to_thread(_fork, control, theirs, process.pid, timeout_s)
        except (TimeoutError, EOFError, OSError):
            ours.close()
            raise WorkerLost("the process that forks workers is gone") from None
        except EngineError:
            ours.close()
            raise
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


def _fork(control: Connection, theirs: Connection, server: int, timeout_s: float) -> int:
    control.send(None)
    send_handle(control, theirs.fileno(), server)
    reply = _receive(control, timeout_s)
    if isinstance(reply, Unavailable):
        raise EngineError(reply.reason)
    if not isinstance(reply, Forked):
        raise EOFError
    return reply.pid


class _Loaded:
    """The models of this process. Raises EngineError when they cannot be loaded."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self.recognition = RecognitionHost(models.recognizer())
        self.detection = DetectionHost(models.detector)
        settings = DetectionSettings(frozenset(Policy))
        self.detection.detect([DetectionJob("", settings, (Utterance((Token("ready"),)),))])

    def tried(self) -> Ready:
        """What they can do, and what a leg costs."""
        recognizer = self.recognition.recognizer
        return Ready(recognizer.capabilities, self._models.trial(recognizer, self._models.detector))


def run(control: Connection, models: Models) -> None:
    """Load the models and fork a worker whenever asked, until the other end closes. The process's main function."""
    # The server decides when its workers end: a terminal's Ctrl-C and a service manager's SIGTERM signal all of them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # It sees a worker's end by the pipe; nobody asks for an exit code.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    loaded: _Loaded | None = None
    try:
        if models.forkable:
            loaded = _Loaded(models)
            ready = loaded.tried()
        else:
            ready = _tried_in_a_child(models)
    except EngineError as error:
        control.send(Unavailable(str(error)))
        return
    _keep_all()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        control.send(ready)
        while True:
            control.recv()
            handle = recv_handle(control)
            up, says_up = multiprocessing.Pipe(duplex=False)
            pid = os.fork()
            if not pid:
                control.close()
                up.close()
                _live_as_worker(Connection(handle), loaded, models, says_up)
            os.close(handle)
            says_up.close()
            with up:
                # Its end without a word: it could not load its models.
                control.send(Forked(pid) if _said(up) else Unavailable("a worker could not load its models"))


def _keep_all() -> None:
    """What is loaded by now stays: it is not looked through for garbage any more, nor copied for that."""
    gc.collect()
    gc.freeze()


def _said(connection: Connection) -> object:
    """What the other end says; None when it ends without."""
    try:
        said: object = connection.recv()
    except EOFError:
        return None
    return said


def _tried_in_a_child(models: Models) -> Ready:
    """Load the models in a process that ends thereafter. Raises EngineError when they cannot be loaded."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    if not os.fork():
        code = 1
        try:
            try:
                theirs.send(_Loaded(models).tried())
            except EngineError as error:
                theirs.send(Unavailable(str(error)))
            code = 0
        finally:
            os._exit(code)
    theirs.close()
    with ours:
        said = _said(ours)
    if isinstance(said, Ready):
        return said
    raise EngineError(said.reason if isinstance(said, Unavailable) else "a process ended while it loaded the models")


def _live_as_worker(connection: Connection, loaded: _Loaded | None, models: Models, says_up: Connection) -> None:
    """Be the child; never returns: what comes after the fork is its parent's business."""
    code = 1
    try:
        if loaded is None:
            loaded = _Loaded(models)
            # What a GPU does for the first time takes seconds, in which a worker with calls would pass for hung.
            loaded.tried()
            _keep_all()
        says_up.send(True)
        says_up.close()
        serve(connection, loaded.recognition, loaded.detection)
        code = 0
    finally:
        os._exit(code)
