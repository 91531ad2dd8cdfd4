"""Tokens read as they sound, where that can be trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.detection import OtherTurn, Token, Utterance
from gateway.core.policy import Policy
from gateway.pii.detector import RuleDetector
from gateway.pii.heard import cut_tokens
from gateway.pii.pieces import cut


def tokens(*said: str) -> list[Token]:
    """ "Dino/90" is written "Dino" and sounds like 9 0."""
    return [Token(text, sounds=sounds) for text, _, sounds in (word.partition("/") for word in said)]


def read(*said: str) -> str:
    return " ".join(piece.word for piece in cut_tokens(tokens(*said)))


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        (("What/1", "zero", "zero"), "one zero zero"),
        (("email/0", "one", "more"), "email one more"),
        (("zero", "Dino/90", "uno/1"), "zero nine zero one"),
        (("…/7", "…/8", "…/9", "one"), "seven eight nine one"),
        (("…/7", "…/8", "…/9"), ""),
        (("the", "tooth/2"), "the tooth"),
        (("want", "to/2", "go"), "want to go"),
        (("five", "to/2", "go"), "five to go"),
        (("five", "one", "tooth/2"), "five one two"),
        (("dubble/M", "five", "six"), "double five six"),
        (("fordy/N", "two", "one"), "00 two one"),
        (("J", "tar/L", "S"), "j t s"),
        (("J", "are/L", "S"), "j are s"),
        (("bee/L", "ex/L", "T"), "b x t"),
        (("bee/L", "ex/L", "jay/L"), "bee ex jay"),
        (("are/L", "you"), "are you"),
        (("five/9", "six"), "five six"),
        (("…",), ""),
    ],
)
def test_what_is_read(said: tuple[str, ...], pieces: str):
    assert read(*said) == pieces


def test_less_company_is_enough_for_an_answer():
    assert [piece.word for piece in cut_tokens(tokens("…/7", "…/8", "…/9"), expected=True)][:2] == ["seven", "eight"]
    assert [piece.word for piece in cut_tokens(tokens("J", "are/L"), expected=True)] == ["j", "a"]
    assert not cut_tokens(tokens("…/7"), expected=True)


def test_a_pause_parts_two_numbers():
    apart = [Token("to", sounds="2"), Token("five", pause_ms=3000)]
    assert [piece.word for piece in cut_tokens(apart)] == ["to", "five"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Dino,", "to", "five", "9-2", "…", "I'm", "J.", "--", ""]),
            st.text(alphabet="0123456789NML", max_size=3),
        ),
        max_size=12,
    )
)
def test_every_piece_lies_in_its_token(said: list[tuple[str, str]]):
    heard = [Token(text or "a", sounds=sounds) for text, sounds in said]
    pieces = cut_tokens(heard)
    assert [piece.token for piece in pieces] == sorted(piece.token for piece in pieces)
    for piece in pieces:
        assert 0 <= piece.start < piece.end <= len(heard[piece.token].text)
        assert piece.word


@given(st.lists(st.sampled_from(["Dino,", "to", "five", "9-2", "…", "I'm", "J."]), max_size=12))
def test_without_sounds_the_text_alone_is_read(texts: list[str]):
    assert cut_tokens([Token(text) for text in texts]) == cut(texts)


def test_a_misheard_number_is_found_by_its_sound():
    said = tokens("It's", "What/1", "dino/90", "…/2", "oh", "uno/1", "thanks.")
    found = RuleDetector(frozenset({Policy.NUMBER_SEQUENCE})).detect(
        Utterance(tuple(said), (OtherTurn(0, "What is your number?"),))
    )
    covered = {place for finding in found.findings for place in range(finding.first, finding.end)}
    assert {1, 2, 3, 4, 5} <= covered
    assert 6 not in covered
