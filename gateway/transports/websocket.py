"""The raw WebSocket: one call on one connection (docs/websocket.md).

A call has two tasks. The session's task reads the peer and never waits for it to read; the writer's task empties the
outbound buffer. The call is over when the session has ended and all is written, or at once when the peer is gone or
does not read.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final
from uuid import uuid4

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.core.events import AudioReleased, DetectionRequested, RecognitionRequested, RedactionDecided
from gateway.core.session import Session
from gateway.core.settings import Pace, SessionSettings
from gateway.errors import GatewayError, InternalError, SlowReader, Unavailable
from gateway.observe.log import get_logger, place_of
from gateway.observe.metrics import Outcome
from gateway.runtime.live import Delivery, LiveSession, PeerFault
from gateway.transports.outbound import Message, Outbound
from gateway.transports.protocol import CONNECTION, CallConnection
from gateway.transports.service import Service
from gateway.wire.options import parse_options
from gateway.wire.raw import (
    EMPTY_MESSAGE,
    AudioReceived,
    EmptyReceived,
    EndReceived,
    RawCodec,
    Received,
    close_reason,
    public_message,
)

MAX_DISCARDED: Final = 1000
"""So many messages of a peer that is no longer listened to are read; then it has to wait."""
_NOT_SENT: Final = (WebSocketDisconnect, RuntimeError)
"""What sending raises when the peer has gone, and when uvicorn has closed the connection by itself."""
NORMAL_CLOSE: Final = 1000
SERVICE_RESTART: Final = 1012
"""What uvicorn tells a call that outlives the shutdown."""
BUFFER_MS: Final = 500
"""The media in each of the buffers between a live call and its peer."""
MIN_BUFFER_BYTES: Final = 16 << 10
ELASTIC_BUFFER_BYTES: Final = 64 << 10


def error_body(error: GatewayError) -> dict[str, dict[str, str]]:
    """What HTTP answers say about an error."""
    return {"error": {"code": error.code, "message": public_message(error)}}


def error_response(error: GatewayError) -> JSONResponse:
    """The HTTP answer to an error."""
    headers = {"retry-after": str(error.retry_after_s)} if isinstance(error, Unavailable) else None
    return JSONResponse(error_body(error), error.http_status, headers)


async def handle_stream(websocket: WebSocket, service: Service) -> None:
    """Answer `GET /v1/stream`: refuse it with JSON before the upgrade, or run the call to its end."""
    with contextlib.ExitStack() as place:
        try:
            settings = parse_options(websocket.scope["query_string"].decode("latin-1"), service.defaults)
            place.enter_context(service.calls.admit(settings.live_load))
            if not service.recognition.ready:
                raise Unavailable("the speech recogniser is being started; try again in a moment")
        except GatewayError as error:
            service.metrics.call_refused(error.code)
            get_logger().info("call_refused", code=error.code, status=error.http_status)
            await websocket.send_denial_response(error_response(error))
            return
        await websocket.accept()
        await Call(websocket, settings, service).run()


class Call:
    """One call, from `begin` to the close frame."""

    def __init__(self, websocket: WebSocket, settings: SessionSettings, service: Service) -> None:
        self._websocket = websocket
        self._settings = settings
        self._service = service
        self._name = uuid4().hex
        self._codec = RawCodec(settings)
        self._session = Session(settings)
        self._outbound = Outbound(live=settings.pace is Pace.REALTIME)
        self._gone: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._discarding: asyncio.Task[None] | None = None
        self._echo = service.verification.choose(self._name, settings) if service.verification else None
        connection: CallConnection | None = websocket.scope.get("extensions", {}).get(CONNECTION)
        self._connection = connection

    async def run(self) -> None:
        """Returns when the peer was told the end, or is gone. Everything the call held is free then."""
        self._announce()
        live = LiveSession(self._session, self._service.recognition, self._deliver)
        session = asyncio.create_task(live.run(self._inbound()))
        writer = asyncio.create_task(self._write())
        overrun = asyncio.create_task(self._outbound.overrun.wait())
        watched = (overrun, self._gone)
        outcome = Outcome.INTERNAL
        try:
            await asyncio.wait((session, *watched), return_when=asyncio.FIRST_COMPLETED)
            outcome, error = self._ended_how(session)
            if session.done():
                self._outbound.close()
                await asyncio.wait((writer, *watched), return_when=asyncio.FIRST_COMPLETED)
            if self._gone.done():
                outcome = self._gone.result()
            elif overrun.done():
                outcome = Outcome.SLOW_READER
                await self._give_up_on_slow_reader(writer)
            else:
                await self._close(error)
        finally:
            tasks = [session, writer, overrun, *([self._discarding] if self._discarding else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._tell(outcome)

    def _announce(self) -> None:
        settings = self._settings
        if self._connection:
            bytes_per_ms = settings.encoding.bytes_per_sample * settings.channels * settings.sample_rate / 1000
            least = MIN_BUFFER_BYTES if settings.pace is Pace.REALTIME else ELASTIC_BUFFER_BYTES
            self._connection.bound_output(max(least, int(BUFFER_MS * bytes_per_ms)))
        self._service.metrics.call_began()
        get_logger().info(
            "call_began",
            session=self._name,
            encoding=settings.encoding.value,
            sample_rate=settings.sample_rate,
            channels=settings.channels,
            policies=len(settings.policies),
            lookahead_ms=settings.lookahead_ms,
            pace=settings.pace.value,
        )
        self._outbound.put(self._codec.begin(self._name))

    async def _inbound(self) -> AsyncIterator[tuple[bytes, ...]]:
        """The peer's audio until its end. Raises the PeerError of the first message that is wrong."""
        while True:
            await self._outbound.wait_low()
            message = await self._receive()
            data, text = message.get("bytes"), message.get("text")
            received: Received
            if isinstance(data, bytes):
                received = self._codec.receive_binary(data)
            else:
                received = self._codec.receive_text(text if isinstance(text, str) else "")
            match received:
                case AudioReceived(frames):
                    samples = sum(map(len, frames)) // self._settings.encoding.bytes_per_sample
                    self._service.metrics.audio_received(samples / self._settings.sample_rate)
                    yield frames
                case EmptyReceived():
                    self._outbound.put(self._codec.send(EMPTY_MESSAGE))
                case EndReceived():
                    self._stop_listening()
                    return

    async def _receive(self) -> dict[str, object]:
        """The next message; never returns when the peer is gone."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            code = message.get("code")
            self._peer_left(_outcome_of_close(code if isinstance(code, int) else None))
            await asyncio.get_running_loop().create_future()
        return dict(message)

    def _stop_listening(self) -> None:
        """What still comes is dropped, and soon not even read: only the end of the connection is of interest."""

        async def discard() -> None:
            for _ in range(MAX_DISCARDED):
                await self._receive()

        self._discarding = asyncio.create_task(discard())

    def _deliver(self, output: Delivery) -> None:
        match output:
            case PeerFault(error):
                self._outbound.put(self._codec.error(error))
                self._stop_listening()
            case AudioReleased():
                if self._echo:
                    self._echo.take(output.frames)
                self._outbound.put(self._codec.send(output), self._ms(len(output.span)))
            case RecognitionRequested() | DetectionRequested():
                raise AssertionError("requests are the driver's")
            case _:
                if isinstance(output, RedactionDecided):
                    seconds = self._ms(len(output.span)) / 1000
                    self._service.metrics.covered(output.policy, output.verdict, seconds)
                self._outbound.put(self._codec.send(output))

    def _ms(self, samples: int) -> float:
        return samples * 1000 / self._settings.sample_rate

    async def _write(self) -> None:
        async def send(message: Message) -> None:
            if isinstance(message, bytes):
                await self._websocket.send_bytes(message)
            else:
                await self._websocket.send_text(message)

        try:
            await self._outbound.run(send)
        except _NOT_SENT:
            self._peer_left(Outcome.PEER_GONE)

    def _peer_left(self, outcome: Outcome) -> None:
        if not self._gone.done():
            self._gone.set_result(outcome)

    def _ended_how(self, session: asyncio.Task[object]) -> tuple[Outcome, GatewayError | None]:
        """How the session's task ended; an error is the peer's fault, or ours."""
        if not session.done():
            return Outcome.INTERNAL, None
        error = session.exception()
        if error is None:
            return Outcome.COMPLETED, None
        if isinstance(error, GatewayError) and not isinstance(error, InternalError):
            return Outcome.PEER_FAULT, error
        get_logger().error("call_failed", session=self._name, **place_of(error))
        ours = InternalError()
        self._outbound.put(self._codec.error(ours))
        return Outcome.INTERNAL, ours

    async def _give_up_on_slow_reader(self, writer: asyncio.Task[None]) -> None:
        error = SlowReader(
            "the audio and captions of this call are not read as fast as they leave; the call ends, and what was not "
            "read is dropped"
        )
        writer.cancel()
        await asyncio.wait((writer,))
        if self._connection:
            self._connection.stop_waiting()
        with contextlib.suppress(*_NOT_SENT):
            await self._websocket.send_text(self._codec.error(error))
        await self._close(error)

    async def _close(self, error: GatewayError | None) -> None:
        code, reason = (error.close_code, close_reason(error)) if error else (NORMAL_CLOSE, "")
        with contextlib.suppress(*_NOT_SENT):
            await self._websocket.close(code, reason)

    def _tell(self, outcome: Outcome) -> None:
        if self._echo:
            self._echo.end()
        statistics = self._session.statistics()
        self._service.metrics.call_ended(outcome, statistics)
        get_logger().info(
            "call_ended",
            session=self._name,
            outcome=outcome.value,
            audio_ms=statistics.audio_ms,
            redacted_ms=statistics.redacted_ms,
            covered_late_ms=statistics.covered_late_ms,
            overdue_ms=statistics.overdue_ms,
            steps=statistics.steps,
            relaxed_steps=statistics.relaxed_steps,
            skipped_steps=statistics.skipped_steps,
            lost_recognitions=statistics.lost_recognitions,
        )


def _outcome_of_close(code: int | None) -> Outcome:
    """Why a connection ended before its call: uvicorn's codes for what it refused itself, else the peer left."""
    if code == SERVICE_RESTART:
        return Outcome.SHUTDOWN
    return Outcome.PEER_FAULT if code in (1002, 1007, 1009) else Outcome.PEER_GONE
