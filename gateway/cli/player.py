"""A client of the gateway: plays a file into a call at the pace it is spoken, and hands on what comes back."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, urlsplit, urlunsplit

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from gateway.core.settings import SessionSettings
from gateway.errors import GatewayError, MediaError, OptionError
from gateway.files.decode import MediaFile, read_media
from gateway.wire.options import CHANNELS, SAMPLE_RATES, query_of

FRAME_MS: Final = 20
STREAM_PATH: Final = "/v1/stream"
MAX_QUERY_CHARS: Final = 7_500
"""Servers and proxies take a request line of 8 KiB."""
_RESTARTING: Final = 1012
Event: TypeAlias = Mapping[str, Any]


class CallFailed(GatewayError):
    """The call could not be made, or was ended by the server."""

    code = "call_failed"


@dataclass(frozen=True, slots=True)
class Handlers:
    """Who is told what comes back."""

    event: Callable[[Event], None]
    audio: Callable[[bytes], None]


@dataclass(slots=True)
class Playback:
    """A file as it is played: PCM16 at a rate the gateway takes."""

    media: MediaFile
    rate: int = field(init=False)

    def __post_init__(self) -> None:
        self.rate = min((rate for rate in SAMPLE_RATES if rate >= self.media.rate), default=SAMPLE_RATES[-1])

    def frames(self) -> Iterator[bytes]:
        """Interleaved PCM16, `FRAME_MS` each, the last one shorter."""
        size = self.rate * FRAME_MS // 1000
        held = np.empty((0, self.media.channels), dtype=np.int16)
        for block in self._blocks():
            held = np.concatenate((held, block))
            whole = len(held) // size * size
            for start in range(0, whole, size):
                yield held[start : start + size].tobytes()
            held = held[whole:]
        if len(held):
            yield held.tobytes()

    def _blocks(self) -> Iterator[NDArray[np.int16]]:
        if self.rate == self.media.rate:
            yield from self.media.blocks()
            return
        import soxr

        resampler = soxr.ResampleStream(self.media.rate, self.rate, self.media.channels, dtype="int16")
        empty = np.empty((0, self.media.channels), dtype=np.int16)
        for block in self.media.blocks():
            yield resampler.resample_chunk(block).reshape(-1, self.media.channels)
        yield resampler.resample_chunk(empty, last=True).reshape(-1, self.media.channels)


def open_playback(path: Path) -> Playback:
    """Open a file to be played. Raises MediaError."""
    media = read_media(path)
    if media.channels not in CHANNELS:
        raise MediaError(f"{path}: has {media.channels} channels; a call has 1 or 2")
    return Playback(media)


def stream_address(url: str, settings: SessionSettings) -> str:
    """The address of the call. Raises OptionError for a URL that is not one of a WebSocket."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise OptionError(f"--url: {url!a} is not the address of a gateway; like ws://127.0.0.1:8080 or wss://host")
    path = parts.path if parts.path not in ("", "/") else STREAM_PATH
    query = query_of(settings)
    if len(query) > MAX_QUERY_CHARS:
        raise OptionError(
            "--deny, --allow: so many terms do not fit into the address of a call; give them to the gateway: "
            "serve --deny-file FILE --allow-file FILE"
        )
    return urlunsplit(SplitResult(parts.scheme, parts.netloc, path, query, ""))


async def play(playback: Playback, address: str, trusted: ssl.SSLContext | None, handlers: Handlers) -> None:
    """Make the call. Returns when it has ended well.

    Raises CallFailed, with what to do, when the server cannot be reached, refuses the call or ends it early.
    """
    try:
        # The library waits long for a proxy named in the environment to be found useless on loopback.
        socket = await connect(address, ssl=trusted, compression=None, max_size=None, proxy=None)
    except InvalidStatus as refused:
        raise CallFailed(_refusal(refused)) from None
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or "no TLS there"
        raise CallFailed(
            f"the server's certificate was not accepted ({reason}); name who signed it with --ca FILE, or use ws://"
        ) from None
    except (OSError, TimeoutError):
        where = urlsplit(address)
        raise CallFailed(
            f"nothing answers at {where.scheme}://{where.netloc}; start a gateway with: redaction-gateway serve"
        ) from None
    except (InvalidHandshake, InvalidURI, EOFError):
        raise CallFailed("what answers there is not a gateway, or one that wants wss:// instead of ws://") from None
    async with socket:
        sending = asyncio.create_task(_send(socket, playback))
        try:
            await _receive(socket, handlers)
            await sending
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await sending


async def _send(socket: ClientConnection, playback: Playback) -> None:
    """Each frame leaves when it has been spoken."""
    began_at = time.monotonic()
    spoken = 0
    frame_bytes = 2 * playback.media.channels
    with suppress(ConnectionClosed):
        for frame in playback.frames():
            spoken += len(frame) // frame_bytes
            await asyncio.sleep(began_at + spoken / playback.rate - time.monotonic())
            await socket.send(frame)
        await socket.send(json.dumps({"type": "end"}))


async def _receive(socket: ClientConnection, handlers: Handlers) -> None:
    failure: Event | None = None
    done = False
    with suppress(ConnectionClosed):
        async for message in socket:
            if isinstance(message, bytes):
                handlers.audio(message)
                continue
            event = json.loads(message)
            done = done or event["type"] == "done"
            failure = event if event["type"] == "error" else failure
            handlers.event(event)
    if failure:
        raise CallFailed(f"the server ended the call: {failure['message']} ({failure['code']})")
    if not done and socket.close_code == _RESTARTING:
        raise CallFailed("the server was shut down before the call had ended")
    if not done:
        code = f"{socket.close_code} {socket.close_reason or ''}".strip()
        raise CallFailed(f"the connection was lost before the call had ended (close code {code})")


def _refusal(refused: InvalidStatus) -> str:
    response = refused.response
    try:
        message = json.loads(response.body or b"")["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = "what answers there is not a gateway"
    return f"the server refused the call ({response.status_code}): {message}"
