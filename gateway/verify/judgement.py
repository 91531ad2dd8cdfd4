"""Judges what the ears heard: which runs of numbers and letters count, of which policy, and how surely.

The ears are not to be trusted with words: they hear telephone speech with holes, and a name they make up is no sign of
a leak. Runs of numbers are: nothing but a number sounds like one for long. The detector is only asked what kind of
number a run is, given the words around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from gateway.core.detection import Detector, OtherTurn, Token, Utterance
from gateway.core.hypothesis import Word
from gateway.core.policy import Policy
from gateway.media.timeline import MediaTime, Span, SpanSet, ms_ceil, ms_floor, samples_of
from gateway.verify.suspicion import Level, Suspicion

JOIN_MS: Final = 1_000
"""Sounds no further apart belong to one run."""
FEWEST_AGREED: Final = 2
"""Each of two ears heard at least so many sounds of a run, and one of them FEWEST_ALONE: likely."""
FEWEST_ALONE: Final = 3
FEWEST_UNSURE: Final = 4
"""So many make a run possible that only a recogniser of words heard."""
FEWEST_CLEAR: Final = 6
"""So many make it likely, when they were heard clearly."""
CLEAR: Final = 0.6
DOUBTFUL: Final = 0.2
"""A sound that is less sure than this was not heard."""
CONTEXT_MS: Final = 20_000
"""What was said so long before a run tells what it is."""
AFTER_MS: Final = 2_000
COUNTED: Final = frozenset("0123456789NL")
NUMERIC: Final = frozenset(
    {
        Policy.NUMBER_SEQUENCE, Policy.PHONE_NUMBER, Policy.US_SOCIAL_SECURITY_NUMBER, Policy.CREDIT_CARD_NUMBER,
        Policy.CREDIT_CARD_CVV, Policy.CREDIT_CARD_EXPIRATION, Policy.BANKING_INFORMATION, Policy.DRIVERS_LICENSE,
        Policy.ACCOUNT_NUMBER, Policy.HEALTHCARE_NUMBER, Policy.PASSPORT_NUMBER, Policy.VEHICLE_ID,
        Policy.DATE_OF_BIRTH, Policy.LOCATION, Policy.PERSON_NAME, Policy.PASSWORD,
    }
)  # fmt: skip
"""Policies that are numbers, or are spelled: one may be taken for another."""


@dataclass(frozen=True, slots=True)
class Run:
    """Sounds of one ear that follow each other; `confidence` is their mean."""

    ear: str
    span: Span
    sounds: int
    confidence: float


def runs_of(ear: str, words: Sequence[Word], masks: SpanSet, rate: int) -> list[Run]:
    """The runs among an ear's words. A mask between two sounds parts them."""
    counted = [word for word in words if word.confidence >= DOUBTFUL and COUNTED.intersection(word.sounds)]
    groups: list[list[Word]] = [[word] for word in counted[:1]]
    for before, word in pairwise(counted):
        apart = Span(before.span.end, max(before.span.end, word.span.start))
        if len(apart) > samples_of(JOIN_MS, rate) or masks.overlaps(apart):
            groups.append([])
        groups[-1].append(word)
    return [_run(ear, group) for group in groups]


def judge(
    heard: Sequence[Mapping[str, Sequence[Word]]],
    masks: Sequence[SpanSet],
    rate: int,
    detector: Detector,
    policies: frozenset[Policy],
) -> list[Suspicion]:
    """Suspicions of all legs, in order. `heard[leg]` are the words of each ear, the one that knows words best first.

    `detector` answers for all policies; of what it names, only `policies` are told. But it is often wrong about the
    kind of a number: when any of `NUMERIC` is asked for, one of another kind is told as a possible number sequence.
    """
    suspicions = []
    for leg, (ears, masked) in enumerate(zip(heard, masks, strict=True)):
        runs = [run for ear, words in ears.items() for run in runs_of(ear, words, masked, rate)]
        for group in _overlapping(runs):
            level = _level(group, list(ears))
            if level is None:
                continue
            span = Span(min(run.span.start for run in group), max(run.span.end for run in group))
            policy = _kind(span, leg, heard, rate, detector)
            if policy not in policies:
                if policy not in NUMERIC or not policies & NUMERIC:
                    continue
                level = level if policy == Policy.NUMBER_SEQUENCE else Level.POSSIBLE
                policy = Policy.NUMBER_SEQUENCE
            names = tuple(ear for ear in ears if any(run.ear == ear for run in group))
            times = ms_floor(span.start, rate), ms_ceil(span.end, rate)
            suspicions.append(Suspicion(leg, policy, *times, level, _confidence(group), names))
    return sorted(suspicions, key=lambda one: (one.start_ms, one.leg))


