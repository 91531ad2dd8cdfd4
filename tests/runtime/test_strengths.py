"""What strength and terms of the user do to a whole call: audio, captions and figures, through one session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateway.asr.scripted import ScriptedRecognizer, spoken_evenly
from gateway.core.detection import Detection, Detector, Finding, OpenCandidate, Utterance
from gateway.core.events import CaptionUpdated, NearMissNoted, RedactionDecided, Verdict
from gateway.core.policy import Policy, Substitution
from gateway.core.settings import DetectionSettings, Pace, SessionSettings
from gateway.core.strength import Strength, Strengths
from gateway.core.terms import Terms
from gateway.pii.terms import TermsDetector
from gateway.runtime.offline import OfflineResult, redact_pcm

RATE = 8000
SETTINGS = SessionSettings(frozenset({Policy.DATE}), sample_rate=RATE, pace=Pace.ELASTIC)


@dataclass(frozen=True)
class Secret:
    """Words `first` to `end` are personal with probability `sure`, which is known when all are said; before, `open`."""

    first: int
    end: int
    sure: float
    open: float


class Guesses:
    """Finds the secrets of a script whose words are numbered: w0 w1 w2 ..."""

    def __init__(self, secrets: Sequence[Secret]) -> None:
        self._secrets = secrets

    def detect(self, utterance: Utterance) -> Detection:
        at = {int(token.text[1:]): place for place, token in enumerate(utterance.tokens)}
        findings, candidates = [], []
        for secret in self._secrets:
            first, last = at.get(secret.first), at.get(secret.end - 1)
            if first is not None and last is not None:
                end_char = len(utterance.tokens[last].text)
                findings.append(Finding("date", first, last + 1, 0, end_char, secret.sure, "test"))
            elif first is not None and not utterance.complete:
                candidates.append(OpenCandidate(first, secret.open))
        return Detection(tuple(sorted(findings, key=lambda one: one.first)), tuple(candidates))


class Nothing:
    def detect(self, utterance: Utterance) -> Detection:
        return Detection()


def redacted(text: str, asked: SessionSettings, detector: Detector, word_ms: int = 300) -> OfflineResult:
    script = spoken_evenly(text, start_ms=200, word_ms=word_ms)
    length = (script[-1].end_ms + 1000) * RATE // 1000
    samples = np.random.default_rng(1).integers(-9000, 9000, (length, 1), dtype=np.int16)
    result = redact_pcm(samples, asked, ScriptedRecognizer({0: script}), detector)
    changed = (result.audio != samples).any(axis=1)
    assert not (changed & ~covered_samples(result, length)).any()
    return result


def covered_samples(result: OfflineResult, length: int = 20 * RATE) -> NDArray[np.bool_]:
    covered = np.zeros(length, dtype=np.bool_)
    for event in result.events:
        if isinstance(event, RedactionDecided):
            covered[event.span.start : event.span.end] = True
    return covered


def masked_words(result: OfflineResult) -> set[int]:
    words = [
        word for event in result.events if isinstance(event, CaptionUpdated) if event.final for word in event.words
    ]
    return {index for index, word in enumerate(words) if word.verdict is not Verdict.CLEAR}


PROBABILITY = st.floats(0, 1, allow_subnormal=False)
SECRETS = st.lists(
    st.builds(
        lambda first, length, sure, likely: Secret(first, first + length, sure, likely),
        st.integers(0, 9),
        st.integers(1, 6),
        PROBABILITY,
        PROBABILITY,
    ),
    max_size=5,
)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(SECRETS, st.integers(120, 700))
def test_a_stricter_session_covers_at_least_what_a_laxer_one_covers(secrets: list[Secret], word_ms: int) -> None:
    text = " ".join(f"w{number}" for number in range(14))
    results = [
        redacted(text, replace(SETTINGS, strengths=Strengths(strength)), Guesses(secrets), word_ms)
        for strength in (Strength.PRECISE, Strength.BALANCED, Strength.STRICT)
    ]
    for laxer, stricter in pairwise(results):
        assert not (covered_samples(laxer) & ~covered_samples(stricter)).any()
        assert masked_words(laxer) <= masked_words(stricter)


def test_a_policy_may_have_its_own_strength() -> None:
    doubtful = [Secret(2, 4, 0.3, 0.0)]
    text = "w0 w1 w2 w3 w4 w5 w6"
    for strengths, covers in [
        (Strengths(), False),
        (Strengths(Strength.BALANCED, {"date": Strength.STRICT}), True),
        (Strengths(Strength.STRICT, {"date": Strength.PRECISE}), False),
        (Strengths(Strength.BALANCED, {"person_name": Strength.STRICT}), False),
    ]:
        result = redacted(text, replace(SETTINGS, strengths=strengths), Guesses(doubtful))
        assert bool(masked_words(result)) is covers
        near = [event for event in result.events if isinstance(event, NearMissNoted)]
        assert [event.policy for event in near] == ([] if covers else ["date"])


def test_a_denied_term_is_covered_whole_under_its_label() -> None:
    terms = Terms.of({"Project X": ["project blue heron of the north"]})
    asked = replace(SETTINGS, terms=terms, substitution=Substitution.ENTITY_NAME)
    detector = TermsDetector(Nothing(), (), asked.terms)
    assert asked.detection == DetectionSettings(asked.policies, (), terms)
    text = "we call it project blue heron of the north and that is all"
    result = redacted(text, asked, detector, word_ms=450)
    assert masked_words(result) == {3, 4, 5, 6, 7, 8}
    shown = [event.text for event in result.events if isinstance(event, CaptionUpdated)]
    assert not any(word in caption for caption in shown for word in ("project", "blue", "heron", "north"))
    assert "[PROJECT X]" in shown[-1]
    assert result.statistics.spans["Project X"] == 1
    assert result.statistics.found_too_late_ms == 0


def test_a_phrase_that_only_begins_like_a_denied_term_is_let_go_when_that_is_known_in_time() -> None:
    terms = Terms.of({"P": ["project blue heron"]})
    detector = TermsDetector(Nothing(), (), terms)
    result = redacted("the project is blue as you can see", replace(SETTINGS, terms=terms), detector)
    assert not covered_samples(result).any()
    assert masked_words(result) == set()
