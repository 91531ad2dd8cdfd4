"""Rules and tagger joined, with a tagger that is told what to think."""

from __future__ import annotations

from gateway.core.detection import Detection, Token, Utterance
from gateway.core.policy import Policy
from gateway.core.settings import DetectionSettings
from gateway.pii.combined import CombinedDetector
from tests.pii.test_tagged import Told

NAME, PLACE, CITY = Policy.PERSON_NAME, Policy.LOCATION, Policy.LOCATION_CITY


def detect(said: str, likely: dict[str, tuple[float, float]], *policies: Policy) -> Detection:
    detector = CombinedDetector(DetectionSettings(frozenset(policies)), Told(likely))  # type: ignore[arg-type]
    return detector.detect(Utterance(tuple(map(Token, said.split()))))


def found(detection: Detection) -> set[tuple[str, int, int]]:
    return {(finding.policy, finding.first, finding.end) for finding in detection.findings}


def test_what_the_tagger_finds_is_found_when_it_was_asked_for():
    assert found(detect("over to zyx then", {"zyx": (0.8, 0.1)}, NAME)) == {(NAME, 2, 3)}
    assert found(detect("over to zyx then", {"zyx": (0.05, 0.8)}, NAME)) == set()
    assert found(detect("over to zyx then", {"zyx": (0.8, 0.1)}, Policy.DATE)) == set()


def test_a_kind_that_was_not_asked_for_is_not_narrowed():
    assert found(detect("over to zyx then", {"zyx": (0.0, 0.9)}, CITY)) == set()


def test_rules_and_tagger_answer_side_by_side():
    detection = detect("my name is Felicia Montrose", {"Felicia": (0.9, 0.0), "Montrose": (0.3, 0.0)}, NAME)
    assert (NAME, 3, 5) in found(detection)
    assert max(finding.confidence for finding in detection.findings if finding.end == 5) > 0.8


def test_every_finding_has_a_probability():
    detection = detect("I'm a nurse from Boise", {"nurse": (0.0, 0.2), "Boise": (0.0, 0.7)}, *Policy)
    assert detection.findings
    assert all(0 <= finding.confidence <= 1 for finding in detection.findings)
