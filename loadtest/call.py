"""One call of the load test: speaks a conversation at its pace, hears what comes back, and keeps what is measured.

Audio that came back as it was sent is only counted; what differs is kept for the scorer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from gateway.core.policy import Policy
from gateway.evaluation.caption_scoring import ShownCaption, ShownWord
from gateway.evaluation.figures import CoveredSpan
from gateway.media.encoding import encode, interleave
from gateway.media.timeline import samples_of
from loadtest.conversation import Library, render
from loadtest.delays import Histogram
from loadtest.network import carry, forward, spoken_at
from loadtest.scenario import CallPlan

FRAME_MS = 20
"""The delay is measured for each frame of this length, which is how the gateway releases live audio."""
CONNECT_TIMEOUT_S = 20.0
ON_TIME_MS = 500
"""A call that begins no later than this counts as begun when it was planned, and may end so much later."""
LATE_ANSWER_S = 15.0
"""How long after its end a call may last beyond the lookahead."""


@dataclass(slots=True)
class Meters:
    """What a caller process measures in the counted part of a plateau. Histograms of milliseconds.

    `added_delay`: from when the gateway had a frame, or should have had it at the pace of speech since the call's
    first audio, to when all of it had come back. `delay_from_sending`: from when the frame was sent. `send_lateness`:
    how much later than planned a message was sent. `loop_lateness`: how late the callers' own event loop wakes up.
    `cpu_share`: CPU seconds of the callers a second, from the first call to the end of the last.
    """

    counted_from: float = 0.0
    counted_until: float = 0.0
    added_delay: Histogram = field(default_factory=Histogram)
    delay_from_sending: Histogram = field(default_factory=Histogram)
    send_lateness: Histogram = field(default_factory=Histogram)
    loop_lateness: Histogram = field(default_factory=Histogram)
    recent_delay: Histogram = field(default_factory=Histogram)
    recent_loop_ms: float = 0.0
    speaking_legs: int = 0
    cpu_share: float = 0.0

    def counts(self, at: float) -> bool:
        """Whether something that happens then is counted."""
        return self.counted_from <= at < self.counted_until

    def came_back(self, expected: float, sent: float, now: float) -> None:
        """A frame is complete."""
        self.recent_delay.add((now - expected) * 1000)
        if self.counts(expected):
            self.added_delay.add((now - expected) * 1000)
            self.delay_from_sending.add((now - sent) * 1000)

    def sent(self, planned: float, now: float) -> None:
        """A message goes out."""
        if self.counts(planned):
            self.send_lateness.add((now - planned) * 1000)

    def woke(self, late_s: float, now: float) -> None:
        """The event loop woke up so much too late."""
        self.recent_loop_ms = max(self.recent_loop_ms, late_s * 1000)
        if self.counts(now):
            self.loop_lateness.add(late_s * 1000)


@dataclass(frozen=True, slots=True)
class CallTimes:
    """Monotonic seconds: when a call was to begin, when it is dialled now, and when nobody speaks any more."""

    planned_at: float
    begins_at: float
    until: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that did not begin. `status` is 0 when there was no answer over HTTP."""

    line: int
    at: float
    took_ms: float
    status: int
    retry_after_s: float | None


@dataclass(slots=True)
class CallRecord:
    """What came of the call `number` of a line. Positions are samples; times are monotonic seconds.

    `changed`: what came back otherwise than it was sent, wire bytes by position. `lost`: positions of messages that the
    network lost, sent as silence. `counted_ms`: the part of the media that counts.
    """

    line: int
    number: int
    started_at: float
    sent: int = 0
    received: int = 0
    counted_ms: tuple[int, int] = (0, 0)
    changed: dict[int, bytes] = field(default_factory=dict, repr=False)
    lost: list[int] = field(default_factory=list, repr=False)
    redactions: list[CoveredSpan] = field(default_factory=list, repr=False)
    captions: list[ShownCaption] = field(default_factory=list, repr=False)
    faults: list[str] = field(default_factory=list)
    statistics: dict[str, Any] | None = None
    close_code: int | None = None

    @property
    def whole(self) -> bool:
        """Whether all came back and the call ended as it should."""
        return self.close_code == 1000 and self.received == self.sent


async def place_call(
    base: str, plan: CallPlan, times: CallTimes, library: Library, meters: Meters, stop: asyncio.Event
) -> CallRecord | Refusal:
    """Call, and speak until the conversation or the plateau ends, or `stop` is set."""
    await asyncio.sleep(max(0.0, times.begins_at - time.monotonic()))
    dialled = time.monotonic()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            connection = await connect(
                f"{base.rstrip('/')}/v1/stream?{plan.kind.query}", max_size=None, compression=None, ping_interval=None
            )
    except InvalidStatus as refused:
        after = refused.response.headers.get("Retry-After", "")
        wait = float(after) if after.isdecimal() else None
        return Refusal(plan.line, dialled, _ms_since(dialled), refused.response.status_code, wait)
    except (OSError, TimeoutError, WebSocketException):
        return Refusal(plan.line, dialled, _ms_since(dialled), 0, None)
    call = _Call(plan, connection, times, library, meters, stop)
    async with connection:
        return await call.run()


