"""Cards and reading policies from an option."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.policy import Policy
from gateway.errors import OptionError
from gateway.pii.cards import CARDS, parse_policies, policies_table


def test_every_policy_has_a_card_with_an_example() -> None:
    assert set(CARDS) == set(Policy)
    assert all(card.what and card.how and card.examples for card in CARDS.values())


def test_policies_are_read() -> None:
    assert parse_policies("phone_number, Person_Name") == {Policy.PHONE_NUMBER, Policy.PERSON_NAME}
    assert parse_policies("all") == frozenset(Policy)


@pytest.mark.parametrize("text", ["", " , "])
def test_choosing_is_required(text: str) -> None:
    with pytest.raises(OptionError, match=r"choosing policies is required.*banking_information.*all"):
        parse_policies(text)


def test_an_unknown_policy_is_named_with_the_allowed_ones() -> None:
    with pytest.raises(OptionError, match=r"'phone'.*phone_number"):
        parse_policies("phone,person_name")


def test_the_documentation_holds_the_cards() -> None:
    page = Path(__file__).parents[2] / "docs" / "policies.md"
    assert policies_table() in page.read_text(encoding="utf-8"), "paste policies_table() into docs/policies.md"
