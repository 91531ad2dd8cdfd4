"""Plays a recording to a gateway in real time over the raw WebSocket protocol, and keeps all that comes back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.core.policy import Policy
from gateway.core.settings import SessionSettings
from gateway.evaluation.caption_scoring import ShownCaption, ShownWord
from gateway.evaluation.figures import CoveredSpan
from gateway.evaluation.labels import Samples
from gateway.evaluation.results import Outcome
from gateway.wire.options import query_of

MESSAGE_MS = 20
DELAY_GRID_MS = 10
"""The added delay is taken for one sample in so many milliseconds."""


@dataclass(slots=True)
class LiveRecording:
    """All that came back. Times are in seconds from the sending of the first sample.

    `sent` and `received`: after each message, how many samples went or came so far, and when. `done` is the statistics
    of the last message, `faults` the codes of warnings and errors, `close_code` how the connection ended.
    """

    samples_sent: int
    channels: int
    sample_rate: int
    sent: list[tuple[int, float]] = field(default_factory=list)
    received: list[tuple[int, float]] = field(default_factory=list)
    audio: bytearray = field(default_factory=bytearray, repr=False)
    redactions: list[CoveredSpan] = field(default_factory=list)
    captions: list[ShownCaption] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    done: dict[str, Any] | None = None
    close_code: int | None = None

    @property
    def outcome(self) -> Outcome:
        """What came back, to be scored; no audio when it is not as long as what was sent."""
        whole = len(self.audio) == self.samples_sent * self.channels * 2
        audio = np.frombuffer(bytes(self.audio), dtype="<i2").reshape(-1, self.channels) if whole else None
        return Outcome(None if audio is None else audio.astype(np.int16), tuple(self.redactions), tuple(self.captions))

    def added_delays_ms(self) -> list[float]:
        """For one sample in DELAY_GRID_MS: when it came back minus when it was sent, as long as audio was going out."""
        step = self.sample_rate * DELAY_GRID_MS // 1000
        positions = np.arange(0, min(self.samples_sent, len(self.audio) // (2 * self.channels)), step)
        delays = _times_of(positions, self.received) - _times_of(positions, self.sent)
        return [1000.0 * float(delay) for delay in delays]


def _times_of(positions: NDArray[np.int64], log: Sequence[tuple[int, float]]) -> NDArray[np.float64]:
    """When the message that holds each sample went or came. No position lies past the log."""
    if not log:
        return np.zeros(0)
    until = np.array([position for position, _ in log])
    at = np.array([seconds for _, seconds in log])
    return at[np.searchsorted(until, positions, side="right")]


def stream_url(base: str, settings: SessionSettings) -> str:
    """The address of a call with these settings; `base` is ws://HOST:PORT."""
    return f"{base.rstrip('/')}/v1/stream?{query_of(settings)}"


async def play(base: str, samples: Samples, settings: SessionSettings) -> LiveRecording:
    """Play PCM16 [samples, legs] at the pace at which it would be spoken, and wait until everything came back.

    Raises OSError when there is no gateway; that it refuses the call, and later faults, are in the result.
    """
    recording = LiveRecording(len(samples), settings.channels, settings.sample_rate)
    try:
        connection = await connect(stream_url(base, settings), max_size=None, compression=None)
    except InvalidStatus as refusal:
        recording.faults.append(f"refused_{refusal.response.status_code}")
        return recording
    async with connection:
        started = time.monotonic()
        sender = asyncio.create_task(_send(connection, samples, recording, started))
        try:
            async for message in connection:
                _keep(message, recording, time.monotonic() - started)
        except ConnectionClosed:
            recording.faults.append("connection_closed")
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        recording.close_code = connection.close_code
    return recording


async def _send(connection: ClientConnection, samples: Samples, recording: LiveRecording, started: float) -> None:
    size = recording.sample_rate * MESSAGE_MS // 1000
    for number, first in enumerate(range(0, len(samples), size)):
        await asyncio.sleep(max(0.0, started + number * MESSAGE_MS / 1000 - time.monotonic()))
        piece = samples[first : first + size]
        recording.sent.append((first + len(piece), time.monotonic() - started))
        await connection.send(piece.astype("<i2").tobytes())
    await connection.send(json.dumps({"type": "end"}))


def _keep(message: str | bytes, recording: LiveRecording, at: float) -> None:
    if isinstance(message, bytes):
        recording.audio += message
        recording.received.append((len(recording.audio) // (2 * recording.channels), at))
        return
    row = json.loads(message)
    match row["type"]:
        case "caption":
            words = tuple(ShownWord(word["text"], word["start_ms"], word["end_ms"]) for word in row["words"])
            recording.captions.append(ShownCaption(row["leg"], row["turn"], row["revision"], words, at * 1000))
        case "redaction":
            policy = Policy(row["policy"]) if row["policy"] else None
            recording.redactions.append(CoveredSpan(row["leg"], row["start_ms"], row["end_ms"], policy))
        case "warning" | "error":
            recording.faults.append(row["code"])
        case "done":
            recording.done = row["statistics"]
        case _:
            pass
