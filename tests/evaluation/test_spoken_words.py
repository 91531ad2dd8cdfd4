"""Words compare equal however they are written."""

from __future__ import annotations

import pytest

from gateway.evaluation.spoken_words import is_masked, is_number_word, pieces, shows


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("Carter.", "carter"),
        ("Carter's", "Carter,"),
        ("610-265-1714.", "seven"),
        ("seven,", "7"),
        ("1942", "forty"),
        ("1:15", "fifteen"),
        ("0132", "oh"),
        ("C-A-R", "a,"),
        ("twenty-one", "twenty"),
    ],
)
def test_a_reader_can_read_the_word(shown: str, said: str) -> None:
    assert shows(shown, said)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("######", "carter"),
        ("###-###-####.", "seven"),
        ("[PHONE_NUMBER]", "phone"),
        ("carton", "carter"),
        ("seventeen", "seven"),
        ("for", "four"),
        ("anna", "an"),
        ("", "seven"),
        ("610", "seven"),
    ],
)
def test_a_reader_cannot_read_the_word(shown: str, said: str) -> None:
    assert not shows(shown, said)


def test_what_is_masked() -> None:
    assert is_masked("##-year-old")
    assert is_masked("[PERSON_NAME],")
    assert not is_masked("[laughs]")
    assert not is_masked("five")


def test_what_is_a_number() -> None:
    assert all(is_number_word(word) for word in ("Seven,", "oh", "forty", "42nd", "twenty-one"))
    assert not any(is_number_word(word) for word in ("O", "for", "ones", "hundred"))


def test_pieces_leave_out_masks() -> None:
    assert pieces("[PERSON_NAME]'s #### Carter's-42") == ["s", "carter's", "42"]
