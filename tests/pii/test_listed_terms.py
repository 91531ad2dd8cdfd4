"""Terms of the word lists: what counts anywhere, and what only in its context."""

from __future__ import annotations

import pytest

from gateway.core.policy import Policy
from gateway.pii import gazetteer
from gateway.pii.phrases import PhraseIndex
from tests.pii.by_rules import findings, found

EVERY = frozenset(Policy)


FOUND = [
    (Policy.DRUG, "I take Lipitor at night", "Lipitor"),
    (Policy.DRUG, "they put me on amoxicillin", "amoxicillin"),
    (Policy.DRUG, "vitamin b twelve shots", "vitamin b twelve"),
    (Policy.MEDICAL_CONDITION, "he has Crohn's disease", "Crohn's disease"),
    (Policy.MEDICAL_CONDITION, "i had a stroke last year", "stroke"),
    (Policy.MEDICAL_CONDITION, "she has c o p d", "c o p d"),
    (Policy.MEDICAL_PROCESS, "scheduled for an m r i on Monday", "m r i"),
    (Policy.MEDICAL_PROCESS, "I got my flu shot", "flu shot"),
    (Policy.EVENT, "closed for thanksgiving", "thanksgiving"),
    (Policy.EVENT, "the office is shut on Easter", "Easter"),
    (Policy.EVENT, "grandpa fought in world war two", "world war two"),
    (Policy.RELIGION, "we're Lutheran", "Lutheran"),
    (Policy.RELIGION, "i was raised catholic", "catholic"),
    (Policy.RELIGION, "I'm a Christian", "Christian"),
    (Policy.POLITICAL_AFFILIATION, "I'm a moderate Democrat", "moderate Democrat"),
    (Policy.POLITICAL_AFFILIATION, "I always voted labour", "labour"),
    (Policy.POLITICAL_AFFILIATION, "she's very liberal", "liberal"),
    (Policy.LANGUAGE, "do you speak mandarin", "mandarin"),
    (Policy.LANGUAGE, "can we do this in Spanish?", "Spanish"),
    (Policy.LANGUAGE, "a polish interpreter please", "polish"),
    (Policy.NATIONALITY, "I'm Spanish", "Spanish"),
    (Policy.NATIONALITY, "my grandparents were samoan", "samoan"),
    (Policy.NATIONALITY, "a German citizen", "German"),
    (Policy.OCCUPATION, "my son's a paramedic", "paramedic"),
    (Policy.OCCUPATION, "works as a freelance photographer", "freelance photographer"),
    (Policy.OCCUPATION, "i'm a nurse", "nurse"),
    (Policy.OCCUPATION, "I'm a retired school teacher", "school teacher"),
    (Policy.ORGANIZATION, "I have an account with wells fargo", "wells fargo"),
    (Policy.ORGANIZATION, "I work at Target", "Target"),
    (Policy.PRODUCT, "my iphone died", "iphone"),
    (Policy.PROJECT, "the human genome project", "human genome project"),
    (Policy.ZODIAC_SIGN, "I'm a Gemini", "Gemini"),
    (Policy.MARITAL_STATUS, "i'm single", "single"),
    (Policy.MARITAL_STATUS, "my ex-wife", "ex-wife"),
    (Policy.GENDER, "she is a trans woman", "trans woman"),
    (Policy.SEXUALITY, "I'm bisexual", "bisexual"),
    (Policy.SEXUALITY, "he's straight", "straight"),
    (Policy.FINANCIAL_METRIC, "the profit margin fell", "profit margin"),
    (Policy.CORPORATE_ACTION, "after the stock split", "stock split"),
    (Policy.TREND, "we see an upward trend", "upward trend"),
    (Policy.EFFECT, "sales increased", "increased"),
]

NOT_FOUND = [
    (Policy.NATIONALITY, "I'd like the Turkish bath package"),
    (Policy.NATIONALITY, "the polish on my nails"),
    (Policy.NATIONALITY, "a french press and danish pastry"),
    (Policy.NATIONALITY, "my German shepherd ran off"),
    (Policy.NATIONALITY, "he speaks Spanish"),
    (Policy.LANGUAGE, "I'm Spanish"),
    (Policy.LANGUAGE, "french fries please"),
    (Policy.POLITICAL_AFFILIATION, "it was a democratic decision"),
    (Policy.POLITICAL_AFFILIATION, "that's a conservative estimate"),
    (Policy.POLITICAL_AFFILIATION, "I'm an independent contractor"),
    (Policy.RELIGION, "Christian Bale was in it"),
    (Policy.EVENT, "an Easter egg in the menu"),
    (Policy.EVENT, "christmas lights are on sale"),
    (Policy.ORGANIZATION, "the target audience"),
    (Policy.ORGANIZATION, "an apple a day"),
    (Policy.ORGANIZATION, "my Toyota broke down"),
    (Policy.OCCUPATION, "let me talk to the manager"),
    (Policy.OCCUPATION, "hello doctor"),
    (Policy.MARITAL_STATUS, "a single question"),
    (Policy.SEXUALITY, "go straight ahead"),
    (Policy.ZODIAC_SIGN, "he has cancer"),
    (Policy.DRUG, "the soma of the cell"),
    (Policy.MEDICAL_PROCESS, "take the highway bypass"),
    (Policy.EFFECT, "a drop of water"),
]


@pytest.mark.parametrize(("policy", "text", "expected"), FOUND)
def test_a_term_in_its_context_is_found(policy: Policy, text: str, expected: str) -> None:
    assert found(text, policy) == [expected]


@pytest.mark.parametrize(("policy", "text", "expected"), [row for row in FOUND if row[0] is not Policy.ORGANIZATION])
def test_the_same_in_lower_case(policy: Policy, text: str, expected: str) -> None:
    assert found(text.lower(), policy) == [expected.lower()]


@pytest.mark.parametrize(("policy", "text"), NOT_FOUND)
def test_a_term_out_of_context_is_not(policy: Policy, text: str) -> None:
    assert found(text, policy) == []


def test_a_question_tells_what_an_answer_is() -> None:
    assert found("Spanish", Policy.LANGUAGE, "Which language do you prefer?") == ["Spanish"]
    assert found("Spanish", Policy.NATIONALITY, "What's your nationality?") == ["Spanish"]


def test_an_ambiguous_name_beside_a_sure_one_is_found() -> None:
    assert found("is it verizon or sprint", Policy.ORGANIZATION) == ["verizon", "sprint"]


def test_what_is_inside_a_longer_name_is_no_finding_of_its_own() -> None:
    assert [name for _, name in findings("at the University of Alaska", EVERY)] == ["organization"]
    assert [name for _, name in findings("happy Chinese New Year", EVERY)] == ["event"]


@pytest.mark.parametrize("policy", sorted(Policy))
def test_lists_are_lower_case_and_short(policy: Policy) -> None:
    try:
        terms = gazetteer.terms(policy)
    except FileNotFoundError:
        return
    assert terms
    assert all(text == text.lower() and 0 < len(text.split()) <= 7 for text, _ in terms)


def test_the_index_takes_the_longest_term_of_a_policy_and_knows_beginnings() -> None:
    index = PhraseIndex()
    index.add(Policy.EVENT, [("world war", True), ("world war two", True)])
    index.add(Policy.DRUG, [("statin", True)])
    words = ["the", "world", "war", "two", "statins"]
    assert [(match.first, match.end) for match in index.matches(words)] == [(1, 4), (4, 5)]
    assert index.begins(words[:3], 1)
    assert not index.begins(words, 1)
    assert not index.begins(words[:2], 1)
