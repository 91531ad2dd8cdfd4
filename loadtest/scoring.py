"""What a redacted recording leaks and what it covers without need, judged on the audio alone.

Everything is counted in frames of 10 ms. A frame belongs to a word when its middle lies in the word, and it is
*active* when the input has speech energy there. An active frame inside a labelled word **leaks** when at least half of
its samples left equal to the input; otherwise it is covered. An output that is missing or has another shape leaks
everything. Frames of words that no span labels are *other speech*; covering them is wrong. Words of optional spans and
of policies that were not asked for are neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.core.policy import Policy
from gateway.media.timeline import Span, SpanSet
from loadtest.labels import LabelledSpan, LabelledTurn, LabelledWord, Samples
from loadtest.spoken_words import is_number_word

FRAME_MS = 10

GATE_BELOW_SPEECH_DB = 30.0
"""A frame is active down to this far below the leg's loud speech (the 95th percentile of its labelled words)."""

GATE_FLOOR_DB = -60.0
"""Nothing below this (relative to full scale) is active."""

DIGIT_COVERED_SHARE = 0.8
"""A digit counts as covered when this share of its active frames is."""

ENTITY_SLACK_MS = 20
"""An entity counts as fully covered when no more of it leaks: the last frame of a label at either end."""

NEAR_MS = 300
"""Wrongly covered speech this close to labelled words is padding rather than a false finding."""

RULE_POLICIES = frozenset(
    {
        Policy.PHONE_NUMBER,
        Policy.US_SOCIAL_SECURITY_NUMBER,
        Policy.CREDIT_CARD_NUMBER,
        Policy.CREDIT_CARD_EXPIRATION,
        Policy.CREDIT_CARD_CVV,
        Policy.BANKING_INFORMATION,
        Policy.DATE_OF_BIRTH,
        Policy.DATE,
        Policy.PERSON_AGE,
        Policy.MONEY_AMOUNT,
        Policy.EMAIL_ADDRESS,
        Policy.DRIVERS_LICENSE,
        Policy.NUMBER_SEQUENCE,
        Policy.PERSON_NAME,
    }
)
"""What rules find; everything else needs the tagger."""

Mask = NDArray[np.bool_]


def share(part: float, whole: float) -> float | None:
    """Part of the whole, 0..1; None when there is nothing to share."""
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class CoveredSpan:
    """A redaction as it was reported, in milliseconds. `policy` is None for what was undecided at its deadline."""

    leg: int
    start_ms: int
    end_ms: int
    policy: Policy | None

    @property
    def late(self) -> bool:
        """Whether it was covered because it was undecided."""
        return self.policy is None


@dataclass(slots=True)
class Coverage:
    """How much of some labelled speech was covered. Milliseconds are of active frames."""

    speech_ms: int = 0
    covered_ms: int = 0
    digit_ms: int = 0
    digit_covered_ms: int = 0
    digits: int = 0
    digits_covered: int = 0
    entities: int = 0
    entities_covered: int = 0

    @property
    def covered_share(self) -> float | None:
        """Covered share of the time, 0..1."""
        return share(self.covered_ms, self.speech_ms)

    @property
    def digit_covered_share(self) -> float | None:
        """Covered share of the digits' time, 0..1."""
        return share(self.digit_covered_ms, self.digit_ms)

    @property
    def leaked_ms(self) -> int:
        """What could still be heard."""
        return self.speech_ms - self.covered_ms

    def add(self, other: Coverage) -> None:
        """Count `other` in."""
        self.speech_ms += other.speech_ms
        self.covered_ms += other.covered_ms
        self.digit_ms += other.digit_ms
        self.digit_covered_ms += other.digit_covered_ms
        self.digits += other.digits
        self.digits_covered += other.digits_covered
        self.entities += other.entities
        self.entities_covered += other.entities_covered


@dataclass(slots=True)
class OtherSpeech:
    """How much speech that nobody labelled was covered: in all, near labelled words, and by lateness.

    `by_policy`: the covered time inside redactions of each policy; what several cover counts for each of them.
    """

    speech_ms: int = 0
    covered_ms: int = 0
    near_ms: int = 0
    late_ms: int = 0
    by_policy: dict[Policy, int] = field(default_factory=dict)

    def add(self, other: OtherSpeech) -> None:
        """Count `other` in."""
        self.speech_ms += other.speech_ms
        self.covered_ms += other.covered_ms
        self.near_ms += other.near_ms
        self.late_ms += other.late_ms
        for policy, covered in other.by_policy.items():
            self.by_policy[policy] = self.by_policy.get(policy, 0) + covered


@dataclass(frozen=True, slots=True)
class Miss:
    """An entity of which something leaked."""

    policy: Policy
    leg: int
    text: str
    start_ms: int
    end_ms: int
    leaked_ms: int