class _Call:
    """A call that was taken."""

    def __init__(
        self,
        plan: CallPlan,
        connection: ClientConnection,
        times: CallTimes,
        library: Library,
        meters: Meters,
        stop: asyncio.Event,
    ) -> None:
        self._plan = plan
        self._connection = connection
        self._times = times
        self._library = library
        self._meters = meters
        self._stop = stop
        settings = plan.kind.settings
        self._rate = settings.sample_rate
        self._frame = samples_of(FRAME_MS, self._rate)
        self._sample_bytes = settings.encoding.bytes_per_sample * settings.channels
        self._record = CallRecord(plan.line, plan.number, time.monotonic())
        self._pending = bytearray()
        self._waiting: deque[tuple[int, float, float]] = deque()
        """Frames that have not come back: where each ends, when it was expected to be there, when it was sent."""

    async def run(self) -> CallRecord:
        record = self._record
        self._meters.speaking_legs += self._plan.kind.legs
        speaking = asyncio.create_task(self._speak())
        try:
            async for message in self._connection:
                self._hear(message, time.monotonic())
        except ConnectionClosed:
            record.faults.append("connection_closed")
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            self._meters.speaking_legs -= self._plan.kind.legs
        record.close_code = self._connection.close_code
        first, last = self._plan.counted_ms
        late_ms = round((record.started_at - self._times.planned_at) * 1000)
        first = first if late_ms < ON_TIME_MS else max(0, first - late_ms)
        record.counted_ms = (first, min(last, record.sent * 1000 // self._rate))
        return record

    async def _speak(self) -> None:
        kind = self._plan.kind
        size_ms = kind.message_ms
        count = self._plan.conversation.length_ms // size_ms
        packet_s = size_ms / 1000
        spoken = spoken_at(count, packet_s, kind.network)
        at, lost = forward(carry(spoken, kind.network, self._plan.network_seed), packet_s)
        began = time.monotonic()
        self._record.started_at = began
        first_sent: float | None = None
        try:
            for number in range(count):
                planned = began + float(at[number])
                if self._stop.is_set() or planned >= self._times.until + ON_TIME_MS / 1000:
                    break
                wire = self._wire(number * size_ms, lost=bool(lost[number]))
                await asyncio.sleep(max(0.0, planned - time.monotonic()))
                now = time.monotonic()
                first_sent = now if first_sent is None else first_sent
                self._meters.sent(planned, now)
                self._went_out(wire, first_sent, now)
                await self._connection.send(wire)
            await self._connection.send('{"type":"end"}')
            await asyncio.sleep(kind.settings.lookahead_ms / 1000 + LATE_ANSWER_S)
            self._record.faults.append("never_ended")
            await self._connection.close()
        except ConnectionClosed:
            return

    def _wire(self, start_ms: int, *, lost: bool) -> bytes:
        settings = self._plan.kind.settings
        end_ms = start_ms + self._plan.kind.message_ms
        if lost:
            self._record.lost.append(samples_of(start_ms, self._rate))
            samples = np.zeros((samples_of(end_ms - start_ms, self._rate), settings.channels), dtype=np.int16)
        else:
            samples = render(self._library, self._plan.conversation, self._rate, start_ms, end_ms)
        return interleave([encode(leg, settings.encoding) for leg in samples.T], settings.encoding)

    def _went_out(self, wire: bytes, first_sent: float, now: float) -> None:
        start = self._record.sent
        end = start + len(wire) // self._sample_bytes
        for frame in range(start, end, self._frame):
            expected = max(now, first_sent + frame / self._rate)
            self._waiting.append((min(end, frame + self._frame), expected, now))
        self._pending += wire
        self._record.sent = end

    def _hear(self, message: str | bytes, now: float) -> None:
        if isinstance(message, bytes):
            self._take_audio(message, now)
            return
        record, row = self._record, json.loads(message)
        match row["type"]:
            case "caption":
                words = tuple(ShownWord(word["text"], word["start_ms"], word["end_ms"]) for word in row["words"])
                arrived_ms = (now - record.started_at) * 1000
                record.captions.append(ShownCaption(row["leg"], row["turn"], row["revision"], words, arrived_ms))
            case "redaction":
                policy = Policy(row["policy"]) if row["policy"] else None
                record.redactions.append(CoveredSpan(row["leg"], row["start_ms"], row["end_ms"], policy))
            case "warning" | "error":
                record.faults.append(row["code"])
            case "done":
                record.statistics = row["statistics"]
            case _:
                pass

    def _take_audio(self, message: bytes, now: float) -> None:
        record = self._record
        if self._pending[: len(message)] != message:
            record.changed[record.received] = message
        del self._pending[: len(message)]
        record.received += len(message) // self._sample_bytes
        while self._waiting and self._waiting[0][0] <= record.received:
            _, expected, sent = self._waiting.popleft()
            self._meters.came_back(expected, sent, now)


def _ms_since(began: float) -> float:
    return (time.monotonic() - began) * 1000
