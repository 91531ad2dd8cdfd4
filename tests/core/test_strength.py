"""From probabilities to decisions."""

from __future__ import annotations

import pytest

from gateway.core.detection import Finding, OpenCandidate
from gateway.core.strength import FINDING_ABOVE, NEAR_MISS_ABOVE, OPEN_ABOVE, Strength, Strengths, parse_strengths
from gateway.errors import OptionError


def finding(confidence: float, policy: str = "date") -> Finding:
    return Finding(policy, 0, 1, 0, 1, confidence, "test")


def test_the_strengths_are_in_order():
    strict, balanced, precise = Strength
    assert FINDING_ABOVE[strict] < FINDING_ABOVE[balanced] < FINDING_ABOVE[precise]
    assert OPEN_ABOVE[strict] < OPEN_ABOVE[balanced] < OPEN_ABOVE[precise]
    assert FINDING_ABOVE[strict] > NEAR_MISS_ABOVE


@pytest.mark.parametrize("strength", list(Strength))
def test_a_finding_is_covered_or_a_near_miss_or_neither(strength: Strength):
    strengths = Strengths(strength)
    at = FINDING_ABOVE[strength]
    assert strengths.covers(finding(at))
    assert not strengths.notices(finding(at))
    assert strengths.notices(finding(at - 0.01))
    assert not strengths.covers(finding(at - 0.01))
    assert not strengths.notices(finding(NEAR_MISS_ABOVE - 0.01))


def test_a_policy_can_have_a_strength_of_its_own():
    strengths = parse_strengths("precise,date:strict")
    assert str(strengths) == "precise,date:strict"
    assert strengths.covers(finding(0.3, "date"))
    assert not strengths.covers(finding(0.3, "drug"))
    doubtful = OPEN_ABOVE[Strength.STRICT]
    assert strengths.holds(OpenCandidate(0, doubtful))
    assert strengths.holds(OpenCandidate(0, doubtful, policy="date"))
    assert not strengths.holds(OpenCandidate(0, doubtful, policy="drug"))
    assert parse_strengths("date:strict").default is Strength.BALANCED


@pytest.mark.parametrize("text", ["", "loose", "strict,precise", "date:", "date:loose"])
def test_what_is_no_strength_is_told(text: str):
    with pytest.raises(OptionError, match="^strength: "):
        parse_strengths(text)
