"""The score of redacted audio: what leaks, what is covered without need."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.policy import Policy
from gateway.evaluation.audio_scoring import score_audio
from gateway.evaluation.figures import AudioScore, CoveredSpan
from gateway.evaluation.labels import LabelledSpan, LabelledTurn, LabelledWord, Samples

RATE = 8000
ALL = frozenset(Policy)


def noise(ms: int, legs: int = 1) -> Samples:
    """Loud noise: every frame is active."""
    return np.random.default_rng(1).integers(-8000, 8000, (ms * RATE // 1000, legs)).astype(np.int16)


def covered(original: Samples, *spans: tuple[int, int, int]) -> Samples:
    """A copy with a tone at (leg, start_ms, end_ms)."""
    output = original.copy()
    tone = np.rint(3277 * np.sin(np.arange(len(original)) * 2 * np.pi * 1000 / RATE + 0.3)).astype(np.int16)
    for leg, start, end in spans:
        inside = slice(start * RATE // 1000, end * RATE // 1000)
        output[inside, leg] = tone[inside]
    return output


def turn(*spans: LabelledSpan, leg: int = 0) -> LabelledTurn:
    """Words of 200 ms: "my" "number" "four" "two" "thanks"."""
    texts = ("my", "number", "four", "two", "thanks")
    words = tuple(LabelledWord(text, 200 * i, 200 * i + 200) for i, text in enumerate(texts))
    return LabelledTurn(leg, "caller", words, spans)


PHONE = LabelledSpan(Policy.PHONE_NUMBER, "four two", 2, 4, frozenset({Policy.NUMBER_SEQUENCE}))


def score(
    output: Samples | None, *turns: LabelledTurn, original: Samples, redactions: tuple[CoveredSpan, ...] = ()
) -> AudioScore:
    return score_audio(turns, RATE, original, output, redactions, ALL)


def test_covered_digits_do_not_leak() -> None:
    original = noise(1000)
    result = score(covered(original, (0, 400, 800)), turn(PHONE), original=original)
    phone = result.by_policy[Policy.PHONE_NUMBER]
    assert (phone.speech_ms, phone.leaked_ms, phone.digits, phone.digits_covered) == (400, 0, 2, 2)
    assert (phone.entities, phone.entities_covered) == (1, 1)
    assert (result.other.speech_ms, result.other.covered_ms) == (600, 0)
    assert result.misses == []


def test_half_a_number_leaks() -> None:
    original = noise(1000)
    result = score(covered(original, (0, 400, 600)), turn(PHONE), original=original)
    phone = result.by_policy[Policy.PHONE_NUMBER]
    assert (phone.leaked_ms, phone.digit_covered_ms, phone.digits_covered, phone.entities_covered) == (200, 200, 1, 0)
    assert [(miss.text, miss.leaked_ms) for miss in result.misses] == [("four two", 200)]


@pytest.mark.parametrize(
    "output", [None, noise(990), noise(1000, legs=2), noise(1000)[:, 0]], ids=["none", "short", "stereo", "flat"]
)
def test_output_of_another_shape_leaks_everything(output: Samples | None) -> None:
    result = score(output, turn(PHONE), original=noise(1000))
    assert result.reshaped == 1
    assert result.total.leaked_ms == result.total.speech_ms == 400
    assert result.other.covered_ms == 0


def test_a_frame_leaks_when_half_of_it_is_left() -> None:
    original = noise(1000)
    other = np.random.default_rng(2).integers(-8000, 8000, original.shape).astype(np.int16)
    output = original.copy()
    output[3200:6400:2] = other[3200:6400:2]
    assert score(output, turn(PHONE), original=original).total.leaked_ms == 400
    output[3201:6400:8] = other[3201:6400:8]
    assert score(output, turn(PHONE), original=original).total.leaked_ms == 0


def test_quiet_frames_hold_nothing_to_leak() -> None:
    original = noise(1000)
    original[3200:4800] = np.sign(original[3200:4800])
    result = score(original, turn(PHONE), original=original)
    assert result.total.speech_ms == result.total.leaked_ms == 200


def test_other_speech_covered_is_wrong_near_and_late() -> None:
    original = noise(1000)
    output = covered(original, (0, 0, 200), (0, 300, 900))
    late = CoveredSpan(0, 0, 100, None)
    marked = CoveredSpan(0, 300, 900, Policy.PHONE_NUMBER)
    result = score(output, turn(PHONE), original=original, redactions=(late, marked))
    assert (result.other.covered_ms, result.other.near_ms, result.other.late_ms) == (400, 300, 100)
    assert result.other.by_policy == {Policy.PHONE_NUMBER: 200}
    assert result.covered_late_ms == 100
    assert result.unreported_samples == 100 * RATE // 1000
    assert result.false_findings == []


def test_a_redaction_far_from_every_label_is_a_false_finding() -> None:
    words = (LabelledWord("hello", 0, 300), LabelledWord("four", 1000, 1300))
    spans = (LabelledSpan(Policy.DATE, "four", 1, 2),)
    original = noise(1500)
    redaction = CoveredSpan(0, 100, 250, Policy.PERSON_NAME)
    result = score(original, LabelledTurn(0, "caller", words, spans), original=original, redactions=(redaction,))
    assert [(found.policy, found.text) for found in result.false_findings] == [(Policy.PERSON_NAME, "hello")]


def test_optional_and_unasked_spans_count_neither_way() -> None:
    original = noise(1000)
    output = covered(original, (0, 0, 1000))
    optional = LabelledSpan(Policy.PHONE_NUMBER, "four", 2, 3, optional=True)
    unasked = LabelledSpan(Policy.DATE, "two", 3, 4)
    for result in (
        score_audio([turn(optional, unasked)], RATE, original, output, (), frozenset({Policy.PHONE_NUMBER})),
        score_audio([turn(optional, unasked)], RATE, original, original, (), frozenset({Policy.PHONE_NUMBER})),
    ):
        assert result.by_policy == {}
        assert result.total.speech_ms == 0
        assert result.other.speech_ms == 600


def test_pieces_of_a_group_are_one_entity() -> None:
    pieces = tuple(LabelledSpan(Policy.PHONE_NUMBER, "x", i, i + 1, group="phone#1") for i in (2, 3))
    original = noise(1000)
    result = score(covered(original, (0, 400, 600)), turn(*pieces), original=original)
    assert (result.total.entities, result.total.entities_covered) == (1, 0)


def test_two_policies_on_the_same_words_count_once_in_the_total() -> None:
    both = (PHONE, LabelledSpan(Policy.NUMBER_SEQUENCE, "four two", 2, 4))
    original = noise(1000)
    result = score(original, turn(*both), original=original)
    assert result.total.speech_ms == 400
    assert result.by_policy[Policy.NUMBER_SEQUENCE].speech_ms == 400


def test_legs_are_apart() -> None:
    original = noise(1000, legs=2)
    output = covered(original, (1, 0, 1000))
    result = score(output, turn(PHONE), turn(leg=1), original=original)
    assert result.total.leaked_ms == 400
    assert result.other.covered_ms == 1000


def test_scores_add_up() -> None:
    original = noise(1000)
    total = AudioScore()
    for _ in range(2):
        total.add(score(original, turn(PHONE), original=original))
    assert total.total.leaked_ms == total.by_policy[Policy.PHONE_NUMBER].leaked_ms == 800
    assert (total.audio_ms, total.other.speech_ms, len(total.misses)) == (2000, 1200, 2)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=5))
def test_covered_and_leaked_are_all_there_is(edges: list[tuple[int, int]]) -> None:
    """Covering whole frames counts just those frames, against a set of frame numbers."""
    original = noise(1000)
    frames = {n for a, b in edges for n in range(min(a, b), max(a, b))}
    output = covered(original, *((0, 10 * n, 10 * n + 10) for n in frames))
    result = score(output, turn(PHONE), original=original)
    number = frames & set(range(40, 80))
    assert result.total.covered_ms == 10 * len(number)
    assert result.total.leaked_ms == 400 - 10 * len(number)
    assert result.other.covered_ms == 10 * len(frames - number)


def test_numbers_of_which_nothing_is_heard() -> None:
    original = noise(1000)
    whole = score(covered(original, (0, 400, 800)), turn(PHONE), original=original).total
    half = score(covered(original, (0, 400, 600)), turn(PHONE), original=original).total
    age = LabelledSpan(Policy.PERSON_AGE, "four", 2, 3)
    assert (whole.numbers, whole.numbers_silent, whole.digits_leaked) == (1, 1, 0)
    assert (half.numbers, half.numbers_silent, half.digits_leaked) == (1, 0, 1)
    assert score(original, turn(age), original=original).total.numbers == 0


def test_covered_read_backs_are_right() -> None:
    texts = ("four", "two", "nine", "right", "four", "two", "nine", "dollars")
    words = tuple(LabelledWord(text, 200 * i, 200 * i + 200) for i, text in enumerate(texts))
    said = LabelledTurn(0, "caller", words, (LabelledSpan(Policy.PHONE_NUMBER, "four two nine", 0, 3),))
    original = noise(1600)
    output = covered(original, (0, 0, 600), (0, 800, 1400))
    report = (CoveredSpan(0, 800, 1400, Policy.PHONE_NUMBER),)
    result = score(output, said, original=original, redactions=report)
    assert result.false_findings == []
    assert (result.read_backs.words, result.read_backs.speech_ms, result.read_backs.covered_ms) == (3, 600, 600)
    assert (result.other.speech_ms, result.other.covered_ms, result.false_regions) == (400, 0, 0)


def test_false_regions_are_far_from_labels() -> None:
    words = tuple(
        LabelledWord(text, 500 * i, 500 * i + 400) for i, text in enumerate(["a", "b", "c", "d", "e", "seven"])
    )
    said = LabelledTurn(0, "caller", words, (LabelledSpan(Policy.PHONE_NUMBER, "seven", 5, 6),))
    original = noise(3000)
    output = covered(original, (0, 100, 300), (0, 330, 400), (0, 1000, 1020), (0, 1500, 1800), (0, 2200, 2500))
    assert score(output, said, original=original).false_regions == 2


def test_what_is_not_reported_is_known_from_the_audio() -> None:
    original = noise(1000)
    output = covered(original, (0, 400, 800))
    result = score_audio([turn(PHONE)], RATE, original, output, None, ALL)
    assert (result.localisation.frames.f1, result.localisation.words.f1) == (1.0, 1.0)
    assert (result.unreported_samples, result.false_findings) == (0, [])


def test_a_chosen_policy_asks_for_its_narrower_kinds() -> None:
    original = noise(1000)
    city = turn(LabelledSpan(Policy.LOCATION_CITY, "four", 2, 3))
    for policy, asked_ms in ((Policy.LOCATION, 200), (Policy.LOCATION_CITY, 200), (Policy.DATE, 0)):
        result = score_audio([city], RATE, original, original, (), frozenset({policy}))
        assert result.total.speech_ms == asked_ms
