"""Detection jobs of several sessions in one go."""

from __future__ import annotations

import pytest

from gateway.core.detection import Detection, OtherTurn, Token, Utterance
from gateway.core.policy import Policy
from gateway.core.settings import DetectionSettings
from gateway.core.terms import Terms
from gateway.pii.combined import create_detector
from gateway.pii.detector import RuleDetector
from gateway.workers.host import DetectionHost, DetectionJob

EVERYTHING = DetectionSettings(frozenset(Policy))
NAMES = DetectionSettings(frozenset({Policy.PERSON_NAME}))
TERMS = DetectionSettings(frozenset(Policy), terms=Terms(deny=(("PROJECT", ("blue heron",)),)))


def said(text: str, question: str = "", complete: bool = True, decided: int = 0) -> Utterance:
    others = (OtherTurn(0, question),) if question else ()
    return Utterance(tuple(map(Token, text.split())), others, complete, decided=decided)


JOBS = [
    DetectionJob("a", EVERYTHING, (said("montrose", "your last name please"), said(""))),
    DetectionJob("b", NAMES, (said("my name is felicia montrose and i live in boise idaho", complete=False),)),
    DetectionJob("c", TERMS, (said("the blue heron is for doctor owen hale"), said("it is four four seven one"))),
    DetectionJob("d", EVERYTHING, (said("i was born in may and i work as a nurse", decided=6),)),
    DetectionJob("e", EVERYTHING, (said("montrose", "your last name please"),)),
]


@pytest.mark.model
def test_jobs_done_together_are_answered_as_one_by_one():
    together, alone = DetectionHost(create_detector), DetectionHost(create_detector)
    expected = [alone.detect([job])[0] for job in JOBS]
    assert together.detect(JOBS) == expected
    assert together.detect(JOBS[::-1]) == expected[::-1]
    assert any(detection.findings for answer in expected for detection in answer)


def test_a_detector_that_shares_nothing_is_asked_one_by_one():
    host = DetectionHost(lambda settings: RuleDetector(settings.policies))
    answers = host.detect(JOBS)
    assert [len(answer) for answer in answers] == [len(job.utterances) for job in JOBS]
    assert answers[0][1] == Detection()
    assert host.detect([]) == []
