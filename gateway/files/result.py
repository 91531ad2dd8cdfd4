"""What is known about a redacted call once it is over: redacted text and spans only, never what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gateway.core.events import Verdict
from gateway.verify.suspicion import Verification

Stats: TypeAlias = Mapping[str, "int | float | Mapping[str, int]"]
"""At least `audio_ms`, `redacted_ms` and `covered_late_ms` (numbers) and `spans` (redactions by policy name)."""


@dataclass(frozen=True, slots=True)
class RedactedWord:
    """A word as it may be shown, with its time from the first sample. `policy` is None if it is shown as it was
    said, or was undecided at its deadline.
    """

    text: str
    start_ms: int
    end_ms: int
    policy: str | None


@dataclass(frozen=True, slots=True)
class RedactedLeg:
    """What one leg said, in order."""

    leg: int
    words: tuple[RedactedWord, ...]

    @property
    def text(self) -> str:
        """The words, joined by spaces."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class RedactionRow:
    """A covered stretch of a leg. `policy` is None for what was undecided at its deadline; then `confidence` is 0."""

    leg: int
    policy: str | None
    start_ms: int
    end_ms: int
    verdict: Verdict
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class NearMissRow:
    """A stretch of a leg that left clear, and may be personal."""

    leg: int
    policy: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class RedactionResult:
    """The whole call: `legs` in order of `leg`, `redactions` and `near_misses` in order of `start_ms`.

    `verification` is None where the output was not heard again.
    """

    duration_ms: int
    policies: tuple[str, ...]
    legs: tuple[RedactedLeg, ...]
    redactions: tuple[RedactionRow, ...]
    stats: Stats
    near_misses: tuple[NearMissRow, ...] = ()
    verification: Verification | None = None
