"""What was decided for one leg: which samples are covered and why. Decisions are only ever added, in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.core.events import NearMissNoted, RedactionDecided, Verdict
from gateway.media.timeline import MediaTime, Span, SpanSet


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding on the timeline: its words, and the padded span that is to be covered."""

    policy: str
    words: Span
    span: Span
    confidence: float


class LegDecisions:
    """Everything before `decided_until` is decided for good.

    `covered` is what leaves covered; `late` the part of it that was undecided, and `marked_words` the part that is
    words of findings, without the pads around them. `escaped` left clear before it was found.
    """

    def __init__(self, leg: int) -> None:
        self._leg = leg
        self.decided_until: MediaTime = 0
        self.covered = SpanSet()
        self.late = SpanSet()
        self.marked_words = SpanSet()
        self.escaped = SpanSet()
        self._told: dict[str | None, SpanSet] = {}
        self._spans: dict[str, int] = {}
        self._covered_total = 0
        self._late_total = 0
        self._overdue_total = 0
        self._escaped_total = 0
        self._near_misses = 0
        self._known_from: MediaTime = 0

    def decide(
        self,
        until: MediaTime,
        stable_until: MediaTime,
        marks: Iterable[Mark],
        undecided: SpanSet,
        near_misses: Iterable[Mark] = (),
    ) -> Iterator[RedactionDecided | NearMissNoted]:
        """Decide everything before `until`.

        Marks that begin before `until` are covered as far as their words are stable: those will not change. What is
        not marked but `undecided` is covered because the time for waiting is over.
        """
        if until <= self.decided_until:
            return
        for mark in marks:
            self._note_escaped(mark.words)
            if mark.span.start < until and mark.span.end > self.decided_until:
                end = min(mark.span.end, max(until, stable_until))
                piece = Span(max(mark.span.start, self.decided_until), end)
                self.marked_words.add(mark.words.intersection(piece))
                yield from self._cover(mark.policy, piece, Verdict.BLEEPED, mark.confidence)
        for piece in undecided.within(Span(self.decided_until, until)):
            yield from self._cover_late(piece)
        noted: dict[str, SpanSet] = {}
        for miss in sorted(near_misses, key=lambda mark: -mark.confidence):
            same = noted.setdefault(miss.policy, SpanSet())
            if self.decided_until < miss.words.end <= until and not (
                self.covered.overlaps(miss.words) or same.overlaps(miss.words)
            ):
                same.add(miss.words)
                self._near_misses += 1
                yield NearMissNoted(self._leg, miss.policy, miss.words, miss.confidence)
        self.decided_until = until

    def force(self, until: MediaTime) -> Iterator[RedactionDecided]:
        """The deadline of everything before `until` has come: what is not decided is covered."""
        if until > self.decided_until:
            late = self._late_total
            yield from self._cover_late(Span(self.decided_until, until))
            self._overdue_total += self._late_total - late
            self.decided_until = until

    def forget(self, before: MediaTime) -> None:
        """Drop what is no longer needed: everything before has left, and its captions are written."""
        for spans in (self.late, self.marked_words, *self._told.values()):
            spans.drop_before(before)

    def forget_words(self, before: MediaTime) -> None:
        """Drop what is older than the words that a detector still sees."""
        self.covered.drop_before(before)
        self.escaped.drop_before(before)
        self._known_from = max(self._known_from, before)

    @property
    def covered_samples(self) -> int:
        """How many samples were covered so far, whatever the reason."""
        return self._covered_total

    @property
    def late_samples(self) -> int:
        """How many of them were covered because they were undecided."""
        return self._late_total

    @property
    def overdue_samples(self) -> int:
        """How many of those were undecided because no answer had come by their deadline."""
        return self._overdue_total

    @property
    def escaped_samples(self) -> int:
        """How many samples were found to be personal after they had left clear."""
        return self._escaped_total

    @property
    def near_misses(self) -> int:
        """How many findings were not probable enough."""
        return self._near_misses

    @property
    def spans(self) -> dict[str, int]:
        """How many redactions there were of each policy."""
        return dict(self._spans)

    def _cover_late(self, window: Span) -> Iterator[RedactionDecided]:
        for piece in list(self.covered.gaps(window)):
            self._late_total += len(piece)
            self.late.add(piece)
            yield from self._cover(None, piece, Verdict.COVERED_LATE)

    def _note_escaped(self, words: Span) -> None:
        start = max(words.start, self._known_from)
        for gap in list(self.covered.gaps(Span(start, max(start, min(words.end, self.decided_until))))):
            for piece in list(self.escaped.gaps(gap)):
                self._escaped_total += len(piece)
                self.escaped.add(piece)

    def _cover(
        self, policy: str | None, span: Span, verdict: Verdict, confidence: float = 0.0
    ) -> Iterator[RedactionDecided]:
        told = self._told.setdefault(policy, SpanSet())
        pieces = list(told.gaps(span))
        if policy is not None and pieces and not told.overlaps(Span(max(0, span.start - 1), span.end + 1)):
            self._spans[policy] = self._spans.get(policy, 0) + 1
        self._covered_total += sum(len(piece) for piece in self.covered.gaps(span))
        told.add(span)
        self.covered.add(span)
        for piece in pieces:
            yield RedactionDecided(self._leg, policy, piece, verdict, confidence)
