"""What counts as understood."""

from __future__ import annotations

import pytest

from gateway.evaluation.caption_scoring import ShownWord
from gateway.evaluation.labels import LabelledWord
from gateway.evaluation.recognition import matches


def is_match(said: str, heard: str, at_ms: int = 1000) -> bool:
    return bool(matches(LabelledWord(said, 1000, 1300), [ShownWord(heard, at_ms, at_ms + 300)]))


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Carter", "carter,"),
        ("seven", "7"),
        ("seven", "610-265-1714."),
        ("Nguyen", "Nguyan"),
        ("B", "BXR"),
        ("B", "B."),
        ("Montgomery", "Montgommerry"),
    ],
)
def test_understood(said: str, heard: str) -> None:
    assert is_match(said, heard)


@pytest.mark.parametrize(
    ("said", "heard"), [("seven", "heaven"), ("seven", "6"), ("Ann", "and"), ("B", "Brian"), ("Carter", "garden")]
)
def test_not_understood(said: str, heard: str) -> None:
    assert not is_match(said, heard)


def test_only_what_was_heard_nearby() -> None:
    assert is_match("Carter", "Carter", at_ms=1450)
    assert is_match("Carter", "Carter", at_ms=550)
    assert not is_match("Carter", "Carter", at_ms=1600)


def test_the_exact_word_is_better_than_a_similar_one() -> None:
    heard = [ShownWord("carted", 900, 1000), ShownWord("carter", 1000, 1300)]
    assert matches(LabelledWord("Carter", 1000, 1300), heard) == heard[1:]
