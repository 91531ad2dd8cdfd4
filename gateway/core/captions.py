"""Redacted captions of one leg, turn by turn, written from the decisions about its audio.

A word appears once its audio is decided and it will not change; it is written clear, masked, or covered, for good. So
a revision only ever adds words, and nothing that was shown is masked later, or the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from gateway.core.decisions import LegDecisions
from gateway.core.detection import Finding
from gateway.core.events import CaptionUpdated, CaptionWord, Verdict
from gateway.core.hypothesis import Word
from gateway.core.masktext import mask_word
from gateway.core.policy import Policy, Substitution
from gateway.core.settings import Captions
from gateway.core.transcript import LegTranscript
from gateway.media.timeline import MediaTime, samples_of

TURN_GAP_MS = 800
"""A speaker who paused for so long begins a new turn."""
LONG_TURN_MS = 20_000
"""A turn that lasted so long ends with the next sentence, or after half as much again with the next word."""


class LegCaptions:
    """Writes the captions of one leg. `turns` numbers the turns of all legs of the session."""

    def __init__(self, leg: int, rate: int, substitution: Substitution, wanted: Captions, turns: count[int]) -> None:
        self._leg = leg
        self._substitution = substitution
        self._wanted = wanted
        self._turns = turns
        self._gap = samples_of(TURN_GAP_MS, rate)
        self._long = samples_of(LONG_TURN_MS, rate)
        self._turn = -1
        self._revision = 0
        self._words: list[CaptionWord] = []
        self._next = 0

    @property
    def written(self) -> int:
        """The number of words that were written so far, whether anybody wanted to see them or not."""
        return self._next

    def update(
        self,
        transcript: LegTranscript,
        decisions: LegDecisions,
        findings: Sequence[Finding],
        open_from: int | None,
        *,
        ended: bool,
    ) -> Iterator[CaptionUpdated]:
        """Write the words that were decided by now.

        `findings` (those that are covered) and `open_from` count tokens from the transcript's first kept word.
        """
        grown = False
        shown = transcript.stable_words[max(0, self._next - transcript.first) :]
        for index, word in enumerate(shown, start=max(self._next, transcript.first)):
            if word.span.end > decisions.decided_until:
                break
            if self._words and self._turn_ends_before(word):
                yield from self._finish()
                grown = False
            place = index - transcript.first
            is_open = open_from is not None and place >= open_from
            self._words.append(self._written(word, place, findings, is_open, decisions))
            self._next = index + 1
            grown = True
        if self._words and (ended or self._silent(transcript, decisions)):
            yield from self._finish()
        elif grown:
            yield from self._revise(final=False)

    def _written(
        self, word: Word, index: int, findings: Sequence[Finding], is_open: bool, decisions: LegDecisions
    ) -> CaptionWord:
        hits = [finding for finding in findings if finding.first <= index < finding.end]
        if hits:
            start = min(hit.start_char if hit.first == index else 0 for hit in hits)
            end = max(hit.end_char if hit.end == index + 1 else len(word.text) for hit in hits)
            policy = _shown(hits)
            text = self._masked(word.text, start, end, policy)
            return CaptionWord(text, word.span, policy, Verdict.BLEEPED)
        # The sound was covered for its own sake, by an earlier reading or because it was undecided. A pad is neither,
        # unless nothing of the word can be heard.
        hidden = sum(
            len(piece) for spans in (decisions.late, decisions.marked_words) for piece in spans.within(word.span)
        )
        inaudible = bool(word.span) and decisions.covered.covers(word.span)
        if is_open or inaudible or 4 * hidden > len(word.span):
            text = self._masked(word.text, 0, len(word.text), None)
            return CaptionWord(text, word.span, None, Verdict.COVERED_LATE)
        return CaptionWord(word.text, word.span, None, Verdict.CLEAR)

    def _masked(self, text: str, start: int, end: int, policy: str | None) -> str:
        """A number that was heard and not written is masked as one digit."""
        if not any(char.isalnum() for char in text):
            text, start, end = "0", 0, 1
        return mask_word(text, start, end, policy, self._substitution)

    def _turn_ends_before(self, word: Word) -> bool:
        last = self._words[-1]
        if word.span.start - last.span.end >= self._gap:
            return True
        length = last.span.end - self._words[0].span.start
        return length > self._long and (last.text.endswith((".", "?", "!")) or 2 * length > 3 * self._long)

    def _silent(self, transcript: LegTranscript, decisions: LegDecisions) -> bool:
        known: MediaTime = min(decisions.decided_until, transcript.stable_until)
        waiting = self._next - transcript.first < len(transcript.words)
        return not waiting and known - self._words[-1].span.end >= self._gap

    def _finish(self) -> Iterator[CaptionUpdated]:
        yield from self._revise(final=True)
        self._words = []
        self._revision = 0
        self._turn = -1

    def _revise(self, *, final: bool) -> Iterator[CaptionUpdated]:
        if self._turn < 0:
            self._turn = next(self._turns)
        self._revision += 1
        if self._wanted is Captions.PARTIAL or (self._wanted is Captions.FINAL and final):
            yield CaptionUpdated(self._turn, self._leg, self._revision, tuple(self._words), final)


def _shown(hits: Sequence[Finding]) -> str:
    """Of several policies the one to name: any before the catch-all of numbers, then the surest."""
    best = max(hits, key=lambda hit: (hit.policy != Policy.NUMBER_SEQUENCE, hit.confidence))
    return best.policy
