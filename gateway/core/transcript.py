"""What the legs of a session said lately: the recognised words, kept long enough to understand what comes next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from gateway.core.detection import OtherTurn, Token, Utterance
from gateway.core.hypothesis import Hypothesis, Word
from gateway.media.timeline import MediaTime, Span, SpanSet, ms_floor, samples_of

CONTEXT_MS = 75_000
"""How long words are kept for the detector."""
CONTEXT_WORDS = 260
"""How many words of a leg are kept at most."""
CUT_WORD_MS = 400
"""After a loss the next stream begins in the middle of a word, which it may not understand."""
COMPLETE_AFTER_MS = 1_500
"""A speaker who was silent for so long has finished."""


class LegTranscript:
    """The words of one leg: stable ones, and the tail as it is now.

    `first` is the number of `words[0]`, counted from the start of the call. `unheard` is audio that will never be
    recognised, because its recognition was lost.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._stable: list[Word] = []
        self._tail: tuple[Word, ...] = ()
        self.first = 0
        self.heard_until: MediaTime = 0
        self.stable_until: MediaTime = 0
        self.unheard = SpanSet()

    @property
    def words(self) -> list[Word]:
        """The kept words in order: stable, then tail."""
        return [*self._stable, *self._tail]

    @property
    def stable_words(self) -> Sequence[Word]:
        """The kept words that will not change."""
        return self._stable

    @property
    def kept_from(self) -> MediaTime:
        """Where the first kept word starts."""
        return self._stable[0].span.start if self._stable else self.stable_until

    def receive(self, hypothesis: Hypothesis) -> None:
        """Take the answer to a recognition step.

        A restarted stream tells words again: those that lie mostly before `stable_until` are not taken twice. What of
        them lies after it was never told, and counts as unheard.
        """
        new: list[Word] = []
        for word in hypothesis.words:
            span = Span(max(word.span.start, self.stable_until), max(word.span.end, self.stable_until))
            if 2 * len(span) >= len(word.span):
                new.append(word if span == word.span else replace(word, span=span))
            else:
                self.unheard.add(span)
        self.heard_until = max(self.heard_until, hypothesis.heard_until)
        self.stable_until = max(self.stable_until, hypothesis.stable_until)
        self._stable.extend(word for word in new if word.stable)
        self._tail = tuple(word for word in new if not word.stable)

    def restart(self) -> None:
        """The stream is gone, and with it what was not stable."""
        self._tail = ()

    def lose(self, until: MediaTime) -> None:
        """Recognition of what was not stable yet, up to `until`, is lost for good."""
        until = max(until, self.stable_until)
        self.unheard.add(Span(self.stable_until, until + samples_of(CUT_WORD_MS, self._rate)))
        self.heard_until = self.stable_until = until
        self._tail = ()

    def forget(self, keep_from: MediaTime) -> None:
        """Drop words that are too old to matter, but none that ends after `keep_from`."""
        oldest = min(keep_from, self.heard_until - samples_of(CONTEXT_MS, self._rate))
        count = 0
        while count < len(self._stable) and (
            self._stable[count].span.end <= oldest
            or (len(self._stable) - count > CONTEXT_WORDS and self._stable[count].span.end <= keep_from)
        ):
            count += 1
        del self._stable[:count]
        self.first += count
        self.unheard.drop_before(min(keep_from, self.heard_until))

    def utterance(self, others: Sequence[LegTranscript], decided: int = 0, *, ended: bool) -> Utterance:
        """The words for the detector, with what the other legs said before each of them.

        `decided`: the number, from the start of the call, of the first word that is not decided and captioned yet.
        """
        words = self.words
        tokens: list[Token] = []
        spoken_until: MediaTime | None = None
        for word in words:
            pause = 0 if spoken_until is None else max(0, ms_floor(word.span.start - spoken_until, self._rate))
            tokens.append(Token(word.text, pause, word.confidence, word.sounds))
            spoken_until = word.span.end
        silence_ms = 0 if self._tail else max(0, ms_floor(self.stable_until - (spoken_until or 0), self._rate))
        complete = ended or silence_ms >= COMPLETE_AFTER_MS
        starts = [word.span.start for word in words]
        return Utterance(
            tuple(tokens), _interleaved(starts, others), complete, silence_ms, max(0, decided - self.first)
        )


def _interleaved(starts: Sequence[MediaTime], others: Sequence[LegTranscript]) -> tuple[OtherTurn, ...]:
    """What the other legs said, cut into turns at the places where the speaker, whose words start so, spoke."""
    spoken = sorted((word for other in others for word in other.words), key=lambda word: word.span)
    turns: dict[int, list[str]] = {}
    for word in spoken:
        turns.setdefault(bisect_right(starts, word.span.start), []).append(word.text)
    return tuple(OtherTurn(before, " ".join(texts)) for before, texts in sorted(turns.items()))
