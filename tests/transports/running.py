"""A real server on a loopback port, with a scripted recogniser, and calls to it with the `websockets` client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gateway.asr.scripted import ScriptedRecognizer, ScriptedWord
from gateway.core.detection import Detection, Finding, Utterance
from gateway.core.hypothesis import Hypothesis
from gateway.core.policy import Policy
from gateway.observe.metrics import Metrics
from gateway.pii.terms import with_terms
from gateway.transports.admission import Admission
from gateway.transports.calls import Calls
from gateway.transports.http import create_application
from gateway.transports.server import Server, bind
from gateway.transports.service import MeteredRecognition, Service
from gateway.wire.own_terms import NO_DEFAULTS, Defaults
from gateway.workers.host import DetectionJob, RecognitionHost, RecognitionJob
from gateway.workers.pool import WorkerPool

CANARY = "xylophoria"


def run(coroutine: Any) -> Any:
    """On the loop that the gateway runs on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(asyncio.wait_for(coroutine, 30))


class CanaryDetector:
    """The canary is a name, whatever surrounds it."""

    def detect(self, utterance: Utterance) -> Detection:
        findings = []
        for index, token in enumerate(utterance.tokens):
            at = token.text.lower().find(CANARY)
            if at >= 0:
                findings.append(
                    Finding(Policy.PERSON_NAME, index, index + 1, at, at + len(CANARY), confidence=1.0, rule="canary")
                )
        return Detection(tuple(findings))


@dataclass
class ScriptedRecognition:
    """Every call hears the same script."""

    scripts: dict[int, Iterable[ScriptedWord]] = field(default_factory=dict)
    ready: bool = True
    broken: bool = False

    def __post_init__(self) -> None:
        self.hosts: dict[str, RecognitionHost] = {}
        self.closed = 0

    async def recognize(self, job: RecognitionJob) -> tuple[Hypothesis, ...]:
        if self.broken:
            raise ZeroDivisionError(CANARY)
        host = self.hosts.setdefault(job.session, RecognitionHost(ScriptedRecognizer(self.scripts)))
        return host.recognize([job])[0]

    async def detect(self, job: DetectionJob) -> tuple[Detection, ...]:
        detector = with_terms(CanaryDetector(), job.settings)
        return tuple(detector.detect(utterance) for utterance in job.utterances)

    def close(self, session: str) -> None:
        self.hosts.pop(session, None)
        self.closed += 1


@dataclass
class Running:
    """The server's address, and what it is made of."""

    port: int
    service: Service
    recognition: ScriptedRecognition | WorkerPool
    server: Server

    def url(self, query: str = "policies=all", scheme: str = "ws") -> str:
        return f"{scheme}://127.0.0.1:{self.port}/v1/stream?{query}"


@asynccontextmanager
async def running(
    recognition: ScriptedRecognition | WorkerPool | None = None,
    max_calls: int = 8,
    drain_s: float = 0.0,
    tls: tuple[Path, Path] | None = None,
    ping_s: float = 20.0,
    defaults: Defaults = NO_DEFAULTS,
    admission: Admission | None = None,
) -> AsyncIterator[Running]:
    """A server, from before it listens until it has ended."""
    recognition = recognition or ScriptedRecognition()
    metrics, calls = Metrics(), Calls(max_calls, admission)
    service = Service(
        recognition=MeteredRecognition(recognition, metrics),
        calls=calls,
        metrics=metrics,
        defaults=defaults,
    )
    listener = bind("127.0.0.1", 0)
    cert, key = tls or (None, None)
    listening = asyncio.Event()
    server = Server(create_application(service), calls, drain_s, cert, key, listening.set)
    server.config.ws_ping_interval = server.config.ws_ping_timeout = ping_s
    serving = asyncio.create_task(server.serve([listener]))
    await listening.wait()
    try:
        yield Running(listener.getsockname()[1], service, recognition, server)
    finally:
        server.should_exit = True
        await serving


@dataclass
class Ended:
    """Everything a call sent, and how it closed."""

    audio: bytes
    events: list[dict[str, Any]]
    code: int | None
    reason: str

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]


async def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in the server, for at most five seconds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.005)


async def messages_of(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    """What the server sends until it closes, with whatever code."""
    with suppress(ConnectionClosed):
        async for message in socket:
            yield message


async def until_closed(socket: ClientConnection) -> Ended:
    """Read until the server closes."""
    audio, events = bytearray(), []
    async for message in messages_of(socket):
        if isinstance(message, bytes):
            audio += message
        else:
            events.append(json.loads(message))
    return Ended(bytes(audio), events, socket.close_code, socket.close_reason or "")


async def call(url: str, messages: Sequence[bytes | str], **options: Any) -> Ended:
    """Send the messages as fast as the server takes them, then read to the end."""
    async with connect(url, **options) as socket:
        reading = asyncio.create_task(until_closed(socket))
        with suppress(ConnectionClosed):
            for message in messages:
                await socket.send(message)
        return await reading


END = '{"type":"end"}'
