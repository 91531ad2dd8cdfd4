"""The raw WebSocket protocol (docs/websocket.md): messages in to session inputs, session outputs to messages out.

    in    binary   interleaved audio        -> AudioReceived (or EmptyReceived for a message without audio)
          text     {"type": "end"}          -> EndReceived
    out   AudioReleased                     -> binary, interleaved audio
          everything else                   -> text, one JSON object

What a peer sends is never repeated to it: it may hold what was said in a call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gateway.core.events import (
    AudioReleased,
    CaptionUpdated,
    NearMissNoted,
    RedactionDecided,
    SessionEnded,
    Statistics,
    Warned,
)
from gateway.core.settings import SessionSettings
from gateway.errors import BadMessage, GatewayError, InternalError, MessageTooBig
from gateway.media.encoding import deinterleave, interleave
from gateway.media.timeline import Span, ms_ceil, ms_floor
from gateway.wire.options import settings_in_force

MAX_MESSAGE_BYTES: Final = 1 << 20
"""The largest message that is taken: 5 s of the widest audio there is (48 kHz, two channels, PCM16)."""
MAX_REASON_BYTES: Final = 123
"""A close frame's reason: RFC 6455 section 5.5 allows 125 bytes of payload, two of which are the code."""

_Json: TypeAlias = "str | int | float | bool | Mapping[str, _Json] | Sequence[_Json] | None"


@dataclass(frozen=True, slots=True)
class AudioReceived:
    """Wire bytes of each leg, equally long, at least one sample."""

    frames: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmptyReceived:
    """A binary message without audio: worth a warning, and nothing else."""


@dataclass(frozen=True, slots=True)
class EndReceived:
    """The peer has no more audio."""


Received: TypeAlias = AudioReceived | EmptyReceived | EndReceived
Sendable: TypeAlias = RedactionDecided | NearMissNoted | CaptionUpdated | AudioReleased | Warned | SessionEnded

EMPTY_MESSAGE: Final = Warned("empty_message", "a binary message held no audio; it was ignored and the call goes on")


class RawCodec:
    """Reads and writes the messages of one call."""

    def __init__(self, settings: SessionSettings) -> None:
        self._settings = settings
        self._frame_bytes = settings.encoding.bytes_per_sample * settings.channels

    def receive_binary(self, data: bytes) -> AudioReceived | EmptyReceived:
        """Take audio apart. Raises MessageTooBig, or BadMessage for a part of a sample."""
        if len(data) > MAX_MESSAGE_BYTES:
            raise MessageTooBig(
                f"a message of {len(data)} bytes is too big; allowed: {MAX_MESSAGE_BYTES} bytes. Send audio in smaller "
                "messages, for example 20 ms each"
            )
        if not data:
            return EmptyReceived()
        if len(data) % self._frame_bytes:
            raise BadMessage(
                f"a message of {len(data)} bytes does not hold whole samples: {self._settings.encoding.value} with "
                f"{self._settings.channels} channel(s) needs a multiple of {self._frame_bytes} bytes"
            )
        return AudioReceived(deinterleave(data, self._settings.encoding, self._settings.channels))

    def receive_text(self, text: str) -> EndReceived:
        """Understand a control message. Raises MessageTooBig or BadMessage, which say what is allowed."""
        if len(text) > MAX_MESSAGE_BYTES:
            raise MessageTooBig(f"a text message is too big; allowed: {MAX_MESSAGE_BYTES} bytes")
        allowed = 'allowed: {"type": "end"} as text, and audio as binary messages'
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            raise BadMessage(f"a text message is not JSON; {allowed}") from None
        if not isinstance(message, dict) or message != {"type": "end"}:
            raise BadMessage(f"a text message is not understood; {allowed}")
        return EndReceived()

    def begin(self, session_id: str) -> str:
        """The first message: who we are talking about, and the settings in force."""
        return _text("begin", id=session_id, settings=settings_in_force(self._settings))

    def send(self, output: Sendable) -> bytes | str:
        """The message that tells a session's output."""
        match output:
            case AudioReleased():
                return interleave(output.frames, self._settings.encoding)
            case CaptionUpdated():
                return self._caption(output)
            case RedactionDecided():
                return _text(
                    "redaction",
                    leg=output.leg,
                    policy=output.policy,
                    **self._times(output.span),
                    verdict=output.verdict.value,
                    confidence=round(output.confidence, 3),
                )
            case NearMissNoted():
                return _text(
                    "near_miss",
                    leg=output.leg,
                    policy=output.policy,
                    **self._times(output.span),
                    confidence=round(output.confidence, 3),
                )
            case Warned():
                return _text("warning", code=output.code, message=output.message)
            case SessionEnded():
                return _text("done", statistics=statistics_in_words(output.statistics))

    def error(self, error: GatewayError) -> str:
        """Tells what went wrong; of our own mistakes no details."""
        return _text("error", code=error.code, message=public_message(error))

    def _caption(self, caption: CaptionUpdated) -> str:
        words: list[_Json] = [
            {"text": word.text, **self._times(word.span), "policy": word.policy} for word in caption.words
        ]
        return _text(
            "caption",
            turn=caption.turn,
            leg=caption.leg,
            revision=caption.revision,
            **self._times(caption.span),
            text=caption.text,
            words=words,
            final=caption.final,
        )

    def _times(self, span: Span) -> dict[str, int]:
        rate = self._settings.sample_rate
        return {"start_ms": ms_floor(span.start, rate), "end_ms": ms_ceil(span.end, rate)}


def statistics_in_words(statistics: Statistics) -> dict[str, _Json]:
    """The totals of a call as they are written in `done`."""
    return {
        "audio_ms": statistics.audio_ms,
        "redacted_ms": statistics.redacted_ms,
        "covered_late_ms": statistics.covered_late_ms,
        "spans": dict(statistics.spans),
        "added_delay_p50_ms": round(statistics.added_delay_p50_ms, 1),
        "added_delay_p99_ms": round(statistics.added_delay_p99_ms, 1),
        "steps": statistics.steps,
        "relaxed_steps": statistics.relaxed_steps,
        "skipped_steps": statistics.skipped_steps,
        "lost_recognitions": statistics.lost_recognitions,
        "near_misses": statistics.near_misses,
        "found_too_late_ms": statistics.found_too_late_ms,
        "overdue_ms": statistics.overdue_ms,
    }


def public_message(error: GatewayError) -> str:
    """What a peer is told: the message of its own mistakes, nothing of ours."""
    return "internal error; the call ends" if isinstance(error, InternalError) else str(error)


def close_reason(error: GatewayError) -> str:
    """The reason for a close frame, within its limit: the stable code."""
    return error.code[:MAX_REASON_BYTES]


def _text(kind: str, **fields: _Json) -> str:
    return json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))


__all__ = [
    "EMPTY_MESSAGE",
    "MAX_MESSAGE_BYTES",
    "AudioReceived",
    "EmptyReceived",
    "EndReceived",
    "RawCodec",
    "Received",
    "Sendable",
    "close_reason",
    "public_message",
    "statistics_in_words",
]