@dataclass(frozen=True, slots=True)
class FalseFinding:
    """A redaction far from every labelled word, and the other speech in it."""

    policy: Policy
    leg: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class AudioScore:
    """The score of one clip, or of several added up.

    `by_rules` and `by_tagger` count each frame once, however many policies label it. `unreported_samples`: samples that
    changed outside every reported redaction. `reshaped`: outputs that were missing or had another shape.
    """

    by_policy: dict[Policy, Coverage] = field(default_factory=dict)
    by_rules: Coverage = field(default_factory=Coverage)
    by_tagger: Coverage = field(default_factory=Coverage)
    other: OtherSpeech = field(default_factory=OtherSpeech)
    audio_ms: int = 0
    covered_late_ms: int = 0
    unreported_samples: int = 0
    reshaped: int = 0
    misses: list[Miss] = field(default_factory=list)
    false_findings: list[FalseFinding] = field(default_factory=list)

    def add(self, score: AudioScore) -> None:
        """Count another clip in."""
        for policy, coverage in score.by_policy.items():
            self.by_policy.setdefault(policy, Coverage()).add(coverage)
        self.by_rules.add(score.by_rules)
        self.by_tagger.add(score.by_tagger)
        self.other.add(score.other)
        self.audio_ms += score.audio_ms
        self.covered_late_ms += score.covered_late_ms
        self.unreported_samples += score.unreported_samples
        self.reshaped += score.reshaped
        self.misses += score.misses
        self.false_findings += score.false_findings


@dataclass(frozen=True, slots=True)
class _Frames:
    """Per leg and frame, [legs, frames]: whether the input is active there, and whether it was covered."""

    active: Mask
    covered: Mask

    def counts(self, leg: int, words: Iterable[LabelledWord]) -> tuple[int, int]:
        """Active and covered milliseconds of some words of a leg."""
        inside = np.zeros(self.active.shape[1], dtype=np.bool_)
        for word in words:
            inside[_frames_of(word)] = True
        active = inside & self.active[leg]
        return _ms(active), _ms(active & self.covered[leg])


