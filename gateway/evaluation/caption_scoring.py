"""What redacted captions show: labelled words that could ever be read, marks taken back, other words lost, delays.

A labelled word was shown when, in any revision, a caption word of the same leg that overlaps it in time lets a reader
read it. Other speech counts as recognised when the captions hold its word, or at last a mask in its place; what the
recogniser misheard or missed says nothing about redaction and is not counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.core.policy import Policy
from gateway.evaluation.audio_scoring import asked_spans
from gateway.evaluation.labels import LabelledTurn, LabelledWord
from gateway.evaluation.read_backs import unlabelled_words
from gateway.evaluation.spoken_words import is_masked, shows

OVERLAP_SLACK_MS = 100
"""Caption words this far from a labelled word may still be it: the recogniser's word edges are not exact."""


@dataclass(frozen=True, slots=True)
class ShownWord:
    """A word of a caption, already redacted, with when it was said."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class ShownCaption:
    """One revision of a turn. `arrived_ms`: when it arrived, from the sending of the first sample; None offline."""

    leg: int
    turn: int
    revision: int
    words: tuple[ShownWord, ...]
    arrived_ms: float | None = None


@dataclass(slots=True)
class WordCount:
    """Labelled words, and how many of them captions ever showed."""

    words: int = 0
    shown: int = 0

    def add(self, other: WordCount) -> None:
        """Count `other` in."""
        self.words += other.words
        self.shown += other.shown


@dataclass(frozen=True, slots=True)
class Reveal:
    """A labelled word that a caption showed, and the caption word that did."""

    policy: Policy
    leg: int
    word: str
    shown_as: str
    start_ms: int


@dataclass(slots=True)
class CaptionScore:
    """The score of one clip's captions, or of several clips'. `total` counts each word once.

    `revealing_captions`: revisions that brought a labelled word. `taken_back`: masks that a later revision lost or
    changed to something readable. `masked_after_shown`: readable words that a later revision masked, changed or lost.
    `out_of_order`: revisions that were not higher than the turn's previous one.
    `other_shown` and `other_masked` add up to the recognised other words. `delays_ms`: from the labelled end of each
    shown other word to the arrival of the first caption that held it.
    """

    by_policy: dict[Policy, WordCount] = field(default_factory=dict)
    total: WordCount = field(default_factory=WordCount)
    captions: int = 0
    revealing_captions: int = 0
    taken_back: int = 0
    masked_after_shown: int = 0
    out_of_order: int = 0
    other_words: int = 0
    other_shown: int = 0
    other_masked: int = 0
    delays_ms: list[float] = field(default_factory=list)
    reveals: list[Reveal] = field(default_factory=list)

    def add(self, score: CaptionScore) -> None:
        """Count another clip in."""
        for policy, count in score.by_policy.items():
            self.by_policy.setdefault(policy, WordCount()).add(count)
        self.total.add(score.total)
        self.captions += score.captions
        self.revealing_captions += score.revealing_captions
        self.taken_back += score.taken_back
        self.masked_after_shown += score.masked_after_shown
        self.out_of_order += score.out_of_order
        self.other_words += score.other_words
        self.other_shown += score.other_shown
        self.other_masked += score.other_masked
        self.delays_ms += score.delays_ms
        self.reveals += score.reveals


@dataclass(frozen=True, slots=True)
class _Sighting:
    """The first time a caption word was seen, and in which caption."""

    word: ShownWord
    caption: int
    arrived_ms: float | None


def score_captions(
    turns: Sequence[LabelledTurn], captions: Sequence[ShownCaption], policies: frozenset[Policy]
) -> CaptionScore:
    """Score captions in the order in which they arrived."""
    score = CaptionScore(captions=len(captions))
    _count_changes(captions, score)
    unlabelled = unlabelled_words(turns)
    for leg in sorted({turn.leg for turn in turns}):
        own_turns = [turn for turn in turns if turn.leg == leg]
        seen = _sightings(leg, captions)
        last = _words_in_last_revisions(leg, captions)
        _count_reveals(own_turns, seen, policies, score)
        _count_other([word for at, word in unlabelled.ordinary if at == leg], seen, last, score)
    return score


def _sightings(leg: int, captions: Sequence[ShownCaption]) -> list[_Sighting]:
    first: dict[tuple[int, ShownWord], _Sighting] = {}
    for number, caption in enumerate(captions):
        if caption.leg == leg:
            for word in caption.words:
                first.setdefault((caption.turn, word), _Sighting(word, number, caption.arrived_ms))
    return sorted(first.values(), key=lambda sighting: sighting.word.start_ms)


def _words_in_last_revisions(leg: int, captions: Sequence[ShownCaption]) -> list[ShownWord]:
    last: dict[int, ShownCaption] = {}
    for caption in captions:
        if caption.leg == leg and (caption.turn not in last or caption.revision > last[caption.turn].revision):
            last[caption.turn] = caption
    return sorted((word for caption in last.values() for word in caption.words), key=lambda word: word.start_ms)


def _around(word: LabelledWord, sightings: Sequence[_Sighting]) -> Iterable[_Sighting]:
    until = bisect_right(sightings, word.end_ms + OVERLAP_SLACK_MS, key=lambda sighting: sighting.word.start_ms)
    return (sighting for sighting in sightings[:until] if sighting.word.end_ms > word.start_ms - OVERLAP_SLACK_MS)


def _count_reveals(
    turns: Iterable[LabelledTurn], seen: Sequence[_Sighting], policies: frozenset[Policy], score: CaptionScore
) -> None:
    revealing: set[int] = set()
    for turn in turns:
        words: dict[int, bool] = {}
        for span in asked_spans(turn, policies):
            count = score.by_policy.setdefault(span.policy, WordCount())
            for index in range(span.first, span.end):
                word = turn.words[index]
                shown = [sighting for sighting in _around(word, seen) if shows(sighting.word.text, word.text)]
                count.add(WordCount(1, bool(shown)))
                words[index] = bool(shown)
                if shown:
                    revealing.update(sighting.caption for sighting in shown)
                    score.reveals.append(Reveal(span.policy, turn.leg, word.text, shown[0].word.text, word.start_ms))
        score.total.add(WordCount(len(words), sum(words.values())))
    score.revealing_captions += len(revealing)


def _count_other(
    words: Iterable[LabelledWord], seen: Sequence[_Sighting], last: Sequence[ShownWord], score: CaptionScore
) -> None:
    for word in words:
        score.other_words += 1
        shown = [sighting for sighting in _around(word, seen) if shows(sighting.word.text, word.text)]
        middle = (word.start_ms + word.end_ms) // 2
        if shown:
            score.other_shown += 1
            arrived = min(shown, key=lambda sighting: sighting.caption).arrived_ms
            if arrived is not None:
                score.delays_ms.append(arrived - word.end_ms)
        elif any(other.start_ms <= middle < other.end_ms and is_masked(other.text) for other in last):
            score.other_masked += 1


def _count_changes(captions: Sequence[ShownCaption], score: CaptionScore) -> None:
    previous: dict[tuple[int, int], ShownCaption] = {}
    for caption in captions:
        before = previous.get((caption.leg, caption.turn))
        if before is not None:
            score.out_of_order += caption.revision <= before.revision
            for index, word in enumerate(before.words):
                now = caption.words[index] if index < len(caption.words) else None
                if is_masked(word.text):
                    score.taken_back += now is None or not is_masked(now.text)
                else:
                    score.masked_after_shown += now is None or now.text != word.text
        previous[(caption.leg, caption.turn)] = caption
