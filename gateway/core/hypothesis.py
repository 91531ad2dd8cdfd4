"""What a recogniser says it heard, on the timeline of the leg."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.media.timeline import MediaTime, Span


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word.

    `text` is as the recogniser wrote it, punctuation attached ("one," or "610-265-1714."), never empty and without
    spaces. `span` is where it was spoken. `confidence` is 0..1. A `stable` word will never change.
    `sounds`: the numbers and spelled letters heard in it, whatever was written, one character each in order: "0".."9" a
    digit, "N" another number word, "M" double or triple, "L" a letter; "" for ordinary speech. A number that was heard
    and not written is a word whose text is "…".
    """

    text: str
    span: Span
    confidence: float
    stable: bool
    sounds: str = ""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The answer to one recognition step of one leg.

    `heard_until`: all audio before it has been listened to.
    `stable_until <= heard_until`: everything spoken before it is known and will never change; it never goes back.
    `words`, in order, not overlapping: the words that became stable with this step, followed by the unstable tail
    as it is now. A stable word is told exactly once; the unstable tail replaces the previous one. Every stable word
    ends at or before `stable_until`, every unstable one ends after it; none starts before the previous `stable_until`.
    """

    heard_until: MediaTime
    stable_until: MediaTime
    words: tuple[Word, ...] = ()

    @property
    def newly_stable(self) -> tuple[Word, ...]:
        """The words that became stable with this step."""
        return tuple(word for word in self.words if word.stable)

    @property
    def tail(self) -> tuple[Word, ...]:
        """The words that may still change."""
        return tuple(word for word in self.words if not word.stable)