def score_audio(
    turns: Sequence[LabelledTurn],
    sample_rate: int,
    original: Samples,
    output: Samples | None,
    redactions: Sequence[CoveredSpan],
    policies: frozenset[Policy],
) -> AudioScore:
    """Compare what came out with what went in. `original` is [samples, legs]; `redactions` are those reported."""
    score = AudioScore(audio_ms=len(original) * 1000 // sample_rate)
    if output is None or output.shape != original.shape:
        score.reshaped = 1
        output = original
    frames = _compare(turns, sample_rate, original, output)
    score.covered_late_ms = _late_ms(redactions, original, sample_rate)
    score.unreported_samples = _unreported(original, output, redactions, sample_rate)
    asked = [[span for span in turn.spans if span.policy in policies and not span.optional] for turn in turns]
    for policy in sorted({span.policy for spans in asked for span in spans}):
        chosen = [[span for span in spans if span.policy is policy] for spans in asked]
        score.by_policy[policy] = _coverage(turns, chosen, frames)
    by_rules = [[span for span in spans if span.policy in RULE_POLICIES] for spans in asked]
    by_tagger = [[span for span in spans if span.policy not in RULE_POLICIES] for spans in asked]
    score.by_rules = _coverage(turns, by_rules, frames)
    score.by_tagger = _coverage(turns, by_tagger, frames)
    score.other = _other_speech(turns, frames, redactions)
    score.misses = list(_misses(turns, asked, frames))
    score.false_findings = list(_false_findings(turns, redactions))
    return score


def joined(redactions: Iterable[CoveredSpan]) -> set[tuple[int, Policy, int, int]]:
    """Redactions with a policy as (leg, policy, start, end); pieces that touch are one."""
    sets: dict[tuple[int, Policy], SpanSet] = {}
    for span in redactions:
        if span.policy is not None:
            sets.setdefault((span.leg, span.policy), SpanSet()).add(Span(span.start_ms, span.end_ms))
    return {(leg, policy, span.start, span.end) for (leg, policy), spans in sets.items() for span in spans}


def other_words(turn: LabelledTurn) -> list[LabelledWord]:
    """The words of a turn that no span labels."""
    labelled = {index for span in turn.spans for index in range(span.first, span.end)}
    return [word for index, word in enumerate(turn.words) if index not in labelled]


def _compare(turns: Sequence[LabelledTurn], sample_rate: int, original: Samples, output: Samples) -> _Frames:
    size = sample_rate * FRAME_MS // 1000
    count, legs = len(original) // size, original.shape[1]
    before = original[: count * size].reshape(count, size, legs)
    after = output[: count * size].reshape(count, size, legs)
    covered: Mask = (before == after).sum(axis=1) * 2 < size
    power = np.mean((before / 32768.0) ** 2, axis=1)
    level = 10 * np.log10(np.maximum(power, 1e-12))
    active = np.zeros((legs, count), dtype=np.bool_)
    for leg in range(legs):
        said = np.zeros(count, dtype=np.bool_)
        for turn in turns:
            if turn.leg == leg:
                for word in turn.words:
                    said[_frames_of(word)] = True
        if said.any():
            loud = float(np.percentile(level[said, leg], 95))
            active[leg] = level[:, leg] >= max(GATE_FLOOR_DB, loud - GATE_BELOW_SPEECH_DB)
    return _Frames(active, covered.T)


def _frames_of(word: LabelledWord) -> slice:
    half = FRAME_MS // 2
    return slice(max(0, -(-(word.start_ms - half) // FRAME_MS)), max(0, -(-(word.end_ms - half) // FRAME_MS)))


def _ms(mask: Mask) -> int:
    return int(np.count_nonzero(mask)) * FRAME_MS


def _span_words(turn: LabelledTurn, spans: Iterable[LabelledSpan]) -> list[LabelledWord]:
    indices = sorted({index for span in spans for index in range(span.first, span.end)})
    return [turn.words[index] for index in indices]


def _coverage(turns: Sequence[LabelledTurn], chosen: Sequence[Sequence[LabelledSpan]], frames: _Frames) -> Coverage:
    """Coverage of the `chosen` spans of each turn."""
    result = Coverage()
    leaks: dict[tuple[str | int, ...], int] = {}
    for number, (turn, spans) in enumerate(zip(turns, chosen, strict=True)):
        words = _span_words(turn, spans)
        speech, covered = frames.counts(turn.leg, words)
        result.speech_ms += speech
        result.covered_ms += covered
        for word in words:
            if is_number_word(word.text):
                speech, covered = frames.counts(turn.leg, [word])
                result.digit_ms += speech
                result.digit_covered_ms += covered
                result.digits += 1
                result.digits_covered += covered >= DIGIT_COVERED_SHARE * speech
        for index, span in enumerate(spans):
            key = (number, index) if span.group is None else (span.group,)
            speech, covered = frames.counts(turn.leg, turn.words[span.first : span.end])
            leaks[key] = leaks.get(key, 0) + speech - covered
    result.entities = len(leaks)
    result.entities_covered = sum(leak <= ENTITY_SLACK_MS for leak in leaks.values())
    return result


def _misses(turns: Sequence[LabelledTurn], asked: Sequence[Sequence[LabelledSpan]], frames: _Frames) -> Iterable[Miss]:
    for turn, spans in zip(turns, asked, strict=True):
        for span in spans:
            words = turn.words[span.first : span.end]
            speech, covered = frames.counts(turn.leg, words)
            if speech - covered > ENTITY_SLACK_MS:
                yield Miss(span.policy, turn.leg, span.text, words[0].start_ms, words[-1].end_ms, speech - covered)


def _false_findings(turns: Sequence[LabelledTurn], redactions: Iterable[CoveredSpan]) -> Iterable[FalseFinding]:
    for leg, policy, start, end in sorted(joined(redactions)):
        own = [turn for turn in turns if turn.leg == leg]
        labelled = [word for turn in own for word in _span_words(turn, turn.spans)]
        if not any(word.start_ms < end + NEAR_MS and word.end_ms > start - NEAR_MS for word in labelled):
            words = [word.text for turn in own for word in turn.words if word.start_ms < end and word.end_ms > start]
            yield FalseFinding(policy, leg, " ".join(words), start, end)


def _other_speech(turns: Sequence[LabelledTurn], frames: _Frames, redactions: Sequence[CoveredSpan]) -> OtherSpeech:
    shape = frames.active.shape
    labelled, near, other = (np.zeros(shape, dtype=np.bool_) for _ in range(3))
    marked: dict[Policy | None, Mask] = {None: np.zeros(shape, dtype=np.bool_)}
    reach = NEAR_MS // FRAME_MS
    for turn in turns:
        for word in _span_words(turn, turn.spans):
            inside = _frames_of(word)
            labelled[turn.leg, inside] = True
            near[turn.leg, max(0, inside.start - reach) : inside.stop + reach] = True
        for word in other_words(turn):
            other[turn.leg, _frames_of(word)] = True
    for span in redactions:
        inside = slice(span.start_ms // FRAME_MS, -(-span.end_ms // FRAME_MS))
        marked.setdefault(span.policy, np.zeros(shape, dtype=np.bool_))[span.leg, inside] = True
    other &= frames.active & ~labelled
    wrong = other & frames.covered
    late = marked.pop(None)
    by_policy = {policy: _ms(wrong & mask) for policy, mask in marked.items() if policy and (wrong & mask).any()}
    return OtherSpeech(_ms(other), _ms(wrong), _ms(wrong & near), _ms(wrong & late), by_policy)


def _reported(redactions: Iterable[CoveredSpan], original: Samples, sample_rate: int) -> Mask:
    """Per sample and leg: whether some redaction lies there."""
    mask = np.zeros(original.shape, dtype=np.bool_)
    for span in redactions:
        mask[span.start_ms * sample_rate // 1000 : -(-span.end_ms * sample_rate // 1000), span.leg] = True
    return mask


def _late_ms(redactions: Sequence[CoveredSpan], original: Samples, sample_rate: int) -> int:
    late = _reported([span for span in redactions if span.late], original, sample_rate)
    return int(np.count_nonzero(late)) * 1000 // sample_rate


def _unreported(original: Samples, output: Samples, redactions: Sequence[CoveredSpan], sample_rate: int) -> int:
    return int(np.count_nonzero((original != output) & ~_reported(redactions, original, sample_rate)))
