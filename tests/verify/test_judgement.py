"""Which runs of heard sounds count, how surely, and as what."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.core.hypothesis import Word
from gateway.core.policy import DEFAULT_POLICIES, Policy
from gateway.media.timeline import Span, SpanSet
from gateway.pii.detector import RuleDetector
from gateway.verify.judgement import judge, runs_of
from gateway.verify.suspicion import Level, Suspicion, Verification, as_object

RATE = 1000
WORDS = "words"
HEAD = "head"
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def spoken(text: str, start_ms: int, confidence: float = 0.8, pace_ms: int = 400) -> list[Word]:
    """The words of an ear; names of digits sound like them."""
    return [
        Word(
            word,
            Span(start_ms + at * pace_ms, start_ms + at * pace_ms + 300),
            confidence,
            True,
            str(NAMES.index(word)) if word in NAMES else "",
        )
        for at, word in enumerate(text.split())
    ]


def sounds(labels: str, start_ms: int, confidence: float = 0.9) -> list[Word]:
    """What an ear that knows no words hears."""
    return [
        Word("…", Span(start_ms + at * 400, start_ms + at * 400 + 300), confidence, True, label)
        for at, label in enumerate(labels)
    ]


def judged(
    words: Sequence[Word],
    head: Sequence[Word] = (),
    masks: SpanSet | None = None,
    policies: frozenset[Policy] = DEFAULT_POLICIES,
    other: Sequence[Word] = (),
) -> list[Suspicion]:
    heard = [{WORDS: words, HEAD: head}, {WORDS: other, HEAD: ()}]
    return judge(heard, [masks or SpanSet(), SpanSet()], RATE, RuleDetector(frozenset(Policy)), policies)


@pytest.mark.parametrize(
    ("words", "head", "level"),
    [
        ("four one five two", "", Level.POSSIBLE),
        ("four one five", "", None),
        ("four one", "415", Level.LIKELY),
        ("four", "415", Level.POSSIBLE),
        ("", "415", Level.POSSIBLE),
        ("", "41", None),
        ("", "LLL", Level.POSSIBLE),
        ("", "NNMM", None),
        ("", "415415", Level.LIKELY),
        ("four one", "41", None),
    ],
)
def test_how_much_must_be_heard(words: str, head: str, level: Level | None) -> None:
    found = judged(spoken(words, 0), sounds(head, 0))
    assert [one.level for one in found] == ([] if level is None else [level])


def test_unsure_sounds_do_not_count() -> None:
    assert not judged(spoken("four one five two", 0, confidence=0.15))
    assert [one.level for one in judged(spoken("four one five two four one", 0, confidence=0.5))] == [Level.POSSIBLE]


def test_pauses_and_masks_part_runs() -> None:
    words = [*spoken("four one", 0), *spoken("five two", 2500)]
    assert [run.sounds for run in runs_of(WORDS, words, SpanSet(), RATE)] == [2, 2]
    near = [*spoken("four one", 0), *spoken("five two", 1200)]
    assert [run.sounds for run in runs_of(WORDS, near, SpanSet(), RATE)] == [4]
    assert [run.sounds for run in runs_of(WORDS, near, SpanSet([Span(800, 1100)]), RATE)] == [2, 2]


def test_the_words_around_tell_what_kind_it_is() -> None:
    digits = "four one five five five five zero one three two"
    (one,) = judged(spoken(f"my phone number is {digits}", 0))
    assert one.policy == Policy.PHONE_NUMBER
    assert (one.leg, one.start_ms, one.end_ms, one.heard_by) == (0, 1600, 1600 + 9 * 400 + 300, (WORDS,))
    (one,) = judged(spoken("it is", 3000), sounds("4111", 4000), other=spoken("what is your phone number", 0))
    assert one.heard_by == (HEAD,)
    (one,) = judged([], sounds("4826", 0))
    assert one.policy == Policy.NUMBER_SEQUENCE


def test_only_what_was_asked_for_is_told() -> None:
    digits = spoken("my phone number is four one five five five five zero one three two", 0)
    (one,) = judged(digits, policies=frozenset({Policy.CREDIT_CARD_NUMBER}))
    assert (one.policy, one.level) == (Policy.NUMBER_SEQUENCE, Level.POSSIBLE), "its kind is a guess"
    assert not judged(digits, policies=frozenset({Policy.RELIGION}))
    assert judged(digits, policies=frozenset({Policy.PHONE_NUMBER}))
    unknown = sounds("4826", 0)
    assert judged([], unknown, policies=frozenset({Policy.CREDIT_CARD_NUMBER})), "it may be part of one"
    assert not judged([], unknown, policies=frozenset({Policy.RELIGION}))


def test_the_report_holds_no_words() -> None:
    suspicions = judged(spoken("the secret is four one five two", 0), sounds("4152", 1200))
    verification = Verification(9000, 0, (WORDS, HEAD), tuple(suspicions))
    assert verification.at_least(Level.LIKELY) == tuple(suspicions)
    assert as_object(verification) == {
        "audio_ms": 9000,
        "masked_ms": 0,
        "heard_by": [WORDS, HEAD],
        "suspicions": [
            {
                "leg": 0,
                "policy": "number_sequence",
                "start_ms": 1200,
                "end_ms": 2700,
                "level": "likely",
                "confidence": pytest.approx(0.813, abs=0.01),
                "heard_by": [WORDS, HEAD],
            }
        ],
    }
