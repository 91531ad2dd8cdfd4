"""Unlabelled words that repeat a labelled number."""

from __future__ import annotations

import pytest

from gateway.core.policy import Policy
from gateway.evaluation.labels import LabelledSpan, LabelledTurn, LabelledWord
from gateway.evaluation.read_backs import unlabelled_words
from gateway.evaluation.spoken_words import digits_of


def turn(leg: int, text: str, *spans: tuple[int, int]) -> LabelledTurn:
    words = tuple(LabelledWord(word, 300 * i, 300 * i + 250) for i, word in enumerate(text.split()))
    labels = tuple(LabelledSpan(Policy.PHONE_NUMBER, "", first, end) for first, end in spans)
    return LabelledTurn(leg, "x", words, labels)


SAID = turn(1, "seven oh nine 42", (0, 4))


@pytest.mark.parametrize(
    ("said", "read_back"),
    [
        ("so seven zero nine right", "seven zero nine"),
        ("09 and 42", "09 42"),
        ("nine and four two", "nine four two"),
        ("nine uh let me see four two", ""),
        ("two four nine", ""),
        ("seven zero", ""),
    ],
)
def test_what_is_a_read_back(said: str, read_back: str) -> None:
    result = unlabelled_words([SAID, turn(0, said)])
    assert " ".join(word.text for _, word in result.read_backs) == read_back
    assert {leg for leg, _ in (*result.ordinary, *result.read_backs)} == {0}
    assert len(result.ordinary) + len(result.read_backs) == len(said.split())


def test_labelled_words_are_neither() -> None:
    result = unlabelled_words([SAID, turn(0, "seven zero nine", (0, 3))])
    assert (result.ordinary, result.read_backs) == ((), ())


@pytest.mark.parametrize(
    ("text", "digits"),
    [("Seven,", "7"), ("forty", "4"), ("twelve", "12"), ("1942.", "1942"), ("Oh", "0"), ("dash", "")],
)
def test_figures_of_a_word(text: str, digits: str) -> None:
    assert digits_of(text) == digits
