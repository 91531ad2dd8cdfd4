"""The spoken-form reader: numbers as they are said and written, back to digits and back to their pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pii.lexicon import DIGITS, TEENS, TENS
from gateway.pii.pieces import cut
from gateway.pii.spoken import read_numbers

DIGIT_WORDS = {
    value: word for word, value in DIGITS.items() if word not in ("oh", "o", "nought", "naught", "nil", "niner")
}
TEEN_WORDS = {value: word for word, value in TEENS.items()}
TEN_WORDS = {value: word for word, value in TENS.items() if word != "fourty"}


def digits_of(text: str) -> str:
    return "".join(number.digits for number in read_numbers(cut(text.split())))


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("six one zero two", "6102"),
        ("six, one, oh, two.", "6102"),
        ("double five triple oh", "55000"),
        ("forty-two fifteen", "4215"),
        ("forty two fifteen", "4215"),
        ("six ten", "610"),
        ("nineteen eighty four", "1984"),
        ("two thousand and five", "2005"),
        ("two thousand twelve", "2012"),
        ("three one two four oh four nine thousand", "3124049000"),
        ("eight hundred five five five", "800555"),
        ("one eight hundred five five five", "1800555"),
        ("a hundred and twelve", "112"),
        ("eleven hundred and forty", "1140"),
        ("two thousand and ninety one", "2091"),
        ("twelve thousand three hundred and forty five", "12345"),
        ("610-265-1714", "6102651714"),
        ("1-0-0-0-1. 902-1", "100019021"),
        ("6102651714", "6102651714"),
        ("$1,250.50", "125050"),
        ("5 thousand", "5000"),
        ("nought four", "04"),
        ("the ninth", "9"),
        ("twenty second", "22"),
        ("the 8th", "8"),
        ("twenty, two", "202"),
        ("٤٢", "42"),
    ],
)
def test_numbers_are_read_as_digits(said: str, digits: str) -> None:
    assert digits_of(said) == digits


def test_pieces_know_their_place_in_the_token() -> None:
    tokens = ["610-265-1714.", "(J-O-H-N)", "10-year-old,", "it’s"]
    for piece in cut(tokens):
        assert tokens[piece.token][piece.start : piece.end].lower().replace("’", "'") == piece.word


@st.composite
def spoken_digits(draw: st.DrawFn) -> tuple[str, str]:
    """(digits, a way to say or write them)."""
    said: list[str] = []
    digits = ""
    tens_before = False
    for _ in range(draw(st.integers(1, 8))):
        form = draw(
            st.sampled_from(["word", "figure", "double", "triple", "teen", "tens", "ten unit", "group", "dashes"])
        )
        digit = draw(st.integers(0, 9))
        if form == "word":
            word = DIGIT_WORDS[digit] + ("," if draw(st.booleans()) else "")
            if tens_before and digit:
                said[-1] += ","
            piece, text = str(digit), word
        elif form == "figure":
            piece = text = str(digit)
        elif form == "double":
            piece, text = str(digit) * 2, f"double {DIGIT_WORDS[digit]}"
        elif form == "triple":
            piece, text = str(digit) * 3, f"triple {DIGIT_WORDS[digit]}"
        elif form == "teen":
            value = draw(st.integers(10, 19))
            piece, text = str(value), TEEN_WORDS[value]
        elif form == "tens":
            value = draw(st.integers(2, 9)) * 10
            piece, text = str(value), TEN_WORDS[value]
        elif form == "ten unit":
            value = draw(st.integers(2, 9)) * 10 + draw(st.integers(1, 9))
            mark = draw(st.sampled_from(["-", " "]))
            piece, text = str(value), TEN_WORDS[value // 10 * 10] + mark + DIGIT_WORDS[value % 10]
        elif form == "group":
            piece = draw(st.text("0123456789", min_size=2, max_size=6))
            text = piece
        else:
            piece = draw(st.text("0123456789", min_size=2, max_size=6))
            text = "-".join(piece)
        said.append(text)
        digits += piece
        tens_before = form == "tens"
    return digits, " ".join(said)


@given(spoken_digits())
def test_digits_in_any_mix_of_forms_read_back_as_themselves(sample: tuple[str, str]) -> None:
    digits, said = sample
    assert digits_of(said) == digits


@given(st.lists(st.text(min_size=1, max_size=12).filter(lambda text: text.strip() != ""), max_size=20))
def test_numbers_are_in_order_within_the_pieces(tokens: list[str]) -> None:
    pieces = cut(tokens)
    for piece in pieces:
        assert 0 <= piece.start < piece.end <= len(tokens[piece.token])
    place = 0
    for number in read_numbers(pieces):
        assert place <= number.first < number.end <= len(pieces)
        place = number.end
        assert number.digits.isdecimal()
        assert number.digits.isascii()