def _run(ear: str, words: Sequence[Word]) -> Run:
    sounds = sum(sound in COUNTED for word in words for sound in word.sounds)
    confidence = sum(word.confidence for word in words) / len(words)
    return Run(ear, Span(words[0].span.start, words[-1].span.end), sounds, confidence)


def _overlapping(runs: Iterable[Run]) -> list[list[Run]]:
    groups: list[list[Run]] = []
    end: MediaTime = 0
    for run in sorted(runs, key=lambda run: run.span):
        if groups and run.span.start < end:
            groups[-1].append(run)
        else:
            groups.append([run])
        end = max(end, run.span.end)
    return groups


def _level(group: Sequence[Run], ears: Sequence[str]) -> Level | None:
    """How sure the ears are, None for not at all. The first ear hears words, and numbers in noise: it needs more."""
    most = {ear: max((run.sounds for run in group if run.ear == ear), default=0) for ear in ears}
    agreed = sum(count >= FEWEST_AGREED for count in most.values()) >= 2
    if agreed and max(most.values()) >= FEWEST_ALONE:
        return Level.LIKELY
    if any(run.sounds >= FEWEST_CLEAR and run.confidence >= CLEAR for run in group):
        return Level.LIKELY
    alone = any(count >= (FEWEST_UNSURE if ear == ears[0] else FEWEST_ALONE) for ear, count in most.items())
    return Level.POSSIBLE if alone else None


def _confidence(group: Sequence[Run]) -> float:
    """That not all of them heard wrongly; long runs count more."""
    doubt = 1.0
    for run in group:
        doubt *= 1.0 - run.confidence * min(1.0, run.sounds / FEWEST_CLEAR)
    return round(1.0 - doubt, 3)


def _kind(span: Span, leg: int, heard: Sequence[Mapping[str, Sequence[Word]]], rate: int, detector: Detector) -> str:
    """The policy of the detector's finding that has most of the run; a number sequence when it names none."""
    window = Span(max(0, span.start - samples_of(CONTEXT_MS, rate)), span.end + samples_of(AFTER_MS, rate))
    words = [word for word in _joined(heard[leg]) if word.span.overlaps(window)]
    others = [
        word
        for number, ears in enumerate(heard)
        if number != leg
        for word in next(iter(ears.values()), ())
        if word.span.overlaps(window)
    ]
    detection = detector.detect(_utterance(words, others, rate))
    best, policy = 0, str(Policy.NUMBER_SEQUENCE)
    for finding in detection.findings:
        found = Span(words[finding.first].span.start, words[finding.end - 1].span.end)
        if (shared := len(found.intersection(span))) > best:
            best, policy = shared, finding.policy
    return policy


def _joined(ears: Mapping[str, Sequence[Word]]) -> list[Word]:
    """The words of the first ear, and what other ears heard where it heard no number."""
    first, *rest = ears.values()
    known = SpanSet(word.span for word in first if word.sounds)
    extra = [word for words in rest for word in words if not known.overlaps(word.span)]
    covered = SpanSet(word.span for word in extra)
    return sorted([*(word for word in first if not covered.overlaps(word.span)), *extra], key=lambda word: word.span)


def _utterance(words: Sequence[Word], others: Sequence[Word], rate: int) -> Utterance:
    tokens = []
    end = words[0].span.start if words else 0
    for word in words:
        pause = max(0, ms_floor(word.span.start - end, rate))
        tokens.append(Token(word.text, pause, word.confidence, word.sounds))
        end = word.span.end
    turns: dict[int, list[str]] = {}
    for other in others:
        turns.setdefault(sum(word.span.start <= other.span.start for word in words), []).append(other.text)
    return Utterance(tuple(tokens), tuple(OtherTurn(at, " ".join(texts)) for at, texts in sorted(turns.items())))
