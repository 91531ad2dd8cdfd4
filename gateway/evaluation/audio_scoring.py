"""What a redacted recording leaks and what it covers without need, judged on the audio alone.

Everything is counted in active frames of 10 ms, which leak or are covered (`gateway.evaluation.leaks`). Frames of words
that no span labels are *other speech*; covering them is wrong, unless they read a labelled number back, which is
counted apart. Words of optional spans and of policies that were not asked for are neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from gateway.core.policy import Policy, reported_as
from gateway.evaluation.labels import LabelledSpan, LabelledTurn, LabelledWord, Samples
from gateway.evaluation.leaks import FRAME_MS, Frames, Mask, compare, duration_ms, fits, frames_of
from gateway.evaluation.localisation import Localisation, localise
from gateway.evaluation.read_backs import Unlabelled, unlabelled_words
from gateway.evaluation.spoken_words import is_number_word
from gateway.media.timeline import Span, SpanSet

DIGIT_COVERED_SHARE = 0.8
"""A digit counts as covered when this share of its active frames is."""

NUMBER_WORDS = 2
"""An entity with at least so many spoken digits, teens or tens is a number."""

ENTITY_SLACK_MS = 20
"""An entity counts as fully covered when no more of it leaks: the last frame of a label at either end."""

NEAR_MS = 300
"""Wrongly covered speech this close to labelled words is padding rather than a false finding."""

FALSE_REGION_MS = 50
"""A false region covers at least so much speech."""

BRIDGED_MS = 50
"""Covered stretches that are no further apart are one region."""


def share(part: float, whole: float) -> float | None:
    """Part of the whole, 0..1; None when there is nothing to share."""
    return part / whole if whole else None


def asked_spans(turn: LabelledTurn, policies: frozenset[Policy]) -> list[LabelledSpan]:
    """The labels that must be covered: of chosen policies or of narrower kinds of one, and not optional."""
    return [span for span in turn.spans if not span.optional and reported_as(span.policy, policies) is not None]


@dataclass(frozen=True, slots=True)
class CoveredSpan:
    """A redaction as it was reported, in milliseconds. `policy` is None for what was undecided at its deadline."""

    leg: int
    start_ms: int
    end_ms: int
    policy: str | None

    @property
    def late(self) -> bool:
        """Whether it was covered because it was undecided."""
        return self.policy is None


@dataclass(slots=True)
class Coverage:
    """How much of some labelled speech was covered. Milliseconds are of active frames.

    `numbers_silent`: numbers of which no digit can be heard.
    """

    speech_ms: int = 0
    covered_ms: int = 0
    digit_ms: int = 0
    digit_covered_ms: int = 0
    digits: int = 0
    digits_covered: int = 0
    entities: int = 0
    entities_covered: int = 0
    numbers: int = 0
    numbers_silent: int = 0

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

    @property
    def digits_leaked(self) -> int:
        """How many digits could still be heard."""
        return self.digits - self.digits_covered

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
        self.numbers += other.numbers
        self.numbers_silent += other.numbers_silent


@dataclass(slots=True)
class OtherSpeech:
    """How much speech that nobody labelled was covered: in all, near labelled words, and by lateness.

    `by_policy`: the covered time inside redactions of each policy; what several cover counts for each of them.
    """

    speech_ms: int = 0
    covered_ms: int = 0
    near_ms: int = 0
    late_ms: int = 0
    by_policy: dict[str, int] = field(default_factory=dict)

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

    policy: str
    leg: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class ReadBacks:
    """Unlabelled words that repeat digits of a labelled number."""

    words: int = 0
    speech_ms: int = 0
    covered_ms: int = 0

    def add(self, other: ReadBacks) -> None:
        """Count `other` in."""
        self.words += other.words
        self.speech_ms += other.speech_ms
        self.covered_ms += other.covered_ms


@dataclass(slots=True)
class AudioScore:
    """The score of one clip, or of several added up.

    `total` counts each frame once, however many policies label it. `false_regions`: covered stretches of speech far
    from every label. `unreported_samples`: samples that changed outside every reported redaction. `reshaped`: outputs
    that were missing or had another shape.
    """

    by_policy: dict[Policy, Coverage] = field(default_factory=dict)
    total: Coverage = field(default_factory=Coverage)
    other: OtherSpeech = field(default_factory=OtherSpeech)
    read_backs: ReadBacks = field(default_factory=ReadBacks)
    localisation: Localisation = field(default_factory=Localisation)
    false_regions: int = 0
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
        self.total.add(score.total)
        self.other.add(score.other)
        self.read_backs.add(score.read_backs)
        self.localisation.add(score.localisation)
        self.false_regions += score.false_regions
        self.audio_ms += score.audio_ms
        self.covered_late_ms += score.covered_late_ms
        self.unreported_samples += score.unreported_samples
        self.reshaped += score.reshaped
        self.misses += score.misses
        self.false_findings += score.false_findings


def score_audio(
    turns: Sequence[LabelledTurn],
    sample_rate: int,
    original: Samples,
    output: Samples | None,
    redactions: Sequence[CoveredSpan] | None,
    policies: frozenset[Policy],
) -> AudioScore:
    """Compare what came out with what went in, PCM16 of shape [samples, legs].

    `redactions` are those reported; None when the system reports none: then what is covered is known from the audio.
    """
    score = AudioScore(audio_ms=len(original) * 1000 // sample_rate)
    score.reshaped = int(not fits(original, output))
    frames = compare(turns, sample_rate, original, output)
    asked = [asked_spans(turn, policies) for turn in turns]
    unlabelled = unlabelled_words(turns)
    for policy in sorted({span.policy for spans in asked for span in spans}):
        chosen = [[span for span in spans if span.policy is policy] for spans in asked]
        score.by_policy[policy] = _coverage(turns, chosen, frames)
    score.total = _coverage(turns, asked, frames)
    score.other = _other_speech(turns, unlabelled, frames, redactions or ())
    score.read_backs = _read_backs(unlabelled, frames)
    score.misses = list(_misses(turns, asked, frames))
    score.false_regions = _false_regions(turns, unlabelled, frames)
    predicted = frames.covered & frames.active if redactions is None else _redacted(frames.active.shape, redactions)
    score.localisation = localise(turns, asked, unlabelled.ordinary, predicted)
    if redactions is not None:
        score.covered_late_ms = _late_ms(redactions, original, sample_rate)
        score.false_findings = list(_false_findings(turns, redactions))
        if output is not None and fits(original, output):
            score.unreported_samples = _unreported(original, output, redactions, sample_rate)
    return score


def joined(redactions: Iterable[CoveredSpan]) -> set[tuple[int, str, int, int]]:
    """Redactions with a policy as (leg, policy, start, end); pieces that touch are one."""
    sets: dict[tuple[int, str], SpanSet] = {}
    for span in redactions:
        if span.policy is not None:
            sets.setdefault((span.leg, span.policy), SpanSet()).add(Span(span.start_ms, span.end_ms))
    return {(leg, policy, span.start, span.end) for (leg, policy), spans in sets.items() for span in spans}


def _span_words(turn: LabelledTurn, spans: Iterable[LabelledSpan]) -> list[LabelledWord]:
    indices = sorted({index for span in spans for index in range(span.first, span.end)})
    return [turn.words[index] for index in indices]


def _coverage(turns: Sequence[LabelledTurn], chosen: Sequence[Sequence[LabelledSpan]], frames: Frames) -> Coverage:
    """Coverage of the `chosen` spans of each turn."""
    result = Coverage()
    leaks: dict[tuple[str | int, ...], int] = {}
    digits: dict[tuple[str | int, ...], list[bool]] = {}
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
                result.digits_covered += _is_silent(turn.leg, word, frames)
        for index, span in enumerate(spans):
            key = (number, index) if span.group is None else (span.group,)
            speech, covered = frames.counts(turn.leg, turn.words[span.first : span.end])
            leaks[key] = leaks.get(key, 0) + speech - covered
            for word in turn.words[span.first : span.end]:
                if is_number_word(word.text):
                    digits.setdefault(key, []).append(_is_silent(turn.leg, word, frames))
    numbers = [silent for silent in digits.values() if len(silent) >= NUMBER_WORDS]
    result.numbers, result.numbers_silent = len(numbers), sum(all(silent) for silent in numbers)
    result.entities = len(leaks)
    result.entities_covered = sum(leak <= ENTITY_SLACK_MS for leak in leaks.values())
    return result


def _is_silent(leg: int, digit: LabelledWord, frames: Frames) -> bool:
    speech, covered = frames.counts(leg, [digit])
    return covered >= DIGIT_COVERED_SHARE * speech


def _misses(turns: Sequence[LabelledTurn], asked: Sequence[Sequence[LabelledSpan]], frames: Frames) -> Iterable[Miss]:
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


def _other_speech(
    turns: Sequence[LabelledTurn], unlabelled: Unlabelled, frames: Frames, redactions: Sequence[CoveredSpan]
) -> OtherSpeech:
    shape = frames.active.shape
    near = _labelled(turns, shape, NEAR_MS)
    other = _ordinary(turns, unlabelled, frames)
    marked: dict[str | None, Mask] = {None: np.zeros(shape, dtype=np.bool_)}
    for span in redactions:
        marked.setdefault(span.policy, np.zeros(shape, dtype=np.bool_))[span.leg, _touched(span)] = True
    wrong = other & frames.covered
    late = marked.pop(None)
    by_policy = {
        policy: duration_ms(wrong & mask) for policy, mask in marked.items() if policy and (wrong & mask).any()
    }
    return OtherSpeech(
        duration_ms(other), duration_ms(wrong), duration_ms(wrong & near), duration_ms(wrong & late), by_policy
    )


def _labelled(turns: Sequence[LabelledTurn], shape: tuple[int, ...], reach_ms: int = 0) -> Mask:
    """The frames of labelled words, and so much around them."""
    mask = np.zeros(shape, dtype=np.bool_)
    for turn in turns:
        for word in _span_words(turn, turn.spans):
            mask[turn.leg, frames_of(word.start_ms - reach_ms, word.end_ms + reach_ms)] = True
    return mask


def _ordinary(turns: Sequence[LabelledTurn], unlabelled: Unlabelled, frames: Frames) -> Mask:
    """The active frames of ordinary words, without those that are in a label or a read-back as well."""
    mask = np.zeros_like(frames.active)
    for leg, word in unlabelled.ordinary:
        mask[leg, frames_of(word.start_ms, word.end_ms)] = True
    for leg, word in unlabelled.read_backs:
        mask[leg, frames_of(word.start_ms, word.end_ms)] = False
    ordinary: Mask = mask & frames.active & ~_labelled(turns, mask.shape)
    return ordinary


def _read_backs(unlabelled: Unlabelled, frames: Frames) -> ReadBacks:
    result = ReadBacks(len(unlabelled.read_backs))
    for leg, word in unlabelled.read_backs:
        speech, covered = frames.counts(leg, [word])
        result.speech_ms += speech
        result.covered_ms += covered
    return result


def _false_regions(turns: Sequence[LabelledTurn], unlabelled: Unlabelled, frames: Frames) -> int:
    """Covered stretches of ordinary words, bridged where they nearly touch, that keep away from every label."""
    wrong = _ordinary(turns, unlabelled, frames) & frames.covered
    near = _labelled(turns, wrong.shape, NEAR_MS)
    for leg, word in unlabelled.read_backs:
        near[leg, frames_of(word.start_ms - NEAR_MS, word.end_ms + NEAR_MS)] = True
    count = 0
    for leg, mask in enumerate(wrong):
        regions = SpanSet(Span(int(at), int(at) + 1 + BRIDGED_MS // FRAME_MS) for at in np.flatnonzero(mask))
        count += sum(
            duration_ms(mask[span.start : span.end]) >= FALSE_REGION_MS and not near[leg, span.start : span.end].any()
            for span in regions
        )
    return count


def _touched(span: CoveredSpan) -> slice:
    return slice(span.start_ms // FRAME_MS, -(-span.end_ms // FRAME_MS))


def _redacted(shape: tuple[int, ...], redactions: Iterable[CoveredSpan]) -> Mask:
    mask = np.zeros(shape, dtype=np.bool_)
    for span in redactions:
        mask[span.leg, frames_of(span.start_ms, span.end_ms)] = True
    return mask


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
