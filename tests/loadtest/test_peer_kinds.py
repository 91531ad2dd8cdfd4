"""Peers' spans in this project's policies."""

from __future__ import annotations

from gateway.core.policy import Policy
from gateway.evaluation.text_scoring import Found, TextLabel, TextLine, score_line
from loadtest.peer_kinds import PRESIDIO, SCRUBADUB, PeerSpan, as_findings, claimed_policies


def test_every_mapped_policy_is_one():
    names = {policy for table in (PRESIDIO, SCRUBADUB) for policies in table.values() for policy in policies}
    assert names <= set(Policy)


def test_a_group_is_right_in_any_of_its_policies():
    found = as_findings([PeerSpan(0, 8, "NRP", 0.85)], PRESIDIO)
    for policy in ("nationality", "religion", "political_affiliation"):
        line = TextLine("a1", 1, "written", "Lutheran", (TextLabel(policy, ((0, 8),)),))
        assert score_line(line, found, tuple(Policy)).by_policy[policy].f1 == 1.0


def test_what_the_set_does_not_label_is_left_out_before_overlaps_are_settled():
    spans = [PeerSpan(0, 9, "US_PASSPORT", 0.9), PeerSpan(0, 9, "US_SSN", 0.4)]
    assert as_findings(spans, PRESIDIO) == (Found(0, 9, (Policy.US_SOCIAL_SECURITY_NUMBER,)),)


def test_the_surest_and_then_the_longest_of_overlapping_spans_stays():
    spans = [PeerSpan(4, 9, "PERSON", 0.5), PeerSpan(0, 5, "LOCATION", 0.8), PeerSpan(9, 12, "PERSON", 0.1)]
    assert as_findings(spans, PRESIDIO) == (
        Found(0, 5, (Policy.LOCATION,)),
        Found(9, 12, (Policy.PERSON_NAME,)),
    )
    same = [PeerSpan(0, 5, "PERSON", 0.8), PeerSpan(0, 9, "LOCATION", 0.8)]
    assert as_findings(same, PRESIDIO) == (Found(0, 9, (Policy.LOCATION,)),)


def test_scores_below_the_least_are_left_out():
    spans = [PeerSpan(0, 5, "PERSON", 0.4)]
    assert as_findings(spans, PRESIDIO, 0.4)
    assert not as_findings(spans, PRESIDIO, 0.45)


def test_a_peer_claims_what_its_kinds_stand_for():
    assert claimed_policies(["DATE_TIME", "URL", "EMAIL_ADDRESS"], PRESIDIO) == (
        "date",
        "date_of_birth",
        "email_address",
    )
    assert claimed_policies(["phone", "twitter"], SCRUBADUB) == ("phone_number",)
