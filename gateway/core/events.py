"""What a session says, in the order in which it must be acted upon. Drained with `Session.next_output`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.core.detection import Utterance
from gateway.media.timeline import Span


class Verdict(StrEnum):
    """What became of a stretch of audio."""

    CLEAR = "clear"
    BLEEPED = "bleeped"
    COVERED_LATE = "covered_late"


@dataclass(frozen=True, slots=True)
class RecognitionRequested:
    """Audio of every leg that is to be recognised now; one request is outstanding at a time.

    `span` is the same for all legs; `audio[leg]` holds its PCM16 samples. `fresh`: open new streams first, whose time
    zero is `span.start`. `final`: nothing follows. `due`: when the answer is wanted, in monotonic seconds: before the
    first sample leaves that it can save. None in an elastic session. Answer with `receive_hypotheses` or
    `receive_recognition_lost`.
    """

    span: Span
    audio: tuple[NDArray[np.int16], ...] = field(repr=False)
    fresh: bool = False
    final: bool = False
    due: float | None = None


@dataclass(frozen=True, slots=True)
class DetectionRequested:
    """What every leg said lately, to be looked at for personal information: the second half of a step.

    `due` as in RecognitionRequested. Answer with `receive_detections`, or with `receive_recognition_lost` when the
    worker is gone.
    """

    utterances: tuple[Utterance, ...] = field(repr=False)
    due: float | None = None


@dataclass(frozen=True, slots=True)
class RedactionDecided:
    """A stretch of a leg is covered. Told before its audio leaves; never overlaps an earlier one of leg and policy.

    An entity that goes on is told in pieces that touch. `policy` is the name of a Policy, a label of the user's, or
    None for what was undecided at its deadline. `confidence` is the probability that it is personal, 0 when undecided.
    """

    leg: int
    policy: str | None
    span: Span
    verdict: Verdict
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class NearMissNoted:
    """Something left clear that may be personal, but not probably enough for the strength of the session."""

    leg: int
    policy: str
    span: Span
    confidence: float


@dataclass(frozen=True, slots=True)
class CaptionWord:
    """A word as it may be shown: `text` is already redacted. `policy` is None in the clear and for undecided words."""

    text: str
    span: Span
    policy: str | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CaptionUpdated:
    """The whole redacted text of a turn so far. A higher revision replaces a lower one and only ever adds words."""

    turn: int
    leg: int
    revision: int
    words: tuple[CaptionWord, ...]
    final: bool

    @property
    def text(self) -> str:
        """The words, joined by spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def span(self) -> Span:
        """From the first word's start to the last word's end; at 0 when there are no words."""
        return Span(self.words[0].span.start, self.words[-1].span.end) if self.words else Span(0, 0)


@dataclass(frozen=True, slots=True)
class AudioReleased:
    """Audio that may leave now: `frames[leg]` are wire bytes of `span`, which follows the previous one's."""

    span: Span
    frames: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the peer should know; the session goes on. `code` is stable, `message` is for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """Totals of a session so far. Milliseconds of media; `redacted_ms` and `covered_late_ms` count every leg.

    `spans` counts redactions by policy name, `near_misses` what nearly was one. `found_too_late_ms` is speech that was
    found to be personal after it had left clear. `overdue_ms` is the part of `covered_late_ms` for which no answer had
    come by the deadline: overload, or a lost recogniser; the rest was heard in time and still unsure.
    `added_delay_p50_ms` / `_p99_ms` are of the released frames; 0 where there is no clock. `steps`, `relaxed_steps` and
    `skipped_steps` count recognition steps answered, put off under load, and merged into a later one because the answer
    before came too late.
    """

    audio_ms: int
    redacted_ms: int
    covered_late_ms: int
    spans: dict[str, int]
    added_delay_p50_ms: float
    added_delay_p99_ms: float
    steps: int
    skipped_steps: int
    lost_recognitions: int
    near_misses: int = 0
    found_too_late_ms: int = 0
    overdue_ms: int = 0
    relaxed_steps: int = 0


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """Everything has left. The last output."""

    statistics: Statistics


Output: TypeAlias = (
    RecognitionRequested
    | DetectionRequested
    | RedactionDecided
    | NearMissNoted
    | CaptionUpdated
    | AudioReleased
    | Warned
    | SessionEnded
)

__all__ = [
    "AudioReleased",
    "CaptionUpdated",
    "CaptionWord",
    "DetectionRequested",
    "NearMissNoted",
    "Output",
    "RecognitionRequested",
    "RedactionDecided",
    "SessionEnded",
    "Statistics",
    "Verdict",
    "Warned",
]
