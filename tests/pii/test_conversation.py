"""Two parties: what one of them asked, said, or says again tells what the other's words are."""

from __future__ import annotations

import pytest

from gateway.core.policy import Policy
from tests.pii.test_rule_detector import find

CARD, PHONE, BIRTH, NAME = Policy.CREDIT_CARD_NUMBER, Policy.PHONE_NUMBER, Policy.DATE_OF_BIRTH, Policy.PERSON_NAME


def alone(said: str, policy: Policy, asked: str = "") -> list[str]:
    """With only one policy chosen: the words around must say what a number is."""
    return find(said, policy, asked, frozenset({policy}))


@pytest.mark.parametrize(
    ("asked", "policy"),
    [
        ("Can I get your date of birth?", BIRTH),
        ("what's the best number to reach you at", PHONE),
        ("And the card number?", CARD),
    ],
)
def test_a_question_says_what_the_answer_is(asked: str, policy: Policy):
    assert alone("four one six nine", policy, asked) == ["four one six nine"]
    others = {BIRTH, PHONE, CARD} - {policy}
    assert not any(alone("four one six nine", other, asked) for other in others)


def test_a_number_is_one_number_across_what_keeps_the_speaker_going():
    said = "my card is four two four two {uh-huh} four two four two {mm-hmm go on} four two four two"
    assert " ".join(alone(said, CARD)) == "four two four two four two four two four two four two"


def test_both_versions_of_a_correction_are_covered():
    assert alone("it's five five one, no sorry, five five two", PHONE, "your phone number?") == [
        "five five one",
        "five five two",
    ]


def test_a_number_said_again_long_after_is_the_same_number():
    chat = " ".join(["that sounds good to me and we will have it ready for you tomorrow morning"] * 3)
    said = f"what is your phone number {{five one three four oh two nine nine one eight}} {chat} and I have"
    assert alone(f"{said} nine nine one eight", PHONE) == ["nine nine one eight"]
    assert alone(f"{said} two two two two", PHONE) == []


def test_a_name_said_a_while_ago_is_known_again():
    chat = " ".join(["yes that would be fine for us here"] * 12)
    assert alone(f"my name is Corvella {chat} and Corvella will call", NAME) == ["Corvella", "Corvella"]
    assert alone(f"so how can I help {chat} thank you corvella", NAME, "this is Corvella speaking") == ["corvella"]


def test_spelled_names_are_names():
    assert alone("J O N E S", NAME, "how do you spell that") == ["J O N E S"]
