"""The policy cards and the pages written from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.policy import WIDER, Policy
from gateway.evaluation.policy_pages import INDEX, MEASURED, pages, read_measured
from gateway.pii.cards import CARDS

FOLDER = Path(__file__).parents[2] / "docs" / "policies"


def test_every_policy_has_a_card_with_an_example() -> None:
    assert set(CARDS) == set(Policy)
    assert all(card.what and card.how and card.examples for card in CARDS.values())
    assert all(card.policy not in card.related for card in CARDS.values())
    assert {part for card in CARDS.values() for part in card.narrower} == set(WIDER)


def test_the_pages_are_up_to_date() -> None:
    written = pages(read_measured(FOLDER))
    assert {path.name for path in FOLDER.iterdir()} - {MEASURED} == set(written)
    stale = [name for name, text in written.items() if (FOLDER / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run: make policies"


@pytest.mark.parametrize("policy", sorted(Policy))
def test_the_index_names_every_policy(policy: Policy) -> None:
    assert f"[`{policy}`]({policy}.md)" in pages({})[INDEX]


def test_figures_are_shown_where_there_are_any() -> None:
    measured = {"date": {"recall_audio": 0.975, "precision_text_written": 1.0}}
    page = pages(measured)["date.md"]
    assert "| recall, milliseconds of audio, all policies chosen | 97.5 % |" in page
    assert "recall, written text" not in page
    assert "Not in the labelled set." in pages(measured)["day.md"]
