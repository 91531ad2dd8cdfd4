"""How a redacted part of a text is written."""

from __future__ import annotations

import pytest

from gateway.core.masktext import mask_hash, mask_word
from gateway.core.policy import Substitution


def test_a_hash_for_each_letter_or_digit() -> None:
    assert mask_hash("610-265-1714.", 0, 13) == "###-###-####."
    assert mask_hash("it's 10-year-old", 5, 7) == "it's ##-year-old"


@pytest.mark.parametrize(
    ("text", "start", "end", "policy", "expected"),
    [
        ("Claims.", 0, 7, "organization", "[ORGANIZATION]."),
        ("Harbor Point Claims.", 0, 20, "organization", "[ORGANIZATION] [ORGANIZATION] [ORGANIZATION]."),
        ("10-year-old", 0, 2, "person_age", "[PERSON_AGE]-year-old"),
        ("(413)", 0, 5, None, "([COVERED])"),
        ("...", 0, 3, None, "..."),
        ("four", 0, 99, None, "[COVERED]"),
    ],
)
def test_a_tag_for_each_word(text: str, start: int, end: int, policy: str | None, expected: str) -> None:
    assert mask_word(text, start, end, policy, Substitution.ENTITY_NAME) == expected
