"""What a redacted recording leaks and what it covers without need, judged on the audio alone.

Everything is counted in active frames of 10 ms, which leak or are covered (`gateway.evaluation.leaks`). Frames of words
that no span labels are *other speech*; covering them is wrong, unless they read a labelled number back, which is
counted apart. Words of optional spans and of policies that were not asked for are neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from gateway.core.policy import Policy, reported_as
from gateway.evaluation.figures import (
    AudioScore,
    Coverage,
    CoveredSpan,
    FalseFinding,
    Miss,
    OtherSpeech,
    ReadBacks,
)
from gateway.evaluation.labels import LabelledSpan, LabelledTurn, LabelledWord, Samples
from gateway.evaluation.leaks import FRAME_MS, Frames, Mask, compare, duration_ms, fits, frames_of
from gateway.evaluation.localisation import localise
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


def asked_spans(turn: LabelledTurn, policies: frozenset[Policy]) -> list[LabelledSpan]:
    """The labels that must be covered: of chosen policies or of narrower kinds of one, and not optional."""
    return [span for span in turn.spans if not span.optional and reported_as(span.policy, policies) is not None]


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
        score.false_findings = list(_false_findings(turns, unlabelled, redactions))
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


def _false_findings(
    turns: Sequence[LabelledTurn], unlabelled: Unlabelled, redactions: Iterable[CoveredSpan]
) -> Iterable[FalseFinding]:
    for leg, policy, start, end in sorted(joined(redactions)):
        own = [turn for turn in turns if turn.leg == leg]
        right = [word for turn in own for word in _span_words(turn, turn.spans)]
        right += [word for at, word in unlabelled.read_backs if at == leg]
        if not any(word.start_ms < end + NEAR_MS and word.end_ms > start - NEAR_MS for word in right):
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
