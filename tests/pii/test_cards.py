"""The policy cards."""

from __future__ import annotations

from pathlib import Path

from gateway.core.policy import Policy
from gateway.pii.cards import CARDS, policies_table


def test_every_policy_has_a_card_with_an_example() -> None:
    assert set(CARDS) == set(Policy)
    assert all(card.what and card.how and card.examples for card in CARDS.values())


def test_the_documentation_holds_the_cards() -> None:
    page = Path(__file__).parents[2] / "docs" / "policies.md"
    assert policies_table() in page.read_text(encoding="utf-8"), "paste policies_table() into docs/policies.md"
