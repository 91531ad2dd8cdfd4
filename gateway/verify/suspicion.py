"""What a verification tells: times, kinds and how sure it is. Never a word of what was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`likely`: two ears agree, or one heard a long number clearly. `possible`: one of them heard something."""

    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A stretch of a leg that still sounds like `policy`. `confidence` is 0..1; `heard_by` are names of ears."""

    leg: int
    policy: str
    start_ms: int
    end_ms: int
    level: Level
    confidence: float
    heard_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """`suspicions` in order of their start. `audio_ms` adds up the legs, `masked_ms` is what of it was masked.

    `heard_by`: the ears that listened.
    """

    audio_ms: int
    masked_ms: int
    heard_by: tuple[str, ...]
    suspicions: tuple[Suspicion, ...]

    def at_least(self, level: Level) -> tuple[Suspicion, ...]:
        """Those that are `likely`, or all."""
        return tuple(one for one in self.suspicions if level is Level.POSSIBLE or one.level is Level.LIKELY)


def as_object(verification: Verification, shown: Sequence[Suspicion] | None = None) -> dict[str, object]:
    """The verification as it is written in JSON (`docs/redact-output.schema.json`, `verification`).

    `shown`: which of the suspicions; all by default.
    """
    return {
        "audio_ms": verification.audio_ms,
        "masked_ms": verification.masked_ms,
        "heard_by": list(verification.heard_by),
        "suspicions": [
            {
                "leg": one.leg,
                "policy": one.policy,
                "start_ms": one.start_ms,
                "end_ms": one.end_ms,
                "level": one.level.value,
                "confidence": one.confidence,
                "heard_by": list(one.heard_by),
            }
            for one in (verification.suspicions if shown is None else shown)
        ],
    }
